import { Agent } from 'node:http'
import { gzipSync } from 'node:zlib'
import { countDataPoints } from '../../../otlp/count-metrics.ts'
import type { Outcome } from '../../../pipeline/component.ts'
import { manualClock } from '../../../pipeline/runtime/manual-clock.ts'
import { type HttpAnswer, type HttpRequest, send } from '../../../test/conformance/otlp/client/http.ts'
import { countResponses, exchange } from '../../../test/conformance/otlp/client/raw.ts'
import { decodeStatus } from '../../../test/conformance/otlp/client/status.ts'
import { decodeRequest, oracle } from '../../../test/support/oracle.ts'
import { traceRequest } from '../../../test/support/spans.ts'
import { type Running, start, within } from '../testing/harness.ts'

const PROTO = { 'content-type': 'application/x-protobuf' }
const JSON_TYPE = { 'content-type': 'application/json' }
const span = traceRequest([{ name: 'one' }])
const SIGNALS = ['traces', 'logs', 'metrics'] as const
const KIB = 1024

/** The Status of a response in whichever encoding it says it has. */
function statusOf(answer: HttpAnswer): { code: number; message: string } {
  if (answer.headers['content-type'] === 'application/json') return JSON.parse(answer.body.toString())
  expect(answer.headers['content-type']).toBe('application/x-protobuf')
  return decodeStatus(answer.body)
}

