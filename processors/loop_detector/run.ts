import * as layout from './layout.ts'
import { RunView } from './run-view.ts'
import { DURATION_TICKS, durationCodes, idleCodes, isAfter } from './ticks.ts'

const {
  CALL_AT,
  CHAT_WORDS,
  CHATS,
  CODE_MASK,
  DURATION_SHIFT,
  ERROR_SHIFT,
  EXACT_AT,
  FINAL,
  IDLE_SHIFT,
  NOTED_AT,
  NOTED_WORDS,
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
  TOOL_CALL,
  UNKNOWN,
  UNKNOWN_COUNT,
  WORD,
} = layout

/** So many calls before and behind one are looked at to know what was at work when. */
const NEIGHBOURS = 3
const NO_SIZES = 0xffffffff
const ROWS_IN_ORDER = Uint8Array.from({ length: RING }, (_, row) => row)

/** Writes what happens into a run; see {@link RunView} for how it is kept. */
export class Run extends RunView {
  /** Whether the call that was put in its place last, or its outcome, may have come before; nearly never if it did not. */
  mayRepeat = false

  /** Puts a tool call in its place. Returns the position, or -1 when it is known already, or too old to matter. */
  insert(calls: Uint32Array, from: number): number {
    const { words, base } = this
    const start = calls[from + TOOL_CALL.start] as number
    const length = words[base + WORD.length] as number
    let at = length
    if (length > 0 && !isAfter(start, this.startAt(length - 1))) {
      if (this.isKnown(calls, from)) return -1
      while (at > 0 && isAfter(this.startAt(at - 1), start)) at--
      if (at === 0 && length === RING) return -1
    }
    let newest = length
    if (length === RING) {
      // The oldest call's row becomes the newest one's.
      const head = words[base + WORD.head] as number
      words[base + WORD.head] = head === RING - 1 ? 0 : head + 1
      at--
      newest--
    } else {
      words[base + WORD.length] = length + 1
      if (length === words[base + WORD.used]) words[base + WORD.used] = length + 1
    }
    if (at < newest) this.moveUp(at)
    const row = this.physical(at)
    this.note(calls, from)
    this.write(row, calls, from)
    words[base + WORD.calls] = (words[base + WORD.calls] as number) + 1
    words[base + WORD.errors] =
      ((words[base + WORD.errors] as number) << 1) | (calls[from + TOOL_CALL.isError] as number)
    this.attach(at, row)
    // A late call took time that the next ones seemed to have been waiting.
    const to = Math.min(newest, at + NEIGHBOURS)
    for (let next = at + 1; next <= to; next++)
      this.settleIdle(next, this.physical(next), this.chatBefore(this.startAt(next)))
    if (words[base + WORD.chats] !== 0) this.measureAround(at)
    return at
  }

  /**
   * How long nothing had happened before a call, and before the model call that asked for it: since the model call before
   * that, and the tool calls before it, had ended.
   */
  private settleIdle(position: number, row: number, chat: number): void {
    const { words, bytes, base, orderBase } = this
    if (chat < 0 && words[base + WORD.chats] === CHATS) return
    const own = base + ROWS_AT + row * ROW_WORDS
    const from = (chat < 0 ? (words[base + START_AT + row] as number) : this.chat(chat, 0)) | 0
    let before = (chat < 1 ? from : this.chat(chat - 1, 1)) | 0
    let isKnown = chat >= 1
    const head = words[base + WORD.head] as number
    const oldest = Math.max(0, position - NEIGHBOURS)
    for (let at = position - 1; at >= oldest; at--) {
      const place = at + head
      const p = bytes[orderBase + (place < RING ? place : place - RING)] as number
      const start = (words[base + START_AT + p] as number) | 0
      if (((from - start) | 0) <= 0) continue
      const flags = words[base + ROWS_AT + p * ROW_WORDS + ROW.flagsAndTokens] as number
      const end = (start + (DURATION_TICKS[(flags >>> DURATION_SHIFT) & CODE_MASK] as number)) | 0
      if (!isKnown || ((end - before) | 0) > 0) before = end
      isKnown = true
    }
    const others = (words[own + ROW.flagsAndTokens] as number) & ~(CODE_MASK << IDLE_SHIFT)
    words[own + ROW.flagsAndTokens] = others | (idleCodes.of((from - before) | 0) << IDLE_SHIFT)
  }

