import assert from 'node:assert/strict'
import { call, EXPORT, frame, type GrpcAnswer, openSession } from '../client/grpc.ts'
import { type HttpAnswer, type HttpRequest, send } from '../client/http.ts'
import { decodeStatus } from '../client/status.ts'
import {
  type Backend,
  type Behaviour,
  type Check,
  type Context,
  eventually,
  grpcOf,
  httpOf,
  JSON_TYPE,
  type Launched,
  PROTO,
  pause,
  SIGNALS,
  type Signal,
  shown,
  skip,
  withLaunched,
} from '../context.ts'
import { badIdRequest, jsonRequest, marker, paddedRequest, protoRequest } from '../samples.ts'
import { assertStatus } from './http-basics.ts'

const MIB = 1024 * 1024

/** For targets that can be told how to answer. */
const BEHAVIOURS: readonly (readonly [Behaviour, number, number])[] = [
  [{ kind: 'accepted' }, 200, 0],
  [{ kind: 'invalid', message: 'bad' }, 400, 3],
  [{ kind: 'refused', message: 'full' }, 503, 14],
  [{ kind: 'fault' }, 500, 13],
  [{ kind: 'partial', rejected: 1, message: 'some' }, 200, 0],
]

interface Both {
  readonly http: HttpAnswer
  readonly grpc: GrpcAnswer
}

/** One request over each protocol; `path` instead of the paths of the signal. */
async function both(target: Launched, options: { signal?: Signal; body?: Buffer; path?: string } = {}): Promise<Both> {
  const { signal = 'traces', body = protoRequest(signal, marker()), path } = options
  const session = await openSession(grpcOf(target))
  try {
    const grpc = await call(session, { path: path ?? EXPORT[signal], data: frame(body) })
    return { http: await send(httpOf(target), { path: path ?? `/v1/${signal}`, headers: PROTO, body }), grpc }
  } finally {
    session.destroy()
  }
}

const retryInfoOf = ({ headers }: GrpcAnswer): number | undefined =>
  decodeStatus(Buffer.from(headers['grpc-status-details-bin'] ?? '', 'base64')).retryAfterMs

