/** The sidecar side by side with other collectors on the same load. See README.md. */
import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { gzipSync } from 'node:zlib'
import { asFastAsAnswered, atRate, poisson, quantile } from '../process/arrivals.ts'
import { freshRequests } from '../process/fresh.ts'
import { grpcLoad } from '../process/grpc-load.ts'
import { httpLoad } from '../process/http-load.ts'
import { cpuOf, moveSelfTo, peakWhile, rssMib, startPinned, stopped } from '../process/processes.ts'
import { median, table } from '../support/measure.ts'
import { type Contestant, contestants, type Running } from './contestants.ts'

const option = (name: string, otherwise: number): number => {
  const at = process.argv.indexOf(`--${name}`)
  return at < 0 ? otherwise : Number(process.argv[at + 1])
}
const seconds = option('seconds', 5)
const repeats = option('repeats', 3)
const [OTHER_CORE, WARM_MS, SPANS_PER_SECOND] = [0, 2_000, 10_000]

type Figures = Readonly<Record<string, number>>
interface Measure {
  readonly name: string
  /** What is compared: the others' figure divided by ours, or ours by theirs where more is better. */
  readonly columns: readonly { readonly figure: string; readonly unit: string; readonly more?: true }[]
  run(target: Running, delivered: () => Promise<number>): Promise<Figures>
}

/** Waits until all that was sent has arrived; what is still missing after that was lost. */
async function arrivedShare(delivered: () => Promise<number>, before: number, sent: number): Promise<number> {
  for (let i = 0; i < 100 && (await delivered()) - before < sent; i++) await sleep(50)
  return (((await delivered()) - before) / sent) * 100
}

const steady = (protocol: 'HTTP' | 'gRPC'): Measure => ({
  name: `${protocol}, ${SPANS_PER_SECOND} spans/s, 100 a batch`,
  columns: [
    { figure: 'nsPerSpan', unit: 'ns of CPU per span' },
    { figure: 'percent', unit: '% of a core' },
    { figure: 'mib', unit: 'MiB at most' },
  ],
  async run(target, delivered) {
    const next = freshRequests(100, 64, 100_000)
    const load = protocol === 'HTTP' ? httpLoad(target.http, 8) : grpcLoad(target.grpc)
    const everyMs = (1_000 * 100) / SPANS_PER_SECOND
    await asFastAsAnswered(load, Array.from({ length: 800 }, next), 4)
    await atRate(load, next, WARM_MS / everyMs, everyMs)
    await sleep(1_000)
    const [before, arrived, began] = [cpuOf(target.pid).used, await delivered(), performance.now()]
    const count = (seconds * 1_000) / everyMs
    const { result: failed, mib } = await peakWhile(target.pid, atRate(load, next, count, everyMs))
    const share = await arrivedShare(delivered, arrived, count * 100)
    const [used, elapsed] = [cpuOf(target.pid).used - before, (performance.now() - began) / 1_000]
    load.close()
    return { nsPerSpan: (used / (count * 100)) * 1e9, percent: (used / elapsed) * 100, mib, failed, share }
  },
})

const latency: Measure = {
  name: 'HTTP, 1,000 requests/s of 3 spans, Poisson',
  columns: [
    { figure: 'p50', unit: 'ms p50' },
    { figure: 'p99', unit: 'ms p99' },
  ],
  async run(target, delivered) {
    const next = freshRequests(3, 256, 7)
    const load = httpLoad(target.http, 64)
    await poisson(load, next, WARM_MS, 1_000, 1)
    await sleep(500)
    const arrived = await delivered()
    const { times } = await poisson(load, next, seconds * 1_000, 1_000, 2)
    const share = await arrivedShare(delivered, arrived, seconds * 3_000)
    load.close()
    return { p50: quantile(times, 0.5), p99: quantile(times, 0.99), share }
  },
}

