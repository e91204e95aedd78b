import type { CostLayer } from '../genai/call.ts'
import type { Meter } from '../genai/usage.ts'
import type { Card, Conditions, Modifier } from './card.ts'
import { type CompiledCard, compileCard, METERS } from './compile.ts'
import type { Basis } from './cost.ts'
import { timeOf } from './currency.ts'
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
  /** Absent: everything that the card prices. */
  readonly meters?: readonly Meter[] | undefined
  /** UTC dates, as on a card: first instant it holds, first instant it no longer does. */
  readonly from?: string | undefined
  readonly to?: string | undefined
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
  const all = [...store.modifiers(found.provider), ...toolsOf(found, store)]
  const flags = [...found.flags, ...endpointFlags(cards, all, found, wanted)]
  return cards
    .filter((card) => fits(card.when, wanted))
    .toSorted((a, b) => specificity(b) - specificity(a))
    .flatMap((card) => {
      const modifiers = modifiersFor(card, all, wanted)
      if (modifiers === undefined) return []
      const names = new Set([card.source, ...(card.also ?? []), ...modifiers.map((m) => m.source)])
      const sources = [...names].flatMap(
        (name) => store.source(found.provider, name) ?? store.source(found.seller, name) ?? [],
      )
      // A contract's own cards are net prices already.
      const off = store.layer === 'contract' ? [] : discountsOn(card, found.provider, discounts)
      return periodsOf(card, off).map(
        ({ card: part, discount }): Slice => ({
          card: compileCard(part, [...modifiers, ...discount], sources),
          layer: discount.length === 0 ? store.layer : 'contract',
          flags: [...flags, ...cardFlags(card)],
          estimate: found.id.addsSearch ? 'search_plugin_not_included' : found.estimate,
          basis: undefined,
        }),
      )
    })
}

/** Who resells at the maker's list price may still have prices of its own for tools. */
const toolsOf = (found: Found, store: CardStore): readonly Modifier[] =>
  found.seller === found.provider ? [] : store.modifiers(found.seller).filter((m) => m.fees !== undefined)

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
  const isPricedThere = cards[0]?.model.startsWith(geography ?? '-') === true
  return isElsewhere && !isPricedThere && cards.length > 0 ? ['us_price_assumed'] : []
}

const cardFlags = (card: Card): readonly string[] => [
  ...(card.unverified === true ? ['price_unverified'] : []),
  ...(card.amortised === true ? ['amortised'] : []),
]

const discountsOn = (card: Card, provider: string, discounts: readonly Discount[]): readonly Discount[] =>
  discounts.filter((d) => d.provider === provider && (d.models === undefined || d.models.includes(card.model)))

interface Period {
  readonly card: Card
  readonly discount: readonly Modifier[]
}

/** The card cut where discounts begin and end; in each piece the first one that holds is taken. */
function periodsOf(card: Card, discounts: readonly Discount[]): readonly Period[] {
  const from = timeOf(card.from, Number.NEGATIVE_INFINITY)
  const to = timeOf(card.to, Number.POSITIVE_INFINITY)
  const cuts = [...new Set(discounts.flatMap((d) => [d.from, d.to]))]
    .filter((date) => date !== undefined && Date.parse(date) > from && Date.parse(date) < to)
    .toSorted((a, b) => timeOf(a, 0) - timeOf(b, 0))
  const edges = [card.from, ...cuts, card.to]
  return edges.slice(1).map((end, i) => {
    const begin = edges[i]
    const at = timeOf(begin, Number.NEGATIVE_INFINITY)
    const fitting = discounts.find(
      (d) => timeOf(d.from, Number.NEGATIVE_INFINITY) <= at && at < timeOf(d.to, Number.POSITIVE_INFINITY),
    )
    return { card: cuts.length === 0 ? card : within(card, begin, end), discount: modifierOf(fitting, card) }
  })
}

function within(card: Card, from: string | undefined, to: string | undefined): Card {
  const { from: _, to: __, ...rest } = card
  return { ...rest, ...(from === undefined ? {} : { from }), ...(to === undefined ? {} : { to }) }
}

function modifierOf(discount: Discount | undefined, card: Card): readonly Modifier[] {
  const percent = discount === undefined ? undefined : parseRational(discount.percentOff)
  if (percent === undefined) return []
  const multiply = decimalString({ num: 100n * percent.den - percent.num, den: 100n * percent.den })
  return [{ id: 'discount', when: {}, multiply, meters: discount?.meters ?? METERS, source: card.source }]
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
