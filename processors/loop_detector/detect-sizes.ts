import { matchedAt, type Same } from './detect-cycles.ts'
import { type Finding, Hits, levelOf } from './finding.ts'
import type { History } from './history.ts'
import { UNKNOWN } from './layout.ts'
import { isPatient } from './patience.ts'
import type { Thresholds } from './thresholds.ts'
import { KIND } from './tools.ts'

const hits = new Hits()
const WINDOW_MAX = 36

/**
 * Repetition that shows in sizes alone, for calls whose arguments or results are not recorded. That two errors, or two
 * large results, have exactly the same number of tokens is no chance; small results often do, so for them the model's
 * answers must have been of the same size as well.
 */
export function sizeCycle(history: History, t: Thresholds, inputsAreKnown: boolean): Finding | undefined {
  if (history.hasContent(0)) return undefined
  if (!inputsAreKnown) return byAnswersAlone(history, t)
  if (history.resultOf(0) === UNKNOWN) return undefined
  const same = (a: number, b: number): boolean => isSame(history, t.sizeLarge, a, b)
  const found =
    cycle(history, t, same) ?? sameErrors(history, t) ?? circle(history, t, same, 3) ?? duplicates(history, t)
  return found?.level === 'critical' ? found : (emptySearches(history, t) ?? found)
}

function isTelling(history: History, at: number, large: number): boolean {
  const size = history.resultOf(at)
  return history.isError(at) || (size >= large && size !== UNKNOWN)
}

/** The same tool, error flag and size; and the same arguments or outcome, should one of them be recorded. */
function isAlike(history: History, a: number, b: number): boolean {
  return (
    history.tools[a] === history.tools[b] &&
    history.isError(a) === history.isError(b) &&
    history.isSameResultSize(a, b) &&
    history.calls[a] === history.calls[b] &&
    history.outcomes[a] === history.outcomes[b]
  )
}

const isSame = (history: History, large: number, a: number, b: number): boolean =>
  isAlike(history, a, b) && (isTelling(history, a, large) || history.isSameOutputSize(a, b))

function cycle(history: History, t: Thresholds, same: Same): Finding | undefined {
  const inRow = same(0, 1) ? matchedAt(history.length, 1, same) : 0
  let warned = inRow > 0 ? row(history, t, inRow) : undefined
  for (let period = 2; period <= t.maxPeriod && period < history.length; period++) {
    // A row of the same is a cycle of any period; it was judged above.
    if (warned?.level === 'critical' || inRow >= period || !same(0, period)) continue
    const matched = matchedAt(history.length, period, same)
    const found = finding(history, t, { period, matched, warn: Number.POSITIVE_INFINITY, critical: t.sizeLonger })
    if (found !== undefined && !isBatch(history, t, period)) warned = found
  }
  return warned
}

/** Nothing but short acknowledgements of changes: whether it is the same change each time, sizes cannot tell. */
function isBatch(history: History, t: Thresholds, period: number): boolean {
  for (let at = 0; at < period; at++) if (!isAcknowledgement(history, t, at)) return false
  return true
}

const isAcknowledgement = (history: History, t: Thresholds, at: number): boolean =>
  history.is(at, KIND.acting) && !isTelling(history, at, t.sizeLarge)

function row(history: History, t: Thresholds, matched: number): Finding | undefined {
  if (isTelling(history, 0, t.sizeLarge)) {
    const critical = isFromSameAnswers(history, matched) ? t.sizeOne : Math.max(t.sizeOne, t.sizeErrors)
    return finding(history, t, { period: 1, matched, warn: t.sizeWarn, critical })
  }
  if (isAcknowledgement(history, t, 0)) return undefined
  return finding(history, t, { period: 1, matched, warn: t.sizeSmallOne - 2, critical: t.sizeSmallOne })
}

/** Whether the model's answers, too, were of about the same size: then the arguments were about the same. */
function isFromSameAnswers(history: History, matched: number): boolean {
  for (let at = 0; at < matched; at++) if (!history.isSameOutputSize(at, at + 1)) return false
  return true
}

interface Matched {
  readonly period: number
  readonly matched: number
  readonly warn: number
  readonly critical: number
}

function finding(history: History, t: Thresholds, { period, matched, warn, critical }: Matched): Finding | undefined {
  const repeats = Math.floor(matched / period) + 1
  if (repeats < Math.min(warn, critical)) return undefined
  hits.clear()
  for (let round = 0; round < repeats; round++) hits.add(round * period)
  let isWaiting = isPatient(history, hits, t.pollingInterval)
  for (let at = 0; at < period; at++) isWaiting ||= history.is(at, KIND.polling)
  const needed = isWaiting ? Math.max(critical, t.pollingCritical) : critical
  const level = levelOf(repeats, warn, needed)
  if (level === undefined) return undefined
  return {
    ...{ detector: 'size_cycle', level, period, repeats, threshold: level === 'critical' ? needed : warn },
    ...{ window: period * repeats, onset: history.positions[matched - 1] as number },
    what: `came ${repeats} times with results of exactly the same size`,
  }
}

/** Failures of the same size close together, as `repeated_error` has them of the same class. */
function sameErrors(history: History, t: Thresholds): Finding | undefined {
  if (!history.isError(0)) return undefined
  collect(history, t.sizeErrorsWindow)
  return counted(history, t, t.sizeErrors, t.sizeErrorsWindow, 'failed with an error of exactly the same size')
}

