import { varintSize, writeVarint } from '../wire.ts'
import { HEX_DIGITS } from './hex.ts'
import { fail, input } from './input.ts'
import type { ProtoSink } from './sink.ts'

const QUOTE = 0x22
const BACKSLASH = 0x5c

/** Text longer than this, and without escapes, is handed to the runtime to copy, which does not pay for short text. */
const CHUNK = 128

/** The high bit of each byte of a word. */
const HIGH_BITS = -0x7f7f7f80
const SPACES = 0x20202020

/**
 * Marks the bytes of a word that end a run of plain text: the quote, the backslash and control characters get their high
 * bit set, at least up to the first such byte; 0 means none.
 *
 * Per byte, with no carry that matters: `b ^ 2` is below 0x21 for 0x00 - 0x1f and for the quote, and for nothing else.
 */
export function stops(word: number): number {
  const a = word ^ 0x02020202
  const b = word ^ 0x5c5c5c5c
  return (((a - 0x21212121) & ~a) | ((b - 0x01010101) & ~b)) & HIGH_BITS
}

/** The index (0 - 3) of the first marked byte. */
export const firstStop = (marks: number): number => (31 - Math.clz32(marks & -marks)) >>> 3

/** The first byte at or behind `from` that ends a run of plain text; at the latest, the end of the document. */
export function findStop(view: DataView, from: number): number {
  for (let at = from; ; at += 4) {
    const marks = stops(view.getInt32(at, true))
    if (marks !== 0) return at + firstStop(marks)
  }
}

/** Copies the JSON string that opens at `at` to the sink: its length, then the text without escapes. */
export function copyText(view: DataView, out: ProtoSink, at: number): number {
  const lengthAt = out.at
  out.at = lengthAt + 1
  let close = copyChunk(view, out, at + 1)
  if (view.getUint8(close) !== QUOTE) close = copyRest(view, out, close, at - lengthAt)
  const length = out.at - lengthAt - 1
  if (length < 0x80) out.view.setUint8(lengthAt, length)
  else prefixLong(out, lengthAt, length)
  return close + 1
}

/**
 * Up to a chunk of text with the common escapes. Stops at the closing quote, or before what it does not do: rare escapes,
 * mistakes, and what is behind the chunk.
 */
export function copyChunk(view: DataView, out: ProtoSink, from: number): number {
  out.ensure(CHUNK + 8)
  const to = out.view
  const last = from + CHUNK
  let at = from
  let put = out.at
  while (at < last) {
    const text = view.getInt32(at, true)
    to.setInt32(put, text, true)
    const marks = stops(text)
    if (marks === 0) {
      at += 4
      put += 4
      continue
    }
    const plain = firstStop(marks)
    at += plain
    put += plain
    const escaped = view.getUint8(at) === BACKSLASH ? (ESCAPES[view.getUint8(at + 1)] as number) : 0
    if (escaped === 0) break
    to.setUint8(put++, escaped)
    at += 2
  }
  out.at = put
  return at
}

/** The text from `from` on, behind its first chunk. `ahead` is how far the source was ahead of the sink before that. */
function copyRest(view: DataView, out: ProtoSink, from: number, ahead: number): number {
  let at = from
  let before = ahead
  for (;;) {
    const byte = view.getUint8(at)
    if (byte === QUOTE) return at
    if (byte < 0x20) failText(at)
    if (byte === BACKSLASH) at = copyEscape(view, out, at)
    // Not an escape in a whole chunk: what follows may be long.
    else if (at - out.at === before) at = copyLongRun(view, out, at)
    before = at - out.at
    at = copyChunk(view, out, at)
  }
}

const failText = (at: number): never =>
  fail(at < input.end ? 'unescaped control character in a string' : 'expected the end of a string', at)

/** Plain text up to the first byte that is none, by what the runtime does fastest. `from` stands within the text. */
function copyLongRun(view: DataView, out: ProtoSink, from: number): number {
  const stop = refuseControls(view, from, Math.min(input.nextQuote(from), input.nextBackslash(from)))
  out.ensure(stop - from)
  out.at += input.bytes.copy(out.bytes, out.at, from, stop)
  return stop
}

/** Fails at a control character before `to`; returns `to`. Sixteen bytes at a time, of which the first few may be behind us. */
function refuseControls(view: DataView, from: number, to: number): number {
  const { words } = input
  const last = (to >>> 2) - 3
  let i = from >>> 2
  for (; i < last; i += 4) {
    const a = words[i] as number
    const b = words[i + 1] as number
    const c = words[i + 2] as number
    const d = words[i + 3] as number
    if ((((a - SPACES) & ~a) | ((b - SPACES) & ~b) | ((c - SPACES) & ~c) | ((d - SPACES) & ~d)) & HIGH_BITS) break
  }
  const stop = findStop(view, Math.max(from, i * 4))
  return stop < to ? failText(stop) : to
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

/** The mark behind the backslash at `at`. */
const markAt = (view: DataView, at: number): number => view.getUint8(at + 1)

/** One escape sequence. */
function copyEscape(view: DataView, out: ProtoSink, at: number): number {
  const mark = markAt(view, at)
  if (mark === 0x75) return copyCodePoint(view, out, at)
  const byte = ESCAPES[mark] as number
  if (byte === 0) fail('unknown escape in a string', at)
  out.bytes[out.at++] = byte
  return at + 2
}

/** `\uXXXX`, or a pair of them. Half a pair stands for no character; U+FFFD says so, as in every UTF-8 encoder. */
function copyCodePoint(view: DataView, out: ProtoSink, at: number): number {
  const unit = readUnit(view, at)
  const next = at + 6
  if (unit < 0xd800 || unit > 0xdfff) {
    putUtf8(out, unit)
    return next
  }
  const paired = unit < 0xdc00 && view.getUint8(next) === BACKSLASH && markAt(view, next) === 0x75
  const low = paired ? readUnit(view, next) : 0
  if (low < 0xdc00 || low > 0xdfff) {
    putUtf8(out, 0xfffd)
    return next
  }
  putUtf8(out, 0x10000 + ((unit - 0xd800) << 10) + (low - 0xdc00))
  return next + 6
}

function readUnit(view: DataView, at: number): number {
  let unit = 0
  for (let i = at + 2; i < at + 6; i++) {
    const digit = HEX_DIGITS[view.getUint8(i)] as number
    if (digit > 15) fail('expected four hex digits behind \\u', i)
    unit = unit * 16 + digit
  }
  return unit
}

function putUtf8(out: ProtoSink, code: number): void {
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

/** Behind the string that opens at `from`. Every escape is looked at. */
export function skipString(view: DataView, from: number): number {
  let at = findStop(view, from + 1)
  while (view.getUint8(at) !== QUOTE) {
    if (view.getUint8(at) !== BACKSLASH) failText(at)
    const mark = markAt(view, at)
    if (mark === 0x75) readUnit(view, at)
    else if (ESCAPES[mark] === 0) fail('unknown escape in a string', at)
    at = findStop(view, at + (mark === 0x75 ? 6 : 2))
  }
  return at + 1
}

/** The string from its opening quote to `end`, behind its closing one. For what is rare: names, or escapes where nobody writes any. */
export function stringBetween(from: number, end: number): string {
  const text: unknown = JSON.parse(input.bytes.toString('utf8', from, end))
  return String(text)
}
