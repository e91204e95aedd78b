import { createRequire } from 'node:module'
import protobuf from 'protobufjs'
import fc from '../test/support/property.ts'
import {
  encodeResponse,
  encodeStatus,
  grpcCodeOf,
  httpStatusOf,
  readPartialSuccess,
  readRetryDelayMs,
  readStatus,
  readStatusMessage,
  type Status,
} from './status.ts'

type Signal = 'traces' | 'logs' | 'metrics'

/** google/rpc/status.proto and error_details.proto, as far as they concern us. */
const { root } = protobuf.parse(`
  syntax = "proto3";
  message Any { string type_url = 1; bytes value = 2; }
  message Status { int32 code = 1; string message = 2; repeated Any details = 3; }
  message Duration { int64 seconds = 1; int32 nanos = 2; }
  message RetryInfo { Duration retry_delay = 1; }
`)
const proto = (type: string, value: object): Buffer => {
  const message = root.lookupType(type)
  return Buffer.from(message.encode(message.fromObject(value)).finish())
}
const read = (type: string, bytes: Uint8Array): Record<string, unknown> => {
  const message = root.lookupType(type)
  return message.toObject(message.decode(bytes), { longs: Number })
}

interface Codec {
  decode(bytes: Uint8Array): unknown
  encode(value: unknown): { finish(): Uint8Array }
  fromObject(value: object): unknown
  toObject(message: unknown, options: object): Record<string, unknown>
}
const ORACLE = createRequire(import.meta.url)('otlp-transformer-0-57/build/src/generated/root.js') as {
  opentelemetry: { proto: { collector: Record<string, { v1: Record<string, Codec> }> } }
}
const RESPONSES = {
  traces: ['trace', 'ExportTraceServiceResponse'],
  logs: ['logs', 'ExportLogsServiceResponse'],
  metrics: ['metrics', 'ExportMetricsServiceResponse'],
} as const
const REJECTED = { traces: 'rejectedSpans', logs: 'rejectedLogRecords', metrics: 'rejectedDataPoints' } as const
const SIGNALS: readonly Signal[] = ['traces', 'logs', 'metrics']

function response(signal: Signal): Codec {
  const [folder, name] = RESPONSES[signal]
  const codec = ORACLE.opentelemetry.proto.collector[folder]?.v1[name]
  if (codec === undefined) throw new Error(name)
  return codec
}

test('each gRPC code has its HTTP status', () => {
  const want = [200, 503, 500, 400, 503, 500, 500, 403, 429, 500, 503, 503, 404, 500, 503, 503, 401, 500]
  expect(want.map((_, code) => httpStatusOf(code))).toEqual(want)
  expect([-1, 99, 1.5].map(httpStatusOf)).toEqual([500, 500, 500])
})

test('an HTTP status has a gRPC code', () => {
  const check = (code: number, ...statuses: number[]): void =>
    expect(statuses.map(grpcCodeOf)).toEqual(statuses.map(() => code))
  check(0, 200, 202, 204)
  check(3, 400, 415)
  check(16, 401)
  check(7, 403)
  check(12, 404, 405)
  check(8, 413, 429)
  check(13, 500)
  check(14, 502, 503, 504)
  check(2, 302, 418, 599, 0)
})

test('a status in protobuf', () => {
  expect(encodeStatus({ code: 3, message: 'bad é' }, false)).toEqual(proto('Status', { code: 3, message: 'bad é' }))
  expect(encodeStatus({ code: 0, message: '' }, false).length).toBe(0)
  const check = (retryAfterMs: number, seconds: number, nanos: number): void => {
    const { details, ...rest } = read('Status', encodeStatus({ code: 14, message: 'full', retryAfterMs }, false)) as {
      details: { typeUrl: string; value: Uint8Array }[]
    }
    expect(rest).toEqual({ code: 14, message: 'full' })
    expect(details.map(({ typeUrl }) => typeUrl)).toEqual(['type.googleapis.com/google.rpc.RetryInfo'])
    const want = { ...(seconds === 0 ? {} : { seconds }), ...(nanos === 0 ? {} : { nanos }) }
    expect(read('RetryInfo', details[0]?.value ?? Buffer.alloc(0))).toEqual({ retryDelay: want })
  }
  check(0, 0, 0)
  check(1, 0, 1_000_000)
  check(999, 0, 999_000_000)
  check(1000, 1, 0)
  check(2500, 2, 500_000_000)
  check(2500.4, 2, 500_000_000)
  check(-5, 0, 0)
  check(4_000_000_000_000, 4_000_000_000, 0)
})

