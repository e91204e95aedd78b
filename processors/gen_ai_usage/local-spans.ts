import type { ItemBatch } from '../../otlp/batch.ts'
import { keyHigh, keyLow, spanKey, useTrace } from './span-keys.ts'

const START = 512

/** The spans of the batch at hand: their keys, their parents' keys, and which of them a key belongs to. */
export class LocalSpans {
  count = 0
  low = new Int32Array(START)
  high = new Int32Array(START)
  /** 0 when the span (or its parent) has no usable id. */
  has = new Uint8Array(START)
  parentLow = new Int32Array(START)
  parentHigh = new Int32Array(START)
  hasParent = new Uint8Array(START)
  /** 1 for spans with usage, and for those below one that was billed too long ago to be taken back. */
  usage = new Uint8Array(START)
  blocked = new Uint8Array(START)
  private slots = new Int32Array(START * 4)
  private mask = 0

  /** Returns the lower words of their keys. */
  load(items: ItemBatch): Int32Array {
    const { count, index } = items
    this.count = count
    if (count > this.low.length) this.grow(count)
    // A quarter full at most; of a small batch only as much is wiped as it uses.
    this.mask = (1 << (34 - Math.clz32((Math.max(count, 1) - 1) | 0))) - 1
    this.slots.fill(0, 0, this.mask + 1)
    this.usage.fill(0, 0, count)
    this.blocked.fill(0, 0, count)
    const { low, high, has, parentLow, parentHigh, hasParent, slots } = this
    const { itemTrace, itemSpan, itemParent } = index
    const { view } = items
    const { mask } = this
    for (let i = 0; i < count; i++) {
      hasParent[i] = 0
      has[i] = 0
      const trace = itemTrace[i] as number
      const span = itemSpan[i] as number
      if (trace < 0 || span < 0) continue
      useTrace(view, trace)
      const parent = itemParent[i] as number
      if (parent >= 0) {
        spanKey(view, parent)
        hasParent[i] = 1
        parentLow[i] = keyLow
        parentHigh[i] = keyHigh
      }
      spanKey(view, span)
      has[i] = 1
      low[i] = keyLow
      high[i] = keyHigh
      let slot = (keyLow >>> 4) & mask
      while (slots[slot] !== 0) slot = (slot + 1) & mask
      slots[slot] = i + 1
    }
    return low
  }

  /** The item with this key, -1 when it is not in the batch. */
  find(low: number, high: number): number {
    const { mask } = this
    let slot = (low >>> 4) & mask
    for (let entry = this.slots[slot] as number; entry !== 0; entry = this.slots[slot] as number) {
      if (this.low[entry - 1] === low && this.high[entry - 1] === high) return entry - 1
      slot = (slot + 1) & mask
    }
    return -1
  }

  private grow(count: number): void {
    const size = 2 ** Math.ceil(Math.log2(count))
    this.low = new Int32Array(size)
    this.high = new Int32Array(size)
    this.has = new Uint8Array(size)
    this.parentLow = new Int32Array(size)
    this.parentHigh = new Int32Array(size)
    this.hasParent = new Uint8Array(size)
    this.usage = new Uint8Array(size)
    this.blocked = new Uint8Array(size)
    this.slots = new Int32Array(size * 4)
  }
}
