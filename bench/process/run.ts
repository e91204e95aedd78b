/** The whole sidecar as a process: throughput, cost at a steady rate, latency, start. See README.md. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { gzipSync } from 'node:zlib'
import { freePorts } from '../../test/support/sidecar.ts'
import { sequence, tracePayload } from '../payloads.ts'
import { median, table } from '../support/measure.ts'
import { type Client, grpcClient, httpClient } from './clients.ts'
import { cpuSeconds, pins, rssMib, startPinned, stopped } from './processes.ts'

const flag = (name: string, fallback: number): number => {
  const at = process.argv.indexOf(`--${name}`)
  return at < 0 ? fallback : Number(process.argv[at + 1])
}
const seconds = flag('seconds', 10)
const SIDECAR_CORE = 1
const OTHER_CORE = 0

const directory = mkdtempSync(join(tmpdir(), 'tokenfuse-bench-'))
const [grpcPort = 0, httpPort = 0, own = 0, health = 0] = await freePorts(4)
const sink = await startPinned(OTHER_CORE, ['--no-warnings', 'bench/process/sink.ts'], /\d+\n/)
const config = join(directory, 'config.yaml')
writeFileSync(
  config,
  `
receivers: { otlp: { protocols: { grpc: { endpoint: "127.0.0.1:${grpcPort}" }, http: { endpoint: "127.0.0.1:${httpPort}" } } } }
processors:
  memory_limiter: { limit_percentage: 80 }
  gen_ai_usage:
  token_pricing:
  business_tags:
  loop_detector: { on_critical: kill }
  budget: { budgets: [ { id: run-cap, scope: [run], limit_usd: 500000, period: lifetime, on_exceed: kill }, { id: month, limit_usd: 9000000, period: month, on_exceed: kill } ] }
exporters: { otlp_http: { endpoint: "http://127.0.0.1:${sink.said.trim()}" } }
extensions: { ledger: , health_check: { endpoint: "127.0.0.1:${health}" } }
service:
  extensions: [ledger, health_check]
  data_directory: "${directory}"
  queue: { directory: "${join(directory, 'queue')}", ack: written }
  telemetry: { metrics: { endpoint: "127.0.0.1:${own}" } }
  pipelines: { traces: { receivers: [otlp], processors: [memory_limiter, gen_ai_usage, token_pricing, business_tags, loop_detector, budget], exporters: [otlp_http] } }
`,
)
const sidecarArgs = ['--no-warnings', '--max-semi-space-size=8', 'dist/tokenfuse.mjs', 'run', '--config', config]
const { child } = await startPinned(SIDECAR_CORE, sidecarArgs, /is ready/)
const pid = child.pid ?? 0

/** Requests with ids of their own, `count` spans each. */
const payloads = (requests: number, count: number, seed: number): Buffer[] =>
  Array.from({ length: requests }, (_, i) => tracePayload(count, 'mixed', seed + i))

async function throughput(): Promise<string[]> {
  const batches = payloads(Math.max(60, seconds * 30), 512, 1_000)
  const bodies = batches.map((body) => gzipSync(body, { level: 1 }))
  const client = httpClient(httpPort, 4)
  const warm = payloads(40, 512, 50_000).map((body) => gzipSync(body, { level: 1 }))
  await inParallel(client, warm, 4)
  await sleep(500)
  const before = cpuSeconds(pid)
  await inParallel(client, bodies, 4)
  await sleep(1000)
  const perSpan = (cpuSeconds(pid) - before) / (bodies.length * 512)
  client.close()
  return [
    'throughput: HTTP, gzip in and out, 512 a batch',
    `${(1 / perSpan / 1000).toFixed(0)} k spans/s/core`,
    `${(perSpan * 1e6).toFixed(1)} µs/span`,
    `${rssMib(pid).toFixed(0)} MiB`,
  ]
}

async function inParallel(client: Client, bodies: readonly Buffer[], width: number): Promise<void> {
  let next = 0
  const worker = async (): Promise<void> => {
    for (let i = next++; i < bodies.length; i = next++) await client.send(bodies[i] as Buffer, 'gzip')
  }
  await Promise.all(Array.from({ length: width }, worker))
}

