import { type JsonSource, MINUS, QUOTE } from './source.ts'
import { readString } from './text.ts'

/**
 * The integer that was read last: its magnitude in two 32-bit halves, and its sign. Module variables and not a result
 * record, because the fields of one span alone would make ten of them.
 */
export let high = 0
export let low = 0
export let negative = false

const isDigit = (byte: number | undefined): boolean => byte !== undefined && byte >= 0x30 && byte <= 0x39

/**
 * Reads a whole number, bare or in quotes, exactly: magnitudes up to 2^64 - 1. `1e3` and `5.0` are whole numbers too.
 * Fills {@link high}, {@link low} and {@link negative}.
 */
function readWhole(src: JsonSource): void {
  const { bytes, end } = src
  const from = src.at
  const quoted = bytes[from] === QUOTE
  let at = quoted ? from + 1 : from
  negative = at < end && bytes[at] === MINUS
  if (negative) at++
  const digits = at
  let value = 0
  const short = Math.min(end, digits + 15)
  while (at < short && isDigit(bytes[at])) value = value * 10 + (bytes[at++] as number) - 0x30
  high = Math.floor(value / 0x100000000) | 0
  low = value | 0
  if (at === digits + 15) at = readMore(src, at, value)
  const byte = at < end ? (bytes[at] as number) : 0
  const plain = at > digits && (bytes[digits] !== 0x30 || at === digits + 1)
  const ends = quoted ? byte === QUOTE : byte !== 0x2e && (byte | 0x20) !== 0x65 && !isDigit(byte)
  if (plain && ends) src.at = quoted ? at + 1 : at
  else readOddWhole(src)
}

/** The 16th and further digits, of a number whose first 15 make `head`. Stops before it could pass 2^64. */
function readMore(src: JsonSource, from: number, head: number): number {
  const { bytes } = src
  const to = Math.min(src.end, from + 5)
  let at = from
  let tail = 0
  let scale = 1
  while (at < to && isDigit(bytes[at])) {
    tail = tail * 10 + (bytes[at++] as number) - 0x30
    scale *= 10
  }
  const lower = (head % 0x100000000) * scale + tail
  const upper = Math.floor(head / 0x100000000) * scale + Math.floor(lower / 0x100000000)
  // Too large: the odd way says so.
  if (upper >= 0x100000000) return from
  high = upper | 0
  low = lower | 0
  return at
}

/** Anything but a plain run of digits. The value is worked out on its decimal digits, so that nothing is rounded. */
function readOddWhole(src: JsonSource): void {
  const from = src.at
  const text = src.bytes[from] === QUOTE ? readString(src) : readNumberText(src)
  const [, sign, whole = '', fraction = '', exponent = '0'] =
    /^(-?)(0|[1-9]\d*)(?:\.(\d+))?(?:[eE]([+-]?\d+))?$/.exec(text) ?? []
  if (whole === '') src.fail('expected an integer', from)
  const digits = (whole + fraction).replace(/^0+/, '')
  const significant = digits.replace(/0+$/, '')
  const zeros = digits.length - significant.length - fraction.length + Number(exponent)
  if (significant !== '' && zeros < 0) src.fail('expected a whole number', from)
  if (significant.length + zeros > 20 && significant !== '') src.fail('number out of range', from)
  const value = significant === '' ? 0n : BigInt(significant + '0'.repeat(zeros))
  if (value >> 64n !== 0n) src.fail('number out of range', from)
  negative = sign === '-'
  high = Number(value >> 32n) | 0
  low = Number(value & 0xffffffffn) | 0
}

/** Any unsigned 64-bit number, into {@link high} and {@link low}. */
export function readUint64(src: JsonSource): void {
  const from = src.at
  readWhole(src)
  if (negative && (high | low) !== 0) src.fail('number out of range', from)
}

/** Any signed 64-bit number, into {@link high} and {@link low}, as two's complement. */
export function readInt64(src: JsonSource): void {
  const from = src.at
  readWhole(src)
  if (negative) {
    if (high < 0 && !(high === -0x80000000 && low === 0)) src.fail('number out of range', from)
    high = low === 0 ? -high | 0 : ~high
    low = -low | 0
  } else if (high < 0) {
    src.fail('number out of range', from)
  }
}

