import type { ItemIndex } from './item-index.ts'
import type { KeyTable } from './keys.ts'
import { readFixed, readInt64, readLength, readVarint, skipField, varint } from './wire.ts'

/**
 * One KeyValue. The common shape (key first, then a value that fills the rest) is read in place; everything else that
 * is legal goes through {@link scanOddAttribute}. Returns whether the key is of our own namespace.
 */
export function scanAttribute(
  buf: Buffer,
  from: number,
  body: number,
  end: number,
  index: ItemIndex,
  keys: KeyTable,
): boolean {
  const keyLength = buf[body + 1] as number
  const keyAt = body + 2
  const valueTag = keyAt + keyLength
  if (buf[body] !== 0x0a || keyLength >= 0x80 || valueTag + 2 > end || buf[valueTag] !== 0x12) {
    return scanOddAttribute(buf, from, body, end, index, keys)
  }
  let value = valueTag + 2
  let length = buf[valueTag + 1] as number
  if (length >= 0x80) {
    value = readLength(buf, valueTag + 1, end)
    length = varint
  }
  if (value + length !== end) return scanOddAttribute(buf, from, body, end, index, keys)
  const key = keys.match(buf, keyAt, keyLength)
  if (key < 0) {
    // A string that fills its AnyValue, as most values are, needs no closer look.
    if (length < 2 || buf[value] !== 0x0a || buf[value + 1] !== length - 2) checkValue(buf, value, end)
    return false
  }
  const h = addHit(buf, index, key, keyAt, keyLength, from, end)
  if (length >= 2 && buf[value] === 0x0a && buf[value + 1] === length - 2) {
    index.hitType[h] = 1
    index.hitAt[h] = value + 2
    index.hitLen[h] = length - 2
  } else {
    readValue(buf, value, end, index, h)
  }
  return keys.own[key] === 1
}

/** Any order, repeated or missing fields, unknown ones: the last key and the last value win, as protobuf has it. */
function scanOddAttribute(
  buf: Buffer,
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
  const key = keys.match(buf, keyAt, keyLength)
  if (key < 0) return false
  const h = addHit(buf, index, key, keyAt, keyLength, from, end)
  if (value >= 0) readValue(buf, value, valueEnd, index, h)
  return keys.own[key] === 1
}

function addHit(
  buf: Buffer,
  index: ItemIndex,
  key: number,
  keyAt: number,
  keyLength: number,
  from: number,
  to: number,
): number {
  const h = index.hits++
  if (h === index.hitKey.length) index.growHits()
  index.hitKey[h] = key
  index.hitKeyAt[h] = keyAt
  index.hitKeyLen[h] = keyLength
  index.hitType[h] = 0
  index.hitAt[h] = buf.length
  index.hitLen[h] = 0
  index.hitNum[h] = Number.NaN
  index.hitFrom[h] = from
  index.hitTo[h] = to
  return h
}

/** Structure of an AnyValue that nobody wants: its fields must fit; what is inside strings is not ours to judge. */
function checkValue(buf: Buffer, body: number, end: number): void {
  let at = body
  while (at < end) {
    at = readVarint(buf, at, end)
    at = skipField(buf, varint, at, end)
  }
}

const doubles = new Float64Array(1)
const doubleBytes = new Uint8Array(doubles.buffer)

/** An AnyValue into hit `h`. A oneof: the last field that is set wins. */
function readValue(buf: Buffer, body: number, end: number, index: ItemIndex, h: number): void {
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
        for (let b = 0; at + 8 <= end && b < 8; b++) doubleBytes[b] = buf[at + b] as number
        at = readFixed(at, 8, end)
        index.hitNum[h] = doubles[0] as number
        break
      default:
        at = skipField(buf, tag, at, end)
    }
  }
}
