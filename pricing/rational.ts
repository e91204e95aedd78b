/** An exact number. `den` is positive, the fraction is in lowest terms. */
export interface Rational {
  readonly num: bigint
  readonly den: bigint
}

const DECIMAL = /^(-?)(\d+)(?:\.(\d+))?(?:e([+-]?\d{1,3}))?$/i

/** Reads `2.5`, `1e-7`, or a fraction of two such, `0.36/3600`; undefined for anything else. */
export function parseRational(text: string): Rational | undefined {
  const [above, below, rest] = text.trim().split('/')
  const num = parseDecimal(above ?? '')
  const den = below === undefined ? ONE : parseDecimal(below)
  if (num === undefined || den === undefined || den.num === 0n || rest !== undefined) return undefined
  return reduced(num.num * den.den, num.den * den.num)
}

/** A double as the decimal that its shortest spelling names, not as its binary expansion. */
export function rationalOf(value: number): Rational | undefined {
  return Number.isFinite(value) ? parseDecimal(String(value)) : undefined
}

export const times = (a: Rational, b: Rational): Rational => reduced(a.num * b.num, a.den * b.den)

/** Rounds to the nearest integer, halves to even, so that many roundings do not drift. */
export function rounded(a: Rational): bigint {
  const whole = a.num / a.den
  const rest = a.num - whole * a.den
  const twice = (rest < 0n ? -rest : rest) * 2n
  if (twice < a.den || (twice === a.den && whole % 2n === 0n)) return whole
  return whole + (a.num < 0n ? -1n : 1n)
}

/** Exact when the expansion ends within 18 digits, else rounded there. */
export function decimalString(a: Rational): string {
  const scaled = rounded({ num: a.num * SCALE, den: a.den })
  const digits = (scaled < 0n ? -scaled : scaled).toString().padStart(19, '0')
  const fraction = digits.slice(-18).replace(/0+$/, '')
  return (scaled < 0n ? '-' : '') + digits.slice(0, -18) + (fraction === '' ? '' : `.${fraction}`)
}

export const ONE: Rational = { num: 1n, den: 1n }
const SCALE = 10n ** 18n

function parseDecimal(text: string): Rational | undefined {
  const match = DECIMAL.exec(text.trim())
  if (match === null) return undefined
  const fraction = match[3] ?? ''
  const exponent = Number(match[4] ?? 0) - fraction.length
  const digits = BigInt((match[2] ?? '0') + fraction) * (match[1] === '-' ? -1n : 1n)
  return exponent < 0 ? reduced(digits, 10n ** BigInt(-exponent)) : { num: digits * 10n ** BigInt(exponent), den: 1n }
}

function reduced(num: bigint, den: bigint): Rational {
  let a = num < 0n ? -num : num
  let b = den < 0n ? -den : den
  while (b !== 0n) [a, b] = [b, a % b]
  const sign = den < 0n ? -1n : 1n
  return a === 0n ? { num: 0n, den: 1n } : { num: (sign * num) / a, den: (sign * den) / a }
}
