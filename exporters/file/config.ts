import { choice, type Infer, integer, object, string } from '../../pipeline/config/spec.ts'

export const config = object(
  {
    path: string({
      doc: 'The file. Its directory is made when it does not exist; what is in the file already stays.',
      examples: ['./data/telemetry.jsonl'],
    }),
    format: choice(['otlp_json', 'calls', 'verdicts'], {
      doc: 'What a line is: `otlp_json`, a request in OTLP/JSON as it is forwarded; `calls`, one provider call with its usage and cost; `verdicts`, one verdict.',
      default: 'otlp_json',
    }),
    rotation: object(
      {
        max_megabytes: integer({
          doc: 'When a file would become larger than this, it is renamed (`name-<time>.ext`) and a new one begun. 0 means that it grows without end.',
          default: 100,
          min: 0,
        }),
        max_backups: integer({
          doc: 'Renamed files that are kept; the oldest beyond it is deleted. 0 keeps all of them.',
          default: 10,
          min: 0,
        }),
      },
      { doc: 'How the space that the file takes is bounded: at most `(max_backups + 1) * max_megabytes`.' },
    ),
  },
  { doc: 'Writes telemetry, calls or verdicts to a file, as JSON lines.' },
)

export type Config = Infer<typeof config>
