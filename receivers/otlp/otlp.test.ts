import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { OTLPTraceExporter as GrpcExporter } from '@opentelemetry/exporter-trace-otlp-grpc'
import { OTLPTraceExporter as JsonExporter } from '@opentelemetry/exporter-trace-otlp-http'
import { OTLPTraceExporter as ProtoExporter } from '@opentelemetry/exporter-trace-otlp-proto'
import {
  BasicTracerProvider,
  InMemorySpanExporter,
  type ReadableSpan,
  SimpleSpanProcessor,
  type SpanExporter,
} from '@opentelemetry/sdk-trace-base'
import { call, frame, openSession } from '../../test/conformance/otlp/client/grpc.ts'
import { send } from '../../test/conformance/otlp/client/http.ts'
import { testHost } from '../../test/support/host.ts'
import { decodeRequest } from '../../test/support/oracle.ts'
import { traceRequest } from '../../test/support/spans.ts'
import { addressOf } from './address.ts'
import { Admission } from './admission.ts'
import { STOPPING } from './answer.ts'
import { factory } from './index.ts'
import { Intake } from './intake.ts'
import { configure, Recorder, start, within } from './testing/harness.ts'

const PROTO = { 'content-type': 'application/x-protobuf' }
const span = traceRequest([{ name: 'one' }])
const folder = mkdtempSync(join(tmpdir(), 'otlp-'))
afterAll(() => rmSync(folder, { recursive: true }))

describe('official senders', () => {
  const memory = new InMemorySpanExporter()
  const tracer = new BasicTracerProvider({ spanProcessors: [new SimpleSpanProcessor(memory)] }).getTracer(
    'agent',
    '1.2',
  )
  const root = tracer.startSpan('invoke_agent', {
    attributes: { 'gen_ai.operation.name': 'invoke_agent', big: 2 ** 40, ratio: 0.5, list: ['a', 'b'] },
  })
  root.addEvent('thought', { text: 'é' })
  root.setStatus({ code: 2, message: 'failed' })
  root.end()
  const spans = memory.getFinishedSpans()

  const exported = (
    exporter: SpanExporter,
    batch: readonly ReadableSpan[] = spans,
  ): Promise<{ code: number; error?: Error }> => new Promise((resolve) => exporter.export([...batch], resolve))

  test.each(['grpc', 'grpc gzip', 'http/protobuf', 'http/protobuf gzip', 'http/json', 'http/json gzip'])(
    'OpenTelemetry JS over %s: the same span arrives',
    async (kind) => {
      await within({}, async ({ grpc, http, recorder }) => {
        const compression = (kind.endsWith('gzip') ? 'gzip' : 'none') as never
        const url = `http://${http.address}/v1/traces`
        const exporter = kind.startsWith('grpc')
          ? new GrpcExporter({ url: `http://${grpc.address}`, compression })
          : kind.startsWith('http/json')
            ? new JsonExporter({ url, compression })
            : new ProtoExporter({ url, compression })
        expect(await exported(exporter)).toEqual({ code: 0 })
        await exporter.shutdown()
        expect(recorder.received).toHaveLength(1)
        expect(recorder.received[0]?.transport).toBe(kind.startsWith('grpc') ? 'grpc' : 'http')
        const [got] = spansOf(recorder.received[0]?.body ?? Buffer.alloc(0))
        expect(got).toMatchObject({
          name: 'invoke_agent',
          traceId: Buffer.from(root.spanContext().traceId, 'hex').toString('base64'),
          spanId: Buffer.from(root.spanContext().spanId, 'hex').toString('base64'),
          status: { code: 2, message: 'failed' },
          events: [{ name: 'thought', attributes: [{ key: 'text', value: { stringValue: 'é' } }] }],
          attributes: [
            { key: 'gen_ai.operation.name', value: { stringValue: 'invoke_agent' } },
            { key: 'big', value: expect.anything() },
            { key: 'ratio', value: { doubleValue: 0.5 } },
            { key: 'list', value: { arrayValue: { values: [{ stringValue: 'a' }, { stringValue: 'b' }] } } },
          ],
        })
      })
    },
  )

  test('they come again after a refusal, and give up after bad bytes', async () => {
    await within({}, async ({ grpc, http, recorder }) => {
      const senders = () => [
        new GrpcExporter({ url: `http://${grpc.address}` }),
        new ProtoExporter({ url: `http://${http.address}/v1/traces` }),
        new JsonExporter({ url: `http://${http.address}/v1/traces` }),
      ]
      // The gRPC exporter of OpenTelemetry JS never tries again by itself.
      for (const exporter of senders().slice(1)) {
        let first = true
        recorder.received.length = 0
        recorder.outcome = () => {
          const refused = first
          first = false
          return refused ? { kind: 'refused', message: 'full', retryAfterMs: 1 } : { kind: 'accepted' }
        }
        expect([exporter.constructor.name, await exported(exporter), recorder.received.length]).toEqual([
          exporter.constructor.name,
          { code: 0 },
          2,
        ])
        await exporter.shutdown()
      }
      for (const exporter of senders()) {
        recorder.received.length = 0
        recorder.outcome = () => ({ kind: 'invalid', message: 'bad' })
        expect([(await exported(exporter)).code, recorder.received.length]).toEqual([1, 1])
        await exporter.shutdown()
      }
    })
  }, 20_000)

  test('a connection that is asked to go in the middle of traffic loses no span', async () => {
    const grpc = { keepalive: { server_parameters: { max_connection_age: '40ms', max_connection_age_grace: '1s' } } }
    await within({ grpc }, async ({ grpc: place, recorder }) => {
      const exporter = new GrpcExporter({ url: `http://${place.address}`, timeoutMillis: 5000 })
      const results: number[] = []
      const end = performance.now() + 800
      while (performance.now() < end)
        results.push(...(await Promise.all([1, 2, 3].map(() => exported(exporter).then((r) => r.code)))))
      await exporter.shutdown()
      expect(results.filter((code) => code !== 0)).toEqual([])
      // Neither lost nor sent twice.
      expect(recorder.received).toHaveLength(results.length)
    })
  })
})

