import type { BillStatus, Call } from '../../genai/call.ts'
import { totalInput, totalOutput } from '../../genai/usage.ts'
import type { ItemBatch } from '../../otlp/batch.ts'
import { Ahead } from './ahead.ts'
import { hasUsage } from './calls.ts'
import { isSameCall } from './evidence.ts'
import { Links } from './links.ts'
import { LocalSpans } from './local-spans.ts'
import type { Notes } from './notes.ts'
import type { Past } from './past.ts'
import { Records } from './records.ts'
import {
  COUNT,
  KNOWN,
  MODEL_AT,
  modelKind,
  otherModel,
  printOf,
  SCOPE_AT,
  SCOPES,
  STANDS,
  sameInput,
  TRACE,
  traceBits,
  USAGES_MAX,
} from './response-ids.ts'
import { Rollups } from './rollups.ts'
import { Seen } from './seen.ts'
import { Siblings } from './siblings.ts'
import {
  BILLED,
  DECIDED,
  DEPTH_MAX,
  MET,
  MISSED,
  OUT_OF_REACH,
  SAME_CALL,
  STANDS_FOR,
  STOOD_FOR,
  WAITS,
  WRAPS,
} from './span-bits.ts'
import { bytesKey, keyHigh, keyLow } from './span-keys.ts'

/**
 * Decides which of the spans that report one provider call is the one that counts.
 *
 * - Structure: of nested spans with usage the innermost is the call; those around it repeat it. A span is known to wrap a
 *   call once any descendant of it had usage; that mark climbs from parent to parent as spans arrive, in whatever order.
 *   When it reaches a span that was billed already, that one is taken back.
 * - Identity: a response id is billed once, whichever process or instrumentation reports it first.
 * - Redelivery: a span id is billed once.
 *
 * State is three bounded tables ({@link Seen}) and a fixed one ({@link Siblings}).
 */
export class Billing {
  readonly notes: Notes = { sibling: false, cumulative: false, repeatedId: false, conflict: false, again: false }
  /** Spans: what is known of them. */
  private readonly spans: Seen
  /** Response ids, to how many usages came under them and the first one; and ids with a usage. */
  private readonly responses: Seen
  private readonly links: Links
  private readonly siblings = new Siblings()
  private readonly local = new LocalSpans()
  private readonly ahead = new Ahead()
  readonly rollups: Rollups
  readonly records: Records
  private anyMarked = false
  private readonly past: Past
  /** Number of the batch at hand. */
  serial = 0
  /** Number of the batch whose spans are in `local`. */
  private known = 0

  constructor(entriesMax: number, past: Past) {
    this.spans = new Seen(entriesMax)
    this.rollups = new Rollups(this.spans, this.local)
    this.responses = new Seen(entriesMax)
    this.records = new Records(this.responses, this.notes)
    this.links = new Links(entriesMax)
    this.past = past
  }

  get bytes(): number {
    return this.spans.bytes + this.responses.bytes + this.links.bytes
  }

  /** To be called with every batch before its calls are decided: lets marks climb through the spans it brings. */
  enter(items: ItemBatch, calls: readonly Call[], from: number): void {
    this.serial++
    if (calls.length === from && (!this.anyMarked || this.links.pass(items))) return
    const { local, spans, links, responses } = this
    if (spans.turn()) links.turn()
    responses.turn()
    links.table.turn()
    links.meet(calls, from)
    local.load(items)
    this.ahead.run(calls, from, local, spans, links.table, responses)
    this.known = this.serial
    for (let c = from; c < calls.length; c++) {
      const call = calls[c] as Call
      if (!hasUsage(call) || call.bill === 'not_billable') continue
      local.usage[call.item] = 1
      this.climb(call.item, call)
    }
    // Spans that carry no call of their own may stand between one that was billed in an earlier batch and its wrapper.
    const { count, low, high, hasParent, usage, parentLow, parentHigh } = local
    for (let i = 0; i < count; i++) {
      if (hasParent[i] === 0 || usage[i] === 1) continue
      if ((spans.stateOf(low[i] as number, high[i] as number) & WRAPS) !== 0) this.climb(i, undefined)
      else links.set(low[i] as number, high[i] as number, parentLow[i] as number, parentHigh[i] as number)
    }
  }

