import type { Hits } from './finding.ts'
import type { History } from './history.ts'
import { KIND } from './tools.ts'

/** By how much a wait must exceed the one before, and the last one the first, to be backing off. */
const GROWS = 1.15
const GROWN = 2
const WAITS_MIN_MS = 250

/**
 * Whether repetitions are somebody waiting for something: nothing happens for a while before each of them, or for longer
 * each time. Such repetitions are polling or backing off, and many more of them are fine. The time that tools and models
 * take does not count: a slow loop is a loop.
 */
export function isPatient(history: History, hits: Hits, intervalMs: number): boolean {
  if (history.is(0, KIND.polling)) return true
  const waits = hits.length - 1
  if (waits < 2) return false
  const newest = history.idleMsOf(hits.at[0] as number)
  let areLong = true
  let grow = waits > 2
  let later = newest
  for (let i = 0; i < waits; i++) {
    const wait = history.idleMsOf(hits.at[i] as number)
    if (wait < intervalMs) areLong = false
    if (i > 0 && (wait < WAITS_MIN_MS || wait * GROWS > later)) grow = false
    later = wait
  }
  return areLong || (grow && newest >= GROWN * later)
}
