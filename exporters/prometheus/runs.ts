import type { Call } from '../../genai/call.ts'
import { usdNumber, usdString } from '../../genai/money.ts'
import { type ExposedFamily, labelText } from '../../pipeline/telemetry/exposition.ts'
import { Histogram } from '../../pipeline/telemetry/histogram.ts'
import { SeriesTable } from '../../pipeline/telemetry/series-table.ts'
import type { CommonLabels } from './common-labels.ts'
import { PicoSum } from './pico-sum.ts'

interface Run {
  readonly cost: PicoSum
  readonly traceId: string
  agent: string | undefined
  workflow: string | undefined
  businessUnit: string | undefined
  customer: string | undefined
  lastMs: number
}

export interface RunsOptions {
  readonly idleMs: number
  readonly max: number
  readonly buckets: readonly number[]
  readonly maxSeries: number
}

/**
 * What whole runs cost. A cumulative histogram can only take a value once, and nothing says that a run is over, so a run
 * is taken as over when it was idle for long enough. That is decided when somebody scrapes: no timer, and a page is a
 * function of the calls and the time.
 */
export class Runs {
  private readonly options: RunsOptions
  private readonly running = new Map<string, Run>()
  private readonly series: SeriesTable<{ histogram: Histogram; sum: PicoSum }>
  private readonly names: ReadonlySet<string>

  constructor(common: CommonLabels, options: RunsOptions) {
    this.options = options
    const labels = common.of('agent', 'workflow', 'business_unit', 'customer')
    this.names = new Set(labels.map(({ name }) => name))
    this.series = new SeriesTable(labels, options.maxSeries, () => ({
      histogram: new Histogram(options.buckets),
      sum: new PicoSum(),
    }))
  }

  count(call: Call, nowMs: number): void {
    const id = call.tags.run
    if (id === undefined || call.bill !== 'billed') return
    const run = this.running.get(id) ?? this.begin(id, call)
    run.lastMs = nowMs
    run.agent = call.tags.agent ?? run.agent
    run.workflow = call.tags.workflow ?? run.workflow
    run.businessUnit = call.tags.businessUnit ?? run.businessUnit
    run.customer = call.tags.customer ?? run.customer
    if (call.cost?.pico !== undefined) run.cost.add(call.cost.pico)
  }

  /** Takes runs as over that made no call for the configured time. */
  closeIdle(nowMs: number): void {
    for (const [id, run] of this.running) if (nowMs - run.lastMs >= this.options.idleMs) this.close(id, run)
  }

  expire(sinceMs: number): void {
    this.series.expire(sinceMs)
  }

  get family(): ExposedFamily {
    return {
      ...{
        name: 'tokenfuse_run_cost_usd',
        type: 'histogram',
        help: 'Cost in USD of runs that ended, that is, made no call for the configured time.',
      },
      samples: [...this.series].flatMap(({ labels, counted }) => [
        ...counted.histogram.samples(labels, usdString(counted.sum.exact)),
      ]),
    }
  }

  private begin(id: string, call: Call): Run {
    if (this.running.size >= this.options.max) this.closeFirst()
    const { agent, workflow, businessUnit, customer } = call.tags
    const run = { cost: new PicoSum(), traceId: call.traceId, agent, workflow, businessUnit, customer, lastMs: 0 }
    this.running.set(id, run)
    return run
  }

  private closeFirst(): void {
    for (const [id, run] of this.running) {
      this.close(id, run)
      return
    }
  }

  private close(id: string, run: Run): void {
    this.running.delete(id)
    const values: Readonly<Record<string, string | undefined>> = {
      ...{ agent: run.agent, workflow: run.workflow, business_unit: run.businessUnit, customer: run.customer },
    }
    const { histogram, sum } = this.series.at(
      [...this.names].map((name) => values[name]),
      run.lastMs,
    )
    const usd = usdNumber(run.cost.exact)
    const exemplar =
      run.traceId === ''
        ? undefined
        : { labels: labelText(['trace_id'], [run.traceId]), value: usd, timeMs: run.lastMs }
    histogram.observe(usd, exemplar)
    sum.add(run.cost.exact)
  }
}
