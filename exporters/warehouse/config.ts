import { boolean, choice, duration, type Infer, integer, object, string } from '../../pipeline/config/spec.ts'

const parquet = object(
  {
    enabled: boolean({
      doc: 'Whether finished hours are written to Parquet files. When false, calls are gone once their day leaves SQLite.',
      default: true,
    }),
    directory: string({
      doc: 'Where the files go, as `dt=YYYY-MM-DD/hour=HH/…parquet`. Absent: the folder `parquet` beside the database.',
      optional: true,
      examples: ['./data/lake/llm_call'],
    }),
    seal_delay: duration({
      doc: 'How long after an hour (UTC) has ended it is written to a file. Calls that arrive even later go to a further file of the same hour.',
      default: '5m',
    }),
    compression: choice(['zstd', 'gzip', 'snappy'], {
      doc: 'Codec of the files. zstd is the smallest; snappy is what the oldest readers know.',
      default: 'zstd',
    }),
    retention_days: integer({
      doc: 'Files of days further back are deleted. 0 keeps them for ever.',
      default: 395,
      min: 0,
      max: 36_500,
    }),
  },
  { doc: 'Files for the long term, which any warehouse, DuckDB or pandas reads.' },
)

export const config = object(
  {
    directory: string({
      doc: 'Folder of the database `warehouse.sqlite`. Absent: a folder named after this exporter in `service.data_directory`.',
      optional: true,
      examples: ['./data/warehouse'],
    }),
    retention_days: integer({
      doc: 'Days (UTC) that stay in SQLite, today not counted. Older days are dropped as soon as they are in Parquet files, or at once when those are disabled.',
      default: 7,
      min: 0,
      max: 365,
    }),
    max_size_mib: integer({
      doc: 'Size of the data in SQLite at which the oldest calls are removed early, Parquet first. Above 110 % of it deliveries wait in the queue until that has happened. The file itself does not shrink; its room is used again.',
      default: 1024,
      min: 16,
      max: 1_048_576,
    }),
    synchronous: choice(['normal', 'full'], {
      doc: '`normal` survives a crash of the process; power loss may cost the last commits. `full` waits for the disk with every delivery.',
      default: 'normal',
    }),
    busy_timeout: duration({
      doc: 'How long a write waits for another process that holds the database; then the delivery is tried again later.',
      default: '10s',
      min: 0,
      max: 600_000,
    }),
    parquet,
  },
  {
    doc: 'Every call with its usage, cost and tags as a row that SQL can ask: SQLite for the last days, Parquet for the years.',
  },
)

export type Config = Infer<typeof config>
