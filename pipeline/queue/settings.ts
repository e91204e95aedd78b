/** How the queue serves one exporter. Sizes in bytes of protobuf, times in milliseconds. */
export interface QueueSettings {
  /** Requests under way at the same time; 1 keeps the order of arrival. */
  readonly consumers: number
  /** A request is sent at the latest this long after its first batch arrived. */
  readonly flushMs: number
  /** … and earlier when this much is there. 0: does not count. */
  readonly minItems: number
  readonly minBytes: number
  /** Merging ends before a request grows beyond these; a single batch that is larger goes alone. 0: no limit of items. */
  readonly maxItems: number
  readonly maxBytes: number
  readonly retry: RetrySettings
}

export interface RetrySettings {
  readonly enabled: boolean
  readonly initialMs: number
  readonly maxMs: number
  readonly multiplier: number
  /** Each wait is drawn from the interval ± this fraction. */
  readonly randomization: number
  /** Undefined or 0: never gives up. */
  readonly maxElapsedMs: number | undefined
}

/** The defaults of the collector's exporter helper; `maxElapsedMs` is not taken over, because it loses data. */
const DEFAULT_RETRY: RetrySettings = {
  enabled: true,
  initialMs: 5_000,
  maxMs: 30_000,
  multiplier: 1.5,
  randomization: 0.5,
  maxElapsedMs: undefined,
}

/** Well below the 4 MiB that gRPC servers accept unless told otherwise. */
const DEFAULT_MAX_BYTES = 1024 * 1024

/** For exporters over the network. */
export const WIRE_SETTINGS: QueueSettings = {
  consumers: 10,
  flushMs: 200,
  minItems: 8192,
  minBytes: 0,
  maxItems: 0,
  maxBytes: DEFAULT_MAX_BYTES,
  retry: DEFAULT_RETRY,
}

/** For exporters without queue settings of their own: files, tables, counters on this machine. Order is kept. */
const LOCAL_SETTINGS: QueueSettings = {
  ...WIRE_SETTINGS,
  consumers: 1,
  flushMs: 100,
  retry: { ...DEFAULT_RETRY, initialMs: 1_000 },
}

/** The keys that the exporters' shared configuration has (pipeline/exporter-config), as they look when decoded. */
interface QueueConfig {
  readonly sending_queue?: {
    readonly num_consumers: number
    readonly batch: {
      readonly flush_timeout: number
      readonly min_size: number
      readonly max_size: number
      readonly sizer: 'items' | 'bytes'
      readonly max_bytes: number
    }
  }
  readonly retry_on_failure?: {
    readonly enabled: boolean
    readonly initial_interval: number
    readonly max_interval: number
    readonly multiplier: number
    readonly randomization_factor: number
    readonly max_elapsed_time: number | undefined
  }
}

/** What an exporter's decoded configuration says about its queue; defaults for exporters that leave it open. */
export function queueSettingsOf(config: unknown): QueueSettings {
  const { sending_queue: queue, retry_on_failure: retry } = (
    typeof config === 'object' && config !== null ? config : {}
  ) as QueueConfig
  const base = queue === undefined ? LOCAL_SETTINGS : WIRE_SETTINGS
  return {
    ...base,
    ...(queue === undefined ? {} : queueOf(queue)),
    retry: retry === undefined ? base.retry : retryOf(retry),
  }
}

function queueOf({ num_consumers, batch }: NonNullable<QueueConfig['sending_queue']>): Partial<QueueSettings> {
  const inBytes = batch.sizer === 'bytes'
  return {
    consumers: num_consumers,
    flushMs: batch.flush_timeout,
    minItems: inBytes ? 0 : batch.min_size,
    minBytes: inBytes ? batch.min_size : 0,
    maxItems: inBytes ? 0 : batch.max_size,
    maxBytes: inBytes && batch.max_size > 0 ? Math.min(batch.max_size, batch.max_bytes) : batch.max_bytes,
  }
}

const retryOf = (retry: NonNullable<QueueConfig['retry_on_failure']>): RetrySettings => ({
  enabled: retry.enabled,
  initialMs: retry.initial_interval,
  maxMs: retry.max_interval,
  multiplier: retry.multiplier,
  randomization: retry.randomization_factor,
  maxElapsedMs: retry.max_elapsed_time,
})
