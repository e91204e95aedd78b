import type { BillStatus, Call } from '../../genai/call.ts'
import { totalInput, totalOutput } from '../../genai/usage.ts'
import type { ItemBatch } from '../../otlp/batch.ts'
import type { ItemIndex } from '../../otlp/item-index.ts'
import { combine, hashBytes } from './hash.ts'
import { Seen } from './seen.ts'

const NO_SPAN = 0

/**
 * Decides which of the spans that report one provider call is the one that counts.
 *
 * - Structure: of nested spans with usage the innermost is the call; those around it repeat it. A span is known to wrap a
 *   call once any descendant of it was billed; that mark climbs from parent to parent as spans arrive, in whatever order.
 * - Identity: a response id is billed once, whichever process or instrumentation reports it first.
 * - Redelivery: a span id is billed once.
 *
 * State is three bounded tables ({@link Seen}) of at most twice `entriesMax` keys each.
 */
export class Billing {
  /** Spans with a billed descendant. */
  private readonly wraps: Seen
  /** Spans seen with usage, to their decision: 1 billed, 2 otherwise. */
  private readonly spans: Seen
  /** Response ids, to a fingerprint of their usage. */
  private readonly responses: Seen
  /** Span key to item, for the batch at hand. */
  private readonly local = new Map<number, number>()
  private marked = 0

  constructor(entriesMax: number) {
    this.wraps = new Seen(entriesMax)
    this.spans = new Seen(entriesMax)
    this.responses = new Seen(entriesMax)
  }

  /** To be called with every batch before its calls are decided: lets marks climb through the spans it brings. */
  enter(batch: ItemBatch, candidates: readonly Call[]): void {
    this.local.clear()
    const { index, bytes } = batch
    if (candidates.length === 0 && this.marked === 0) return
    for (let i = 0; i < index.items; i++) this.local.set(spanKey(bytes, index, i, index.itemSpan[i] as number), i)
    for (const call of candidates) this.climb(batch, parentKey(bytes, index, call.item))
    if (this.marked === 0) return
    for (let i = 0; i < index.items; i++) {
      if (this.wraps.get(spanKey(bytes, index, i, index.itemSpan[i] as number)) !== undefined)
        this.climb(batch, parentKey(bytes, index, i))
    }
  }

  /** Marks an ancestor, and those above it as far as this batch knows them. */
  private climb(batch: ItemBatch, from: number): void {
    let key = from
    while (key !== NO_SPAN && this.wraps.get(key) === undefined) {
      this.wraps.set(key, 1)
      this.marked++
      const item = this.local.get(key)
      if (item === undefined) return
      key = parentKey(batch.bytes, batch.index, item)
    }
  }

  /** What becomes of one call that has usage. */
  decide(batch: ItemBatch, call: Call): BillStatus {
    const { index, bytes } = batch
    const key = spanKey(bytes, index, call.item, index.itemSpan[call.item] as number)
    if (key !== NO_SPAN && this.spans.get(key) !== undefined) return 'duplicate'
    const status = this.first(batch, call, key)
    if (key !== NO_SPAN) this.spans.set(key, status === 'billed' ? 1 : 2)
    return status
  }

  private first(batch: ItemBatch, call: Call, key: number): BillStatus {
    if (key !== NO_SPAN && this.wraps.get(key) !== undefined) return 'rollup'
    // The span around this one came first and was billed: the money is counted, so this one must not be.
    const parent = parentKey(batch.bytes, batch.index, call.item)
    if (parent !== NO_SPAN && this.spans.get(parent) === 1) return 'duplicate'
    if (call.responseIdAt < 0) return 'billed'
    const response = hashBytes(call.ids.bytes, call.responseIdAt, call.responseIdLength)
    const fingerprint = combine(totalInput(call.usage), totalOutput(call.usage))
    const known = this.responses.get(response)
    // Some servers give every answer the same id: equal id and different usage are two calls.
    if (known !== undefined && known === fingerprint) return 'duplicate'
    this.responses.set(response, fingerprint)
    return 'billed'
  }
}

function spanKey(bytes: Uint8Array, index: ItemIndex, item: number, spanAt: number): number {
  const traceAt = index.itemTrace[item] as number
  if (spanAt < 0 || traceAt < 0) return NO_SPAN
  return combine(hashBytes(bytes, traceAt, 16), hashBytes(bytes, spanAt, 8))
}

function parentKey(bytes: Uint8Array, index: ItemIndex, item: number): number {
  return spanKey(bytes, index, item, index.itemParent[item] as number)
}
