import { Call } from '../../genai/call.ts'
import { type Pico, usdNumber, usdString } from '../../genai/money.ts'
import { ItemBatch } from '../../otlp/batch.ts'
import { KeyTable } from '../../otlp/keys.ts'
import { Basis, PricedCost } from '../../pricing/cost.ts'
import fc from '../../test/support/property.ts'
import { spanAttributes, traceRequest } from '../../test/support/spans.ts'
import { addUsd, annotate } from './annotate.ts'

const request = traceRequest([{}])
const items = new ItemBatch(new KeyTable([]))

function written(pico: Pico): unknown {
  items.load(request, 'traces')
  addUsd(items, 0, pico)
  return spanAttributes(items.spliced())[0]?.['tokenfuse.cost.usd']
}

test('every amount is written as the exact decimal string', () => {
  const check = (pico: Pico) => expect(written(pico)).toBe(usdString(pico))
  for (const pico of [0, 1, 9, 10, 999_999, 1_000_000, 1_000_001, 999_999_999_999, 1_000_000_000_000]) check(pico)
  for (const pico of [Number.MAX_SAFE_INTEGER, 9_007_000_000_000_000, 2n ** 53n, 10n ** 30n, -1, -(10n ** 20n)])
    check(pico)
  fc.assert(fc.property(fc.maxSafeNat(), check))
  fc.assert(
    fc.property(fc.nat(9007), fc.nat(12), (whole, zeros) =>
      check(Math.min(whole * 10 ** zeros, Number.MAX_SAFE_INTEGER)),
    ),
  )
})

test('calls priced alike say their own amounts', () => {
  const basis = new Basis({
    status: 'priced',
    priceCard: undefined,
    bookVersion: 'b',
    layer: 'book',
    reason: undefined,
    flags: undefined,
  })
  const said = (pico: Pico, list: Pico, flags: readonly string[]): unknown => {
    items.load(request, 'traces')
    const call = new Call('span', 0, { bytes: Buffer.alloc(0), trace: -1, span: -1, parent: -1 })
    call.flags = flags
    annotate(items, call, new PricedCost(basis, pico, list, {}))
    return spanAttributes(items.spliced())[0]
  }
  const amount = fc.oneof(fc.nat(), fc.maxSafeNat(), fc.bigInt({ min: 2n ** 53n, max: 2n ** 70n }))
  const property = fc.property(amount, fc.option(amount), fc.boolean(), (pico, list, hasUsageCost) => {
    expect(said(pico, list ?? pico, hasUsageCost ? ['has_usage_cost'] : [])).toEqual({
      'tokenfuse.cost.status': 'priced',
      'tokenfuse.cost.layer': 'book',
      'tokenfuse.price.book': 'b',
      'tokenfuse.cost.usd': usdString(pico),
      ...(list === null || list === pico ? {} : { 'tokenfuse.cost.list_usd': usdString(list) }),
      ...(hasUsageCost ? {} : { 'gen_ai.usage.cost': usdNumber(pico) }),
    })
  })
  fc.assert(property, { numRuns: 300 })
})
