import { decodeRequest } from '../../test/support/oracle.ts'
import { type Mix, tracePayload } from '../payloads.ts'

const IDS = new Set(['traceId', 'spanId', 'parentSpanId'])

/** The same request as {@link tracePayload} makes, as an SDK would send it in JSON. */
export function jsonPayload(count: number, mix: Mix, seed: number, indent?: string): Buffer {
  return Buffer.from(JSON.stringify(document(count, mix, seed), undefined, indent))
}

/** The same, but long texts are what chats are really sent as: JSON within JSON, with line ends and quotes to escape. */
export function chatPayload(count: number, seed: number): Buffer {
  return Buffer.from(
    JSON.stringify(document(count, 'content', seed), (_, value: unknown) =>
      typeof value === 'string' && value.length > 1000
        ? JSON.stringify([{ role: 'user', content: value.replaceAll('. ', '."\n') }])
        : value,
    ),
  )
}

function document(count: number, mix: Mix, seed: number): unknown {
  const request = decodeRequest('traces', tracePayload(count, mix, seed))
  return JSON.parse(JSON.stringify(request, (key, value: unknown) => (IDS.has(key) ? hex(value) : value)))
}

const hex = (base64: unknown): string => Buffer.from(String(base64), 'base64').toString('hex')
