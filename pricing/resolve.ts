import type { CostLayer } from '../genai/call.ts'
import type { Card, Conditions, Modifier } from './card.ts'
import { type CompiledCard, compileCard, METERS } from './compile.ts'
import { type ModelId, modelIdOf, routingPrefix } from './ids.ts'
import { MAKERS, priceLists, providerOf } from './providers.ts'
import { decimalString, parseRational } from './rational.ts'
import type { CardStore } from './store.ts'
import { isInside } from './windows.ts'

/** What a price depends on besides time and usage. All as the span says it. */
export interface PriceKey {
  readonly provider: string
  readonly requestModel: string | undefined
  readonly responseModel: string | undefined
  readonly serviceTier: string | undefined
  readonly speed: string | undefined
  readonly inferenceGeo: string | undefined
  readonly region: string | undefined
}

export interface ResolveOptions {
  /** Azure deployments, inference profiles and other private names: to `model`, or `provider/model`. */
  readonly aliases: Readonly<Record<string, string>>
  /** Providers whose calls cost nothing, besides those that run locally anyway. */
  readonly freeProviders: ReadonlySet<string>
  /** Bedrock ids without a geography do not say which endpoint answered. */
  readonly bedrockEndpoint: 'regional' | 'global'
  /** Whether a nearby price may stand in, marked as an estimate. */
  readonly estimate: boolean
  /** Negotiated discounts on whatever list price applies. */
  readonly discounts: readonly Discount[]
}

export interface Discount {
  readonly provider: string
  /** Absent: every model of the provider. */
  readonly models?: readonly string[] | undefined
  /** Of 100, a decimal string. */
  readonly percentOff: string
}

/** A card that may apply; the first whose time fits does. */
export interface Slice {
  readonly card: CompiledCard
  readonly layer: CostLayer
  readonly flags: readonly string[]
  /** Why this is only an estimate. */
  readonly estimate: string | undefined
}

export type Resolution =
  | { readonly kind: 'cards'; readonly slices: readonly Slice[] }
  | { readonly kind: 'free'; readonly reason: string }
  | { readonly kind: 'unpriced'; readonly reason: string }

export function sliceAt(slices: readonly Slice[], timeMs: number): Slice | undefined {
  for (const slice of slices) {
    const { from, to, windows } = slice.card
    if (timeMs >= from && timeMs < to && (windows === undefined || isInside(windows, timeMs))) return slice
  }
  return undefined
}

interface Wanted {
  readonly tier: string
  readonly speed: string
  readonly geo: string | undefined
  readonly region: string | undefined
  readonly endpoint: 'global' | 'regional' | undefined
  /** The endpoint is our assumption. */
  readonly isAssumed: boolean
}

interface Found {
  readonly provider: string
  readonly id: ModelId
  readonly cards: readonly { readonly card: Card; readonly store: CardStore }[]
  readonly flags: readonly string[]
  readonly estimate: string | undefined
}

const STANDARD_TIERS: ReadonlySet<string> = new Set([
  '',
  'default',
  'standard',
  'auto',
  'on_demand',
  'ondemand',
  'standard_only',
  'none',
  'unspecified',
])
const TIER_NAMES: Readonly<Record<string, string>> = {
  fast: 'priority',
  on_demand_flex: 'flex',
  on_demand_priority: 'priority',
}

export class Resolver {
  private readonly stores: readonly CardStore[]
  private readonly options: ResolveOptions

  constructor(stores: readonly CardStore[], options: ResolveOptions) {
    this.stores = stores
    this.options = options
  }

  resolve(key: PriceKey): Resolution {
    const models = [key.responseModel, key.requestModel].filter((m) => m !== undefined && m.trim() !== '') as string[]
    const provider = providerOf(key.provider)
    const free = this.freeReason(provider.kind, provider.id, models)
    if (free !== undefined) return { kind: 'free', reason: free }
    if (models.length === 0) return { kind: 'unpriced', reason: 'no_model' }
    const found = this.find(provider.id, models)
    return typeof found === 'string' ? { kind: 'unpriced', reason: found } : this.slices(found, key)
  }

