import type { CostLayer } from '../genai/call.ts'
import type { Card, Conditions, Modifier } from './card.ts'
import { type CompiledCard, compileCard, METERS } from './compile.ts'
import type { Basis } from './cost.ts'
import type { Found } from './lookup.ts'
import { decimalString, parseRational } from './rational.ts'
import type { CardStore } from './store.ts'

/** A card that may apply; the first whose time fits does. */
export interface Slice {
  readonly card: CompiledCard
  readonly layer: CostLayer
  readonly flags: readonly string[]
  /** Why this is only an estimate. */
  readonly estimate: string | undefined
  /** What the calls that it prices have in common; made by the first of them. */
  basis: Basis | undefined
}

export interface Discount {
  readonly provider: string
  /** Absent: every model of the provider. */
  readonly models?: readonly string[] | undefined
  /** Of 100, a decimal string. */
  readonly percentOff: string
}

/** What the call says about the circumstances that prices depend on. */
export interface Wanted {
  readonly tier: string
  readonly speed: string
  readonly geo: string | undefined
  readonly region: string | undefined
  readonly endpoint: 'global' | 'regional' | undefined
  /** The endpoint is our assumption. */
  readonly isAssumed: boolean
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
const TIER_NAMES: ReadonlyMap<string, string> = new Map([
  ['fast', 'priority'],
  ['on_demand_flex', 'flex'],
  ['on_demand_priority', 'priority'],
])

export function tierOf(tier: string | undefined): string {
  const name = (tier ?? '').trim().toLowerCase().replaceAll('-', '_')
  return STANDARD_TIERS.has(name) ? 'standard' : (TIER_NAMES.get(name) ?? name).slice(0, 32)
}

export function speedOf(speed: string | undefined): string {
  const name = (speed ?? '').trim().toLowerCase()
  return name === '' || name === 'default' || name === 'normal' ? 'standard' : name.slice(0, 32)
}

export const endpointOfRegion = (provider: string, region: string | undefined): 'global' | 'regional' | undefined =>
  provider !== 'gcp.vertex_ai' || region === undefined ? undefined : region === 'global' ? 'global' : 'regional'

export function missingCondition(wanted: Wanted, slices: readonly Slice[]): string | undefined {
  if (slices.length > 0) return undefined
  if (wanted.tier !== 'standard') return `no_tier_price:${wanted.tier}`
  return wanted.speed === 'standard' ? undefined : `no_speed_price:${wanted.speed}`
}

/** Cards that fit, the most specific first: own conditions before modifiers, hours before the whole day. */
export function slicesOf(
  cards: readonly Card[],
  store: CardStore,
  found: Found,
  wanted: Wanted,
  discounts: readonly Discount[],
): Slice[] {
  const all = store.modifiers(found.provider)
  const flags = [...found.flags, ...endpointFlags(cards, all, found, wanted)]
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
          basis: undefined,
        },
      ]
    })
}

/** Where prices differ by endpoint and the call does not say which; where they differ by continent and the card does not. */
function endpointFlags(
  cards: readonly Card[],
  all: readonly Modifier[],
  found: Found,
  wanted: Wanted,
): readonly string[] {
  const differs = [...cards, ...all.filter((m) => appliesTo(m, cards[0]))].some((c) => c.when?.endpoint)
  if (differs) return wanted.isAssumed ? [`assumed_${wanted.endpoint}_endpoint`] : []
  const { geography } = found.id
  const isElsewhere = found.provider === 'aws.bedrock' && geography !== undefined && geography !== 'us'
  return isElsewhere && cards.length > 0 ? ['us_price_assumed'] : []
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
