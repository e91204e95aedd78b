import { COMMON_METERS, type CommonMeter, type Meter, RARE_METERS } from '../genai/usage.ts'
import type { BandEdge, Card, Modifier, RateText, Source } from './card.ts'
import { ONE, parseRational, type Rational, times } from './rational.ts'
import { compileWindow, instant, type Window } from './windows.ts'

export const METERS: readonly Meter[] = [...COMMON_METERS, ...RARE_METERS]
/** Everything that is priced per million tokens; the other meters are priced per unit. */
export const TOKEN_METERS: ReadonlySet<Meter> = new Set([
  ...COMMON_METERS,
  ...RARE_METERS.slice(0, RARE_METERS.indexOf('web_searches')),
])

/** What one unit of a meter costs. */
export interface Rate {
  /** Exact pico-USD per unit. */
  readonly value: Rational
  /** The same as a safe integer; NaN when it is none. */
  readonly pico: number
  /** Why another meter's rate stands here, when that is an assumption. */
  readonly flag: string | undefined
}

/** One price column of a card. The common meters are plain numbers: NaN sends a call the careful way. */
export interface Band {
  readonly rates: ReadonlyMap<Meter, Rate>
  readonly common: Readonly<Record<CommonMeter, number>>
}

export interface CompiledCard {
  readonly id: string
  readonly card: Card
  /** The card's own first, then those of what was added to it and of the modifiers. */
  readonly sources: readonly Source[]
  readonly modifiers: readonly Modifier[]
  readonly from: number
  readonly to: number
  readonly windows: readonly Window[] | undefined
  /** Total input from which the next column holds. */
  readonly edges: readonly number[]
  readonly bands: readonly Band[]
  readonly billsTokens: boolean
  readonly billsOutput: boolean
  /** Charged once per call, so that no call is too simple for the careful way. */
  readonly billsRequests: boolean
}

/**
 * Whose rate stands in when a card has none of its own, nearest first. Providers that list no price for cached or
 * image tokens bill them as plain input; the flag keeps the assumption visible. Reasoning is output and tool-use
 * prompts are input by definition, so these carry none.
 */
const STAND_INS: Readonly<Partial<Record<Meter, readonly Meter[]>>> = {
  cache_read: ['input'],
  cache_write: ['cache_write_5m', 'input'],
  cache_write_5m: ['cache_write', 'input'],
  cache_write_1h: ['cache_write', 'input'],
  reasoning: ['output'],
  input_audio: ['input'],
  input_image: ['input'],
  input_video: ['input'],
  input_tool: ['input'],
  cache_read_audio: ['cache_read', 'input'],
  cache_read_image: ['cache_read', 'input'],
  output_audio: ['output'],
  output_image: ['output'],
}
const BY_DEFINITION: ReadonlySet<Meter> = new Set(['reasoning', 'input_tool'])

export function compileCard(card: Card, modifiers: readonly Modifier[], sources: readonly Source[]): CompiledCard {
  const edges = (card.bands ?? []).map(firstTotal)
  const bands = Array.from({ length: edges.length + 1 }, (_, column) => compileBand(card, column, modifiers))
  return {
    id: [card.id, ...modifiers.flatMap((m) => (m.fees === undefined ? [m.id] : []))].join('+'),
    card,
    sources,
    modifiers,
    from: instant(card.from, Number.NEGATIVE_INFINITY),
    to: instant(card.to, Number.POSITIVE_INFINITY),
    windows: card.windows?.map(compileWindow),
    edges,
    bands,
    billsTokens: card.rates !== undefined && Object.keys(card.rates).length > 0,
    billsOutput: card.rates?.output !== undefined,
    billsRequests: card.fees?.requests !== undefined,
  }
}

export function bandOf(card: CompiledCard, totalInput: number): Band {
  let column = 0
  while (column < card.edges.length && totalInput >= (card.edges[column] as number)) column++
  return card.bands[column] as Band
}

