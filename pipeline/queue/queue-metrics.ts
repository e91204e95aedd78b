import type { MetricDeclaration, Signal } from '../component.ts'
import type { MetricChild, MetricRegistry } from '../telemetry/metrics.ts'

/** A gauge to which several queues contribute: each changes only its own part. */
export class Share {
  private readonly child: MetricChild
  private mine = 0

  constructor(child: MetricChild) {
    this.child = child
  }

  set(value: number): void {
    if (value === this.mine) return
    this.child.add(value - this.mine)
    this.mine = value
  }
}

const EXPORTER = ['exporter', 'data_type']
const PIPELINE = ['pipeline']
const gauge = (name: string, description: string, labels: readonly string[]): MetricDeclaration => ({
  name,
  type: 'gauge',
  description,
  labels,
})
const counter = (name: string, description: string, labels: readonly string[]): MetricDeclaration => ({
  name,
  type: 'counter',
  description,
  labels,
})

/** What a signal's items are called in the collector's metric names. */
const ITEMS: Readonly<Record<Signal, string>> = { traces: 'spans', logs: 'log_records', metrics: 'metric_points' }
const perSignal = (name: string, description: string): Readonly<Record<Signal, MetricDeclaration>> => ({
  traces: counter(`${name}_${ITEMS.traces}`, description, EXPORTER),
  logs: counter(`${name}_${ITEMS.logs}`, description, EXPORTER),
  metrics: counter(`${name}_${ITEMS.metrics}`, description, EXPORTER),
})

const SENT = perSignal('otelcol_exporter_sent', 'Items that the far end took.')
const SEND_FAILED = perSignal('otelcol_exporter_send_failed', 'Items that will not be sent again.')
const ENQUEUE_FAILED = perSignal(
  'otelcol_exporter_enqueue_failed',
  'Items refused at the door because the queue had no room.',
)

/** Names and labels are the collector's where it has them. */
const EXPORTER_METRICS = {
  queueSize: gauge('otelcol_exporter_queue_size', 'Batches that wait for this exporter or are under way.', EXPORTER),
  queueCapacity: gauge(
    'otelcol_exporter_queue_capacity',
    'Batches of the present mean size that the queue has room for.',
    EXPORTER,
  ),
  queueBytes: gauge(
    'otelcol_exporter_queue_size_bytes',
    'Bytes that wait for this exporter or are under way.',
    EXPORTER,
  ),
  inFlight: gauge(
    'otelcol_exporter_in_flight_requests',
    'Requests under way, waits before another attempt included.',
    EXPORTER,
  ),
  partlyRejected: counter(
    'tokenfuse_exporter_partial_rejected_items_total',
    'Items of accepted requests that the far end said it rejected.',
    EXPORTER,
  ),
  retries: counter('tokenfuse_exporter_retries_total', 'Attempts that failed and were tried again.', EXPORTER),
  deadLettered: counter(
    'tokenfuse_exporter_dead_lettered_items_total',
    'Items written to the dead letter file.',
    EXPORTER,
  ),
  deadLetterBytesGivenUp: counter(
    'tokenfuse_exporter_dead_letter_dropped_bytes_total',
    'Bytes of old dead letters given up for newer ones.',
    EXPORTER,
  ),
  undelivered: counter(
    'tokenfuse_exporter_undelivered_items_total',
    'Items lost because a queue in memory was not empty at shutdown.',
    EXPORTER,
  ),
}