test('a status in JSON', () => {
  const check = (status: Status, want: string): void => expect(encodeStatus(status, true).toString()).toBe(want)
  const retry = (delay: string): string =>
    `{"code":14,"message":"full","details":[{"@type":"type.googleapis.com/google.rpc.RetryInfo","retryDelay":"${delay}"}]}`
  check({ code: 3, message: 'bad "é"\n' }, '{"code":3,"message":"bad \\"é\\"\\n"}')
  check({ code: 14, message: 'full', retryAfterMs: 2500 }, retry('2.500s'))
  check({ code: 14, message: 'full', retryAfterMs: 30_000 }, retry('30s'))
  check({ code: 14, message: 'full', retryAfterMs: 7 }, retry('0.007s'))
})

test('a status is read as it was written', () => {
  const delay = fc.option(fc.integer({ min: 0, max: 10_000_000 }), { nil: undefined })
  const status = fc.record({
    code: fc.integer({ min: 0, max: 16 }),
    message: fc.string({ unit: 'binary', maxLength: 20 }),
    retryAfterMs: delay,
  })
  fc.assert(
    fc.property(status, fc.boolean(), (value, json) => {
      const bytes = encodeStatus(value, json)
      expect(readStatus(bytes, json)).toEqual(value)
      expect(readStatusMessage(bytes, json)).toBe(value.message)
      expect(readRetryDelayMs(bytes, json)).toBe(value.retryAfterMs)
    }),
  )
})

test('retry delays as others write them', () => {
  const info = (retryDelay: object): object => ({
    typeUrl: 'type.googleapis.com/google.rpc.RetryInfo',
    value: proto('RetryInfo', { retryDelay }),
  })
  const check = (details: object[], want: number | undefined): void =>
    expect(readRetryDelayMs(proto('Status', { code: 14, details }))).toBe(want)
  check([], undefined)
  check([{ typeUrl: 'type.googleapis.com/google.rpc.DebugInfo', value: Buffer.from([0x0a, 1, 0x61]) }], undefined)
  check([{ typeUrl: 'x', value: Buffer.from([255]) }, info({ seconds: 3 })], 3000)
  check([info({ seconds: 1, nanos: 1 })], 1001)
  check([info({})], 0)
  check([info({ seconds: -5, nanos: -1 })], 0)
  check([{ typeUrl: 'type.googleapis.com/google.rpc.RetryInfo', value: Buffer.from([255]) }], undefined)
  check([{ typeUrl: 'type.googleapis.com/google.rpc.RetryInfo' }], undefined)
  const json = (retryDelay: unknown): number | undefined =>
    readRetryDelayMs(
      Buffer.from(
        JSON.stringify({
          code: 14,
          details: [{ '@type': 'x' }, { '@type': 'type.googleapis.com/google.rpc.RetryInfo', retryDelay }],
        }),
      ),
      true,
    )
  expect([json('1.5s'), json('2s'), json('0.0001s'), json('-1s'), json('1'), json(5), json(null)]).toEqual([
    1500,
    2000,
    1,
    undefined,
    undefined,
    undefined,
    undefined,
  ])
})

