import type { ItemIndex } from './item-index.ts'
import { bucketOf, type KeyTable } from './keys.ts'
import { Malformed } from './malformed.ts'
import { addHit, checkValue, readValue, scanAttribute } from './scan-attribute.ts'
import { readFixed, readLength, readVarint, skipField, varint } from './wire.ts'

/**
 * One pass over an ExportTraceServiceRequest or ExportLogsServiceRequest that fills an {@link ItemIndex}.
 *
 * Both messages nest alike (request > resource > scope > items); only the items' own fields differ. What is looked at is
 * looked at strictly; what nobody wants is skipped by its length. The order of fields, repeated singular fields (the last
 * one wins), unknown fields, groups and non-minimal varints are all legal protobuf and all handled; the common shape of
 * each is merely tried first.
 *
 * Throws {@link Malformed}; the index is then unusable.
 */
export function scanItems(
  buf: Buffer,
  view: DataView,
  signal: 'traces' | 'logs',
  index: ItemIndex,
  keys: KeyTable,
): void {
  index.reset()
  const end = buf.length
  let at = 0
  while (at < end) {
    const next = readVarint(buf, at, end)
    const tag = varint
    if (tag === 0x0a) {
      const body = readLength(buf, next, end)
      at = body + varint
      scanResource(buf, view, next, body, at, signal, index, keys)
    } else {
      at = skipField(buf, tag, next, end)
    }
  }
}

function scanResource(
  buf: Buffer,
  view: DataView,
  lenAt: number,
  body: number,
  end: number,
  signal: 'traces' | 'logs',
  index: ItemIndex,
  keys: KeyTable,
): void {
  const r = index.resources++
  if (r === index.resourceLen.length) index.growResources()
  index.resourceLen[r] = lenAt
  index.resourceBody[r] = body
  index.resourceEnd[r] = end
  index.resourceHitFrom[r] = index.hits
  index.resourceHitTo[r] = index.hits
  index.resourceScopeFrom[r] = index.scopes
  let at = body
  while (at < end) {
    const next = readVarint(buf, at, end)
    const tag = varint
    if (tag === 0x12) {
      const inner = readLength(buf, next, end)
      at = inner + varint
      scanScope(buf, view, next, inner, at, r, signal, index, keys)
    } else if (tag === 0x0a) {
      const inner = readLength(buf, next, end)
      at = inner + varint
      index.resourceHitFrom[r] = index.hits
      scanAttributes(buf, view, inner, at, index, keys)
      index.resourceHitTo[r] = index.hits
    } else {
      at = skipField(buf, tag, next, end)
    }
  }
  index.resourceScopeTo[r] = index.scopes
}

/** A Resource: only its attributes matter. */
function scanAttributes(
  buf: Buffer,
  view: DataView,
  body: number,
  end: number,
  index: ItemIndex,
  keys: KeyTable,
): void {
  let at = body
  while (at < end) {
    const next = readVarint(buf, at, end)
    const tag = varint
    if (tag === 0x0a) {
      const inner = readLength(buf, next, end)
      const innerEnd = inner + varint
      scanAttribute(buf, view, at, inner, innerEnd, index, keys)
      at = innerEnd
    } else {
      at = skipField(buf, tag, next, end)
    }
  }
}

function scanScope(
  buf: Buffer,
  view: DataView,
  lenAt: number,
  body: number,
  end: number,
  resource: number,
  signal: 'traces' | 'logs',
  index: ItemIndex,
  keys: KeyTable,
): void {
  const s = index.scopes++
  if (s === index.scopeLen.length) index.growScopes()
  index.scopeLen[s] = lenAt
  index.scopeBody[s] = body
  index.scopeEnd[s] = end
  index.scopeResource[s] = resource
  index.scopeName[s] = -1
  index.scopeNameLen[s] = 0
  index.scopeVersion[s] = -1
  index.scopeVersionLen[s] = 0
  index.scopeHitFrom[s] = index.hits
  index.scopeHitTo[s] = index.hits
  index.scopeItemFrom[s] = index.items
  let at = body
  while (at < end) {
    const next = readVarint(buf, at, end)
    const tag = varint
    if (tag === 0x12) {
      const first = next + 1 < end ? (buf[next] as number) : 0
      const second = first < 0x80 ? 0x80 : (buf[next + 1] as number)
      let inner = next + 2
      // Items of 128 bytes to 16 KiB, nearly all.
      if (second < 0x80 && inner + ((first & 0x7f) | (second << 7)) <= end)
        at = inner + ((first & 0x7f) | (second << 7))
      else {
        inner = readLength(buf, next, end)
        at = inner + varint
      }
      const i = startItem(index, s, next, inner, at)
      if (signal === 'traces') scanSpan(buf, view, inner, at, i, index, keys)
      else scanLogRecord(buf, view, inner, at, i, index, keys)
      index.itemHitTo[i] = index.hits
    } else if (tag === 0x0a) {
      const inner = readLength(buf, next, end)
      at = inner + varint
      scanScopeInfo(buf, view, inner, at, s, index, keys)
    } else {
      at = skipField(buf, tag, next, end)
    }
  }
  index.scopeItemTo[s] = index.items
}