const LOG_METRICS = {
  bytes: gauge('tokenfuse_queue_bytes', 'Bytes that the log holds, on disk or in memory.', PIPELINE),
  capacityBytes: gauge('tokenfuse_queue_capacity_bytes', 'Bytes that the log may hold.', PIPELINE),
  held: gauge(
    'tokenfuse_queue_held_calls',
    'Calls that processors hold back or remember, and that the log keeps through a crash.',
    PIPELINE,
  ),
  refused: counter(
    'tokenfuse_queue_refused_batches_total',
    'Batches refused because the log was full or could not be written.',
    PIPELINE,
  ),
  diskErrors: counter('tokenfuse_queue_disk_errors_total', 'Operations on the disk of the queue that failed.', [
    'pipeline',
    'operation',
  ]),
  corrupt: counter(
    'tokenfuse_queue_corrupt_records_total',
    'Damaged stretches found in the log and set aside.',
    PIPELINE,
  ),
  torn: counter(
    'tokenfuse_queue_torn_records_total',
    'Half-written records found behind a crash; nobody was told that they were safe.',
    PIPELINE,
  ),
  unreadable: counter(
    'tokenfuse_queue_unreadable_calls_total',
    'Records whose bytes could be delivered but whose calls could not be read.',
    PIPELINE,
  ),
}

/** Everything that the queue registers. */
export const QUEUE_METRICS: readonly MetricDeclaration[] = [
  ...Object.values(EXPORTER_METRICS),
  ...[SENT, SEND_FAILED, ENQUEUE_FAILED].flatMap((family) => Object.values(family)),
  ...Object.values(LOG_METRICS),
]

/** The counters of one exporter in one pipeline. */
export interface ExporterMetrics {
  readonly queueSize: Share
  readonly queueCapacity: Share
  readonly queueBytes: Share
  readonly inFlight: Share
  readonly sent: MetricChild
  readonly sendFailed: MetricChild
  readonly enqueueFailed: MetricChild
  readonly partlyRejected: MetricChild
  readonly retries: MetricChild
  readonly deadLettered: MetricChild
  readonly deadLetterBytesGivenUp: MetricChild
  readonly undelivered: MetricChild
}

export function exporterMetrics(metrics: MetricRegistry, exporter: string, signal: Signal): ExporterMetrics {
  const child = (declared: MetricDeclaration): MetricChild => childOf(metrics, declared, [exporter, signal])
  const share = (declared: MetricDeclaration): Share => new Share(child(declared))
  return {
    queueSize: share(EXPORTER_METRICS.queueSize),
    queueCapacity: share(EXPORTER_METRICS.queueCapacity),
    queueBytes: share(EXPORTER_METRICS.queueBytes),
    inFlight: share(EXPORTER_METRICS.inFlight),
    sent: child(SENT[signal]),
    sendFailed: child(SEND_FAILED[signal]),
    enqueueFailed: child(ENQUEUE_FAILED[signal]),
    partlyRejected: child(EXPORTER_METRICS.partlyRejected),
    retries: child(EXPORTER_METRICS.retries),
    deadLettered: child(EXPORTER_METRICS.deadLettered),
    deadLetterBytesGivenUp: child(EXPORTER_METRICS.deadLetterBytesGivenUp),
    undelivered: child(EXPORTER_METRICS.undelivered),
  }
}

/** The counters of one log. */
export interface LogMetrics {
  readonly bytes: Share
  readonly capacityBytes: Share
  readonly held: Share
  readonly refused: MetricChild
  readonly diskErrors: (operation: string) => MetricChild
  readonly corrupt: MetricChild
  readonly torn: MetricChild
  readonly unreadable: MetricChild
}

export function logMetrics(metrics: MetricRegistry, pipeline: string): LogMetrics {
  const child = (declared: MetricDeclaration): MetricChild => childOf(metrics, declared, [pipeline])
  return {
    bytes: new Share(child(LOG_METRICS.bytes)),
    capacityBytes: new Share(child(LOG_METRICS.capacityBytes)),
    held: new Share(child(LOG_METRICS.held)),
    refused: child(LOG_METRICS.refused),
    diskErrors: (operation) => childOf(metrics, LOG_METRICS.diskErrors, [pipeline, operation]),
    corrupt: child(LOG_METRICS.corrupt),
    torn: child(LOG_METRICS.torn),
    unreadable: child(LOG_METRICS.unreadable),
  }
}

function childOf(metrics: MetricRegistry, declared: MetricDeclaration, values: readonly string[]): MetricChild {
  const { name, description, labels = [] } = declared
  const family =
    declared.type === 'counter' ? metrics.counter(name, description, labels) : metrics.gauge(name, description, labels)
  return family.child(...values)
}
