import type { ReceiverFactory } from '../../pipeline/component.ts'
import { type Config, config } from './config.ts'
import { REQUESTS } from './intake.ts'
import { OtlpReceiver } from './otlp.ts'

export const factory: ReceiverFactory<Config> = {
  kind: 'receiver',
  type: 'otlp',
  stability: 'beta',
  summary: 'Receives traces, logs and metrics as OTLP over gRPC and HTTP, in protobuf and JSON.',
  config,
  metrics: [{ ...REQUESTS, type: 'counter' }],
  create: (settings, host, next) => new OtlpReceiver(settings, host, next),
}
