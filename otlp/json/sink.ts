import { varintSize, writeVarint } from '../wire.ts'

const START_BYTES = 256 * 1024
/** A scratch buffer that one huge request blew up past this is given back. */
const KEEP_BYTES = 8 * 1024 * 1024
/** Room that {@link ProtoSink.ensure} leaves beyond what was asked, for word-wise copying past an end. */
const SLACK = 64

/**
 * Protobuf under construction. Messages are written front to back, each behind a guess at how many bytes its length will
 * take; wrong guesses are put right in one go when the result is copied out ({@link finish}), so that nesting never
 * means moving bytes more than once.
 *
 * Used again and again: `reset` begins the next message.
 */
export class ProtoSink {
  bytes: Buffer = Buffer.allocUnsafeSlow(START_BYTES)
  view: DataView = viewOf(this.bytes)
  at = 0
  private limit = START_BYTES - SLACK

  // One slot per open message and, of closed ones, per wrong guess; in the order of their bytes. A right guess gives its
  // slot back at once unless a message within it keeps one, so that there are few.
  private slots = 0
  private start = new Int32Array(256)
  private room = new Int32Array(256)
  /** The length that does not fit; -1 = written in place. While open: the growth before it. */
  private length = new Int32Array(256)
  /** By how much all closed messages will grow in `finish`. */
  private growth = 0

  /** `expected` is a guess at how much will be written. */
  reset(expected: number): void {
    const size = Math.max(START_BYTES, expected)
    if (this.bytes.length < size || this.bytes.length > KEEP_BYTES) this.allocate(size)
    this.at = 0
    this.slots = 0
    this.growth = 0
  }

  /** Makes room for `count` bytes and {@link SLACK} more. */
  ensure(count: number): void {
    if (this.at + count > this.limit) this.grow(count)
  }

  private grow(count: number): void {
    const old = this.bytes
    this.allocate(Math.max(old.length * 2, this.at + count + SLACK))
    old.copy(this.bytes, 0, 0, this.at)
  }

  private allocate(size: number): void {
    this.bytes = Buffer.allocUnsafeSlow(size)
    this.view = viewOf(this.bytes)
    this.limit = size - SLACK
  }

  /** Writes a tag (field numbers up to 2047) and leaves room for any number that may follow. */
  tag(tag: number): void {
    this.ensure(24)
    if (tag < 0x80) this.view.setUint8(this.at++, tag)
    else {
      this.view.setInt16(this.at, (tag & 0x7f) | 0x80 | ((tag >>> 7) << 8), true)
      this.at += 2
    }
  }

  // Numbers, 64-bit ones in two halves. Whoever writes them has made room.

  putVarint(high: number, low: number): void {
    const { view } = this
    let upper = high
    let lower = low
    let at = this.at
    while (upper !== 0 || lower < 0 || lower > 0x7f) {
      view.setUint8(at++, (lower & 0x7f) | 0x80)
      lower = (lower >>> 7) | (upper << 25)
      upper >>>= 7
    }
    view.setUint8(at++, lower)
    this.at = at
  }

  putFixed64(high: number, low: number): void {
    this.view.setInt32(this.at, low, true)
    this.view.setInt32(this.at + 4, high, true)
    this.at += 8
  }

  putFixed32(value: number): void {
    this.view.setInt32(this.at, value, true)
    this.at += 4
  }

  putDouble(value: number): void {
    this.view.setFloat64(this.at, value, true)
    this.at += 8
  }

  /** Writes bytes behind their length. */
  putBytes(value: Uint8Array): void {
    this.ensure(value.length + 5)
    this.at = writeVarint(this.bytes, this.at, value.length)
    this.bytes.set(value, this.at)
    this.at += value.length
  }

  /** Begins a message whose tag is written; `room` is the guess at the size of its length. Returns what `close` takes. */
  open(room: number): number {
    const slot = this.slots++
    if (slot === this.start.length) this.growSlots()
    this.at += room
    this.start[slot] = this.at
    this.room[slot] = room
    this.length[slot] = this.growth
    return slot
  }

  /** Ends the message and returns how many bytes its length takes: the best guess at the next one. */
  close(slot: number): number {
    const start = this.start[slot] as number
    const room = this.room[slot] as number
    const length = this.at - start + this.growth - (this.length[slot] as number)
    const size = varintSize(length)
    if (size === room) {
      writeVarint(this.bytes, start - room, length)
      this.length[slot] = -1
      if (slot === this.slots - 1) this.slots = slot
    } else {
      this.length[slot] = length
      this.growth += size - room
    }
    return size
  }

  private growSlots(): void {
    this.start = doubled(this.start)
    this.room = doubled(this.room)
    this.length = doubled(this.length)
  }

  /** The finished message, in a buffer of its own. */
  finish(): Buffer {
    const out = Buffer.allocUnsafe(this.at + this.growth)
    let from = 0
    let to = 0
    for (let slot = 0; slot < this.slots; slot++) {
      const length = this.length[slot] as number
      if (length < 0) continue
      const start = this.start[slot] as number
      const gap = start - (this.room[slot] as number)
      to += this.bytes.copy(out, to, from, gap)
      to = writeVarint(out, to, length)
      from = start
    }
    this.bytes.copy(out, to, from, this.at)
    return out
  }
}

export const viewOf = (bytes: Buffer): DataView => new DataView(bytes.buffer, bytes.byteOffset, bytes.length)

function doubled(old: Int32Array<ArrayBuffer>): Int32Array<ArrayBuffer> {
  const grown = new Int32Array(old.length * 2)
  grown.set(old)
  return grown
}