async function steady(name: string, client: Client, seed: number): Promise<string[]> {
  const bodies = payloads(seconds * 100, 100, seed)
  const before = cpuSeconds(pid)
  const began = performance.now()
  let failed = 0
  const sent: Promise<void>[] = []
  for (const [i, body] of bodies.entries()) {
    const wait = began + i * 10 - performance.now()
    if (wait > 1) await sleep(wait)
    sent.push(client.send(body).catch(() => void failed++))
  }
  await Promise.all(sent)
  const elapsed = (performance.now() - began) / 1000
  const used = cpuSeconds(pid) - before
  client.close()
  return [
    `steady ${name}: ${((bodies.length * 100) / elapsed / 1000).toFixed(1)} k spans/s, 100 a batch`,
    `${((used / elapsed) * 100).toFixed(1)} % of a core`,
    failed === 0 ? '' : `${failed} failed`,
    `${rssMib(pid).toFixed(0)} MiB`,
  ]
}

async function latency(name: string, client: Client, seed: number): Promise<string[]> {
  const random = sequence(seed)
  const bodies = payloads(1000, 3, seed)
  for (const body of bodies.slice(0, 200)) await client.send(body)
  const times: number[] = []
  const began = performance.now()
  let due = began
  const sent: Promise<void>[] = []
  for (let i = 0; i < seconds * 1000; i++) {
    due += -Math.log(1 - random())
    while (performance.now() < due) await (due - performance.now() > 2 ? sleep(1) : new Promise(setImmediate))
    const from = performance.now()
    sent.push(client.send(bodies[i % bodies.length] as Buffer).then(() => void times.push(performance.now() - from)))
  }
  await Promise.all(sent)
  client.close()
  times.sort((a, b) => a - b)
  return [
    `latency ${name}: 1 k requests/s of 3 spans`,
    `p50 ${(times[times.length >> 1] ?? 0).toFixed(2)} ms`,
    `p99 ${(times[Math.floor(times.length * 0.99)] ?? 0).toFixed(2)} ms`,
    '',
  ]
}

async function start(): Promise<string[]> {
  const times: number[] = []
  const sizes: number[] = []
  for (let i = 0; i < 5; i++) {
    const data = mkdtempSync(join(tmpdir(), 'tokenfuse-start-'))
    const sets = [
      'service.data_directory=.',
      'receivers.otlp.protocols.grpc.endpoint=127.0.0.1:0',
      'receivers.otlp.protocols.http.endpoint=127.0.0.1:0',
      'service.telemetry.metrics.level=none',
    ].flatMap((set) => ['--set', set])
    const one = await startPinned(
      SIDECAR_CORE,
      [
        '--no-warnings',
        'bin/tokenfuse.mjs',
        'run',
        '--config',
        config,
        ...sets,
        '--set',
        `service.queue.directory=${join(data, 'queue')}`,
        '--set',
        `service.data_directory=${data}`,
        '--set',
        'extensions.health_check.endpoint=127.0.0.1:0',
      ],
      /is ready/,
    )
    times.push(one.ms)
    await sleep(500)
    sizes.push(rssMib(one.child.pid ?? 0))
    await stopped(one.child)
    rmSync(data, { recursive: true, force: true })
  }
  return [
    'start to ready, idle',
    `${median(times).toFixed(0)} ms`,
    `fastest ${Math.min(...times).toFixed(0)} ms`,
    `${median(sizes).toFixed(0)} MiB`,
  ]
}

process.stdout.write(pins ? '' : 'not pinned: no taskset\n')
const rows = [['what', 'measured', '', 'resident']]
try {
  rows.push(await start())
  rows.push(await latency('HTTP', httpClient(httpPort, 64), 7))
  rows.push(await latency('gRPC', grpcClient(grpcPort), 9_000))
  rows.push(await steady('HTTP', httpClient(httpPort, 8), 100_000))
  rows.push(await steady('gRPC', grpcClient(grpcPort), 200_000))
  rows.push(await throughput())
} finally {
  await stopped(child)
  await stopped(sink.child)
  rmSync(directory, { recursive: true, force: true })
}
process.stdout.write(table(rows))
