import { TOKEN_METRICS } from '../../genai/dialects/token-metrics.ts'
import { type MetricPoint, metricPoints } from '../../otlp/metric-points.ts'
import type { MetricDeclaration } from '../../pipeline/component.ts'
import type { MetricFamily, MetricRegistry } from '../../pipeline/telemetry/metrics.ts'

const SERIES_MAX = 10_000

const TOKENS = {
  name: 'tokenfuse_gen_ai_reported_tokens_total',
  type: 'counter',
  description:
    'Tokens that agents report as metrics of their own, by metric and kind: never billed, to be held against what was.',
  labels: ['metric', 'kind'],
} as const
const CUMULATIVE = {
  name: 'tokenfuse_gen_ai_cumulative_points_total',
  type: 'counter',
  description: 'Points of such metrics that count since their sender started: only what they grew by is counted.',
  labels: ['metric'],
} as const
export const REPORTED_METRICS: readonly MetricDeclaration[] = [TOKENS, CUMULATIVE]

/** Counts what agents say of their tokens in metrics, so that it can be held against what was seen call by call. */
export class ReportedTokens {
  private readonly tokens: MetricFamily
  private readonly cumulative: MetricFamily
  /** By series of cumulative counters: their last value. */
  private readonly last = new Map<string, number>()

  constructor(metrics: MetricRegistry) {
    this.tokens = metrics.counter(TOKENS.name, TOKENS.description, TOKENS.labels)
    this.cumulative = metrics.counter(CUMULATIVE.name, CUMULATIVE.description, CUMULATIVE.labels)
  }

  /** What is broken in there ends the reading, and nothing else: the request goes on as it came. */
  read(request: Buffer): void {
    try {
      for (const point of metricPoints(request, (metric) => TOKEN_METRICS.has(metric))) this.count(point)
    } catch {
      // The points before the broken one count.
    }
  }

  private count(point: MetricPoint): void {
    const { metric, attributes } = point
    const known = TOKEN_METRICS.get(metric)
    const said = known?.key === undefined ? '*' : (attributes[known.key] ?? '')
    const kind = known?.kinds[said]
    if (kind === undefined || !Number.isFinite(point.value) || point.value < 0) return
    const grown = point.isCumulative ? this.grownBy(point) : point.value
    if (grown > 0) this.tokens.child(metric, kind).add(grown)
  }

  /** Nothing is known of what a counter stood at when its first point came; a fall is a restart of its sender. */
  private grownBy({ metric, series, value }: MetricPoint): number {
    this.cumulative.child(metric).add(1)
    const before = this.last.get(series)
    if (before === undefined && this.last.size >= SERIES_MAX) this.last.clear()
    this.last.set(series, value)
    if (before === undefined) return 0
    return value >= before ? value - before : value
  }
}
