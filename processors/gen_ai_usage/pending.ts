import type { Call } from '../../genai/call.ts'
import { detached } from './recent.ts'

interface Waiting {
  /** As it went out; its tags are only complete once the batch went through all processors. */
  readonly call: Call
  readonly low: number
  readonly high: number
  readonly dueMs: number
  /** What it is billed as. */
  readonly flag: number
  /** Asked when it is due: whether it is still to be billed. */
  readonly stands: (() => boolean) | undefined
}

/**
 * Roll-ups that may turn out to be the only report of their calls. In order of their grace; when there are too many the
 * oldest is decided before its time.
 */
export class Pending {
  private queue: Waiting[] = []
  private readonly entriesMax: number
  private fresh: Waiting[] = []
  private closing = false

  constructor(entriesMax: number) {
    this.entriesMax = entriesMax
  }

  get size(): number {
    return this.queue.length + this.fresh.length
  }

  /** When the first of them is due; undefined when none waits. */
  get dueMs(): number | undefined {
    const first = this.queue[0] ?? this.fresh[0]
    return first === undefined ? undefined : this.closing ? Number.NEGATIVE_INFINITY : first.dueMs
  }

  /** Nothing below them will come any more: all are due. */
  close(): void {
    this.closing = true
  }

  add(waiting: Waiting): void {
    this.fresh.push(waiting)
  }

  /** To be called before a batch: those of the one before are complete now, and its bytes are no longer needed. */
  absorb(): void {
    if (this.fresh.length === 0) return
    for (const waiting of this.fresh) this.queue.push({ ...waiting, call: detached(waiting.call) })
    this.fresh = []
  }

  /** Those whose grace has passed, as calls of their own. `decide` says whether one is to be billed after all. */
  release(nowMs: number, decide: (low: number, high: number) => boolean): Waiting[] {
    const due = (waiting: Waiting, i: number): boolean =>
      this.closing || waiting.dueMs <= nowMs || this.queue.length - i > this.entriesMax
    let n = 0
    const released: Waiting[] = []
    while (n < this.queue.length && due(this.queue[n] as Waiting, n)) {
      const waiting = this.queue[n] as Waiting
      if (waiting.stands?.() !== false && decide(waiting.low, waiting.high)) released.push(waiting)
      n++
    }
    if (n > 0) this.queue = this.queue.slice(n)
    return released
  }
}
