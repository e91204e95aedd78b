import { choice, type Infer, integer, object } from '../../pipeline/config/spec.ts'

export const config = object(
  {
    verbosity: choice(['basic', 'normal', 'detailed'], {
      doc: '`basic`: one line per delivery. `normal`: also one line per provider call and verdict. `detailed`: also the cost lines, the tags and the whole telemetry as OTLP/JSON, texts included.',
      default: 'basic',
    }),
    sampling_initial: integer({
      doc: 'Deliveries printed in each second before sampling begins.',
      default: 20,
      min: 1,
    }),
    sampling_thereafter: integer({
      doc: 'After those, every how many-th delivery of that second is printed. 1 prints all.',
      default: 100,
      min: 1,
    }),
  },
  { doc: 'Prints what passes by to stdout, in words. For looking, not for keeping.' },
)

export type Config = Infer<typeof config>
