import { type Finding, Hits, levelOf } from './finding.ts'
import type { History } from './history.ts'
import { UNKNOWN } from './layout.ts'
import { isPatient } from './patience.ts'
import type { Thresholds } from './thresholds.ts'
import { KIND } from './tools.ts'

const hits = new Hits()

/** The same call in a row, with another result each time. */
export function sameArgs(history: History, t: Thresholds): Finding | undefined {
  const call = history.calls[0]
  if (call === 0) return undefined
  hits.clear()
  for (let at = 0; at < history.length && history.calls[at] === call; at++) hits.add(at)
  const isActing = history.is(0, KIND.acting)
  const warn = isActing ? t.actingWarn : t.argsWarn
  const given = isActing ? t.actingCritical : t.argsCritical
  if (hits.length < Math.min(warn, given)) return undefined
  const critical = isPatient(history, hits, t.pollingInterval) ? Math.max(given, t.pollingCritical) : given
  const level = levelOf(hits.length, warn, critical)
  if (level === undefined) return undefined
  return {
    ...{ detector: 'same_args', level, period: 1, repeats: hits.length, window: hits.length },
    ...{ threshold: level === 'critical' ? critical : warn, onset: history.positions[hits.onset] as number },
    what: `was called ${hits.length} times in a row with the same arguments`,
  }
}

/** One tool fails nearly always, in whatever way. */
export function failingTool(history: History, t: Thresholds): Finding | undefined {
  if (!history.isError(0)) return undefined
  const isGeneric = history.is(0, KIND.generic)
  const window = isGeneric ? t.genericWindow : t.failingWindow
  const critical = isGeneric ? t.genericCritical : t.failingCritical
  const to = Math.min(window, history.length)
  hits.clear()
  for (let at = 0; at < to; at++) if (history.isError(at) && history.tools[at] === history.tools[0]) hits.add(at)
  const warn = isGeneric ? Math.max(t.failingWarn, critical - 2) : t.failingWarn
  if (isPatient(history, hits, t.pollingInterval)) return undefined
  const level = levelOf(hits.length, warn, critical)
  if (level === undefined) return undefined
  return {
    ...{ detector: 'failing_tool', level, period: 1, repeats: hits.length, window },
    ...{ threshold: level === 'critical' ? critical : warn, onset: history.positions[hits.onset] as number },
    what: `failed ${hits.length} times within ${window} calls`,
  }
}

/** Searches that find next to nothing, and hardly anything else. */
export function barrenSearch(history: History, t: Thresholds): Finding | undefined {
  const to = Math.min(t.barrenWindow, history.length)
  if (to < t.barrenWarn || !isBarren(history, 0, t.barrenResult)) return undefined
  hits.clear()
  for (let at = 0; at < to; at++) if (isBarren(history, at, t.barrenResult)) hits.add(at)
  const level = levelOf(hits.length, t.barrenWarn, t.barrenCritical)
  if (level === undefined) return undefined
  return {
    ...{ detector: 'barren_search', level, period: 1, repeats: hits.length, window: t.barrenWindow },
    ...{ threshold: level === 'critical' ? t.barrenCritical : t.barrenWarn },
    ...{ onset: history.positions[hits.onset] as number },
    what: `found next to nothing in ${hits.length} of ${t.barrenWindow} calls`,
  }
}

const isBarren = (history: History, at: number, most: number): boolean => {
  const size = history.resultOf(at)
  return history.is(at, KIND.search) && size !== UNKNOWN && size <= most
}
