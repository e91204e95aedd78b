import type { Meter } from '../genai/usage.ts'
import { bundledBook } from './book/index.ts'
import type { Card, RateText } from './card.ts'
import { METERS, TOKEN_METERS } from './compile.ts'
import { parseRational, type Rational, rounded, times } from './rational.ts'
import { pricer, query } from './testing/query.ts'

/**
 * Every context band and every effective date of the book, one step before and one step after. The expected amounts are
 * worked out here from the card's own text, by another way than the engine's: no stand-in rates, no bands, no lookup by
 * time.
 */
const files = Object.values(bundledBook.files).map((load) => load())
const all = files.flatMap((file) => file.cards.map((card) => ({ provider: file.provider, card })))
const price = pricer({ bedrockEndpoint: 'regional' })
const MID = Date.parse('2026-11-20T12:00:00Z')

/** Conditions as a call names them. */
const asking = (provider: string, card: Card) => ({
  provider,
  model: `${endpointPrefix(provider, card)}${card.model}`,
  serviceTier: card.when?.tier?.[0],
  speed: card.when?.speed?.[0],
  inferenceGeo: card.when?.geo?.[0],
  region: card.when?.region?.[0] ?? endpointRegion(provider, card),
})

/** Bedrock names the endpoint in the id, Vertex by the region. */
const endpointPrefix = (provider: string, card: Card): string => {
  if (provider !== 'aws.bedrock' || card.when?.endpoint === undefined) return ''
  return card.when.endpoint[0] === 'global' ? 'global.' : 'us.'
}
const endpointRegion = (provider: string, card: Card): string | undefined => {
  if (provider === 'aws.bedrock' || card.when?.endpoint === undefined) return undefined
  return card.when.endpoint[0] === 'global' ? 'global' : 'us-east5'
}

const column = (rate: RateText | undefined, at: number): string | null | undefined =>
  rate === undefined || rate === null || typeof rate === 'string' ? rate : rate[at]

/** USD per million tokens times tokens is pico-USD times a million. */
function amountOf(card: Card, at: number, meter: Meter, tokens: number): bigint | undefined {
  const rate = parseRational(column(card.rates?.[meter], at) ?? '')
  const million: Rational = { num: BigInt(tokens) * 1_000_000n, den: 1n }
  return rate === undefined ? undefined : rounded(times(rate, million))
}

/** Priced by exactly this card: no other condition, modifier or assumption in play. */
const isPlain = (card: Card): boolean => card.windows === undefined && card.free !== true && card.rates?.input != null

/** At some hours another card of the model holds; those have tests of their own. */
const hasHours = ({ provider, card }: (typeof all)[number]): boolean =>
  all.some((c) => c.provider === provider && c.card.model === card.model && c.card.windows !== undefined)

const instantIn = (card: Card): number => {
  const from = card.from === undefined ? Number.NEGATIVE_INFINITY : Date.parse(card.from)
  const to = card.to === undefined ? Number.POSITIVE_INFINITY : Date.parse(card.to)
  if (MID >= from && MID < to) return MID
  return MID < from ? from : to - 1
}

test('one token below, at and above the edge of every context band', () => {
  const wrong: string[] = []
  let edges = 0
  for (const { provider, card } of all.filter((c) => isPlain(c.card) && c.card.bands !== undefined)) {
    for (const [i, edge] of (card.bands ?? []).entries()) {
      const first = 'gt' in edge ? edge.gt + 1 : edge.gte
      edges++
      for (const tokens of [first - 1, first, first + 1]) {
        const at = tokens < first ? i : i + 1
        const want = amountOf(card, at, 'input', tokens)
        const cost = price.price(
          query({ ...asking(provider, card), endMs: instantIn(card), usage: { input: tokens }, role: 'embeddings' }),
        )
        const isRight =
          want === undefined ? cost.pico === undefined : cost.pico !== undefined && BigInt(cost.pico) === want
        if (!isRight) wrong.push(`${card.id} ${tokens}: ${cost.pico ?? cost.reason} by ${cost.card}, not ${want}`)
      }
    }
  }
  expect(wrong).toEqual([])
  expect(edges).toBeGreaterThan(150)
})

test('one millisecond before and at every effective date, the card that holds and no other', () => {
  const wrong: string[] = []
  let dates = 0
  for (const { provider, card } of all.filter((c) => isPlain(c.card))) {
    for (const [date, isFirst] of [
      [card.from, true],
      [card.to, false],
    ] as const) {
      if (date === undefined) continue
      dates++
      const edge = Date.parse(date)
      const inside = isFirst ? edge : edge - 1
      const outside = isFirst ? edge - 1 : edge
      const at = (endMs: number) =>
        price.price(query({ ...asking(provider, card), endMs, usage: { input: 1000 }, role: 'embeddings' }))
      const own = at(inside)
      if (own.pico === undefined || BigInt(own.pico) !== amountOf(card, 0, 'input', 1000) || own.card !== card.id)
        wrong.push(`${card.id} at ${new Date(inside).toISOString()}: ${own.pico ?? own.reason} by ${own.card}`)
      if (at(outside).card === card.id) wrong.push(`${card.id} still prices at ${new Date(outside).toISOString()}`)
    }
  }
  expect(wrong).toEqual([])
  expect(dates).toBeGreaterThan(100)
})

test('every rate of every card is what a call of that meter alone costs', () => {
  const wrong: string[] = []
  let checked = 0
  for (const { provider, card } of all.filter((c) => isPlain(c.card) && c.card.bands === undefined && !hasHours(c))) {
    for (const meter of METERS.filter((m) => TOKEN_METERS.has(m) && card.rates?.[m] != null)) {
      const want = amountOf(card, 0, meter, 777)
      const cost = price.price(
        query({ ...asking(provider, card), endMs: instantIn(card), usage: usageOf(meter, 777), role: 'embeddings' }),
      )
      checked++
      const line = cost.lines.find((l) => l.meter === meter)
      if (want === 0n ? cost.pico === undefined : line === undefined || BigInt(line.pico) !== want)
        wrong.push(`${card.id} ${meter}: ${line?.pico ?? cost.reason} by ${cost.card}, not ${want}`)
    }
  }
  expect(wrong).toEqual([])
  expect(checked).toBeGreaterThan(4000)
})

const CAMEL: Readonly<Record<string, string>> = {
  cache_read: 'cacheRead',
  cache_write: 'cacheWrite',
  cache_write_5m: 'cacheWrite5m',
  cache_write_1h: 'cacheWrite1h',
}
const usageOf = (meter: Meter, tokens: number) =>
  ['input', 'output', 'reasoning'].includes(meter) || meter in CAMEL
    ? { [CAMEL[meter] ?? meter]: tokens }
    : { other: { [meter]: tokens } }
