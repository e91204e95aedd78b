import type { Convention, Dialect } from '../../genai/dialects/dialect.ts'
import { FLAG } from '../../genai/dialects/flags.ts'
import type { RawUsage } from '../../genai/dialects/raw-usage.ts'
import { cachedOf, provesExclusive } from '../../genai/dialects/split.ts'
import { OpenReadings } from './late-proof.ts'

let refuted: OpenReadings[] = []
const NONE: readonly OpenReadings[] = []

/** Readings that a proof in the batch at hand has shown to be wrong. */
export function takeRefuted(): readonly OpenReadings[] {
  if (refuted.length === 0) return NONE
  const taken = refuted
  refuted = []
  return taken
}

/** Nothing was resolved for the item at hand. */
export function noReading(): void {
  openReading = undefined
}

/** Providers that one scope may have learned about. */
const PROVIDERS_MAX = 64
/** Contradictions after which a row is no longer believed. */
const CONTRADICTIONS_MIN = 3

/** Providers whose own answers count the cached part into input. */
const INCLUSIVE = new Set([
  'openai',
  'azure.ai.openai',
  'azure.ai.inference',
  'gcp.gemini',
  'gcp.vertex_ai',
  'deepseek',
  'x_ai',
  'groq',
  'mistral_ai',
])
const EXCLUSIVE = new Set(['anthropic', 'aws.bedrock'])

/** Notes of the last {@link Conventions.resolve}. */
export let conventionFlags = 0
/** Where the last one took input to contain its cache without proof: to be noted, should the proof come later. */
export let openReading: OpenReadings | undefined

/**
 * What one scope (name and version) has proven about its input, by provider. Numbers that cannot be inclusive prove that
 * they are exclusive; the opposite can never be proven, so what is learned stays.
 */
export class Conventions {
  private readonly proofs = new Map<string, number>()
  private readonly open = new Map<string, OpenReadings>()

  /**
   * By proof, else by the dialect's row, else by what was proven before, else by what the provider itself does.
   *
   * @param named false when the provider is only guessed from the model
   */
  resolve(dialect: Dialect, provider: string, named: boolean, raw: RawUsage, underscored: boolean): Convention {
    conventionFlags = 0
    openReading = undefined
    if (raw.input < 0) return 'inclusive'
    const cached = cachedOf(raw)
    if (cached === 0) return 'inclusive'
    const row = dialect.input?.[provider] ?? dialect.input?.['*']
    if (provesExclusive(raw, cached)) {
      this.learn(provider, row)
      if (row === 'inclusive') conventionFlags = FLAG.convention_contradicted
      return 'exclusive'
    }
    if (dialect.totalHasCache === true && raw.total >= 0 && raw.total === raw.input + raw.output) return 'inclusive'
    const proofs = this.proofs.get(provider) ?? 0
    if (proofs >= (row === 'inclusive' ? CONTRADICTIONS_MIN : 1) && row !== 'exclusive') {
      conventionFlags = FLAG.convention_learned
      return 'exclusive'
    }
    const convention = row ?? byProvider(provider, named, underscored)
    if (convention === 'inclusive') openReading = this.openOf(provider)
    return convention
  }

  private openOf(provider: string): OpenReadings | undefined {
    let open = this.open.get(provider)
    if (open === undefined && this.open.size < PROVIDERS_MAX) {
      open = new OpenReadings()
      this.open.set(provider, open)
    }
    return open
  }

  private learn(provider: string, row: Convention | undefined): void {
    const known = this.proofs.get(provider)
    if (known === undefined && this.proofs.size >= PROVIDERS_MAX) return
    const proofs = Math.min((known ?? 0) + 1, CONTRADICTIONS_MIN)
    this.proofs.set(provider, proofs)
    const open = this.open.get(provider)
    if (open !== undefined && proofs >= (row === 'inclusive' ? CONTRADICTIONS_MIN : 1)) refuted.push(open)
  }
}

/** The conventions demand inclusive input of everybody; copies of a provider's own keys are as that provider has them. */
function byProvider(provider: string, named: boolean, underscored: boolean): Convention {
  const certain = named && INCLUSIVE.has(provider)
  conventionFlags = certain ? FLAG.convention_provider_default : FLAG.convention_assumed
  return EXCLUSIVE.has(provider) && underscored ? 'exclusive' : 'inclusive'
}
