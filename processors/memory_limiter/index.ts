import type { ProcessorFactory } from '../../pipeline/component.ts'
import { type Config, config } from './config.ts'
import { MemoryLimiter } from './memory_limiter.ts'

export const factory: ProcessorFactory<Config> = {
  kind: 'processor',
  type: 'memory_limiter',
  stability: 'alpha',
  summary: 'Refuses new telemetry while the process uses more memory than it should.',
  signals: ['traces', 'logs', 'metrics'],
  config,
  metrics: [
    {
      name: 'otelcol_processor_memory_limiter_refused_requests',
      type: 'counter',
      description: 'Requests refused because of memory in use.',
      labels: ['processor'],
    },
  ],
  create: (settings, host) => new MemoryLimiter(settings, host),
}
