import { readLength, readVarint, skipField, varint } from './wire.ts'

/** The strings of an ArrayValue's bytes; values of other types are left out. Throws `Malformed`. */
export function stringsIn(bytes: Buffer): string[] {
  const found: string[] = []
  let at = 0
  while (at < bytes.length) {
    const next = readVarint(bytes, at, bytes.length)
    const tag = varint
    if (tag !== 0x0a) {
      at = skipField(bytes, tag, next, bytes.length)
      continue
    }
    const body = readLength(bytes, next, bytes.length)
    at = body + varint
    const text = stringIn(bytes, body, at)
    if (text !== undefined) found.push(text)
  }
  return found
}

/** The string of an AnyValue. */
function stringIn(bytes: Buffer, from: number, end: number): string | undefined {
  let text: string | undefined
  let at = from
  while (at < end) {
    const next = readVarint(bytes, at, end)
    const tag = varint
    if (tag === 0x0a) {
      const body = readLength(bytes, next, end)
      at = body + varint
      text = bytes.toString('utf8', body, at)
    } else {
      at = skipField(bytes, tag, next, end)
      text = undefined
    }
  }
  return text
}
