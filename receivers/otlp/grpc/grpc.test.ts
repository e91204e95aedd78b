import type { ClientHttp2Session } from 'node:http2'
import { constants } from 'node:http2'
import { deflateSync, gzipSync, zstdCompressSync } from 'node:zlib'
import type { Outcome } from '../../../pipeline/component.ts'
import { systemClock } from '../../../pipeline/runtime/clock.ts'
import { manualClock } from '../../../pipeline/runtime/manual-clock.ts'
import {
  call,
  EXPORT,
  frame,
  type GrpcAnswer,
  type GrpcRequest,
  openSession,
} from '../../../test/conformance/otlp/client/grpc.ts'
import { send } from '../../../test/conformance/otlp/client/http.ts'
import { exchange } from '../../../test/conformance/otlp/client/raw.ts'
import { decodeStatus } from '../../../test/conformance/otlp/client/status.ts'
import { oracle } from '../../../test/support/oracle.ts'
import { traceRequest } from '../../../test/support/spans.ts'
import { type Running, type StartOptions, start } from '../testing/harness.ts'

const span = traceRequest([{ name: 'one' }])
const MIB = 1024 * 1024
const tick = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))

/** With a receiver and one connection to it. */
async function connected(
  options: StartOptions,
  use: (session: ClientHttp2Session, running: Running) => Promise<void>,
): Promise<void> {
  const running = await start({ grpc: {}, ...options })
  const session = await openSession(running.grpc)
  try {
    await use(session, running)
  } finally {
    session.destroy()
    for (let i = 0; i < 5; i++) await tick()
    await ended(running.stop(), options.clock)
  }
}

/** Lets a shutdown that waits on a clock by hand come to its end. */
async function ended(stop: Promise<void>, clock: StartOptions['clock']): Promise<void> {
  const advance = clock !== undefined && 'advance' in clock ? (clock.advance as (ms: number) => void) : undefined
  let over = false
  void stop.then(() => {
    over = true
  })
  while (!over) {
    advance?.(1000)
    await tick()
  }
}

async function until(condition: () => boolean, what: string): Promise<void> {
  for (const deadline = performance.now() + 4000; !condition(); await tick()) {
    if (performance.now() > deadline) throw new Error(`never: ${what}`)
  }
}

describe('a good call', () => {
  test('of each service is answered OK with an empty message', async () => {
    await connected({}, async (session, { recorder }) => {
      for (const signal of ['traces', 'logs', 'metrics'] as const) {
        const answer = await call(session, { path: EXPORT[signal], data: frame(span) })
        expect(answer).toMatchObject({ httpStatus: 200, code: 0, body: Buffer.alloc(0), reset: 0 })
        expect(answer.headers['content-type']).toBe('application/grpc')
        expect(recorder.received.at(-1)).toMatchObject({ signal, body: span, transport: 'grpc' })
      }
    })
  })

  test('arrives byte for byte, however it is written', async () => {
    await connected({}, async (session, { recorder }) => {
      const check = async (request: GrpcRequest, want = span) => {
        expect(await call(session, request)).toMatchObject({ code: 0 })
        expect(recorder.received.at(-1)?.body.equals(want)).toBe(true)
      }
      await check({ data: frame(span) })
      await check({ data: frame(Buffer.alloc(0)) }, Buffer.alloc(0))
      await check({ data: frame(span), headers: { 'content-type': 'application/grpc+proto' } })
      await check({ data: frame(span), headers: { 'content-type': 'application/grpc;charset=utf-8' } })
      await check({ data: frame(span), headers: { 'grpc-encoding': 'gzip' } })
      await check({ data: frame(span), headers: { 'grpc-encoding': 'identity', 'grpc-timeout': '10S' } })
      await check({ data: frame(gzipSync(span), 1), headers: { 'grpc-encoding': 'gzip' } })
      await check({ data: frame(deflateSync(span), 1), headers: { 'grpc-encoding': 'deflate' } })
      await check({ data: frame(zstdCompressSync(span), 1), headers: { 'grpc-encoding': 'zstd' } })
      await check(
        {
          data: frame(Buffer.concat([Buffer.from([3, 8]), Buffer.from('abc')]), 1),
          headers: { 'grpc-encoding': 'snappy' },
        },
        Buffer.from('abc'),
      )
      const large = Buffer.alloc(4 * MIB, 7)
      await check({ data: frame(large) }, large)
      await check({ data: frame(gzipSync(large), 1), headers: { 'grpc-encoding': 'gzip' } }, large)
    })
  })

  test('may come in any pieces', async () => {
    await connected({}, async (session, { recorder }) => {
      const bytes = frame(span)
      for (const sizes of [[1, 1, 1, 1, 1], [4, 1], [5], [6], [3, 4, 20]]) {
        const stream = session.request({
          ':method': 'POST',
          ':path': EXPORT.traces,
          'content-type': 'application/grpc',
        })
        const trailers = new Promise((resolve) => stream.on('trailers', resolve))
        stream.resume()
        let at = 0
        for (const size of sizes) {
          stream.write(bytes.subarray(at, at + size))
          at += size
          await tick()
        }
        stream.end(bytes.subarray(at))
        expect(await trailers).toMatchObject({ 'grpc-status': '0' })
        expect(recorder.received.at(-1)?.body.equals(span)).toBe(true)
      }
    })
  })

  test('that is small does not keep the buffer of its connection', async () => {
    await connected({}, async (session, { recorder }) => {
      for (let i = 0; i < 50; i++)
        await call(session, { data: frame(traceRequest([{ attributes: { text: 'x'.repeat(3000) } }])) })
      const buffers = new Set(recorder.received.map((r) => r.body.buffer))
      expect([...buffers].reduce((sum, b) => sum + b.byteLength, 0)).toBeLessThan(50 * 3000 * 4)
    })
  })
})

