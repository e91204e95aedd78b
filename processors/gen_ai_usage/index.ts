import type { ProcessorFactory } from '../../pipeline/component.ts'
import { type Config, config } from './config.ts'
import { GenAiUsage } from './gen_ai_usage.ts'
import { REPORTED_METRICS } from './reported-tokens.ts'
import { METRICS } from './telemetry.ts'

export const factory: ProcessorFactory<Config> = {
  kind: 'processor',
  type: 'gen_ai_usage',
  stability: 'alpha',
  summary: 'Recognises provider calls in spans and log events, takes their usage apart, and bills each call once.',
  signals: ['traces', 'logs', 'metrics'],
  config,
  metrics: [...METRICS, ...REPORTED_METRICS],
  create: (settings, host) => new GenAiUsage(settings, host),
}
