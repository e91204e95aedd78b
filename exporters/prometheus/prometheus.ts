import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import type { Delivery, Exporter, ExportResult } from '../../pipeline/component.ts'
import type { Host } from '../../pipeline/host.ts'
import { LEDGER, type Ledger } from '../../pipeline/services.ts'
import {
  type ExposedFamily,
  type ExpositionFormat,
  labelText,
  renderExposition,
} from '../../pipeline/telemetry/exposition.ts'
import { registryOf } from '../../pipeline/telemetry/registry.ts'
import { type MetricsServer, serveMetrics } from '../../pipeline/telemetry/server.ts'
import { Brakes } from './brakes.ts'
import { budgetFamilies } from './budgets.ts'
import { ClientMetrics } from './client-metrics.ts'
import { CommonLabels } from './common-labels.ts'
import type { Config } from './config.ts'
import { DailyRatio } from './daily-ratio.ts'
import { Runs } from './runs.ts'
import { Spend } from './spend.ts'

const OK: Promise<ExportResult> = Promise.resolve({ kind: 'ok' })
/** How much of the daily ratio's history a crash may cost. */
const SAVE_EVERY_MS = 300_000

/** Families that other components count on the sidecar's own telemetry and that belong on this page too. */
const SHARED: readonly (readonly [name: string, type: 'counter' | 'gauge', help: string])[] = [
  ['tokenfuse_refused_calls_total', 'counter', 'Model calls that were refused, by reason.'],
  ['tokenfuse_price_book_age_seconds', 'gauge', 'Age of the newest price in the book.'],
]

/** Counts calls and verdicts as they are delivered and renders them when somebody scrapes. */
export class PrometheusExporter implements Exporter {
  private readonly config: Config
  private readonly host: Host
  private readonly common: CommonLabels
  private readonly spend: Spend
  private readonly runs: Runs
  private readonly client: ClientMetrics
  private readonly brakes = new Brakes()
  private readonly daily: DailyRatio
  private ledger: Ledger | undefined
  private server: MetricsServer | undefined
  private cancelSave: (() => void) | undefined
  private isStopped = false

  constructor(config: Config, host: Host) {
    this.config = config
    this.host = host
    this.common = new CommonLabels(config.labels)
    this.spend = new Spend(this.common, config.max_series)
    this.runs = new Runs(this.common, {
      idleMs: config.run_idle,
      max: config.max_runs,
      buckets: config.run_cost_buckets_usd,
      maxSeries: config.max_series,
    })
    this.client = new ClientMetrics(this.common, config.max_series)
    this.daily = new DailyRatio(join(host.dataDir, `${host.id.replaceAll('/', '_')}-hours.json`))
    this.countItself()
  }

  async start(): Promise<void> {
    await this.daily.load()
    this.ledger = this.host.service(LEDGER)
    this.brakes.watch(this.ledger, () => this.host.clock.now())
    const { endpoint, path } = this.config
    const onError = (error: unknown): void => this.host.log.error('the metrics page failed', { error: String(error) })
    this.server = await serveMetrics({ endpoint, path, render: (format) => this.render(format), onError })
    this.saveLater()
  }

  async shutdown(): Promise<void> {
    if (this.isStopped) return
    this.isStopped = true
    this.cancelSave?.()
    this.brakes.stop()
    await this.server?.close()
    await this.save()
  }

  /** Where it really listens, once started. */
  get address(): MetricsServer['address'] | undefined {
    return this.server?.address
  }

  export(delivery: Delivery): Promise<ExportResult> {
    const now = this.host.clock.now()
    for (const call of delivery.calls) {
      this.spend.count(call, now)
      this.runs.count(call, now)
      this.client.count(call, now)
      this.daily.count(call, now)
    }
    for (const verdict of delivery.verdicts) this.brakes.count(verdict, now)
    return OK
  }

  render(format: ExpositionFormat): string {
    const now = this.host.clock.now()
    this.runs.closeIdle(now)
    if (this.config.metric_expiration > 0) {
      const since = now - this.config.metric_expiration
      for (const part of [this.spend, this.runs, this.client]) part.expire(since)
    }
    return renderExposition(this.families(now), { format })
  }

  private *families(now: number): Iterable<ExposedFamily> {
    yield* this.spend.families()
    yield this.runs.family
    yield* this.client.families()
    yield* this.brakes.families()
    yield* budgetFamilies(this.ledger?.budgets() ?? [], this.config.max_budgets)
    const ratio = this.daily.ratio(now)
    yield {
      ...{
        name: 'tokenfuse_daily_spend_ratio',
        type: 'gauge',
        help: 'Spend of the last 24 hours over the mean day of the 7 days before; absent without a day to compare with.',
      },
      samples: ratio === undefined ? [] : [{ suffix: '', labels: '', value: ratio }],
    }
    for (const [name, type, help] of SHARED) yield { name, type, help, samples: this.shared(name) }
  }

  private shared(name: string): ExposedFamily['samples'] {
    const found = registryOf(this.host.metrics)?.read(name)
    return (found?.readings ?? []).map(({ labels, value }) => ({
      suffix: '',
      labels: labelText(found?.labelNames ?? [], labels),
      value,
    }))
  }

  private countItself(): void {
    const { metrics, id } = this.host
    metrics.observe(
      'gauge',
      'tokenfuse_prometheus_series',
      'Label combinations that are exposed.',
      ['exporter'],
      () => [{ labels: [id], value: this.spend.size }],
    )
    metrics.observe(
      'counter',
      'tokenfuse_prometheus_label_overflow_total',
      'Lookups of a label value beyond the bound of its label, counted under __other__.',
      ['exporter', 'label'],
      () => this.common.all.map(({ name, bound }) => ({ labels: [id, name], value: bound.overflow })),
    )
  }

  private saveLater(): void {
    if (this.isStopped) return
    this.cancelSave = this.host.clock.after(SAVE_EVERY_MS, () => void this.save().then(() => this.saveLater()))
  }

  private async save(): Promise<void> {
    try {
      await mkdir(this.host.dataDir, { recursive: true })
      await this.daily.save()
    } catch (error) {
      this.host.log.warn('the history of daily spend could not be kept', { error: String(error) })
    }
  }
}
