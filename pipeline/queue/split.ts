import { readLength, readVarint, skipField, varint, varintSize, writeVarint } from '../../otlp/wire.ts'

/*
 * Takes some of the items out of a request. Requests of all three signals have the same skeleton: the request holds
 * resource groups in field 1, each of those scope groups in field 2, each of those items (spans, log records, metrics) in
 * field 2. Everything else is copied as it is.
 */
const DEPTH_OF_ITEMS = 2
const RESOURCE_GROUPS = 0x0a
const GROUPS = 0x12

interface Range {
  /** Number of the next item in the request. */
  next: number
  readonly from: number
  readonly to: number
}

/** Number of items in the skeleton; metrics count as one each, whatever they hold. Throws on malformed bytes. */
export function countItems(request: Buffer): number {
  const range = { next: 0, from: 0, to: 0 }
  collect(request, 0, request.length, 0, range)
  return range.next
}

/** The same request with only the items numbered from `from` up to, not including, `to`; empty groups fall away. */
export function subset(request: Buffer, from: number, to: number): Buffer {
  return Buffer.concat(collect(request, 0, request.length, 0, { next: 0, from, to }).parts)
}

interface Collected {
  readonly parts: Uint8Array[]
  readonly length: number
  readonly hasItems: boolean
}

function collect(buf: Buffer, body: number, end: number, depth: number, range: Range): Collected {
  const parts: Uint8Array[] = []
  let length = 0
  let hasItems = false
  const wanted = depth === 0 ? RESOURCE_GROUPS : GROUPS
  for (let at = body; at < end; ) {
    const start = at
    at = readVarint(buf, at, end)
    const tag = varint
    if (tag !== wanted) {
      at = skipField(buf, tag, at, end)
      length += keep(parts, buf.subarray(start, at))
      continue
    }
    const inner = readLength(buf, at, end)
    at = inner + varint
    if (depth === DEPTH_OF_ITEMS) {
      const number = range.next++
      if (number < range.from || number >= range.to) continue
      hasItems = true
      length += keep(parts, buf.subarray(start, at))
    } else {
      const group = collect(buf, inner, at, depth + 1, range)
      if (!group.hasItems) continue
      hasItems = true
      length += keep(parts, prefix(tag, group.length)) + group.length
      for (const part of group.parts) parts.push(part)
    }
  }
  return { parts, length, hasItems }
}

function keep(parts: Uint8Array[], bytes: Uint8Array): number {
  parts.push(bytes)
  return bytes.length
}

function prefix(tag: number, length: number): Uint8Array {
  const out = new Uint8Array(1 + varintSize(length))
  out[0] = tag
  writeVarint(out, 1, length)
  return out
}
