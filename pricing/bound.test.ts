import fc from '../test/support/property.ts'
import { bundledBook } from './book/index.ts'
import { UpperBound } from './bound.ts'
import { filesOf } from './catalog.ts'
import { Pricer } from './pricer.ts'
import { query } from './testing/query.ts'

const bound = new UpperBound(bundledBook)

test('no model of the provider costs more, whatever the tier', () => {
  const pricer = new Pricer({ book: bundledBook })
  for (const provider of ['openai', 'anthropic', 'x_ai', 'mistral_ai']) {
    const models = filesOf(bundledBook).find((file) => file.provider === provider)?.cards ?? []
    const usage = fc.record({ input: fc.nat(500_000), cacheRead: fc.nat(500_000), output: fc.nat(100_000) })
    fc.assert(
      fc.property(fc.constantFrom(...models), usage, (card, counted) => {
        const tier = card.when?.tier?.[0]
        const { pico } = pricer.price(query({ provider, model: card.model, serviceTier: tier, usage: counted }))
        if (pico !== undefined) expect(Number(bound.of(provider, counted))).toBeGreaterThanOrEqual(Number(pico))
      }),
      { numRuns: 300 },
    )
  }
})

test('a provider without prices is bounded by the dearest maker; nothing counted is no bound', () => {
  const usage = { input: 1000, output: 1000 }
  expect(Number(bound.of('nobody', usage))).toBeGreaterThanOrEqual(Number(bound.of('anthropic', usage)))
  expect(Number(bound.of('', usage))).toBe(Number(bound.of('nobody', usage)))
  expect(bound.of('openai', {})).toBeUndefined()
  expect(bound.of('openai', { input: Number.NaN, output: -1 })).toBeUndefined()
})

test('a kind of token that nobody prices is bounded by the side it is on', () => {
  expect(Number(bound.of('anthropic', { other: { input_video: 1000 } }))).toBeGreaterThan(0)
})