test('what is wrong is named by the code that gRPC has for it, and the connection lives', async () => {
  await connected({ grpc: { max_recv_msg_size_mib: 1 } }, async (session, { recorder, host }) => {
    const check = async (request: GrpcRequest, code: number, message: RegExp) => {
      const answer = await call(session, request)
      expect([request.headers, answer.httpStatus, answer.code]).toEqual([request.headers, 200, code])
      expect(answer.message).toMatch(message)
      expect(answer.headers['grpc-status-details-bin']).toBeUndefined()
    }
    const lying = Buffer.from([0, 0x7f, 0xff, 0xff, 0xff])
    await check(
      { path: '/opentelemetry.proto.collector.trace.v1.TraceService/Import', data: frame(span) },
      12,
      /unknown service or method/,
    )
    await check({ path: '/my.Service/Export', data: frame(span) }, 12, /my\.Service/)
    await check({ path: '/', data: frame(span) }, 12, /unknown/)
    await check({ path: '/toString', data: frame(span) }, 12, /unknown/)
    await check({}, 12, /exactly one message/)
    await check({ data: Buffer.concat([frame(span), frame(span)]) }, 12, /exactly one message/)
    await check({ data: Buffer.concat([frame(span), Buffer.from([0])]) }, 12, /exactly one message/)
    await check({ data: frame(span).subarray(0, 3) }, 13, /cut off/)
    await check({ data: frame(span).subarray(0, -1) }, 13, /cut off/)
    await check({ data: frame(span, 2) }, 13, /flag 2/)
    await check({ data: frame(gzipSync(span), 1) }, 13, /no grpc-encoding/)
    await check({ data: frame(gzipSync(span), 1), headers: { 'grpc-encoding': 'identity' } }, 13, /no grpc-encoding/)
    await check({ data: frame(span, 1), headers: { 'grpc-encoding': 'br' } }, 12, /br is not supported.*gzip/)
    await check({ data: frame(span, 1), headers: { 'grpc-encoding': 'gzip' } }, 3, /^gzip: invalid header$/)
    await check({ data: frame(span), headers: { 'grpc-timeout': 'soon' } }, 13, /grpc-timeout/)
    await check({ data: frame(span), headers: { 'grpc-timeout': '123456789S' } }, 13, /grpc-timeout/)
    await check({ data: frame(Buffer.alloc(MIB + 1)) }, 8, /limit of 1048576 bytes/)
    await check({ data: lying }, 8, /limit/)
    await check({ data: lying, open: true }, 8, /limit/)
    await check({ data: frame(gzipSync(Buffer.alloc(MIB + 1)), 1), headers: { 'grpc-encoding': 'gzip' } }, 8, /limit/)
    expect(recorder.received).toEqual([])
    expect(await call(session, { data: frame(Buffer.alloc(MIB)) })).toMatchObject({ code: 0 })
    expect(host.metric('otelcol_receiver_requests', 'otlp', 'grpc', 'failure')).toBe(20)
    expect(host.metric('otelcol_receiver_requests', 'otlp', 'grpc', 'success')).toBe(1)
  })
})

