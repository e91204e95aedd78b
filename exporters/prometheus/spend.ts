import type { Call } from '../../genai/call.ts'
import { COMMON_METERS, type Meter, quantityOf } from '../../genai/usage.ts'
import { BoundedLabel } from '../../pipeline/telemetry/bounded-label.ts'
import { type ExposedFamily, type Sample, withLabel } from '../../pipeline/telemetry/exposition.ts'
import { type Series, SeriesTable } from '../../pipeline/telemetry/series-table.ts'
import type { CommonLabels } from './common-labels.ts'
import { PicoSum } from './pico-sum.ts'

/** The disjoint kinds of tokens: added up they are all tokens. Meters that count something else are not tokens. */
const TOKEN_METERS: readonly Meter[] = [
  ...COMMON_METERS,
  'input_audio',
  'input_image',
  'input_video',
  'input_tool',
  'cache_read_audio',
  'cache_read_image',
  'output_audio',
  'output_image',
]
const REASONS_MAX = 50

interface Counted {
  /** Undefined until something with a known price was counted: unknown is not 0. */
  cost: PicoSum | undefined
  /** By index in TOKEN_METERS; undefined until the first one is known. */
  readonly tokens: (number | undefined)[]
  readonly calls: Map<string, number>
}

/** What was spent, on what and for whom. */
export class Spend {
  private readonly common: CommonLabels
  private readonly series: SeriesTable<Counted>
  private readonly unpriced: SeriesTable<{ calls: number }>
  private readonly unattributed = new PicoSum()

  constructor(common: CommonLabels, maxSeries: number) {
    this.common = common
    this.series = new SeriesTable(common.all, maxSeries, () => ({ cost: undefined, tokens: [], calls: new Map() }))
    const reason = { name: 'reason', bound: new BoundedLabel('reason', REASONS_MAX) }
    this.unpriced = new SeriesTable([...common.of('provider', 'model'), reason], maxSeries, () => ({ calls: 0 }))
  }

  count(call: Call, nowMs: number): void {
    const counted = this.series.at(this.common.valuesOf(call), nowMs)
    // A correction changes what earlier calls cost; it is no call of its own, and its tokens were counted with them.
    if (call.correctionOf === undefined) {
      const status = statusOf(call)
      counted.calls.set(status, (counted.calls.get(status) ?? 0) + 1)
      if (status === 'unpriced') this.countUnpriced(call, nowMs)
      if (call.bill === 'billed') this.countTokens(counted, call)
    }
    if (call.bill !== 'billed') return
    const pico = call.cost?.pico
    if (pico === undefined) return
    counted.cost ??= new PicoSum()
    counted.cost.add(pico)
    if (!isAttributed(call)) this.unattributed.add(pico)
  }

  expire(sinceMs: number): void {
    this.series.expire(sinceMs)
    this.unpriced.expire(sinceMs)
  }

  get size(): number {
    return this.series.size
  }

  *families(): Iterable<ExposedFamily> {
    yield {
      ...{ name: 'tokenfuse_cost_usd_total', type: 'counter', help: 'Exact cost in USD of the calls that are billed.' },
      samples: this.each(({ labels, counted: { cost } }) =>
        cost === undefined ? [] : [{ suffix: '', labels, value: cost.counter }],
      ),
    }
    yield {
      ...{
        name: 'tokenfuse_tokens_total',
        type: 'counter',
        help: 'Tokens of the calls that are billed, in disjoint types: their sum is all tokens.',
      },
      samples: this.each(tokenSamples),
    }
    yield {
      ...{
        name: 'tokenfuse_calls_total',
        type: 'counter',
        help: 'Calls by how they are priced, or why they are not billed.',
      },
      samples: this.each(({ labels, counted }) =>
        [...counted.calls].map(([status, value]) => ({
          suffix: '' as const,
          labels: withLabel(labels, 'status', status),
          value,
        })),
      ),
    }
    yield {
      ...{
        name: 'tokenfuse_unpriced_calls_total',
        type: 'counter',
        help: 'Billed calls without a price: their cost is unknown and in no sum.',
      },
      samples: [...this.unpriced].map(({ labels, counted }) => ({ suffix: '', labels, value: counted.calls })),
    }
    yield {
      ...{
        name: 'tokenfuse_unattributed_cost_usd_total',
        type: 'counter',
        help: 'Cost in USD of calls that say neither agent, workflow, customer, business unit nor a run of their own.',
      },
      samples: [{ suffix: '', labels: '', value: this.unattributed.counter }],
    }
  }

  private countUnpriced(call: Call, nowMs: number): void {
    const model = this.common.has('model') ? [call.model] : []
    const provider = this.common.has('provider') ? [call.provider] : []
    this.unpriced.at([...provider, ...model, call.cost?.reason ?? 'no pricing processor'], nowMs).calls++
  }

  private countTokens(counted: Counted, call: Call): void {
    for (let i = 0; i < TOKEN_METERS.length; i++) {
      const quantity = quantityOf(call.usage, TOKEN_METERS[i] as Meter)
      if (quantity !== undefined) counted.tokens[i] = (counted.tokens[i] ?? 0) + quantity
    }
  }

  private *each(samples: (series: Series<Counted>) => Iterable<Sample>): Iterable<Sample> {
    for (const series of this.series) yield* samples(series)
  }
}

const statusOf = (call: Call): string => (call.bill === 'billed' ? (call.cost?.status ?? 'unpriced') : call.bill)

/** A run whose id is only its trace id was nobody's choice, so it says nothing about who spent. */
function isAttributed(call: Call): boolean {
  const { agent, workflow, customer, businessUnit, run } = call.tags
  if (agent !== undefined || workflow !== undefined || customer !== undefined || businessUnit !== undefined) return true
  return run !== undefined && run !== call.traceId
}

function* tokenSamples({ labels, counted }: Series<Counted>): Iterable<Sample> {
  for (let i = 0; i < TOKEN_METERS.length; i++) {
    const value = counted.tokens[i]
    if (value !== undefined) yield { suffix: '', labels: withLabel(labels, 'type', TOKEN_METERS[i] as Meter), value }
  }
}