const saturation: Measure = {
  name: 'HTTP, gzip in and out, 512 a batch, as fast as answered',
  columns: [
    { figure: 'kPerCore', unit: 'k spans per CPU second', more: true },
    { figure: 'kPerSecond', unit: 'k spans/s delivered', more: true },
    { figure: 'mib', unit: 'MiB at most' },
  ],
  async run(target, delivered) {
    const next = freshRequests(512, 16, 1_000)
    const bodies = (count: number): Buffer[] => Array.from({ length: count }, () => gzipSync(next(), { level: 1 }))
    const load = httpLoad(target.http, 4, 'gzip')
    await asFastAsAnswered(load, bodies(100), 4)
    const measured = bodies(seconds * 40)
    await sleep(1_000)
    const sent = measured.length * 512
    const [before, arrived, began] = [cpuOf(target.pid).used, await delivered(), performance.now()]
    const failed: Error[] = []
    const working = asFastAsAnswered(load, measured, 4).catch((error: Error) => void failed.push(error))
    const { result: share, mib } = await peakWhile(
      target.pid,
      working.then(() => arrivedShare(delivered, arrived, sent)),
    )
    const [used, elapsed] = [cpuOf(target.pid).used - before, (performance.now() - began) / 1_000]
    load.close()
    const took = (share / 100) * sent
    return { kPerCore: took / used / 1_000, kPerSecond: took / elapsed / 1_000, mib, share, failed: failed.length }
  },
}

const idle: Measure = {
  name: 'idle, two seconds after the start',
  columns: [{ figure: 'mib', unit: 'MiB' }],
  async run(target) {
    await sleep(2_000)
    return { mib: rssMib(target.pid), share: 100 }
  },
}

/** Everybody in turn, round after round, each time anew. */
async function rounds(measure: Measure, present: readonly Contestant[], sink: number): Promise<Figures[][]> {
  const delivered = async (): Promise<number> => Number(await (await fetch(`http://127.0.0.1:${sink}`)).text())
  const all: Figures[][] = present.map(() => [])
  for (let round = 0; round < repeats; round++) {
    for (const [i, contestant] of present.entries()) {
      const target = await contestant.start(sink)
      try {
        all[i]?.push(await measure.run(target, delivered))
      } finally {
        await target.stop()
      }
    }
  }
  return all
}

function rowsOf({ columns }: Measure, present: readonly Contestant[], all: readonly Figures[][]): string[][] {
  const middle = (runs: readonly Figures[] | undefined, figure: string): number =>
    median((runs ?? []).map((figures) => figures[figure] ?? Number.NaN))
  const head = ['', ...columns.flatMap(({ unit }) => [unit, 'ratio']), 'delivered', 'failed']
  const rows = present.map(({ name }, i) => [
    name,
    ...columns.flatMap(({ figure, more }) => {
      const [ours, theirs] = [middle(all[0], figure), middle(all[i], figure)]
      const ratio = more === true ? ours / theirs : theirs / ours
      return [theirs.toFixed(theirs < 10 ? 2 : 0), `${ratio.toFixed(2)} x`]
    }),
    `${middle(all[i], 'share').toFixed(1)} %`,
    String((all[i] ?? []).reduce((sum, figures) => sum + (figures['failed'] ?? 0), 0)),
  ])
  return [head, ...rows]
}

const MEASURES: Readonly<Record<string, Measure>> = {
  ...{ idle, 'steady-http': steady('HTTP'), 'steady-grpc': steady('gRPC'), 'latency-http': latency, saturation },
}
const at = process.argv.indexOf('--only')
const only = at < 0 ? undefined : process.argv[at + 1]?.split(',')

const { present, absent } = contestants()
for (const { name, version } of present) process.stdout.write(`${name}: ${version}\n`)
for (const { name, why } of absent) process.stdout.write(`${name}: ABSENT, not measured (${why})\n`)
spawnSync(process.execPath, ['--no-warnings', join(import.meta.dirname, '..', '..', 'tools', 'build.ts'), '--if-stale'])
moveSelfTo(OTHER_CORE)
const sink = await startPinned(OTHER_CORE, ['bench/peers/sink.ts'], /\d+\n/)
process.stdout.write('A ratio above 1 says how many times better the first row is.\n')
try {
  for (const [name, measure] of Object.entries(MEASURES)) {
    if (only !== undefined && !only.includes(name)) continue
    const all = await rounds(measure, present, Number(sink.said.trim()))
    process.stdout.write(`\n${measure.name}\n${table(rowsOf(measure, present, all))}`)
  }
} finally {
  await stopped(sink)
}
