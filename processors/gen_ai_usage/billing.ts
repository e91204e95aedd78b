import type { BillStatus, Call } from '../../genai/call.ts'
import { totalInput, totalOutput } from '../../genai/usage.ts'
import type { ItemBatch } from '../../otlp/batch.ts'
import { LocalSpans } from './local-spans.ts'
import { Seen } from './seen.ts'
import { Siblings } from './siblings.ts'
import { bytesKey, keyHigh, keyLow } from './span-keys.ts'

// What is known of a span: bits.
const WRAPS = 1
const BILLED = 2
const DECIDED = 4

/** Usages seen under one response id before the id is taken for a constant. */
const USAGES_MAX = 4
const COMBINED = 0x5bd1e995

/** Notes of the last {@link Billing.decide}. */
export interface Notes {
  sibling: boolean
  cumulative: boolean
  repeatedId: boolean
}

/**
 * Decides which of the spans that report one provider call is the one that counts.
 *
 * - Structure: of nested spans with usage the innermost is the call; those around it repeat it. A span is known to wrap a
 *   call once any descendant of it had usage; that mark climbs from parent to parent as spans arrive, in whatever order.
 *   When it reaches a span that was billed already, that one is taken back.
 * - Identity: a response id is billed once, whichever process or instrumentation reports it first.
 * - Redelivery: a span id is billed once.
 *
 * State is two bounded tables ({@link Seen}) and a fixed one ({@link Siblings}).
 */
export class Billing {
  readonly notes: Notes = { sibling: false, cumulative: false, repeatedId: false }
  /** Spans: what is known of them. */
  private readonly spans: Seen
  /** Response ids, to how many usages came under them and the first one; and ids with a usage. */
  private readonly responses: Seen
  private readonly siblings = new Siblings()
  private readonly local = new LocalSpans()
  private anyMarked = false
  /** Takes a billed span back; false when it is too long ago. */
  private readonly takeBack: (items: ItemBatch, item: number, low: number, high: number) => boolean

  constructor(entriesMax: number, takeBack: Billing['takeBack']) {
    this.spans = new Seen(entriesMax)
    this.responses = new Seen(entriesMax)
    this.takeBack = takeBack
  }

  get bytes(): number {
    return this.spans.bytes + this.responses.bytes
  }

  /** To be called with every batch before its calls are decided: lets marks climb through the spans it brings. */
  enter(items: ItemBatch, calls: readonly Call[], from: number): void {
    const any = calls.length > from
    if (!any && !this.anyMarked) return
    this.spans.turn()
    this.responses.turn()
    const { local, spans } = this
    local.load(items)
    for (let c = from; c < calls.length; c++) {
      const call = calls[c] as Call
      if (hasUsage(call) && call.bill !== 'not_billable' && local.hasParent[call.item] === 1) this.climb(items, call.item)
    }
    // Spans that carry no call of their own may stand between one that was billed in an earlier batch and its wrapper.
    const { count, low, high, hasParent } = local
    for (let i = 0; i < count; i++) {
      if (hasParent[i] === 1 && (spans.stateOf(low[i] as number, high[i] as number) & WRAPS) !== 0) this.climb(items, i)
    }
  }

  /** Marks an item's ancestors as far as this batch knows them. */
  private climb(items: ItemBatch, from: number): void {
    const { local, spans } = this
    for (let item = from; item >= 0 && local.hasParent[item] === 1; ) {
      const low = local.parentLow[item] as number
      const high = local.parentHigh[item] as number
      const slot = spans.slot(low, high)
      const state = spans.state(slot)
      if ((state & WRAPS) !== 0) return
      if ((state & BILLED) !== 0) {
        // Too late to take it back: what is below it stays unbilled, as far as it comes from now on.
        if (!this.takeBack(items, item, low, high)) return
        spans.set(slot, WRAPS | DECIDED, 0)
      } else spans.set(slot, state | WRAPS, 0)
      this.anyMarked = true
      item = local.find(low, high)
    }
  }

  /** The item of the batch at hand that an item's parent is, -1 when it is not in it. */
  parentItem(item: number): number {
    const { local } = this
    return local.hasParent[item] === 1 ? local.find(local.parentLow[item] as number, local.parentHigh[item] as number) : -1
  }

