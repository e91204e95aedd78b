import { AHEAD_MAX } from './ahead.ts'
import * as layout from './layout.ts'
import { Run } from './run.ts'
import { Slab } from './slab.ts'
import { Slots } from './slots.ts'

const {
  CALL_AT,
  DOUBLE,
  EXACT_AT,
  NOTED_AT,
  OUTCOME_AT,
  RING,
  ROW_WORDS,
  ROWS_AT,
  RUN_WORDS,
  SPAN_LOW_AT,
  START_AT,
  WORD,
} = layout

/** Words of a cache line. */
const LINE_WORDS = 16

/** The runs that are watched; the one that was idle longest goes when there are too many. */
export class Runs {
  private readonly slots: Slots
  private readonly slab = new Slab(RUN_WORDS)
  private readonly run: Run
  private readonly other: Run
  private readonly idleMs: number
  private round = 0
  /** Slots of the keys that were looked up together; valid as long as none was taken away. */
  private readonly ahead = new Int32Array(AHEAD_MAX)
  private removals = 0
  /** Kept only so that no compiler leaves the fetching out. */
  fetched = 0

  constructor(max: number, idleMs: number, userTurnGapMs: number, evicted: () => void) {
    this.slots = new Slots(max, evicted)
    this.run = new Run(this.slab, userTurnGapMs)
    this.other = new Run(this.slab, userTurnGapMs)
    this.idleMs = idleMs
  }

  /** The window that `of` moves from run to run. */
  get window(): Run {
    return this.run
  }
  get size(): number {
    return this.slots.size
  }

  /** To be called with every batch; what is used in one batch counts as used at the same time. */
  beginRound(): void {
    this.round = (this.round + 1) | 0
  }

  /**
   * Fetches the runs of some keys. They lie far apart in memory: asked for together they come together, one after the
   * other each is waited for.
   */
  fetch(keys: Float64Array, count: number): void {
    const { ahead, slots, slab } = this
    this.removals = slots.removals
    for (let n = 0; n < count; n++) ahead[n] = slots.find(keys[n] as number)
    let fetched = 0
    for (let n = 0; n < count; n++) {
      const slot = ahead[n] as number
      if (slot >= 0) fetched ^= headOf(slab.chunk(slot), slab.base(slot))
    }
    for (let n = 0; n < count; n++) {
      const slot = ahead[n] as number
      if (slot >= 0) fetched ^= newestOf(slab.chunk(slot), slab.base(slot))
    }
    this.fetched = fetched
  }

  /** The run of a key, a new one if need be, or if it did nothing for long. The window is valid until the next call. */
  of(key: number, timeMs: number): Run {
    return this.open(this.slots.find(key), key, timeMs)
  }

  /** The same for the key that was fetched as number `n`. */
  ofFetched(n: number, key: number, timeMs: number): Run {
    const slot = this.slots.removals === this.removals ? (this.ahead[n] as number) : -1
    return this.open(slot < 0 ? this.slots.find(key) : slot, key, timeMs)
  }

  private open(known: number, key: number, timeMs: number): Run {
    if (known < 0) return this.fresh(this.slots.add(key, this.round), timeMs)
    this.slots.touch(known, this.round)
    const run = this.run.at(known)
    const last = run.double(DOUBLE.lastSeenMs)
    // 0: what came first did not say when.
    if (last > 0 && timeMs - last > this.idleMs) return this.fresh(known, timeMs)
    if (timeMs > last) run.setDouble(DOUBLE.lastSeenMs, timeMs)
    return run
  }

  /** A second window, for looking at two runs at once; undefined when the key is not known. */
  peek(key: number): Run | undefined {
    const slot = this.slots.find(key)
    return slot < 0 ? undefined : this.other.at(slot)
  }

  forget(key: number): void {
    const slot = this.slots.find(key)
    if (slot >= 0) this.slots.remove(slot)
  }

  private fresh(slot: number, timeMs: number): Run {
    this.slab.chunk(slot)
    this.slab.clear(slot)
    const run = this.run.at(slot)
    run.begin()
    run.setDouble(DOUBLE.lastSeenMs, timeMs)
    return run
  }
}

/** Cache lines with the counters and the model calls of a run. */
function headOf(words: Uint32Array, base: number): number {
  let fetched = 0
  for (let at = base; at < base + CALL_AT; at += LINE_WORDS) fetched ^= words[at] as number
  return fetched
}

/** Cache lines that a tool call is written to, if it comes in order. */
function newestOf(words: Uint32Array, base: number): number {
  const length = words[base + WORD.length] as number
  if (length === 0) return 0
  const row = length < RING ? length : (words[base + WORD.head] as number)
  let fetched = (words[base + NOTED_AT] as number) ^ (words[base + CALL_AT + row] as number)
  fetched ^= (words[base + OUTCOME_AT + row] as number) ^ (words[base + EXACT_AT + row] as number)
  fetched ^= (words[base + START_AT + row] as number) ^ (words[base + SPAN_LOW_AT + row] as number)
  return fetched ^ (words[base + ROWS_AT + row * ROW_WORDS] as number)
}
