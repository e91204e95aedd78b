import type { MetricDeclaration } from '../../pipeline/component.ts'
import type { Host } from '../../pipeline/host.ts'
import type { MetricChild } from '../../pipeline/telemetry/metrics.ts'

export interface WarehouseMetrics {
  readonly rows: MetricChild
  readonly size: MetricChild
  readonly sealedFiles: MetricChild
  readonly sealedRows: MetricChild
  readonly droppedDays: MetricChild
  readonly trimmedRows: MetricChild
  readonly failures: MetricChild
}

const declared = {
  rows: { name: 'tokenfuse_warehouse_calls_total', type: 'counter', description: 'Calls of committed deliveries.' },
  size: { name: 'tokenfuse_warehouse_size_bytes', type: 'gauge', description: 'Bytes that data takes in SQLite.' },
  sealedFiles: {
    name: 'tokenfuse_warehouse_sealed_files_total',
    type: 'counter',
    description: 'Parquet files written.',
  },
  sealedRows: {
    name: 'tokenfuse_warehouse_sealed_rows_total',
    type: 'counter',
    description: 'Rows written to Parquet files.',
  },
  droppedDays: {
    name: 'tokenfuse_warehouse_dropped_tables_total',
    type: 'counter',
    description: 'Days dropped from SQLite, by age or for size.',
  },
  trimmedRows: {
    name: 'tokenfuse_warehouse_trimmed_rows_total',
    type: 'counter',
    description: 'Rows removed from SQLite before their time, because max_size_mib was reached.',
  },
  failures: {
    name: 'tokenfuse_warehouse_janitor_failures_total',
    type: 'counter',
    description: 'Passes of sealing and cleaning that failed and will be repeated.',
  },
} as const satisfies Readonly<Record<keyof WarehouseMetrics, MetricDeclaration>>

const LABELS = ['exporter']

export const declarations: readonly MetricDeclaration[] = Object.values(declared).map((metric) => ({
  ...metric,
  labels: LABELS,
}))

export function registerMetrics({ metrics, id }: Host): WarehouseMetrics {
  const child = ({ name, type, description }: MetricDeclaration): MetricChild =>
    metrics[type === 'counter' ? 'counter' : 'gauge'](name, description, LABELS).child(id)
  return {
    rows: child(declared.rows),
    size: child(declared.size),
    sealedFiles: child(declared.sealedFiles),
    sealedRows: child(declared.sealedRows),
    droppedDays: child(declared.droppedDays),
    trimmedRows: child(declared.trimmedRows),
    failures: child(declared.failures),
  }
}
