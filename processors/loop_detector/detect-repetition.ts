import { type Finding, Hits, levelOf } from './finding.ts'
import type { History } from './history.ts'
import { UNKNOWN } from './layout.ts'
import { isPatient } from './patience.ts'
import type { Thresholds } from './thresholds.ts'
import { KIND } from './tools.ts'

const hits = new Hits()
const distinct = new Uint32Array(64)
let distinctCount = 0

/** Among the newest calls those that have what the newest one has; counts their different arguments, too. */
function collect(history: History, column: Uint32Array, window: number): void {
  const wanted = column[0]
  const to = Math.min(window, history.length)
  hits.clear()
  distinctCount = 0
  for (let at = 0; at < to; at++) {
    if (column[at] !== wanted) continue
    hits.add(at)
    countArguments(history.calls[at] as number)
  }
}

function countArguments(call: number): void {
  for (let i = 0; i < distinctCount; i++) if (distinct[i] === call) return
  distinct[distinctCount++] = call
}

/** One tool fails in the same way, whatever it is given. */
export function repeatedError(history: History, t: Thresholds): Finding | undefined {
  if (!history.isError(0) || history.outcomes[0] === 0) return undefined
  collect(history, history.outcomes, t.errorWindow)
  const critical = isPatient(history, hits, t.pollingInterval)
    ? Math.max(t.errorCritical, t.pollingCritical)
    : t.errorCritical
  const level = levelOf(hits.length, t.errorWarn, critical)
  if (level === undefined) return undefined
  return {
    ...{ detector: 'repeated_error', level, period: 1, repeats: hits.length, window: t.errorWindow },
    ...{ threshold: level === 'critical' ? critical : t.errorWarn, onset: history.positions[hits.onset] as number },
    what: `failed in the same way ${hits.length} times within ${t.errorWindow} calls`,
  }
}

/** The same outcome of one tool with hardly any new arguments, close together or again and again. */
export function duplicateCall(history: History, t: Thresholds): Finding | undefined {
  if (history.calls[0] === 0) return undefined
  return close(history, t) ?? far(history, t)
}

function close(history: History, t: Thresholds): Finding | undefined {
  if (history.outcomes[0] === 0) return undefined
  collect(history, history.outcomes, t.duplicateCloseWindow)
  if (isAcknowledgement(history, t)) return undefined
  if (hits.length < t.duplicateClose || distinctCount * 2 > hits.length) return undefined
  if (isPatient(history, hits, t.pollingInterval) && hits.length < t.pollingCritical) return undefined
  return duplicate(history, 'critical', t.duplicateClose, t.duplicateCloseWindow)
}

/** Short, no error, of a tool that changes something or runs anything: different calls often come to that. */
function isAcknowledgement(history: History, t: Thresholds): boolean {
  return history.is(0, KIND.acting | KIND.generic) && !history.isError(0) && !isLong(history, t.longResult)
}

function keepSameCalls(history: History): void {
  let kept = 0
  for (let i = 0; i < hits.length; i++) {
    const at = hits.at[i] as number
    if (history.calls[at] === history.calls[0]) hits.at[kept++] = at
  }
  hits.length = kept
  distinctCount = 1
}

function far(history: History, t: Thresholds): Finding | undefined {
  collectUnchanged(history, t.duplicateWindow)
  if (isAcknowledgement(history, t)) keepSameCalls(history)
  if (hits.length < t.duplicateWarn || distinctCount * 2 > hits.length) return undefined
  const isWaiting = isPatient(history, hits, t.pollingInterval)
  const critical = isWaiting ? Math.max(t.duplicateCritical, t.pollingCritical) : t.duplicateCritical
  const level = levelOf(hits.length, t.duplicateWarn, critical)
  if (level === undefined) return undefined
  return duplicate(history, level, level === 'critical' ? critical : t.duplicateWarn, t.duplicateWindow)
}

/**
 * The calls with the exact outcome of the newest one, or its arguments where outcomes are not recorded; only occurrences
 * before which nothing was changed since the one before count.
 */
function collectUnchanged(history: History, window: number): void {
  const exact = history.exactOf(0)
  const call = history.calls[0]
  const to = Math.min(window, history.length)
  let changed = false
  hits.clear()
  distinctCount = 0
  for (let at = 0; at < to; at++) {
    if (exact === 0 ? history.calls[at] !== call : history.exactOf(at) !== exact) {
      if (history.isOvercomeAt(at)) return
      changed ||= history.isNewChange(at)
      continue
    }
    if (!changed || hits.length === 0) {
      hits.add(at)
      countArguments(history.calls[at] as number)
    }
    changed = false
  }
}

function duplicate(history: History, level: Finding['level'], threshold: number, window: number): Finding {
  return {
    ...{ detector: 'duplicate_call', level, period: 1, repeats: hits.length, threshold, window },
    onset: history.positions[hits.onset] as number,
    what: `came to the same ${hits.length} times within ${window} calls, with hardly any new arguments`,
  }
}

/** The same result, whatever was asked. */
export function sameResult(history: History, t: Thresholds): Finding | undefined {
  if (history.isError(0) || history.outcomes[0] === 0 || history.is(0, KIND.polling)) return undefined
  collect(history, history.outcomes, t.resultWindow)
  if (hits.length < Math.min(t.resultWarn, t.resultCritical) || history.calls[0] === 0) return undefined
  // The very same call each time is a repetition of that, or polling.
  if (distinctCount < 2 || isPatient(history, hits, t.pollingInterval)) return undefined
  const isTelling =
    history.is(0, KIND.search | KIND.listing) || hits.length - distinctCount >= 2 || isLong(history, t.longResult)
  if (!isTelling && history.is(0, KIND.acting)) return undefined
  const level = levelOf(hits.length, t.resultWarn, isTelling ? t.resultCritical : Number.POSITIVE_INFINITY)
  if (level === undefined) return undefined
  return {
    ...{ detector: 'same_result', level, period: 1, repeats: hits.length, window: t.resultWindow },
    ...{
      threshold: level === 'critical' ? t.resultCritical : t.resultWarn,
      onset: history.positions[hits.onset] as number,
    },
    what: `brought the same result ${hits.length} times within ${t.resultWindow} calls, whatever the arguments`,
  }
}

/**
 * Their size is known to be more than an acknowledgement's. They all are of the same size; where model calls are missing or
 * late the size of one may seem larger than it is.
 */
function isLong(history: History, least: number): boolean {
  let smallest = UNKNOWN
  for (let i = 0; i < hits.length; i++) smallest = Math.min(smallest, history.resultOf(hits.at[i] as number))
  return smallest !== UNKNOWN && smallest >= least
}