describe('a good request', () => {
  test('is answered in its own encoding, without partial_success, on every signal and every known base path', async () => {
    await within({ http: {} }, async ({ http, recorder }) => {
      for (const base of ['', '/otel', '/api/v1/otel', '/api/public/otel', '/api/v1/private/otel']) {
        for (const signal of SIGNALS) {
          const path = `${base}/v1/${signal}`
          const proto = await send(http, { path, headers: PROTO, body: span })
          expect([path, proto.status, proto.headers['content-type'], proto.body.length]).toEqual([
            path,
            200,
            'application/x-protobuf',
            0,
          ])
          const json = await send(http, { path, headers: JSON_TYPE, body: '{}' })
          expect([path, json.status, json.headers['content-type'], json.body.toString()]).toEqual([
            path,
            200,
            'application/json',
            '{}',
          ])
          expect(recorder.received.slice(-2).map((r) => r.signal)).toEqual([signal, signal])
        }
      }
      expect(recorder.received.every((r) => r.transport === 'http')).toBe(true)
    })
  })

  test('is lent where it was unpacked or put together in shared memory, and belongs to the pipelines otherwise', async () => {
    const { random } = Math
    const noise = (bytes: number): Buffer => Buffer.from(Array.from({ length: bytes }, () => 32 + random() * 90))
    await within({ http: {} }, async ({ http, recorder }) => {
      const lent = async (body: Buffer, headers: object): Promise<boolean | undefined> => {
        const packed = 'content-encoding' in headers ? gzipSync(body) : body
        expect((await send(http, { headers: { ...PROTO, ...headers }, body: packed })).status).toBe(200)
        const last = recorder.received.at(-1)
        expect(last?.body.equals(body)).toBe(true)
        return last?.borrowed
      }
      const gzip = { 'content-encoding': 'gzip' }
      expect(await lent(span, gzip)).toBe(true)
      expect(await lent(noise(50 * KIB), gzip)).toBe(true)
      expect(await lent(noise(300 * KIB), {})).toBe(true)
      expect(await lent(span, {})).toBe(false)
      // Too large for the shared memory, or unpacked by the thread pool.
      expect(await lent(noise(1100 * KIB), {})).toBe(false)
      expect(await lent(noise(300 * KIB), gzip)).toBe(false)
    })
  })

  test('arrives byte for byte, however it is written', async () => {
    const check = async (request: HttpRequest) => {
      await within({ http: {} }, async ({ http, recorder }) => {
        expect((await send(http, { body: span, headers: PROTO, ...request })).status).toBe(200)
        expect(recorder.received.map((r) => r.body.equals(span))).toEqual([true])
      })
    }
    await check({})
    await check({ headers: { 'content-type': 'APPLICATION/X-Protobuf; charset=utf-8' } })
    await check({ headers: { 'content-type': 'application/protobuf' } })
    await check({ path: '/v1/traces?tenant=a' })
    await check({ path: '/v1/traces/' })
    await check({ path: '//v1/traces' })
    await check({ body: [span.subarray(0, 1), span.subarray(1, 7), span.subarray(7)] })
    await check({ body: gzipSync(span), headers: { ...PROTO, 'content-encoding': 'gzip' } })
    await check({ body: gzipSync(span), headers: { ...PROTO, 'content-encoding': ' GZIP ' } })
    await check({ body: gzipSync(span), headers: { ...PROTO, 'content-encoding': 'x-gzip' } })
    await check({ headers: { ...PROTO, 'content-encoding': 'identity' } })
    await check({ headers: { ...PROTO, expect: '100-continue' } })
  })

  test('in JSON reaches the pipeline as the protobuf of the same message', async () => {
    await within({ http: {} }, async ({ http, recorder }) => {
      const body = JSON.stringify({
        resourceSpans: [
          {
            scopeSpans: [
              {
                spans: [
                  {
                    traceId: 'AB'.repeat(16),
                    spanId: '0102030405060708',
                    name: 'é',
                    startTimeUnixNano: '9007199254740993',
                  },
                ],
              },
            ],
          },
        ],
      })
      expect((await send(http, { headers: { 'content-type': 'Application/JSON; charset=utf-8' }, body })).status).toBe(
        200,
      )
      const want = {
        traceId: Buffer.alloc(16, 0xab).toString('base64'),
        spanId: 'AQIDBAUGBwg=',
        name: 'é',
        startTimeUnixNano: '9007199254740993',
      }
      expect(decodeRequest('traces', recorder.received[0]?.body ?? Buffer.alloc(0))).toEqual({
        resourceSpans: [{ scopeSpans: [{ spans: [want] }] }],
      })
    })
  })

  test('may be empty in every way', async () => {
    await within({ http: {} }, async ({ http, recorder }) => {
      const check = async (headers: Record<string, string>, body: string | undefined) => {
        expect((await send(http, { headers, ...(body === undefined ? {} : { body }) })).status).toBe(200)
        expect(recorder.received.at(-1)?.body).toEqual(Buffer.alloc(0))
      }
      await check(PROTO, '')
      await check(PROTO, undefined)
      await check(JSON_TYPE, '')
      await check(JSON_TYPE, '{}')
      await check({ ...PROTO, 'content-encoding': 'gzip' }, '')
    })
  })
})

