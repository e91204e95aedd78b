import type { ProcessorFactory } from '../../pipeline/component.ts'
import { type Config, config } from './config.ts'
import { EVICTED_TOTAL, LoopDetector, RUNS } from './loop_detector.ts'
import { VERDICTS_TOTAL } from './verdicts.ts'

export const factory: ProcessorFactory<Config> = {
  kind: 'processor',
  type: 'loop_detector',
  stability: 'alpha',
  summary: 'Notices agents that do the same again and again, with evidence, and stops nothing itself.',
  signals: ['traces', 'logs'],
  config,
  metrics: [VERDICTS_TOTAL, EVICTED_TOTAL, RUNS],
  create: (settings, host) => new LoopDetector(settings, host),
}
