import type { Call } from '../../genai/call.ts'
import { totalInput, totalOutput } from '../../genai/usage.ts'
import type { ItemBatch } from '../../otlp/batch.ts'
import { traceKey, useTrace } from './span-keys.ts'

const SLOTS = 4096

/**
 * Tokens that were billed in a trace so far: what an agent reports beyond them is its residual, which is counted and never
 * billed. Fixed in size: a slot remembers the trace that fell into it last, so at worst a residual is not noticed or is
 * taken for larger than it is.
 */
export class TraceSums {
  private readonly keys = new Int32Array(SLOTS)
  private readonly sums = new Float64Array(SLOTS)
  private view: DataView = new DataView(new ArrayBuffer(0))

  /** To be called with every batch. */
  enter({ view }: ItemBatch): void {
    this.view = view
  }

  /** Of the batch at hand. */
  add(call: Call): void {
    const slot = this.slotOf(this.view, call)
    if (slot >= 0) this.sums[slot] = (this.sums[slot] as number) + totalInput(call.usage) + totalOutput(call.usage)
  }

  /** Of whatever batch. */
  takeBack(call: Call): void {
    const { bytes } = call.ids
    const slot = this.slotOf(new DataView(bytes.buffer, bytes.byteOffset, bytes.length), call)
    if (slot >= 0) this.sums[slot] = (this.sums[slot] as number) - totalInput(call.usage) - totalOutput(call.usage)
  }

  /** What a roll-up reports more than the calls of its trace do; 0 when it does not. */
  residual(call: Call): number {
    const slot = this.slotOf(this.view, call)
    if (slot < 0) return 0
    return Math.max(0, totalInput(call.usage) + totalOutput(call.usage) - (this.sums[slot] as number))
  }

  private slotOf(view: DataView, { ids: { trace } }: Call): number {
    if (trace < 0) return -1
    useTrace(view, trace)
    const key = traceKey()
    const slot = (key >>> 9) & (SLOTS - 1)
    if (this.keys[slot] !== key) {
      this.keys[slot] = key
      this.sums[slot] = 0
    }
    return slot
  }
}