  /**
   * Marks an item's ancestors as far as they are known.
   *
   * @param call of the item, when it has one with usage
   */
  private climb(item: number, call: Call | undefined): void {
    const { local, spans, links } = this
    if (local.hasParent[item] === 0) return
    // Whether it came through a span that a billed one stands for: that one has to be asked again.
    let passed = false
    let low = local.parentLow[item] as number
    let high = local.parentHigh[item] as number
    for (let depth = 0; depth < DEPTH_MAX; depth++) {
      const slot = spans.slot(low, high)
      const state = spans.state(slot)
      if ((state & WRAPS) !== 0 && !passed) return
      if ((state & BILLED) !== 0) {
        // It stands for another call below it than this one: nothing of this one was counted.
        if ((state & STANDS_FOR) !== 0 && !passed) return
        const billed = this.past.find(spans.value(slot), low, high)
        if (billed !== undefined && call !== undefined && this.standsFor(slot, billed, item, call)) return
        if (billed === undefined || !this.forget(billed)) {
          local.blocked[item] = OUT_OF_REACH
          return
        }
        this.past.takeBack(billed)
        const again = spans.slot(low, high)
        spans.set(again, WRAPS | DECIDED, 0)
      } else {
        if ((state & STOOD_FOR) !== 0) passed = true
        if ((state & WAITS) !== 0) this.past.superseded(low, high)
        spans.set(slot, (state & ~(STOOD_FOR | WAITS)) | WRAPS, 0)
      }
      this.anyMarked = true
      const at = local.find(low, high)
      if (at >= 0) {
        if (local.hasParent[at] === 0) return
        low = local.parentLow[at] as number
        high = local.parentHigh[at] as number
      } else {
        const parent = links.table.stateOf(low, high)
        if (parent === 0) return
        high = links.table.valueOf(low, high)
        low = parent
      }
    }
  }

  /**
   * Whether a span that was billed in an earlier batch and a call below it report one and the same: then the first stays
   * billed, and nobody has to take back what is already on its way.
   */
  private standsFor(slot: number, billed: Call, item: number, call: Call): boolean {
    const { local, spans } = this
    if (local.has[item] === 0 || !isSameCall(billed, call)) return false
    const state = spans.state(slot)
    const serial = spans.value(slot)
    const low = local.low[item] as number
    const high = local.high[item] as number
    // Something below this one was met before, and may have been billed.
    if ((spans.stateOf(low, high) & (WRAPS | BILLED)) !== 0) return false
    spans.set(slot, state | STANDS_FOR, serial)
    const own = spans.slot(low, high)
    spans.set(own, spans.state(own) | STOOD_FOR, spans.value(own))
    local.blocked[item] = SAME_CALL
    this.keepPath(item)
    return true
  }

  /** What comes below an item that is stood for must find its way up again. */
  private keepPath(item: number): void {
    const { local, links } = this
    for (let at = item, up = 0; at >= 0 && local.hasParent[at] === 1 && up < DEPTH_MAX; up++) {
      const low = local.parentLow[at] as number
      const high = local.parentHigh[at] as number
      links.set(local.low[at] as number, local.high[at] as number, low, high)
      at = local.find(low, high)
    }
  }

  /** Whether something below an item of the batch at hand had usage. */
  wraps({ item }: Call): boolean {
    const { local, spans } = this
    if (local.has[item] === 0) return false
    return (spans.stateOf(local.low[item] as number, local.high[item] as number) & WRAPS) !== 0
  }

  /** For whoever asks for parents: a batch without calls may not have been looked at. */
  know(items: ItemBatch): void {
    if (this.known !== this.serial) this.local.load(items)
    this.known = this.serial
  }

