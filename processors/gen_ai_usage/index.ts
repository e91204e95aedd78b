import type { ProcessorFactory } from '../../pipeline/component.ts'
import { type Config, config } from './config.ts'
import { GenAiUsage } from './gen_ai_usage.ts'

export const factory: ProcessorFactory<Config> = {
  kind: 'processor',
  type: 'gen_ai_usage',
  stability: 'alpha',
  summary: 'Recognises provider calls in spans and log events, takes their usage apart, and bills each call once.',
  signals: ['traces', 'logs'],
  config,
  metrics: [
    {
      name: 'tokenfuse_gen_ai_calls_total',
      type: 'counter',
      description: 'Provider calls seen, by dialect and by what became of them.',
      labels: ['dialect', 'bill'],
    },
    {
      name: 'tokenfuse_gen_ai_usage_flags_total',
      type: 'counter',
      description: 'Notes on usage that was not as its dialect says.',
      labels: ['flag'],
    },
    {
      name: 'tokenfuse_gen_ai_late_evidence_total',
      type: 'counter',
      description: 'Calls found under a span that was billed too long ago to be taken back.',
    },
    {
      name: 'tokenfuse_gen_ai_state_bytes',
      type: 'gauge',
      description: 'Bytes of the tables that bill each call once.',
    },
  ],
  create: (settings, host) => new GenAiUsage(settings, host),
}
