import * as layout from './layout.ts'
import type { Slab } from './slab.ts'
import { DURATION_TICKS, isAfter, MS_OF_CODE, TICKS_PER_MS, toTicks } from './ticks.ts'

const {
  CALL_AT,
  CHAT_AT,
  CHAT_WORDS,
  CHATS,
  CODE_MASK,
  DOUBLE,
  DURATION_SHIFT,
  ERROR_BIT,
  EXACT_AT,
  IDLE_SHIFT,
  ORDER_AT,
  OUTCOME_AT,
  PICO_PER_COST,
  RING,
  ROW,
  ROW_WORDS,
  ROWS_AT,
  SPAN_LOW_AT,
  START_AT,
  TOKENS_MASK,
  TOKENS_UNIT,
  UNKNOWN,
  WORD,
} = layout

/** Calls that a model asks for in one answer start within this time of it; later ones are taken for answers of their own. */
const SAME_ANSWER_MS = 30_000
const LAG_GRAIN_TICKS = 16

/**
 * Reads what is known of one agent in one run: its last tool calls in the order in which they began, its last model calls, and
 * some counters. A window onto a slab that is moved from run to run.
 *
 * A call that arrives in order is written behind the last one and touches nothing else. One that arrives late is put in
 * its place. Positions are counted from the oldest call that is remembered, 0.
 */
export class RunView {
  private readonly slab: Slab
  protected words: Uint32Array = new Uint32Array(0)
  private doubles: Float64Array = new Float64Array(0)
  protected bytes: Uint8Array = new Uint8Array(0)
  protected base = 0
  private doubleBase = 0
  protected orderBase = 0
  protected readonly gapTicks: number

  constructor(slab: Slab, userTurnGapMs: number) {
    this.slab = slab
    this.gapTicks = Math.max(1, userTurnGapMs * TICKS_PER_MS)
  }

  at(slot: number): this {
    this.words = this.slab.chunk(slot)
    this.doubles = this.slab.doubles(slot)
    this.base = this.slab.base(slot)
    this.bytes = this.slab.bytes(slot)
    this.doubleBase = this.base >> 1
    this.orderBase = (this.base + ORDER_AT) * 4
    return this
  }

  get(word: number): number {
    return this.words[this.base + word] as number
  }
  set(word: number, value: number): void {
    this.words[this.base + word] = value
  }
  double(place: number): number {
    return this.doubles[this.doubleBase + place] as number
  }
  setDouble(place: number, value: number): void {
    this.doubles[this.doubleBase + place] = value
  }
  get length(): number {
    return this.words[this.base + WORD.length] as number
  }
  /** Whether nothing was seen of it yet. */
  get isNew(): boolean {
    return this.get(WORD.calls) === 0 && this.get(WORD.modelCalls) === 0
  }

  callAt(position: number): number {
    return this.words[this.base + CALL_AT + this.physical(position)] as number
  }
  outcomeAt(position: number): number {
    return this.words[this.base + OUTCOME_AT + this.physical(position)] as number
  }
  exactAt(position: number): number {
    return this.words[this.base + EXACT_AT + this.physical(position)] as number
  }
  startAt(position: number): number {
    return this.words[this.base + START_AT + this.physical(position)] as number
  }
  toolAt(position: number): number {
    return this.row(position, ROW.toolAndLag) >>> 16
  }
  isErrorAt(position: number): boolean {
    return (this.row(position, ROW.flagsAndTokens) & ERROR_BIT) !== 0
  }
  tokensAt(position: number): number {
    return (this.row(position, ROW.flagsAndTokens) & TOKENS_MASK) * TOKENS_UNIT
  }
  /** How long nothing at all happened before the call, and the model call that asked for it; good to a tenth. */
  idleMsAt(position: number): number {
    return MS_OF_CODE[(this.row(position, ROW.flagsAndTokens) >>> IDLE_SHIFT) & CODE_MASK] as number
  }
  /** When it ended; up to a twelfth of its duration too late. */
  endAt(position: number): number {
    const code = (this.row(position, ROW.flagsAndTokens) >>> DURATION_SHIFT) & CODE_MASK
    return (this.startAt(position) + (DURATION_TICKS[code] as number)) >>> 0
  }
  /** Output tokens of the model call that asked for it; UNKNOWN when that is not known. */
  outputAt(position: number): number {
    return this.row(position, ROW.sizes) >>> 16
  }
  /** Tokens that the result added to the context; UNKNOWN until the next model call, and when it cannot be told. */
  resultAt(position: number): number {
    return this.row(position, ROW.sizes) & 0xffff
  }
  spanHighAt(position: number): number {
    return this.row(position, ROW.spanHigh)
  }
  spanLowAt(position: number): number {
    return this.words[this.base + SPAN_LOW_AT + this.physical(position)] as number
  }
  picoAt(position: number): number {
    return this.row(position, ROW.cost) * PICO_PER_COST
  }
  startMsAt(position: number): number {
    const last = this.double(DOUBLE.lastSeenMs)
    return last - ((toTicks(last) - this.startAt(position)) | 0) / TICKS_PER_MS
  }
  /** Whether something is not recorded of the call of a row: its arguments, or its outcome. */
  isPartial(row: number): boolean {
    const at = this.base + CALL_AT + row
    return this.words[at] === 0 || this.words[at + RING] === 0
  }
  isErrorIn(row: number): boolean {
    return ((this.words[this.base + ROWS_AT + row * ROW_WORDS + ROW.flagsAndTokens] as number) & ERROR_BIT) !== 0
  }
  /** See resultAt and toolAt. */
  resultIn(row: number): number {
    return (this.words[this.base + ROWS_AT + row * ROW_WORDS + ROW.sizes] as number) & 0xffff
  }
  toolIn(row: number): number {
    return (this.words[this.base + ROWS_AT + row * ROW_WORDS + ROW.toolAndLag] as number) >>> 16
  }
  /** Whether a call belongs to what followed the user's last words. */
  isInTurn(position: number): boolean {
    return this.get(WORD.hasTurn) === 0 || !isAfter(this.get(WORD.turn), this.startAt(position))
  }

