import type { ExporterFactory } from '../../pipeline/component.ts'
import { type Config, config } from './config.ts'
import { KillSwitch } from './kill_switch.ts'
import { metrics } from './metrics.ts'

export const factory: ExporterFactory<Config> = {
  kind: 'exporter',
  type: 'kill_switch',
  stability: 'beta',
  summary: 'Stops what verdicts say must stop, and serves the control API for verdicts, kills and budgets.',
  signals: ['traces', 'logs', 'metrics'],
  config,
  metrics: Object.values(metrics),
  create: (settings, host) => new KillSwitch(settings, host),
}