test('who speaks no gRPC gets plain HTTP', async () => {
  await connected({}, async (session, { recorder }) => {
    const check = async (headers: Record<string, string>, httpStatus: number) =>
      expect([headers, await call(session, { headers, data: frame(span) })]).toEqual([
        headers,
        expect.objectContaining({ httpStatus, code: -1 }),
      ])
    await check({ 'content-type': 'application/json' }, 415)
    await check({ 'content-type': 'application/grpc-web' }, 415)
    await check({ 'content-type': 'application/grpc+json' }, 415)
    await check({ 'content-type': 'application/grpcx' }, 415)
    for (const method of ['GET', 'HEAD', 'PUT']) {
      const stream = session.request({ ':method': method, ':path': EXPORT.traces })
      const headers = await new Promise((resolve) => stream.on('response', resolve))
      expect(headers).toMatchObject({ ':status': 405, allow: 'POST' })
      stream.destroy()
    }
    expect(recorder.received).toEqual([])
  })
})

test('HTTP/1 on the gRPC port is closed, and the log says where to go', async () => {
  await connected({}, async (session, { grpc, host }) => {
    await send(grpc, { headers: { 'content-type': 'application/json' }, body: '{}' }).catch(() => undefined)
    await exchange(grpc, 'x'.repeat(100)).catch(() => '')
    const warnings = () => host.lines.filter((line) => line.level === 'warn')
    await until(() => warnings().length > 0, 'a line in the log')
    expect(warnings()[0]).toMatchObject({ message: expect.stringMatching(/HTTP\/1 or TLS to the gRPC port 127.*4318/) })
    expect(await call(session, { data: frame(span) })).toMatchObject({ code: 0 })
  })
})

describe('outcomes', () => {
  const answerTo = async (outcome: () => Outcome | Promise<Outcome>): Promise<GrpcAnswer> => {
    let answer: GrpcAnswer | undefined
    await connected({}, async (session, { recorder }) => {
      recorder.outcome = outcome
      answer = await call(session, { data: frame(span) })
    })
    if (answer === undefined) throw new Error('no answer')
    return answer
  }

  test('refused: UNAVAILABLE, with RetryInfo when a time is known', async () => {
    const plain = await answerTo(() => ({ kind: 'refused', message: 'full: 100 % é\n' }))
    expect(plain).toMatchObject({ code: 14, message: 'full: 100 % é\n' })
    expect(plain.headers['grpc-status-details-bin']).toBeUndefined()
    const timed = await answerTo(() => Promise.resolve({ kind: 'refused', message: 'full', retryAfterMs: 2500 }))
    expect(timed.code).toBe(14)
    expect(decodeStatus(Buffer.from(timed.headers['grpc-status-details-bin'] ?? '', 'base64'))).toEqual({
      code: 14,
      message: 'full',
      retryAfterMs: 2500,
    })
  })

  test('invalid: INVALID_ARGUMENT; partial: OK with the count; a throw: INTERNAL', async () => {
    expect(await answerTo(() => ({ kind: 'invalid', message: 'bad' }))).toMatchObject({ code: 3, message: 'bad' })
    const partial = await answerTo(() => ({ kind: 'partial', rejected: 2, message: 'old' }))
    expect(partial).toMatchObject({ code: 0, body: Buffer.from([0x0a, 7, 8, 2, 0x12, 3, 0x6f, 0x6c, 0x64]) })
    expect(
      await answerTo(() => {
        throw new Error('bug')
      }),
    ).toMatchObject({ code: 13, message: 'internal error' })
    expect(await answerTo(() => Promise.reject(new Error('bug')))).toMatchObject({ code: 13 })
  })

  test('a long message is cut to what headers may hold', async () => {
    expect((await answerTo(() => ({ kind: 'invalid', message: 'x'.repeat(100_000) }))).message).toHaveLength(1024)
  })

  test('early refusal is asked with the length of the message', async () => {
    await connected({}, async (session, { recorder }) => {
      recorder.admit = () => ({ kind: 'refused', message: 'no memory', retryAfterMs: 1000 })
      expect(await call(session, { data: frame(Buffer.alloc(3 * MIB)) })).toMatchObject({
        code: 14,
        message: 'no memory',
      })
      expect(recorder.admitted).toEqual([3 * MIB])
      expect(recorder.received).toEqual([])
    })
  })

  test('all calls together are bounded, and room comes back', async () => {
    await connected(
      { grpc: { max_recv_msg_size_mib: 1 }, more: { admission: { request_limit_mib: 1 } } },
      async (session, { recorder }) => {
        const waiting: ((outcome: Outcome) => void)[] = []
        recorder.outcome = () => new Promise((resolve) => waiting.push(resolve))
        const first = call(session, { data: frame(Buffer.alloc(700_000)) })
        await until(() => waiting.length === 1, 'the first call')
        expect(await call(session, { data: frame(Buffer.alloc(400_000)) })).toMatchObject({
          code: 14,
          message: expect.stringMatching(/admission/),
        })
        waiting[0]?.({ kind: 'accepted' })
        expect(await first).toMatchObject({ code: 0 })
        recorder.outcome = () => ({ kind: 'accepted' })
        expect(await call(session, { data: frame(Buffer.alloc(1_000_000)) })).toMatchObject({ code: 0 })
      },
    )
  })
})

