import {
  createServer as createPlain,
  type IncomingMessage,
  type RequestListener,
  type Server,
  type ServerResponse,
} from 'node:http'
import { createServer as createTls } from 'node:https'
import type { AddressInfo } from 'node:net'
import { gunzipSync, zstdDecompressSync } from 'node:zlib'
import type { Exporter, ExportResult, Signal } from '../../pipeline/component.ts'
import { certificate } from '../../pipeline/exporter-config/testing/certificate.ts'
import { configured, valid } from '../../pipeline/exporter-config/testing/configured.ts'
import { delivery } from '../../pipeline/exporter-config/testing/delivery.ts'
import { request } from '../../pipeline/queue/testing/requests.ts'
import { type TestHost, testHost } from '../../test/support/host.ts'
import { config } from './config.ts'
import { factory } from './index.ts'

interface Seen {
  readonly method: string | undefined
  readonly url: string | undefined
  readonly headers: IncomingMessage['headers']
  readonly body: Buffer
}

type Respond = (response: ServerResponse, request: IncomingMessage) => void

/** A far end that answers as told and keeps what it saw. */
class Backend {
  readonly seen: Seen[] = []
  respond: Respond = (response) => response.end()
  private readonly server: Server

  constructor(make: (listener: RequestListener) => Server = createPlain) {
    this.server = make((incoming, response) => {
      const chunks: Buffer[] = []
      incoming.on('data', (chunk: Buffer) => chunks.push(chunk))
      incoming.on('end', () => {
        this.seen.push({
          method: incoming.method,
          url: incoming.url,
          headers: incoming.headers,
          body: Buffer.concat(chunks),
        })
        this.respond(response, incoming)
      })
    })
  }

  async listen(): Promise<number> {
    await new Promise<void>((resolve) => this.server.listen(0, '127.0.0.1', resolve))
    return (this.server.address() as AddressInfo).port
  }
  async close(): Promise<void> {
    this.server.closeAllConnections()
    await new Promise((resolve) => this.server.close(resolve))
  }
}

let backend: Backend
let port: number
let host: TestHost
const exporters: Exporter[] = []

beforeEach(async () => {
  backend = new Backend()
  port = await backend.listen()
  host = testHost('otlp_http')
})
afterEach(async () => {
  for (const exporter of exporters.splice(0)) await exporter.shutdown()
  await backend.close()
})

async function started(yaml: string): Promise<Exporter> {
  const exporter = factory.create(valid(config, yaml), host)
  await exporter.start()
  exporters.push(exporter)
  return exporter
}

const BODY = request(['a', 'b'])
const plain = (more = ''): string => `{ endpoint: "http://127.0.0.1:${port}", compression: none ${more} }`
const send = (exporter: Exporter, signal: Signal = 'traces'): Promise<ExportResult> =>
  exporter.export(delivery(BODY, { signal, items: 2 }))

test('each signal goes to its own path below the endpoint, or to its own endpoint as written', async () => {
  const check = async (yaml: string, want: Record<Signal, string>): Promise<void> => {
    const exporter = await started(yaml)
    for (const signal of ['traces', 'logs', 'metrics'] as const) {
      backend.seen.length = 0
      expect(await send(exporter, signal)).toEqual({ kind: 'ok' })
      expect([backend.seen[0]?.method, backend.seen[0]?.url]).toEqual(['POST', want[signal]])
      expect(backend.seen[0]?.body).toEqual(BODY)
    }
  }
  const base = `http://127.0.0.1:${port}`
  await check(`{ endpoint: "${base}", compression: none }`, {
    traces: '/v1/traces',
    logs: '/v1/logs',
    metrics: '/v1/metrics',
  })
  await check(`{ endpoint: "${base}/api/otel/", compression: none }`, {
    traces: '/api/otel/v1/traces',
    logs: '/api/otel/v1/logs',
    metrics: '/api/otel/v1/metrics',
  })
  await check(`{ endpoint: "${base}", traces_endpoint: "${base}/t?x=1", compression: none }`, {
    traces: '/t?x=1',
    logs: '/v1/logs',
    metrics: '/v1/metrics',
  })
})

test('a signal without an endpoint is rejected, not sent elsewhere', async () => {
  const exporter = await started(`{ traces_endpoint: "http://127.0.0.1:${port}/t" }`)
  expect(await send(exporter, 'logs')).toMatchObject({
    kind: 'rejected',
    reason: expect.stringContaining('logs_endpoint'),
  })
  expect(backend.seen).toEqual([])
})

test('headers say what is in the body; own ones win', async () => {
  await send(await started(plain(', headers: { Authorization: "Basic x", User-Agent: mine }')))
  expect(backend.seen[0]?.headers).toMatchObject({
    authorization: 'Basic x',
    'user-agent': 'mine',
    'content-type': 'application/x-protobuf',
    'content-length': String(BODY.length),
  })
  expect(backend.seen[0]?.headers['content-encoding']).toBeUndefined()
})

