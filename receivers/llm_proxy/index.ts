import type { ReceiverFactory } from '../../pipeline/component.ts'
import { type Config, config } from './config.ts'
import { LlmProxy } from './llm_proxy.ts'
import { DECLARED } from './metrics.ts'

export const factory: ReceiverFactory<Config> = {
  kind: 'receiver',
  type: 'llm_proxy',
  stability: 'beta',
  summary:
    'Reverse proxy for model providers: refuses calls over budget, cuts streams, and counts calls of agents without instrumentation.',
  config,
  metrics: DECLARED,
  create: (settings, host, next) => new LlmProxy(settings, host, next),
}
