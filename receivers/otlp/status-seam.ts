// Temporary: otlp/status.ts replaces it.
import type { Signal } from '../../pipeline/component.ts'
import { varintSize, writeVarint } from '../../otlp/wire.ts'
export interface Status { readonly code: number; readonly message: string; readonly retryAfterMs?: number | undefined }
function field(tag: number, body: Buffer): Buffer {
  const out = Buffer.alloc(1 + varintSize(body.length)); out[0] = tag; writeVarint(out, 1, body.length)
  return Buffer.concat([out, body])
}
const int = (tag: number, n: number): Buffer => { const out = Buffer.alloc(1 + varintSize(n)); out[0] = tag; writeVarint(out, 1, n); return out }
export function encodeStatus(s: Status, json: boolean): Buffer {
  if (json) {
    const details = s.retryAfterMs === undefined ? {} : { details: [{ '@type': 'type.googleapis.com/google.rpc.RetryInfo', retryDelay: `${s.retryAfterMs / 1000}s` }] }
    return Buffer.from(JSON.stringify({ code: s.code, message: s.message, ...details }))
  }
  const parts = [int(8, s.code), field(0x12, Buffer.from(s.message))]
  if (s.retryAfterMs !== undefined) {
    const duration = Buffer.concat([int(8, Math.floor(s.retryAfterMs / 1000)), int(16, Math.round((s.retryAfterMs % 1000) * 1e6))])
    parts.push(field(0x1a, Buffer.concat([field(0x0a, Buffer.from('type.googleapis.com/google.rpc.RetryInfo')), field(0x12, field(0x0a, duration))])))
  }
  return Buffer.concat(parts)
}
export function encodeResponse(signal: Signal, partial: { rejected: number; message: string } | undefined, json: boolean): Buffer {
  if (partial === undefined) return Buffer.from(json ? '{}' : '')
  const name = { traces: 'rejectedSpans', logs: 'rejectedLogRecords', metrics: 'rejectedDataPoints' }[signal]
  if (json) return Buffer.from(JSON.stringify({ partialSuccess: { [name]: String(partial.rejected), errorMessage: partial.message } }))
  return field(0x0a, Buffer.concat([int(8, partial.rejected), field(0x12, Buffer.from(partial.message))]))
}
export function httpStatusOf(code: number): number {
  return { 1: 503, 3: 400, 4: 503, 7: 403, 8: 429, 10: 503, 11: 503, 12: 404, 14: 503, 15: 503, 16: 401 }[code] ?? 500
}
