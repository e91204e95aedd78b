import { setTimeout as sleep } from 'node:timers/promises'
import { gzipSync } from 'node:zlib'
import { asFastAsAnswered, atRate, poisson, quantile, untilWarm } from './arrivals.ts'
import { freshRequests } from './fresh.ts'
import { grpcLoad } from './grpc-load.ts'
import { httpLoad, type Load } from './http-load.ts'
import { cpuOf, peakWhile, rssMib, type Started, stolenFrom } from './processes.ts'
import { type Chain, SIDECAR_CORE, startEmpty, startSidecar, type Target } from './sidecar.ts'

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
/** Until code is compiled and tables have their size; what follows is a sidecar that has been running. */
const WARM_MS = 10_000
/**
 * The same for small requests. What runs once a request is compiled for good at about the 11,000th, some fifty functions
 * within half a second; a new process at 1,000 requests/s cannot keep up in its first seconds, so it is not rushed.
 */
const WARM_REQUESTS = 20_000
/** At the rate that is measured, before it is measured. */
const SETTLE_MS = 3_000
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

/** What a process took of its core while `work` ran, in per cent; latencies beyond the other shares are not its own. */
async function sharesWhile<T>(
  pid: number,
  work: Promise<T>,
): Promise<{ readonly result: T; readonly shares: Figures }> {
  const [before, stolen, began] = [cpuOf(pid), stolenFrom(SIDECAR_CORE), performance.now()]
  const result = await work
  const percent = 100_000 / (performance.now() - began)
  const { used, helpers, waited } = cpuOf(pid)
  return {
    result,
    shares: {
      percentOfCore: (used - before.used) * percent,
      helpersPercent: (helpers - before.helpers) * percent,
      waitedPercent: (waited - before.waited) * percent,
      stolenPercent: (stolenFrom(SIDECAR_CORE) - stolen) * percent,
    },
  }
}

/** Figures of the sidecar, then of a server that does nothing under the same load, these with `empty` before the name. */
async function besideEmpty(settings: Settings, measure: (target: Target) => Promise<Figures>): Promise<Figures> {
  const ours = await withSidecar(settings, measure)
  const empty = await startEmpty()
  try {
    const none = Object.entries(await measure(empty))
    return { ...ours, ...Object.fromEntries(none.map(([name, value]) => [`empty-${name}`, value])) }
  } finally {
    await empty.stop()
  }
}

/** 10,000 spans a second, `batch` to a request. */
export const steady = (protocol: Protocol, batch: number, settings: Settings): Promise<Figures> =>
  besideEmpty(settings, async (target) => {
    const next = freshRequests(batch, 256, 100_000)
    const load = loadOf(protocol, target, CONNECTIONS)
    const everyMs = (1_000 * batch) / SPANS_PER_SECOND
    // At twice the rate, until the hot code is compiled; faster, and the resident set would be that of another load.
    await atRate(load, next, 1_000, everyMs / 2)
    await atRate(load, next, WARM_MS / everyMs, everyMs)
    const run = peakWhile(target.pid, atRate(load, next, (settings.seconds * 1_000) / everyMs, everyMs))
    const { result, shares } = await sharesWhile(target.pid, run)
    load.close()
    return { ...shares, mib: result.mib, failed: result.result }
  })

/** 1,000 requests a second of 3 spans. */
export async function latency(protocol: Protocol, settings: Settings): Promise<Figures> {
  const figures = await besideEmpty(settings, (target) => latencyOf(protocol, settings, target))
  return { ...figures, added: (figures['p99'] ?? Number.NaN) - (figures['empty-p99'] ?? Number.NaN) }
}

async function latencyOf(protocol: Protocol, settings: Settings, target: Target): Promise<Figures> {
  const next = freshRequests(3, 1_024, 7)
  const load = loadOf(protocol, target, 64)
  await untilWarm(load, next, WARM_REQUESTS, 8)
  await poisson(load, next, SETTLE_MS, 1_000, 1)
  const { result, shares } = await sharesWhile(target.pid, poisson(load, next, settings.seconds * 1_000, 1_000, 2))
  const { times, failed } = result
  load.close()
  return {
    ...shares,
    p50: quantile(times, 0.5),
    p99: quantile(times, 0.99),
    failed,
    cpu: ((shares['percentOfCore'] ?? 0) / 100 / 1_000) * 1e6,
  }
}

export const start = (settings: Settings): Promise<Figures> =>
  withSidecar(settings, async ({ pid, startMs }) => {
    await sleep(1_000)
    return { ms: startMs, mib: rssMib(pid) }
  })
