import assert from 'node:assert/strict'
import { Agent, createServer, type Server } from 'node:http'
import type { ClientHttp2Session } from 'node:http2'
import type { AddressInfo } from 'node:net'
import * as zlib from 'node:zlib'
import type { Signal } from '../../pipeline/component.ts'
import { call, EXPORT, frame, openSession } from '../conformance/otlp/client/grpc.ts'
import { send } from '../conformance/otlp/client/http.ts'
import { lz4Frame, snappyBlock, snappyFramed } from '../conformance/otlp/stored.ts'
import { eventually, type RunningSidecar, startSidecar } from '../support/sidecar.ts'
import { damaged } from './mutate.ts'
import type { Random } from './random.ts'
import { fieldsOf, LEN } from './tree.ts'

/** What must be answered, worked out beside the sidecar from the same bytes. */
export interface Expected {
  readonly kind: 'accepted' | 'partial' | 'invalid'
  /** Items that go on. */
  readonly items: number
}

const PACKERS: Readonly<Record<string, (plain: Buffer) => Buffer>> = {
  identity: (plain) => plain,
  gzip: (plain) => zlib.gzipSync(plain),
  deflate: (plain) => zlib.deflateSync(plain),
  zstd: (plain) => zlib.zstdCompressSync(plain),
  snappy: snappyBlock,
  'x-snappy-framed': snappyFramed,
  lz4: lz4Frame,
}
const ANSWER_MS = 10_000

/** The built sidecar as a process, with a backend that looks at what arrives; see {@link Live.finish} for what must hold. */
export class Live {
  readonly sent = { http: 0, grpc: 0, odd: 0 }
  private readonly accepted: Record<'http' | 'grpc', Record<Signal, number>> = {
    http: { traces: 0, logs: 0, metrics: 0 },
    grpc: { traces: 0, logs: 0, metrics: 0 },
  }
  private readonly sidecar: RunningSidecar
  private readonly backend: Backend
  private readonly agent = new Agent({ keepAlive: true, maxSockets: 4 })
  private session: ClientHttp2Session | undefined

  private constructor(sidecar: RunningSidecar, backend: Backend) {
    this.sidecar = sidecar
    this.backend = backend
  }

  static async start(): Promise<Live> {
    const backend = await Backend.start()
    const exporters = 'exporters: [otlp_http/backend]'
    const sidecar = await startSidecar(`
exporters: { otlp_http/backend: { endpoint: "${backend.url}", sending_queue: { batch: { flush_timeout: 50ms } } } }
service:
  queue: { ack: memory }
  pipelines: { traces: { ${exporters} }, logs: { ${exporters} }, metrics: { ${exporters} } }
`)
    return new Live(sidecar, backend)
  }

  /** The bytes as they are, by one of the doors: the answer must be the one expected. */
  async plain(signal: Signal, bytes: Buffer, json: boolean, want: Expected, random: Random): Promise<void> {
    const overHttp = json || random.chance(0.6)
    const coding = random.pick(Object.keys(PACKERS))
    const packed = PACKERS[coding]?.(bytes) ?? bytes
    if (overHttp) {
      this.sent.http++
      const headers = {
        'content-type': json ? 'application/json' : 'application/x-protobuf',
        'content-encoding': coding,
      }
      const answer = await this.post(signal, packed, headers)
      assert.equal(answer, want.kind === 'invalid' ? 400 : 200, `HTTP ${coding}`)
    } else {
      this.sent.grpc++
      const isPacked = coding === 'gzip' || coding === 'zstd' || coding === 'deflate'
      const message = isPacked ? frame(packed, 1) : frame(bytes)
      const code = await this.call(signal, message, isPacked ? { 'grpc-encoding': coding } : {})
      assert.equal(code, want.kind === 'invalid' ? 3 : 0, 'gRPC')
    }
    if (want.kind !== 'invalid') this.accepted[overHttp ? 'http' : 'grpc'][signal] += want.items
  }

