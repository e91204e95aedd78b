import type { ItemIndex } from './item-index.ts'
import { bucketOf, type KeyTable } from './keys.ts'
import { Malformed } from './malformed.ts'
import { addHit, checkValue, readValue, scanAttribute } from './scan-attribute.ts'
import { readFixed, readLength, readVarint, skipField, varint } from './wire.ts'

/**
 * A Span. The innermost loop of the product: what is common is done in place and on locals, which is six times as fast
 * as the same by calls; whatever is legal but odd (long varints, repeated fields, value before key, groups …) goes to
 * the functions that handle it all.
 */
export function scanSpan(
  buf: Buffer,
  view: DataView,
  body: number,
  end: number,
  i: number,
  index: ItemIndex,
  keys: KeyTable,
): void {
  const { heads, mul0, mul1, shift, prefixFirstByte } = keys
  let at = body
  while (at < end) {
    const from = at
    const tag = buf[at] as number
    if ((tag & 0x87) !== 2) {
      at =
        tag < 0x80
          ? scanSpanScalar(buf, tag, at + 1, end, i, index)
          : scanSpanLongTag(buf, view, at, end, i, index, keys)
      continue
    }
    // A length of one or two bytes, nearly always.
    let length = at + 1 < end ? (buf[at + 1] as number) : 0x80
    at += 2
    if (length >= 0x80) {
      at = readLength(buf, from + 1, end)
      length = varint
    } else if (at + length > end) throw new Malformed('field runs past the end of its item', from)
    const next = at + length
    if (tag !== 0x4a) {
      scanSpanField(buf, tag, at, length, i, index)
      at = next
      continue
    }
    const keyLength = length > 9 ? (buf[at + 1] as number) : 0
    const key = at + 2
    const value = key + keyLength
    // A key of 4 to 127 bytes, then a value that fills the rest.
    if ((keyLength - 4) >>> 0 < 124 && buf[at] === 0x0a && value + 4 <= next && buf[value] === 0x12) {
      const size = next - value - 2
      const type = buf[value + 2] as number
      const inner = buf[value + 3] as number
      if (buf[value + 1] === size && size < 0x80) {
        const bucket = bucketOf(view, key, keyLength, mul0, mul1) >>> shift
        const isString = type === 0x0a && inner === size - 2
        if ((heads[bucket] as number) < 0 && prefixFirstByte[buf[key] as number] === 0) {
          // Wanted by nobody, as most are: its value is looked at only as far as it may be malformed.
          at = next
          if (isString || ((type & 0xf7) === 0x10 && size === 2 && inner < 0x80)) continue
          if (type !== 0x21 || size !== 9) checkValue(buf, value + 2, next)
          continue
        }
        const id = keys.matchAt(view, key, keyLength, bucket)
        if (id >= 0) {
          const h = addHit(index, id, from)
          if (isString) {
            index.hitType[h] = 1
            index.hitAt[h] = value + 4
            index.hitLen[h] = size - 2
          } else readValue(buf, view, value + 2, next, index, h)
          if (keys.own[id] === 1) index.itemOwn[i] = 1
        } else if (!isString) checkValue(buf, value + 2, next)
        at = next
        continue
      }
    }
    if (scanAttribute(buf, view, from, at, next, index, keys)) index.itemOwn[i] = 1
    at = next
  }
}

/** Fields of a Span that have a length, but for its attributes: ids, name and status count, the rest passes. */
function scanSpanField(buf: Buffer, tag: number, at: number, length: number, i: number, index: ItemIndex): void {
  switch (tag) {
    case 0x0a:
      index.itemTrace[i] = checkedId(length, 16, at, 'trace id')
      break
    case 0x12:
      index.itemSpan[i] = checkedId(length, 8, at, 'span id')
      break
    case 0x22:
      index.itemParent[i] = checkedId(length, 8, at, 'parent span id')
      break
    case 0x2a:
      index.itemName[i] = at
      index.itemNameLen[i] = length
      break
    case 0x7a:
      if (length > 0) scanStatus(buf, at, at + length, i, index)
      break
    case 0x02:
      throw new Malformed('field number 0', at)
    default:
  }
}

/** The offset of an id that is whole, -1 of an empty one. */
export function checkedId(length: number, size: number, at: number, what: string): number {
  if (length === size) return at
  if (length !== 0) throw new Malformed(`${what} of ${length} bytes`, at)
  return -1
}

/** A field of a Span that has no length, by the tag that ends at `at`; returns the offset behind it. */
function scanSpanScalar(buf: Buffer, tag: number, at: number, end: number, i: number, index: ItemIndex): number {
  switch (tag) {
    case 0x30: {
      const next = readVarint(buf, at, end)
      index.itemKind[i] = varint < 256 ? varint : 0
      return next
    }
    case 0x39:
      index.itemStart[i] = at
      return readFixed(at, 8, end)
    case 0x41:
      index.itemFinish[i] = at
      return readFixed(at, 8, end)
    default:
      return skipField(buf, tag, at, end)
  }
}

/** A field of a Span whose tag takes more than a byte: its flags, an unknown field, or a known one padded. */
function scanSpanLongTag(
  buf: Buffer,
  view: DataView,
  from: number,
  end: number,
  i: number,
  index: ItemIndex,
  keys: KeyTable,
): number {
  // Flags, field 16, which every span of a current SDK has.
  if (from + 6 <= end && buf[from] === 0x85 && buf[from + 1] === 0x01) return from + 6
  const at = readVarint(buf, from, end)
  const tag = varint
  if (tag > 0x7f || (tag & 7) !== 2) return scanSpanScalar(buf, tag, at, end, i, index)
  const body = readLength(buf, at, end)
  const next = body + varint
  if (tag !== 0x4a) scanSpanField(buf, tag, body, varint, i, index)
  else if (scanAttribute(buf, view, from, body, next, index, keys)) index.itemOwn[i] = 1
  return next
}

/** A Status: message = 2, code = 3. */
function scanStatus(buf: Buffer, body: number, end: number, i: number, index: ItemIndex): void {
  let at = body
  while (at < end) {
    at = readVarint(buf, at, end)
    const tag = varint
    if (tag === 0x18) {
      at = readVarint(buf, at, end)
      index.itemStatus[i] = varint < 256 ? varint : 0
    } else {
      at = skipField(buf, tag, at, end)
    }
  }
}
