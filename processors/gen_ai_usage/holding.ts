import type { Call } from '../../genai/call.ts'
import { FLAG, flagNames } from '../../genai/dialects/flags.ts'
import { DIALECTS } from '../../genai/dialects/table.ts'
import type { HeldCall, HeldChanges } from '../../pipeline/component.ts'
import type { Clock } from '../../pipeline/host.ts'
import type { Billing } from './billing.ts'
import { Pending, type Waiting } from './pending.ts'
import { detached } from './recent.ts'
import { TOTAL_NOTE } from './running-totals.ts'
import type { SignalsSeen } from './signals-seen.ts'

const PENDING_MAX = 4096
const GRACE_MS = 60_000
/** What came while nobody was there is sent again within this; until then nothing that waited before is decided. */
const RETURN_MS = 5000

/** What is not billed yet because something better may come, and what of it must outlive this process. */
export class Holding {
  private readonly clock: Clock
  private readonly graceMs: number
  private readonly billing: Billing
  private readonly seen: SignalsSeen
  private readonly pending = new Pending(PENDING_MAX)
  /** Of batches that were not taken: they go with the next one, as they are. */
  private owed: readonly Call[] = []
  /** How many sources had been seen in their signal of record when what waits for those was looked at last. */
  private swept = 0

  constructor(clock: Clock, graceMs: number | undefined, billing: Billing, seen: SignalsSeen) {
    this.clock = clock
    this.graceMs = graceMs ?? GRACE_MS
    this.billing = billing
    this.seen = seen
  }

  get isEmpty(): boolean {
    return this.pending.size === 0 && this.owed.length === 0
  }

  get dueMs(): number | undefined {
    const { dueMs } = this.pending
    if (this.owed.length > 0) return Number.NEGATIVE_INFINITY
    return dueMs !== undefined && this.seen.size !== this.swept ? Number.NEGATIVE_INFINITY : dueMs
  }

  close(): void {
    this.pending.close()
  }

  /** To be called before a batch. */
  enter(): void {
    this.pending.absorb()
    if (this.swept === this.seen.size) return
    this.swept = this.seen.size
    this.pending.sweep()
  }

  /**
   * Of the call that `Rollups.fateOf` was asked for last.
   *
   * @param flag what it is billed as, should nothing else come
   * @param dialect its place, when it waits for a record of that source in its other signal
   */
  wait(call: Call, flag: number, dialect?: number): void {
    const { billing, clock } = this
    const { low, high } = billing.rollups
    const stands = dialect === undefined ? undefined : () => !this.seen.has(dialect)
    this.pending.add({ call, low, high, dueMs: clock.now() + this.graceMs, flag, stands })
  }

  strike(low: number, high: number): void {
    this.pending.strike(low, high)
  }

  /** What nothing else came for in time: it is the only report of what was spent. */
  due(): readonly Waiting[] {
    const { billing, clock } = this
    return this.pending.release(clock.now(), (low, high) => billing.rollups.claim(low, high, billing.serial))
  }

  owe(calls: readonly Call[]): void {
    this.owed = [...this.owed, ...calls]
  }

  takeOwed(): readonly Call[] {
    const { owed } = this
    this.owed = []
    return owed
  }

  changes(): HeldChanges | undefined {
    return this.pending.changes(({ flag }) => flagNames(flag)[0] ?? '')
  }

  recall(held: readonly HeldCall[]): void {
    this.pending.recall(held.filter(({ note }) => note !== TOTAL_NOTE).map((one) => this.recalled(one)))
  }

  private recalled({ call, dueMs, note }: HeldCall): Waiting {
    const { billing, clock, seen } = this
    billing.recall(call)
    const { low, high } = billing.rollups
    const flag = FLAG[note as keyof typeof FLAG] ?? FLAG.rollup_billed
    const dialect = DIALECTS.findIndex(({ id }) => id === call.dialect)
    const stands = flag === FLAG.only_signal ? () => !seen.has(dialect) : undefined
    const soonest = clock.now() + Math.min(this.graceMs, RETURN_MS)
    return { call: detached(call), low, high, dueMs: Math.max(dueMs, soonest), flag, stands }
  }
}

/** What two parts of one processor hold. */
export function together(a: HeldChanges | undefined, b: HeldChanges | undefined): HeldChanges | undefined {
  if (a === undefined || b === undefined) return a ?? b
  return { held: [...a.held, ...b.held], done: [...a.done, ...b.done] }
}
