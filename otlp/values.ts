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
      if (isValue(tag)) text = undefined
    }
  }
  return text
}

/** The numbers of a kvlist's bytes by key, ints and doubles alike; values of other types are left out. Never throws. */
export function numbersIn(bytes: Buffer): Record<string, number> {
  const found: Record<string, number> = {}
  try {
    for (let at = 0; at < bytes.length; ) {
      const next = readVarint(bytes, at, bytes.length)
      const tag = varint
      if (tag !== 0x0a) {
        at = skipField(bytes, tag, next, bytes.length)
        continue
      }
      const body = readLength(bytes, next, bytes.length)
      at = body + varint
      readNumber(bytes, body, at, found)
    }
  } catch {
    // What is broken ends here; what came before it counts.
  }
  return found
}

/** One KeyValue. */
function readNumber(bytes: Buffer, from: number, end: number, found: Record<string, number>): void {
  let key = ''
  let value: number | undefined
  for (let at = from; at < end; ) {
    const next = readVarint(bytes, at, end)
    const tag = varint
    if (tag !== 0x0a && tag !== 0x12) {
      at = skipField(bytes, tag, next, end)
      continue
    }
    const body = readLength(bytes, next, end)
    at = body + varint
    if (tag === 0x0a) key = bytes.toString('utf8', body, at)
    else value = numberIn(bytes, body, at, value)
  }
  if (value !== undefined) found[key] = value
}

/** The number of an AnyValue; `before` when it says nothing, since a message that stands twice is one. */
function numberIn(bytes: Buffer, from: number, end: number, before: number | undefined): number | undefined {
  let value = before
  for (let at = from; at < end; ) {
    const next = readVarint(bytes, at, end)
    const tag = varint
    if (tag === 0x18) {
      at = readVarint(bytes, next, end)
      value = varint
    } else {
      at = skipField(bytes, tag, next, end)
      if (tag === 0x21) value = bytes.readDoubleLE(next)
      else if (isValue(tag)) value = undefined
    }
  }
  return value
}

/** Whether a field is one of those of which the last one counts. */
const isValue = (tag: number): boolean => tag >>> 3 >= 1 && tag >>> 3 <= 8