/** Telling sizes again and again while nothing was changed in between. */
function duplicates(history: History, t: Thresholds): Finding | undefined {
  if (!isTelling(history, 0, t.sizeLarge)) return undefined
  hits.clear()
  let changed = false
  for (let at = 0; at < history.length; at++) {
    if (isAlike(history, 0, at)) {
      if (!changed || hits.length === 0) hits.add(at)
      changed = false
    } else if (history.isOvercomeAt(at)) break
    else changed ||= history.isNewChange(at)
  }
  return counted(history, t, t.sizeDuplicates, WINDOW_MAX, 'brought results of exactly the same size')
}

/** Searches that bring the same whatever they look for. */
function emptySearches(history: History, t: Thresholds): Finding | undefined {
  if (history.isError(0) || !history.is(0, KIND.search | KIND.listing)) return undefined
  collect(history, t.resultWindow)
  return counted(history, t, t.resultCritical, t.resultWindow, 'found exactly as much')
}

function collect(history: History, window: number): void {
  const to = Math.min(window, history.length)
  hits.clear()
  for (let at = 0; at < to; at++) if (isAlike(history, 0, at)) hits.add(at)
}

function counted(history: History, t: Thresholds, least: number, window: number, what: string): Finding | undefined {
  if (hits.length < least) return undefined
  if (isPatient(history, hits, t.pollingInterval) && hits.length < t.pollingCritical) return undefined
  return {
    ...{ detector: 'size_cycle', level: 'critical', period: 1, repeats: hits.length, threshold: least, window },
    ...{ onset: history.positions[hits.onset] as number, what: `${what} ${hits.length} times within ${window} calls` },
  }
}

const kinds = new Int32Array(16)
const counts = new Int32Array(16)

/** As `circling`, by sizes; at least two different calls must come again, for a row of the same was judged as a row. */
function circle(history: History, t: Thresholds, same: Same, fewest: number): Finding | undefined {
  let distinct = 0
  let again = 0
  for (let at = 0; at < history.length; at++) {
    if (history.hasContent(at) || history.is(at, KIND.polling)) return undefined
    let place = 0
    while (place < distinct && !same(kinds[place] as number, at)) place++
    if (place === distinct) {
      if (distinct === t.maxDistinct) return undefined
      kinds[distinct] = at
      counts[distinct++] = 0
    }
    counts[place] = (counts[place] as number) + 1
    if (counts[place] === 2) again++
    const seen = at + 1
    const allowed = Math.floor(seen / t.rounds)
    if (seen % t.rounds !== 0 || allowed < fewest || distinct > allowed || again < 2 || (counts[0] as number) < 2)
      continue
    if (isBatch(history, t, seen) || isCirclePatient(history, t, seen, same)) return undefined
    return {
      ...{ detector: 'size_cycle', level: 'critical', period: distinct, repeats: Math.floor(seen / distinct) },
      ...{ threshold: t.rounds, window: seen, onset: history.positions[Math.max(0, at - distinct)] as number },
      what: `made up all of the last ${seen} calls, with only ${distinct} different sizes`,
    }
  }
  return undefined
}

function isCirclePatient(history: History, t: Thresholds, seen: number, same: Same): boolean {
  hits.clear()
  for (let at = 0; at < seen; at++) if (at === 0 || same(0, at)) hits.add(at)
  return isPatient(history, hits, t.pollingInterval)
}

const BLIND_ONE = 6
const BLIND_DUPLICATES = 7
const BLIND_DISTINCT_MIN = 4

/** Nothing but tools and the sizes of the model's answers: only long rows of those say anything. */
function byAnswersAlone(history: History, t: Thresholds): Finding | undefined {
  if (t.sizeOne === Number.POSITIVE_INFINITY || history.calls[0] !== 0 || history.is(0, KIND.polling)) return undefined
  const same: Same = (a, b) =>
    history.tools[a] === history.tools[b] &&
    history.isError(a) === history.isError(b) &&
    history.calls[b] === 0 &&
    history.isSameOutputSize(a, b)
  if (history.length < 2) return undefined
  const inRow = same(0, 1) ? matchedAt(history.length, 1, same) : 0
  if (inRow > 0 && isAcknowledgement(history, t, 0)) return undefined
  const found = finding(history, t, { period: 1, matched: inRow, warn: BLIND_ONE - 2, critical: BLIND_ONE })
  if (found?.level === 'critical') return found
  for (let period = 2; period <= t.maxPeriod && period < history.length; period++) {
    if (inRow >= period || !same(0, period)) continue
    const matched = matchedAt(history.length, period, same)
    const cycles = finding(history, t, { period, matched, warn: Number.POSITIVE_INFINITY, critical: t.sizeLonger })
    if (cycles !== undefined) return cycles
  }
  const what = 'was asked for by answers of exactly the same size'
  hits.clear()
  for (let at = 0; at < history.length; at++) if (at === 0 || same(0, at)) hits.add(at)
  return (
    counted(history, t, BLIND_DUPLICATES, WINDOW_MAX, what) ?? circle(history, t, same, BLIND_DISTINCT_MIN) ?? found
  )
}
