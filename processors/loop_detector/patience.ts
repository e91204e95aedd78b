import type { Hits } from './finding.ts'
import type { History } from './history.ts'
import { KIND } from './tools.ts'

const TICKS_PER_MS = 8
/** By how much a gap must exceed the one before, and the last one the first, to be backing off. */
const GROWS = 1.15
const GROWN = 2

/**
 * Whether repetitions are somebody waiting for something: far enough apart, or further apart each time. Such
 * repetitions are polling or backing off, and many more of them are fine.
 */
export function isPatient(history: History, hits: Hits, intervalMs: number): boolean {
  if (history.is(0, KIND.polling)) return true
  if (hits.length < 3) return false
  let areLong = true
  let grow = true
  let newest = 0
  let later = 0
  for (let i = 0; i + 1 < hits.length; i++) {
    const gap = gapOf(history, hits.at[i] as number, hits.at[i + 1] as number)
    if (gap < intervalMs) areLong = false
    if (i === 0) newest = gap
    else if (gap * GROWS > later) grow = false
    later = gap
  }
  return areLong || (grow && hits.length > 3 && newest >= GROWN * later)
}

const gapOf = (history: History, newer: number, older: number): number =>
  (((history.starts[newer] as number) - (history.starts[older] as number)) | 0) / TICKS_PER_MS
