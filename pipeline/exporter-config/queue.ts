import { any, boolean, choice, duration, integer, number, object, string } from '../config/spec.ts'

/*
 * The blocks that the collector's exporters share, with its names, so that a block pasted from a collector's file works.
 * Where our queue makes a key pointless, the key is accepted with a warning that says what to use.
 */

const POINTLESS =
  'All exporters of a pipeline share one log that is bounded in bytes; set `service.queue.max_size_mib`.'

export const sendingQueue = object(
  {
    enabled: boolean({
      doc: 'Accepted for compatibility: there is always a queue.',
      optional: true,
      deprecated: POINTLESS,
    }),
    num_consumers: integer({
      doc: 'Requests under way at the same time. 1 keeps the order of arrival.',
      default: 10,
      min: 1,
      max: 1000,
    }),
    queue_size: integer({ doc: 'Accepted for compatibility.', optional: true, deprecated: POINTLESS }),
    sizer: choice(['requests', 'items', 'bytes'], {
      doc: 'Accepted for compatibility.',
      optional: true,
      deprecated: POINTLESS,
    }),
    block_on_overflow: boolean({
      doc: 'Accepted for compatibility.',
      optional: true,
      deprecated: 'A full queue always answers senders that they should try again.',
    }),
    wait_for_result: boolean({
      doc: 'Accepted for compatibility.',
      optional: true,
      deprecated: 'Senders are answered when their data is safe; set `service.queue.ack`.',
    }),
    storage: string({
      doc: 'Accepted for compatibility.',
      optional: true,
      deprecated: 'The queue is on disk without it; set `service.queue.directory`.',
    }),
    batch: object(
      {
        flush_timeout: duration({
          doc: 'A request is sent at the latest this long after its first data arrived. `0` sends at once.',
          default: '200ms',
        }),
        min_size: integer({ doc: 'A request is sent as soon as it has this many of `sizer`.', default: 8192, min: 0 }),
        max_size: integer({
          doc: 'Merging stops before a request has more than this many of `sizer`; 0 means no such limit. What one sender sent in one request is not taken apart.',
          default: 0,
          min: 0,
        }),
        sizer: choice(['items', 'bytes'], { doc: 'What `min_size` and `max_size` count.', default: 'items' }),
        partition: any({
          doc: 'Accepted for compatibility: headers of senders are not kept, so there is nothing to partition by.',
        }),
        max_bytes: integer({
          doc: 'Merging stops before a request has more than this many bytes of uncompressed protobuf. Keep it well below what the far end accepts (4 MiB for most gRPC servers).',
          default: 1_048_576,
          min: 1,
        }),
      },
      { doc: 'How requests of several senders are merged into one.' },
      (value) =>
        value.max_size > 0 && value.max_size < value.min_size
          ? [
              {
                path: ['max_size'],
                message: `must not be smaller than min_size (${value.min_size}), or 0 for no limit`,
              },
            ]
          : [],
    ),
  },
  { doc: 'How data leaves the queue for this exporter.' },
)

export const retryOnFailure = object(
  {
    enabled: boolean({
      doc: 'Whether a request that failed for a passing reason is tried again. When false, it goes to the dead letter file at once.',
      default: true,
    }),
    initial_interval: duration({ doc: 'Mean wait before the second attempt.', default: '5s', min: 1 }),
    max_interval: duration({ doc: 'Mean wait between attempts, at most.', default: '30s', min: 1 }),
    max_elapsed_time: duration({
      doc: 'After this time a request that still fails goes to the dead letter file. Without it, and with `0`, attempts never end: the data stays in the queue.',
      optional: true,
    }),
    multiplier: number({ doc: 'Each wait is this many times as long as the one before.', default: 1.5, min: 1 }),
    randomization_factor: number({
      doc: 'Each wait is drawn from its mean plus or minus this fraction, so that many sidecars do not come back at once.',
      default: 0.5,
      min: 0,
      max: 1,
    }),
  },
  { doc: 'When a request that failed for a passing reason is tried again.' },
  (value) =>
    value.max_interval < value.initial_interval
      ? [{ path: ['max_interval'], message: 'must not be shorter than initial_interval' }]
      : [],
)
