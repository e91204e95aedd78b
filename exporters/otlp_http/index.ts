import type { ExporterFactory } from '../../pipeline/component.ts'
import { type Config, config } from './config.ts'
import { OtlpHttpExporter } from './otlp_http.ts'

export const factory: ExporterFactory<Config> = {
  kind: 'exporter',
  type: 'otlp_http',
  aliases: ['otlphttp'],
  stability: 'beta',
  summary: 'Sends telemetry to anything that speaks OTLP over HTTP.',
  signals: ['traces', 'logs', 'metrics'],
  config,
  create: (settings, host) => new OtlpHttpExporter(settings, host),
}