  /** Whether one model answer asked for both: then the later one is no reaction to what came of the earlier one. */
  isSameAnswer(a: number, b: number): boolean {
    const lagA = this.row(a, ROW.toolAndLag) & 0xffff
    const lagB = this.row(b, ROW.toolAndLag) & 0xffff
    if (lagA >= SAME_ANSWER_MS || lagB >= SAME_ANSWER_MS) return false
    const apart = (this.startAt(a) - lagA * TICKS_PER_MS - (this.startAt(b) - lagB * TICKS_PER_MS)) | 0
    return apart > -LAG_GRAIN_TICKS && apart < LAG_GRAIN_TICKS
  }

  /** How often the call of a row, or its outcome, stands among those that are remembered, whichever is more. */
  occurrences(row: number): number {
    const { words } = this
    const from = this.base + CALL_AT
    const own = from + row
    const call = words[own] as number
    const outcome = words[own + RING] as number
    const to = from + this.get(WORD.used)
    let calls = 0
    let outcomes = 0
    for (let at = from; at < to; at++) {
      if (words[at] === call) calls++
      if (words[at + RING] === outcome) outcomes++
    }
    if (call === 0) calls = 0
    if (outcome === 0) outcomes = 0
    return Math.max(calls, outcomes)
  }

  /** How often its tool brought a result of the same size, as an error or not; 0 when the size is not known. */
  sizeOccurrences(own: number): number {
    const { words } = this
    const wanted = this.base + ROWS_AT + own * ROW_WORDS
    const tool = (words[wanted + ROW.toolAndLag] as number) >>> 16
    const size = (words[wanted + ROW.sizes] as number) & 0xffff
    if (size === UNKNOWN) return 0
    const error = (words[wanted + ROW.flagsAndTokens] as number) & ERROR_BIT
    const from = this.base + ROWS_AT
    const to = from + this.get(WORD.used) * ROW_WORDS
    let count = 0
    for (let row = from; row < to; row += ROW_WORDS) {
      if (((words[row + ROW.sizes] as number) & 0xffff) !== size) continue
      if ((words[row + ROW.toolAndLag] as number) >>> 16 !== tool) continue
      if (((words[row + ROW.flagsAndTokens] as number) & ERROR_BIT) === error) count++
    }
    return count
  }

  /** How often its tool was asked for by an answer of the same size; 0 when that is not known. */
  answerOccurrences(own: number): number {
    const { words } = this
    const wanted = this.base + ROWS_AT + own * ROW_WORDS
    const tool = (words[wanted + ROW.toolAndLag] as number) >>> 16
    const size = (words[wanted + ROW.sizes] as number) >>> 16
    if (size === UNKNOWN) return 0
    const from = this.base + ROWS_AT
    const to = from + this.get(WORD.used) * ROW_WORDS
    let count = 0
    for (let row = from; row < to; row += ROW_WORDS) {
      if ((words[row + ROW.sizes] as number) >>> 16 !== size) continue
      if ((words[row + ROW.toolAndLag] as number) >>> 16 === tool) count++
    }
    return count
  }

  /** Where in the order a position stands. */
  protected place(position: number): number {
    const place = position + (this.words[this.base + WORD.head] as number)
    return this.orderBase + (place < RING ? place : place - RING)
  }
  /** The row of a position. */
  physical(position: number): number {
    return this.bytes[this.place(position)] as number
  }
  protected rowAt(position: number): number {
    return this.base + ROWS_AT + this.physical(position) * ROW_WORDS
  }
  protected row(position: number, word: number): number {
    return this.words[this.rowAt(position) + word] as number
  }
  protected chatAt(at: number): number {
    const place = at + (this.words[this.base + WORD.chatHead] as number)
    return this.base + CHAT_AT + (place < CHATS ? place : place - CHATS) * CHAT_WORDS
  }
  protected chat(at: number, word: number): number {
    return this.words[this.chatAt(at) + word] as number
  }
}