test('bodies are compressed as configured', async () => {
  const base = `endpoint: "http://127.0.0.1:${port}"`
  await send(await started(`{ ${base} }`))
  await send(await started(`{ ${base}, compression: zstd, compression_params: { level: 3 } }`))
  expect(backend.seen.map(({ headers }) => headers['content-encoding'])).toEqual(['gzip', 'zstd'])
  expect(gunzipSync(backend.seen[0]?.body ?? Buffer.alloc(0))).toEqual(BODY)
  expect(zstdDecompressSync(backend.seen[1]?.body ?? Buffer.alloc(0))).toEqual(BODY)
})

test('JSON on request, compressed too', async () => {
  await send(await started(plain(', encoding: json')))
  await send(await started(`{ endpoint: "http://127.0.0.1:${port}", encoding: json }`))
  expect(backend.seen.map(({ headers }) => headers['content-type'])).toEqual(['application/json', 'application/json'])
  const texts = [backend.seen[0]?.body, gunzipSync(backend.seen[1]?.body ?? Buffer.alloc(0))].map(String)
  expect(texts[0]).toBe(texts[1])
  expect(Object.keys(JSON.parse(texts[0] ?? '') as object)).toEqual(['resourceSpans'])
})

test('each status is retried or not exactly as the specification says', async () => {
  const exporter = await started(plain())
  const check = async (status: number, kind: string): Promise<void> => {
    backend.respond = (response) => response.writeHead(status).end()
    const result = await send(exporter)
    expect([status, result.kind]).toEqual([status, kind])
    if (result.kind !== 'ok') expect(result.reason).toContain(`HTTP ${status}`)
  }
  for (const status of [200, 202, 204]) await check(status, 'ok')
  for (const status of [429, 502, 503, 504]) await check(status, 'retry')
  for (const status of [301, 307, 400, 401, 403, 404, 405, 408, 413, 415, 422, 500, 501, 505])
    await check(status, 'rejected')
})

test('Retry-After counts in seconds or as a date, on 429 and 503 only', async () => {
  const exporter = await started(plain())
  const check = async (status: number, header: string | undefined, afterMs: number | undefined): Promise<void> => {
    backend.respond = (response) =>
      response.writeHead(status, header === undefined ? {} : { 'retry-after': header }).end()
    expect(await send(exporter)).toEqual({ kind: 'retry', reason: expect.any(String), afterMs })
  }
  const inTwoMinutes = new Date(Math.floor(host.clock.now() / 1000) * 1000 + 120_000).toUTCString()
  await check(503, '7', 7000)
  await check(429, '0', 0)
  await check(503, inTwoMinutes, 120_000 - (host.clock.now() % 1000))
  await check(503, new Date(0).toUTCString(), 0)
  await check(503, 'soon', undefined)
  await check(503, '-3', undefined)
  await check(429, undefined, undefined)
  await check(502, '7', undefined)
  await check(504, '7', undefined)
})

test('what the far end says about an error is in the reason', async () => {
  const exporter = await started(plain())
  const check = async (type: string, body: Buffer | string, want: string): Promise<void> => {
    backend.respond = (response) => response.writeHead(400, { 'content-type': type }).end(body)
    expect(await send(exporter)).toEqual({ kind: 'rejected', reason: want })
  }
  const status = Buffer.from([0x08, 3, 0x12, 3, 0x62, 0x61, 0x64])
  await check('application/x-protobuf', status, 'HTTP 400 Bad Request: bad')
  await check('application/json; charset=utf-8', '{"code":3,"message":"worse"}', 'HTTP 400 Bad Request: worse')
  await check('text/html', '<html>', 'HTTP 400 Bad Request')
})

test('partial success is told, and broken or huge answers to a success are still a success', async () => {
  const exporter = await started(plain())
  const check = async (type: string, body: Buffer | string, want: ExportResult): Promise<void> => {
    backend.respond = (response) => response.writeHead(200, { 'content-type': type }).end(body)
    expect(await send(exporter)).toEqual(want)
  }
  await check('application/x-protobuf', Buffer.from([0x0a, 7, 0x08, 2, 0x12, 3, 0x6f, 0x6c, 0x64]), {
    kind: 'ok',
    rejected: 2,
    message: 'old',
  })
  await check('application/json', '{"partialSuccess":{"rejectedSpans":"2","errorMessage":"old"}}', {
    kind: 'ok',
    rejected: 2,
    message: 'old',
  })
  await check('application/x-protobuf', '', { kind: 'ok' })
  await check('application/json', '{"partialSuccess":', { kind: 'ok' })
  await check('application/json', '{}', { kind: 'ok' })
  await check('application/x-protobuf', Buffer.from([0x0a, 200, 1]), { kind: 'ok' })
  await check('application/x-protobuf', Buffer.alloc(5_000_000, 0xff), { kind: 'ok' })
  await check('application/x-protobuf', '', { kind: 'ok' })
})

