import type { Call } from '../../genai/call.ts'
import { detached } from './recent.ts'

interface Waiting {
  /** The roll-up as it went out; its tags are only complete once the batch went through all processors. */
  readonly call: Call
  readonly low: number
  readonly high: number
  readonly dueMs: number
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

  add(call: Call, low: number, high: number, dueMs: number): void {
    this.fresh.push({ call, low, high, dueMs })
  }

  /** To be called before a batch: those of the one before are complete now, and its bytes are no longer needed. */
  absorb(): void {
    if (this.fresh.length === 0) return
    for (const { call, low, high, dueMs } of this.fresh) this.queue.push({ call: detached(call), low, high, dueMs })
    this.fresh = []
  }

  /** Those whose grace has passed, as calls of their own. `decide` says whether one is to be billed after all. */
  release(nowMs: number, decide: (low: number, high: number) => boolean): Call[] {
    const due = (waiting: Waiting, i: number): boolean =>
      this.closing || waiting.dueMs <= nowMs || this.queue.length - i > this.entriesMax
    let n = 0
    const released: Call[] = []
    while (n < this.queue.length && due(this.queue[n] as Waiting, n)) {
      const { call, low, high } = this.queue[n] as Waiting
      if (decide(low, high)) released.push(call)
      n++
    }
    if (n > 0) this.queue = this.queue.slice(n)
    return released
  }
}
