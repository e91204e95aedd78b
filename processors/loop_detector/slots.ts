const START = 1024

/**
 * Numbers the things that are watched: a key of 53 bits gets a slot, and the slot that was used longest ago is given to
 * somebody else when all are taken. Open addressing and a linked list in typed arrays, because there may be a hundred
 * thousand runs and none of them should cost an object.
 */
export class Slots {
  size = 0
  /** How many slots were taken away from their keys so far. */
  removals = 0
  private readonly max: number
  private readonly evicted: (slot: number) => void
  private keys = new Float64Array(START)
  /** Slot + 1 by hash; 0 = free. */
  private table = new Int32Array(START * 2)
  private before = new Int32Array(START)
  private after = new Int32Array(START)
  private touched = new Int32Array(START)
  private newest = -1
  private oldest = -1
  private free: number[] = []
  private used = 0

  /** @param evicted told before a slot is given to another key */
  constructor(max: number, evicted: (slot: number) => void) {
    this.max = max
    this.evicted = evicted
  }

  /** The slot of a key, -1 when it has none. */
  find(key: number): number {
    const { table, keys } = this
    const mask = table.length - 1
    for (let at = key & mask; ; at = (at + 1) & mask) {
      const slot = (table[at] as number) - 1
      if (slot < 0 || keys[slot] === key) return slot
    }
  }

  /** A slot for a key that has none. */
  add(key: number, round: number): number {
    if (this.size >= this.max) this.remove(this.oldest, true)
    const slot = this.free.pop() ?? this.used++
    if (slot >= this.keys.length) this.grow()
    this.keys[slot] = key
    this.touched[slot] = round
    this.enter(slot)
    this.link(slot)
    this.size++
    return slot
  }

  /**
   * Marks a slot as used in this round; once per round is enough to know which one was idle longest, and as long as half
   * of them are free nobody will ask.
   */
  touch(slot: number, round: number): void {
    if (this.size * 2 < this.max) return
    if (this.touched[slot] === round) return
    this.touched[slot] = round
    if (this.newest === slot) return
    this.unlink(slot)
    this.link(slot)
  }

  keyOf(slot: number): number {
    return this.keys[slot] as number
  }

  remove(slot: number, isEviction = false): void {
    if (isEviction) this.evicted(slot)
    this.leave(slot)
    this.unlink(slot)
    this.free.push(slot)
    this.size--
    this.removals++
  }

  private enter(slot: number): void {
    const mask = this.table.length - 1
    let at = (this.keys[slot] as number) & mask
    while (this.table[at] !== 0) at = (at + 1) & mask
    this.table[at] = slot + 1
  }

  /** Takes a slot out of the table and moves up what a search would no longer find behind the gap. */
  private leave(slot: number): void {
    const { table, keys } = this
    const mask = table.length - 1
    let gap = (keys[slot] as number) & mask
    while (table[gap] !== slot + 1) gap = (gap + 1) & mask
    for (let at = (gap + 1) & mask; table[at] !== 0; at = (at + 1) & mask) {
      const home = (keys[(table[at] as number) - 1] as number) & mask
      if (((at - home) & mask) >= ((at - gap) & mask)) {
        table[gap] = table[at] as number
        gap = at
      }
    }
    table[gap] = 0
  }

  private link(slot: number): void {
    this.before[slot] = this.newest
    this.after[slot] = -1
    if (this.newest >= 0) this.after[this.newest] = slot
    this.newest = slot
    if (this.oldest < 0) this.oldest = slot
  }

  private unlink(slot: number): void {
    const before = this.before[slot] as number
    const after = this.after[slot] as number
    if (before >= 0) this.after[before] = after
    else this.oldest = after
    if (after >= 0) this.before[after] = before
    else this.newest = before
  }

  private grow(): void {
    const length = this.keys.length * 2
    const keys = new Float64Array(length)
    keys.set(this.keys)
    this.keys = keys
    this.before = longer(this.before, length)
    this.after = longer(this.after, length)
    this.touched = longer(this.touched, length)
    this.table = new Int32Array(length * 2)
    for (let slot = this.oldest; slot >= 0; slot = this.after[slot] as number) this.enter(slot)
  }
}

function longer(column: Int32Array, length: number): Int32Array<ArrayBuffer> {
  const grown = new Int32Array(length)
  grown.set(column)
  return grown
}