function spansOf(body: Buffer): unknown[] {
  const { resourceSpans } = decodeRequest('traces', body) as { resourceSpans: { scopeSpans: { spans: unknown[] }[] }[] }
  return resourceSpans.flatMap((r) => r.scopeSpans.flatMap((s) => s.spans))
}

describe('configuration', () => {
  test('a protocol is enabled by its bare key, with the defaults of the collector', () => {
    const { protocols } = configure({ protocols: { grpc: null, http: null } })
    expect(protocols.grpc).toMatchObject({
      endpoint: '127.0.0.1:4317',
      transport: 'tcp',
      max_recv_msg_size_mib: 4,
      tls: undefined,
    })
    expect(protocols.grpc?.keepalive).toMatchObject({
      server_parameters: { time: 7_200_000, timeout: 20_000, max_connection_age: 0 },
    })
    expect(protocols.http).toMatchObject({
      ...{ endpoint: '127.0.0.1:4318', transport: 'tcp', max_request_body_size: 20_971_520, keep_alives_enabled: true },
      ...{ traces_url_path: '/v1/traces', metrics_url_path: '/v1/metrics', logs_url_path: '/v1/logs', cors: undefined },
      compression_algorithms: ['', 'gzip', 'zstd', 'zlib', 'snappy', 'deflate', 'lz4', 'x-snappy-framed'],
    })
    expect(configure({ protocols: { http: null } }).protocols.grpc).toBeUndefined()
  })

  test('a block as collectors have it is taken whole', () => {
    configure({
      protocols: {
        grpc: {
          endpoint: '0.0.0.0:4317',
          transport: 'tcp',
          tls: {
            cert_file: 'server.crt',
            key_file: 'server.key',
            client_ca_file: 'client.pem',
            reload_interval: '24h',
            min_version: '1.3',
          },
          max_recv_msg_size_mib: 32,
          max_concurrent_streams: 16,
          read_buffer_size: 1024,
          write_buffer_size: 1024,
          include_metadata: true,
          keepalive: {
            server_parameters: {
              max_connection_idle: '11s',
              max_connection_age: '12s',
              max_connection_age_grace: '13s',
              time: '30s',
              timeout: '5s',
            },
            enforcement_policy: { min_time: '10s', permit_without_stream: true },
          },
        },
        http: {
          endpoint: '[::]:4318',
          tls: { cert_file: 'test.crt', key_file: 'test.key' },
          cors: { allowed_origins: ['https://*.test.com', 'https://test.com'], allowed_headers: ['*'], max_age: 7200 },
          traces_url_path: 'traces',
          metrics_url_path: '/v2/metrics',
          response_headers: { 'X-A': 'b' },
          compression_algorithms: [],
          max_request_body_size: 0,
          read_timeout: '0s',
          idle_timeout: '1m30s',
          include_metadata: true,
          keep_alives_enabled: true,
        },
      },
    })
  })

  test('what cannot work is refused with the place and what to do', () => {
    const wrong = (block: unknown, message: RegExp) => expect(() => configure(block)).toThrow(message)
    wrong({}, /at least one protocol/)
    wrong({ protocols: {} }, /must specify at least one protocol when using the OTLP receiver/)
    wrong({ protocols: null }, /at least one protocol/)
    wrong({ protocols: { htttp: null } }, /protocols\.htttp: unknown key.*http/)
    wrong({ protocols: { grpc: { auth: { authenticator: 'oidc' } } } }, /grpc\.auth: authenticators are not supported/)
    wrong({ protocols: { http: { middlewares: [{ id: 'x' }] } } }, /http\.middlewares: middlewares are not supported/)
    wrong({ protocols: { grpc: { endpoint: 'localhost' } } }, /grpc\.endpoint: expected host:port/)
    wrong(
      { protocols: { grpc: { endpoint: 'http://localhost:4317' } } },
      /grpc\.endpoint: expected host:port without a scheme/,
    )
    wrong({ protocols: { grpc: { endpoint: '::1:4317' } } }, /brackets/)
    wrong({ protocols: { grpc: { endpoint: 'localhost:70000' } } }, /port up to 65535/)
    wrong({ protocols: { grpc: { transport: 'unix', endpoint: '' } } }, /path of a unix socket/)
    wrong({ protocols: { grpc: { transport: 'unix', endpoint: `/${'x'.repeat(120)}` } } }, /107 bytes/)
    wrong({ protocols: { grpc: { tls: { cert_file: 'a' } } } }, /grpc\.tls: needs key_file or key_pem/)
    wrong(
      { protocols: { http: { compression_algorithms: ['gzip', 'br'] } } },
      /compression_algorithms\[1\]: unknown content coding/,
    )
    wrong({ protocols: { http: { response_headers: { 'a b': 'c' } } } }, /not a valid header/)
    wrong({ protocols: { http: { response_headers: { a: 'c\nd' } } } }, /not a valid header/)
    wrong(
      { protocols: { http: { max_request_body_size: 300_000_000 } } },
      /admission\.request_limit_mib: less than the largest request/,
    )
  })

  test('the factory tells what it is', () => {
    expect(factory).toMatchObject({ kind: 'receiver', type: 'otlp' })
    expect(factory.create(configure({ protocols: { http: null } }), testHost('otlp'), {})).toBeDefined()
  })

  test('endpoints', () => {
    const check = (endpoint: string, transport: Parameters<typeof addressOf>[1], want: object) =>
      expect(addressOf(endpoint, transport)).toMatchObject(want)
    check('127.0.0.1:4317', 'tcp', { kind: 'tcp', host: '127.0.0.1', port: 4317 })
    check('localhost:4317', 'tcp', { host: '127.0.0.1' })
    check('localhost:4317', 'tcp6', { host: '::1', ipv6Only: true })
    check(':4317', 'tcp', { host: undefined, port: 4317 })
    check(':4317', 'tcp4', { host: '0.0.0.0' })
    check('[::1]:4317', 'tcp', { host: '::1' })
    check('[::]:0', 'tcp6', { host: '::', port: 0 })
    check('my-host:4317', 'tcp', { host: 'my-host' })
    check('/run/x.sock', 'unix', { kind: 'unix', path: '/run/x.sock' })
    check('unix:///run/x.sock', 'tcp', { kind: 'unix', path: '/run/x.sock' })
    check('unix:x.sock', 'unix', { kind: 'unix', path: 'x.sock' })
  })
})

