import type { ExporterFactory } from '../../pipeline/component.ts'
import { type Config, config } from './config.ts'
import { FileExporter } from './file.ts'

export const factory: ExporterFactory<Config> = {
  kind: 'exporter',
  type: 'file',
  stability: 'beta',
  summary: 'Writes telemetry, calls or verdicts to a file, as JSON lines.',
  signals: ['traces', 'logs', 'metrics'],
  config,
  create: (settings, host) => new FileExporter(settings, host),
}
