import type { ItemIndex } from './item-index.ts'
import type { KeyTable } from './keys.ts'
import { Malformed } from './malformed.ts'
import { scanAttribute } from './scan-attribute.ts'
import { scanRun } from './scan-run.ts'
import { readFixed, readLength, readVarint, skipField, varint } from './wire.ts'

/**
 * A Span. The innermost loop of the product: what is common is done in place, in words of four bytes and on locals, which
 * is many times as fast as the same by calls; whatever is legal but odd (long varints, repeated fields, value before key,
 * groups …) goes to the functions that handle it all.
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
  let at = scanHead(view, body, end, i, index)
  while (at < end) {
    if (buf[at] === 0x4a) {
      at = scanRun(view, 0x4a, at, end, index, keys)
      if (at >= end) return
    }
    at = scanField(buf, view, at, end, i, index, keys)
  }
}

/** Ids, name, kind and times as every SDK writes them, one behind the other; nothing when they stand otherwise. Returns how far that went. */
function scanHead(view: DataView, body: number, end: number, i: number, index: ItemIndex): number {
  let at = body
  if (end - at < HEAD || view.getUint16(at, true) !== 0x100a || view.getUint16(at + 18, true) !== 0x0812) {
    blankItem(index, i)
    return at
  }
  at += 28
  const hasParent = view.getUint16(at, true) === 0x0822
  if (hasParent) at += 10
  const name = view.getUint16(at, true)
  const length = name >>> 8
  // Name, kind, start and end: 2 bytes around the name, 2 for the kind, 18 for the times.
  const kind = at + 2 + length
  if ((name & 0xff) !== 0x2a || length >= 0x80 || kind + 20 > end) {
    blankItem(index, i)
    return body
  }
  const word = view.getUint32(kind, true)
  if ((word & 0xff80ff) !== 0x390030 || view.getUint8(kind + 11) !== 0x41) {
    blankItem(index, i)
    return body
  }
  index.itemTrace[i] = isZero(view, body + 2, 16) ? -1 : body + 2
  index.itemSpan[i] = isZero(view, body + 20, 8) ? -1 : body + 20
  index.itemParent[i] = hasParent && !isZero(view, body + 30, 8) ? body + 30 : -1
  index.itemName[i] = at + 2
  index.itemNameLen[i] = length
  index.itemKind[i] = (word >>> 8) & 0x7f
  index.itemStart[i] = kind + 3
  index.itemFinish[i] = kind + 12
  return kind + 20
}

/** An item of which nothing is known yet. */
export function blankItem(index: ItemIndex, i: number): void {
  index.itemTrace[i] = -1
  index.itemSpan[i] = -1
  index.itemParent[i] = -1
  index.itemName[i] = -1
  index.itemNameLen[i] = 0
  index.itemStart[i] = -1
  index.itemFinish[i] = -1
  index.itemKind[i] = 0
}

/** What the first fields take at least: two ids, the beginning of a third, and a name's length. */
const HEAD = 42

/** One field of any kind; returns the offset behind it. */
function scanField(
  buf: Buffer,
  view: DataView,
  from: number,
  end: number,
  i: number,
  index: ItemIndex,
  keys: KeyTable,
): number {
  const tag = buf[from] as number
  if (tag >= 0x80) return scanSpanLongTag(buf, view, from, end, i, index, keys)
  if ((tag & 7) !== 2) return scanSpanScalar(buf, tag, from + 1, end, i, index)
  let at = from + 2
  let length = from + 1 < end ? (buf[from + 1] as number) : 0x80
  if (length >= 0x80) {
    at = readLength(buf, from + 1, end)
    length = varint
  } else if (at + length > end) throw new Malformed('field runs past the end of its item', from)
  if (tag !== 0x4a) scanSpanField(buf, view, tag, at, length, i, index)
  else if (scanAttribute(buf, view, from, at, at + length, index, keys)) index.itemOwn[i] = 1
  return at + length
}

/** Fields of a Span that have a length, but for its attributes: ids, name and status count, the rest passes. */
function scanSpanField(
  buf: Buffer,
  view: DataView,
  tag: number,
  at: number,
  length: number,
  i: number,
  index: ItemIndex,
): void {
  switch (tag) {
    case 0x0a:
      index.itemTrace[i] = checkedId(view, length, 16, at, 'trace id')
      break
    case 0x12:
      index.itemSpan[i] = checkedId(view, length, 8, at, 'span id')
      break
    case 0x22:
      index.itemParent[i] = checkedId(view, length, 8, at, 'parent span id')
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

/** @param length a multiple of 8 */
function isZero(view: DataView, at: number, length: number): boolean {
  for (let i = at; i < at + length; i += 8) {
    if ((view.getInt32(i, true) | view.getInt32(i + 4, true)) !== 0) return false
  }
  return true
}

/** The offset of an id that is whole, -1 of an empty one and of one of zeros, which OpenTelemetry calls invalid. */
export function checkedId(view: DataView, length: number, size: number, at: number, what: string): number {
  if (length === size) return isZero(view, at, size) ? -1 : at
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
  if (tag !== 0x4a) scanSpanField(buf, view, tag, body, varint, i, index)
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
