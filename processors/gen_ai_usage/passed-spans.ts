import type { ItemBatch } from '../../otlp/batch.ts'
import { keyHigh, keyLow, spanKeyOfWords, useTraceWords } from './span-keys.ts'

/** Spans that are remembered, and runs of spans of one trace. */
const SPANS = 1 << 16
const RUNS = 1 << 16
const BUCKETS = 1 << 14
/** Words of a span: its id and its parent's. */
const WIDTH = 4
const TRACE_WORDS = 4

/** Takes a span's key and its parent's. */
type Take = (low: number, high: number, parentLow: number, parentHigh: number) => void

/**
 * Spans of traces in which no call was met yet: their ids as they stand in the request, one behind the other. Nearly none of
 * them is ever asked for, so nothing is hashed until a call comes in the same trace. A ring: the oldest are written over.
 *
 * Runs of one bucket are chained, the newest first; a chain ends at the first one that was written over.
 */
export class PassedSpans {
  private readonly ids = new Int32Array(SPANS * WIDTH)
  private readonly traces = new Int32Array(RUNS * TRACE_WORDS)
  /** By run: its first span and how many they are, counted from the beginning of time, and the run before it in its bucket. */
  private readonly firsts = new Float64Array(RUNS)
  private readonly counts = new Int32Array(RUNS)
  private readonly nexts = new Float64Array(RUNS)
  private readonly heads = new Float64Array(BUCKETS).fill(-1)
  private spans = 0
  private runs = 0

  get bytes(): number {
    const { ids, traces, firsts, counts, nexts, heads } = this
    return [ids, traces, firsts, counts, nexts, heads].reduce((sum, column) => sum + column.byteLength, 0)
  }

  /** A run of spans of the trace at `trace`, whose key is `key`; those without a parent are passed over. */
  add(items: ItemBatch, from: number, to: number, trace: number, key: number): void {
    const { ids } = this
    const { view } = items
    const { itemSpan, itemParent } = items.index
    const first = this.spans
    for (let i = from; i < to; i++) {
      const span = itemSpan[i] as number
      const parent = itemParent[i] as number
      if (span < 0 || parent < 0) continue
      const at = (this.spans++ & (SPANS - 1)) * WIDTH
      ids[at] = view.getInt32(span, true)
      ids[at + 1] = view.getInt32(span + 4, true)
      ids[at + 2] = view.getInt32(parent, true)
      ids[at + 3] = view.getInt32(parent + 4, true)
    }
    if (this.spans > first) this.addRun(view, trace, bucketOf(key), first)
  }

  private addRun(view: DataView, trace: number, bucket: number, first: number): void {
    const run = this.runs++
    const at = run & (RUNS - 1)
    for (let w = 0; w < TRACE_WORDS; w++) this.traces[at * TRACE_WORDS + w] = view.getInt32(trace + w * 4, true)
    this.firsts[at] = first
    this.counts[at] = this.spans - first
    this.nexts[at] = this.heads[bucket] as number
    this.heads[bucket] = run
  }

  /**
   * Hands out what is remembered of a trace, and forgets it here: its runs leave their chain, which later calls of the trace
   * would walk again and again.
   */
  take(bytes: Uint8Array, trace: number, key: number, take: Take): void {
    const { traces, nexts, heads } = this
    const bucket = bucketOf(key)
    const oldest = Math.max(this.runs - RUNS, 0)
    if ((heads[bucket] as number) < oldest) return
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length)
    const w0 = view.getInt32(trace, true)
    const w1 = view.getInt32(trace + 4, true)
    const w2 = view.getInt32(trace + 8, true)
    const w3 = view.getInt32(trace + 12, true)
    let before = -1
    for (let run = heads[bucket] as number; run >= oldest; ) {
      const at = run & (RUNS - 1)
      const t = at * TRACE_WORDS
      const next = nexts[at] as number
      if (traces[t] === w0 && traces[t + 1] === w1 && traces[t + 2] === w2 && traces[t + 3] === w3) {
        this.takeRun(at, take)
        if (before < 0) heads[bucket] = next
        else nexts[before] = next
      } else before = at
      run = next
    }
  }

  private takeRun(at: number, take: Take): void {
    const { ids, traces } = this
    const t = at * TRACE_WORDS
    useTraceWords(traces[t] as number, traces[t + 1] as number, traces[t + 2] as number, traces[t + 3] as number)
    const first = this.firsts[at] as number
    const end = first + (this.counts[at] as number)
    for (let span = Math.max(first, this.spans - SPANS); span < end; span++) {
      const from = (span & (SPANS - 1)) * WIDTH
      spanKeyOfWords(ids[from + 2] as number, ids[from + 3] as number)
      const parentLow = keyLow
      const parentHigh = keyHigh
      spanKeyOfWords(ids[from] as number, ids[from + 1] as number)
      take(keyLow, keyHigh, parentLow, parentHigh)
    }
  }
}

const bucketOf = (key: number): number => (key >>> 7) & (BUCKETS - 1)
