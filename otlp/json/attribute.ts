import type { ProtoSink } from './sink.ts'
import { CLOSE_BRACE, type JsonSource, QUOTE } from './source.ts'
import { firstStop, stops } from './text.ts'

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
const INT_1 = word('intV')
const INT_2 = word('alue')

const MAX = 256
const TEXT_MAX = 60

/**
 * The short way for what most of any request is: an attribute in the shape in which serialisers write them, without white
 * space, its key first, with a short string or integer in it. Returns 0 at any other; then nothing has happened.
 */
export function copyPlainAttribute(src: JsonSource, out: ProtoSink, tag: number, at: number): number {
  const { view, bytes } = src
  if (at + MAX > src.end || view.getInt32(at, true) !== OPEN_1 || view.getInt32(at + 4, true) !== OPEN_2) return 0
  out.ensure(MAX)
  const start = out.at
  const to = out.bytes
  // tag, length, then the key with its tag and length
  const keyEnd = copyShort(src, out, at + 8, start + 4)
  if (keyEnd === 0) return 0
  const keyLength = keyEnd - at - 8
  if (view.getInt32(keyEnd, true) !== MIDDLE_1 || view.getInt32(keyEnd + 4, true) !== MIDDLE_2 || view.getInt32(keyEnd + 8, true) !== MIDDLE_3) return 0
  const type = keyEnd + 12
  const put = start + 4 + keyLength
  if (view.getInt32(type, true) === STRING_1) {
    if (view.getInt32(type + 4, true) !== STRING_2 || view.getInt32(type + 8, true) !== STRING_3 || view.getInt16(type + 12, true) !== 0x223a) return 0
    const end = copyShort(src, out, type + 14, put + 4)
    if (end === 0 || view.getInt32(end - 1, true) >>> 8 !== 0x7d7d22) return 0
    const length = end - type - 14
    const total = keyLength + length + 6
    if (total > 127) return 0
    to[start] = tag
    to[start + 1] = total
    to[start + 2] = 0x0a
    to[start + 3] = keyLength
    to[put] = 0x12
    to[put + 1] = length + 2
    to[put + 2] = 0x0a
    to[put + 3] = length
    out.at = put + 4 + length
    return end + 3
  }
  return 0
}

/** Copies text of up to 60 bytes up to its quote; 0 when it is longer or has escapes. */
function copyShort(src: JsonSource, out: ProtoSink, from: number, to: number): number {
  const source = src.view
  const target = out.view
  for (let i = 0; i < TEXT_MAX; i += 4) {
    const text = source.getInt32(from + i, true)
    target.setInt32(to + i, text, true)
    const marks = stops(text)
    if (marks !== 0) {
      const end = from + i + firstStop(marks)
      return src.bytes[end] === QUOTE ? end : 0
    }
  }
  return 0
}
