import { setTimeout as sleep } from 'node:timers/promises'
import { gzipSync } from 'node:zlib'
import { asFastAsAnswered, atRate, poisson, quantile } from './arrivals.ts'
import { freshRequests } from './fresh.ts'
import { grpcLoad } from './grpc-load.ts'
import { httpLoad, type Load } from './http-load.ts'
import { cpuOf, peakWhile, rssMib, type Started } from './processes.ts'
import { type Chain, startEmpty, startSidecar, type Target } from './sidecar.ts'

export type Protocol = 'HTTP' | 'gRPC'

export interface Settings {
  readonly sink: Started
  readonly seconds: number
  /** For Node, e.g. a profiler's. */
  readonly flags: readonly string[]
  readonly chain: Chain
}

/** Figures of one run by name; medians are taken name by name. */
export type Figures = Readonly<Record<string, number>>

const BATCH = 512
const CONNECTIONS = 8
const SPANS_PER_SECOND = 10_000
/**
 * Until code is compiled and tables have their size; what follows is a sidecar that has been running. At 1,000 requests/s
 * a request takes a fifth less CPU after ten seconds than after two, and no less after sixty.
 */
const WARM_MS = 10_000
/** The same at full load: from batch 500 on it is twice as fast as at batch 100. */
const WARM_BATCHES = 500

const loadOf = (protocol: Protocol, target: Target, connections: number): Load =>
  protocol === 'HTTP' ? httpLoad(target.http, connections) : grpcLoad(target.grpc)

async function withSidecar<T>(settings: Settings, work: (target: Target) => Promise<T>): Promise<T> {
  const target = await startSidecar(settings.sink, settings.flags, settings.chain)
  try {
    return await work(target)
  } finally {
    await target.stop()
  }
}

/** Mixed batches of 512 spans, gzip in, gzip out. */
export const throughput = (settings: Settings): Promise<Figures> =>
  withSidecar(settings, async ({ pid, http }) => {
    const next = freshRequests(BATCH, 64, 1_000)
    const bodies = (count: number): Buffer[] => Array.from({ length: count }, () => gzipSync(next(), { level: 1 }))
    const load = httpLoad(http, 4, 'gzip')
    await asFastAsAnswered(load, bodies(WARM_BATCHES), 4)
    const measured = bodies(settings.seconds * 40)
    await sleep(500)
    const before = cpuOf(pid)
    const { mib } = await peakWhile(
      pid,
      asFastAsAnswered(load, measured, 4).then(() => sleep(1_000)),
    )
    const perSpan = (cpuOf(pid).used - before.used) / (measured.length * BATCH)
    load.close()
    return { kSpansPerCore: 1 / perSpan / 1_000, mib }
  })

/** 10,000 spans a second, `batch` to a request. */
export const steady = (protocol: Protocol, batch: number, settings: Settings): Promise<Figures> =>
  withSidecar(settings, async (target) => {
    const next = freshRequests(batch, 256, 100_000)
    const load = loadOf(protocol, target, CONNECTIONS)
    const everyMs = (1_000 * batch) / SPANS_PER_SECOND
    // At twice the rate, until the hot code is compiled; faster, and the resident set would be that of another load.
    await atRate(load, next, 1_000, everyMs / 2)
    await atRate(load, next, WARM_MS / everyMs, everyMs)
    const before = cpuOf(target.pid)
    const began = performance.now()
    const run = atRate(load, next, (settings.seconds * 1_000) / everyMs, everyMs)
    const { result: failed, mib } = await peakWhile(target.pid, run)
    const elapsed = (performance.now() - began) / 1_000
    const { used, waited } = cpuOf(target.pid)
    load.close()
    return {
      percentOfCore: ((used - before.used) / elapsed) * 100,
      mib,
      failed,
      waitedPercent: ((waited - before.waited) / elapsed) * 100,
    }
  })

/** 1,000 requests a second of 3 spans, against a server that does nothing under the same load right after. */
export async function latency(protocol: Protocol, settings: Settings): Promise<Figures> {
  const measure = async (target: Target): Promise<Figures> => {
    const next = freshRequests(3, 1_024, 7)
    const load = loadOf(protocol, target, 64)
    await poisson(load, next, WARM_MS, 1_000, 1)
    const before = cpuOf(target.pid)
    const { times, failed } = await poisson(load, next, settings.seconds * 1_000, 1_000, 2)
    const { used, waited } = cpuOf(target.pid)
    load.close()
    return {
      p50: quantile(times, 0.5),
      p99: quantile(times, 0.99),
      failed,
      cpu: ((used - before.used) / times.length) * 1e6,
      waitedPercent: ((waited - before.waited) / settings.seconds) * 100,
    }
  }
  const ours = await withSidecar(settings, measure)
  const empty = await startEmpty()
  try {
    const none = await measure(empty)
    return { ...ours, emptyP50: none['p50'] ?? 0, emptyP99: none['p99'] ?? 0, emptyCpu: none['cpu'] ?? 0 }
  } finally {
    await empty.stop()
  }
}

export const start = (settings: Settings): Promise<Figures> =>
  withSidecar(settings, async ({ pid, startMs }) => {
    await sleep(1_000)
    return { ms: startMs, mib: rssMib(pid) }
  })