  /** What becomes of a call that stands for itself and has usage. Call `enter` with its batch first. */
  decide(call: Call, scope: number): BillStatus {
    const { local, notes, spans } = this
    const { item } = call
    notes.sibling = false
    notes.cumulative = false
    notes.repeatedId = false
    if (local.has[item] === 0) return this.byIdentity(call)
    const low = local.low[item] as number
    const high = local.high[item] as number
    const slot = spans.slot(low, high)
    const state = spans.state(slot)
    if ((state & DECIDED) !== 0) return 'duplicate'
    const status = this.fresh(call, state, scope)
    spans.set(slot, state | DECIDED | (status === 'billed' ? BILLED : 0), 0)
    return status
  }

  private fresh(call: Call, state: number, scope: number): BillStatus {
    if ((state & WRAPS) !== 0) return 'rollup'
    const { local } = this
    const { item } = call
    if (local.hasParent[item] === 1) {
      const parentLow = local.parentLow[item] as number
      const parent = this.spans.stateOf(parentLow, local.parentHigh[item] as number)
      // The span around this one was billed and cannot be taken back: the money is counted, so this one must not be.
      if ((parent & BILLED) !== 0) return 'duplicate'
      const status = this.byIdentity(call)
      if (status !== 'billed') return status
      if (this.siblings.isTwin(call, parentLow, scope)) {
        this.notes.sibling = true
        return 'duplicate'
      }
      this.notes.cumulative = this.siblings.isCumulative(call, parentLow)
      return 'billed'
    }
    return this.byIdentity(call)
  }

  /** A roll-up is noted and, when nothing below it had usage so far, its key is left for whoever waits for that. */
  rollup(call: Call): 'waits' | 'rollup' | 'duplicate' {
    const { local, spans } = this
    if (local.has[call.item] === 0) return 'rollup'
    this.low = local.low[call.item] as number
    this.high = local.high[call.item] as number
    const slot = spans.slot(this.low, this.high)
    const state = spans.state(slot)
    spans.set(slot, state | DECIDED, 0)
    if ((state & DECIDED) !== 0) return 'duplicate'
    return (state & WRAPS) === 0 ? 'waits' : 'rollup'
  }
  low = 0
  high = 0

  /** Whether a roll-up that waited is still the only one to report its usage; it is billed then. */
  claim(low: number, high: number): boolean {
    const slot = this.spans.slot(low, high)
    const state = this.spans.state(slot)
    this.spans.set(slot, state | DECIDED | ((state & WRAPS) === 0 ? BILLED : 0), 0)
    return (state & WRAPS) === 0
  }

  byIdentity(call: Call): BillStatus {
    if (call.responseIdAt < 0) return 'billed'
    const { bytes } = call.ids
    const input = totalInput(call.usage)
    const output = totalOutput(call.usage)
    bytesKey(bytes, call.responseIdAt, call.responseIdLength, 0, 0)
    const { responses } = this
    const first = responses.slot(keyLow, keyHigh)
    const usages = responses.state(first)
    const print = (Math.imul(input | 0, 0x4c9e2d51) ^ Math.imul(output | 0, COMBINED)) | 0
    if (usages === 0) {
      responses.set(first, 1, print)
      return 'billed'
    }
    // Some servers give every answer the same id: equal id and different usage are two calls, and after a few of those
    // the id says nothing any more.
    if (usages >= USAGES_MAX) {
      this.notes.repeatedId = true
      return 'billed'
    }
    if (responses.value(first) === print) return 'duplicate'
    bytesKey(bytes, call.responseIdAt, call.responseIdLength, input, output)
    const other = responses.slot(keyLow, keyHigh)
    if (responses.state(other) !== 0) return 'duplicate'
    responses.set(other, 1, print)
    bytesKey(bytes, call.responseIdAt, call.responseIdLength, 0, 0)
    const again = responses.slot(keyLow, keyHigh)
    responses.set(again, usages + 1, responses.value(again))
    return 'billed'
  }

  /** Whether exactly these bytes were billed before; for what has no id. */
  bySameBytes(bytes: Uint8Array, from: number, length: number): BillStatus {
    bytesKey(bytes, from, length, 1, COMBINED)
    const slot = this.responses.slot(keyLow, keyHigh)
    if (this.responses.state(slot) !== 0) return 'duplicate'
    this.responses.set(slot, 1, 0)
    return 'billed'
  }
}

export const hasUsage = ({ usage }: Call): boolean => usage.input !== undefined || usage.output !== undefined
