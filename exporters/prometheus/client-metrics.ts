import type { Call } from '../../genai/call.ts'
import { totalInput, totalOutput, type Usage } from '../../genai/usage.ts'
import { BoundedLabel } from '../../pipeline/telemetry/bounded-label.ts'
import type { ExposedFamily } from '../../pipeline/telemetry/exposition.ts'
import { withLabel } from '../../pipeline/telemetry/exposition.ts'
import { Histogram } from '../../pipeline/telemetry/histogram.ts'
import { SeriesTable, type TableLabel } from '../../pipeline/telemetry/series-table.ts'
import type { CommonLabels } from './common-labels.ts'

/** The buckets that the OpenTelemetry GenAI conventions ask for. */
const TOKEN_BUCKETS = Array.from({ length: 14 }, (_, i) => 4 ** i)
const SECONDS_BUCKETS = Array.from({ length: 14 }, (_, i) => 2 ** i / 100)

const OPERATIONS_MAX = 20
const ERRORS_MAX = 50

/** `gen_ai.client.token.usage` and `gen_ai.client.operation.duration` under the names that they have in Prometheus. */
export class ClientMetrics {
  private readonly tokens: SeriesTable<{ input: Histogram | undefined; output: Histogram | undefined }>
  private readonly seconds: SeriesTable<Histogram>
  private readonly readers: readonly ((call: Call) => string | undefined)[]

  constructor(common: CommonLabels, maxSeries: number) {
    const found = (name: 'provider' | 'model', as: string): TableLabel[] =>
      common.of(name).map(({ bound }) => ({ name: as, bound }))
    const labels = [
      { name: 'gen_ai_operation_name', bound: new BoundedLabel('operation', OPERATIONS_MAX) },
      ...found('provider', 'gen_ai_provider_name'),
      ...found('model', 'gen_ai_request_model'),
      ...found('model', 'gen_ai_response_model'),
    ]
    this.readers = [
      (call) => call.operation,
      ...(common.has('provider') ? [(call: Call) => call.provider] : []),
      ...(common.has('model') ? [(call: Call) => call.requestModel, (call: Call) => call.responseModel] : []),
    ]
    this.tokens = new SeriesTable(labels, maxSeries, () => ({ input: undefined, output: undefined }))
    const error = { name: 'error_type', bound: new BoundedLabel('error_type', ERRORS_MAX) }
    this.seconds = new SeriesTable([...labels, error], maxSeries, () => new Histogram(SECONDS_BUCKETS))
  }

  /** Duplicates, roll-ups and corrections are no operations of their own. */
  count(call: Call, nowMs: number): void {
    if (call.bill !== 'billed' || call.correctionOf !== undefined) return
    const values = this.readers.map((read) => read(call))
    const counted = this.tokens.at(values, nowMs)
    if (knowsInput(call.usage)) {
      counted.input ??= new Histogram(TOKEN_BUCKETS)
      counted.input.observe(totalInput(call.usage))
    }
    if (knowsOutput(call.usage)) {
      counted.output ??= new Histogram(TOKEN_BUCKETS)
      counted.output.observe(totalOutput(call.usage))
    }
    if (call.startMs > 0 && call.endMs >= call.startMs) {
      this.seconds.at([...values, call.errorType], nowMs).observe((call.endMs - call.startMs) / 1000)
    }
  }

  expire(sinceMs: number): void {
    this.tokens.expire(sinceMs)
    this.seconds.expire(sinceMs)
  }

  *families(): Iterable<ExposedFamily> {
    yield {
      ...{
        name: 'gen_ai_client_token_usage',
        type: 'histogram',
        help: 'Billed input and output tokens of single calls.',
      },
      samples: [...this.tokens].flatMap(({ labels, counted: { input, output } }) => [
        ...(input?.samples(withLabel(labels, 'gen_ai_token_type', 'input')) ?? []),
        ...(output?.samples(withLabel(labels, 'gen_ai_token_type', 'output')) ?? []),
      ]),
    }
    yield {
      ...{
        name: 'gen_ai_client_operation_duration_seconds',
        type: 'histogram',
        help: 'Duration of single calls in seconds.',
      },
      samples: [...this.seconds].flatMap(({ labels, counted }) => [...counted.samples(labels)]),
    }
  }
}

const knowsInput = (usage: Usage): boolean =>
  (usage.input ?? usage.cacheRead ?? usage.cacheWrite ?? usage.cacheWrite5m ?? usage.cacheWrite1h) !== undefined ||
  totalInput(usage) > 0

const knowsOutput = (usage: Usage): boolean => (usage.output ?? usage.reasoning) !== undefined || totalOutput(usage) > 0
