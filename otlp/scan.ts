import type { ItemIndex } from './item-index.ts'
import { bucketOf, type KeyTable } from './keys.ts'
import { Malformed } from './malformed.ts'
import { scanAttribute } from './scan-attribute.ts'
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
export function scanItems(buf: Buffer, signal: 'traces' | 'logs', index: ItemIndex, keys: KeyTable): void {
  index.reset()
  const end = buf.length
  let at = 0
  while (at < end) {
    const next = readVarint(buf, at, end)
    const tag = varint
    if (tag === 0x0a) {
      const body = readLength(buf, next, end)
      at = body + varint
      scanResource(buf, next, body, at, signal, index, keys)
    } else {
      at = skipField(buf, tag, next, end)
    }
  }
}

function scanResource(
  buf: Buffer,
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
      scanScope(buf, next, inner, at, r, signal, index, keys)
    } else if (tag === 0x0a) {
      const inner = readLength(buf, next, end)
      at = inner + varint
      index.resourceHitFrom[r] = index.hits
      scanAttributeHolder(buf, inner, at, 0x0a, index, keys)
      index.resourceHitTo[r] = index.hits
    } else {
      at = skipField(buf, tag, next, end)
    }
  }
  index.resourceScopeTo[r] = index.scopes
}

/** A Resource: only its attributes matter. */
function scanAttributeHolder(
  buf: Buffer,
  body: number,
  end: number,
  attributesTag: number,
  index: ItemIndex,
  keys: KeyTable,
): void {
  let at = body
  while (at < end) {
    const next = readVarint(buf, at, end)
    const tag = varint
    if (tag === attributesTag) {
      const inner = readLength(buf, next, end)
      const innerEnd = inner + varint
      scanAttribute(buf, at, inner, innerEnd, index, keys)
      at = innerEnd
    } else {
      at = skipField(buf, tag, next, end)
    }
  }
}

function scanScope(
  buf: Buffer,
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
      const inner = readLength(buf, next, end)
      at = inner + varint
      const i = startItem(index, s, next, inner, at)
      if (signal === 'traces') scanSpan(buf, inner, at, i, index, keys)
      else scanLogRecord(buf, inner, at, i, index, keys)
      index.itemHitTo[i] = index.hits
    } else if (tag === 0x0a) {
      const inner = readLength(buf, next, end)
      at = inner + varint
      scanScopeInfo(buf, inner, at, s, index, keys)
    } else {
      at = skipField(buf, tag, next, end)
    }
  }
  index.scopeItemTo[s] = index.items
}

/** An InstrumentationScope: name = 1, version = 2, attributes = 3. */
function scanScopeInfo(buf: Buffer, body: number, end: number, s: number, index: ItemIndex, keys: KeyTable): void {
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
        scanAttribute(buf, from, inner, at, index, keys)
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

function scanSpan(buf: Buffer, body: number, end: number, i: number, index: ItemIndex, keys: KeyTable): void {
  let at = body
  while (at < end) {
    const from = at
    let tag = buf[at++] as number
    if (tag === 0x4a) {
      // Attributes are most of a span, and most of them are wanted by nobody: those are passed over right here.
      let body = at + 1
      let length = buf[at] as number
      if (length >= 0x80) {
        body = readLength(buf, at, end)
        length = varint
      }
      at = body + length
      if (at > end) throw new Malformed('attribute runs past the end of its item', body)
      const keyLength = buf[body + 1] as number
      const valueTag = body + 2 + keyLength
      if (
        buf[body] === 0x0a &&
        keyLength - 1 < 0x7f &&
        buf[valueTag] === 0x12 &&
        isUnwanted(buf, body + 2, keyLength, keys)
      ) {
        const value = valueTag + 2
        const size = at - value
        if (buf[valueTag + 1] === size && size >= 2 && isPlain(buf, value, size)) continue
      }
      if (scanAttribute(buf, from, body, at, index, keys)) index.itemOwn[i] = 1
      continue
    }
    if (tag >= 0x80) {
      at = readVarint(buf, from, end)
      tag = varint
    }
    switch (tag) {
      case 0x0a:
        at = readId(buf, at, end, 16, 'trace id')
        index.itemTrace[i] = varint === 0 ? -1 : at
        at += varint
        break
      case 0x12:
        at = readId(buf, at, end, 8, 'span id')
        index.itemSpan[i] = varint === 0 ? -1 : at
        at += varint
        break
      case 0x22:
        at = readId(buf, at, end, 8, 'parent span id')
        index.itemParent[i] = varint === 0 ? -1 : at
        at += varint
        break
      case 0x2a:
        at = readLength(buf, at, end)
        index.itemName[i] = at
        index.itemNameLen[i] = varint
        at += varint
        break
      case 0x30:
        at = readVarint(buf, at, end)
        index.itemKind[i] = varint < 256 ? varint : 0
        break
      case 0x39:
        index.itemStart[i] = at
        at = readFixed(at, 8, end)
        break
      case 0x41:
        index.itemFinish[i] = at
        at = readFixed(at, 8, end)
        break
      case 0x7a: {
        const inner = readLength(buf, at, end)
        at = inner + varint
        scanStatus(buf, inner, at, i, index)
        break
      }
      default:
        at = skipField(buf, tag, at, end)
    }
  }
}

/** The offset of an id whose length is left in `varint`: all of it, or 0 for absent. */
function readId(buf: Uint8Array, at: number, end: number, size: number, what: string): number {
  const body = readLength(buf, at, end)
  if (varint !== size && varint !== 0) throw new Malformed(`${what} of ${varint} bytes`, body)
  return body
}

function isUnwanted(buf: Uint8Array, at: number, length: number, keys: KeyTable): boolean {
  const bucket = bucketOf(buf, at, length, keys.mul0, keys.mul1) & keys.mask
  return (keys.heads[bucket] as number) < 0 && keys.prefixFirstByte[buf[at] as number] === 0
}

/** An AnyValue that is one short string, one double, or one int or bool of a byte: well-formed without a closer look. */
function isPlain(buf: Uint8Array, at: number, size: number): boolean {
  const tag = buf[at] as number
  if (tag === 0x0a) return buf[at + 1] === size - 2
  if (tag === 0x21) return size === 9
  return (tag === 0x18 || tag === 0x10) && size === 2 && (buf[at + 1] as number) < 0x80
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
function scanLogRecord(buf: Buffer, body: number, end: number, i: number, index: ItemIndex, keys: KeyTable): void {
  let at = body
  while (at < end) {
    const from = at
    at = readVarint(buf, at, end)
    const tag = varint
    switch (tag) {
      case 0x32: {
        const body = readLength(buf, at, end)
        at = body + varint
        if (scanAttribute(buf, from, body, at, index, keys)) index.itemOwn[i] = 1
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
