import { decimalString, parseRational, rationalOf, rounded, times } from './rational.ts'

const text = (t: string): string | undefined => {
  const r = parseRational(t)
  return r === undefined ? undefined : `${r.num}/${r.den}`
}

test('decimals and fractions of them are read exactly', () => {
  const check = (input: string, want: string | undefined) => expect(text(input)).toBe(want)
  check('2.5', '5/2')
  check('0.003625', '29/8000')
  check('1e-7', '1/10000000')
  check('2E3', '2000/1')
  check('0.36/3600', '1/10000')
  check('0.25/3', '1/12')
  check('-1.50', '-3/2')
  check('0', '0/1')
  for (const bad of ['', 'x', '1/0', '1/2/3', '.5', '1.', '0x10', 'NaN', 'Infinity', '1e9999', '--1'])
    check(bad, undefined)
})

test('a double is the decimal that was written, not its binary expansion', () => {
  expect(rationalOf(0.1)).toEqual({ num: 1n, den: 10n })
  expect(rationalOf(1e21)).toEqual({ num: 10n ** 21n, den: 1n })
  expect(rationalOf(5e-324)).toEqual({ num: 1n, den: 2n * 10n ** 323n })
  expect(rationalOf(Number.NaN)).toBeUndefined()
})

test('halves are rounded to even, so that many roundings do not drift', () => {
  const check = (num: bigint, den: bigint, want: bigint) => expect(rounded({ num, den })).toBe(want)
  check(1n, 2n, 0n)
  check(3n, 2n, 2n)
  check(5n, 2n, 2n)
  check(-1n, 2n, 0n)
  check(-3n, 2n, -2n)
  check(2n, 3n, 1n)
  check(-2n, 3n, -1n)
  check(7n, 1n, 7n)
})

test('decimal strings are exact up to 18 digits', () => {
  const check = (input: string, want: string) => expect(decimalString(parseRational(input) as never)).toBe(want)
  check('0.00000125', '0.00000125')
  check('1/3', '0.333333333333333333')
  check('2/3', '0.666666666666666667')
  check('-0.5', '-0.5')
  check('1200', '1200')
  check('1e-19', '0')
})

test('products stay in lowest terms', () => {
  expect(times({ num: 11n, den: 10n }, { num: 10n, den: 11n })).toEqual({ num: 1n, den: 1n })
})
