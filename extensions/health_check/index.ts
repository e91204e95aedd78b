import type { ExtensionFactory } from '../../pipeline/component.ts'
import { type Config, config } from './config.ts'
import { HealthCheck } from './health_check.ts'

export const factory: ExtensionFactory<Config> = {
  kind: 'extension',
  type: 'health_check',
  stability: 'beta',
  summary: 'Answers liveness and readiness probes over HTTP.',
  config,
  create: (settings, host) => new HealthCheck(settings, host),
}