describe('deadlines', () => {
  test('a call that is not complete, or not answered, in time: DEADLINE_EXCEEDED', async () => {
    const clock = manualClock()
    await connected({ clock }, async (session, { recorder, host }) => {
      const idle = clock.pending
      const check = async (request: GrpcRequest, ms: number, seen: () => boolean) => {
        await until(() => clock.pending === idle, 'the end of the call before')
        const answer = call(session, request)
        await until(() => clock.pending > idle && seen(), 'the call')
        clock.advance(ms - 1)
        await tick()
        clock.advance(1)
        expect(await answer).toMatchObject({ code: 4 })
      }
      await check(
        { data: frame(span).subarray(0, 9), open: true, headers: { 'grpc-timeout': '250m' } },
        250,
        () => recorder.admitted.length === 1,
      )
      await check({ data: Buffer.alloc(0), open: true, headers: { 'grpc-timeout': '2S' } }, 2000, () => true)
      await check({ open: true }, 300_000, () => true)
      recorder.outcome = () => new Promise(() => {})
      await check({ data: frame(span), headers: { 'grpc-timeout': '1S' } }, 1000, () => recorder.received.length === 1)
      expect(host.metric('otelcol_receiver_requests', 'otlp', 'grpc', 'failure')).toBe(4)
    })
  })

  test('no timer outlives its call', async () => {
    const clock = manualClock()
    await connected({ clock }, async (session) => {
      const before = clock.pending
      for (let i = 0; i < 10; i++) await call(session, { data: frame(span), headers: { 'grpc-timeout': '10S' } })
      expect(clock.pending).toBe(before)
    })
  })

  test('a call that was answered early and never ends is reset', async () => {
    const clock = manualClock()
    await connected({ clock }, async (session) => {
      for (const more of [0, 64]) {
        const stream = session.request({ ':method': 'POST', ':path': '/none', 'content-type': 'application/grpc' })
        const closed = new Promise((resolve) => stream.on('close', () => resolve(stream.rstCode)))
        stream.on('error', () => {})
        stream.resume()
        await new Promise((resolve) => stream.on('end', resolve))
        for (let i = 0; i < more; i++) stream.write(Buffer.alloc(32 * 1024))
        if (more === 0) clock.advance(5000)
        expect(await closed).toBe(constants.NGHTTP2_NO_ERROR)
      }
      expect(await call(session, { data: frame(span) })).toMatchObject({ code: 0 })
    })
  })

  test('a sender that goes away before its answer is ready hurts nobody', async () => {
    await connected({}, async (session, { recorder, host }) => {
      const waiting: ((outcome: Outcome) => void)[] = []
      recorder.outcome = () => new Promise((resolve) => waiting.push(resolve))
      const stream = session.request({ ':method': 'POST', ':path': EXPORT.traces, 'content-type': 'application/grpc' })
      stream.on('error', () => {})
      stream.end(frame(span))
      await until(() => waiting.length === 1, 'the call')
      stream.close(constants.NGHTTP2_CANCEL)
      await new Promise((resolve) => stream.on('close', resolve))
      for (let i = 0; i < 5; i++) await tick()
      waiting[0]?.({ kind: 'accepted' })
      recorder.outcome = () => ({ kind: 'accepted' })
      expect(await call(session, { data: frame(span) })).toMatchObject({ code: 0 })
      expect(host.lines.filter((line) => line.level === 'error')).toEqual([])
    })
  })

  test('a sender that goes away gives its room back', async () => {
    await connected(
      { grpc: { max_recv_msg_size_mib: 1 }, more: { admission: { request_limit_mib: 1 } } },
      async (session, { recorder }) => {
        for (let i = 0; i < 5; i++) {
          const stream = session.request({
            ':method': 'POST',
            ':path': EXPORT.traces,
            'content-type': 'application/grpc',
          })
          stream.on('error', () => {})
          stream.write(frame(Buffer.alloc(900_000)).subarray(0, 800_000))
          await until(() => recorder.admitted.length === i + 1, 'the first bytes')
          stream.close(constants.NGHTTP2_CANCEL)
          await new Promise((resolve) => stream.on('close', resolve))
        }
        let code = -1
        // The server hears of the last one a moment later.
        for (let i = 0; i < 50 && code !== 0; i++)
          code = (await call(session, { data: frame(Buffer.alloc(1_000_000)) })).code
        expect(code).toBe(0)
      },
    )
  })
})

