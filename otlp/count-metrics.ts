import { Malformed } from './malformed.ts'
import { readLength, readVarint, skipField, varint } from './wire.ts'

/**
 * Number of data points in an ExportMetricsServiceRequest. Walks the nesting and no further: metrics pass through
 * unread, but counters must equal what senders counted, and bytes that are no request must be refused.
 *
 * Throws {@link Malformed}.
 */
export function countDataPoints(buf: Uint8Array): number {
  return countIn(buf, 0, buf.length, 0)
}

/** Field tags on the way down: request > resource metrics > scope metrics > metric > one of five kinds > points. */
const PATH: readonly (readonly number[])[] = [[0x0a], [0x12], [0x12], [0x2a, 0x3a, 0x4a, 0x52, 0x5a], [0x0a]]
const POINTS = PATH.length - 1

function countIn(buf: Uint8Array, from: number, end: number, level: number): number {
  const wanted = PATH[level]
  if (wanted === undefined) throw new Malformed('metrics nested deeper than their message', from)
  let count = 0
  let at = from
  while (at < end) {
    const next = readVarint(buf, at, end)
    const tag = varint
    if (wanted.includes(tag)) {
      const body = readLength(buf, next, end)
      at = body + varint
      count += level === POINTS ? 1 : countIn(buf, body, at, level + 1)
    } else {
      at = skipField(buf, tag, next, end)
    }
  }
  return count
}
