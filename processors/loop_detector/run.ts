import {
  CALL_AT,
  CHAT_WORDS,
  CHATS,
  CODE_MASK,
  DURATION_SHIFT,
  ERROR_BIT,
  EXACT_AT,
  FINAL,
  IDLE_SHIFT,
  ORDER_AT,
  OUTCOME_AT,
  PICO_PER_COST,
  RING,
  ROW,
  ROW_WORDS,
  ROWS_AT,
  SEEN,
  SPAN_LOW_AT,
  START_AT,
  TOKENS_MASK,
  TOKENS_UNIT,
  UNKNOWN,
  UNKNOWN_COUNT,
  WORD,
} from './layout.ts'
import { durationCode, idleCode, isAfter, RunView, TICKS_PER_MS } from './run-view.ts'

/** So many calls before and behind one are looked at to know what was at work when. */
const NEIGHBOURS = 3
const NO_SIZES = 0xffffffff
const ROWS_IN_ORDER = Uint8Array.from({ length: RING }, (_, row) => row)

/** A tool call on its way into a run; one object for all. */
export interface ToolCall {
  startTicks: number
  endTicks: number
  /** 0 and 0 when the span has no id. */
  spanHigh: number
  spanLow: number
  tool: number
  isError: boolean
  /** Hash of tool and arguments, of tool and outcome, of tool and exact outcome; 0 = not recorded. */
  call: number
  outcome: number
  exact: number
}

/** Writes what happens into a run; see {@link RunView} for how it is kept. */
export class Run extends RunView {
  /** Puts a tool call in its place. Returns the position, or -1 when it is known already, or too old to matter. */
  insert(call: ToolCall): number {
    let at = this.length
    if (at > 0 && !isAfter(call.startTicks, this.startAt(at - 1))) {
      if (this.isKnown(call)) return -1
      while (at > 0 && isAfter(this.startAt(at - 1), call.startTicks)) at--
    }
    const isFull = this.length === RING
    if (isFull && at === 0) return -1
    if (isFull) {
      // The oldest call's row becomes the newest one's.
      this.set(WORD.head, (this.get(WORD.head) + 1) % RING)
      at--
    } else {
      this.set(WORD.length, this.length + 1)
      if (this.length > this.get(WORD.used)) this.set(WORD.used, this.length)
    }
    this.moveUp(at)
    this.write(at, call)
    this.set(WORD.calls, this.get(WORD.calls) + 1)
    this.set(WORD.errors, (this.get(WORD.errors) << 1) | (call.isError ? 1 : 0))
    this.attach(at)
    // A late call took time that the next ones seemed to have been waiting.
    const to = Math.min(this.length - 1, at + NEIGHBOURS)
    for (let next = at + 1; next <= to; next++) this.settleIdle(next, this.chatOf(next))
    this.measureAround(at)
    return at
  }

  /**
   * How long nothing had happened before a call, and before the model call that asked for it: since the model call before
   * that, and the tool calls before it, had ended.
   */
  private settleIdle(position: number, chat: number): void {
    if (chat < 0 && this.get(WORD.chats) === CHATS) return
    const from = chat < 0 ? this.startAt(position) : this.chat(chat, 0)
    let before = chat < 1 ? from : this.chat(chat - 1, 1)
    let isKnown = chat >= 1
    for (let at = position - 1; at >= 0 && at >= position - NEIGHBOURS; at--) {
      if (!isAfter(from, this.startAt(at))) continue
      const end = this.endAt(at)
      if (!isKnown || isAfter(end, before)) before = end
      isKnown = true
    }
    this.setIdle(position, isAfter(from, before) ? idleCode(((from - before) | 0) / TICKS_PER_MS) : 0)
  }

  /** The model call that asked for a tool call, the last one that began before it; -1 = none is known. */
  private chatOf(position: number): number {
    const start = this.startAt(position)
    let at = this.get(WORD.chats) - 1
    while (at >= 0 && isAfter(this.chat(at, 0), start)) at--
    return at
  }

  private setIdle(position: number, code: number): void {
    const row = this.rowAt(position)
    const others = (this.words[row + ROW.flagsAndTokens] as number) & ~(CODE_MASK << IDLE_SHIFT)
    this.words[row + ROW.flagsAndTokens] = (others | (code << IDLE_SHIFT)) >>> 0
  }

  /**
   * Adds what was spent and used since the tool call before to the one that was just written. Returns how many of the
   * tokens that are; the rest is for the next one.
   */
  charge(position: number, pico: number, tokens: number): number {
    const row = this.rowAt(position)
    this.words[row + ROW.cost] = Math.min(0xffffffff, Math.round(pico / PICO_PER_COST))
    const units = Math.min(TOKENS_MASK, Math.floor(tokens / TOKENS_UNIT))
    const others = (this.words[row + ROW.flagsAndTokens] as number) & ~TOKENS_MASK
    this.words[row + ROW.flagsAndTokens] = (others | units) >>> 0
    return units === TOKENS_MASK ? tokens : units * TOKENS_UNIT
  }