/** Token counts are integers, so "greater than n" begins at n + 1. */
const firstTotal = (edge: BandEdge): number => ('gt' in edge ? edge.gt + 1 : edge.gte)

function compileBand(card: Card, column: number, modifiers: readonly Modifier[]): Band {
  const own = new Map<Meter, Rational | null>()
  for (const meter of METERS) {
    const value = modifiers.some((m) => m.unknown?.includes(meter)) ? null : ownRate(card, meter, column, modifiers)
    if (value !== undefined) own.set(meter, value === null ? null : modified(value, meter, modifiers))
  }
  const rates = new Map<Meter, Rate>()
  for (const meter of METERS) {
    const rate = rateOf(meter, own)
    if (rate !== undefined) rates.set(meter, rate)
  }
  return { rates, common: commonRates(rates, card.fees?.requests !== undefined) }
}

/** Pico-USD per unit: USD per million tokens times 1e6, or USD per unit times 1e12. */
function ownRate(
  card: Card,
  meter: Meter,
  column: number,
  modifiers: readonly Modifier[],
): Rational | null | undefined {
  const listed = card.fees?.[meter]
  const fee = listed === undefined ? undefined : (modifiers.findLast((m) => m.fees?.[meter])?.fees?.[meter] ?? listed)
  if (fee !== undefined) return times(decoded(fee, card), PICO)
  const text = columnOf(card.rates?.[meter], column)
  return text === undefined || text === null ? text : times(decoded(text, card), PICO_PER_MICRO)
}

const PICO: Rational = { num: 10n ** 12n, den: 1n }
const PICO_PER_MICRO: Rational = { num: 10n ** 6n, den: 1n }

function columnOf(rate: RateText | undefined, column: number): string | null | undefined {
  if (rate === undefined || rate === null || typeof rate === 'string') return rate
  return rate[column]
}

function decoded(text: string, card: Card): Rational {
  const value = parseRational(text)
  if (value === undefined) throw new Error(`price card ${card.id}: ${JSON.stringify(text)} is not a decimal number`)
  return value
}

function modified(value: Rational, meter: Meter, modifiers: readonly Modifier[]): Rational {
  let out = value
  for (const m of modifiers) {
    if (m.meters === undefined ? TOKEN_METERS.has(meter) : m.meters.includes(meter))
      out = times(out, parseRational(m.multiply) ?? ONE)
  }
  return out
}

function rateOf(meter: Meter, own: ReadonlyMap<Meter, Rational | null>): Rate | undefined {
  const value = own.get(meter)
  if (value === null) return undefined
  if (value !== undefined) return rate(value, undefined)
  // A card that prices one time to live and not another says that they differ.
  if (meter === 'cache_write_1h' && own.has('cache_write_5m')) return undefined
  for (const other of STAND_INS[meter] ?? []) {
    const stand = own.get(other)
    if (stand === null) return undefined
    if (stand !== undefined) return rate(stand, standInFlag(meter, other))
  }
  return undefined
}

function standInFlag(meter: Meter, other: Meter): string | undefined {
  if (BY_DEFINITION.has(meter)) return undefined
  return other === 'cache_write_5m' ? 'cache_write_ttl_assumed_5m' : `${meter}_at_${other}_rate`
}

function rate(value: Rational, flag: string | undefined): Rate {
  const pico = value.den === 1n ? Number(value.num) : Number.NaN
  return { value, pico: Number.isSafeInteger(pico) ? pico : Number.NaN, flag }
}

function commonRates(rates: ReadonlyMap<Meter, Rate>, careful: boolean): Readonly<Record<CommonMeter, number>> {
  const plain = (meter: Meter): number => {
    const rate = rates.get(meter)
    return rate === undefined || rate.flag !== undefined || careful ? Number.NaN : rate.pico
  }
  return {
    input: plain('input'),
    cache_read: plain('cache_read'),
    cache_write: plain('cache_write'),
    cache_write_5m: plain('cache_write_5m'),
    cache_write_1h: plain('cache_write_1h'),
    output: plain('output'),
    reasoning: plain('reasoning'),
  }
}
