const SLOTS = 1024
const DIGITS = 8
const HEX = Buffer.from('0123456789abcdef')

/**
 * The runs of the last traces: their ids as text, and as words of digits that are ready to be written. Fixed in size: a
 * slot keeps the last trace that fell into it.
 */
export class TraceRuns {
  /** Of the trace in each slot; a number is never given to another one, and never 0. */
  readonly numbers = new Int32Array(SLOTS)
  readonly texts: string[] = new Array<string>(SLOTS).fill('')
  private readonly words = new Int32Array(SLOTS * 4)
  private readonly digits = new Int32Array(SLOTS * DIGITS)
  private serial = 0

  /**
   * The slot of a trace.
   *
   * @param at where the 16 bytes of the trace id stand
   */
  find(view: DataView, at: number): number {
    const { words } = this
    const w0 = view.getInt32(at, true)
    const w1 = view.getInt32(at + 4, true)
    const w2 = view.getInt32(at + 8, true)
    const w3 = view.getInt32(at + 12, true)
    const slot = (Math.imul(w0 ^ w3, 0x4c9e2d51) ^ Math.imul(w1 ^ w2, 0x1b873593)) >>> 22
    const w = slot * 4
    const isKnown = words[w] === w0 && words[w + 1] === w1 && words[w + 2] === w2 && words[w + 3] === w3
    if (!isKnown || this.numbers[slot] === 0) this.keep(view, at, slot)
    return slot
  }

  /** Writes the 32 digits of the trace in a slot. */
  write(slot: number, into: DataView, at: number): void {
    const { digits } = this
    for (let i = 0; i < DIGITS; i++) into.setInt32(at + i * 4, digits[slot * DIGITS + i] as number, true)
  }

  private keep(view: DataView, at: number, slot: number): void {
    for (let i = 0; i < 4; i++) this.words[slot * 4 + i] = view.getInt32(at + i * 4, true)
    for (let i = 0; i < 16; i++) {
      const byte = view.getUint8(at + i)
      text[i * 2] = HEX[byte >>> 4] as number
      text[i * 2 + 1] = HEX[byte & 15] as number
    }
    for (let i = 0; i < DIGITS; i++) this.digits[slot * DIGITS + i] = text.readInt32LE(i * 4)
    this.texts[slot] = text.toString('latin1')
    this.serial = this.serial === MAX_SERIAL ? 1 : this.serial + 1
    this.numbers[slot] = this.serial
  }
}

const MAX_SERIAL = 0x7fffffff
const text = Buffer.alloc(32)
