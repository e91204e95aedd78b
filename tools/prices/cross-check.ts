import type { Usage } from '../../genai/usage.ts'
import type { BookFile } from '../../pricing/card.ts'
import { type PriceQuery, Pricer } from '../../pricing/pricer.ts'
import { parseRational, rounded, times } from '../../pricing/rational.ts'

/** What another collection of prices says of a model: USD per million tokens, standard tier, shortest context. */
export interface CrossModel {
  readonly provider: string
  readonly model: string
  readonly input: string
  readonly output: string
  readonly cache_read?: string
}

export interface CrossSeed {
  readonly package: string
  readonly version: string
  readonly license: string
  /** Day on which its data was generated; our prices of that day are compared. */
  readonly asOf: string
  readonly models: readonly CrossModel[]
}

/** Why we differ on purpose. */
export interface Explanation {
  readonly provider: string
  /** Model ids as the other collection has them; a `*` at the end stands for anything. */
  readonly models: readonly string[]
  readonly meters?: readonly (typeof METERS)[number][]
  readonly why: string
}

export interface CrossResult {
  /** One line each: model, meter, our price, theirs. */
  readonly unexplained: readonly string[]
  /** Explanations that nothing needs any more. */
  readonly idle: readonly string[]
  /** Models that we have no price for. */
  readonly missing: readonly string[]
  readonly agreed: number
}

export function parseCrossSeed(text: string): CrossSeed {
  const [head, ...models] = text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as unknown)
  return { ...(head as Omit<CrossSeed, 'models'>), models: models as CrossModel[] }
}

const METERS = ['input', 'cache_read', 'output'] as const
const FIELD = { input: 'input', cache_read: 'cacheRead', output: 'output' } as const satisfies Record<
  string,
  keyof Usage
>
const TOKENS = 1000

/** Prices a thousand tokens of each meter by our book, in the middle of a working day, and compares. */
export function crossCheck(
  files: readonly BookFile[],
  seed: CrossSeed,
  explanations: readonly Explanation[],
): CrossResult {
  const book = { version: 'draft', asOf: seed.asOf, files: Object.fromEntries(files.map((f) => [f.provider, () => f])) }
  const pricer = new Pricer({ book })
  const endMs = Date.parse(`${seed.asOf}T12:00:00Z`)
  const used = new Set<Explanation>()
  const unexplained: string[] = []
  const missing: string[] = []
  let agreed = 0
  for (const theirs of seed.models) {
    const priced = (usage: Usage) => pricer.price(queryOf(theirs, endMs, usage))
    if (priced({ input: TOKENS }).pico === undefined) {
      missing.push(`${theirs.provider} ${theirs.model}`)
      continue
    }
    for (const meter of METERS) {
      const their = theirs[meter]
      if (their === undefined) continue
      const { pico } = priced({ [FIELD[meter]]: TOKENS })
      if (pico !== undefined && BigInt(pico) === picoOf(their)) {
        agreed++
        continue
      }
      const why = explanations.find((e) => explains(e, theirs, meter))
      if (why !== undefined) used.add(why)
      else unexplained.push(`${theirs.provider} ${theirs.model} ${meter}: ours ${perMillion(pico)}, theirs ${their}`)
    }
  }
  return { unexplained, idle: explanations.filter((e) => !used.has(e)).map((e) => e.why), missing, agreed }
}

const explains = (e: Explanation, { provider, model }: CrossModel, meter: (typeof METERS)[number]): boolean =>
  e.provider === provider &&
  (e.meters === undefined || e.meters.includes(meter)) &&
  e.models.some((name) => (name.endsWith('*') ? model.startsWith(name.slice(0, -1)) : model === name))

const picoOf = (usdPerMillion: string): bigint | undefined => {
  const rate = parseRational(usdPerMillion)
  return rate === undefined ? undefined : rounded(times(rate, { num: BigInt(TOKENS) * 1_000_000n, den: 1n }))
}

const perMillion = (pico: number | bigint | undefined): string =>
  pico === undefined ? 'unknown' : String(Number(pico) / (TOKENS * 1_000_000))

const queryOf = ({ provider, model }: CrossModel, endMs: number, usage: Usage): PriceQuery => ({
  provider,
  requestModel: undefined,
  responseModel: model,
  serviceTier: undefined,
  speed: undefined,
  inferenceGeo: undefined,
  region: undefined,
  endMs,
  usage,
  reportedPico: undefined,
  reportedIsBilled: false,
  isByok: false,
})
