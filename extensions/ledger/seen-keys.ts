import type { CallKey } from '../../genai/call-key.ts'

const SMALLEST = 1024

/** A set of hashes in one flat table: 8 bytes a slot, at most half full. The hash 0 stands for an empty slot. */
class Generation {
  size = 0
  readonly sinceMs: number
  private slots = new Uint32Array(SMALLEST * 2)
  /** While chunks are made of the keys as they were: a bit for each slot, in the table of then, that was filled since. */
  private later: Int32Array | undefined

  constructor(sinceMs: number) {
    this.sinceMs = sinceMs
  }

  add(key: CallKey): void {
    const low = slotLow(key)
    const at = this.find(key.high, low)
    if (!this.isTaken(at)) this.put(at, key.high, low)
  }

  isTaken(at: number): boolean {
    return this.slots[at + 1] !== 0
  }

  /** Puts a key where `find` said that it belongs. */
  put(at: number, high: number, low: number): void {
    this.slots[at] = high
    this.slots[at + 1] = low
    if (this.later !== undefined) mark(this.later, at >>> 1)
    if (++this.size * 4 > this.slots.length) this.grow()
  }

  /** The keys as they are now, as chunks of which each says so and that it is of generation `which`. */
  chunks(which: number): Iterable<Buffer> {
    const { slots, size } = this
    const later = new Int32Array((slots.length >>> 6) + 1)
    this.later = later
    const { sinceMs } = this
    const forget = (): void => {
      if (this.later === later) this.later = undefined
    }
    return (function* () {
      try {
        for (let left = size, slot = 0; left > 0; left -= CHUNK_KEYS) {
          const chunk = Buffer.alloc(CHUNK_HEADER + Math.min(CHUNK_KEYS, left) * 8)
          chunk[0] = which
          chunk.writeDoubleLE(sinceMs, 1)
          slot = fill(chunk, slots, slot, later)
          yield chunk
        }
      } finally {
        forget()
      }
    })()
  }

  /** Reads the slots where keys will be looked for, so that they are near by then; gives something of what stood there. */
  touch(keys: Uint32Array, count: number): number {
    const { slots } = this
    const mask = slots.length / 2 - 1
    let seen = 0
    for (let i = 0; i < count; i++) seen ^= slots[((keys[i * 2 + 1] as number) & mask) * 2 + 1] as number
    return seen
  }

  /** Where the key is, or the empty slot where it belongs. A low word is never 0, so that it marks what is taken. */
  find(high: number, low: number): number {
    const mask = this.slots.length / 2 - 1
    for (let slot = low & mask; ; slot = (slot + 1) & mask) {
      const at = slot * 2
      const found = this.slots[at + 1]
      if (found === 0 || (found === low && this.slots[at] === high)) return at
    }
  }

  private grow(): void {
    const old = this.slots
    // Nothing is added any more to the table that chunks are made of.
    this.later = undefined
    this.slots = new Uint32Array(old.length * 2)
    for (let at = 0; at < old.length; at += 2) {
      const low = old[at + 1] as number
      if (low === 0) continue
      const to = this.find(old[at] as number, low)
      this.slots[to] = old[at] as number
      this.slots[to + 1] = low
    }
  }
}

const mark = (bits: Int32Array, slot: number): void => {
  bits[slot >>> 5] = (bits[slot >>> 5] as number) | (1 << (slot & 31))
}
const isMarked = (bits: Int32Array, slot: number): boolean => ((bits[slot >>> 5] as number) & (1 << (slot & 31))) !== 0

const slotLow = (key: CallKey): number => (key.low === 0 ? 1 : key.low)

/**
 * Which settlement keys were counted. Two generations: a key is remembered for at least `ttlMs`, unless more than half of
 * `maxEntries` new ones come within that time; then the older generation is forgotten early, which is counted.
 */
export class SeenKeys {
  forgottenEarly = 0
  private readonly ttlMs: number
  private readonly half: number
  /** Something of what was touched, lest reading it is taken for useless. */
  protected touched = 0
  private current: Generation
  private previous: Generation

  constructor(ttlMs: number, maxEntries: number) {
    this.ttlMs = ttlMs
    this.half = Math.max(1, Math.floor(maxEntries / 2))
    this.current = new Generation(0)
    this.previous = new Generation(0)
  }

  get size(): number {
    return this.current.size + this.previous.size
  }

  /** Remembers the key; false when it was there. */
  add(key: CallKey, nowMs: number): boolean {
    const { current, previous } = this
    const { high } = key
    const low = slotLow(key)
    const at = current.find(high, low)
    if (current.isTaken(at) || previous.isTaken(previous.find(high, low))) return false
    this.turn(nowMs)
    if (this.current === current) current.put(at, high, low)
    else this.current.add(key)
    return true
  }

  /**
   * Brings near what is known of keys that are added next, all of them at once: each look into such a table waits for
   * memory, and waiting for a hundred together takes little longer than for one.
   *
   * @param keys high and low word of each
   */
  touch(keys: Uint32Array, count: number): void {
    this.touched = this.current.touch(keys, count) ^ this.previous.touch(keys, count)
  }

  private turn(nowMs: number): void {
    if (this.current.size === 0) this.current = new Generation(nowMs)
    const aged = nowMs - this.current.sinceMs >= this.ttlMs
    if (!aged && this.current.size < this.half) return
    if (!aged) this.forgottenEarly += this.previous.size
    this.previous = this.current
    this.current = new Generation(nowMs)
  }

  /** Both generations as they are now, older one first, as chunks that fit a journal record. */
  chunks(): Iterable<Buffer> {
    const previous = this.previous.chunks(0)
    const current = this.current.chunks(1)
    return (function* () {
      yield* previous
      yield* current
    })()
  }

  /** Takes in what `chunks` gave. */
  restore(chunk: Buffer): void {
    const sinceMs = chunk.readDoubleLE(1)
    if (chunk[0] === 0) this.previous = sameAge(this.previous, sinceMs)
    else this.current = sameAge(this.current, sinceMs)
    const into = chunk[0] === 0 ? this.previous : this.current
    for (let at = CHUNK_HEADER; at + 8 <= chunk.length; at += 8) {
      into.add({ high: chunk.readUInt32LE(at), low: chunk.readUInt32LE(at + 4) })
    }
  }
}

const CHUNK_KEYS = 32_768
const CHUNK_HEADER = 9

const sameAge = (generation: Generation, sinceMs: number): Generation =>
  generation.sinceMs === sinceMs ? generation : new Generation(sinceMs)

/** Fills a chunk with the keys from slot `from` on; returns the slot to go on with. */
function fill(chunk: Buffer, slots: Uint32Array, from: number, without: Int32Array): number {
  let to = CHUNK_HEADER
  let at = from
  for (; at < slots.length && to + 8 <= chunk.length; at += 2) {
    const low = slots[at + 1] as number
    if (low === 0 || isMarked(without, at >>> 1)) continue
    to = chunk.writeUInt32LE(slots[at] as number, to)
    to = chunk.writeUInt32LE(low, to)
  }
  return at
}
