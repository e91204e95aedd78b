import { crc32 } from 'node:zlib'

/*
 * One frame: "TFL1", length of the payload, CRC-32 of the payload (little-endian words), payload. The mark makes the
 * next frame findable after damage, which is how a torn end is told from a broken middle.
 */
const MARK = Buffer.from('TFL1')
const MARK_WORD = MARK.readUInt32LE(0)
const HEADER = 12
const LARGEST = 16 * 1024 * 1024
const SMALLEST_BUFFER = 16 * 1024

/** Frames waiting to be written, in one buffer that is used again. */
export class FrameBuffer {
  /** Bytes of whole frames. */
  length = 0
  private buf: Buffer = Buffer.allocUnsafeSlow(SMALLEST_BUFFER)
  private view = new DataView(this.buf.buffer)
  /** Where the next byte of the open frame goes. */
  private at = 0

  addText(text: string): void {
    this.begin(text.length * 3)
    this.at += this.buf.write(text, this.at)
    this.end()
  }

  addBytes(bytes: Uint8Array): void {
    this.begin(bytes.length)
    this.buf.set(bytes, this.at)
    this.at += bytes.length
    this.end()
  }

  /** Opens a frame, to be written with what follows and closed with `end`. */
  begin(bytes: number): void {
    this.at = this.length
    this.reserve(HEADER + bytes)
    this.at += HEADER
  }

  /** Makes room for so many bytes more; whoever writes more than it asked for writes beyond the end. */
  reserve(bytes: number): void {
    if (this.at + bytes <= this.buf.length) return
    const grown = Buffer.allocUnsafeSlow(Math.max(this.buf.length * 2, this.at + bytes))
    this.buf.copy(grown, 0, 0, this.at)
    this.buf = grown
    this.view = new DataView(grown.buffer)
  }

  byte(value: number): void {
    this.buf[this.at++] = value
  }

  word(value: number): void {
    this.view.setInt32(this.at, value, true)
    this.at += 4
  }

  double(value: number): void {
    this.view.setFloat64(this.at, value, true)
    this.at += 8
  }

  /** Seven bits a byte, lowest first. */
  whole(value: number): void {
    let rest = value
    for (; rest > 127; rest >>>= 7) this.buf[this.at++] = (rest & 127) | 128
    this.buf[this.at++] = rest
  }

  text(value: string): void {
    const length = Buffer.byteLength(value)
    this.reserve(length + 5)
    this.whole(length)
    this.at += this.buf.write(value, this.at)
  }

  /** Bytes in the open frame. */
  get open(): number {
    return Math.max(0, this.at - this.length - HEADER)
  }

  end(): void {
    const start = this.length
    const size = this.at - start - HEADER
    this.view.setUint32(start, MARK_WORD, true)
    this.view.setUint32(start + 4, size, true)
    this.view.setUint32(start + 8, crc32(this.buf.subarray(start + HEADER, this.at)), true)
    this.length = this.at
  }

  bytes(): Buffer {
    return this.buf.subarray(0, this.length)
  }

  clear(): void {
    this.length = 0
    this.at = 0
  }
}

/** How reading a file ended: everything was sound, its last write was cut off, or something in it was damaged. */
export type ScanEnd = { readonly kind: 'clean' | 'torn' | 'damaged'; readonly at: number }

/** Hands out the payloads in order and stops at the first frame that is not sound. */
export function scanFrames(buf: Buffer, each: (payload: Buffer) => void): ScanEnd {
  let at = 0
  while (at < buf.length) {
    const size = soundSize(buf, at)
    if (size < 0) return { kind: hasFrameAfter(buf, at) ? 'damaged' : 'torn', at }
    each(buf.subarray(at + HEADER, at + HEADER + size))
    at += HEADER + size
  }
  return { kind: 'clean', at }
}

/** Length of the payload of a sound frame at `at`, else -1. */
function soundSize(buf: Buffer, at: number): number {
  if (at + HEADER > buf.length || buf.readUInt32LE(at) !== MARK_WORD) return -1
  const size = buf.readUInt32LE(at + 4)
  if (size > LARGEST || at + HEADER + size > buf.length) return -1
  return crc32(buf.subarray(at + HEADER, at + HEADER + size)) === buf.readUInt32LE(at + 8) ? size : -1
}

function hasFrameAfter(buf: Buffer, at: number): boolean {
  for (let from = buf.indexOf(MARK, at + 1); from >= 0; from = buf.indexOf(MARK, from + 1)) {
    if (soundSize(buf, from) >= 0) return true
  }
  return false
}