describe('connections', () => {
  test('100 calls at once on one connection', async () => {
    await connected({}, async (session, { recorder }) => {
      const answers = await Promise.all(Array.from({ length: 100 }, () => call(session, { data: frame(span) })))
      expect(answers.map((a) => a.code)).toEqual(Array(100).fill(0))
      expect(recorder.received).toHaveLength(100)
    })
  })

  test('large messages at once do not starve each other', async () => {
    await connected({}, async (session, { recorder }) => {
      const big = Buffer.alloc(3 * MIB, 1)
      const answers = await Promise.all(Array.from({ length: 20 }, () => call(session, { data: frame(big) })))
      expect(answers.map((a) => a.code)).toEqual(Array(20).fill(0))
      expect(recorder.received.every((r) => r.body.equals(big))).toBe(true)
    })
  })

  test('max_concurrent_streams is announced', async () => {
    await connected({ grpc: { max_concurrent_streams: 7 } }, async (session) => {
      await until(() => session.remoteSettings.initialWindowSize === MIB, 'the settings')
      expect(session.remoteSettings).toMatchObject({ maxConcurrentStreams: 7 })
    })
  })

  test('pings are answered', async () => {
    await connected({}, async (session) => {
      const payload = Buffer.from('12345678')
      expect(await new Promise((resolve) => session.ping(payload, (_error, _ms, back) => resolve(back)))).toEqual(
        payload,
      )
    })
  })

  test('max_connection_age says GOAWAY and loses no call', async () => {
    const clock = manualClock()
    const grpc = { keepalive: { server_parameters: { max_connection_age: '1m' } } }
    await connected({ grpc, clock }, async (session, { recorder }) => {
      let release = (): void => {}
      recorder.outcome = () =>
        new Promise((resolve) => {
          release = () => resolve({ kind: 'accepted' })
        })
      const goaways: unknown[] = []
      session.on('goaway', (code, last) => goaways.push([code, last]))
      const under_way = call(session, { data: frame(span) })
      await until(() => recorder.received.length === 1, 'the call')
      clock.advance(60_000)
      await until(() => goaways.length > 0, 'GOAWAY')
      expect(goaways[0]).toEqual([0, 1])
      release()
      expect(await under_way).toMatchObject({ code: 0 })
      await until(() => session.destroyed, 'the end of the connection')
    })
  })

  test('max_connection_age_grace ends what does not end by itself', async () => {
    const clock = manualClock()
    const grpc = { keepalive: { server_parameters: { max_connection_age: '1m', max_connection_age_grace: '5s' } } }
    await connected({ grpc, clock }, async (session, { recorder }) => {
      recorder.outcome = () => new Promise(() => {})
      const lost = call(session, { data: frame(span) }).catch(() => 'lost')
      await until(() => recorder.received.length === 1, 'the call')
      clock.advance(60_000)
      await tick()
      clock.advance(5_000)
      expect(await lost).toBe('lost')
    })
  })

  test('max_connection_idle ends a connection without calls, and only then', async () => {
    const clock = manualClock()
    const grpc = { keepalive: { server_parameters: { max_connection_idle: '30s' } } }
    await connected({ grpc, clock }, async (session) => {
      for (let i = 0; i < 4; i++) {
        clock.advance(20_000)
        expect(await call(session, { data: frame(span) })).toMatchObject({ code: 0 })
      }
      // The server sees the stream closed a moment after we do.
      for (let i = 0; i < 20; i++) await tick()
      clock.advance(30_000)
      await until(() => session.destroyed, 'the end of the connection')
    })
  })

  test('a silent peer is pinged, and dropped when it does not answer', async () => {
    const clock = manualClock()
    const grpc = { keepalive: { server_parameters: { time: '1m', timeout: '5s' } } }
    await connected({ grpc, clock }, async (session) => {
      let pings = 0
      session.on('ping', () => pings++)
      for (let i = 1; i <= 2; i++) {
        clock.advance(i === 1 ? 60_000 : 54_000)
        await until(() => pings === i, `ping ${i}`)
        await new Promise((resolve) => session.ping(resolve))
        clock.advance(6_000)
      }
      expect(session.destroyed).toBe(false)
      expect(await call(session, { data: frame(span) })).toMatchObject({ code: 0 })
    })
    const running = await start({ grpc, clock })
    const hello = Buffer.concat([
      Buffer.from('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'),
      Buffer.from([0, 0, 0, 4, 0, 0, 0, 0, 0]),
    ])
    const silent = exchange(running.grpc, hello)
    for (let i = 0; i < 50; i++) await new Promise((resolve) => setTimeout(resolve, 1))
    clock.advance(60_000)
    await tick()
    clock.advance(5_000)
    expect(Buffer.from(await silent, 'latin1').length).toBeGreaterThan(9)
    await ended(running.stop(), clock)
  })

  test('too many pings are only too many where a policy says so', async () => {
    const ping = (session: ClientHttp2Session) => new Promise((resolve) => session.ping(resolve))
    await connected({}, async (session) => {
      for (let i = 0; i < 20; i++) await ping(session)
      expect(await call(session, { data: frame(span) })).toMatchObject({ code: 0 })
    })
    const grpc = { keepalive: { enforcement_policy: { min_time: '10s', permit_without_stream: true } } }
    await connected({ grpc }, async (session) => {
      const goaway = new Promise((resolve) =>
        session.on('goaway', (code, _last, data) => resolve([code, data?.toString()])),
      )
      for (let i = 0; i < 5 && !session.destroyed; i++) session.ping(() => {})
      expect(await goaway).toEqual([constants.NGHTTP2_ENHANCE_YOUR_CALM, 'too_many_pings'])
    })
    const clock = manualClock()
    await connected({ grpc, clock }, async (session) => {
      for (let i = 0; i < 10; i++) {
        await ping(session)
        clock.advance(10_000)
      }
      expect(await call(session, { data: frame(span) })).toMatchObject({ code: 0 })
    })
  })
})

