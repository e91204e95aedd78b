/**
 * Money as integers. A price line is exact in pico-USD (1e-12 USD); a line that could pass 2^53 pico-USD (9,007 USD)
 * is held as BigInt by whoever computes it. Ledger counters are nano-USD (1e-9), with the remainder carried.
 */
export const PICO_PER_USD = 1_000_000_000_000n
export const PICO_PER_NANO = 1_000

/** Pico-USD: a safe integer where it fits, else BigInt. */
export type Pico = number | bigint

/** Adds two amounts exactly. */
export function addPico(a: Pico, b: Pico): Pico {
  if (typeof a === 'number' && typeof b === 'number') {
    const sum = a + b
    if (Number.isSafeInteger(sum)) return sum
  }
  return normalPico(BigInt(a) + BigInt(b))
}

/** The smallest representation of an exact amount. */
export function normalPico(value: bigint): Pico {
  const small = Number(value)
  return Number.isSafeInteger(small) ? small : value
}

const ZEROS = '0000000000000'
const FRACTION_DIGITS = 12
const ZERO = 48

/** Exact decimal string of USD without trailing zeros: 102000000 -> "0.000102". */
export function usdString(pico: Pico): string {
  // Both kinds print as plain digits: a safe integer never needs an exponent.
  let digits = String(pico)
  const negative = digits.charCodeAt(0) === 45
  if (negative) digits = digits.slice(1)
  if (digits.length <= FRACTION_DIGITS) digits = ZEROS.slice(digits.length) + digits
  const point = digits.length - FRACTION_DIGITS
  let end = digits.length
  while (end > point && digits.charCodeAt(end - 1) === ZERO) end--
  const text = end === point ? digits.slice(0, point) : `${digits.slice(0, point)}.${digits.slice(point, end)}`
  return negative && pico !== 0 ? `-${text}` : text
}

/** USD as a double, for the outermost edge only (Prometheus, `gen_ai.usage.cost`). */
export function usdNumber(pico: Pico): number {
  return typeof pico === 'number' ? pico / 1e12 : Number(usdString(pico))
}

/**
 * Parses a decimal string of USD exactly, to pico-USD. Returns undefined for anything that is not a plain decimal or
 * that has digits below 1e-12.
 */
export function parseUsd(text: string): Pico | undefined {
  const match = /^([+-]?)(\d+)(?:\.(\d+))?$/.exec(text.trim())
  if (match === null) return undefined
  const fraction = (match[3] ?? '').replace(/0+$/, '')
  if (fraction.length > 12) return undefined
  const value = BigInt(match[2] ?? '0') * PICO_PER_USD + BigInt(fraction.padEnd(12, '0') || '0')
  return normalPico(match[1] === '-' ? -value : value)
}

/**
 * A double that some backend reported, as the nearest pico-USD. The shortest decimal that names the double is what the
 * reporter wrote, so that is what is parsed, not the double's binary expansion.
 */
export function picoFromDouble(usd: number): Pico | undefined {
  if (!Number.isFinite(usd)) return undefined
  return parseUsd(usd.toFixed(12).replace(/\.?0+$/, '') || '0')
}
