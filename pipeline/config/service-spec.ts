import { boolean, choice, duration, type Infer, integer, list, map, object, string } from './spec.ts'

/** The `service` section: which components run, and how the engine between them behaves. */

const idsSpec = (doc: string) => list(string({ doc: 'A component id, `type` or `type/name`.' }), { doc })

export const pipelineSpec = object(
  {
    receivers: idsSpec('Ids of the receivers whose data goes in. At least one; a receiver may feed several pipelines.'),
    processors: idsSpec('Ids of the processors, in the order in which they work on each batch.'),
    exporters: idsSpec('Ids of the exporters that each get everything. At least one.'),
  },
  { doc: 'One path of data from receivers through processors to exporters.' },
)

const queue = object(
  {
    directory: string({
      doc: 'Directory of the write-ahead log that all exporters read from. Made when it does not exist.',
      default: './data/queue',
    }),
    ack: choice(['memory', 'written', 'fsync'], {
      doc:
        'When a sender gets its answer: `memory`, as soon as the batch is in memory (a crash loses it); `written`, once the ' +
        'operating system has it (survives a crash of the process); `fsync`, once the disk has it (survives power loss).',
      default: 'written',
    }),
    max_size_mib: integer({
      doc: 'Most that the log may hold, in MiB. At the limit receivers refuse with a retryable answer; nothing is dropped.',
      default: 512,
      min: 1,
    }),
    segment_size_mib: integer({
      doc: 'Size of one file of the log, in MiB. Space is freed file by file, once every exporter is past it.',
      default: 8,
      min: 1,
      max: 1024,
    }),
    fsync_interval: duration({
      doc: 'With `ack: fsync`: how long batches wait for each other, so that one fsync serves them all. `0` syncs each alone.',
      default: '5ms',
      max: 10_000,
    }),
  },
  { doc: 'The durable queue between processors and exporters.' },
  (value) =>
    value.segment_size_mib > value.max_size_mib
      ? [
          {
            path: ['segment_size_mib'],
            message: `must not be over max_size_mib, ${value.max_size_mib}; lower it or raise the other`,
          },
        ]
      : [],
)

const telemetry = object(
  {
    metrics: object(
      {
        level: choice(['none', 'basic', 'normal', 'detailed'], {
          doc: 'How much the sidecar tells about itself; `none` opens no listener.',
          default: 'normal',
        }),
        endpoint: string({
          doc: 'Address of the Prometheus endpoint with its own metrics, `host:port`.',
          default: '127.0.0.1:8888',
        }),
        without_type_suffix: boolean({
          doc:
            'Counters without `_total` behind their names, as the Collector has them today by default; dashboards ask for ' +
            'one or the other. Scrapers that ask for OpenMetrics get `_total` all the same, since that format demands it.',
          default: false,
        }),
      },
      { doc: 'Metrics about the sidecar itself, under the names that Collector dashboards expect.' },
    ),
    logs: object(
      {
        level: choice(['debug', 'info', 'warn', 'error'], { doc: 'Least severity that is written.', default: 'info' }),
        encoding: choice(['console', 'json'], {
          doc: 'One line of text or one JSON object per record.',
          default: 'console',
        }),
      },
      { doc: 'What is written to stderr.' },
    ),
  },
  { doc: 'What the sidecar tells about itself.' },
)

export const serviceSpec = object(
  {
    extensions: idsSpec('Ids of the extensions to start, in this order, before everything else.'),
    pipelines: map(pipelineSpec, {
      doc: 'Pipelines by id: `traces`, `logs` or `metrics`, with `/name` behind it when there are several of a signal.',
    }),
    queue,
    telemetry,
    data_directory: string({
      doc: 'Directory under which extensions keep what must survive a restart. Made when it does not exist.',
      default: './data',
    }),
  },
  { doc: 'Which components run, and how the engine between them behaves.' },
)

export type ServiceSection = Infer<typeof serviceSpec>