describe('life', () => {
  test('a port in use: start fails by name, and what was open is closed', async () => {
    await within({ http: {} }, async ({ http }) => {
      const free = createServer()
      const port = await new Promise<number>((resolve) =>
        free.listen(0, '127.0.0.1', () => resolve((free.address() as { port: number }).port)),
      )
      await new Promise((resolve) => free.close(resolve))
      const receiver = factory.create(
        configure({ protocols: { grpc: { endpoint: `127.0.0.1:${port}` }, http: { endpoint: http.address } } }),
        testHost('otlp/b'),
        {},
      )
      await expect(receiver.start()).rejects.toThrow(
        `receivers.otlp/b.protocols.http.endpoint: cannot listen on ${http.address} (EADDRINUSE): something else listens there`,
      )
      await expect(openSession({ address: `127.0.0.1:${port}` })).rejects.toThrow(/ECONNREFUSED/)
      expect((await send(http, { headers: PROTO, body: span })).status).toBe(200)
    })
  })

  test('addresses that cannot be had are explained', async () => {
    const check = async (protocols: object, message: RegExp) => {
      const receiver = factory.create(configure({ protocols }), testHost('otlp'), {})
      await expect(receiver.start()).rejects.toThrow(message)
      await receiver.shutdown()
    }
    await check(
      { grpc: { endpoint: '203.0.113.1:4317' } },
      /grpc\.endpoint: cannot listen on 203\.0\.113\.1:4317 \(EADDRNOTAVAIL\).*0\.0\.0\.0/,
    )
    await check({ http: { endpoint: `${folder}/no/such.sock`, transport: 'unix' } }, /such\.sock \(E[A-Z]+\)/)
    await check(
      { http: { endpoint: 'no-such-host.invalid:4318' } },
      /\((ENOTFOUND|EAI_AGAIN)\): the host name cannot be resolved/,
    )
  })

  test('shutdown is safe before start, twice, and at once', async () => {
    const receiver = factory.create(
      configure({ protocols: { grpc: { endpoint: '127.0.0.1:0' }, http: { endpoint: '127.0.0.1:0' } } }),
      testHost('otlp'),
      {},
    )
    await receiver.shutdown()
    const running = await start()
    await Promise.all([running.stop(), running.stop()])
    await running.stop()
    await expect(send(running.http, { headers: PROTO, body: span })).rejects.toThrow(/ECONNREFUSED/)
  })

  test('every shutdown waits for the end', async () => {
    const { recorder, http, receiver } = await start({ http: {} })
    recorder.outcome = () => new Promise((resolve) => setTimeout(() => resolve({ kind: 'accepted' }), 100))
    const answer = send(http, { headers: PROTO, body: span })
    while (recorder.received.length === 0) await new Promise(setImmediate)
    void receiver.shutdown()
    await receiver.shutdown()
    expect(
      await Promise.race([
        answer.then((a) => a.status),
        Promise.resolve('not yet').then(() => new Promise((r) => setTimeout(() => r('not yet'), 20))),
      ]),
    ).toBe(200)
  })

  test('shutdown answers what is under way and takes nothing after it returned', async () => {
    const { recorder, http, grpc, stop } = await start()
    recorder.outcome = () => new Promise((resolve) => setTimeout(() => resolve({ kind: 'accepted' }), 100))
    const session = await openSession(grpc)
    const answers = [
      ...Array.from({ length: 5 }, () => send(http, { headers: PROTO, body: span }).then((a) => a.status)),
      ...Array.from({ length: 5 }, () => call(session, { data: frame(span) }).then((a) => a.code)),
    ]
    while (recorder.received.length < 10) await new Promise(setImmediate)
    await stop()
    expect(await Promise.all(answers)).toEqual([200, 200, 200, 200, 200, 0, 0, 0, 0, 0])
    await expect(send(http, { headers: PROTO, body: span })).rejects.toThrow()
    expect(recorder.received).toHaveLength(10)
  })

  test('senders that keep sending are all answered or cut, never half taken', async () => {
    const { recorder, http, stop } = await start({ http: {} })
    let accepted = 0
    const sender = async () => {
      for (;;) {
        const answer = await send(http, { headers: PROTO, body: span }).catch(() => undefined)
        if (answer === undefined) return
        if (answer.status === 200) accepted++
      }
    }
    const senders = [sender(), sender(), sender()]
    while (accepted < 20) await new Promise(setImmediate)
    await stop()
    const taken = recorder.received.length
    await Promise.all(senders)
    expect([recorder.received.length, accepted]).toEqual([taken, taken])
  })

  test('what the thread pool is still unpacking when all is over goes nowhere', async () => {
    const recorder = new Recorder()
    const host = testHost('otlp')
    const admission = new Admission(2 ** 30)
    const intake = new Intake(host, { traces: recorder.consumer('traces') }, 'http', admission)
    const noise = gzipSync(
      Buffer.from(Array.from({ length: 200_000 }, (_, i) => Math.imul(i ^ (i >>> 7), Math.imul(i, i) | 1) >>> 13)),
    )
    const arrived = {
      signal: 'traces',
      consumer: recorder.consumer('traces'),
      body: noise,
      encoding: 'gzip',
      json: false,
      limit: 2 ** 24,
    } as const
    const answer = intake.take({ ...arrived, account: admission.open() })
    intake.close()
    expect(answer).toBeInstanceOf(Promise)
    expect(await answer).toBe(STOPPING)
    expect(recorder.received).toEqual([])
  })
})

