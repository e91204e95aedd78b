const SLOTS_START = 1 << 11
const STRIDE = 4
const FILTER_WORDS = 1 << 15

/**
 * Remembers 64-bit keys with a state and a value for a while: two generations of an open-addressing table, of which the
 * older one is forgotten when the younger one is full. 16 bytes a slot at half load, so 32 to 64 bytes a key; never more
 * than two full generations. A key that is met again moves to the younger one.
 */
export class Seen {
  private young = new Int32Array(SLOTS_START * STRIDE)
  private old = new Int32Array(SLOTS_START * STRIDE)
  private size = 0
  private oldSize = 0
  private readonly entriesMax: number
  /**
   * Says of most keys that are not here that they are not, without a walk through memory. Words of the younger and of the
   * older generation take turns: whoever asks for a key asks for both.
   */
  private readonly filter = new Int32Array(FILTER_WORDS * 2)

  /** @param entriesMax keys per generation; between one and two of these are remembered. */
  constructor(entriesMax: number) {
    this.entriesMax = entriesMax
  }

  /** Bytes that the tables take. */
  get bytes(): number {
    return this.young.byteLength + this.old.byteLength + this.filter.byteLength
  }
  get entries(): number {
    return this.size + this.oldSize
  }

  /** To be called between batches: a generation may end, and no slot taken before is valid any longer. Whether it did. */
  turn(): boolean {
    if (this.size < this.entriesMax) return false
    const forgotten = this.old
    this.old = this.young
    this.oldSize = this.size
    const { filter } = this
    for (let at = 0; at < filter.length; at += 2) {
      filter[at + 1] = filter[at] as number
      filter[at] = 0
    }
    // Used again: fresh pages cost more than wiping, and the dead ones would wait for a collection.
    this.young = forgotten.length === this.old.length ? forgotten.fill(0) : new Int32Array(this.old.length)
    this.size = 0
    return true
  }

  /** The state of a key; 0 when it is not (or no longer) known. */
  stateOf(low: number, high: number): number {
    const { filter } = this
    const word = wordOf(low)
    const mask = 1 << (low >>> 3)
    if (((filter[word] as number) & mask) !== 0) {
      const at = find(this.young, low, high)
      if (this.young[at + 2] !== 0) return this.young[at + 2] as number
    }
    if (((filter[word + 1] as number) & mask) === 0) return 0
    return this.old[find(this.old, low, high) + 2] as number
  }

  /** The value of a key; 0 when it is not known. */
  valueOf(low: number, high: number): number {
    const at = find(this.young, low, high)
    return (this.young[at + 2] !== 0 ? this.young[at + 3] : this.old[find(this.old, low, high) + 3]) as number
  }

  /** The slot of a key, made when there is none; valid until the next call of `slot`. The caller must give it a state. */
  slot(low: number, high: number): number {
    if (this.size * 2 >= this.young.length / STRIDE) this.grow()
    const { young } = this
    const at = find(young, low, high)
    if (young[at + 2] !== 0) return at
    const { filter } = this
    const word = wordOf(low)
    const mask = 1 << (low >>> 3)
    young[at] = low
    young[at + 1] = high
    young[at + 3] = 0
    if (((filter[word + 1] as number) & mask) !== 0) {
      const was = find(this.old, low, high)
      young[at + 2] = this.old[was + 2] as number
      young[at + 3] = this.old[was + 3] as number
    }
    filter[word] = (filter[word] as number) | mask
    this.size++
    return at
  }

  /**
   * Fetches the places of many keys. They lie far apart in memory: asked for together they come together, one after the
   * other each is waited for.
   */
  fetch(low: Int32Array, count: number): void {
    const { young, filter } = this
    const mask = young.length - 1
    let fetched = 0
    for (let i = 0; i < count; i++) {
      const key = low[i] as number
      fetched ^= (young[((key >>> 1) << 2) & mask] as number) ^ (filter[wordOf(key)] as number)
    }
    this.fetched = fetched
  }

  /** The same for keys that are only asked for, most of them in vain. */
  fetchFilter(low: Int32Array, count: number): void {
    const { filter } = this
    let fetched = 0
    for (let i = 0; i < count; i++) fetched ^= filter[wordOf(low[i] as number)] as number
    this.fetched = fetched
  }
  /** Kept only so that no compiler leaves the fetching out. */
  fetched = 0

  state(slot: number): number {
    return this.young[slot + 2] as number
  }
  value(slot: number): number {
    return this.young[slot + 3] as number
  }
  /** @param state not 0 */
  set(slot: number, state: number, value: number): void {
    this.young[slot + 2] = state
    this.young[slot + 3] = value
  }

  private grow(): void {
    const from = this.young
    const to = new Int32Array(from.length * 2)
    for (let at = 0; at < from.length; at += STRIDE) {
      if (from[at + 2] === 0) continue
      const slot = find(to, from[at] as number, from[at + 1] as number)
      for (let i = 0; i < STRIDE; i++) to[slot + i] = from[at + i] as number
    }
    this.young = to
  }
}

/** Where the filter's words of a key are; its bit is the key's own, from the third on. */
const wordOf = (low: number): number => ((low >>> 8) & (FILTER_WORDS - 1)) << 1

/** Where a key stands, or would. */
function find(table: Int32Array, low: number, high: number): number {
  const mask = table.length - 1
  // The lowest bit of a key is always set.
  let at = ((low >>> 1) << 2) & mask
  while (table[at + 2] !== 0 && (table[at] !== low || table[at + 1] !== high)) at = (at + STRIDE) & mask
  return at
}
