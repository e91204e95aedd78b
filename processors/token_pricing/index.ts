import type { ProcessorFactory } from '../../pipeline/component.ts'
import { type Config, config } from './config.ts'
import { TokenPricing } from './token_pricing.ts'

export const factory: ProcessorFactory<Config> = {
  kind: 'processor',
  type: 'token_pricing',
  stability: 'alpha',
  summary: 'Prices every provider call exactly, at the price of the moment it ended.',
  signals: ['traces', 'logs'],
  config,
  metrics: [
    {
      name: 'tokenfuse_unpriced_calls_total',
      type: 'counter',
      description: 'Billed calls without a cost, because no price is known for them.',
      labels: ['provider', 'model', 'reason'],
    },
    {
      name: 'tokenfuse_reported_residual_usd',
      type: 'gauge',
      unit: 'USD',
      description: 'What providers billed beyond our list price for the calls whose bill they reported.',
      labels: ['provider'],
    },
    {
      name: 'tokenfuse_reported_residual_ratio',
      type: 'gauge',
      description: 'The same as a fraction of our list price, over the last full set of calls of a model.',
      labels: ['provider', 'model'],
    },
    {
      name: 'tokenfuse_price_file_loads_total',
      type: 'counter',
      description: 'Price files that were read at the start or because they had changed, by whether they were taken.',
      labels: ['result'],
    },
    {
      name: 'tokenfuse_price_files_refused',
      type: 'gauge',
      description: 'Price files whose present content is refused; what they said before is still in force.',
    },
    {
      name: 'tokenfuse_price_book_age_seconds',
      type: 'gauge',
      unit: 's',
      description: 'Time since the prices in the bundled book were last checked.',
    },
  ],
  create: (settings, host) => new TokenPricing(settings, host),
}