  /** Broken on the way: any refusal will do that says whose fault it is. */
  async broken(signal: Signal, bytes: Buffer, random: Random): Promise<void> {
    this.sent.odd++
    const coding = random.pick(Object.keys(PACKERS).slice(1))
    const packed = damaged(PACKERS[coding]?.(bytes) ?? bytes, random)
    // Damage that happens to unpack to a request would be taken and counted; a content type of nobody never is.
    if (random.chance(0.5)) {
      const headers = {
        'content-type': random.pick(['text/plain', 'application/jsonx', '']),
        'content-encoding': coding,
      }
      assert.equal(await this.post(signal, packed, headers), 415)
      return
    }
    const cut = frame(packed).subarray(0, random.below(packed.length + 5))
    const code = await this.call(signal, cut, { 'grpc-encoding': random.pick(['made-up', 'gzip', 'identity', '']) })
    assert.ok([3, 12, 13].includes(code), `gRPC code ${code} for a message that is cut off`)
  }

  private async post(signal: Signal, body: Buffer, headers: Readonly<Record<string, string>>): Promise<number> {
    const place = { address: this.sidecar.http.replace('http://', '') }
    const request = { path: `/v1/${signal}`, headers, body, agent: this.agent, timeoutMs: ANSWER_MS }
    return (await send(place, request)).status
  }

  private async call(signal: Signal, data: Buffer, headers: Record<string, string>): Promise<number> {
    if (this.session === undefined || this.session.closed || this.session.destroyed)
      this.session = await openSession({ address: this.sidecar.grpc.replace('http://', '') })
    return (await call(this.session, { path: EXPORT[signal], data, headers, timeoutMs: ANSWER_MS })).code
  }

  /** The process lives and has not grown, and its counters say what was counted here. Returns its memory in MiB. */
  async finish(): Promise<number> {
    try {
      assert.equal(this.sidecar.child.exitCode, null, 'the sidecar ended')
      await this.checkCounters()
      assert.equal(this.backend.unreadable, 0, 'requests that arrived at the backend and are none')
      return await residentMib(this.sidecar.own)
    } finally {
      this.session?.destroy()
      this.agent.destroy()
      await this.sidecar.stop()
      this.sidecar.remove()
      this.backend.stop()
    }
  }

  private async checkCounters(): Promise<void> {
    const names = { traces: 'spans', logs: 'log_records', metrics: 'metric_points' }
    const text = await metricsOf(this.sidecar.own)
    for (const [transport, bySignal] of Object.entries(this.accepted)) {
      for (const [signal, items] of Object.entries(bySignal) as [Signal, number][]) {
        const name = `otelcol_receiver_accepted_${names[signal]}`
        assert.equal(sumOf(text, name, `transport="${transport}"`), items, `${name} over ${transport}`)
      }
    }
    for (const [signal, items] of Object.entries(names) as [Signal, string][]) {
      const sent = this.accepted.http[signal] + this.accepted.grpc[signal]
      await eventually(
        async () => sumOf(await metricsOf(this.sidecar.own), `otelcol_exporter_sent_${items}`, '') === sent,
        `otelcol_exporter_sent_${items} to be ${sent}`,
        30_000,
      )
    }
  }
}

const metricsOf = async (url: string): Promise<string> => (await fetch(url)).text()

const sumOf = (text: string, name: string, label: string): number =>
  text
    .split('\n')
    .filter((line) => line.startsWith(name) && line.includes(label))
    .reduce((sum, line) => sum + Number(line.slice(line.lastIndexOf(' '))), 0)

const residentMib = async (url: string): Promise<number> =>
  sumOf(await metricsOf(url), 'otelcol_process_memory_rss', '') / 1024 / 1024

/** Takes everything, and looks whether it can be taken apart. */
class Backend {
  unreadable = 0
  url = ''
  private readonly server: Server = createServer((req, res) => {
    const chunks: Buffer[] = []
    req.on('data', (chunk: Buffer) => chunks.push(chunk))
    req.on('end', () => {
      try {
        for (const field of fieldsOf(zlib.gunzipSync(Buffer.concat(chunks))))
          if (field.number === 1 && field.wire === LEN) fieldsOf(field.body)
      } catch {
        this.unreadable++
      }
      res.writeHead(200, { 'content-type': 'application/x-protobuf', 'content-length': 0 }).end()
    })
  })

  static async start(): Promise<Backend> {
    const backend = new Backend()
    await new Promise<void>((resolve) => backend.server.listen(0, '127.0.0.1', resolve))
    backend.url = `http://127.0.0.1:${(backend.server.address() as AddressInfo).port}`
    return backend
  }

  stop(): void {
    this.server.closeAllConnections()
    this.server.close()
  }
}