/** An InstrumentationScope: name = 1, version = 2, attributes = 3. */
function scanScopeInfo(
  buf: Buffer,
  view: DataView,
  body: number,
  end: number,
  s: number,
  index: ItemIndex,
  keys: KeyTable,
): void {
  index.scopeHitFrom[s] = index.hits
  let at = body
  while (at < end) {
    const from = at
    at = readVarint(buf, at, end)
    const tag = varint
    if (tag === 0x0a || tag === 0x12 || tag === 0x1a) {
      const inner = readLength(buf, at, end)
      const length = varint
      at = inner + length
      if (tag === 0x0a) {
        index.scopeName[s] = inner
        index.scopeNameLen[s] = length
      } else if (tag === 0x12) {
        index.scopeVersion[s] = inner
        index.scopeVersionLen[s] = length
      } else {
        scanAttribute(buf, view, from, inner, at, index, keys)
      }
    } else {
      at = skipField(buf, tag, at, end)
    }
  }
  index.scopeHitTo[s] = index.hits
}

function startItem(index: ItemIndex, scope: number, lenAt: number, body: number, end: number): number {
  const i = index.items++
  if (i === index.itemLen.length) index.growItems()
  index.itemLen[i] = lenAt
  index.itemBody[i] = body
  index.itemEnd[i] = end
  index.itemScope[i] = scope
  index.itemTrace[i] = -1
  index.itemSpan[i] = -1
  index.itemParent[i] = -1
  index.itemName[i] = -1
  index.itemNameLen[i] = 0
  index.itemStart[i] = -1
  index.itemFinish[i] = -1
  index.itemKind[i] = 0
  index.itemStatus[i] = 0
  index.itemOwn[i] = 0
  index.itemHitFrom[i] = index.hits
  return i
}

/**
 * A Span. The innermost loop of the product: what is common is done in place and on locals, which is six times as fast
 * as the same by calls; whatever is legal but odd (long varints, repeated fields, value before key, groups …) goes to
 * the functions that handle it all.
 */
function scanSpan(
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

function checkedId(length: number, size: number, at: number, what: string): number {
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

/** The offset of an id whose length is left in `varint`: all of it, or 0 for absent. */
function readId(buf: Uint8Array, at: number, end: number, size: number, what: string): number {
  const body = readLength(buf, at, end)
  if (varint !== size && varint !== 0) throw new Malformed(`${what} of ${varint} bytes`, body)
  return body
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

/** A LogRecord: time = 1, severity = 2, attributes = 6, trace = 9, span = 10, observed = 11, event name = 12. */
function scanLogRecord(
  buf: Buffer,
  view: DataView,
  body: number,
  end: number,
  i: number,
  index: ItemIndex,
  keys: KeyTable,
): void {
  let at = body
  while (at < end) {
    const from = at
    at = readVarint(buf, at, end)
    const tag = varint
    switch (tag) {
      case 0x32: {
        const body = readLength(buf, at, end)
        at = body + varint
        if (scanAttribute(buf, view, from, body, at, index, keys)) index.itemOwn[i] = 1
        break
      }
      case 0x09:
        index.itemStart[i] = at
        at = readFixed(at, 8, end)
        break
      case 0x59:
        index.itemFinish[i] = at
        at = readFixed(at, 8, end)
        break
      case 0x10:
        at = readVarint(buf, at, end)
        index.itemKind[i] = varint < 256 ? varint : 0
        break
      case 0x4a:
        at = readId(buf, at, end, 16, 'trace id')
        index.itemTrace[i] = varint === 0 ? -1 : at
        at += varint
        break
      case 0x52:
        at = readId(buf, at, end, 8, 'span id')
        index.itemSpan[i] = varint === 0 ? -1 : at
        at += varint
        break
      case 0x62:
        at = readLength(buf, at, end)
        index.itemName[i] = at
        index.itemNameLen[i] = varint
        at += varint
        break
      default:
        at = skipField(buf, tag, at, end)
    }
  }
}