export const errors: readonly Check[] = [
  {
    number: 44,
    title: 'a full pipeline is 503 or 429, and UNAVAILABLE; a known delay stands in Retry-After and RetryInfo',
    async run(context) {
      await withLaunched(context, { refusing: true }, async (target) => {
        // A memory limiter needs a moment to look.
        await eventuallyRefusing(target)
        const { http, grpc } = await both(target)
        assert.ok(http.status === 503 || http.status === 429, shown(http))
        assertStatus(http)
        assert.equal(grpc.code, 14, `grpc-status ${grpc.code}`)
        const delay = http.headers['retry-after']
        if (delay !== undefined) {
          assert.match(delay, /^\d+$/)
          assert.ok(retryInfoOf(grpc) !== undefined, 'Retry-After over HTTP and no RetryInfo over gRPC')
        }
      })
      await withLaunched(context, {}, async (target) => {
        if (target.behave === undefined) return
        target.behave({ kind: 'refused', message: 'full', retryAfterMs: 1500 })
        const { http, grpc } = await both(target)
        assert.deepEqual([http.status, http.headers['retry-after']], [503, '2'])
        assert.equal(retryInfoOf(grpc), 1500)
      })
    },
  },
  {
    number: 45,
    title: 'the same failure has the HTTP status and the gRPC code that belong together',
    async run(context) {
      const check = (what: string, { http, grpc }: Both, status: number, code: number) =>
        assert.deepEqual([http.status, grpc.code], [status, code], what)
      await withLaunched(
        context,
        { http: { max_request_body_size: MIB }, grpc: { max_recv_msg_size_mib: 1 } },
        async (target) => {
          for (const signal of SIGNALS) {
            check('accepted', await both(target, { signal }), 200, 0)
            const bad = await both(target, { signal, body: Buffer.alloc(64, 0xff) })
            // Servers that leave decoding to their gRPC library cannot say INVALID_ARGUMENT.
            check('malformed', bad, 400, bad.grpc.code === 13 ? 13 : 3)
            check('too large', await both(target, { signal, body: paddedRequest(signal, marker(), MIB + 1) }), 413, 8)
            check('unknown', await both(target, { path: '/my.Service/Export' }), 404, 12)
          }
          for (const [behaviour, status, code] of BEHAVIOURS) {
            target.behave?.(behaviour)
            if (target.behave !== undefined) check(behaviour.kind, await both(target), status, code)
          }
        },
      )
      await withLaunched(context, { refusing: true }, async (target) => {
        await eventuallyRefusing(target)
        check('refused', await both(target), 503, 14)
      })
    },
  },
  {
    number: 46,
    title: 'Retry-After is absent on what is not retryable, and a delay of 0 is kept',
    async run(context) {
      const absent = async (what: string, request: HttpRequest) => {
        const answer = await send(httpOf(context), {
          headers: PROTO,
          body: protoRequest('traces', marker()),
          ...request,
        })
        assert.ok(answer.status >= 400, `${what}: ${shown(answer)}`)
        assert.equal(answer.headers['retry-after'], undefined, what)
      }
      await absent('garbage', { body: Buffer.alloc(64, 0xff) })
      await absent('an unknown path', { path: '/v1/nothing' })
      await absent('an unknown Content-Type', { headers: { 'content-type': 'text/plain' } })
      await absent('another method', { method: 'PUT' })
      await absent('an unknown Content-Encoding', { headers: { ...PROTO, 'content-encoding': 'made-up' } })
      await absent('too large', { body: Buffer.alloc(context.httpLimit + 1) })
      if (context.launch === undefined) return
      await withLaunched(context, {}, async (target) => {
        if (target.behave === undefined) return
        target.behave({ kind: 'refused', message: 'full', retryAfterMs: 0 })
        assert.equal((await both(target)).http.headers['retry-after'], '0')
        target.behave({ kind: 'invalid', message: 'bad' })
        assert.equal((await both(target)).http.headers['retry-after'], undefined)
      })
    },
  },
  {
    number: 47,
    title: 'some items invalid: 200 and OK, with the number rejected and a message',
    async run(context) {
      await checkPartialSuccess(context)
      if (context.launch === undefined) return
      await withLaunched(context, {}, async (target) => {
        if (target.behave === undefined) return
        target.behave({ kind: 'partial', rejected: 3, message: 'three were bad' })
        const names = { traces: 'rejectedSpans', logs: 'rejectedLogRecords', metrics: 'rejectedDataPoints' }
        for (const signal of SIGNALS) {
          const { http, grpc } = await both(target, { signal })
          assert.deepEqual([http.status, grpc.code], [200, 0])
          // partial_success is field 1 of all three responses: the count (1) and the message (2).
          const want = Buffer.concat([Buffer.from([0x0a, 18, 8, 3, 0x12, 14]), Buffer.from('three were bad')])
          assert.deepEqual([http.body, grpc.body], [want, want])
          const json = await send(httpOf(target), {
            path: `/v1/${signal}`,
            headers: JSON_TYPE,
            body: jsonRequest(signal, marker()),
          })
          const { partialSuccess } = JSON.parse(json.body.toString())
          assert.deepEqual([Number(partialSuccess[names[signal]]), partialSuccess.errorMessage], [3, 'three were bad'])
        }
      })
    },
  },
  {
    number: 48,
    title: 'as a client: retries exactly what may be retried, waits as it is told, and survives bad answers',
    async run(context) {
      await withLaunched(context, {}, async (target) => {
        const backend = target.backend ?? skip('needs a target that forwards over OTLP/HTTP; give --command')
        await checkRetries(target, backend)
      })
    },
  },
]

const REJECTED = { traces: 'rejectedSpans', logs: 'rejectedLogRecords' } as const

/**
 * One of two items has a trace id of five bytes, which OTLP calls invalid: the other one is taken. Metrics have no field
 * by which a single point is invalid; for them see below.
 */
