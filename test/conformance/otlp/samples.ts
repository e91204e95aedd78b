import { randomBytes } from 'node:crypto'
import { encodeRequest } from '../../support/oracle.ts'
import type { Signal } from './context.ts'

/** A text that nothing else holds, to be found again at the far end. */
export const marker = (): string => `mark-${randomBytes(9).toString('hex')}`

const TIME = '1763900000000000001'
const text = (value: string) => ({ stringValue: value })

/** One item, in the shape of the proto: names in camelCase, ids as bytes. */
export function requestObject(signal: Signal, mark: string): object {
  const resource = { attributes: [{ key: 'service.name', value: text('conformance') }] }
  const scope = { name: 'suite', version: '1' }
  if (signal === 'traces') {
    const span = { traceId: Buffer.alloc(16, 0xa1), spanId: Buffer.alloc(8, 0xb2), name: mark, kind: 3 }
    return {
      resourceSpans: [
        { resource, scopeSpans: [{ scope, spans: [{ ...span, startTimeUnixNano: TIME, endTimeUnixNano: TIME }] }] },
      ],
    }
  }
  if (signal === 'logs') {
    const record = { timeUnixNano: TIME, severityNumber: 9, severityText: 'INFO', body: text(mark) }
    return { resourceLogs: [{ resource, scopeLogs: [{ scope, logRecords: [record] }] }] }
  }
  const metric = { name: mark, unit: '1', gauge: { dataPoints: [{ timeUnixNano: TIME, asInt: '7' }] } }
  return { resourceMetrics: [{ resource, scopeMetrics: [{ scope, metrics: [metric] }] }] }
}

export const protoRequest = (signal: Signal, mark: string): Buffer => encodeRequest(signal, requestObject(signal, mark))

/** One span or log record whose trace id has five bytes. */
export function badIdRequest(signal: 'traces' | 'logs', mark: string): Buffer {
  const bad = { traceId: Buffer.alloc(5, 0xa1), spanId: Buffer.alloc(8, 0xb2) }
  return signal === 'traces'
    ? encodeRequest('traces', { resourceSpans: [{ scopeSpans: [{ spans: [{ ...bad, name: mark }] }] }] })
    : encodeRequest('logs', { resourceLogs: [{ scopeLogs: [{ logRecords: [{ ...bad, body: text(mark) }] }] }] })
}

/** The same as OTLP/JSON: ids in hex. */
export const jsonRequest = (signal: Signal, mark: string): string =>
  JSON.stringify(toOtlpJson(requestObject(signal, mark)))

/** Buffers under `traceId`, `spanId` and `parentSpanId` as hex, others as base64. */
export function toOtlpJson(value: unknown, key = ''): unknown {
  if (Buffer.isBuffer(value)) return value.toString(/(trace|span)Id$/i.test(key) ? 'hex' : 'base64')
  if (Array.isArray(value)) return value.map((item) => toOtlpJson(item, key))
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, toOtlpJson(inner, name)]))
}

/** The other way: OTLP/JSON as the oracle's `fromObject` wants it, ids as bytes. */
export function fromOtlpJson(value: unknown, key = ''): unknown {
  if (typeof value === 'string' && /(trace|span)Id$/i.test(key)) return Buffer.from(value, 'hex')
  if (typeof value === 'string' && key === 'bytesValue') return Buffer.from(value, 'base64')
  if (Array.isArray(value)) return value.map((item) => fromOtlpJson(item, key))
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, fromOtlpJson(inner, name)]))
}

/** A request whose protobuf is of exactly this many bytes. */
export function paddedRequest(signal: Signal, mark: string, size: number): Buffer {
  const base = protoRequest(signal, mark)
  // Field 15 of the request, which nobody knows, holds the padding: tag, length in four bytes, zeros.
  const padding = Buffer.alloc(size - base.length)
  padding[0] = (15 << 3) | 2
  const length = padding.length - 5
  for (let i = 0; i < 4; i++) padding[1 + i] = ((length >>> (7 * i)) & 0x7f) | (i < 3 ? 0x80 : 0)
  return Buffer.concat([base, padding])
}

/**
 * Without what says nothing: empty strings, lists and messages. Whether a default is written or left out is the
 * writer's choice.
 */
export function meaningOf(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(meaningOf)
  if (typeof value !== 'object' || value === null) return value
  const kept = Object.entries(value).map(([key, inner]) => [key, meaningOf(inner)] as const)
  return Object.fromEntries(kept.filter(([, inner]) => !saysNothing(inner)))
}

const saysNothing = (value: unknown): boolean =>
  value === '' || (typeof value === 'object' && value !== null && Object.keys(value).length === 0)
