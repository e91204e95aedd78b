const GENERATION_START = 1 << 10

/**
 * Remembers keys for a while: two generations of an open-addressing table, of which the older one is forgotten when the
 * younger one is full. 24 bytes a slot at half load, so about 48 bytes a call; never more than two full generations.
 */
export class Seen {
  private young: Generation
  private old: Generation
  private readonly entriesMax: number

  /** @param entriesMax keys per generation; between one and two of these are remembered. */
  constructor(entriesMax: number) {
    this.entriesMax = entriesMax
    this.young = new Generation(GENERATION_START)
    this.old = new Generation(GENERATION_START)
  }

  /** The value kept under a key; undefined when it is not (or no longer) known. */
  get(key: number): number | undefined {
    return this.young.get(key) ?? this.old.get(key)
  }

  has(key: number): boolean {
    return this.young.has(key) || this.old.has(key)
  }

  set(key: number, value: number): void {
    if (this.young.size >= this.entriesMax) {
      this.old = this.young
      this.young = new Generation(GENERATION_START)
    }
    this.young.set(key, value)
  }
}

class Generation {
  size = 0
  private keys: Float64Array
  private values: Float64Array

  constructor(slots: number) {
    this.keys = new Float64Array(slots)
    this.values = new Float64Array(slots)
  }

  get(key: number): number | undefined {
    const slot = this.find(key)
    return this.keys[slot] === 0 ? undefined : this.values[slot]
  }

  has(key: number): boolean {
    return this.keys[this.find(key)] !== 0
  }

  set(key: number, value: number): void {
    if (this.size * 2 >= this.keys.length) this.grow()
    const slot = this.find(key)
    if (this.keys[slot] === 0) this.size++
    this.keys[slot] = key === 0 ? 1 : key
    this.values[slot] = value
  }

  private find(key: number): number {
    const wanted = key === 0 ? 1 : key
    const mask = this.keys.length - 1
    let slot = (wanted >>> 0) & mask
    while (this.keys[slot] !== 0 && this.keys[slot] !== wanted) slot = (slot + 1) & mask
    return slot
  }

  private grow(): void {
    const { keys, values } = this
    this.keys = new Float64Array(keys.length * 2)
    this.values = new Float64Array(keys.length * 2)
    this.size = 0
    for (let i = 0; i < keys.length; i++) if (keys[i] !== 0) this.set(keys[i] as number, values[i] as number)
  }
}
