import { mkdtempSync, rmSync } from 'node:fs'
import { createServer, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Metadata, Server, ServerCredentials, type ServerUnaryCall, type sendUnaryData, status } from '@grpc/grpc-js'
import type { Exporter, ExportResult, Signal } from '../../pipeline/component.ts'
import { certificate } from '../../pipeline/exporter-config/testing/certificate.ts'
import { configured, valid } from '../../pipeline/exporter-config/testing/configured.ts'
import { delivery } from '../../pipeline/exporter-config/testing/delivery.ts'
import type { Host } from '../../pipeline/host.ts'
import { request } from '../../pipeline/queue/testing/requests.ts'
import { systemClock } from '../../pipeline/runtime/clock.ts'
import { testHost } from '../../test/support/host.ts'
import { config } from './config.ts'
import { factory } from './index.ts'
import { targetOf } from './target.ts'

const SERVICES: Readonly<Record<Signal, string>> = {
  traces: 'opentelemetry.proto.collector.trace.v1.TraceService',
  logs: 'opentelemetry.proto.collector.logs.v1.LogsService',
  metrics: 'opentelemetry.proto.collector.metrics.v1.MetricsService',
}
const identity = (bytes: Buffer): Buffer => bytes

interface Seen {
  readonly signal: Signal
  readonly body: Buffer
  readonly metadata: Metadata
}
type Answer = Parameters<sendUnaryData<Buffer>>[0] | Buffer | 'never'

/** A far end that answers as told and keeps what it saw. */
class Backend {
  readonly seen: Seen[] = []
  answer: Answer = Buffer.alloc(0)
  private readonly server = new Server()

  constructor() {
    for (const [signal, service] of Object.entries(SERVICES) as [Signal, string][]) {
      const method = { path: `/${service}/Export`, requestStream: false, responseStream: false } as const
      const codec = {
        requestSerialize: identity,
        requestDeserialize: identity,
        responseSerialize: identity,
        responseDeserialize: identity,
      }
      this.server.addService(
        { Export: { ...method, ...codec } },
        {
          Export: (call: ServerUnaryCall<Buffer, Buffer>, done: sendUnaryData<Buffer>) => this.take(signal, call, done),
        },
      )
    }
  }

  private take(signal: Signal, call: ServerUnaryCall<Buffer, Buffer>, done: sendUnaryData<Buffer>): void {
    this.seen.push({ signal, body: call.request, metadata: call.metadata })
    if (this.answer === 'never') return
    if (Buffer.isBuffer(this.answer)) done(null, this.answer)
    else done(this.answer, null)
  }

  listen(address = '127.0.0.1:0', credentials = ServerCredentials.createInsecure()): Promise<number> {
    return new Promise((resolve, reject) =>
      this.server.bindAsync(address, credentials, (error, port) => (error === null ? resolve(port) : reject(error))),
    )
  }
  close(): void {
    this.server.forceShutdown()
  }
}

let backend: Backend
let port: number
const host: Host = { ...testHost('otlp_grpc'), clock: systemClock }
const exporters: Exporter[] = []

beforeEach(async () => {
  backend = new Backend()
  port = await backend.listen()
})
afterEach(async () => {
  for (const exporter of exporters.splice(0)) await exporter.shutdown()
  backend.close()
})

async function started(yaml: string): Promise<Exporter> {
  const exporter = factory.create(valid(config, yaml), host)
  await exporter.start()
  exporters.push(exporter)
  return exporter
}

const BODY = request(['a', 'b'])
const plain = (more = ''): string => `{ endpoint: "127.0.0.1:${port}", tls: { insecure: true } ${more} }`
const send = (exporter: Exporter, signal: Signal = 'traces'): Promise<ExportResult> =>
  exporter.export(delivery(BODY, { signal, items: 2 }))

/** A google.rpc.Status whose details are these Any messages. */
function statusBytes(...details: { type: string; value: Buffer }[]): Buffer {
  const field = (tag: number, body: Buffer): Buffer => Buffer.concat([Buffer.from([tag, body.length]), body])
  return Buffer.concat(
    details.map(({ type, value }) => field(0x1a, Buffer.concat([field(0x0a, Buffer.from(type)), field(0x12, value)]))),
  )
}
const RETRY_INFO = 'type.googleapis.com/google.rpc.RetryInfo'
/** RetryInfo of 2.5 s: seconds 2, nanos 500,000,000. */
const IN_2500_MS = { type: RETRY_INFO, value: Buffer.from([0x0a, 8, 0x08, 2, 0x10, 0x80, 0xca, 0xb5, 0xee, 0x01]) }