  /**
   * Puts a model call in its place. Returns the position of the first tool call of which something is known now that
   * was not before; the length when there is none, -1 when the call is known already.
   */
  insertChat(start: number, end: number, input: number, output: number, isFinal: boolean): number {
    if (start === 0) return this.length
    let count = this.get(WORD.chats)
    let at = count
    while (at > 0 && !isAfter(start, this.chat(at - 1, 0))) {
      if (this.chat(at - 1, 0) === start && this.chat(at - 1, 1) === end) return -1
      at--
    }
    if (count === CHATS) {
      if (at === 0) return this.length
      this.set(WORD.chatHead, (this.get(WORD.chatHead) + 1) % CHATS)
      at--
    } else {
      this.set(WORD.chats, ++count)
    }
    for (let i = count - 1; i > at; i--) this.moveChat(i - 1, i)
    const place = this.chatAt(at)
    this.words[place] = start
    this.words[place + 1] = end
    this.words[place + 2] = input
    this.words[place + 3] = isFinal ? (output | FINAL) >>> 0 : output
    this.set(WORD.modelCalls, this.get(WORD.modelCalls) + 1)
    return this.settleChat(at, count)
  }

  private settleChat(at: number, count: number): number {
    let first = this.length
    for (let i = this.length - 1; i >= 0 && isAfter(this.startAt(i), this.chat(at, 0)); i--) {
      this.attach(i)
      first = i
    }
    if (at + 1 < count) first = Math.min(first, this.measure(at + 1))
    return Math.min(first, this.measure(at))
  }

  /** Tokens that the last model call added to what the one before was given; 0 when that is not known. */
  lastGrowth(): number {
    const count = this.get(WORD.chats)
    if (count < 2) return 0
    const input = this.chat(count - 1, 2)
    const before = this.chat(count - 2, 2)
    return input === UNKNOWN_COUNT || before === UNKNOWN_COUNT ? 0 : Math.max(0, input - before)
  }

  /** The user spoke: what was done before is no repetition of what comes now. */
  beginTurn(ticks: number): void {
    if (this.get(WORD.hasTurn) !== 0 && !isAfter(ticks, this.get(WORD.turn))) return
    this.set(WORD.hasTurn, 1)
    this.set(WORD.turn, ticks)
    this.set(WORD.episode, 0)
  }

  /** Copies a tool call of another run. */
  readInto(call: ToolCall, position: number): void {
    call.startTicks = this.startAt(position)
    call.endTicks = this.endAt(position)
    call.spanHigh = this.spanHighAt(position)
    call.spanLow = this.spanLowAt(position)
    call.tool = this.toolAt(position)
    call.isError = this.isErrorAt(position)
    call.call = this.callAt(position)
    call.outcome = this.outcomeAt(position)
    call.exact = this.exactAt(position)
  }

  /** Forgets a tool call: it turned out to be another run's. */
  removeAt(position: number): void {
    const { bytes, words, base } = this
    const row = this.physical(position)
    const length = this.length - 1
    for (let i = position; i < length; i++) bytes[this.place(i)] = this.physical(i + 1)
    bytes[this.place(length)] = row
    words[base + CALL_AT + row] = 0
    words[base + OUTCOME_AT + row] = 0
    words[base + SPAN_LOW_AT + row] = 0
    words.fill(0, base + ROWS_AT + row * ROW_WORDS, base + ROWS_AT + (row + 1) * ROW_WORDS)
    words[base + ROWS_AT + row * ROW_WORDS + ROW.sizes] = NO_SIZES
    this.set(WORD.length, length)
  }

  /** Exporters send again what was not answered: the very span counts once. */
  private isKnown(call: ToolCall): boolean {
    if (call.spanHigh === 0 && call.spanLow === 0) return false
    const { words, base } = this
    const used = this.get(WORD.used)
    for (let row = 0; row < used; row++) {
      if (words[base + SPAN_LOW_AT + row] !== call.spanLow) continue
      if (words[base + ROWS_AT + row * ROW_WORDS + ROW.spanHigh] === call.spanHigh) return true
    }
    return false
  }

  /** Makes room at a position: the row behind the last one comes there. */
  private moveUp(at: number): void {
    const last = this.length - 1
    if (at === last) return
    const { bytes } = this
    const row = this.physical(last)
    for (let i = last; i > at; i--) bytes[this.place(i)] = this.physical(i - 1)
    bytes[this.place(at)] = row
  }

