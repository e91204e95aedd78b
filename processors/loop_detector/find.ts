import { circling, exactCycle } from './detect-cycles.ts'
import { barrenSearch, failingTool, sameArgs } from './detect-habits.ts'
import { duplicateCall, repeatedError, sameResult } from './detect-repetition.ts'
import { sizeCycle } from './detect-sizes.ts'
import type { Finding } from './finding.ts'
import type { History } from './history.ts'
import type { Thresholds } from './thresholds.ts'

/** A finding, and the other detectors that came to the same level. */
export interface Found {
  readonly finding: Finding
  readonly also: readonly string[]
}

/** Asks every detector of tool calls; the first one of those that are surest speaks, the others are named. */
export function findLoop(history: History, t: Thresholds, inputsAreKnown: boolean): Found | undefined {
  const all = [
    exactCycle(history, t),
    repeatedError(history, t),
    duplicateCall(history, t),
    circling(history, t),
    sameResult(history, t),
    sameArgs(history, t),
    failingTool(history, t),
    barrenSearch(history, t),
    sizeCycle(history, t, inputsAreKnown),
  ].filter((finding) => finding !== undefined)
  if (all.length === 0) return undefined
  const critical = all.filter(({ level }) => level === 'critical')
  const [finding, ...others] = critical.length > 0 ? critical : all
  return finding === undefined ? undefined : { finding, also: others.map(({ detector }) => detector) }
}