  /** The last model call that began before a time: that which asked for a tool call of then; -1 = none is known. */
  private chatBefore(start: number): number {
    let at = (this.words[this.base + WORD.chats] as number) - 1
    while (at >= 0 && isAfter(this.chat(at, 0), start)) at--
    return at
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
      const head = this.get(WORD.chatHead)
      this.set(WORD.chatHead, head === CHATS - 1 ? 0 : head + 1)
      at--
    } else {
      this.set(WORD.chats, ++count)
    }
    for (let i = count - 1; i > at; i--) this.moveChat(i - 1, i)
    const { words, base } = this
    const place = this.chatAt(at)
    words[place] = start
    words[place + 1] = end
    words[place + 2] = input
    words[place + 3] = isFinal ? (output | FINAL) >>> 0 : output
    words[base + WORD.modelCalls] = (words[base + WORD.modelCalls] as number) + 1
    return this.settleChat(at, count)
  }

  private settleChat(at: number, count: number): number {
    const length = this.length
    let first = length
    if (length > 0) {
      const start = this.chat(at, 0)
      for (let i = length - 1; i >= 0 && isAfter(this.startAt(i), start); i--) {
        this.attach(i, this.physical(i))
        first = i
      }
    }
    if (at + 1 < count) first = Math.min(first, this.measure(at + 1))
    return at === 0 ? first : Math.min(first, this.measure(at))
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

  /** Copies a tool call, for another run. */
  readInto(call: Uint32Array, position: number): void {
    call[TOOL_CALL.start] = this.startAt(position)
    call[TOOL_CALL.end] = this.endAt(position)
    call[TOOL_CALL.spanHigh] = this.spanHighAt(position)
    call[TOOL_CALL.spanLow] = this.spanLowAt(position)
    call[TOOL_CALL.tool] = this.toolAt(position)
    call[TOOL_CALL.isError] = this.isErrorAt(position) ? 1 : 0
    call[TOOL_CALL.call] = this.callAt(position)
    call[TOOL_CALL.outcome] = this.outcomeAt(position)
    call[TOOL_CALL.exact] = this.exactAt(position)
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
  private isKnown(calls: Uint32Array, from: number): boolean {
    const spanHigh = calls[from + TOOL_CALL.spanHigh] as number
    const spanLow = calls[from + TOOL_CALL.spanLow] as number
    if (spanHigh === 0 && spanLow === 0) return false
    const { words, base } = this
    const used = this.get(WORD.used)
    for (let row = 0; row < used; row++) {
      if (words[base + SPAN_LOW_AT + row] !== spanLow) continue
      if (words[base + ROWS_AT + row * ROW_WORDS + ROW.spanHigh] === spanHigh) return true
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

  /** Notes a call and its outcome among those that came before, and whether they may have. */
  private note(calls: Uint32Array, from: number): void {
    const { words, base } = this
    // What was noted is never taken back; from time to time it is gathered anew.
    if (words[base + WORD.head] === 0 && words[base + WORD.length] === RING) this.gather()
    const call = calls[from + TOOL_CALL.call] as number
    const outcome = calls[from + TOOL_CALL.outcome] as number
    const isCallKnown = call !== 0 && this.mark(call)
    this.mayRepeat = (outcome !== 0 && this.mark(outcome)) || isCallKnown
  }

  private gather(): void {
    const { words, base } = this
    words.fill(0, base + NOTED_AT, base + NOTED_AT + NOTED_WORDS)
    for (let at = base + CALL_AT; at < base + EXACT_AT; at++) if (words[at] !== 0) this.mark(words[at] as number)
  }

  /** Sets the bit of a hash. Returns whether it was set. */
  private mark(hash: number): boolean {
    const at = this.base + NOTED_AT + ((hash >>> 5) & (NOTED_WORDS - 1))
    const before = this.words[at] as number
    const bit = 1 << (hash & 31)
    this.words[at] = before | bit
    return (before & bit) !== 0
  }

  private write(p: number, calls: Uint32Array, from: number): void {
    const { words, base } = this
    const start = calls[from + TOOL_CALL.start] as number
    words[base + CALL_AT + p] = calls[from + TOOL_CALL.call] as number
    words[base + OUTCOME_AT + p] = calls[from + TOOL_CALL.outcome] as number
    words[base + EXACT_AT + p] = calls[from + TOOL_CALL.exact] as number
    words[base + START_AT + p] = start
    words[base + SPAN_LOW_AT + p] = calls[from + TOOL_CALL.spanLow] as number
    const row = base + ROWS_AT + p * ROW_WORDS
    words[row + ROW.spanHigh] = calls[from + TOOL_CALL.spanHigh] as number
    words[row + ROW.toolAndLag] = ((calls[from + TOOL_CALL.tool] as number) << 16) | UNKNOWN
    const duration = durationCodes.of(((calls[from + TOOL_CALL.end] as number) - start) | 0)
    const error = (calls[from + TOOL_CALL.isError] as number) << ERROR_SHIFT
    words[row + ROW.flagsAndTokens] = error | (duration << DURATION_SHIFT)
    words[row + ROW.sizes] = NO_SIZES
    words[row + ROW.cost] = 0
  }

  /** Notes by which model call a tool call was asked for. */
  private attach(position: number, p: number): void {
    const { words, base } = this
    const start = words[base + START_AT + p] as number
    // No time was given: then nothing says which answer asked for it.
    if (start === 0) return
    const c = this.chatBefore(start)
    this.settleIdle(position, p, c)
    if (c < 0) return
    const row = base + ROWS_AT + p * ROW_WORDS
    const chat = this.chatAt(c)
    const lag = Math.min(UNKNOWN, ((start - (words[chat] as number)) | 0) >>> 3)
    const output = Math.min(UNKNOWN, (words[chat + 3] as number) & ~FINAL)
    words[row + ROW.toolAndLag] = ((words[row + ROW.toolAndLag] as number) & 0xffff0000) | lag
    words[row + ROW.sizes] = ((words[row + ROW.sizes] as number) & 0xffff) | (output << 16)
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
