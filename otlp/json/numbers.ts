import { type JsonSource, MINUS, QUOTE } from './source.ts'
import { skipString, stringBetween } from './text.ts'

/**
 * The integer that was read last: its magnitude in two 32-bit halves, and its sign. Module variables and not a result
 * record, because the fields of one span alone would make ten of them.
 */
export let high = 0
export let low = 0
let negative = false
/** The floating-point number that was read last. */
export let double = 0

const isDigit = (byte: number | undefined): boolean => byte !== undefined && byte >= 0x30 && byte <= 0x39

/** Whether a number that stops before this byte is complete: neither a point nor an exponent follows. */
const endsNumber = (byte: number): boolean => byte !== 0x2e && (byte | 0x20) !== 0x65 && !isDigit(byte)

/** Unix nanoseconds of our times in quotes: `"` and 19 digits and `"`. */
const NANOS_LENGTH = 21

/**
 * Reads a whole number, bare or in quotes, exactly: magnitudes up to 2^64 - 1. `1e3` and `5.0` are whole numbers too.
 * Fills {@link high}, {@link low} and {@link negative}.
 */
function readWhole(src: JsonSource, from: number): number {
  const { bytes, end } = src
  const inQuotes = bytes[from] === QUOTE
  if (inQuotes && from + NANOS_LENGTH <= end && bytes[from + 20] === QUOTE && readNanos(src, from + 1))
    return from + NANOS_LENGTH
  let at = inQuotes ? from + 1 : from
  negative = at < end && bytes[at] === MINUS
  if (negative) at++
  const digits = at
  const most = Math.min(end, digits + 9)
  let value = 0
  while (at < most && isDigit(bytes[at])) value = (value * 10 + (bytes[at++] as number) - 0x30) | 0
  const byte = at < end ? (bytes[at] as number) : 0
  const plain = at > digits && (bytes[digits] !== 0x30 || at === digits + 1)
  if (!plain || !(inQuotes ? byte === QUOTE : endsNumber(byte))) return readLongWhole(src, from)
  high = 0
  low = value
  return inQuotes ? at + 1 : at
}

/** Nineteen digits without a leading zero at `at`. */
function readNanos(src: JsonSource, at: number): boolean {
  const { bytes, view } = src
  const a = fourDigits(view.getInt32(at, true))
  const b = fourDigits(view.getInt32(at + 4, true))
  const c = fourDigits(view.getInt32(at + 8, true))
  const d = fourDigits(view.getInt32(at + 12, true))
  const e = fourDigits((view.getInt32(at + 15, true) & -0x100) | 0x30)
  if ((a | b | c | d | e) < 0 || bytes[at] === 0x30) return false
  // Of value = (8 digits) * 10^11 + (11 digits), the first product is (8 digits * 5^11) * 2^11; both factors and all
  // sums are below 2^53, so nothing is rounded.
  const product = (a * 10000 + b) * 48828125
  const upper = Math.floor(product / 0x200000)
  const lower = (product - upper * 0x200000) * 2048 + (c * 10000 + d) * 1000 + e
  high = (upper + Math.floor(lower / 0x100000000)) | 0
  low = lower | 0
  negative = false
  return true
}

/** The number that four digits in a little-endian word make; negative when one is none. */
function fourDigits(word: number): number {
  const digits = word - 0x30303030
  if (((digits | (digits + 0x76767676)) & -0x7f7f7f80) !== 0) return -1
  const pairs = digits * 10 + (digits >>> 8)
  return (pairs & 0xff) * 100 + ((pairs >>> 16) & 0xff)
}

/** Anything but up to nine digits. The value is worked out on its decimal digits, so that nothing is rounded. */
function readLongWhole(src: JsonSource, from: number): number {
  const at = src.bytes[from] === QUOTE ? skipString(src, from) : skipNumber(src, from)
  const text = src.bytes[from] === QUOTE ? stringBetween(src, from, at) : src.bytes.toString('latin1', from, at)
  const value = wholeValue(src, from, text)
  if (value >> 64n !== 0n) src.fail('number out of range', from)
  negative = text.startsWith('-')
  high = Number(value >> 32n) | 0
  low = Number(value & 0xffffffffn) | 0
  return at
}

/** The magnitude; digits and exponent are bounded before they become a number. */
function wholeValue(src: JsonSource, from: number, text: string): bigint {
  const [, whole = '', fraction = '', exponent = '0'] =
    /^-?(0|[1-9]\d*)(?:\.(\d+))?(?:[eE]([+-]?\d+))?$/.exec(text) ?? []
  if (whole === '') src.fail('expected an integer', from)
  const digits = (whole + fraction).replace(/^0+/, '')
  const significant = digits.replace(/0+$/, '')
  if (significant === '') return 0n
  const zeros = digits.length - significant.length - fraction.length + Number(exponent)
  if (zeros < 0) src.fail('expected a whole number', from)
  if (significant.length + zeros > 20) src.fail('number out of range', from)
  return BigInt(significant + '0'.repeat(zeros))
}

