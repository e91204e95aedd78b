import type { Config } from './config.ts'
import type { RunState } from './run-state.ts'

export interface Cycle {
  readonly level: 'warn' | 'critical'
  readonly period: number
  readonly repeats: number
  /** Index of the first call that repeated another one: from here on the run learned nothing new. */
  readonly onset: number
}

/** The shortest cycle that the run is in now, if it has come often enough to be worth a word. */
export function exactCycle(run: RunState, settings: Config['exact_cycle']): Cycle | undefined {
  let warned: Cycle | undefined
  for (let period = 1; period <= settings.max_period; period++) {
    const matched = run.matches[period] as number
    const repeats = Math.floor(matched / period) + 1
    if (repeats < 2) continue
    const onset = Math.max(0, run.length - matched)
    const needed = period === 1 ? settings.critical_period_1 : settings.critical
    if (repeats >= needed && repeats * period >= settings.min_calls)
      return { level: 'critical', period, repeats, onset }
    if (repeats >= settings.warn) warned ??= { level: 'warn', period, repeats, onset }
  }
  return warned
}
