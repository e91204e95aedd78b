import { isSame } from './keys.ts'

const SLOTS = 1024
const LENGTH_MAX = 4096

/**
 * Gives equal bytes the same number, for what comes again and again: the resource and the scope of a sender are the same
 * in every request, and what they mean need be worked out once. To compare is far cheaper than to read.
 *
 * Fixed in size: a slot keeps the last bytes that fell into it, and bytes over 4 KiB are new each time. A number is never
 * given to other bytes; callers keep what they know in a table of {@link NUMBER_SLOTS}, beside the number.
 */
export class ByteNumbers {
  private readonly kept: (DataView | undefined)[] = new Array<DataView | undefined>(SLOTS).fill(undefined)
  private readonly lengths = new Int32Array(SLOTS)
  private readonly salts = new Int32Array(SLOTS)
  private readonly numbers = new Int32Array(SLOTS)
  private serial = 0

  /** @param salt what the bytes belong to, when that counts too */
  of(view: DataView, at: number, length: number, salt: number): number {
    if (length > LENGTH_MAX || (length < 4 && length > 0)) return this.next()
    const slot = hashOf(view, at, length, salt) >>> 22
    const kept = this.kept[slot]
    if (kept !== undefined && this.lengths[slot] === length && this.salts[slot] === salt) {
      if (length === 0 || isSame(kept, 0, view, at, length)) return this.numbers[slot] as number
    }
    return this.keep(view, at, length, salt, slot)
  }

  private keep(view: DataView, at: number, length: number, salt: number, slot: number): number {
    const copy = new DataView(new ArrayBuffer(length))
    for (let i = 0; i < length; i++) copy.setUint8(i, view.getUint8(at + i))
    const number = this.next()
    this.kept[slot] = copy
    this.lengths[slot] = length
    this.salts[slot] = salt
    this.numbers[slot] = number
    return number
  }

  private next(): number {
    this.serial = (this.serial + 1) | 0
    return this.serial
  }
}

/** Senders differ in a few bytes somewhere in the middle, so all words count up to 512 bytes, and some of longer texts. */
function hashOf(view: DataView, at: number, length: number, salt: number): number {
  const step = length <= 512 ? 4 : 4 * (length >>> 9)
  let hash = Math.imul(salt ^ length, 0x1b873593)
  for (let i = 0; i + 4 <= length; i += step) {
    hash = Math.imul(hash ^ view.getInt32(at + i, true), 0x4c9e2d51)
    hash ^= hash >>> 15
  }
  return Math.imul(hash, 0x45ebca6b)
}

/** What is known of a number that {@link ByteNumbers} gave; as many slots, and a slot keeps what fell into it last. */
export class ByNumber<T> {
  private readonly numbers = new Int32Array(SLOTS)
  private readonly values: (T | undefined)[] = new Array<T | undefined>(SLOTS).fill(undefined)

  get(number: number): T | undefined {
    const slot = number & (SLOTS - 1)
    return this.numbers[slot] === number ? this.values[slot] : undefined
  }
  set(number: number, value: T): void {
    const slot = number & (SLOTS - 1)
    this.numbers[slot] = number
    this.values[slot] = value
  }
}
