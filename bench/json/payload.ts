import { decodeRequest } from '../../test/support/oracle.ts'
import { type Mix, tracePayload } from '../payloads.ts'

const IDS = new Set(['traceId', 'spanId', 'parentSpanId'])

/** The same request as {@link tracePayload} makes, as an SDK would send it in JSON. */
export function jsonPayload(count: number, mix: Mix, seed: number): Buffer {
  const request = decodeRequest('traces', tracePayload(count, mix, seed))
  return Buffer.from(JSON.stringify(request, (key, value: unknown) => (IDS.has(key) ? hex(value) : value)))
}

const hex = (base64: unknown): string => Buffer.from(String(base64), 'base64').toString('hex')
