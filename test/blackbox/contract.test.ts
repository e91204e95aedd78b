import { randomBytes } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import { createServer } from 'node:http'
import { createServer as createHttp2Server, type ServerHttp2Stream } from 'node:http2'
import type { AddressInfo, Server } from 'node:net'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import { encodeStatus } from '../../otlp/status.ts'
import { call, EXPORT, frame, openSession } from '../conformance/otlp/client/grpc.ts'
import { send } from '../conformance/otlp/client/http.ts'
import { Random } from '../fuzz/random.ts'
import { encodeRequest } from '../support/oracle.ts'
import { eventually, type RunningSidecar, startSidecar } from '../support/sidecar.ts'

/**
 * The contract of a forwarder, as the collector checks its receivers: items of their own ids, several senders, far ends
 * that fail in every way that passes, and some items that no far end will ever take. In the end every id was delivered
 * to each backend, or is a dead letter; and the counters say what the senders and backends counted.
 */
const POISON = 'poison'
const ITEM = /item-\d+-[0-9a-f]{12}(?:-poison)?/g

/** Fails in a passing way now and then, and for good when something poisoned is in the request. */
abstract class FlakyBackend {
  readonly taken = new Map<string, number>()
  attempts = 0
  protected readonly random: Random
  protected readonly server: Server

  constructor(server: Server, seed: number) {
    this.server = server
    this.random = new Random(seed)
  }

  async start(): Promise<string> {
    await new Promise<void>((resolve) => this.server.listen(0, '127.0.0.1', resolve))
    return `127.0.0.1:${(this.server.address() as AddressInfo).port}`
  }

  stop(): void {
    this.server.close()
  }

  protected idsIn(body: Buffer): readonly string[] {
    this.attempts++
    return body.toString('latin1').match(ITEM) ?? []
  }

  protected take(ids: readonly string[]): void {
    for (const id of ids) this.taken.set(id, (this.taken.get(id) ?? 0) + 1)
  }
}

class HttpBackend extends FlakyBackend {
  constructor() {
    super(
      createServer((req, res) => {
        const chunks: Buffer[] = []
        req.on('data', (chunk: Buffer) => chunks.push(chunk))
        req.on('end', () => {
          const ids = this.idsIn(gunzipSync(Buffer.concat(chunks)))
          if (ids.some((id) => id.endsWith(POISON))) return res.writeHead(400).end()
          const roll = this.random.below(12)
          if (roll < 4)
            return res.writeHead([429, 502, 503, 504][roll] ?? 503, roll === 2 ? { 'retry-after': '0' } : {}).end()
          if (roll === 4) return res.destroy()
          this.take(ids)
          // A warning that is not about any item, now and then: never a reason to send again.
          const warning = Buffer.from([0x0a, 0x06, 0x12, 0x04, ...Buffer.from('slow')])
          return res.writeHead(200, { 'content-type': 'application/x-protobuf' }).end(roll === 5 ? warning : undefined)
        })
      }),
      1,
    )
  }
}

class GrpcBackend extends FlakyBackend {
  constructor() {
    const server = createHttp2Server()
    super(server as unknown as Server, 2)
    server.on('stream', (stream) => {
      const chunks: Buffer[] = []
      stream.on('error', () => {})
      stream.on('data', (chunk: Buffer) => chunks.push(chunk))
      stream.on('end', () => this.receive(stream, Buffer.concat(chunks)))
    })
  }

  private receive(stream: ServerHttp2Stream, data: Buffer): void {
    const ids = this.idsIn(data[0] === 1 ? gunzipSync(data.subarray(5)) : data.subarray(5))
    const poisoned = ids.some((id) => id.endsWith(POISON))
    // CANCELLED, DEADLINE_EXCEEDED, ABORTED, OUT_OF_RANGE, UNAVAILABLE, DATA_LOSS; then RESOURCE_EXHAUSTED with a time.
    const code = poisoned ? 3 : [1, 4, 10, 11, 14, 15, 8][this.random.below(18)]
    if (code !== undefined) {
      this.fail(stream, code, code === 8 ? { retryAfterMs: 5 } : {})
      return
    }
    this.take(ids)
    stream.respond({ ':status': 200, 'content-type': 'application/grpc' }, { waitForTrailers: true })
    stream.on('wantTrailers', () => stream.sendTrailers({ 'grpc-status': '0' }))
    stream.end(Buffer.alloc(5))
  }

  private fail(stream: ServerHttp2Stream, code: number, more: { retryAfterMs?: number } = {}): void {
    const details = encodeStatus({ code, message: 'scripted', ...more }, false).toString('base64')
    stream.respond(
      {
        ...{ ':status': 200, 'content-type': 'application/grpc', 'grpc-status': String(code) },
        'grpc-status-details-bin': details,
      },
      { endStream: true },
    )
  }
}

let serial = 0
const newId = (poisoned: boolean): string =>
  `item-${serial++}-${randomBytes(6).toString('hex')}${poisoned ? `-${POISON}` : ''}`

const requestOf = (ids: readonly string[]): Buffer =>
  encodeRequest('traces', {
    resourceSpans: [
      {
        scopeSpans: [
          { spans: ids.map((name) => ({ traceId: randomBytes(16), spanId: randomBytes(8), name, kind: 1 })) },
        ],
      },
    ],
  })

