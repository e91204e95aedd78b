import { varintSize, writeVarint } from '../wire.ts'
import type { ProtoSink } from './sink.ts'
import { BACKSLASH, type JsonSource, QUOTE } from './source.ts'

/** Runs longer than this are measured first and then copied by the runtime, which does not pay for short ones. */
const SHORT_RUN = 64

/**
 * Marks the bytes of a word that end a run of plain text: the quote, the backslash and control characters get their high
 * bit set, at least up to the first such byte; 0 means none.
 *
 * Per byte, with no carry that matters: `b ^ 2` is below 0x21 for 0x00 - 0x1f and for the quote, and for nothing else.
 */
export function stops(word: number): number {
  const a = word ^ 0x02020202
  const b = word ^ 0x5c5c5c5c
  return (((a - 0x21212121) & ~a) | ((b - 0x01010101) & ~b)) & 0x80808080
}

/** The index (0 - 3) of the first marked byte. */
export const firstStop = (marks: number): number => (31 - Math.clz32(marks & -marks)) >>> 3

/** The first byte at or behind `from` that ends a run of plain text, or the end. */
export function findStop(src: JsonSource, from: number): number {
  const { view, end, bytes } = src
  let at = from
  const last = end - 8
  while (at <= last) {
    const marks = stops(view.getInt32(at, true))
    if (marks !== 0) return at + firstStop(marks)
    const more = stops(view.getInt32(at + 4, true))
    if (more !== 0) return at + 4 + firstStop(more)
    at += 8
  }
  while (at < end) {
    const byte = bytes[at] as number
    if (byte < 0x20 || byte === QUOTE || byte === BACKSLASH) return at
    at++
  }
  return end
}

/**
 * Copies the JSON string that opens at `src.at`, unescaped and behind its length, to the sink. Returns how many bytes
 * of text it had.
 */
export function copyText(src: JsonSource, out: ProtoSink): number {
  const lengthAt = out.at
  src.at++
  out.at++
  copyRun(src, out)
  if (src.at >= src.end || src.bytes[src.at] !== QUOTE) copyOddText(src, out)
  src.at++
  const length = out.at - lengthAt - 1
  if (length < 0x80) out.bytes[lengthAt] = length
  else prefixLong(out, lengthAt, length)
  return length
}

/** Escapes and runs between them, up to the closing quote. */
function copyOddText(src: JsonSource, out: ProtoSink): void {
  for (;;) {
    const byte = src.at < src.end ? src.bytes[src.at] : 0
    if (byte === QUOTE) return
    if (byte !== BACKSLASH)
      src.fail(src.at < src.end ? 'unescaped control character in a string' : 'string without end')
    out.ensure(8)
    copyEscape(src, out)
    copyRun(src, out)
  }
}

/** Plain text up to the first byte that is none. */
function copyRun(src: JsonSource, out: ProtoSink): void {
  out.ensure(SHORT_RUN + 8)
  const from = src.view
  const to = out.view
  const last = Math.min(src.at + SHORT_RUN, src.end - 4)
  let at = src.at
  let put = out.at
  while (at <= last) {
    const word = from.getInt32(at, true)
    to.setInt32(put, word, true)
    const marks = stops(word)
    if (marks !== 0) {
      const plain = firstStop(marks)
      src.at = at + plain
      out.at = put + plain
      return
    }
    at += 4
    put += 4
  }
  out.at = put
  copyLongRun(src, out, at)
}

function copyLongRun(src: JsonSource, out: ProtoSink, from: number): void {
  const stop = findStop(src, from)
  out.ensure(stop - from)
  out.at += src.bytes.copy(out.bytes, out.at, from, stop)
  src.at = stop
}

/** One byte was left for a length that needs more. */
function prefixLong(out: ProtoSink, lengthAt: number, length: number): void {
  const size = varintSize(length)
  out.ensure(size)
  out.bytes.copyWithin(lengthAt + size, lengthAt + 1, out.at)
  writeVarint(out.bytes, lengthAt, length)
  out.at += size - 1
}

