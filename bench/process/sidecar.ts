import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { freePorts } from '../../test/support/sidecar.ts'
import { IMAGE_FLAGS } from './image.ts'
import { type Started, startPinned, stopped } from './processes.ts'

export const SIDECAR_CORE = 1
export const OTHER_CORE = 0

export interface Target {
  readonly pid: number
  readonly http: number
  readonly grpc: number
  /** From the start until it said that it is ready. */
  readonly startMs: number
  stop(): Promise<void>
}

/** What a batch passes: nothing that looks into it, usage and prices alone, or every processor of the example configuration. */
export type Chain = 'nothing' | 'pricing' | 'everything'

export const CHAINS: Readonly<Record<Chain, string>> = {
  nothing: 'memory_limiter',
  pricing: 'memory_limiter, gen_ai_usage, token_pricing',
  everything: 'memory_limiter, gen_ai_usage, token_pricing, business_tags, loop_detector, budget',
}

/** Receiver, processors with the real ledger, write-ahead log, and one exporter that compresses. */
const configOf = (directory: string, ports: readonly number[], sink: string, chain: Chain): string => `
receivers: { otlp: { protocols: { grpc: { endpoint: "127.0.0.1:${ports[0]}" }, http: { endpoint: "127.0.0.1:${ports[1]}" } } } }
processors:
  memory_limiter: { limit_percentage: 80 }
  gen_ai_usage:
  token_pricing:
  business_tags:
  loop_detector: { on_critical: kill }
  budget: { budgets: [ { id: run-cap, scope: [run], limit_usd: 500000, period: lifetime, on_exceed: kill }, { id: month, limit_usd: 9000000, period: month, on_exceed: kill } ] }
exporters: { otlp_http: { endpoint: "http://127.0.0.1:${sink}" } }
extensions: { ledger: , health_check: { endpoint: "127.0.0.1:${ports[2]}" } }
service:
  extensions: [ledger, health_check]
  data_directory: "${directory}"
  queue: { directory: "${join(directory, 'queue')}", ack: written }
  telemetry: { metrics: { endpoint: "127.0.0.1:${ports[3]}" } }
  pipelines: { traces: { receivers: [otlp], processors: [${CHAINS[chain]}], exporters: [otlp_http] } }
`

/** A sidecar of its own with nothing in its memory or on its disk; `flags` go to Node. */
export async function startSidecar(sink: Started, flags: readonly string[], chain: Chain): Promise<Target> {
  const directory = mkdtempSync(join(tmpdir(), 'tokenfuse-bench-'))
  const ports = await freePorts(4)
  const config = join(directory, 'config.yaml')
  writeFileSync(config, configOf(directory, ports, sink.said.trim(), chain))
  const args = [...IMAGE_FLAGS, ...flags, 'bin/tokenfuse.mjs', 'run', '--config', config]
  const started = await startPinned(SIDECAR_CORE, args, /is ready/)
  return {
    pid: started.pid,
    grpc: ports[0] ?? 0,
    http: ports[1] ?? 0,
    startMs: started.ms,
    async stop() {
      await stopped(started)
      rmSync(directory, { recursive: true, force: true })
    },
  }
}

/** A server that answers every request and does nothing else: what latency is compared with. */
export async function startEmpty(): Promise<Target> {
  const started = await startPinned(SIDECAR_CORE, ['bench/process/empty.ts'], /\d+ \d+\n/)
  const [http = 0, grpc = 0] = started.said.trim().split(' ').map(Number)
  return { pid: started.pid, http, grpc, startMs: started.ms, stop: () => stopped(started) }
}
