/** Bytes that are always free behind the write position, so that numbers need no check of their own. */
const SLACK = 256
/** Strings up to this length are tried by hand: for them a call into the runtime costs more than the copying. */
const SHORT = 64

/** A buffer that grows; one instance is reused for every batch, because making one costs more than filling it. */
export class Packer {
  private buf = Buffer.allocUnsafeSlow(16 * 1024)
  private view = new DataView(this.buf.buffer)
  private at = 0

  reset(): void {
    this.at = 0
  }

  /** Where the next byte goes. */
  get position(): number {
    return this.at
  }

  /** A copy of everything since `reset`. */
  take(): Buffer {
    return Buffer.from(this.buf.subarray(0, this.at))
  }

  /** Makes sure that `bytes` of numbers can follow. Strings make room themselves. */
  reserve(bytes: number): void {
    if (this.at + bytes + SLACK > this.buf.length) this.grow(bytes)
  }

  byte(value: number): void {
    this.buf[this.at++] = value
  }

  word(value: number): void {
    this.view.setUint32(this.at, value, true)
    this.at += 4
  }

  double(value: number): void {
    this.view.setFloat64(this.at, value, true)
    this.at += 8
  }

  /** A few bytes of another buffer; zeros when `from` is negative. Room must have been reserved. */
  copy(source: Uint8Array, from: number, length: number): void {
    const { buf, at } = this
    if (from < 0) for (let i = 0; i < length; i++) buf[at + i] = 0
    else for (let i = 0; i < length; i++) buf[at + i] = source[from + i] as number
    this.at += length
  }

  /** A whole number from 0 up to 2^31. */
  whole(value: number): void {
    let rest = value
    while (rest >= 0x80) {
      this.buf[this.at++] = (rest & 0x7f) | 0x80
      rest >>>= 7
    }
    this.buf[this.at++] = rest
  }

  /** Any number: small whole ones take few bytes. */
  number(value: number): void {
    if (value >= 0 && value < 0x7fffffff && (value | 0) === value && !Object.is(value, -0)) {
      this.whole(value + 1)
    } else {
      this.byte(0)
      this.double(value)
    }
  }

  text(text: string | undefined): void {
    if (text === undefined) {
      this.byte(0)
      return
    }
    this.reserve(text.length)
    if (text.length < SHORT && this.ascii(text)) return
    const length = Buffer.byteLength(text)
    this.reserve(length)
    this.whole(length + 1)
    this.at += this.buf.write(text, this.at, length, 'utf8')
  }

  /** False, and nothing written, when it is not ASCII. */
  private ascii(text: string): boolean {
    const { buf, at } = this
    const length = text.length
    buf[at] = length + 1
    for (let i = 0; i < length; i++) {
      const code = text.charCodeAt(i)
      if (code > 0x7f) return false
      buf[at + 1 + i] = code
    }
    this.at = at + 1 + length
    return true
  }

  private grow(bytes: number): void {
    const bigger = Buffer.allocUnsafeSlow(Math.max(this.buf.length * 2, this.at + bytes + 2 * SLACK))
    this.buf.copy(bigger, 0, 0, this.at)
    this.buf = bigger
    this.view = new DataView(bigger.buffer)
  }
}

/** The bytes are not what a {@link Packer} wrote. */
export class Unreadable extends Error {}

export class Unpacker {
  readonly buf: Buffer
  private at = 0

  constructor(buf: Buffer) {
    this.buf = buf
  }

  get position(): number {
    return this.at
  }
  get atEnd(): boolean {
    return this.at >= this.buf.length
  }

  skip(bytes: number): void {
    this.at += bytes
    if (this.at > this.buf.length) throw new Unreadable('ends early')
  }

  byte(): number {
    const byte = this.buf[this.at++]
    if (byte === undefined) throw new Unreadable('ends early')
    return byte
  }

  word(): number {
    this.skip(4)
    return this.buf.readUInt32LE(this.at - 4)
  }

  double(): number {
    this.skip(8)
    return this.buf.readDoubleLE(this.at - 8)
  }

  whole(): number {
    let value = 0
    for (let scale = 1; scale < 2 ** 36; scale *= 128) {
      const byte = this.byte()
      value += (byte & 0x7f) * scale
      if (byte < 0x80) return value
    }
    throw new Unreadable('number without end')
  }

  number(): number {
    const value = this.whole()
    return value === 0 ? this.double() : value - 1
  }

  text(): string | undefined {
    const length = this.whole()
    if (length === 0) return undefined
    const from = this.at
    this.skip(length - 1)
    return this.buf.toString('utf8', from, this.at)
  }

  /** How many things follow, none of which takes less than `bytes`: a lie is noticed before memory is spent on it. */
  count(bytes: number): number {
    const count = this.whole()
    if ((count - 1) * bytes > this.buf.length - this.at) throw new Unreadable('counts more than it holds')
    return count
  }
}
