import type { ExtensionFactory } from '../../pipeline/component.ts'
import { nodeDisk } from '../../pipeline/queue/node-disk.ts'
import { type Config, config } from './config.ts'
import { createLedger } from './create.ts'
import { metrics } from './metrics.ts'

export const factory: ExtensionFactory<Config> = {
  kind: 'extension',
  type: 'ledger',
  stability: 'beta',
  summary: 'Keeps spend per budget and period, reservations and kills; survives restarts and crashes.',
  config,
  metrics,
  create: (settings, host) => createLedger(settings, host, nodeDisk),
}
