import type { Call } from '../../genai/call.ts'
import type { ItemBatch } from '../../otlp/batch.ts'
import { PassedSpans } from './passed-spans.ts'
import { Seen } from './seen.ts'
import { traceKey, traceKeyHigh, traceKeyOf, useTrace } from './span-keys.ts'
import { TracesMet } from './traces-met.ts'

/** Spans whose parent is remembered, per generation: every span counts, and only what comes out of order asks. */
const TABLE_MAX = 65_536

/**
 * Parents of spans without usage, for marks that have to climb through them when they are long gone.
 *
 * Spans of traces without any call are put aside as they are: a service that is called by agents now and then sends a
 * thousand of them for each that matters. They are looked at when a call comes in their trace.
 */
export class Links {
  /** Keys of spans, to the keys of their parents: the lower word is the state, the upper one the value. */
  readonly table: Seen
  private readonly met = new TracesMet()
  /** Made when the first span is put aside. */
  private passed: PassedSpans | undefined
  /** Of the batch at hand: where its runs of spans of one trace begin, and the keys of those. */
  private starts = new Int32Array(1024)
  private keys = new Int32Array(1024)

  /** @param entriesMax per generation of the table, should it be less than what is the most */
  constructor(entriesMax: number) {
    this.table = new Seen(Math.min(entriesMax, TABLE_MAX))
  }

  get bytes(): number {
    return this.table.bytes + (this.passed?.bytes ?? 0)
  }

  /** The table of spans has begun another generation: traces without marks in it need not be known any longer. */
  turn(): void {
    this.met.turn()
  }

  set(low: number, high: number, parentLow: number, parentHigh: number): void {
    const { table } = this
    table.set(table.slot(low, high), parentLow, parentHigh)
  }

  /** Puts a batch without calls aside. False when a call was met in one of its traces: then each span has to be looked at. */
  pass(items: ItemBatch): boolean {
    const runs = this.runsOf(items)
    if (runs < 0) return false
    this.passed ??= new PassedSpans()
    const { passed, starts, keys } = this
    for (let r = 0; r < runs; r++) {
      const from = starts[r] as number
      const trace = items.index.itemTrace[from] as number
      if (trace >= 0) passed.add(items, from, starts[r + 1] as number, trace, keys[r] as number)
    }
    return true
  }

  /**
   * Finds the runs of spans of one trace, and says how many they are; -1 when a call was met in one of them. Those traces
   * are known for longer then: their spans may carry marks on.
   */
  private runsOf(items: ItemBatch): number {
    const { view, count, index } = items
    const { itemTrace } = index
    const { met } = this
    if (count >= this.starts.length) {
      this.starts = new Int32Array(count * 2)
      this.keys = new Int32Array(count * 2)
    }
    const { starts, keys } = this
    let runs = 0
    let low = 0
    let high = 0
    let hadTrace = false
    let anyMet = false
    for (let i = 0; i < count; i++) {
      const trace = itemTrace[i] as number
      const hasTrace = trace >= 0
      if (hasTrace) {
        useTrace(view, trace)
        if (hadTrace && traceKey() === low && traceKeyHigh() === high) continue
        low = traceKey()
        high = traceKeyHigh()
        if (met.has(low, high)) {
          met.add(low, high)
          anyMet = true
        }
      } else if (i > 0 && !hadTrace) continue
      hadTrace = hasTrace
      starts[runs] = i
      keys[runs++] = low
    }
    starts[runs] = count
    return anyMet ? -1 : runs
  }

  /** The calls of a batch are met: spans of their traces that were put aside are looked at from now on. */
  meet(calls: readonly Call[], from: number): void {
    let low = 0
    let high = 0
    for (let c = from; c < calls.length; c++) {
      const { bytes, trace } = (calls[c] as Call).ids
      if (trace < 0) continue
      traceKeyOf(bytes, trace)
      if (traceKey() === low && traceKeyHigh() === high) continue
      low = traceKey()
      high = traceKeyHigh()
      this.meetTrace(bytes, trace)
    }
  }

  meetTrace(bytes: Uint8Array, trace: number): void {
    const key = traceKeyOf(bytes, trace)
    this.met.add(key, traceKeyHigh())
    this.passed?.take(bytes, trace, key, (low, high, parentLow, parentHigh) => {
      this.table.turn()
      this.set(low, high, parentLow, parentHigh)
    })
  }
}
