import type { ExporterFactory } from '../../pipeline/component.ts'
import { type Config, config } from './config.ts'
import { OtlpGrpcExporter } from './otlp_grpc.ts'

export const factory: ExporterFactory<Config> = {
  kind: 'exporter',
  type: 'otlp_grpc',
  aliases: ['otlp'],
  stability: 'beta',
  summary: 'Sends telemetry to anything that speaks OTLP over gRPC.',
  signals: ['traces', 'logs', 'metrics'],
  config,
  create: (settings, host) => new OtlpGrpcExporter(settings, host),
}
