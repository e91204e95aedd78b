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
  end = 0

  load(body: Buffer): void {
    const needed = body.length + PADDING
    if (needed > this.bytes.length || this.bytes.length > KEEP_BYTES) this.allocate(Math.max(needed, START_BYTES))
    body.copy(this.bytes)
    this.bytes.fill(0, body.length, needed)
    this.end = body.length
    // Once and for all: every later reader may copy text as it is.
    if (!isUtf8(body)) fail('not valid UTF-8', invalidUtf8(body))
  }

  private allocate(size: number): void {
    this.bytes = Buffer.allocUnsafeSlow(size)
    this.view = new DataView(this.bytes.buffer, this.bytes.byteOffset, size)
  }
}

export const input = new JsonInput()

/** Says what was expected or wrong, and where. */
export function fail(what: string, at: number): never {
  const found = at >= input.end ? ', but the document ends' : ''
  throw new OtlpJsonError(what + found, at, pathAt(input.bytes.subarray(0, input.end), at))
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
