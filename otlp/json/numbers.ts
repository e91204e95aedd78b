import { fail, input } from './input.ts'
import { skipString, stringBetween } from './text.ts'

const QUOTE = 0x22
const MINUS = 0x2d

/**
 * The integer that was read last: its magnitude in two 32-bit halves, and its sign. Module variables and not a result
 * record, because the fields of one span alone would make ten of them.
 */
export let high = 0
export let low = 0
let negative = false
/** The floating-point number that was read last. */
export let double = 0

const isDigit = (byte: number): boolean => byte >= 0x30 && byte <= 0x39

/** Whether a number that stops before this byte is complete: no digit, point or exponent follows. */
const endsNumber = (byte: number): boolean => !isDigit(byte) && byte !== 0x2e && (byte | 0x20) !== 0x65

/** Unix nanoseconds of our times in quotes: 19 digits between two of them. */
const NANOS_LENGTH = 21

/**
 * Reads a whole number, bare or in quotes, exactly: magnitudes up to 2^64 - 1. `1e3` and `5.0` are whole numbers too.
 * Fills {@link high}, {@link low} and {@link negative}.
 */
function readWhole(view: DataView, from: number): number {
  const inQuotes = view.getUint8(from) === QUOTE
  if (inQuotes && view.getUint8(from + 20) === QUOTE && readNanos(view, from + 1)) return from + NANOS_LENGTH
  const start = inQuotes ? from + 1 : from
  negative = view.getUint8(start) === MINUS
  const digits = negative ? start + 1 : start
  let at = digits
  let value = 0
  let byte = view.getUint8(at)
  while (byte >= 0x30 && byte <= 0x39) {
    value = (value * 10 + byte - 0x30) | 0
    byte = view.getUint8(++at)
  }
  const count = at - digits
  const plain = count > 0 && count < 10 && (count === 1 || view.getUint8(digits) !== 0x30)
  if (!plain || !(inQuotes ? byte === QUOTE : endsNumber(byte))) return readLongWhole(view, from)
  high = 0
  low = value
  return inQuotes ? at + 1 : at
}

/** Nineteen digits at `at`, the first of them no zero. */
function readNanos(view: DataView, at: number): boolean {
  const a = fourDigits(view.getInt32(at, true))
  const b = fourDigits(view.getInt32(at + 4, true))
  const c = fourDigits(view.getInt32(at + 8, true))
  const d = fourDigits(view.getInt32(at + 12, true))
  const e = fourDigits((view.getInt32(at + 15, true) & -0x100) | 0x30)
  if ((a | b | c | d | e) < 0 || a < 1000) return false
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
  const digits = (word - 0x30303030) | 0
  if (((digits | (digits + 0x76767676)) & -0x7f7f7f80) !== 0) return -1
  const pairs = digits * 10 + (digits >>> 8)
  return (pairs & 0xff) * 100 + ((pairs >>> 16) & 0xff)
}

/** Anything but up to nine digits. The value is worked out on its decimal digits, so that nothing is rounded. */
function readLongWhole(view: DataView, from: number): number {
  const inQuotes = view.getUint8(from) === QUOTE
  const at = inQuotes ? skipString(view, from) : skipNumber(view, from)
  const text = inQuotes ? stringBetween(from, at) : input.bytes.toString('latin1', from, at)
  const value = wholeValue(from, text)
  if (value >> 64n !== 0n) fail('number out of range', from)
  negative = text.startsWith('-')
  high = Number(value >> 32n) | 0
  low = Number(value & 0xffffffffn) | 0
  return at
}

/** Characters that a whole number may have, zeros and all. */
const WHOLE_MAX = 200

/** The magnitude; digits and exponent are bounded before they become a number. */
function wholeValue(from: number, text: string): bigint {
  if (text.length > WHOLE_MAX) fail(`number of more than ${WHOLE_MAX} characters`, from)
  const [, whole = '', fraction = '', exponent = '0'] =
    /^-?(0|[1-9]\d*)(?:\.(\d+))?(?:[eE]([+-]?\d+))?$/.exec(text) ?? []
  if (whole === '') fail('expected an integer', from)
  const digits = (whole + fraction).replace(/^0+/, '')
  const significant = digits.replace(/0+$/, '')
  if (significant === '') return 0n
  const zeros = digits.length - significant.length - fraction.length + Number(exponent)
  if (zeros < 0) fail('expected a whole number', from)
  if (significant.length + zeros > 20) fail('number out of range', from)
  return BigInt(significant + '0'.repeat(zeros))
}

