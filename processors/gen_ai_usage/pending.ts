import type { Call } from '../../genai/call.ts'
import type { HeldCall, HeldChanges } from '../../pipeline/component.ts'
import { detached } from './recent.ts'

export interface Waiting {
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
interface Queued extends Waiting {
  readonly id: string
  /** Something better came. */
  isOver: boolean
}

/**
 * Roll-ups that may turn out to be the only report of their calls. In order of their grace; when there are too many the
 * oldest is decided before its time.
 */
export class Pending {
  private queue: Queued[] = []
  private readonly entriesMax: number
  private fresh: Waiting[] = []
  private closing = false
  /** By the lower word of their keys; of two that share one, the second is only decided when it is due. */
  private readonly byKey = new Map<number, Queued>()
  /** What changed since whoever keeps it through a crash has asked; undefined until somebody does. */
  private news: { held: Queued[]; done: string[] } | undefined

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
    for (const waiting of this.fresh) this.push({ ...waiting, call: detached(waiting.call) })
    this.fresh = []
  }

  private push(waiting: Waiting): void {
    const queued = { ...waiting, id: `${waiting.call.traceId}/${waiting.call.spanId}`, isOver: false }
    this.queue.push(queued)
    if (!this.byKey.has(queued.low)) this.byKey.set(queued.low, queued)
    this.news?.held.push(queued)
  }

  /** What waited when an earlier run was killed; it is kept already. Before the first batch. */
  recall(waiting: readonly Waiting[]): void {
    this.news ??= { held: [], done: [] }
    for (const one of [...waiting].sort((a, b) => a.dueMs - b.dueMs)) this.push(one)
    this.news.held = []
  }

  /** The one with this key waits no longer. */
  strike(low: number, high: number): void {
    const queued = this.byKey.get(low)
    if (queued?.high === high) this.end(queued)
  }

  /** Those that no longer stand wait no longer. */
  sweep(): void {
    for (const queued of this.queue) if (queued.stands?.() === false) this.end(queued)
  }

  /** It leaves the queue when its time comes. */
  private end(queued: Queued): void {
    if (queued.isOver) return
    queued.isOver = true
    if (this.byKey.get(queued.low) === queued) this.byKey.delete(queued.low)
    this.news?.done.push(queued.id)
  }

  /** Those whose grace has passed, as calls of their own. `decide` says whether one is to be billed after all. */
  release(nowMs: number, decide: (low: number, high: number) => boolean): Waiting[] {
    const due = (waiting: Waiting, i: number): boolean =>
      this.closing || waiting.dueMs <= nowMs || this.queue.length - i > this.entriesMax
    let n = 0
    const released: Waiting[] = []
    while (n < this.queue.length && due(this.queue[n] as Waiting, n)) {
      const queued = this.queue[n] as Queued
      if (!queued.isOver && queued.stands?.() !== false && decide(queued.low, queued.high)) released.push(queued)
      this.end(queued)
      n++
    }
    if (n > 0) this.queue = this.queue.slice(n)
    return released
  }

  /** What changed since it was asked last, for whoever keeps it through a crash. Between batches. */
  changes(note: (waiting: Waiting) => string): HeldChanges | undefined {
    this.absorb()
    // Whoever never asks is not counted for.
    this.news ??= { held: [...this.queue], done: [] }
    const { held, done } = this.news
    if (held.length === 0 && done.length === 0) return undefined
    this.news = { held: [], done: [] }
    const lasting = held.filter(({ isOver }) => !isOver)
    return { held: lasting.map((queued) => heldCall(queued, note(queued))), done }
  }
}

const heldCall = ({ id, call, dueMs }: Queued, note: string): HeldCall => ({ id, call, dueMs, note })
