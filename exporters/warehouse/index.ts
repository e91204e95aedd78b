import type { ExporterFactory } from '../../pipeline/component.ts'
import { type Config, config } from './config.ts'
import { declarations } from './metrics.ts'
import { WarehouseExporter } from './warehouse.ts'

export const factory: ExporterFactory<Config> = {
  kind: 'exporter',
  type: 'warehouse',
  stability: 'beta',
  summary: 'Keeps every call with usage, cost and tags: SQLite for the last days, Parquet files sealed by hour.',
  config,
  signals: ['traces', 'logs'],
  metrics: declarations,
  create: (settings, host) => new WarehouseExporter(settings, host),
}