/** Any unsigned 64-bit number, into {@link high} and {@link low}. */
export function readUint64(view: DataView, from: number): number {
  const at = readWhole(view, from)
  if (negative && (high | low) !== 0) fail('number out of range', from)
  return at
}

/** Any signed 64-bit number, into {@link high} and {@link low}, as two's complement. */
export function readInt64(view: DataView, from: number): number {
  const at = readWhole(view, from)
  if (negative) {
    if (high < 0 && !(high === -0x80000000 && low === 0)) fail('number out of range', from)
    high = low === 0 ? -high | 0 : ~high
    low = -low | 0
  } else if (high < 0) {
    fail('number out of range', from)
  }
  return at
}

/** Any unsigned 32-bit number, into {@link low} as two's complement. */
export function readUint32(view: DataView, from: number): number {
  const at = readWhole(view, from)
  if (high !== 0 || (negative && low !== 0)) fail('number out of range', from)
  return at
}

/** Any signed 32-bit number, into {@link low}. */
export function readInt32(view: DataView, from: number): number {
  const at = readInt64(view, from)
  if (high !== low >> 31) fail('number out of range', from)
  return at
}

/** Powers of ten that a double holds exactly. */
const POWERS = Float64Array.from({ length: 23 }, (_, i) => Number(`1e${i}`))

/** A number, or its text in quotes, or one of the three values that JSON numbers lack; into {@link double}. */
export function readDouble(view: DataView, from: number): number {
  if (view.getUint8(from) === QUOTE) return readQuotedDouble(view, from)
  const short = readShortDecimal(view, from)
  if (short !== 0) return short
  const at = skipNumber(view, from)
  double = finite(from, Number(input.bytes.toString('latin1', from, at)))
  return at
}

/**
 * A decimal of up to 15 digits without exponent, into {@link double}; returns 0 when it is none. Exact: both the digits and the power of ten
 * are, and the one division rounds correctly.
 */
export function readShortDecimal(view: DataView, start: number): number {
  const from = view.getUint8(start) === MINUS ? start + 1 : start
  let at = from
  let value = 0
  while (isDigit(view.getUint8(at))) value = value * 10 + view.getUint8(at++) - 0x30
  if (at === from || (view.getUint8(from) === 0x30 && at > from + 1)) return 0
  let digits = at - from
  let scale = 0
  if (view.getUint8(at) === 0x2e) {
    const point = at++
    while (isDigit(view.getUint8(at))) value = value * 10 + view.getUint8(at++) - 0x30
    scale = at - point - 1
    if (scale === 0) return 0
    digits += scale
  }
  if (digits > 15 || !endsNumber(view.getUint8(at))) return 0
  const magnitude = value / (POWERS[scale] as number)
  double = from > start ? -magnitude : magnitude
  return at
}

const NOT_FINITE: ReadonlyMap<string, number> = new Map([
  ['NaN', Number.NaN],
  ['Infinity', Number.POSITIVE_INFINITY],
  ['-Infinity', Number.NEGATIVE_INFINITY],
])

function readQuotedDouble(view: DataView, from: number): number {
  const at = skipString(view, from)
  const text = stringBetween(from, at)
  const special = NOT_FINITE.get(text)
  if (special === undefined && !/^-?(0|[1-9]\d*)(\.\d+)?([eE][+-]?\d+)?$/.test(text)) {
    fail('expected a number, "NaN", "Infinity" or "-Infinity"', from)
  }
  double = special ?? finite(from, Number(text))
  return at
}

function finite(from: number, value: number): number {
  return Number.isFinite(value) ? value : fail('number out of range', from)
}

/** Behind a bare number, which is held to the grammar of JSON. */
export function skipNumber(view: DataView, from: number): number {
  const digits = view.getUint8(from) === MINUS ? from + 1 : from
  let at = skipDigits(view, digits)
  if (view.getUint8(digits) === 0x30 && at > digits + 1) fail('number with a leading zero', from)
  if (view.getUint8(at) === 0x2e) at = skipDigits(view, at + 1)
  if ((view.getUint8(at) | 0x20) === 0x65) {
    const sign = view.getUint8(at + 1)
    at = skipDigits(view, sign === 0x2b || sign === MINUS ? at + 2 : at + 1)
  }
  return at
}

function skipDigits(view: DataView, from: number): number {
  let at = from
  while (isDigit(view.getUint8(at))) at++
  return at > from ? at : fail('expected a number', at)
}
