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
 * A JSON document. Readers take it and an offset, and return the offset behind what they read; they throw
 * {@link OtlpJsonError}, through {@link fail}. Offsets travel in arguments and results because a field that every step
 * loads and stores makes the whole several times slower.
 */
export class JsonSource {
  readonly bytes: Buffer
  readonly view: DataView
  readonly end: number

  constructor(body: Buffer) {
    this.bytes = body
    this.view = new DataView(body.buffer, body.byteOffset, body.length)
    this.end = body.length
    // Once and for all: every later reader may copy text as it is.
    if (!isUtf8(body)) this.fail('not valid UTF-8', invalidUtf8(body))
  }

  /** Says what was expected or wrong, and where. */
  fail(what: string, at: number): never {
    const found = at >= this.end ? ', but the document ends' : ''
    throw new OtlpJsonError(what + found, at, pathAt(this.bytes, at))
  }
}

/** The next byte that is not white space. There must be one: no value ends without a mark behind it. */
export function skipSpace(src: JsonSource, from: number): number {
  return from < src.end && (src.bytes[from] as number) > 0x20 ? from : skipSpaces(src, from)
}

function skipSpaces(src: JsonSource, from: number): number {
  const at = spaceEnd(src, from)
  return at < src.end ? at : src.fail('expected more', at)
}

/** The next byte that is not white space, or the end. */
export function spaceEnd(src: JsonSource, from: number): number {
  const { bytes, end } = src
  let at = from
  while (at < end && (bytes[at] === 0x20 || bytes[at] === 0x0a || bytes[at] === 0x0d || bytes[at] === 0x09)) at++
  return at
}

const quoted = (mark: number): string => JSON.stringify(String.fromCharCode(mark))

/** Behind this punctuation mark and the white space around it. */
export function expect(src: JsonSource, from: number, mark: number): number {
  const at = skipSpace(src, from)
  if (src.bytes[at] !== mark) src.fail(`expected ${quoted(mark)}`, at)
  return skipSpace(src, at + 1)
}

/** At the comma or the closing mark behind a member or element. */
export function expectNext(src: JsonSource, from: number, close: number): number {
  const at = skipSpace(src, from)
  const mark = src.bytes[at]
  return mark === COMMA || mark === close ? at : src.fail(`expected "," or ${quoted(close)}`, at)
}

/** Whether `null` stands here. */
export const isNull = (src: JsonSource, at: number): boolean => src.bytes[at] === 0x6e && isWord(src, at, 0x6c6c756e)

/** Whether these four letters, as a little-endian word, stand here. */
export const isWord = (src: JsonSource, at: number, word: number): boolean =>
  at + 4 <= src.end && src.view.getInt32(at, true) === word

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
