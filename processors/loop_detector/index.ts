import type { ProcessorFactory } from '../../pipeline/component.ts'
import { type Config, config } from './config.ts'
import { LoopDetector } from './loop_detector.ts'

export const factory: ProcessorFactory<Config> = {
  kind: 'processor',
  type: 'loop_detector',
  stability: 'alpha',
  summary: 'Notices runs that repeat the same calls with the same outcome, with evidence.',
  signals: ['traces'],
  config,
  metrics: [
    {
      name: 'tokenfuse_loop_detector_verdicts_total',
      type: 'counter',
      description: 'Verdicts by detector and level.',
      labels: ['detector', 'level'],
    },
    {
      name: 'tokenfuse_loop_detector_runs_evicted_total',
      type: 'counter',
      description: 'Runs forgotten because more than max_runs were active.',
    },
    { name: 'tokenfuse_loop_detector_runs', type: 'gauge', description: 'Runs watched now.' },
  ],
  create: (settings, host) => new LoopDetector(settings, host),
}