async function checkPartialSuccess(context: Context): Promise<void> {
  for (const signal of ['traces', 'logs'] as const) {
    const [good, bad] = [marker(), marker()]
    const body = Buffer.concat([protoRequest(signal, good), badIdRequest(signal, bad)])
    const http = await send(httpOf(context), { path: `/v1/${signal}`, headers: PROTO, body })
    assert.equal(http.status, 200, shown(http))
    const session = await openSession(grpcOf(context))
    const grpc = await call(session, { path: EXPORT[signal], data: frame(body) }).finally(() => session.destroy())
    assert.equal(grpc.code, 0, `grpc-status ${grpc.code} ${grpc.message}`)
    for (const answer of [http.body, grpc.body ?? Buffer.alloc(0)]) {
      // partial_success (1): rejected (1) = 1, then a message (2).
      assert.deepEqual([...answer.subarray(2, 5)], [8, 1, 0x12], `no partial success for ${REJECTED[signal]}`)
      assert.equal(answer[0], 0x0a)
    }
    if (context.forwarded === undefined) continue
    assert.ok(await context.forwarded.find(signal, good), 'the good rest did not arrive')
    assert.equal(await context.forwarded.find(signal, bad, 0), undefined, 'what was rejected arrived')
  }
}

async function eventuallyRefusing(target: Launched): Promise<void> {
  for (let i = 0; i < 100; i++) {
    const { status } = await send(httpOf(target), { headers: PROTO, body: protoRequest('traces', marker()) })
    if (status !== 200) return
    await pause(50)
  }
  throw new Error('accepts although its memory limit is far exceeded')
}

async function checkRetries(target: Launched, backend: Backend): Promise<void> {
  const deliver = async (answers: Parameters<Backend['script']>[0]): Promise<string> => {
    backend.script(answers)
    const mark = marker()
    const answer = await send(httpOf(target), { headers: PROTO, body: protoRequest('traces', mark) })
    assert.equal(answer.status, 200, shown(answer))
    return mark
  }
  const ok = { status: 200 }
  for (const status of [400, 401, 403, 404, 408, 409, 413, 500, 501]) {
    const mark = await deliver([{ status }, ok])
    await eventually(() => backend.arrivals(mark).length > 0, `the request that is answered ${status}`)
    await pause(1500)
    // A merged request may be taken apart to find the culprit; a single item cannot be.
    assert.equal(backend.arrivals(mark).length, 1, `${status} must not be retried`)
  }
  const date = () => new Date(Date.now() + 2000).toUTCString()
  const waits: readonly (readonly [string, () => Parameters<Backend['script']>[0][number], number])[] = [
    ['429 with Retry-After: 1', () => ({ status: 429, headers: { 'retry-after': '1' } }), 950],
    ['503 with Retry-After: 2', () => ({ status: 503, headers: { 'retry-after': '2' } }), 1950],
    ['503 with Retry-After as a date', () => ({ status: 503, headers: { 'retry-after': date() } }), 800],
    ['502', () => ({ status: 502 }), 0],
    ['504', () => ({ status: 504 }), 0],
    ['a dropped connection', () => 'drop', 0],
  ]
  for (const [what, answer, leastMs] of waits) {
    const mark = await deliver([answer(), ok])
    await eventually(() => backend.arrivals(mark).length === 2, `the second attempt after ${what}`, 40_000)
    const [first = 0, second = 0] = backend.arrivals(mark)
    assert.ok(second - first >= leastMs, `${what}: came again after ${Math.round(second - first)} ms`)
  }
  const partial = encodeResponse(1, 'one was bad')
  for (const body of [partial, Buffer.alloc(8 * 1024 * 1024), Buffer.from('nonsense')]) {
    const mark = await deliver([{ status: 200, body }])
    await eventually(() => backend.arrivals(mark).length > 0, 'the request')
    await pause(500)
    assert.equal(backend.arrivals(mark).length, 1, 'an accepted request must not be retried')
  }
}

/** An ExportTraceServiceResponse with partial_success. */
function encodeResponse(rejected: number, message: string): Buffer {
  const text = Buffer.from(message)
  return Buffer.concat([Buffer.from([0x0a, 4 + text.length, 8, rejected, 0x12, text.length]), text])
}