/** What stands behind a backslash, by its code; 0 = nothing may. */
const ESCAPES = new Uint8Array(256)
for (const [mark, byte] of ['""', '\\\\', '//', 'b\b', 'f\f', 'n\n', 'r\r', 't\t'].map((pair) => Buffer.from(pair))) {
  if (mark !== undefined && byte !== undefined) ESCAPES[mark] = byte
}

/** One escape sequence at `src.at`. */
function copyEscape(src: JsonSource, out: ProtoSink): void {
  const mark = src.at + 1 < src.end ? (src.bytes[src.at + 1] as number) : 0
  const byte = ESCAPES[mark] as number
  if (byte !== 0) {
    src.at += 2
    out.bytes[out.at++] = byte
  } else if (mark === 0x75) {
    writeUtf8(out, readCodePoint(src))
  } else {
    src.fail('unknown escape in a string')
  }
}

/** `\uXXXX`, or a pair of them. Half a pair stands for no character; U+FFFD says so, as in every UTF-8 encoder. */
function readCodePoint(src: JsonSource): number {
  const unit = readUnit(src, src.at)
  src.at += 6
  if (unit < 0xd800 || unit > 0xdfff) return unit
  const paired =
    unit < 0xdc00 && src.at + 6 <= src.end && src.bytes[src.at] === BACKSLASH && src.bytes[src.at + 1] === 0x75
  if (!paired) return 0xfffd
  const low = readUnit(src, src.at)
  if (low < 0xdc00 || low > 0xdfff) return 0xfffd
  src.at += 6
  return 0x10000 + ((unit - 0xd800) << 10) + (low - 0xdc00)
}

function readUnit(src: JsonSource, at: number): number {
  let unit = 0
  for (let i = at + 2; i < at + 6; i++) {
    const digit = i < src.end ? (HEX_DIGITS[src.bytes[i] as number] as number) : 16
    if (digit > 15) src.fail('expected four hex digits behind \\u', i)
    unit = unit * 16 + digit
  }
  return unit
}

/** The value of a hex digit of either case, by its code; 255 = no hex digit. */
export const HEX_DIGITS = new Uint8Array(256).fill(255)
for (const digits of ['0123456789abcdef', '0123456789ABCDEF']) {
  for (let i = 0; i < 16; i++) HEX_DIGITS[digits.charCodeAt(i)] = i
}

function writeUtf8(out: ProtoSink, code: number): void {
  const { bytes } = out
  if (code < 0x80) {
    bytes[out.at++] = code
    return
  }
  if (code < 0x800) {
    bytes[out.at++] = 0xc0 | (code >>> 6)
  } else {
    if (code < 0x10000) bytes[out.at++] = 0xe0 | (code >>> 12)
    else {
      bytes[out.at++] = 0xf0 | (code >>> 18)
      bytes[out.at++] = 0x80 | ((code >>> 12) & 0x3f)
    }
    bytes[out.at++] = 0x80 | ((code >>> 6) & 0x3f)
  }
  bytes[out.at++] = 0x80 | (code & 0x3f)
}

/** The string that opens at `src.at`, as a JavaScript string. For what is rare: names, and numbers or ids with escapes. */
export function readString(src: JsonSource): string {
  const from = src.at
  skipString(src)
  const text: unknown = JSON.parse(src.bytes.toString('utf8', from, src.at))
  return String(text)
}

/** Steps over the string that opens at `src.at`, looking at every escape. */
export function skipString(src: JsonSource): void {
  let at = findStop(src, src.at + 1)
  while (at >= src.end || src.bytes[at] !== QUOTE) {
    src.at = at
    if (at >= src.end) src.fail('string without end')
    if (src.bytes[at] !== BACKSLASH) src.fail('unescaped control character in a string')
    const mark = at + 1 < src.end ? (src.bytes[at + 1] as number) : 0
    if (mark === 0x75) readUnit(src, at)
    else if (ESCAPES[mark] === 0) src.fail('unknown escape in a string')
    at = findStop(src, at + (mark === 0x75 ? 6 : 2))
  }
  src.at = at + 1
}
