import type { ProcessorFactory } from '../../pipeline/component.ts'
import { BusinessTags } from './business_tags.ts'
import { type Config, config } from './config.ts'

export const factory: ProcessorFactory<Config> = {
  kind: 'processor',
  type: 'business_tags',
  stability: 'alpha',
  summary: 'Says whom every call was for: run, agent, workflow, step, customer, business unit and your own tags.',
  signals: ['traces', 'logs'],
  config,
  metrics: [
    { name: 'tokenfuse_tag_values_cut_total', type: 'counter', description: 'Tag values cut to max_value_length.' },
  ],
  create: (settings, host) => new BusinessTags(settings, host),
}
