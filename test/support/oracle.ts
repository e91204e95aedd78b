import { createRequire } from 'node:module'

/** An OTLP codec that shares nothing with ours: protobufjs' generated code, as an older OpenTelemetry package shipped it. */
interface Codec {
  decode(bytes: Uint8Array): unknown
  encode(message: unknown): { finish(): Uint8Array }
  fromObject(value: object): unknown
  toObject(message: unknown, options?: object): Record<string, unknown>
  verify(value: object): string | null
}

const root = createRequire(import.meta.url)('otlp-transformer-0-57/build/src/generated/root.js') as {
  opentelemetry: { proto: { collector: Record<string, { v1: Record<string, Codec> }> } }
}

const REQUESTS = {
  traces: ['trace', 'ExportTraceServiceRequest'],
  logs: ['logs', 'ExportLogsServiceRequest'],
  metrics: ['metrics', 'ExportMetricsServiceRequest'],
} as const

export function oracle(signal: 'traces' | 'logs' | 'metrics'): Codec {
  const [folder, message] = REQUESTS[signal]
  const codec = root.opentelemetry.proto.collector[folder]?.v1[message]
  if (codec === undefined) throw new Error(`the oracle has no ${message}`)
  return codec
}

/** An object in the shape of the proto (camelCase, ids as bytes) to request bytes. */
export function encodeRequest(signal: 'traces' | 'logs' | 'metrics', value: object): Buffer {
  const codec = oracle(signal)
  return Buffer.from(codec.encode(codec.fromObject(value)).finish())
}

/** Request bytes to plain objects: 64-bit numbers as strings, bytes as base64, so that `toEqual` compares
 * values. With `defaults`, fields that were left out have their default: absent and zero then compare equal. */
export function decodeRequest(
  signal: 'traces' | 'logs' | 'metrics',
  bytes: Uint8Array,
  options: { readonly defaults?: boolean } = {},
): Record<string, unknown> {
  const codec = oracle(signal)
  return codec.toObject(codec.decode(bytes), { longs: String, bytes: String, enums: Number, ...options })
}

type Value = string | number | boolean | readonly string[] | { readonly double: number }

export function anyValue(value: Value): object {
  if (typeof value === 'string') return { stringValue: value }
  if (typeof value === 'boolean') return { boolValue: value }
  if (typeof value === 'number') return { intValue: value }
  if ('double' in value) return { doubleValue: value.double }
  return { arrayValue: { values: value.map((v) => ({ stringValue: v })) } }
}

export const attributes = (values: Readonly<Record<string, Value>>): object[] =>
  Object.entries(values).map(([key, value]) => ({ key, value: anyValue(value) }))