  private freeReason(kind: string, id: string, models: readonly string[]): string | undefined {
    // Ollama's cloud models run elsewhere, on a subscription.
    if (kind === 'local') return models.some((m) => /[:-]cloud$/i.test(m)) ? undefined : 'local'
    if (this.options.freeProviders.has(id)) return 'free_provider'
    // Only the model that answered counts: a free route that is full falls back to one that is billed.
    return id === 'openrouter' && models[0]?.toLowerCase().endsWith(':free') ? 'free_route' : undefined
  }

  /** Explicit aliases first, then the model that answered, then the one asked for. */
  private find(provider: string, models: readonly string[]): Found | string {
    for (const model of models.toReversed()) {
      const target = this.options.aliases[model] ?? this.options.aliases[model.toLowerCase()]
      if (target !== undefined) return this.findAlias(provider, target) ?? 'alias_without_price'
    }
    let reason = 'unknown_model'
    for (const [i, model] of models.entries()) {
      if (i > 0 && !isSnapshotOf(models[0] ?? '', model)) break
      const found = provider === '' ? this.findUnnamed(model) : this.findAt(provider, model, [])
      if (typeof found === 'object')
        return i === 0 ? found : { ...found, flags: [...found.flags, 'priced_by_request_model'] }
      reason = found ?? reason
    }
    if (this.options.estimate) {
      for (const model of models) {
        const found = this.findFamily(provider, model)
        if (found !== undefined) return found
      }
    }
    const isKnown = provider === '' || priceLists(provider).some((p) => this.stores.some((s) => s.has(p)))
    return isKnown ? reason : 'unknown_provider'
  }

  private findAlias(provider: string, target: string): Found | undefined {
    const prefix = routingPrefix(target)
    const named = prefix === undefined ? undefined : providerOf(prefix[0])
    const direct = provider === '' ? undefined : this.findAt(provider, target, [])
    if (typeof direct === 'object') return direct
    const found =
      prefix !== undefined && named?.kind === 'billing'
        ? this.findAt(named.id, prefix[1], [])
        : this.findUnnamed(target)
    return typeof found === 'object' ? found : undefined
  }

  /** A span without a usable provider: a routing prefix names one, else exactly one maker must know the id. */
  private findUnnamed(model: string): Found | string {
    const prefix = routingPrefix(model)
    const named = prefix === undefined ? undefined : providerOf(prefix[0])
    if (prefix !== undefined && named?.kind === 'billing') {
      const found = this.findAt(named.id, prefix[1], ['provider_inferred'])
      if (typeof found === 'object') return found
    }
    const hits = MAKERS.map((maker) => this.findAt(maker, model, ['provider_inferred'], [maker])).filter(
      (f) => typeof f === 'object',
    )
    if (hits.length > 1) return 'ambiguous_provider'
    // Bedrock knows Claude by its bare name too, so it is asked only about ids that no maker knows.
    const found = hits[0] ?? this.findAt('aws.bedrock', model, ['provider_inferred'])
    return typeof found === 'object' ? found : 'unknown_model'
  }

  private findAt(
    provider: string,
    model: string,
    flags: readonly string[],
    lists = priceLists(provider),
  ): Found | string | undefined {
    const id = modelIdOf(model, provider)
    if (id.isOpaque) return 'opaque_model_id'
    for (const candidate of id.candidates) {
      for (const list of lists) {
        const cards = this.cardsOf(list, candidate)
        if (cards.length === 0) continue
        const isOwn = list === provider || (list.startsWith('gcp.') && provider.startsWith('gcp.'))
        const all = isOwn ? flags : [...flags, `list_price_of_${list}`]
        return { provider: list, id, cards, flags: all, estimate: undefined }
      }
    }
    return this.findBehindPrefix(provider, model, flags)
  }

