import { constants } from 'node:buffer'
import { Malformed } from '../malformed.ts'
import { viewOf } from './sink.ts'
import { stops } from './text.ts'

const START_BYTES = 256 * 1024
/** A scratch buffer that one huge request blew up past this is given back. */
const KEEP_BYTES = 8 * 1024 * 1024

const HEX = '0123456789abcdef'
const hexDigit = (value: number): number => HEX.charCodeAt(value & 15)

/** How a control character, a quote or a backslash is written behind the backslash, by its code; 0 = as `\u00XX`. */
const SHORT_ESCAPES = new Uint8Array(128)
for (const [byte, mark] of ['""', '\\\\', '\bb', '\ff', '\nn', '\rr', '\tt'].map((pair) => Buffer.from(pair))) {
  if (byte !== undefined && mark !== undefined) SHORT_ESCAPES[byte] = mark
}

/** Runs of text up to this length are copied byte by byte. */
const SHORT_RUN = 64

const needsEscape = (byte: number): boolean => byte < 0x20 || byte === 0x22 || byte === 0x5c

/** JSON under construction, in bytes: most of it is text that is in bytes already. Used again and again. */
export class JsonSink {
  bytes: Buffer = Buffer.allocUnsafeSlow(START_BYTES)
  view: DataView = viewOf(this.bytes)
  at = 0

  reset(): void {
    if (this.bytes.length > KEEP_BYTES) this.allocate(START_BYTES)
    this.at = 0
  }

  ensure(count: number): void {
    if (this.at + count <= this.bytes.length) return
    const old = this.bytes
    this.allocate(Math.max(old.length * 2, this.at + count))
    old.copy(this.bytes, 0, 0, this.at)
  }

  private allocate(size: number): void {
    this.bytes = Buffer.allocUnsafeSlow(size)
    this.view = viewOf(this.bytes)
  }

  /** One punctuation mark. */
  mark(byte: number): void {
    this.ensure(1)
    this.bytes[this.at++] = byte
  }

  /** ASCII that needs no escapes. */
  ascii(text: string): void {
    this.ensure(text.length)
    for (let i = 0; i < text.length; i++) this.bytes[this.at++] = text.charCodeAt(i)
  }

  /** ASCII in little-endian words, of which the last may hold less. */
  words(from: Int32Array, length: number): void {
    this.ensure(4 * from.length)
    for (let i = 0; i < from.length; i++) this.view.setInt32(this.at + 4 * i, from[i] as number, true)
    this.at += length
  }

  /** UTF-8 text in quotes. */
  text(from: Buffer, start: number, end: number): void {
    this.mark(0x22)
    let at = start
    for (;;) {
      at = this.run(from, at, end)
      if (at === end) break
      this.escape(from[at] as number)
      at++
    }
    this.mark(0x22)
  }

  /** Text up to the first byte that needs an escape, whose place is returned. */
  private run(from: Buffer, start: number, end: number): number {
    const last = Math.min(end, start + SHORT_RUN)
    this.ensure(SHORT_RUN)
    const to = this.bytes
    let put = this.at
    let at = start
    while (at < last) {
      const byte = from[at] as number
      if (needsEscape(byte)) break
      to[put++] = byte
      at++
    }
    this.at = put
    return at < last || at === end ? at : this.longRun(from, at, end)
  }

  /** The rest of a run that is long: measured first and then copied by the runtime. */
  private longRun(from: Buffer, start: number, end: number): number {
    const words = new DataView(from.buffer, from.byteOffset, from.length)
    let at = start
    while (at + 4 <= end && stops(words.getInt32(at, true)) === 0) at += 4
    while (at < end && !needsEscape(from[at] as number)) at++
    this.ensure(at - start)
    this.at += from.copy(this.bytes, this.at, start, at)
    return at
  }

  private escape(byte: number): void {
    this.ensure(6)
    const mark = SHORT_ESCAPES[byte] as number
    this.bytes[this.at++] = 0x5c
    if (mark !== 0) this.bytes[this.at++] = mark
    else {
      this.ascii('u00')
      this.bytes[this.at++] = hexDigit(byte >>> 4)
      this.bytes[this.at++] = hexDigit(byte)
    }
  }

  /** Bytes as lower-case hex in quotes. */
  hex(from: Buffer, start: number, end: number): void {
    this.ensure(2 * (end - start) + 2)
    this.bytes[this.at++] = 0x22
    for (let i = start; i < end; i++) {
      const byte = from[i] as number
      this.bytes[this.at++] = hexDigit(byte >>> 4)
      this.bytes[this.at++] = hexDigit(byte)
    }
    this.bytes[this.at++] = 0x22
  }

  /** Bytes as base64 in quotes. */
  base64(from: Buffer, start: number, end: number): void {
    this.mark(0x22)
    const text = from.toString('base64', start, end)
    this.ensure(text.length)
    this.at += this.bytes.write(text, this.at, 'latin1')
    this.mark(0x22)
  }

  /** What was written. Bytes that are not UTF-8 become U+FFFD. */
  finish(): string {
    if (this.at > constants.MAX_STRING_LENGTH) throw new Malformed('larger in JSON than a string may be', 0)
    return this.bytes.toString('utf8', 0, this.at)
  }
}
