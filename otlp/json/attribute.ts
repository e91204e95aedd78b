import { double, readShortDecimal } from './numbers.ts'
import type { ProtoSink } from './sink.ts'
import { firstStop, stops } from './text.ts'

const QUOTE = 0x22
const COLON = 0x3a

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

/** Where the key had its closing quote that {@link copyPlainAttribute} has looked at last; 0 when it was an odd one. */
export let plainKeyEnd = 0

/**
 * The short way for what most of any request is: an attribute in the shape in which serialisers write it, without white
 * space, its key first, with a short text or a number in it. Returns 0 at any other, having done nothing but telling how
 * far the shape was right ({@link plainKeyEnd}).
 */
export function copyPlainAttribute(view: DataView, out: ProtoSink, tag: number, at: number): number {
  out.ensure(ROOM)
  // Bytes before the text of the key: tag, length, tag of the key, its length.
  const start = out.at
  plainKeyEnd = copyPlainKey(view, out, at, start + 4)
  if (plainKeyEnd === 0) return 0
  const keyLength = plainKeyEnd - at - KEY_AT - 1
  out.at = start + 4 + keyLength
  const end = copyPlainValue(view, out, plainKeyEnd + 12)
  const length = out.at - start - 2
  if (end === 0 || length > 127) {
    out.at = start
    return 0
  }
  out.view.setInt32(start, tag | (length << 8) | 0x0a0000 | (keyLength << 24), true)
  return end
}

/** Returns where `{"key":"…","value":{"` has its third quote but one; 0 when it is not that. */
function copyPlainKey(view: DataView, out: ProtoSink, at: number, put: number): number {
  if (view.getInt32(at, true) !== OPEN_1 || view.getInt32(at + 4, true) !== OPEN_2) return 0
  const end = copyShort(view, out.view, at + KEY_AT + 1, put)
  const plain =
    view.getInt32(end, true) === MIDDLE_1 &&
    view.getInt32(end + 4, true) === MIDDLE_2 &&
    view.getInt32(end + 8, true) === MIDDLE_3
  return plain ? end : 0
}

/** The value from its type on, with the marks that close it and the attribute; 0 when it is not plain. */
function copyPlainValue(view: DataView, out: ProtoSink, at: number): number {
  switch (view.getInt32(at, true)) {
    case STRING_1:
      return copyPlainString(view, out, at)
    case INT_1:
      return copyPlainInt(view, out, at)
    case DOUBLE_1:
      return copyPlainDouble(view, out, at)
    default:
      return 0
  }
}

/** `stringValue":"…"}}` at `at`, as the field `value` of the attribute. */
function copyPlainString(view: DataView, out: ProtoSink, at: number): number {
  if (
    view.getInt32(at + 4, true) !== STRING_2 ||
    view.getInt32(at + 8, true) !== STRING_3 ||
    view.getInt32(at + 10, true) !== STRING_4
  )
    return 0
  const from = at + 14
  const put = out.at
  const end = copyShort(view, out.view, from, put + 4)
  if (view.getInt16(end + 1, true) !== 0x7d7d) return 0
  const length = end - from
  out.view.setInt32(put, 0x0a0012 | ((length + 2) << 8) | (length << 24), true)
  out.at = put + 4 + length
  return end === 0 ? 0 : end + 3
}

/** `intValue":"…"}}` or `intValue":…}}` at `at`, for up to nine digits. */
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
  if (inQuotes && byte === QUOTE) end++
  else if (inQuotes) return 0
  if (view.getInt16(end, true) !== 0x7d7d) return 0
  const put = out.at
  out.at = put + 3
  out.putVarint(0, value)
  out.view.setInt16(put, 0x12 | ((out.at - put - 2) << 8), true)
  out.view.setUint8(put + 2, 0x18)
  return end + 2
}

/** `doubleValue":…}}` at `at`. */
function copyPlainDouble(view: DataView, out: ProtoSink, at: number): number {
  if (
    view.getInt32(at + 4, true) !== DOUBLE_2 ||
    view.getInt32(at + 8, true) !== DOUBLE_3 ||
    view.getUint8(at + 12) !== COLON
  )
    return 0
  const end = readShortDecimal(view, at + 13)
  if (end === 0 || view.getInt16(end, true) !== 0x7d7d) return 0
  out.view.setInt16(out.at, 0x0912, true)
  out.view.setUint8(out.at + 2, 0x21)
  out.at += 3
  out.putDouble(double)
  return end + 2
}

/** Copies text of up to 60 bytes up to its quote and returns where that is; 0 when it is longer or has escapes. */
function copyShort(view: DataView, to: DataView, from: number, put: number): number {
  for (let i = 0; i < TEXT_MAX; i += 8) {
    const a = view.getInt32((from + i) | 0, true)
    const b = view.getInt32((from + i + 4) | 0, true)
    to.setInt32((put + i) | 0, a, true)
    to.setInt32((put + i + 4) | 0, b, true)
    const marksA = stops(a)
    const marksB = stops(b)
    if ((marksA | marksB) !== 0) {
      const end = from + i + (marksA !== 0 ? firstStop(marksA) : 4 + firstStop(marksB))
      return view.getUint8(end) === QUOTE ? end : 0
    }
  }
  return 0
}