  /** `openai/gpt-4o` reported by provider `openai`: the prefix repeats the provider. */
  private findBehindPrefix(provider: string, model: string, flags: readonly string[]): Found | string | undefined {
    const prefix = routingPrefix(model.trim().toLowerCase())
    const named = prefix === undefined ? undefined : providerOf(prefix[0])
    if (prefix === undefined || named === undefined || !priceLists(provider).includes(named.id)) return undefined
    return this.findAt(provider, prefix[1], flags)
  }

  /** Opt-in: the same id with ever fewer parts, `gpt-5.4-2099-preview` by `gpt-5.4`. */
  private findFamily(provider: string, model: string): Found | undefined {
    const parts = model.toLowerCase().split('-')
    for (let n = parts.length - 1; n >= 2; n--) {
      const name = parts.slice(0, n).join('-')
      const found = provider === '' ? this.findUnnamed(name) : this.findAt(provider, name, [])
      if (typeof found === 'object') return { ...found, estimate: `family:${name}` }
    }
    return undefined
  }

  private cardsOf(provider: string, id: string): Found['cards'] {
    return this.stores.flatMap((store) => (store.find(provider, id) ?? []).map((card) => ({ card, store })))
  }

  private slices(found: Found, key: PriceKey): Resolution {
    if (found.id.addsSearch && !this.options.estimate) return { kind: 'unpriced', reason: 'no_rate:search_plugin' }
    const wanted = this.wanted(found, key)
    const slices: Slice[] = []
    for (const store of this.stores) {
      const cards = found.cards.filter((c) => c.store === store).map((c) => c.card)
      slices.push(...slicesOf(cards, store, found, wanted, this.options.discounts))
    }
    const gap = missingCondition(wanted, slices)
    if (gap !== undefined && this.options.estimate) {
      const standard = { ...wanted, tier: 'standard', speed: 'standard' }
      for (const store of this.stores) {
        const cards = found.cards.filter((c) => c.store === store).map((c) => c.card)
        slices.push(...slicesOf(cards, store, { ...found, estimate: gap }, standard, this.options.discounts))
      }
    }
    if (slices.length === 0) return { kind: 'unpriced', reason: gap ?? 'no_matching_price' }
    return { kind: 'cards', slices }
  }

  private wanted(found: Found, key: PriceKey): Wanted {
    const isBedrock = found.provider === 'aws.bedrock'
    const region = key.region?.trim().toLowerCase() || found.id.region
    const endpoint = isBedrock ? found.id.endpoint : endpointOfRegion(found.provider, region)
    return {
      tier: tierOf(key.serviceTier),
      speed: plainly(key.speed),
      geo: key.inferenceGeo?.trim().toLowerCase(),
      region,
      endpoint: endpoint ?? (isBedrock ? this.options.bedrockEndpoint : 'global'),
      isAssumed: endpoint === undefined,
    }
  }
}

/** An unknown answerer is only priced as what was asked for when its id says that it is that; gateways fall back. */
const isSnapshotOf = (answered: string, asked: string): boolean =>
  answered.trim().toLowerCase().startsWith(asked.trim().toLowerCase())

function tierOf(tier: string | undefined): string {
  const name = (tier ?? '').trim().toLowerCase().replaceAll('-', '_')
  return STANDARD_TIERS.has(name) ? 'standard' : (TIER_NAMES[name] ?? name).slice(0, 32)
}

function plainly(speed: string | undefined): string {
  const name = (speed ?? '').trim().toLowerCase()
  return name === '' || name === 'default' || name === 'normal' ? 'standard' : name.slice(0, 32)
}

const endpointOfRegion = (provider: string, region: string | undefined): 'global' | 'regional' | undefined =>
  provider !== 'gcp.vertex_ai' || region === undefined ? undefined : region === 'global' ? 'global' : 'regional'

