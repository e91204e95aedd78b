import type { ProtoSink } from './sink.ts'
import { firstStop, stops } from './text.ts'

const QUOTE = 0x22

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

/** More than an attribute that goes this way can take. */
const ROOM = 160
const TEXT_MAX = 60

/**
 * The short way for what most of any request is: an attribute in the shape in which serialisers write it, without white
 * space, its key first, with a short string or integer in it. Returns 0 at any other, having done nothing.
 */
export function copyPlainAttribute(view: DataView, out: ProtoSink, tag: number, at: number): number {
  if (view.getInt32(at, true) !== OPEN_1 || view.getInt32(at + 4, true) !== OPEN_2) return 0
  out.ensure(ROOM)
  // Bytes before the text of the key: tag, length, tag of the key, its length.
  const start = out.at
  const keyEnd = copyShort(view, out.view, at + 8, start + 4)
  const value = keyEnd + 12
  if (
    keyEnd === 0 ||
    view.getInt32(keyEnd, true) !== MIDDLE_1 ||
    view.getInt32(keyEnd + 4, true) !== MIDDLE_2 ||
    view.getInt32(keyEnd + 8, true) !== MIDDLE_3
  ) {
    return 0
  }
  const keyLength = keyEnd - at - 8
  const type = view.getInt32(value, true)
  out.at = start + 4 + keyLength
  const end =
    type === STRING_1 ? copyPlainString(view, out, value) : type === INT_1 ? copyPlainInt(view, out, value) : 0
  const length = out.at - start - 2
  if (end === 0 || length > 127) {
    out.at = start
    return 0
  }
  const to = out.view
  to.setInt32(start, tag | (length << 8) | 0x0a0000 | (keyLength << 24), true)
  return end
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

/** Copies text of up to 60 bytes up to its quote and returns where that is; 0 when it is longer or has escapes. */
function copyShort(view: DataView, to: DataView, from: number, put: number): number {
  for (let i = 0; i < TEXT_MAX; i += 4) {
    const text = view.getInt32(from + i, true)
    to.setInt32(put + i, text, true)
    const marks = stops(text)
    if (marks !== 0) {
      const end = from + i + firstStop(marks)
      return view.getUint8(end) === QUOTE ? end : 0
    }
  }
  return 0
}
