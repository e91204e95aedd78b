import type { ExporterFactory } from '../../pipeline/component.ts'
import { type Config, config } from './config.ts'
import { DebugExporter } from './debug.ts'

export const factory: ExporterFactory<Config> = {
  kind: 'exporter',
  type: 'debug',
  stability: 'beta',
  summary: 'Prints what passes by to stdout, in words.',
  signals: ['traces', 'logs', 'metrics'],
  config,
  create: (settings, host) => new DebugExporter(settings, host, (text) => void process.stdout.write(text)),
}
