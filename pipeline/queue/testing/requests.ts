import { readLength, readVarint, skipField, varint } from '../../../otlp/wire.ts'

const field = (tag: number, ...parts: Uint8Array[]): Buffer => {
  const body = Buffer.concat(parts)
  const length = body.length
  const prefix = [tag]
  let rest = length
  for (; rest > 0x7f; rest >>>= 7) prefix.push((rest & 0x7f) | 0x80)
  prefix.push(rest)
  return Buffer.concat([Buffer.from(prefix), body])
}

/** An ExportTraceServiceRequest of one group whose spans are named like this. Each may be padded to be larger. */
export function request(ids: readonly string[], padding = 0): Buffer {
  const spans = ids.map((id) =>
    field(0x12, field(0x2a, Buffer.from(id)), ...(padding > 0 ? [field(0x1a, Buffer.alloc(padding, 0x61))] : [])),
  )
  const scope = field(0x0a, field(0x0a, Buffer.from('test')))
  return field(0x0a, field(0x0a), field(0x12, scope, ...spans), field(0x1a, Buffer.from('https://schema')))
}

/** One request with a group of its own for each span. */
export const requestOfGroups = (ids: readonly string[]): Buffer => Buffer.concat(ids.map((id) => request([id])))

/** The names of all spans, in order. */
export function idsIn(bytes: Buffer): string[] {
  const ids: string[] = []
  walk(bytes, 0, bytes.length, 0, ids)
  return ids
}

const PATH = [0x0a, 0x12, 0x12, 0x2a]

function walk(buf: Buffer, body: number, end: number, depth: number, ids: string[]): void {
  for (let at = body; at < end; ) {
    at = readVarint(buf, at, end)
    const tag = varint
    if (tag !== PATH[depth]) {
      at = skipField(buf, tag, at, end)
      continue
    }
    const inner = readLength(buf, at, end)
    at = inner + varint
    if (depth === PATH.length - 1) ids.push(buf.toString('utf8', inner, at))
    else walk(buf, inner, at, depth + 1, ids)
  }
}
