import type { BillStatus, Call } from '../../genai/call.ts'
import { combine, hashBytes } from '../../genai/hash.ts'
import { totalInput, totalOutput } from '../../genai/usage.ts'
import type { ItemBatch } from '../../otlp/batch.ts'
import { Seen } from './seen.ts'

const NO_SPAN = 0
const BILLED = 1
const NOT_BILLED = 2

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
  /** Spans seen with usage, to their decision. */
  private readonly spans: Seen
  /** Response ids, to a fingerprint of their usage. */
  private readonly responses: Seen
  private readonly local = new LocalSpans()
  private anyMarked = false

  constructor(entriesMax: number) {
    this.wraps = new Seen(entriesMax)
    this.spans = new Seen(entriesMax)
    this.responses = new Seen(entriesMax)
  }

  /** Whether a call is one that structure and identity decide about: it stands for itself and has usage. */
  decides(call: Call): boolean {
    return call.bill === 'billed' && (call.usage.input !== undefined || call.usage.output !== undefined)
  }

  /** To be called with every batch before its calls are decided: lets marks climb through the spans it brings. */
  enter(items: ItemBatch, calls: readonly Call[]): void {
    if (calls.length === 0 && !this.anyMarked) return
    this.local.load(items)
    for (let c = 0; c < calls.length; c++) {
      const call = calls[c] as Call
      if (this.decides(call)) this.climb(parentKey(items, call.item))
    }
    // Spans that carry no call of their own may stand between one that was billed in an earlier batch and its wrapper.
    const { keys, parents, count } = this.local
    for (let i = 0; i < count; i++) {
      const parent = parents[i] as number
      if (parent !== NO_SPAN && this.wraps.has(keys[i] as number)) this.climb(parent)
    }
  }

  /** Marks an ancestor, and those above it as far as this batch knows them. */
  private climb(from: number): void {
    let key = from
    while (key !== NO_SPAN && !this.wraps.has(key)) {
      this.wraps.set(key, 1)
      this.anyMarked = true
      key = this.local.parentOf(key)
    }
  }

  /** What becomes of one call that has usage. */
  decide(items: ItemBatch, call: Call): BillStatus {
    const key = spanKey(items, call.item)
    if (key === NO_SPAN) return this.byIdentity(call)
    if (this.spans.has(key)) return 'duplicate'
    const status = this.byStructure(items, call, key)
    this.spans.set(key, status === 'billed' ? BILLED : NOT_BILLED)
    return status
  }

  private byStructure(items: ItemBatch, call: Call, key: number): BillStatus {
    if (this.wraps.has(key)) return 'rollup'
    // The span around this one came first and was billed: the money is counted, so this one must not be.
    const parent = parentKey(items, call.item)
    if (parent !== NO_SPAN && this.spans.get(parent) === BILLED) return 'duplicate'
    return this.byIdentity(call)
  }

  private byIdentity(call: Call): BillStatus {
    if (call.responseIdAt < 0) return 'billed'
    const response = hashBytes(call.ids.bytes, call.responseIdAt, call.responseIdLength)
    const fingerprint = combine(totalInput(call.usage), totalOutput(call.usage))
    // Some servers give every answer the same id: equal id and different usage are two calls.
    if (this.responses.get(response) === fingerprint) return 'duplicate'
    this.responses.set(response, fingerprint)
    return 'billed'
  }
}

/** The spans of the batch at hand: keys, parents' keys, and a small table to find a span by its key. */
class LocalSpans {
  count = 0
  keys = new Float64Array(256)
  parents = new Float64Array(256)
  private slots = new Int32Array(1024)

  load(items: ItemBatch): void {
    const { count } = items
    this.count = count
    if (count > this.keys.length) {
      const size = 2 ** Math.ceil(Math.log2(count))
      this.keys = new Float64Array(size)
      this.parents = new Float64Array(size)
      this.slots = new Int32Array(size * 4)
    } else {
      this.slots.fill(0)
    }
    const mask = this.slots.length - 1
    for (let i = 0; i < count; i++) {
      const key = spanKey(items, i)
      this.keys[i] = key
      this.parents[i] = parentKey(items, i)
      let slot = (key >>> 0) & mask
      while (this.slots[slot] !== 0) slot = (slot + 1) & mask
      this.slots[slot] = i + 1
    }
  }

  parentOf(key: number): number {
    const mask = this.slots.length - 1
    let slot = (key >>> 0) & mask
    for (let entry = this.slots[slot] as number; entry !== 0; entry = this.slots[slot] as number) {
      if (this.keys[entry - 1] === key) return this.parents[entry - 1] as number
      slot = (slot + 1) & mask
    }
    return NO_SPAN
  }
}

function spanKey(items: ItemBatch, item: number): number {
  return keyAt(items, item, items.index.itemSpan[item] as number)
}

function parentKey(items: ItemBatch, item: number): number {
  return keyAt(items, item, items.index.itemParent[item] as number)
}

/** 53 bits of all 24 bytes: ids made by hand differ in a bit or two only, and two spans must never be taken for one. */
function keyAt(items: ItemBatch, item: number, spanAt: number): number {
  const traceAt = items.index.itemTrace[item] as number
  if (spanAt < 0 || traceAt < 0) return NO_SPAN
  const b = items.bytes
  let low = 0x9747b28c
  let high = 0x3c6ef372
  for (let w = 0; w < 6; w++) {
    const at = w < 4 ? traceAt + w * 4 : spanAt + (w - 4) * 4
    const word =
      (b[at] as number) | ((b[at + 1] as number) << 8) | ((b[at + 2] as number) << 16) | ((b[at + 3] as number) << 24)
    low = Math.imul(low ^ word, 0xcc9e2d51)
    low ^= low >>> 15
    high = Math.imul(high ^ word, 0x85ebca6b)
    high ^= high >>> 13
  }
  return ((high ^ (high >>> 11)) & 0x1fffff) * 4294967296 + ((low ^ (low >>> 16)) >>> 0)
}
