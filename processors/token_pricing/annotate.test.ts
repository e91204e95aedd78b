import { type Pico, usdString } from '../../genai/money.ts'
import { ItemBatch } from '../../otlp/batch.ts'
import { KeyTable } from '../../otlp/keys.ts'
import fc from '../../test/support/property.ts'
import { spanAttributes, traceRequest } from '../../test/support/spans.ts'
import { addUsd } from './annotate.ts'

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