test('each signal goes to its own service, as bytes, compressed or not', async () => {
  for (const compression of ['gzip', 'none']) {
    const exporter = await started(plain(`, compression: ${compression}`))
    for (const signal of ['traces', 'logs', 'metrics'] as const) {
      expect(await send(exporter, signal)).toEqual({ kind: 'ok' })
      expect(backend.seen.at(-1)?.signal).toBe(signal)
      expect(backend.seen.at(-1)?.body).toEqual(BODY)
    }
  }
})

test('headers go as metadata', async () => {
  const exporter = await started(plain(', headers: { X-Api-Key: k1 }, user_agent: me/1'))
  await send(exporter)
  await send(exporter)
  expect(backend.seen[1]?.metadata.get('x-api-key')).toEqual(['k1'])
  expect(backend.seen[1]?.metadata.get('user-agent')[0]).toMatch(/^me\/1 /)
})

test('each code is retried or not exactly as the specification says', async () => {
  const exporter = await started(plain())
  const retried = ['CANCELLED', 'DEADLINE_EXCEEDED', 'ABORTED', 'OUT_OF_RANGE', 'UNAVAILABLE', 'DATA_LOSS']
  for (const [name, code] of Object.entries(status)) {
    if (typeof code !== 'number' || code === 0) continue
    backend.answer = { code, details: 'because' }
    const result = await send(exporter)
    expect(result).toEqual({
      kind: retried.includes(name) ? 'retry' : 'rejected',
      reason: `gRPC ${name}: because`,
      ...(retried.includes(name) ? { afterMs: undefined } : {}),
    })
  }
})

test('RetryInfo names the time, and makes a far end without room worth another attempt', async () => {
  const exporter = await started(plain())
  const check = async (
    code: number,
    details: Buffer | undefined,
    kind: string,
    afterMs: number | undefined,
  ): Promise<void> => {
    const metadata = new Metadata()
    if (details !== undefined) metadata.set('grpc-status-details-bin', details)
    backend.answer = { code, details: 'x', metadata }
    const result = await send(exporter)
    expect([result.kind, result.kind === 'retry' ? result.afterMs : undefined]).toEqual([kind, afterMs])
  }
  const other = { type: 'type.googleapis.com/google.rpc.DebugInfo', value: Buffer.from([0x0a, 1, 0x61]) }
  await check(status.RESOURCE_EXHAUSTED, undefined, 'rejected', undefined)
  await check(status.RESOURCE_EXHAUSTED, statusBytes(other), 'rejected', undefined)
  await check(status.RESOURCE_EXHAUSTED, statusBytes(IN_2500_MS), 'retry', 2500)
  await check(status.UNAVAILABLE, statusBytes(other, IN_2500_MS), 'retry', 2500)
  await check(status.UNAVAILABLE, Buffer.from([0x1a, 0x7f, 1]), 'retry', undefined)
  await check(status.INVALID_ARGUMENT, statusBytes(IN_2500_MS), 'rejected', undefined)
})

test('partial success is told', async () => {
  const exporter = await started(plain())
  backend.answer = Buffer.from([0x0a, 7, 0x08, 2, 0x12, 3, 0x6f, 0x6c, 0x64])
  expect(await send(exporter)).toEqual({ kind: 'ok', rejected: 2, message: 'old' })
  backend.answer = Buffer.from([0x0a, 0])
  expect(await send(exporter)).toEqual({ kind: 'ok' })
})

test('a silent far end, a dropped connection and none at all are retried, and it works again afterwards', async () => {
  const exporter = await started(plain(', timeout: 50ms'))
  backend.answer = 'never'
  expect(await send(exporter)).toMatchObject({ kind: 'retry', reason: expect.stringContaining('DEADLINE_EXCEEDED') })
  const patient = await started(plain(', timeout: 10s, wait_for_ready: true'))
  const pending = send(patient)
  while (backend.seen.length < 2) await new Promise((resolve) => setImmediate(resolve))
  backend.close()
  expect(await pending).toMatchObject({ kind: 'retry' })
  const impatient = await started(plain())
  expect(await send(impatient)).toMatchObject({ kind: 'retry', reason: expect.stringContaining('UNAVAILABLE') })
  backend = new Backend()
  await backend.listen(`127.0.0.1:${port}`)
  expect(await send(patient)).toEqual({ kind: 'ok' })
})

