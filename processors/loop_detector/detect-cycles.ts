import { type Finding, Hits, levelOf } from './finding.ts'
import type { History } from './history.ts'
import { isPatient } from './patience.ts'
import type { Thresholds } from './thresholds.ts'
import { KIND } from './tools.ts'

export type Same = (newer: number, older: number) => boolean

const rounds = new Hits()

/** How many of the newest calls equal the one so many places before: period * (repeats - 1) of them are that many repeats. */
export function matchedAt(length: number, period: number, same: Same): number {
  let matched = 0
  while (matched + period < length && same(matched, matched + period)) matched++
  return matched
}

interface Needed {
  readonly warn: number
  readonly one: number
  readonly longer: number
}

/** The same calls with the same outcome, one or several in turns. */
export function exactCycle(history: History, t: Thresholds): Finding | undefined {
  const known: Needed = { warn: t.cycleWarn, one: t.cycleOne, longer: t.cycleLonger }
  const found = cycle(history, t, known, (a, b) => history.isSame(a, b), 'with the same arguments and the same outcome')
  if (found?.level === 'critical' || history.outcomes[0] !== 0) return found
  const blind: Needed = { warn: t.cycleWarn, one: t.cycleOneBlind, longer: t.cycleLongerBlind }
  const what = 'with the same arguments; outcomes are not recorded'
  const guessed = cycle(history, t, blind, (a, b) => history.isSameBlindly(a, b), what)
  return guessed?.level === 'critical' ? guessed : (found ?? guessed)
}

function cycle(history: History, t: Thresholds, needed: Needed, same: Same, what: string): Finding | undefined {
  let warned: Finding | undefined
  const inRow = history.length > 1 ? matchedAt(history.length, 1, same) : 0
  for (let period = 1; period <= t.maxPeriod && period < history.length; period++) {
    // A row of the same is a cycle of any period, and was judged as a row.
    if (!same(0, period) || (period > 1 && inRow >= period)) continue
    const matched = matchedAt(history.length, period, same)
    const repeats = roundsOf(matched, period, history.outcomes[0] !== 0)
    const least = period === 1 ? needed.one : needed.longer
    if (repeats < Math.min(least, needed.warn)) continue
    const critical = isWaiting(history, t, period, repeats) ? Math.max(least, t.pollingCritical) : least
    const level = levelOf(repeats, needed.warn, critical)
    if (level === undefined) continue
    const threshold = level === 'critical' ? critical : needed.warn
    const onset = history.positions[matched - 1] as number
    const isHalf = matched < period * (repeats - 1)
    const finding: Finding = {
      ...{ detector: 'exact_cycle', level, period, repeats, threshold, onset },
      ...{ window: period * repeats, what: `came ${repeats} times${isHalf ? ', the last time in half,' : ''} ${what}` },
    }
    if (level === 'critical') return finding
    warned ??= finding
  }
  return warned
}

/** How many times a cycle came; where outcomes are recorded the last round counts when half of it has come. */
function roundsOf(matched: number, period: number, hasOutcomes: boolean): number {
  return Math.floor((matched + (hasOutcomes ? period >> 1 : 0)) / period) + 1
}

/** Whether a cycle asks for something that takes its time: one of its tools waits, or its rounds are far apart. */
function isWaiting(history: History, t: Thresholds, period: number, repeats: number): boolean {
  for (let at = 0; at < period; at++) if (history.is(at, KIND.polling)) return true
  rounds.clear()
  for (let round = 0; round < repeats; round++) rounds.add(round * period)
  return isPatient(history, rounds, t.pollingInterval)
}

const DISTINCT_MAX = 10
/** The newest call itself must have come this often. */
const NEWEST_MIN = 3
const gists = new Float64Array(DISTINCT_MAX)

/** A few calls in whatever order, each of them several times, and nothing else; one alone is a row, not a circle. */
export function circling(history: History, t: Thresholds): Finding | undefined {
  return circle(history, t, 2)
}

function circle(history: History, t: Thresholds, fewest: number): Finding | undefined {
  if (t.rounds === Number.POSITIVE_INFINITY) return undefined
  let distinct = 0
  rounds.clear()
  for (let at = 0; at < history.length; at++) {
    const gist = history.gistOf(at)
    if (gist === 0 || history.is(at, KIND.polling)) return undefined
    let place = 0
    while (place < distinct && gists[place] !== gist) place++
    if (place === 0) rounds.add(at)
    if (place === distinct) {
      if (distinct === t.maxDistinct) return undefined
      gists[distinct++] = gist
    }
    const seen = at + 1
    const allowed = Math.floor(seen / t.rounds)
    if (
      seen % t.rounds !== 0 ||
      allowed < fewest ||
      allowed > t.maxDistinct ||
      distinct > allowed ||
      distinct < 2 ||
      rounds.length < NEWEST_MIN
    )
      continue
    if (isPatient(history, rounds, t.pollingInterval)) return undefined
    return {
      ...{ detector: 'circling', level: 'critical', period: distinct, repeats: Math.floor(seen / distinct) },
      ...{ threshold: t.rounds, window: seen, onset: history.positions[Math.max(0, at - distinct)] as number },
      what: `made up all of the last ${seen} calls, with only ${distinct} different outcomes`,
    }
  }
  return undefined
}