test('no connection, a dropped one and a silent far end are all retried', async () => {
  const exporter = await started(plain())
  backend.respond = (response) => response.destroy()
  expect(await send(exporter)).toMatchObject({ kind: 'retry', reason: expect.stringContaining('hang up') })
  backend.respond = () => host.clock.advance(30_000)
  expect(await send(exporter)).toEqual({ kind: 'retry', reason: 'no answer within 30000 ms' })
  await backend.close()
  expect(await send(exporter)).toMatchObject({ kind: 'retry', reason: expect.stringContaining('ECONNREFUSED') })
  const lost = await started('{ endpoint: "http://no-such-host.invalid:1" }')
  expect(await send(lost)).toMatchObject({ kind: 'retry', reason: expect.stringMatching(/ENOTFOUND|EAI_AGAIN/) })
})

test('a kept connection that the far end closed meanwhile costs no attempt', async () => {
  const exporter = await started(plain())
  expect(await send(exporter)).toEqual({ kind: 'ok' })
  let first = true
  backend.respond = (response, incoming) => {
    if (first) incoming.socket.resetAndDestroy()
    else response.end()
    first = false
  }
  expect(await send(exporter)).toEqual({ kind: 'ok' })
  expect(backend.seen).toHaveLength(3)
})

test('connections are kept, unless told otherwise', async () => {
  const sockets = new Set<unknown>()
  backend.respond = (response, incoming) => {
    sockets.add(incoming.socket)
    response.end()
  }
  const keeping = await started(plain())
  for (let i = 0; i < 3; i++) await send(keeping)
  expect(sockets.size).toBe(1)
  const other = await started(plain(', disable_keep_alives: true'))
  for (let i = 0; i < 3; i++) await send(other)
  expect(sockets.size).toBe(4)
})

test('through a proxy', async () => {
  const exporter = await started(
    `{ endpoint: "http://far.invalid:4318", compression: none, proxy_url: "http://127.0.0.1:${port}" }`,
  )
  expect(await send(exporter)).toEqual({ kind: 'ok' })
  expect([backend.seen[0]?.url, backend.seen[0]?.headers.host]).toEqual([
    'http://far.invalid:4318/v1/traces',
    'far.invalid:4318',
  ])
})

test('TLS: the certificate is checked, against its own authority when one is given', async () => {
  const { cert, key } = certificate()
  const secure = new Backend((listener) => createTls({ cert, key }, listener) as unknown as Server)
  const securePort = await secure.listen()
  const at = `endpoint: "https://localhost:${securePort}", compression: none`
  expect(await send(await started(`{ ${at} }`))).toMatchObject({
    kind: 'retry',
    reason: expect.stringContaining('self-signed'),
  })
  const pem = JSON.stringify(cert)
  expect(await send(await started(`{ ${at}, tls: { ca_pem: ${pem} } }`))).toEqual({ kind: 'ok' })
  expect(await send(await started(`{ ${at}, tls: { insecure_skip_verify: true } }`))).toEqual({ kind: 'ok' })
  const byAddress = `endpoint: "https://127.0.0.1:${securePort}", compression: none`
  expect(
    await send(await started(`{ ${byAddress}, tls: { ca_pem: ${pem}, server_name_override: other } }`)),
  ).toMatchObject({ kind: 'retry' })
  expect(
    await send(await started(`{ ${byAddress}, tls: { ca_pem: ${pem}, server_name_override: localhost } }`)),
  ).toEqual({ kind: 'ok' })
  expect(secure.seen).toHaveLength(3)
  for (const exporter of exporters.splice(0)) await exporter.shutdown()
  await secure.close()
})

test('a missing TLS file stops the start', async () => {
  const exporter = factory.create(valid(config, '{ endpoint: "https://x:1", tls: { ca_file: /no/such/file } }'), host)
  await expect(exporter.start()).rejects.toThrow('tls.ca_file')
  await exporter.shutdown()
  await exporter.shutdown()
  expect(await send(exporter)).toMatchObject({ kind: 'retry' })
})

test('a block from a collector is accepted; what cannot work is refused with its place', () => {
  const pasted = `
endpoint: https://otlp.example.com
compression: gzip
encoding: proto
timeout: 10s
headers: { x-api-key: "123" }
tls: { insecure: false, ca_file: /ca.pem }
retry_on_failure: { enabled: true, initial_interval: 1s, max_interval: 10s, max_elapsed_time: 60s }
sending_queue: { enabled: true, num_consumers: 2, queue_size: 100 }`
  expect(configured(config, pasted).problems).toEqual([])
  const check = (yaml: string, want: string): void => expect(configured(config, yaml).problems.join()).toContain(want)
  check('', 'endpoint: required')
  check('endpoint: localhost:4318', 'endpoint')
  check('{ endpoint: "http://x", compression: brotli }', 'compression')
  check('{ endpoint: "http://x", compression_params: { level: 12 } }', 'gzip has levels 1 to 9')
  check('{ endpoint: "http://x y" }', 'is not a URL')
  check('{ endpoint: "http://x", endpiont: y }', 'endpiont')
})
