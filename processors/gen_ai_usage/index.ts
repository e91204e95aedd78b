import type { ProcessorFactory } from '../../pipeline/component.ts'
import { type Config, config } from './config.ts'
import { GenAiUsage } from './gen_ai_usage.ts'
import { METRICS } from './telemetry.ts'

export const factory: ProcessorFactory<Config> = {
  kind: 'processor',
  type: 'gen_ai_usage',
  stability: 'alpha',
  summary: 'Recognises provider calls in spans and log events, takes their usage apart, and bills each call once.',
  signals: ['traces', 'logs'],
  config,
  metrics: METRICS,
  create: (settings, host) => new GenAiUsage(settings, host),
}