function missingCondition(wanted: Wanted, slices: readonly Slice[]): string | undefined {
  if (slices.length > 0) return undefined
  if (wanted.tier !== 'standard') return `no_tier_price:${wanted.tier}`
  return wanted.speed === 'standard' ? undefined : `no_speed_price:${wanted.speed}`
}

/** Cards that fit, the most specific first: own conditions before modifiers, hours before the whole day. */
function slicesOf(
  cards: readonly Card[],
  store: CardStore,
  found: Found,
  wanted: Wanted,
  discounts: readonly Discount[],
): Slice[] {
  const all = store.modifiers(found.provider)
  const dependsOnEndpoint = [...cards, ...all.filter((m) => appliesTo(m, cards[0]))].some((c) => c.when?.endpoint)
  const flags =
    wanted.isAssumed && dependsOnEndpoint ? [...found.flags, `assumed_${wanted.endpoint}_endpoint`] : found.flags
  return cards
    .filter((card) => fits(card.when, wanted))
    .toSorted((a, b) => specificity(b) - specificity(a))
    .flatMap((card) => {
      const modifiers = modifiersFor(card, all, wanted)
      if (modifiers === undefined) return []
      const discount = discountFor(card, found.provider, store, discounts)
      return [
        {
          card: compileCard(card, [...modifiers, ...discount], store.source(found.provider, card.source)),
          layer: discount.length === 0 ? store.layer : 'contract',
          flags: card.unverified === true ? [...flags, 'price_unverified'] : flags,
          estimate: found.id.addsSearch ? 'search_plugin_not_included' : found.estimate,
        },
      ]
    })
}

/** A contract's own cards are net prices already. */
function discountFor(card: Card, provider: string, store: CardStore, discounts: readonly Discount[]): Modifier[] {
  if (store.layer === 'contract') return []
  const fitting = discounts.find(
    (d) => d.provider === provider && (d.models === undefined || d.models.includes(card.model)),
  )
  const percent = fitting === undefined ? undefined : parseRational(fitting.percentOff)
  if (percent === undefined) return []
  const multiply = decimalString({ num: 100n * percent.den - percent.num, den: 100n * percent.den })
  return [{ id: 'discount', when: {}, multiply, meters: METERS, source: card.source }]
}

const specificity = (card: Card): number =>
  Object.keys(card.when ?? {}).length * 2 + (card.windows === undefined ? 0 : 1)

function fits(when: Conditions | undefined, wanted: Wanted): boolean {
  if (when === undefined) return true
  return (
    (when.tier === undefined || when.tier.includes(wanted.tier)) &&
    (when.speed === undefined || when.speed.includes(wanted.speed)) &&
    (when.geo === undefined || (wanted.geo !== undefined && when.geo.includes(wanted.geo))) &&
    (when.region === undefined || (wanted.region !== undefined && when.region.includes(wanted.region))) &&
    (when.endpoint === undefined || (wanted.endpoint !== undefined && when.endpoint.includes(wanted.endpoint)))
  )
}

const appliesTo = (modifier: Modifier, card: Card | undefined): boolean =>
  card !== undefined && (modifier.models === undefined || modifier.models.includes(card.model))

/** Undefined when the call ran at a tier or speed that neither the card nor a modifier has a price for. */
function modifiersFor(card: Card, all: readonly Modifier[], wanted: Wanted): readonly Modifier[] | undefined {
  const chosen = all.filter((m) => appliesTo(m, card) && fits(m.when, wanted) && !repeats(m.when, card.when))
  const covers = (dimension: 'tier' | 'speed'): boolean =>
    wanted[dimension] === 'standard' ||
    card.when?.[dimension] !== undefined ||
    chosen.some((m) => m.when[dimension] !== undefined)
  return covers('tier') && covers('speed') ? chosen : undefined
}

/** A card written for the condition already contains what the modifier would do. */
const repeats = (modifier: Conditions, card: Conditions | undefined): boolean =>
  (['tier', 'speed', 'geo', 'endpoint', 'region'] as const).some(
    (d) => modifier[d] !== undefined && card?.[d] !== undefined,
  )
