import { addPico, type Pico } from '../genai/money.ts'
import type { RareMeter, Usage } from '../genai/usage.ts'
import fc from '../test/support/property.ts'
import { rationalOf } from './rational.ts'
import { decodeRecord } from './record.ts'
import { pricer, query, sumOf } from './testing/query.ts'

const prices = pricer()
const MODELS = [
  ['openai', 'gpt-5.4'],
  ['openai', 'gpt-realtime'],
  ['anthropic', 'claude-opus-4-6'],
  ['anthropic', 'claude-haiku-5-5'],
  ['gcp.gemini', 'gemini-2.5-pro'],
  ['x_ai', 'grok-4.6'],
  ['deepseek', 'deepseek-v4-pro'],
  ['openrouter', 'google/gemini-2.5-flash'],
  ['perplexity', 'sonar-pro'],
] as const
const TOKEN_METERS = [
  'input_image',
  'input_video',
  'input_tool',
  'output_image',
] as const satisfies readonly RareMeter[]

const count = fc.oneof(fc.integer({ min: 0, max: 2_000_000 }), fc.integer({ min: 0, max: 2 ** 40 }))
const usage: fc.Arbitrary<Usage> = fc.record({
  input: fc.option(count, { nil: undefined }),
  cacheRead: fc.option(count, { nil: undefined }),
  cacheWrite5m: fc.option(count, { nil: undefined }),
  output: count,
  reasoning: fc.option(count, { nil: undefined }),
  other: fc.option(
    fc.dictionary(fc.constantFrom(...TOKEN_METERS), count).map((o) => ({ ...o })),
    { nil: undefined },
  ),
})
const call = fc.record({
  model: fc.constantFrom(...MODELS),
  usage,
  endMs: fc.integer({ min: Date.parse('2026-01-01'), max: Date.parse('2027-12-31') }),
  serviceTier: fc.constantFrom(undefined, 'default', 'batch'),
})
type Call = typeof call extends fc.Arbitrary<infer T> ? T : never

const priceOf = ({ model: [provider, model], ...rest }: Call) => prices.price(query({ provider, model, ...rest }))

test('the lines of a call sum to its total, to the last digit', () => {
  fc.assert(
    fc.property(call, (c) => {
      const cost = priceOf(c)
      if (cost.pico === undefined) return expect(cost.lines).toEqual([])
      expect(BigInt(sumOf(cost))).toBe(BigInt(cost.pico))
    }),
  )
})

test('each line is quantity times unit price, rounded once', () => {
  fc.assert(
    fc.property(call, (c) => {
      const cost = priceOf(c)
      for (const line of cost.lines) {
        const quantity = rationalOf(line.quantity)
        const rate = cost.priceCard?.bands
          .flatMap((band) => [...band.rates].filter(([meter]) => meter === line.meter).map(([, rate]) => rate.value))
          .find((value) => {
            const exact = { num: (quantity?.num ?? 0n) * value.num, den: (quantity?.den ?? 1n) * value.den }
            const off = BigInt(line.pico) * exact.den - exact.num
            return (off < 0n ? -off : off) * 2n <= exact.den
          })
        expect(rate).toBeDefined()
      }
    }),
  )
})

test('order and batching change nothing', () => {
  fc.assert(
    fc.property(fc.array(call, { maxLength: 20 }), fc.array(fc.nat(), { maxLength: 20 }), (calls, order) => {
      const total = (list: readonly Call[]): Pico =>
        list.reduce<Pico>((sum, c) => addPico(sum, priceOf(c).pico ?? 0), 0)
      const shuffled = calls.map((c, i) => [order[i] ?? i, c] as const).toSorted(([a], [b]) => a - b)
      const half = Math.floor(calls.length / 2)
      const inTwo = addPico(total(calls.slice(0, half)), total(calls.slice(half)))
      expect(total(shuffled.map(([, c]) => c))).toBe(total(calls))
      expect(inTwo).toBe(total(calls))
    }),
    { numRuns: 40 },
  )
})

test('within a band more tokens never cost less', () => {
  const small = fc.integer({ min: 0, max: 40_000 })
  const meters = fc.record({ input: small, cacheRead: small, output: small, reasoning: small })
  fc.assert(
    fc.property(fc.constantFrom(...MODELS), meters, meters, ([provider, model], a, b) => {
      const more = {
        input: a.input + b.input,
        cacheRead: a.cacheRead + b.cacheRead,
        output: a.output + b.output,
        reasoning: a.reasoning + b.reasoning,
      }
      const cost = (usage: Usage) => BigInt(prices.price(query({ provider, model, usage })).pico ?? -1)
      expect(cost(more)).toBeGreaterThanOrEqual(cost(a))
    }),
  )
})

test('inclusive totals and disjoint buckets of the same call cost the same', () => {
  const n = fc.integer({ min: 0, max: 100_000 })
  const parts = fc.record({ input: n, read: n, w5: n, w1: n, image: n, output: n, reasoning: n })
  fc.assert(
    fc.property(parts, (p) => {
      const record = decodeRecord({
        provider: 'anthropic',
        model: 'claude-opus-5',
        at: '2026-11-20T12:00:00Z',
        usage: {
          input_tokens: p.input + p.read + p.w5 + p.w1 + p.image,
          cache_read_tokens: p.read,
          cache_write_5m_tokens: p.w5,
          cache_write_1h_tokens: p.w1,
          input_image_tokens: p.image,
          output_tokens: p.output + p.reasoning,
          output_reasoning_tokens: p.reasoning,
        },
      })
      if ('error' in record) throw new Error(record.error)
      const disjoint = {
        input: p.input,
        cacheRead: p.read,
        cacheWrite5m: p.w5,
        cacheWrite1h: p.w1,
        output: p.output,
        reasoning: p.reasoning,
        other: { input_image: p.image },
      }
      const wanted = prices.price(query({ provider: 'anthropic', model: 'claude-opus-5', usage: disjoint }))
      expect(prices.price(record.query).pico).toBe(wanted.pico)
      expect(record.flags).toEqual([])
    }),
  )
})

test('the quick way and the careful way agree', () => {
  fc.assert(
    fc.property(call, (c) => {
      const careful = priceOf({ ...c, usage: { ...c.usage, other: { ...c.usage.other, requests: 0 } } })
      const requests = careful.priceCard?.billsRequests === true
      if (!requests) expect(priceOf(c).pico).toBe(careful.pico)
    }),
  )
})

test('lines above 9,007 USD are exact too', () => {
  const huge = prices.price(query({ model: 'gpt-4o', usage: { input: 9_007_199_254_740_991, output: 1 } }))
  expect(huge.pico).toBe(9_007_199_254_740_991n * 2_500_000n + 10_000_000n)
  expect(BigInt(sumOf(huge))).toBe(huge.pico)
})
