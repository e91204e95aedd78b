import {
  boolean,
  type Complaint,
  duration,
  type Infer,
  integer,
  list,
  number,
  object,
  string,
} from '../../pipeline/config/spec.ts'

const label = (name: string, max: number) =>
  object(
    {
      enabled: boolean({
        doc: `Whether series carry the label \`${name}\`. When false, they are added up over all its values.`,
        default: true,
      }),
      max: integer({
        doc: `How many values of \`${name}\` get series of their own, first come, first served. Every further value is counted under \`__other__\`, so that totals stay exact.`,
        default: max,
        min: 0,
        max: 10_000,
      }),
    },
    { doc: `The label \`${name}\`.` },
  )

const labels = object(
  {
    provider: label('provider', 20),
    model: label('model', 200),
    agent: label('agent', 200),
    workflow: label('workflow', 100),
    step: label('step', 100),
    business_unit: label('business_unit', 100),
    customer: label('customer', 200),
  },
  { doc: 'The labels that cost, tokens and calls have in common, each with its own bound.' },
)

export const config = object(
  {
    endpoint: string({
      doc: 'Where Prometheus scrapes, as host:port. `:9464` listens on every interface; port 0 takes a free one.',
      default: '127.0.0.1:9464',
    }),
    path: string({ doc: 'Path of the metrics page.', default: '/metrics', pattern: /^\/[^?#\s]*$/ }),
    labels,
    max_series: integer({
      doc: 'Combinations of label values kept at a time, for each group of metrics. Further combinations are counted in one series whose labels are all `__other__`.',
      default: 5000,
      min: 1,
      max: 200_000,
    }),
    run_idle: duration({
      doc: 'A run that made no call for this long is taken as ended and enters the histogram `tokenfuse_run_cost_usd`. A run that goes on later is counted as another run.',
      default: '5m',
      min: 1000,
    }),
    max_runs: integer({
      doc: 'Runs watched at a time for that histogram. Beyond it the run that began first is taken as ended early.',
      default: 10_000,
      min: 1,
      max: 1_000_000,
    }),
    run_cost_buckets_usd: list(number({ doc: 'Upper bound of a bucket in USD.' }), {
      doc: 'Upper bounds of the buckets of `tokenfuse_run_cost_usd`, in USD, rising.',
      default: [0.001, 0.01, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 25, 50, 100, 250, 1000],
    }),
    max_budgets: integer({
      doc: 'Budget counters shown one by one, those nearest to their limit first. The rest are added up per budget with the scope `__other__`.',
      default: 200,
      min: 0,
      max: 10_000,
    }),
    metric_expiration: duration({
      doc: 'Series that nothing was added to for this long are forgotten, and free their label values for others; a total then lacks what they held. 0 keeps every series for the life of the process, and totals exact.',
      default: '0',
    }),
  },
  { doc: 'Spend, tokens, calls, verdicts and budgets as a page that Prometheus scrapes.' },
  (value) => [...risingBuckets(value.run_cost_buckets_usd), ...keySpace(value.labels)],
)

export type Config = Infer<typeof config>
export type LabelsConfig = Infer<typeof labels>

function risingBuckets(bounds: readonly number[]): Complaint[] {
  const at = bounds.findIndex((bound, i) => !Number.isFinite(bound) || bound <= (bounds[i - 1] ?? 0))
  if (at < 0) return []
  return [{ path: ['run_cost_buckets_usd', at], message: 'buckets must be above 0 and rise' }]
}

/** A series is found by one number made of the numbers of its label values, which must stay an exact integer. */
function keySpace(of: LabelsConfig): Complaint[] {
  const combinations = Object.values(of).reduce((product, { enabled, max }) => product * (enabled ? max + 2 : 1), 1)
  if (Number.isSafeInteger(combinations)) return []
  return [
    {
      path: ['labels'],
      message: 'the bounds multiplied with each other exceed 2^53: lower some max, or disable a label',
    },
  ]
}