  /** The item of the batch at hand that an item's parent is, -1 when it is not in it. */
  parentItem(item: number): number {
    const { local } = this
    return local.hasParent[item] === 1
      ? local.find(local.parentLow[item] as number, local.parentHigh[item] as number)
      : -1
  }

  /** What becomes of a call that stands for itself and has usage. Call `enter` with its batch first. */
  decide(call: Call, scope: number): BillStatus {
    const { local, notes, spans } = this
    const { item } = call
    notes.sibling = false
    notes.cumulative = false
    notes.repeatedId = false
    notes.conflict = false
    this.scope = scope
    if (local.has[item] === 0) return this.byIdentity(call)
    const low = local.low[item] as number
    const high = local.high[item] as number
    const slot = spans.slot(low, high)
    const state = spans.state(slot)
    if ((state & DECIDED) !== 0) return 'duplicate'
    notes.again = (state & MET) !== 0
    const status = this.fresh(call, state, scope)
    if (status === 'billed') spans.set(slot, state | DECIDED | BILLED, this.serial)
    else spans.set(slot, state | DECIDED, 0)
    return status
  }

  private fresh(call: Call, state: number, scope: number): BillStatus {
    if ((state & WRAPS) !== 0) return 'rollup'
    const { local } = this
    const { item } = call
    // A span around this one was billed and cannot be taken back: the money is counted, so this one must not be.
    if (local.blocked[item] === OUT_OF_REACH) return 'duplicate'
    if (local.blocked[item] === SAME_CALL) {
      // From now on the call is known by its id too.
      this.byIdentity(call)
      return 'duplicate'
    }
    if (local.hasParent[item] === 1) {
      const parentLow = local.parentLow[item] as number
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

  /** Whether a span without usage came before; it is known from now on. */
  missedBefore({ item }: Call): boolean {
    const { local, spans } = this
    if (local.has[item] === 0) return false
    const slot = spans.slot(local.low[item] as number, local.high[item] as number)
    const state = spans.state(slot)
    spans.set(slot, state | MISSED, spans.value(slot))
    this.notes.again = (state & MET) !== 0
    return (state & (MISSED | DECIDED)) !== 0
  }

  /** The batch at hand was not taken: what it decided of a span is to be decided again, when it comes again. */
  undo(call: Call): void {
    const { local, spans } = this
    if (call.bill === 'duplicate') return
    this.forget(call, true)
    if (call.signal !== 'span' || local.has[call.item] === 0) return
    const slot = spans.slot(local.low[call.item] as number, local.high[call.item] as number)
    const state = spans.state(slot)
    // One that waits goes on waiting: what comes again is its duplicate.
    if ((state & WAITS) === 0) spans.set(slot, (state & ~(DECIDED | BILLED | MISSED)) | MET, 0)
  }

  /** A roll-up that waited when an earlier run was killed is known again. */
  recall(call: Call): void {
    this.rollups.recall(call)
    if (call.ids.trace >= 0) this.links.meetTrace(call.ids.bytes, call.ids.trace)
    this.anyMarked = true
    this.noteRolledUp(call)
  }

  /** The instrumentation that the call at hand comes from; 0 = not known. */
  private scope = 0

  byIdentity(call: Call): BillStatus {
    if (call.responseIdAt < 0) return 'billed'
    const { bytes } = call.ids
    const { responses } = this
    const input = totalInput(call.usage)
    const output = totalOutput(call.usage)
    const print = printOf(input, output)
    bytesKey(bytes, call.responseIdAt, call.responseIdLength, 0, 0)
    const first = responses.slot(keyLow, keyHigh)
    const usages = responses.state(first) & COUNT
    if (usages === 0) {
      if (call.signal === 'log') this.notes.again = (responses.state(first) & STANDS) !== 0
      responses.set(first, KNOWN | 1 | this.bitsOf(call), print)
      return this.wasRolledUp(call, input, output) ? 'duplicate' : 'billed'
    }
    // Some servers give every answer the same id: equal id and different usage are two calls, and after a few of those
    // the id says nothing any more.
    if (usages >= USAGES_MAX) {
      this.notes.repeatedId = true
      return 'billed'
    }
    const isOther = otherModel(responses.state(first), call)
    if (responses.value(first) === print && !isOther) return this.rejected(call, first)
    // Two instrumentations that agree on id, model and input and not on the output saw one call: streams are miscounted.
    if (!isOther && this.isOtherScope(responses.state(first)) && sameInput(responses.value(first) as number, print)) {
      this.notes.conflict = true
      return this.rejected(call, first)
    }
    bytesKey(bytes, call.responseIdAt, call.responseIdLength, input, output)
    const other = responses.slot(keyLow, keyHigh)
    if ((responses.state(other) & COUNT) !== 0) return this.rejected(call, other)
    responses.set(other, KNOWN | 1 | this.bitsOf(call), print)
    bytesKey(bytes, call.responseIdAt, call.responseIdLength, 0, 0)
    const again = responses.slot(keyLow, keyHigh)
    responses.set(again, responses.state(again) + 1, responses.value(again))
    return 'billed'
  }

  private bitsOf(call: Call): number {
    return traceBits(call) | (modelKind(call.model) << MODEL_AT) | (((this.scope % SCOPES) + 1) << SCOPE_AT)
  }

  private isOtherScope(state: number): boolean {
    return this.scope !== 0 && ((state >> SCOPE_AT) & SCOPES) !== (this.scope % SCOPES) + 1
  }

  /** Of two spans of a trace with one id either may be around the other: whoever was billed stands for both from now on. */
  private rejected(call: Call, slot: number): BillStatus {
    const { responses } = this
    const state = responses.state(slot)
    if ((state & TRACE) === traceBits(call)) responses.set(slot, state | STANDS, responses.value(slot))
    return 'duplicate'
  }

  /**
   * What is taken back no longer stands for its response id: the call that it wraps may have the same one. False when
   * that call came already and was rejected for it.
   */
  private forget(call: Call, always = false): boolean {
    if (call.responseIdAt < 0) return true
    const { bytes } = call.ids
    const { responses } = this
    const input = totalInput(call.usage)
    const output = totalOutput(call.usage)
    bytesKey(bytes, call.responseIdAt, call.responseIdLength, 0, 0)
    let slot = responses.slot(keyLow, keyHigh)
    const count = responses.state(slot) & COUNT
    if (count === 0 || responses.value(slot) !== printOf(input, output)) {
      bytesKey(bytes, call.responseIdAt, call.responseIdLength, input, output)
      slot = responses.slot(keyLow, keyHigh)
    }
    const state = responses.state(slot)
    if ((state & STANDS) !== 0 && !always) return false
    // Nothing else stands for an id without a usage: so it is known to have been taken back.
    responses.set(slot, KNOWN | Math.max((state & COUNT) - 1, 0) | (always ? STANDS : 0), 0)
    return true
  }

  /**
   * A span around a call may be the only one in its process that has the response id. Other traces then know the call by
   * it; within its own trace structure decides.
   */
  noteRolledUp(call: Call): void {
    if (call.responseIdAt < 0 || call.ids.trace < 0) return
    const { bytes, trace } = call.ids
    bytesKey(bytes, trace, 16, 0, 0)
    const own = keyLow
    bytesKey(bytes, call.responseIdAt, call.responseIdLength, totalInput(call.usage), ~totalOutput(call.usage))
    this.responses.set(this.responses.slot(keyLow, keyHigh), KNOWN | 1, own)
  }

  private wasRolledUp(call: Call, input: number, output: number): boolean {
    const { bytes, trace } = call.ids
    bytesKey(bytes, call.responseIdAt, call.responseIdLength, input, ~output)
    if (this.responses.stateOf(keyLow, keyHigh) === 0) return false
    const other = this.responses.valueOf(keyLow, keyHigh)
    if (trace < 0) return true
    bytesKey(bytes, trace, 16, 0, 0)
    return keyLow !== other
  }
}