test('something that is no gRPC server is retried, not believed', async () => {
  const sockets: Socket[] = []
  const server = createServer((socket) => {
    sockets.push(socket)
    socket.on('error', () => undefined).end('HTTP/1.1 200 OK\r\n\r\n')
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  const exporter = await started(
    `{ endpoint: "127.0.0.1:${typeof address === 'object' ? address?.port : 0}", tls: { insecure: true }, timeout: 1s }`,
  )
  expect(await send(exporter)).toMatchObject({ kind: 'retry' })
  for (const socket of sockets) socket.destroy()
  server.close()
})

test('TLS: the certificate is checked, against its own authority when one is given', async () => {
  const { cert, key } = certificate()
  const secure = new Backend()
  const credentials = ServerCredentials.createSsl(null, [
    { cert_chain: Buffer.from(cert), private_key: Buffer.from(key) },
  ])
  const securePort = await secure.listen('127.0.0.1:0', credentials)
  const pem = JSON.stringify(cert)
  const check = async (endpoint: string, tls: string, want: object): Promise<void> =>
    expect(await send(await started(`{ endpoint: "${endpoint}:${securePort}", tls: { ${tls} } }`))).toMatchObject(want)
  await check('localhost', '', { kind: 'retry' })
  await check('localhost', `ca_pem: ${pem}`, { kind: 'ok' })
  await check('https://localhost', `ca_pem: ${pem}, insecure: true`, { kind: 'ok' })
  await check('localhost', 'insecure_skip_verify: true', { kind: 'ok' })
  await check('127.0.0.1', `ca_pem: ${pem}`, { kind: 'retry' })
  await check('127.0.0.1', `ca_pem: ${pem}, server_name_override: localhost`, { kind: 'ok' })
  for (const exporter of exporters.splice(0)) await exporter.shutdown()
  secure.close()
})

test('over a unix socket', async () => {
  const directory = mkdtempSync(join(tmpdir(), 'tokenfuse-grpc-'))
  const local = new Backend()
  await local.listen(`unix:${directory}/s`)
  expect(await send(await started(`{ endpoint: "unix://${directory}/s" }`))).toEqual({ kind: 'ok' })
  local.close()
  rmSync(directory, { recursive: true })
})

test('lives before its start and after its end', async () => {
  const exporter = factory.create(valid(config, plain()), host)
  await exporter.shutdown()
  expect(await send(exporter)).toEqual({ kind: 'retry', reason: 'not started' })
  await exporter.start()
  await exporter.shutdown()
  await exporter.shutdown()
})

test('addresses are read as the collector reads them', () => {
  const check = (endpoint: string, insecure: boolean, want: [string, boolean] | undefined): void =>
    expect(targetOf(endpoint, insecure)).toEqual(want === undefined ? undefined : { address: want[0], plain: want[1] })
  check('collector:4317', false, ['collector:4317', false])
  check('collector:4317', true, ['collector:4317', true])
  check('http://collector:4317', false, ['collector:4317', true])
  check('https://collector:4317/', true, ['collector:4317', false])
  check('https://otlp.example.com', false, ['otlp.example.com:443', false])
  check('dns:///collector:4317', false, ['dns:///collector:4317', false])
  check('[::1]:4317', true, ['[::1]:4317', true])
  check('unix:///run/otlp.sock', false, ['unix:///run/otlp.sock', true])
  for (const bad of ['', 'collector', 'http://', 'http://a/b', 'ftp://a:1', 'a b:1']) check(bad, true, undefined)
})

test('a block from a collector is accepted; what cannot work is refused with its place', () => {
  const pasted = `
endpoint: tempo:4317
compression: gzip
timeout: 10s
tls: { insecure: true }
keepalive: { time: 30s, timeout: 5s, permit_without_stream: true }
balancer_name: pick_first
write_buffer_size: 524288
headers: { x: y }
retry_on_failure: { enabled: true }
sending_queue: { num_consumers: 2 }`
  const { problems, warnings } = configured(config, pasted)
  expect([problems, warnings.length]).toEqual([[], 1])
  const check = (yaml: string, want: string): void => expect(configured(config, yaml).problems.join()).toContain(want)
  check('', 'endpoint')
  check('endpoint: tempo', 'is no address')
  check('{ endpoint: "a:1", compression: zstd }', 'compression')
})
