import type { ItemIndex } from './item-index.ts'
import type { KeyTable } from './keys.ts'
import { readFixed, readInt64, readLength, readVarint, skipField, varint } from './wire.ts'

/**
 * One KeyValue whose body is `[body, end)` and whose field begins at `from`. Any order of key and value, repeated,
 * missing and unknown fields: the last key and the last value win, as protobuf has it. Returns whether the key is of our
 * own namespace.
 */
export function scanAttribute(
  buf: Buffer,
  view: DataView,
  from: number,
  body: number,
  end: number,
  index: ItemIndex,
  keys: KeyTable,
): boolean {
  let keyAt = body
  let keyLength = 0
  let value = -1
  let valueEnd = -1
  let at = body
  while (at < end) {
    at = readVarint(buf, at, end)
    const tag = varint
    if (tag === 0x0a) {
      keyAt = readLength(buf, at, end)
      keyLength = varint
      at = keyAt + keyLength
    } else if (tag === 0x12) {
      value = readLength(buf, at, end)
      valueEnd = value + varint
      checkValue(buf, value, valueEnd)
      at = valueEnd
    } else {
      at = skipField(buf, tag, at, end)
    }
  }
  const key = keys.match(view, keyAt, keyLength)
  if (key < 0) return false
  const h = addHit(index, key, from)
  if (value >= 0) readValue(buf, view, value, valueEnd, index, h)
  return keys.own[key] === 1
}

/** A hit of a wanted key, its value still absent. */
export function addHit(index: ItemIndex, key: number, from: number): number {
  const h = index.hits++
  if (h === index.hitKey.length) index.growHits()
  index.hitKey[h] = key
  index.hitType[h] = 0
  index.hitAt[h] = from
  index.hitLen[h] = 0
  index.hitFrom[h] = from
  return h
}

/** Where the key of an attribute stands that {@link attributeAt} looked at last, and where its field ends. */
export let keyFrom = 0
export let keySize = 0
export let attributeEnd = 0

/** Looks again at the attribute whose field begins at `from`; it was scanned before, so it is well-formed. */
export function attributeAt(buf: Buffer, from: number): void {
  let at = readLength(buf, readVarint(buf, from, buf.length), buf.length)
  const end = at + varint
  keySize = 0
  while (at < end) {
    at = readVarint(buf, at, end)
    const tag = varint
    if (tag === 0x0a) {
      keyFrom = readLength(buf, at, end)
      keySize = varint
      at = keyFrom + keySize
    } else {
      at = skipField(buf, tag, at, end)
    }
  }
  attributeEnd = end
}

/** Structure of an AnyValue that nobody wants: its fields must fit; what is inside strings is not ours to judge. */
export function checkValue(buf: Buffer, body: number, end: number): void {
  let at = body
  while (at < end) {
    at = readVarint(buf, at, end)
    at = skipField(buf, varint, at, end)
  }
}

/** An AnyValue into hit `h`. A oneof: the last field that is set wins. */
export function readValue(buf: Buffer, view: DataView, body: number, end: number, index: ItemIndex, h: number): void {
  if (buf[body] === 0x18 && end - body <= 4 && (buf[end - 1] as number) < 0x80) {
    // A count of up to three bytes, as most are; a byte without the high bit before the last is no varint's middle.
    let value = buf[end - 1] as number
    let at = end - 2
    for (; at > body && (buf[at] as number) >= 0x80; at--) value = (value << 7) | ((buf[at] as number) & 0x7f)
    if (at === body) {
      index.hitType[h] = 3
      index.hitAt[h] = body + 1
      index.hitLen[h] = end - body - 1
      index.hitNum[h] = value
      return
    }
  }
  let at = body
  while (at < end) {
    at = readVarint(buf, at, end)
    const tag = varint
    switch (tag) {
      case 0x0a:
      case 0x2a:
      case 0x32:
      case 0x3a:
        at = readLength(buf, at, end)
        index.hitType[h] = tag >>> 3
        index.hitAt[h] = at
        index.hitLen[h] = varint
        at += varint
        break
      case 0x10:
      case 0x18: {
        const from = at
        at = readVarint(buf, at, end)
        index.hitType[h] = tag >>> 3
        index.hitAt[h] = from
        index.hitLen[h] = at - from
        index.hitNum[h] = at - from > 7 ? Number(readInt64(buf, from)) : varint
        break
      }
      case 0x21:
        index.hitType[h] = 4
        index.hitAt[h] = at
        index.hitLen[h] = 8
        at = readFixed(at, 8, end)
        index.hitNum[h] = view.getFloat64(at - 8, true)
        break
      default:
        at = skipField(buf, tag, at, end)
    }
  }
}
