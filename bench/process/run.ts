/** The whole sidecar as a process: throughput, cost at a steady rate, latency, start. See README.md. */
import { median, table } from '../support/measure.ts'
import { type Figures, latency, type Settings, start, steady, throughput } from './measures.ts'
import { moveSelfTo, pins, startPinned, stopped } from './processes.ts'
import { CHAINS, type Chain, OTHER_CORE } from './sidecar.ts'

/** One figure with what it must at least be and what we want it to be; `more` is better or less. */
interface Goal {
  readonly figure: string
  readonly unit: string
  readonly floor?: number
  readonly aim?: number
  readonly more?: true
}

interface Measure {
  readonly name: string
  readonly what: string
  readonly run: (settings: Settings) => Promise<Figures>
  readonly times: number
  readonly goals: readonly Goal[]
}

const option = (name: string): string | undefined => {
  const at = process.argv.indexOf(`--${name}`)
  return at < 0 ? undefined : process.argv[at + 1]
}
const repeats = Number(option('repeats') ?? 3)

/** Where the core's time went that the main thread did not have. */
const shares: readonly Goal[] = [
  { figure: 'helpersPercent', unit: '% of the core: its helping threads' },
  { figure: 'waitedPercent', unit: '% of the time the main thread waited for the core' },
  { figure: 'stolenPercent', unit: '% of the time the host gave the core away' },
]
const steadyGoals = (floor: number, aim: number): readonly Goal[] => [
  { figure: 'percentOfCore', unit: '% of a core', floor, aim },
  { figure: 'mib', unit: 'MiB at most', floor: 100, aim: 80 },
  { figure: 'failed', unit: 'failed', floor: 0 },
  { figure: 'empty-percentOfCore', unit: '% of a core for a server that does nothing' },
  { figure: 'empty-mib', unit: 'MiB at most of that' },
  ...shares,
]
const latencyGoals = (floor: number, aim: number): readonly Goal[] => [
  { figure: 'p50', unit: 'ms p50' },
  { figure: 'p99', unit: 'ms p99', floor, aim },
  { figure: 'failed', unit: 'failed', floor: 0 },
  { figure: 'cpu', unit: 'µs of CPU a request' },
  { figure: 'added', unit: 'ms more at p99 than a server that does nothing' },
  { figure: 'empty-p50', unit: 'ms p50 of a server that does nothing' },
  { figure: 'empty-p99', unit: 'ms p99 of that' },
  { figure: 'empty-cpu', unit: 'µs of CPU a request of that' },
  ...shares,
  { figure: 'empty-waitedPercent', unit: '% of the time the main thread of the empty server waited' },
  { figure: 'empty-stolenPercent', unit: '% of the time the host gave its core away' },
]

const measures: readonly Measure[] = [
  {
    name: 'start',
    what: 'start to ready, then idle',
    run: start,
    times: 3 * repeats,
    goals: [
      { figure: 'ms', unit: 'ms', floor: 250, aim: 180 },
      { figure: 'mib', unit: 'MiB', floor: 70, aim: 60 },
    ],
  },
  {
    name: 'latency-http',
    what: 'HTTP, 1,000 requests/s of 3 spans',
    run: (settings) => latency('HTTP', settings),
    times: repeats,
    goals: latencyGoals(2, 1),
  },
  {
    name: 'latency-grpc',
    what: 'gRPC, 1,000 requests/s of 3 spans',
    run: (settings) => latency('gRPC', settings),
    times: repeats,
    goals: latencyGoals(5, 2),
  },
  {
    name: 'steady-http',
    what: 'HTTP, 10,000 spans/s, 100 a batch',
    run: (settings) => steady('HTTP', 100, settings),
    times: repeats,
    goals: steadyGoals(7, 5),
  },
  {
    name: 'steady-grpc',
    what: 'gRPC, 10,000 spans/s, 100 a batch',
    run: (settings) => steady('gRPC', 100, settings),
    times: repeats,
    goals: steadyGoals(10, 7),
  },
  {
    name: 'throughput',
    what: 'HTTP, gzip in and out, 512 a batch',
    run: throughput,
    times: repeats,
    goals: [
      { figure: 'kSpansPerCore', unit: 'k spans/s/core', floor: 100, aim: 150, more: true },
      { figure: 'mib', unit: 'MiB at most' },
    ],
  },
]

function verdictOf({ floor, aim, more }: Goal, value: number): string {
  const reaches = (goal: number): boolean => (more ? value >= goal : value <= goal)
  if (aim !== undefined && reaches(aim)) return 'aim reached'
  if (floor === undefined) return ''
  return reaches(floor) ? 'within' : 'missed'
}

function rowsOf(measure: Measure, runs: readonly Figures[]): string[][] {
  return measure.goals.map((goal, i) => {
    const values = runs.map((figures) => figures[goal.figure] ?? Number.NaN)
    const value = median(values)
    const digits = Math.max(...values.map(Math.abs)) < 10 ? 2 : 1
    const shown = (n: number | undefined): string => (n === undefined ? '' : `${goal.more ? '≥' : '≤'} ${n}`)
    return [
      i === 0 ? measure.what : '',
      `${value.toFixed(digits)} ${goal.unit}`,
      `${Math.min(...values).toFixed(digits)} – ${Math.max(...values).toFixed(digits)}`,
      shown(goal.floor),
      shown(goal.aim),
      verdictOf(goal, value),
    ]
  })
}

const only = option('only')?.split(',')
const profile = option('profile')
const flags = [
  ...(profile === undefined ? [] : ['--cpu-prof', '--cpu-prof-dir', profile]),
  ...(option('flags')?.split(' ') ?? []),
]
moveSelfTo(OTHER_CORE)
const sink = await startPinned(OTHER_CORE, ['bench/process/sink.ts'], /\d+\n/)
const asked = option('chain') ?? 'everything'
if (!Object.hasOwn(CHAINS, asked)) throw new Error(`--chain is one of ${Object.keys(CHAINS).join(', ')}`)
const chain = asked as Chain
const settings: Settings = { sink, seconds: Number(option('seconds') ?? 8), flags, chain }
const rows = [['what', 'median', 'runs', 'floor', 'aim', '']]
try {
  for (const measure of measures) {
    if (only !== undefined && !only.includes(measure.name)) continue
    const runs: Figures[] = []
    for (let i = 0; i < measure.times; i++) runs.push(await measure.run(settings))
    rows.push(...rowsOf(measure, runs))
  }
} finally {
  await stopped(sink)
}
process.stdout.write(pins ? '' : 'not pinned: no taskset\n')
process.stdout.write(table(rows))