  private moveChat(from: number, to: number): void {
    const { words } = this
    const a = this.chatAt(from)
    const b = this.chatAt(to)
    for (let word = 0; word < CHAT_WORDS; word++) words[b + word] = words[a + word] as number
  }

  /** To be called when a run begins: every position has its row. */
  begin(): void {
    this.bytes.set(ROWS_IN_ORDER, (this.base + ORDER_AT) * 4)
  }

  private write(at: number, call: ToolCall): void {
    const { words, base } = this
    const p = this.physical(at)
    words[base + CALL_AT + p] = call.call
    words[base + OUTCOME_AT + p] = call.outcome
    words[base + EXACT_AT + p] = call.exact
    words[base + START_AT + p] = call.startTicks
    words[base + SPAN_LOW_AT + p] = call.spanLow
    const row = base + ROWS_AT + p * ROW_WORDS
    words[row + ROW.spanHigh] = call.spanHigh
    words[row + ROW.toolAndLag] = ((call.tool << 16) | UNKNOWN) >>> 0
    const duration = durationCode(((call.endTicks - call.startTicks) | 0) / TICKS_PER_MS)
    words[row + ROW.flagsAndTokens] = ((call.isError ? ERROR_BIT : 0) | (duration << DURATION_SHIFT)) >>> 0
    words[row + ROW.sizes] = NO_SIZES
    words[row + ROW.cost] = 0
  }

  /** Notes by which model call a tool call was asked for. */
  private attach(position: number): void {
    const start = this.startAt(position)
    // No time was given: then nothing says which answer asked for it.
    if (start === 0) return
    const c = this.chatOf(position)
    this.settleIdle(position, c)
    if (c < 0) return
    const row = this.rowAt(position)
    const lag = Math.min(UNKNOWN, ((start - this.chat(c, 0)) | 0) >>> 3)
    const output = this.chat(c, 3) & ~FINAL
    const tool = (this.words[row + ROW.toolAndLag] as number) & 0xffff0000
    this.words[row + ROW.toolAndLag] = (tool | lag) >>> 0
    const result = (this.words[row + ROW.sizes] as number) & 0xffff
    this.words[row + ROW.sizes] = ((Math.min(UNKNOWN, output) << 16) | result) >>> 0
  }

  /** After a tool call came late: the model calls around it may already be known. */
  private measureAround(position: number): void {
    const count = this.get(WORD.chats)
    const start = this.startAt(position)
    let next = count
    while (next > 0 && isAfter(this.chat(next - 1, 0), start)) next--
    if (next < count) this.measure(next)
  }

  /**
   * What the results between a model call and the one before added to the context: the growth of the input beyond the
   * model's own answer. With one tool call between them that is the size of its result. Returns the position of the
   * first tool call between them, the length when there is none.
   */
  private measure(at: number): number {
    const none = this.length
    if (at === 0) return none
    const from = this.chat(at - 1, 0)
    const to = this.chat(at, 0)
    let first = this.length
    let last = -1
    for (let i = this.length - 1; i >= 0 && isAfter(this.startAt(i), from); i--) {
      if (isAfter(this.startAt(i), to)) continue
      if (last < 0) last = i
      first = i
    }
    if (last < 0) {
      this.noticeUser(at)
      return none
    }
    const size = first === last ? this.growth(at) : UNKNOWN
    for (let i = first; i <= last; i++) this.setResult(i, size)
    return first
  }

  private growth(at: number): number {
    const input = this.chat(at, 2)
    const before = this.chat(at - 1, 2)
    const output = this.chat(at - 1, 3) & ~FINAL
    if (input === UNKNOWN_COUNT || before === UNKNOWN_COUNT || output === UNKNOWN_COUNT) return UNKNOWN
    const size = input - before - output
    // Less than nothing: the context was cut, or another conversation ran in between.
    return size < 0 || size >= UNKNOWN ? UNKNOWN : size
  }

  private setResult(position: number, size: number): void {
    const row = this.rowAt(position)
    const output = (this.words[row + ROW.sizes] as number) & 0xffff0000
    this.words[row + ROW.sizes] = (output | size) >>> 0
    if (size !== UNKNOWN) this.set(WORD.seen, this.get(WORD.seen) | SEEN.sizes)
  }

  /** A final answer, then, after a while, another model call with no tool call in between: somebody answered. */
  private noticeUser(at: number): void {
    if ((this.chat(at - 1, 3) & FINAL) === 0) return
    const waited = (this.chat(at, 0) - this.chat(at - 1, 1)) | 0
    if (waited >= this.gapTicks) this.beginTurn(this.chat(at, 0))
  }
}
