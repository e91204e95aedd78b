import { isUtf8 } from 'node:buffer'
import { OtlpJsonError } from './errors.ts'
import { pathAt } from './path.ts'

export const QUOTE = 0x22
export const BACKSLASH = 0x5c
export const COMMA = 0x2c
export const COLON = 0x3a
export const OPEN_BRACE = 0x7b
export const CLOSE_BRACE = 0x7d
export const OPEN_BRACKET = 0x5b
export const CLOSE_BRACKET = 0x5d
export const MINUS = 0x2d

/**
 * A JSON document and a place in it. Readers take it, move `at` behind what they read, and throw {@link OtlpJsonError}
 * through {@link fail}. Nobody reads a byte at or behind `end`.
 */
export class JsonSource {
  readonly bytes: Buffer
  readonly view: DataView
  readonly end: number
  at = 0

  constructor(body: Buffer) {
    this.bytes = body
    this.view = new DataView(body.buffer, body.byteOffset, body.length)
    this.end = body.length
    // A byte order mark is not JSON, yet some platforms write one.
    if (body.length >= 3 && body[0] === 0xef && body[1] === 0xbb && body[2] === 0xbf) this.at = 3
    // Once and for all: every later reader may copy text as it is.
    if (!isUtf8(body)) this.fail('not valid UTF-8', invalidUtf8(body))
  }

  /** Goes to the next byte that is not white space and returns it; 0, which no JSON has there, at the end. */
  peek(): number {
    const { bytes, end } = this
    let at = this.at
    while (at < end) {
      const byte = bytes[at] as number
      if (byte > 0x20 || (byte !== 0x20 && byte !== 0x0a && byte !== 0x0d && byte !== 0x09)) {
        this.at = at
        return byte
      }
      at++
    }
    this.at = at
    return 0
  }

  /** Steps over one punctuation mark, white space before it included. */
  expect(mark: number): void {
    if (this.peek() !== mark) this.fail(`expected ${JSON.stringify(String.fromCharCode(mark))}`)
    this.at++
  }

  /** Behind a member or element: true and behind the comma when another follows, false and behind the `close` mark else. */
  more(close: number): boolean {
    const mark = this.peek()
    if (mark === COMMA) {
      this.at++
      return true
    }
    if (mark !== close) this.fail(`expected "," or ${JSON.stringify(String.fromCharCode(close))}`)
    this.at++
    return false
  }

  /** Steps over `null` and says so; does nothing at anything else. The place must be that of a value. */
  isNull(): boolean {
    return this.bytes[this.at] === 0x6e && this.literal(0x6c6c756e)
  }

  /** Steps over the four letters of this little-endian word. */
  literal(word: number): boolean {
    if (this.at + 4 > this.end || this.view.getInt32(this.at, true) !== word) return false
    this.at += 4
    return true
  }

  /** Says what was expected or wrong; what stands there instead is added. */
  fail(what: string, at: number = this.at): never {
    const found = at >= this.end ? ', but the document ends' : ''
    throw new OtlpJsonError(what + found, at, pathAt(this.bytes, at))
  }
}

/** Where text stops being UTF-8, by halving, with a whole character at each border. */
function invalidUtf8(body: Buffer): number {
  let from = 0
  let to = body.length
  while (to - from > 4) {
    let middle = (from + to) >>> 1
    for (let i = 0; i < 3 && ((body[middle] as number) & 0xc0) === 0x80; i++) middle--
    if (middle > from && isUtf8(body.subarray(from, middle))) from = middle
    else if (middle > from) to = middle
    else break
  }
  return from
}
