import type { ProcessorFactory } from '../../pipeline/component.ts'
import { Budget, ESTIMATED_TOTAL, UNPRICED_TOTAL } from './budget.ts'
import { type Config, config } from './config.ts'

export const factory: ProcessorFactory<Config> = {
  kind: 'processor',
  type: 'budget',
  stability: 'beta',
  summary: 'Counts every billed call against budgets in USD and tokens, and says when one is used up.',
  signals: ['traces', 'logs'],
  config,
  metrics: [UNPRICED_TOTAL, ESTIMATED_TOTAL],
  create: (settings, host) => new Budget(settings, host),
}
