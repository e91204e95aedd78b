import type { Signal } from '../component.ts'
import type { MetricChild, MetricRegistry } from '../telemetry/metrics.ts'

/** What a signal's items are called in the collector's metric names. */
const ITEMS: Readonly<Record<Signal, string>> = { traces: 'spans', logs: 'log_records', metrics: 'metric_points' }

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

/** The counters of one exporter in one pipeline; names and labels are the collector's where it has them. */
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
  const labels = ['exporter', 'data_type']
  const counter = (name: string, help: string): MetricChild =>
    metrics.counter(name, help, labels).child(exporter, signal)
  const share = (name: string, help: string): Share =>
    new Share(metrics.gauge(name, help, labels).child(exporter, signal))
  const items = ITEMS[signal]
  return {
    queueSize: share('otelcol_exporter_queue_size', 'Batches that wait for this exporter or are under way.'),
    queueCapacity: share(
      'otelcol_exporter_queue_capacity',
      'Batches of the present mean size that the queue has room for.',
    ),
    queueBytes: share('otelcol_exporter_queue_size_bytes', 'Bytes that wait for this exporter or are under way.'),
    inFlight: share(
      'otelcol_exporter_in_flight_requests',
      'Requests under way, waits before another attempt included.',
    ),
    sent: counter(`otelcol_exporter_sent_${items}`, 'Items that the far end took.'),
    sendFailed: counter(`otelcol_exporter_send_failed_${items}`, 'Items that will not be sent again.'),
    enqueueFailed: counter(
      `otelcol_exporter_enqueue_failed_${items}`,
      'Items refused at the door because the queue had no room.',
    ),
    partlyRejected: counter(
      'tokenfuse_exporter_partial_rejected_items_total',
      'Items of accepted requests that the far end said it rejected.',
    ),
    retries: counter('tokenfuse_exporter_retries_total', 'Attempts that failed and were tried again.'),
    deadLettered: counter('tokenfuse_exporter_dead_lettered_items_total', 'Items written to the dead letter file.'),
    deadLetterBytesGivenUp: counter(
      'tokenfuse_exporter_dead_letter_dropped_bytes_total',
      'Bytes of old dead letters given up for newer ones.',
    ),
    undelivered: counter(
      'tokenfuse_exporter_undelivered_items_total',
      'Items lost because a queue in memory was not empty at shutdown.',
    ),
  }
}

/** The counters of one log. */
export interface LogMetrics {
  readonly bytes: Share
  readonly capacityBytes: Share
  readonly refused: MetricChild
  readonly diskErrors: (operation: string) => MetricChild
  readonly corrupt: MetricChild
  readonly torn: MetricChild
  readonly unreadable: MetricChild
}

export function logMetrics(metrics: MetricRegistry, pipeline: string): LogMetrics {
  const share = (name: string, help: string): Share =>
    new Share(metrics.gauge(name, help, ['pipeline']).child(pipeline))
  const counter = (name: string, help: string): MetricChild => metrics.counter(name, help, ['pipeline']).child(pipeline)
  const errors = metrics.counter(
    'tokenfuse_queue_disk_errors_total',
    'Operations on the disk of the queue that failed.',
    ['pipeline', 'operation'],
  )
  return {
    bytes: share('tokenfuse_queue_bytes', 'Bytes that the log holds, on disk or in memory.'),
    capacityBytes: share('tokenfuse_queue_capacity_bytes', 'Bytes that the log may hold.'),
    refused: counter(
      'tokenfuse_queue_refused_batches_total',
      'Batches refused because the log was full or could not be written.',
    ),
    diskErrors: (operation) => errors.child(pipeline, operation),
    corrupt: counter('tokenfuse_queue_corrupt_records_total', 'Damaged stretches found in the log and set aside.'),
    torn: counter(
      'tokenfuse_queue_torn_records_total',
      'Half-written records found behind a crash; nobody was told that they were safe.',
    ),
    unreadable: counter(
      'tokenfuse_queue_unreadable_calls_total',
      'Records whose bytes could be delivered but whose calls could not be read.',
    ),
  }
}
