import { duration, type Infer, integer, object } from '../../pipeline/config/spec.ts'

export const config = object(
  {
    check_interval: duration({
      doc: 'Time between two looks at the memory in use. 0 turns the limiter off.',
      default: '1s',
    }),
    limit_mib: integer({
      doc: 'Hard limit of the resident set, in MiB. Wins over limit_percentage; 0 means: use the percentage.',
      default: 0,
      min: 0,
    }),
    spike_limit_mib: integer({
      doc: 'How far below the hard limit refusing begins, in MiB. 0 means 20 % of the hard limit.',
      default: 0,
      min: 0,
    }),
    limit_percentage: integer({
      doc: 'Hard limit as a percentage of what the container (or machine) allows.',
      default: 80,
      min: 1,
      max: 100,
    }),
    spike_limit_percentage: integer({
      doc: 'As spike_limit_mib, as a percentage of what the container allows. 0 means 20 % of the hard limit.',
      default: 0,
      min: 0,
      max: 100,
    }),
  },
  {
    doc: 'Refuses new telemetry, with an answer that makes senders try again, while the process uses more memory than it should. Put it first.',
  },
  (value) =>
    value.limit_mib > 0 && value.spike_limit_mib >= value.limit_mib
      ? [{ path: ['spike_limit_mib'], message: `must be smaller than limit_mib (${value.limit_mib})` }]
      : [],
)

export type Config = Infer<typeof config>
