import type { ItemIndex } from './item-index.ts'
import type { KeyTable } from './keys.ts'
import { scanAttribute } from './scan-attribute.ts'
import { scanLogRecord } from './scan-log.ts'
import { scanRun } from './scan-run.ts'
import { scanSpan } from './scan-span.ts'
import { readLength, readVarint, skipField, varint } from './wire.ts'

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
  index.resourceInfo[r] = body
  index.resourceInfoEnd[r] = body
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
      index.resourceInfo[r] = inner
      index.resourceInfoEnd[r] = at
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
    at = scanRun(view, 0x0a, at, end, index, keys)
    if (at >= end) return
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
  index.scopeInfo[s] = body
  index.scopeInfoEnd[s] = body
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
      index.scopeInfo[s] = inner
      index.scopeInfoEnd[s] = at
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
  index.itemStatus[i] = 0
  index.itemOwn[i] = 0
  index.itemHitFrom[i] = index.hits
  return i
}