describe('what is wrong is named, in the encoding of the request', () => {
  const check = async (running: Running, request: HttpRequest, status: number, message: RegExp, code = 3) => {
    for (const headers of [PROTO, JSON_TYPE]) {
      const answer = await send(running.http, { ...request, headers: { ...headers, ...request.headers } })
      expect([request, answer.status]).toEqual([request, status])
      expect(statusOf(answer)).toEqual(expect.objectContaining({ code, message: expect.stringMatching(message) }))
      if (request.headers?.['content-type'] === undefined)
        expect(answer.headers['content-type']).toBe(headers['content-type'])
      expect(answer.headers['retry-after']).toBeUndefined()
    }
  }

  test('paths, methods, media types, codings, sizes', async () => {
    await within({ http: { max_request_body_size: KIB } }, async (running) => {
      await check(running, { path: '/v1/nothing', body: span }, 404, /\/v1\/nothing/, 12)
      await check(running, { path: '/', body: span }, 404, /nothing is served at/, 12)
      await check(running, { path: '/v1/traces/x', body: span }, 404, /v1\/traces\/x/, 12)
      for (const method of ['GET', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'])
        await check(running, { method }, 405, /only POST/, 12)
      for (const type of ['text/plain', 'application/xml', 'application/jsonp', 'x']) {
        await check(running, { headers: { 'content-type': type }, body: span }, 415, /Content-Type/)
      }
      await check(
        running,
        { headers: { 'content-encoding': 'br' }, body: span },
        400,
        /unsupported Content-Encoding: br/,
      )
      await check(
        running,
        { headers: { 'content-encoding': 'gzip, gzip' }, body: span },
        400,
        /unsupported Content-Encoding/,
      )
      await check(
        running,
        { headers: { 'content-encoding': 'toString' }, body: span },
        400,
        /unsupported Content-Encoding/,
      )
      await check(running, { headers: { 'content-encoding': 'gzip' }, body: span }, 400, /^gzip: invalid header$/)
      await check(
        running,
        { headers: { 'content-encoding': 'gzip' }, body: gzipSync(span).subarray(0, 20) },
        400,
        /^gzip: unexpected end/,
      )
      await check(running, { body: Buffer.alloc(KIB + 1) }, 413, /limit of 1024 bytes/, 8)
      await check(running, { body: [Buffer.alloc(KIB), Buffer.alloc(1)] }, 413, /limit of 1024 bytes/, 8)
      await check(
        running,
        { headers: { 'content-encoding': 'gzip' }, body: gzipSync(Buffer.alloc(KIB + 1)) },
        413,
        /limit of 1024 bytes/,
        8,
      )
      expect(running.recorder.received).toEqual([])
      expect(running.host.metric('otelcol_receiver_requests', 'otlp', 'http', 'success')).toBe(0)
      expect(running.host.metric('otelcol_receiver_requests', 'otlp', 'http', 'failure')).toBe(40)
    })
  })

  test('405 says what is allowed; without a content type the Status comes as JSON; HEAD has no body', async () => {
    await within({ http: {} }, async ({ http }) => {
      const get = await send(http, { method: 'GET' })
      expect([get.status, get.headers['allow'], statusOf(get).code]).toEqual([405, 'POST', 12])
      const none = await send(http, { body: span })
      expect([none.status, none.headers['content-type']]).toEqual([415, 'application/json'])
      const head = await send(http, { method: 'HEAD' })
      expect([head.status, head.body.length]).toEqual([405, 0])
    })
  })

  test('JSON that is none, or not OTLP', async () => {
    await within({ http: {} }, async ({ http, recorder, host }) => {
      for (const body of [
        '1234',
        '[]',
        '{',
        '{"resourceSpans":1}',
        '"x"',
        'nul',
        '{"resourceSpans":[{}]}x',
        Buffer.from([0xff, 0xfe]),
      ]) {
        const answer = await send(http, { headers: JSON_TYPE, body })
        expect([body, answer.status, statusOf(answer).code]).toEqual([body, 400, 3])
        expect(statusOf(answer).message).toMatch(/OTLP\/JSON/)
      }
      expect(recorder.received).toEqual([])
      expect(host.lines.filter((l) => l.level === 'error')).toEqual([])
    })
  })

  test('a signal that no pipeline takes is not found', async () => {
    await within({ http: {}, signals: ['traces'] }, async ({ http }) => {
      expect((await send(http, { headers: PROTO, body: span })).status).toBe(200)
      expect((await send(http, { path: '/v1/logs', headers: PROTO, body: span })).status).toBe(404)
    })
  })
})

describe('outcomes', () => {
  const answerTo = async (outcome: Outcome, headers: Record<string, string>, path = '/v1/traces') => {
    let answer: HttpAnswer | undefined
    for (const later of [false, true]) {
      await within({ http: {} }, async ({ http, recorder }) => {
        recorder.outcome = () => (later ? Promise.resolve(outcome) : outcome)
        const now = await send(http, { path, headers, body: headers === JSON_TYPE ? '{}' : span })
        if (later) expect([now.status, now.body]).toEqual([answer?.status, answer?.body])
        answer = now
      })
    }
    if (answer === undefined) throw new Error('no answer')
    return answer
  }

  test('refused: 503, and Retry-After in whole seconds that are never less than asked', async () => {
    const check = async (retryAfterMs: number | undefined, header: string | undefined) => {
      for (const headers of [PROTO, JSON_TYPE]) {
        const answer = await answerTo({ kind: 'refused', message: 'full', retryAfterMs }, headers)
        expect([answer.status, answer.headers['retry-after']]).toEqual([503, header])
        expect(statusOf(answer)).toMatchObject({ code: 14, message: 'full' })
      }
    }
    await check(undefined, undefined)
    await check(0, '0')
    await check(1, '1')
    await check(1000, '1')
    await check(1001, '2')
    await check(90_000, '90')
  })

  test('the Status of a refusal carries RetryInfo', async () => {
    const answer = await answerTo({ kind: 'refused', message: 'full', retryAfterMs: 1500 }, PROTO)
    expect(decodeStatus(answer.body)).toEqual({ code: 14, message: 'full', retryAfterMs: 1500 })
  })

  test('invalid: 400', async () => {
    for (const headers of [PROTO, JSON_TYPE]) {
      const answer = await answerTo({ kind: 'invalid', message: 'malformed protobuf at byte 3: é' }, headers)
      expect([answer.status, statusOf(answer)]).toEqual([
        400,
        expect.objectContaining({ code: 3, message: 'malformed protobuf at byte 3: é' }),
      ])
    }
  })

  test('partial: 200 with what was rejected, by the name of the signal', async () => {
    const names = { traces: 'rejectedSpans', logs: 'rejectedLogRecords', metrics: 'rejectedDataPoints' }
    for (const signal of SIGNALS) {
      const outcome: Outcome = { kind: 'partial', rejected: 300, message: 'too old' }
      const json = await answerTo(outcome, JSON_TYPE, `/v1/${signal}`)
      expect([json.status, JSON.parse(json.body.toString())]).toEqual([
        200,
        { partialSuccess: { [names[signal]]: '300', errorMessage: 'too old' } },
      ])
      const proto = await answerTo(outcome, PROTO, `/v1/${signal}`)
      // Field 1 of the response: a message with the count (1) and the text (2), alike for all signals.
      expect(proto.body).toEqual(
        Buffer.concat([Buffer.from([0x0a, 12, 0x08, 0xac, 0x02, 0x12, 7]), Buffer.from('too old')]),
      )
    }
  })

  test('a pipeline that throws or rejects: 500, logged, and the receiver lives', async () => {
    await within({ http: {} }, async ({ http, recorder, host }) => {
      for (const outcome of [
        () => {
          throw new Error('bug')
        },
        () => Promise.reject(new Error('bug')),
      ]) {
        recorder.outcome = outcome
        const answer = await send(http, { headers: PROTO, body: span })
        expect([answer.status, statusOf(answer)]).toEqual([
          500,
          expect.objectContaining({ code: 13, message: 'internal error' }),
        ])
      }
      expect(host.lines.filter((l) => l.level === 'error')).toHaveLength(2)
      recorder.outcome = () => ({ kind: 'accepted' })
      expect((await send(http, { headers: PROTO, body: span })).status).toBe(200)
    })
  })

  test('requests are counted by outcome', async () => {
    await within({ http: {} }, async ({ http, recorder, host }) => {
      const outcomes: Outcome[] = [
        { kind: 'accepted' },
        { kind: 'partial', rejected: 1, message: '' },
        { kind: 'refused', message: '' },
        { kind: 'invalid', message: '' },
      ]
      for (const outcome of outcomes) {
        recorder.outcome = () => outcome
        await send(http, { headers: PROTO, body: span })
      }
      const count = (outcome: string) => host.metric('otelcol_receiver_requests', 'otlp', 'http', outcome)
      expect([count('success'), count('refused'), count('failure')]).toEqual([2, 1, 1])
    })
  })
})

describe('early refusal', () => {
  const refused: Extract<Outcome, { kind: 'refused' }> = { kind: 'refused', message: 'no memory', retryAfterMs: 2000 }

  test('is asked with the announced length, and nothing is read for it', async () => {
    await within({ http: {} }, async ({ http, recorder }) => {
      recorder.admit = () => refused
      const small = await send(http, { headers: PROTO, body: span })
      expect([small.status, small.headers['retry-after'], small.headers['connection']]).toEqual(
        [503, '2', 'close'].with(2, small.headers['connection'] ?? ''),
      )
      const unknown = await send(http, { headers: PROTO, body: [span] })
      expect(unknown.status).toBe(503)
      expect(recorder.admitted).toEqual([span.length, 0])
      expect(recorder.received).toEqual([])
    })
  })

  test('a small refused body leaves the connection usable', async () => {
    await within({ http: {} }, async ({ http, recorder }) => {
      const agent = new Agent({ keepAlive: true, maxSockets: 1 })
      for (let i = 0; i < 20; i++) {
        recorder.admit = () => (i % 2 === 0 ? refused : undefined)
        const answer = await send(http, { headers: PROTO, body: Buffer.alloc(100 * KIB), agent })
        expect([i, answer.status, answer.headers['connection']]).toEqual([i, i % 2 === 0 ? 503 : 200, 'keep-alive'])
      }
      agent.destroy()
    })
  })

  test('a large refused body does not cost the sender the answer', async () => {
    await within({ http: { max_request_body_size: KIB } }, async ({ http, recorder }) => {
      for (const body of [Buffer.alloc(12 * KIB * KIB), Array.from({ length: 48 }, () => Buffer.alloc(256 * KIB))]) {
        const answer = await send(http, { headers: PROTO, body })
        expect([answer.status, answer.headers['connection']]).toEqual([413, 'close'])
      }
      expect(recorder.received).toEqual([])
    })
  })

  test('with Expect: 100-continue the body never travels', async () => {
    await within({ http: { max_request_body_size: KIB } }, async ({ http }) => {
      const head = `POST /v1/traces HTTP/1.1\r\nHost: x\r\nContent-Type: application/x-protobuf\r\nContent-Length: 99999\r\nExpect: 100-continue\r\n\r\n`
      const text = await exchange(http, head, { until: (t) => t.includes('\r\n\r\n') })
      expect(text).toMatch(/^HTTP\/1\.1 413 /)
      expect(text).toMatch(/\r\nConnection: close\r\n/)
    })
  })

  test('a sender that never stops is cut off', async () => {
    const clock = manualClock()
    const running = await start({ http: { max_request_body_size: KIB }, clock })
    const head =
      'POST /v1/traces HTTP/1.1\r\nHost: x\r\nContent-Type: application/x-protobuf\r\nTransfer-Encoding: chunked\r\n\r\n1000\r\n'
    const text = exchange(running.http, head + 'x'.repeat(0x800))
    while (running.host.metric('otelcol_receiver_requests', 'otlp', 'http', 'failure') === 0)
      await new Promise(setImmediate)
    clock.advance(10_000)
    expect(await text).toMatch(/^HTTP\/1\.1 413 /)
    await ended(running.stop(), clock)
  })
})

/** Lets a shutdown that waits on a clock by hand come to its end. */
async function ended(stop: Promise<void>, clock: { advance(ms: number): void }): Promise<void> {
  let over = false
  void stop.then(() => {
    over = true
  })
  while (!over) {
    clock.advance(1000)
    await new Promise(setImmediate)
  }
}

describe('memory', () => {
  test('all requests together are bounded, and room comes back', async () => {
    await within(
      { http: { max_request_body_size: KIB * KIB }, more: { admission: { request_limit_mib: 1 } } },
      async ({ http, recorder }) => {
        let release = (): void => {}
        const held = new Promise<Outcome>((resolve) => {
          release = () => resolve({ kind: 'accepted' })
        })
        recorder.outcome = () => held
        const first = send(http, { headers: PROTO, body: Buffer.alloc(700 * KIB) })
        while (recorder.received.length === 0) await new Promise(setImmediate)
        const second = await send(http, { headers: PROTO, body: Buffer.alloc(400 * KIB) })
        expect([second.status, second.headers['retry-after'], decodeStatus(second.body).code]).toEqual([503, '1', 14])
        const packed = await send(http, {
          headers: { ...PROTO, 'content-encoding': 'gzip' },
          body: gzipSync(Buffer.alloc(400 * KIB)),
        })
        expect(packed.status).toBe(503)
        expect(recorder.received).toHaveLength(1)
        release()
        expect((await first).status).toBe(200)
        expect((await send(http, { headers: PROTO, body: Buffer.alloc(KIB * KIB) })).status).toBe(200)
      },
    )
  })

  test('a body that ends early, or whose sender goes away, gives its room back', async () => {
    await within(
      { http: { max_request_body_size: KIB * KIB }, more: { admission: { request_limit_mib: 1 } } },
      async ({ http, recorder }) => {
        for (let i = 0; i < 5; i++) {
          const head = `POST /v1/traces HTTP/1.1\r\nHost: x\r\nContent-Type: application/x-protobuf\r\nContent-Length: ${800 * KIB}\r\n\r\n`
          await exchange(http, head + 'x'.repeat(600 * KIB), { halfClose: true })
        }
        expect((await send(http, { headers: PROTO, body: Buffer.alloc(900 * KIB) })).status).toBe(200)
        expect(recorder.received).toHaveLength(1)
      },
    )
  })

  test('bodies that are kept do not keep the socket buffers they came in', async () => {
    await within({ http: {} }, async ({ http, recorder }) => {
      for (let i = 0; i < 50; i++)
        await send(http, { headers: PROTO, body: traceRequest([{ attributes: { text: 'x'.repeat(3000) } }]) })
      const pinned = new Set(recorder.received.map((r) => r.body.buffer)).size
      const bytes = [...new Set(recorder.received.map((r) => r.body.buffer))].reduce((sum, b) => sum + b.byteLength, 0)
      expect([pinned > 0, bytes < 50 * 3000 * 4]).toEqual([true, true])
    })
  })
})

describe('connections', () => {
  test('1000 requests one after the other on one connection', async () => {
    await within({ http: {} }, async ({ http, recorder }) => {
      const agent = new Agent({ keepAlive: true, maxSockets: 1 })
      for (let i = 0; i < 1000; i++) expect((await send(http, { headers: PROTO, body: span, agent })).status).toBe(200)
      agent.destroy()
      expect(recorder.received).toHaveLength(1000)
    })
  })

  const request = `POST /v1/traces HTTP/1.1\r\nHost: x\r\nContent-Type: application/x-protobuf\r\nContent-Length: ${span.length}\r\n\r\n${span.toString('latin1')}`

  test('pipelined requests are all answered, in order', async () => {
    await within({ http: {} }, async ({ http, recorder }) => {
      const text = await exchange(http, Buffer.from(request.repeat(50), 'latin1'), {
        until: (t) => countResponses(t) === 50,
      })
      expect(countResponses(text)).toBe(50)
      expect(recorder.received.every((r) => r.body.equals(span))).toBe(true)
    })
  })

  test('a sender that goes away before its answer is ready hurts nobody', async () => {
    await within({ http: {} }, async ({ http, recorder, host }) => {
      const waiting: ((outcome: Outcome) => void)[] = []
      recorder.outcome = () => new Promise((resolve) => waiting.push(resolve))
      const gone = send(http, { headers: PROTO, body: span, timeoutMs: 50 })
      await expect(gone).rejects.toThrow(/no answer/)
      waiting[0]?.({ kind: 'accepted' })
      recorder.outcome = () => ({ kind: 'accepted' })
      expect((await send(http, { headers: PROTO, body: span })).status).toBe(200)
      expect(host.lines.filter((line) => line.level === 'error')).toEqual([])
    })
  })

  test('a sender that closes its half still gets its answer, even a late one', async () => {
    await within({ http: {} }, async ({ http, recorder }) => {
      for (const ms of [0, 50]) {
        recorder.outcome = () =>
          ms === 0
            ? { kind: 'accepted' }
            : new Promise((resolve) => setTimeout(() => resolve({ kind: 'accepted' }), ms))
        const text = await exchange(http, Buffer.from(request, 'latin1'), { halfClose: true })
        expect([ms, text.slice(0, 15)]).toEqual([ms, 'HTTP/1.1 200 OK'])
      }
    })
  })

  test('bytes that are no HTTP are answered and closed', async () => {
    await within({ http: {} }, async ({ http }) => {
      expect(await exchange(http, 'nonsense\r\n\r\n')).toMatch(/^HTTP\/1\.1 400 /)
      expect(await exchange(http, `GET / HTTP/1.1\r\nHost: x\r\nA: ${'x'.repeat(20_000)}\r\n\r\n`)).toMatch(
        /^HTTP\/1\.1 431 /,
      )
      expect((await send(http, { headers: PROTO, body: span })).status).toBe(200)
    })
  })

  test('gRPC on the HTTP port is closed, and the log says where to go', async () => {
    await within({ http: {} }, async ({ http, host }) => {
      await exchange(http, 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n')
      const warnings = host.lines.filter((line) => line.level === 'warn').map((line) => line.message)
      expect(warnings).toEqual([expect.stringMatching(/HTTP\/2 to the HTTP port 127.*4317/)])
    })
  })

  test('without keep_alives_enabled every connection is closed', async () => {
    await within({ http: { keep_alives_enabled: false } }, async ({ http }) => {
      expect((await send(http, { headers: PROTO, body: span })).headers['connection']).toBe('close')
    })
  })

  test('headers, or a body, that come too slowly: 408', async () => {
    await within({ http: { read_header_timeout: '100ms', read_timeout: '200ms' } }, async ({ http, recorder }) => {
      expect(await exchange(http, 'POST /v1/traces HTTP/1.1\r\nHost: x\r\n')).toMatch(/^HTTP\/1\.1 408 /)
      expect(await exchange(http, Buffer.from(request.slice(0, -5), 'latin1'))).toMatch(/^HTTP\/1\.1 408 /)
      expect(recorder.received).toEqual([])
    })
  })
})

describe('settings', () => {
  test('paths, also without their first slash', async () => {
    await within(
      { http: { traces_url_path: 'my/traces', logs_url_path: '/my/logs', alias_base_paths: ['/x'] } },
      async ({ http }) => {
        const check = async (path: string, status: number) =>
          expect([path, (await send(http, { path, headers: PROTO, body: span })).status]).toEqual([path, status])
        await check('/my/traces', 200)
        await check('/my/logs', 200)
        await check('/v1/metrics', 200)
        await check('/v1/traces', 404)
        await check('/x/v1/traces', 200)
        await check('/otel/v1/traces', 404)
      },
    )
  })

  test('compression_algorithms says what is accepted', async () => {
    const packed = { headers: { ...PROTO, 'content-encoding': 'gzip' }, body: gzipSync(span) }
    await within({ http: { compression_algorithms: ['zstd'] } }, async ({ http }) =>
      expect((await send(http, packed)).status).toBe(400),
    )
    await within({ http: { compression_algorithms: [] } }, async ({ http }) => {
      expect((await send(http, packed)).status).toBe(400)
      expect((await send(http, { headers: PROTO, body: span })).status).toBe(200)
    })
  })

  test('response_headers stand on every response', async () => {
    await within({ http: { response_headers: { 'X-Site': 'a', 'X-Two': 'b' } } }, async ({ http }) => {
      for (const path of ['/v1/traces', '/none']) {
        const { headers } = await send(http, { path, headers: PROTO, body: span })
        expect([headers['x-site'], headers['x-two']]).toEqual(['a', 'b'])
      }
    })
  })

  test('CORS: preflights and requests of allowed origins, and no others', async () => {
    const cors = {
      allowed_origins: ['https://*.example.com', 'http://app.test'],
      allowed_headers: ['X-Team'],
      exposed_headers: ['X-A'],
      max_age: 60,
    }
    await within({ http: { cors } }, async ({ http, recorder }) => {
      const preflight = (origin: string, asked: string, method = 'POST') =>
        send(http, {
          method: 'OPTIONS',
          headers: { origin, 'access-control-request-method': method, 'access-control-request-headers': asked },
        })
      const yes = await preflight('https://a.example.com', 'content-type,x-team')
      expect(yes.status).toBe(204)
      expect(yes.headers).toMatchObject({
        'access-control-allow-origin': 'https://a.example.com',
        'access-control-allow-credentials': 'true',
        'access-control-allow-methods': 'POST',
        'access-control-allow-headers': 'content-type, x-team',
        'access-control-max-age': '60',
      })
      const no = async (...args: Parameters<typeof preflight>) =>
        expect([args, (await preflight(...args)).headers['access-control-allow-origin']]).toEqual([args, undefined])
      await no('https://example.com', 'content-type')
      await no('https://a.example.com.evil', 'content-type')
      await no('https://a.example.com', 'x-other')
      await no('https://a.example.com', 'content-type', 'DELETE')
      const real = await send(http, { headers: { ...PROTO, origin: 'http://app.test' }, body: span })
      expect([
        real.status,
        real.headers['access-control-allow-origin'],
        real.headers['access-control-expose-headers'],
        real.headers['vary'],
      ]).toEqual([200, 'http://app.test', 'X-A', 'Origin'])
      const foreign = await send(http, { headers: { ...PROTO, origin: 'http://other.test' }, body: span })
      expect([foreign.headers['access-control-allow-origin'], foreign.headers['vary']]).toEqual([undefined, 'Origin'])
      expect(recorder.received).toHaveLength(2)
    })
    await within({ http: { cors: { allowed_origins: ['*'] } } }, async ({ http }) => {
      const { headers } = await send(http, { headers: { ...PROTO, origin: 'http://any.test' }, body: span })
      expect([headers['access-control-allow-origin'], headers['access-control-allow-credentials']]).toEqual([
        'http://any.test',
        undefined,
      ])
    })
  })
})

test('truncated at every byte, each request is answered 200 or 400', async () => {
  await within({ http: {} }, async ({ http, recorder }) => {
    const decode = (body: Buffer): Outcome => {
      try {
        oracle('traces').decode(body)
        return { kind: 'accepted' }
      } catch (error) {
        return { kind: 'invalid', message: String(error) }
      }
    }
    recorder.outcome = decode
    const agent = new Agent({ keepAlive: true, maxSockets: 4 })
    const json = Buffer.from('{"resourceSpans":[{"scopeSpans":[{"spans":[{"name":"a\\u00e9","kind":2}]}]}]}')
    const packed = gzipSync(span)
    const check = async (body: Buffer, headers: Record<string, string>, whole: boolean) => {
      const { status } = await send(http, { headers, body, agent })
      expect([body.length, [200, 400].includes(status), whole ? status : 200]).toEqual([body.length, true, 200])
    }
    for (let n = 0; n <= span.length; n++) await check(span.subarray(0, n), PROTO, n === span.length)
    for (let n = 0; n <= json.length; n++) await check(json.subarray(0, n), JSON_TYPE, n === json.length)
    for (let n = 0; n <= packed.length; n++)
      await check(packed.subarray(0, n), { ...PROTO, 'content-encoding': 'gzip' }, n === packed.length)
    agent.destroy()
  })
})

test('the receiver does not look into protobuf: that is the pipeline’s work, and done once', async () => {
  await within({ http: {} }, async ({ http, recorder }) => {
    recorder.outcome = (body) => {
      try {
        countDataPoints(body)
        return { kind: 'accepted' }
      } catch (error) {
        return { kind: 'invalid', message: String(error) }
      }
    }
    const answer = await send(http, { path: '/v1/metrics', headers: PROTO, body: Buffer.from('garbage') })
    expect([answer.status, decodeStatus(answer.body).message]).toEqual([
      400,
      expect.stringMatching(/malformed protobuf/),
    ])
  })
})
