import { double, readShortDecimal } from './numbers.ts'
import type { ProtoSink } from './sink.ts'
import { copyChunk, firstStop, stops } from './text.ts'

const QUOTE = 0x22
const COLON = 0x3a
/** Two closing braces, `",` and `}},{`, as little-endian words. */
const CLOSE_BOTH = 0x7d7d
const CLOSE_AND_NEXT = 0x7b2c7d7d

/** Four ASCII characters as they are compared: a little-endian word. */
const word = (text: string): number => Buffer.from(text).readInt32LE(0)

// The fixed parts of {"key":"…","value":{"stringValue":"…"}} in words, some of them overlapping.
const OPEN_1 = word('{"ke')
const OPEN_2 = word('y":"')
const MIDDLE_1 = word('","v')
const MIDDLE_2 = word('alue')
const MIDDLE_3 = word('":{"')
const STRING_1 = word('stri')
const STRING_2 = word('ngVa')
const STRING_3 = word('lue"')
const STRING_4 = word('e":"')
const INT_1 = word('intV')
const INT_2 = word('alue')
const INT_3 = word('ue":')
const DOUBLE_1 = word('doub')
const DOUBLE_2 = word('leVa')
const DOUBLE_3 = word('lue"')

/** More than an attribute that goes this way can take. */
const ROOM = 160
const TEXT_MAX = 60
/** Where the key of such an attribute has its opening quote. */
export const KEY_AT = 7

/** Where the attribute that {@link copyPlainAttributes} stopped at has the closing quote of its key; 0 when that is odd, too. */
export let plainKeyEnd = 0

/**
 * The short way for what most of any request is: attributes in the shape in which serialisers write them, without white
 * space, the key first, with a short text or a number in it. `at` must be the place of an array element. Copies as many
 * as are like that and returns where the first one opens that is not (see {@link plainKeyEnd}), or, negative, where the
 * last one ended.
 */
export function copyPlainAttributes(view: DataView, out: ProtoSink, tag: number, from: number): number {
  let at = from
  for (;;) {
    plainKeyEnd = 0
    if (view.getInt32(at, true) !== OPEN_1 || view.getInt32(at + 4, true) !== OPEN_2) return at
    out.ensure(ROOM)
    // Bytes before the text of the key: tag, length, tag of the key, its length.
    const start = out.at
    const keyEnd = copyShort(view, out.view, at + KEY_AT + 1, start + 4)
    if (keyEnd === 0 || view.getInt32(keyEnd, true) !== MIDDLE_1) return at
    if (view.getInt32(keyEnd + 4, true) !== MIDDLE_2 || view.getInt32(keyEnd + 8, true) !== MIDDLE_3) return at
    plainKeyEnd = keyEnd
    const keyLength = keyEnd - at - KEY_AT - 1
    const put = start + 4 + keyLength
    const close = copyPlainValue(view, out, keyEnd + 12, put)
    const length = out.at - start - 2
    if (close === 0 || length > 127) {
      out.at = start
      return at
    }
    out.view.setInt32(start, tag | (length << 8) | 0x0a0000 | (keyLength << 24), true)
    if (view.getInt32(close, true) !== CLOSE_AND_NEXT) return -close - 2
    at = close + 3
  }
}

/** Returns where the value and its attribute are closed, and moves the sink; 0 when the value is not plain. */
function copyPlainValue(view: DataView, out: ProtoSink, at: number, put: number): number {
  const type = view.getInt32(at, true)
  if (type === STRING_1) {
    if (view.getInt32(at + 4, true) !== STRING_2 || view.getInt32(at + 8, true) !== STRING_3) return 0
    if (view.getInt32(at + 10, true) !== STRING_4) return 0
    const end = copyShort(view, out.view, at + 14, put + 4)
    if (end === 0) return copyEscaped(view, out, at + 14, put)
    if (view.getInt16(end + 1, true) !== CLOSE_BOTH) return 0
    const length = end - at - 14
    out.view.setInt32(put, 0x0a0012 | ((length + 2) << 8) | (length << 24), true)
    out.at = put + 4 + length
    return end + 1
  }
  out.at = put
  return type === INT_1 ? copyPlainInt(view, out, at) : type === DOUBLE_1 ? copyPlainDouble(view, out, at) : 0
}

/** Text at `from` that has escapes, as the value of its attribute; 0 when it is long. */
function copyEscaped(view: DataView, out: ProtoSink, from: number, put: number): number {
  out.at = put + 4
  const end = copyChunk(view, out, from)
  const length = out.at - put - 4
  if (length > 125 || view.getUint8(end) !== QUOTE || view.getInt16(end + 1, true) !== CLOSE_BOTH) return 0
  out.view.setInt32(put, 0x0a0012 | ((length + 2) << 8) | (length << 24), true)
  return end + 1
}

/** `intValue":"…"` or `intValue":…` at `at`, for up to nine digits. */
function copyPlainInt(view: DataView, out: ProtoSink, at: number): number {
  if (view.getInt32(at + 4, true) !== INT_2 || view.getInt32(at + 6, true) !== INT_3) return 0
  const inQuotes = view.getUint8(at + 10) === QUOTE
  const digits = inQuotes ? at + 11 : at + 10
  let end = digits
  let value = 0
  let byte = view.getUint8(end)
  while (byte >= 0x30 && byte <= 0x39) {
    value = (value * 10 + byte - 0x30) | 0
    byte = view.getUint8(++end)
  }
  const count = end - digits
  if (count === 0 || count > 9 || (count > 1 && view.getUint8(digits) === 0x30)) return 0
  if (inQuotes && byte !== QUOTE) return 0
  const close = inQuotes ? end + 1 : end
  if (view.getInt16(close, true) !== CLOSE_BOTH) return 0
  const put = out.at
  out.at = put + 3
  out.putVarint(0, value)
  out.view.setInt16(put, 0x12 | ((out.at - put - 2) << 8), true)
  out.view.setUint8(put + 2, 0x18)
  return close
}

/** `doubleValue":…` at `at`. */
function copyPlainDouble(view: DataView, out: ProtoSink, at: number): number {
  if (view.getInt32(at + 4, true) !== DOUBLE_2 || view.getInt32(at + 8, true) !== DOUBLE_3) return 0
  if (view.getUint8(at + 12) !== COLON) return 0
  const close = readShortDecimal(view, at + 13)
  if (close === 0 || view.getInt16(close, true) !== CLOSE_BOTH) return 0
  out.view.setInt16(out.at, 0x0912, true)
  out.view.setUint8(out.at + 2, 0x21)
  out.at += 3
  out.putDouble(double)
  return close
}

/** Copies text of up to 60 bytes up to its quote and returns where that is; 0 when it is longer or has escapes. */
function copyShort(view: DataView, to: DataView, from: number, put: number): number {
  for (let i = 0; i < TEXT_MAX; i += 4) {
    const text = view.getInt32((from + i) | 0, true)
    to.setInt32((put + i) | 0, text, true)
    const marks = stops(text)
    if (marks !== 0) {
      const end = from + i + firstStop(marks)
      return view.getUint8(end) === QUOTE ? end : 0
    }
  }
  return 0
}