const backends = { http: new HttpBackend(), grpc: new GrpcBackend() }
let sidecar: RunningSidecar
beforeAll(async () => {
  const [http, grpc] = [await backends.http.start(), await backends.grpc.start()]
  const settings = `
    retry_on_failure: { initial_interval: 10ms, max_interval: 40ms }
    sending_queue: { batch: { flush_timeout: 20ms } }`
  sidecar = await startSidecar(`
exporters:
  otlp_http/flaky:
    endpoint: "http://${http}"${settings}
  otlp_grpc/flaky:
    endpoint: "http://${grpc}"${settings}
service: { pipelines: { traces: { exporters: [otlp_http/flaky, otlp_grpc/flaky] } } }
`)
}, 30_000)
afterAll(async () => {
  await sidecar?.stop()
  sidecar?.remove()
  backends.http.stop()
  backends.grpc.stop()
})

/** Sends requests of a few items each until all are accepted, over one of the protocols. */
async function worker(transport: 'http' | 'grpc', requests: number): Promise<string[]> {
  const sent: string[] = []
  const random = new Random(requests + transport.length)
  const session = transport === 'grpc' ? await openSession({ address: sidecar.grpc.replace('http://', '') }) : undefined
  for (let i = 0; i < requests; i++) {
    const ids = Array.from({ length: 1 + random.below(5) }, () => newId(random.chance(0.005)))
    const body = requestOf(ids)
    if (session !== undefined) expect((await call(session, { path: EXPORT.traces, data: frame(body) })).code).toBe(0)
    else {
      const headers = { 'content-type': 'application/x-protobuf' }
      expect((await send({ address: sidecar.http.replace('http://', '') }, { headers, body })).status).toBe(200)
    }
    sent.push(...ids)
  }
  session?.destroy()
  return sent
}

/** What some counter or gauge says, over all series with these labels. */
async function metric(name: string, ...labels: string[]): Promise<number> {
  const text = await (await fetch(sidecar.own)).text()
  return text
    .split('\n')
    .filter(
      (line) => line.startsWith(name) && /[{ ]/.test(line[name.length] ?? '') && labels.every((l) => line.includes(l)),
    )
    .reduce((sum, line) => sum + Number(line.slice(line.lastIndexOf(' '))), 0)
}

/** Everything in the dead letter files of this exporter. */
function deadLetters(exporter: string): string {
  const folder = join(sidecar.directory, 'queue')
  const files = readdirSync(folder, { recursive: true, encoding: 'utf8' })
  return files
    .filter((file) => file.endsWith('.jsonl') && file.includes(exporter))
    .map((file) => readFileSync(join(folder, file), 'utf8'))
    .join('')
}

test('every item is delivered to each backend or a dead letter of it, and everybody counts the same', async () => {
  const [one, two, three, four] = await Promise.all([
    worker('http', 120),
    worker('http', 120),
    worker('grpc', 120),
    worker('grpc', 120),
  ])
  const sent = { http: [...one, ...two], grpc: [...three, ...four] }
  const all = [...sent.http, ...sent.grpc]
  const poisoned = all.filter((id) => id.endsWith(POISON))
  expect(poisoned.length).toBeGreaterThan(2)
  for (const [protocol, backend] of Object.entries(backends)) {
    const missing = () => all.filter((id) => !id.endsWith(POISON) && !backend.taken.has(id))
    await eventually(() => missing().length === 0, `all items over ${protocol}`, 60_000)
    const exporter = `exporter="otlp_${protocol}/flaky"`
    await eventually(
      async () => (await metric('otelcol_exporter_send_failed_spans_total', exporter)) === poisoned.length,
      'the poisoned items to be set aside',
      30_000,
    )
    expect(poisoned.filter((id) => backend.taken.has(id))).toEqual([])
    const dead = deadLetters(`otlp_${protocol}`)
    // Each of them, and only they: a good item beside a poisoned one is not lost with it.
    expect(new Set(dead.match(ITEM) ?? [])).toEqual(new Set(poisoned))
    await eventually(
      async () => (await metric('otelcol_exporter_sent_spans_total', exporter)) === all.length - poisoned.length,
      'the count of sent spans',
    )
    await eventually(async () => (await metric('otelcol_exporter_queue_size', exporter)) === 0, 'an empty queue')
    expect(await metric('otelcol_exporter_queue_capacity', exporter)).toBeGreaterThan(0)
    expect(backend.attempts).toBeGreaterThan(50)
  }
  for (const transport of ['http', 'grpc'] as const) {
    expect(await metric('otelcol_receiver_accepted_spans_total', `transport="${transport}"`)).toBe(
      sent[transport].length,
    )
    expect(await metric('otelcol_receiver_refused_spans_total', `transport="${transport}"`)).toBe(0)
    expect(await metric('otelcol_receiver_requests_total', `transport="${transport}"`, 'outcome="success"')).toBe(240)
  }
  expect(await metric('otelcol_process_memory_rss')).toBeGreaterThan(20 * 1024 * 1024)
  expect(await metric('otelcol_process_cpu_seconds_total')).toBeGreaterThan(0)
  expect(await metric('otelcol_process_uptime_total')).toBeGreaterThan(0)
}, 120_000)