/** Any unsigned 64-bit number, into {@link high} and {@link low}. */
export function readUint64(src: JsonSource, from: number): number {
  const at = readWhole(src, from)
  if (negative && (high | low) !== 0) src.fail('number out of range', from)
  return at
}

/** Any signed 64-bit number, into {@link high} and {@link low}, as two's complement. */
export function readInt64(src: JsonSource, from: number): number {
  const at = readWhole(src, from)
  if (negative) {
    if (high < 0 && !(high === -0x80000000 && low === 0)) src.fail('number out of range', from)
    high = low === 0 ? -high | 0 : ~high
    low = -low | 0
  } else if (high < 0) {
    src.fail('number out of range', from)
  }
  return at
}

/** Any unsigned 32-bit number, into {@link low} as two's complement. */
export function readUint32(src: JsonSource, from: number): number {
  const at = readWhole(src, from)
  if (high !== 0 || (negative && low !== 0)) src.fail('number out of range', from)
  return at
}

/** Any signed 32-bit number, into {@link low}. */
export function readInt32(src: JsonSource, from: number): number {
  const at = readInt64(src, from)
  if (high !== low >> 31) src.fail('number out of range', from)
  return at
}

/** Powers of ten that a double holds exactly. */
const POWERS = Float64Array.from({ length: 23 }, (_, i) => Number(`1e${i}`))

/** A number, or its text in quotes, or one of the three values that JSON numbers lack; into {@link double}. */
export function readDouble(src: JsonSource, from: number): number {
  if (src.bytes[from] === QUOTE) return readQuotedDouble(src, from)
  const short = readShortDecimal(src, from)
  if (short !== 0) return short
  const at = skipNumber(src, from)
  double = finite(src, from, Number(src.bytes.toString('latin1', from, at)))
  return at
}

/**
 * A decimal of up to 15 digits without exponent; returns 0 when it is none. Exact: both the digits and the power of ten
 * are, and the one division rounds correctly.
 */
function readShortDecimal(src: JsonSource, start: number): number {
  const { bytes, end } = src
  const from = bytes[start] === MINUS ? start + 1 : start
  let at = from
  let value = 0
  while (at < end && isDigit(bytes[at])) value = value * 10 + (bytes[at++] as number) - 0x30
  if (at === from || (bytes[from] === 0x30 && at > from + 1)) return 0
  let digits = at - from
  let scale = 0
  if (at < end && bytes[at] === 0x2e) {
    const point = at++
    while (at < end && isDigit(bytes[at])) value = value * 10 + (bytes[at++] as number) - 0x30
    scale = at - point - 1
    if (scale === 0) return 0
    digits += scale
  }
  if (digits > 15 || (at < end && !endsNumber(bytes[at] as number))) return 0
  const magnitude = value / (POWERS[scale] as number)
  double = from > start ? -magnitude : magnitude
  return at
}

const NOT_FINITE: ReadonlyMap<string, number> = new Map([
  ['NaN', Number.NaN],
  ['Infinity', Number.POSITIVE_INFINITY],
  ['-Infinity', Number.NEGATIVE_INFINITY],
])

function readQuotedDouble(src: JsonSource, from: number): number {
  const at = skipString(src, from)
  const text = stringBetween(src, from, at)
  const special = NOT_FINITE.get(text)
  if (special === undefined && !/^-?(0|[1-9]\d*)(\.\d+)?([eE][+-]?\d+)?$/.test(text)) {
    src.fail('expected a number, "NaN", "Infinity" or "-Infinity"', from)
  }
  double = special ?? finite(src, from, Number(text))
  return at
}

function finite(src: JsonSource, from: number, value: number): number {
  if (!Number.isFinite(value)) src.fail('number out of range', from)
  return value
}

/** Behind a bare number, which is held to the grammar of JSON. */
export function skipNumber(src: JsonSource, from: number): number {
  const { bytes, end } = src
  const digits = bytes[from] === MINUS ? from + 1 : from
  let at = skipDigits(src, digits)
  if (bytes[digits] === 0x30 && at > digits + 1) src.fail('number with a leading zero', from)
  if (at < end && bytes[at] === 0x2e) at = skipDigits(src, at + 1)
  if (at < end && ((bytes[at] as number) | 0x20) === 0x65) {
    at++
    if (at < end && (bytes[at] === 0x2b || bytes[at] === MINUS)) at++
    at = skipDigits(src, at)
  }
  return at
}

function skipDigits(src: JsonSource, from: number): number {
  const { bytes, end } = src
  let at = from
  while (at < end && isDigit(bytes[at])) at++
  return at > from ? at : src.fail('expected a number', at)
}