test.each(SIGNALS)('a response for %s', (signal) => {
  const codec = response(signal)
  expect(encodeResponse(signal, undefined, false).length).toBe(0)
  expect(encodeResponse(signal, undefined, true).toString()).toBe('{}')
  const partial = { rejected: 5, message: 'too old' }
  const bytes = encodeResponse(signal, partial, false)
  expect(codec.toObject(codec.decode(bytes), { longs: Number })).toEqual({
    partialSuccess: { [REJECTED[signal]]: 5, errorMessage: 'too old' },
  })
  expect(JSON.parse(encodeResponse(signal, partial, true).toString())).toEqual({
    partialSuccess: { [REJECTED[signal]]: '5', errorMessage: 'too old' },
  })
  // A warning: all was taken, yet there is something to say.
  expect(JSON.parse(encodeResponse(signal, { rejected: 0, message: 'soon gone' }, true).toString())).toEqual({
    partialSuccess: { errorMessage: 'soon gone' },
  })
  for (const json of [false, true]) {
    for (const value of [partial, { rejected: 0, message: 'w' }, { rejected: 3_000_000_000, message: '' }]) {
      expect(readPartialSuccess(signal, encodeResponse(signal, value, json), json)).toEqual(value)
    }
    expect(readPartialSuccess(signal, encodeResponse(signal, undefined, json), json)).toBeUndefined()
  }
  const written = Buffer.from(
    codec.encode(codec.fromObject({ partialSuccess: { [REJECTED[signal]]: 70_000, errorMessage: 'é' } })).finish(),
  )
  expect(readPartialSuccess(signal, written, false)).toEqual({ rejected: 70_000, message: 'é' })
})

test('partial success as others write it', () => {
  const check = (json: string, want: object | undefined): void =>
    expect([json, readPartialSuccess('traces', Buffer.from(json), true)]).toEqual([json, want])
  check('{"partialSuccess":{}}', undefined)
  check('{"partialSuccess":null}', undefined)
  check('{"partialSuccess":{"rejectedSpans":"0"}}', undefined)
  check('{"partialSuccess":{"rejectedSpans":2}}', { rejected: 2, message: '' })
  check('{"partialSuccess":{"rejectedSpans":-2,"errorMessage":"m"}}', { rejected: 0, message: 'm' })
  check('{"partialSuccess":{"rejectedSpans":"many","errorMessage":7}}', undefined)
  check('{"partial_success":{"rejectedSpans":1}}', { rejected: 1, message: '' })
  check('[]', undefined)
  check('5', undefined)
  check('', undefined)
  // A negative count, and one field twice.
  expect(
    readPartialSuccess('traces', Buffer.from([0x0a, 11, 0x08, 255, 255, 255, 255, 255, 255, 255, 255, 255, 1]), false),
  ).toBeUndefined()
  expect(readPartialSuccess('traces', Buffer.from([0x0a, 2, 0x08, 1, 0x0a, 2, 0x08, 2]), false)).toEqual({
    rejected: 2,
    message: '',
  })
})

test('whatever a far end answers, reading it does not hurt', () => {
  const noise = fc.oneof(
    fc.uint8Array({ maxLength: 60 }),
    fc.json().map((json) => Buffer.from(json)),
    fc
      .tuple(fc.constant(encodeStatus({ code: 14, message: 'full', retryAfterMs: 1500 }, false)), fc.nat(), fc.nat(255))
      .map(([bytes, at, byte]) => {
        const broken = Buffer.from(bytes)
        broken[at % broken.length] = byte
        return broken
      }),
  )
  fc.assert(
    fc.property(noise, fc.boolean(), fc.constantFrom(...SIGNALS), (bytes, json, signal) => {
      const body = Buffer.from(bytes)
      const partial = readPartialSuccess(signal, body, json)
      expect(partial === undefined || (partial.rejected >= 0 && typeof partial.message === 'string')).toBe(true)
      expect(typeof readStatusMessage(body, json)).toBe('string')
      expect(readRetryDelayMs(body, json) ?? 0).toBeGreaterThanOrEqual(0)
    }),
    { numRuns: 2000 },
  )
  expect(readStatusMessage(Buffer.from('<html>'), false)).toBe('')
  expect(readStatusMessage(Buffer.from('<html>'), true)).toBe('')
  expect(readPartialSuccess('traces', Buffer.alloc(5_000_000, 0xff), false)).toBeUndefined()
  expect(readStatus(Buffer.alloc(1_000_000, Buffer.from([0x1a, 0])), false)).toEqual({
    code: 0,
    message: '',
    retryAfterMs: undefined,
  })
})
