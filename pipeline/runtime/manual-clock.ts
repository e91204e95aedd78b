import type { Clock } from '../host.ts'

export interface ManualClock extends Clock {
  /** Moves time forward and runs what falls due, in order of its time. */
  advance(ms: number): void
  /** How many timers are waiting. */
  readonly pending: number
}

/** Time that stands still until a test or a simulation moves it. */
export function manualClock(startMs = 1_763_900_000_000): ManualClock {
  let now = startMs
  let sequence = 0
  const timers = new Map<number, { readonly at: number; readonly order: number; readonly fn: () => void }>()
  return {
    now: () => now,
    monotonic: () => now - startMs,
    after(ms, fn) {
      const order = sequence++
      timers.set(order, { at: now + Math.max(0, ms), order, fn })
      return () => timers.delete(order)
    },
    get pending() {
      return timers.size
    },
    advance(ms) {
      const until = now + ms
      for (;;) {
        const due = [...timers.values()]
          .filter((t) => t.at <= until)
          .sort((a, b) => a.at - b.at || a.order - b.order)[0]
        if (due === undefined) break
        timers.delete(due.order)
        now = Math.max(now, due.at)
        due.fn()
      }
      now = until
    },
  }
}