export function readUint32(src: JsonSource): number {
  const from = src.at
  readWhole(src)
  if (high !== 0 || (negative && low !== 0)) src.fail('number out of range', from)
  return low >>> 0
}

export function readInt32(src: JsonSource): number {
  const from = src.at
  readInt64(src)
  if (high !== low >> 31) src.fail('number out of range', from)
  return low
}

/** Powers of ten that a double holds exactly. */
const POWERS = Float64Array.from({ length: 23 }, (_, i) => Number(`1e${i}`))

/** A number, or its text in quotes, or one of the three values that JSON numbers lack. */
export function readDouble(src: JsonSource): number {
  const from = src.at
  if (src.bytes[from] === QUOTE) return readQuotedDouble(src)
  const simple = readShortDecimal(src)
  if (!Number.isNaN(simple)) return simple
  src.at = from
  return finite(src, from, Number(readNumberText(src)))
}

/**
 * A decimal of up to 15 digits without exponent, or NaN. Exact: both the digits and the power of ten are, and the one
 * division rounds correctly.
 */
function readShortDecimal(src: JsonSource): number {
  const { bytes, end } = src
  let at = src.at
  const minus = bytes[at] === MINUS
  if (minus) at++
  const from = at
  let value = 0
  while (at < end && isDigit(bytes[at])) value = value * 10 + (bytes[at++] as number) - 0x30
  if (at === from || (bytes[from] === 0x30 && at > from + 1)) return Number.NaN
  let digits = at - from
  let scale = 0
  if (at < end && bytes[at] === 0x2e) {
    const point = at++
    while (at < end && isDigit(bytes[at])) value = value * 10 + (bytes[at++] as number) - 0x30
    scale = at - point - 1
    if (scale === 0) return Number.NaN
    digits += scale
  }
  if (digits > 15 || (at < end && ((bytes[at] as number) | 0x20) === 0x65)) return Number.NaN
  src.at = at
  const magnitude = value / (POWERS[scale] as number)
  return minus ? -magnitude : magnitude
}

const NOT_FINITE: ReadonlyMap<string, number> = new Map([
  ['NaN', Number.NaN],
  ['Infinity', Number.POSITIVE_INFINITY],
  ['-Infinity', Number.NEGATIVE_INFINITY],
])

function readQuotedDouble(src: JsonSource): number {
  const from = src.at
  const text = readString(src)
  const special = NOT_FINITE.get(text)
  if (special !== undefined) return special
  if (!/^-?(0|[1-9]\d*)(\.\d+)?([eE][+-]?\d+)?$/.test(text))
    src.fail('expected a number, "NaN", "Infinity" or "-Infinity"', from)
  return finite(src, from, Number(text))
}

function finite(src: JsonSource, from: number, value: number): number {
  if (!Number.isFinite(value)) src.fail('number out of range', from)
  return value
}

/** The bare number at `src.at`. */
function readNumberText(src: JsonSource): string {
  const from = src.at
  skipNumber(src)
  return src.bytes.toString('latin1', from, src.at)
}

/** Steps over a bare number, and holds it to the grammar of JSON. */
export function skipNumber(src: JsonSource): void {
  const { bytes, end } = src
  const from = src.at
  if (from < end && bytes[from] === MINUS) src.at++
  const digits = src.at
  skipDigits(src)
  if (bytes[digits] === 0x30 && src.at > digits + 1) src.fail('number with a leading zero', from)
  if (src.at < end && bytes[src.at] === 0x2e) {
    src.at++
    skipDigits(src)
  }
  if (src.at < end && ((bytes[src.at] as number) | 0x20) === 0x65) {
    src.at++
    if (src.at < end && (bytes[src.at] === 0x2b || bytes[src.at] === MINUS)) src.at++
    skipDigits(src)
  }
}

function skipDigits(src: JsonSource): void {
  const from = src.at
  while (src.at < src.end && isDigit(src.bytes[src.at])) src.at++
  if (src.at === from) src.fail('expected a number')
}