describe('shutdown', () => {
  test('answers what is under way and takes nothing after it', async () => {
    const running = await start({ grpc: {}, clock: systemClock })
    const session = await openSession(running.grpc)
    running.recorder.outcome = () => new Promise((resolve) => setTimeout(() => resolve({ kind: 'accepted' }), 100))
    const calls = Array.from({ length: 10 }, () => call(session, { data: frame(span) }))
    await until(() => running.recorder.received.length === 10, 'the calls')
    const stopped = running.stop()
    expect((await Promise.all(calls)).map((a) => a.code)).toEqual(Array(10).fill(0))
    await stopped
    await expect(openSession(running.grpc)).rejects.toThrow(/ECONNREFUSED/)
    expect(running.recorder.received).toHaveLength(10)
  })

  test('does not wait for ever, and what is unpacked later goes nowhere', async () => {
    const clock = manualClock()
    const running = await start({ grpc: {}, clock })
    const session = await openSession(running.grpc)
    running.recorder.outcome = () => new Promise(() => {})
    const lost = call(session, { data: frame(span) }).catch(() => 'lost')
    await until(() => running.recorder.received.length === 1, 'the call')
    await ended(running.stop(), clock)
    expect(await lost).toBe('lost')
  })
})

test('truncated at every byte, each call is answered OK or with an error, on one connection', async () => {
  await connected({}, async (session, { recorder }) => {
    recorder.outcome = (body) => {
      try {
        oracle('traces').decode(body)
        return { kind: 'accepted' }
      } catch (error) {
        return { kind: 'invalid', message: String(error) }
      }
    }
    const packed = gzipSync(span)
    for (let n = 0; n <= span.length; n++)
      expect([0, 3]).toContain((await call(session, { data: frame(span.subarray(0, n)) })).code)
    for (let n = 0; n < packed.length; n++) {
      const { code } = await call(session, {
        data: frame(packed.subarray(0, n), 1),
        headers: { 'grpc-encoding': 'gzip' },
      })
      expect(code).toBe(3)
    }
    for (let n = 1; n < span.length + 5; n++)
      expect((await call(session, { data: frame(span).subarray(0, n) })).code).toBe(13)
  })
})
