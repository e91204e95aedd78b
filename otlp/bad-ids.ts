import { Malformed } from './malformed.ts'
import { LEN, readLength, readVarint, skipField, varint, varintSize, writeVarint } from './wire.ts'

/** A request without the items that cannot be what they claim to be. */
export interface Rest {
  readonly bytes: Buffer
  /** Items left in it, and items that are gone. */
  readonly kept: number
  readonly dropped: number
}

/** Where the ids of an item stand: field numbers, each with the size that it must have unless it is empty. */
const IDS: Readonly<Record<'traces' | 'logs', ReadonlyMap<number, number>>> = {
  traces: new Map([
    [1, 16],
    [2, 8],
    [4, 8],
  ]),
  logs: new Map([
    [9, 16],
    [10, 8],
  ]),
}

/** Which field leads down from the request, from its resources and from their scopes. */
const WAY_DOWN = [1, 2, 2] as const

/**
 * What is left of a request when spans or log records with a trace or span id of a wrong length are taken out: they were
 * decoded and are invalid, which costs only them. Undefined when there are none, or when the bytes are no request at all.
 * Slow and rare: only for what the scan has refused.
 */
export function withoutBadIds(bytes: Buffer, signal: 'traces' | 'logs'): Rest | undefined {
  const counts = { kept: 0, dropped: 0 }
  try {
    const rest = rewritten(bytes, 0, IDS[signal], counts)
    return counts.dropped === 0 ? undefined : { bytes: rest, ...counts }
  } catch (error) {
    if (error instanceof Malformed) return undefined
    throw error
  }
}

type Ids = ReadonlyMap<number, number>
interface Counts {
  kept: number
  dropped: number
}

/** A message on the way down, without bad items; everything else stays byte for byte. */
function rewritten(message: Buffer, level: number, ids: Ids, counts: Counts): Buffer {
  const parts: Buffer[] = []
  for (let at = 0; at < message.length; ) {
    const from = at
    const next = readVarint(message, at, message.length)
    const tag = varint
    at = skipField(message, tag, next, message.length)
    if (tag === (((WAY_DOWN[level] ?? 0) << 3) | LEN)) {
      const body = message.subarray(readLength(message, next, message.length), at)
      parts.push(...inner(message.subarray(from, at), tag, body, level + 1, ids, counts))
    } else parts.push(message.subarray(from, at))
  }
  return Buffer.concat(parts)
}

function inner(field: Buffer, tag: number, body: Buffer, level: number, ids: Ids, counts: Counts): readonly Buffer[] {
  if (level === WAY_DOWN.length) {
    const bad = hasBadId(body, ids)
    counts[bad ? 'dropped' : 'kept']++
    return bad ? [] : [field]
  }
  const before = counts.dropped
  const changed = rewritten(body, level, ids, counts)
  if (counts.dropped === before) return [field]
  const head = Buffer.alloc(1 + varintSize(changed.length))
  head[0] = tag
  writeVarint(head, 1, changed.length)
  return [head, changed]
}

function hasBadId(item: Buffer, ids: Ids): boolean {
  for (let at = 0; at < item.length; ) {
    const next = readVarint(item, at, item.length)
    const tag = varint
    at = skipField(item, tag, next, item.length)
    const size = (tag & 7) === LEN ? ids.get(tag >>> 3) : undefined
    if (size === undefined) continue
    readLength(item, next, item.length)
    if (varint !== size && varint !== 0) return true
  }
  return false
}
