import { boolean, choice, duration, type Infer, integer, object, usd } from '../../pipeline/config/spec.ts'

export const config = object(
  {
    on_critical: choice(['signal', 'throttle', 'kill'], {
      doc: 'What follows a critical verdict: `signal` only tells, `throttle` slows the run down, `kill` refuses its next model call. The detector itself stops nothing: an exporter that enforces does.',
      default: 'signal',
    }),
    min_wasted_usd: usd({
      doc: 'A critical verdict only has its action when the run has spent at least this since the loop began; until then it signals. 0 acts at once.',
      default: '0.05',
    }),
    max_runs: integer({
      doc: 'Runs watched at the same time, about 3 KiB each. Beyond it the run that was idle longest is forgotten, and counted.',
      default: 100_000,
      min: 1,
      max: 1_000_000,
    }),
    idle_ttl: duration({ doc: 'A run without a tool call for this long is forgotten.', default: '30m', min: 1000 }),
    exact_cycle: object(
      {
        enabled: boolean({ doc: 'Whether to look for it.', default: true }),
        max_period: integer({ doc: 'Longest cycle looked for, in tool calls.', default: 12, min: 1, max: 12 }),
        warn: integer({ doc: 'Repetitions of the cycle that make a warning.', default: 3, min: 2 }),
        critical_period_1: integer({
          doc: 'Times that the very same call with the very same outcome must come in a row to be critical.',
          default: 4,
          min: 2,
        }),
        critical: integer({
          doc: 'Times that a cycle of two or more calls must come to be critical.',
          default: 3,
          min: 2,
        }),
        min_calls: integer({
          doc: 'Calls that all repetitions together must have to be critical.',
          default: 4,
          min: 2,
        }),
      },
      {
        doc: 'The same tool calls with the same arguments and the same results, again and again. Calls whose arguments or result are not recorded never match.',
      },
    ),
  },
  { doc: 'Notices runs that spin, with evidence.' },
)

export type Config = Infer<typeof config>
