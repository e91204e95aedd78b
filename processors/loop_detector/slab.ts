const CHUNK_SHIFT = 8
const SLOTS_PER_CHUNK = 1 << CHUNK_SHIFT

/** Memory for many equal records outside of the JavaScript heap, taken in chunks as it is needed. */
export class Slab {
  private readonly words: number
  private readonly chunks: Uint32Array[] = []
  private readonly views: Float64Array[] = []
  private readonly byteViews: Uint8Array[] = []

  /** @param words 32-bit words of one record; even */
  constructor(words: number) {
    this.words = words
  }

  chunk(slot: number): Uint32Array {
    const number = slot >>> CHUNK_SHIFT
    let chunk = this.chunks[number]
    if (chunk === undefined) {
      chunk = new Uint32Array(SLOTS_PER_CHUNK * this.words)
      this.chunks[number] = chunk
      this.views[number] = new Float64Array(chunk.buffer)
      this.byteViews[number] = new Uint8Array(chunk.buffer)
    }
    return chunk
  }

  /** The same memory as doubles. */
  doubles(slot: number): Float64Array {
    return this.views[slot >>> CHUNK_SHIFT] ?? NOTHING
  }

  /** The same memory as bytes. */
  bytes(slot: number): Uint8Array {
    return this.byteViews[slot >>> CHUNK_SHIFT] ?? NO_BYTES
  }

  /** Where a record begins in its chunk, in words. */
  base(slot: number): number {
    return (slot & (SLOTS_PER_CHUNK - 1)) * this.words
  }

  clear(slot: number): void {
    const base = this.base(slot)
    this.chunk(slot).fill(0, base, base + this.words)
  }
}

const NOTHING = new Float64Array(0)
const NO_BYTES = new Uint8Array(0)
