import { circling, exactCycle } from './detect-cycles.ts'
import { barrenSearch, failingTool, sameArgs } from './detect-habits.ts'
import { duplicateCall, repeatedError, sameResult } from './detect-repetition.ts'
import { sizeCycle } from './detect-sizes.ts'
import type { Finding } from './finding.ts'
import type { History } from './history.ts'
import type { Thresholds } from './thresholds.ts'

type Detect = (history: History, t: Thresholds, inputsAreKnown: boolean) => Finding | undefined

/** The surest first. */
const ALL: readonly Detect[] = [
  exactCycle,
  repeatedError,
  duplicateCall,
  circling,
  sameResult,
  sameArgs,
  failingTool,
  barrenSearch,
  sizeCycle,
]

/** What the first detector says that finds something critical, else the first that warns. */
export function findLoop(history: History, t: Thresholds, inputsAreKnown: boolean): Finding | undefined {
  let warning: Finding | undefined
  for (let i = 0; i < ALL.length; i++) {
    const finding = (ALL[i] as Detect)(history, t, inputsAreKnown)
    if (finding === undefined) continue
    if (finding.level === 'critical') return finding
    warning ??= finding
  }
  return warning
}

/** The other detectors that come to the same level; only asked for when somebody is told. */
export function othersOf(history: History, t: Thresholds, inputsAreKnown: boolean, found: Finding): readonly string[] {
  return ALL.map((detect) => detect(history, t, inputsAreKnown))
    .filter((other) => other?.level === found.level && other.detector !== found.detector)
    .map((other) => other?.detector ?? '')
}