describe('unix sockets', () => {
  test('both protocols, by transport or by scheme; the file goes with the listener', async () => {
    const paths = [join(folder, 'a.sock'), join(folder, 'b.sock')] as const
    await within(
      { grpc: { endpoint: `unix://${paths[0]}` }, http: { endpoint: paths[1], transport: 'unix' } },
      async ({ grpc, http, recorder }) => {
        expect([grpc.address, http.address]).toEqual(paths)
        expect((await send(http, { headers: PROTO, body: span })).status).toBe(200)
        const session = await openSession(grpc)
        expect(await call(session, { data: frame(span) })).toMatchObject({ code: 0 })
        session.destroy()
        expect(recorder.received).toHaveLength(2)
      },
    )
    expect(paths.map((path) => existsSync(path))).toEqual([false, false])
  })

  test('a file that a killed process left is replaced; one that is in use, or is no socket, is not', async () => {
    const path = join(folder, 'stale.sock')
    const { spawnSync } = await import('node:child_process')
    // A killed process cannot remove its socket.
    spawnSync(process.execPath, [
      '-e',
      `require('node:net').createServer().listen(${JSON.stringify(path)}, () => process.kill(process.pid, 'SIGKILL'))`,
    ])
    expect(existsSync(path)).toBe(true)
    await within({ http: { endpoint: path, transport: 'unix' } }, async ({ http }) => {
      expect((await send(http, { headers: PROTO, body: span })).status).toBe(200)
      await expect(start({ http: { endpoint: path, transport: 'unix' } })).rejects.toThrow(/EADDRINUSE/)
      expect((await send(http, { headers: PROTO, body: span })).status).toBe(200)
    })
    const file = join(folder, 'precious')
    writeFileSync(file, 'data')
    await expect(start({ http: { endpoint: file, transport: 'unix' } })).rejects.toThrow(/EADDRINUSE|ENOTSOCK/)
    expect(existsSync(file)).toBe(true)
  })
})
