import fc from '../test/support/property.ts'
import { addPico, normalPico, parseUsd, picoFromDouble, usdNumber, usdString } from './money.ts'

const anyPico = fc.oneof(fc.maxSafeInteger(), fc.bigInt(-(10n ** 30n), 10n ** 30n).map(normalPico))

test('USD as text: exact, without trailing zeros', () => {
  const check = (pico: number | bigint, want: string) => expect(usdString(pico)).toBe(want)
  check(0, '0')
  check(-0, '0')
  check(1, '0.000000000001')
  check(102_000_000, '0.000102')
  check(1_000_000_000_000, '1')
  check(1_500_000_000_000, '1.5')
  check(-2_500_000_000, '-0.0025')
  check(9_007_199_254_740_991, '9007.199254740991')
  check(123_456_789_000_000_000_000_000n, '123456789000')
  check(-1n, '-0.000000000001')
})

test('text and back loses nothing', () => {
  fc.assert(fc.property(anyPico, (pico) => expect(parseUsd(usdString(pico))).toEqual(pico === 0 ? 0 : pico)))
})

test('what is no plain decimal of twelve places is refused', () => {
  for (const text of ['', 'x', '1e3', '1.', '.5', '1.0000000000001', '0x1', '1,5', 'NaN', '--1'])
    expect(parseUsd(text)).toBeUndefined()
  expect(parseUsd(' +1.50 ')).toBe(1_500_000_000_000)
  expect(parseUsd('1.000000000000000')).toBe(1_000_000_000_000)
})

test('sums are those of whole numbers, whatever their size and order', () => {
  fc.assert(
    fc.property(fc.array(anyPico), (amounts) => {
      const want = amounts.reduce<bigint>((sum, x) => sum + BigInt(x), 0n)
      expect(BigInt(amounts.reduce(addPico, 0))).toBe(want)
      expect(BigInt(amounts.toReversed().reduce(addPico, 0))).toBe(want)
    }),
  )
})

test('a double that was reported is the decimal that was written', () => {
  const check = (usd: number, want: string | undefined) => {
    const pico = picoFromDouble(usd)
    expect(pico === undefined ? undefined : usdString(pico)).toBe(want)
  }
  check(0.1, '0.1')
  check(0.0021, '0.0021')
  check(1234.56, '1234.56')
  check(0, '0')
  check(Number.NaN, undefined)
  check(Number.POSITIVE_INFINITY, undefined)
  expect(usdNumber(2_100_000_000)).toBe(0.0021)
})
