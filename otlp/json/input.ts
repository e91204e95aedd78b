import { isUtf8 } from 'node:buffer'
import { OtlpJsonError } from './errors.ts'
import { pathAt } from './path.ts'

const START_BYTES = 256 * 1024
/** What one huge body blew up past this is given back. */
const KEEP_BYTES = 8 * 1024 * 1024
/** More than any reader looks ahead. */
const PADDING = 64

/**
 * The document that is being read, in a buffer of our own and with zeros behind it. No valid JSON holds a zero byte, so
 * every loop and comparison ends there by itself, and none has to ask for the end first. One copy of the body costs a few
 * percent; asking at every step cost a third.
 *
 * Readers take the view and an offset, and return the offset behind what they read. Offsets travel in arguments and
 * results because a field that each step loads and stores makes the whole several times slower.
 */
class JsonInput {
  bytes: Buffer = Buffer.alloc(0)
  view: DataView = new DataView(new ArrayBuffer(0))
  /** The same bytes as words. */
  words: Int32Array = new Int32Array(0)
  end = 0
  /** The document alone. */
  text: Buffer = this.bytes
  private backslash = -1

  load(body: Buffer): void {
    const needed = body.length + PADDING
    if (needed > this.bytes.length || this.bytes.length > KEEP_BYTES) this.allocate(Math.max(needed, START_BYTES))
    body.copy(this.bytes)
    this.bytes.fill(0, body.length, needed)
    this.end = body.length
    this.text = this.bytes.subarray(0, this.end)
    this.backslash = -1
    // Once and for all: every later reader may copy text as it is.
    if (!isUtf8(body)) fail('not valid UTF-8', invalidUtf8(body))
  }

  private allocate(size: number): void {
    this.bytes = Buffer.allocUnsafeSlow((size + 3) & ~3)
    const { buffer, byteOffset, length } = this.bytes
    this.view = new DataView(buffer, byteOffset, length)
    this.words = new Int32Array(buffer, byteOffset, length / 4)
  }

  /** The first quote at or behind `from`, or the end. */
  nextQuote(from: number): number {
    const at = this.text.indexOf(0x22, from)
    return at < 0 ? this.end : at
  }

  /** The same of backslashes. Many documents have few or none, so the last answer is kept. */
  nextBackslash(from: number): number {
    if (this.backslash < from) {
      const at = this.text.indexOf(0x5c, from)
      this.backslash = at < 0 ? this.end : at
    }
    return this.backslash
  }
}

export const input = new JsonInput()

/** Says what was expected or wrong, and where. */
export function fail(what: string, at: number): never {
  const found = at >= input.end ? ', but the document ends' : ''
  throw new OtlpJsonError(what + found, at, pathAt(input.text, at))
}

/** Where text stops being UTF-8, by halving, with a whole character at each border. */
function invalidUtf8(body: Buffer): number {
  let from = 0
  let to = body.length
  while (to - from > 4) {
    let middle = (from + to) >>> 1
    for (let i = 0; i < 3 && ((body[middle] as number) & 0xc0) === 0x80; i++) middle--
    if (middle <= from) break
    if (isUtf8(body.subarray(from, middle))) from = middle
    else to = middle
  }
  return from
}
