import { skipNumber } from './numbers.ts'
import {
  CLOSE_BRACE,
  CLOSE_BRACKET,
  COLON,
  expect,
  expectNext,
  isNull,
  isWord,
  type JsonSource,
  MINUS,
  OPEN_BRACE,
  OPEN_BRACKET,
  QUOTE,
  skipSpace,
} from './source.ts'
import { skipString } from './text.ts'

/** How deep a value that nobody reads may nest. */
export const SKIP_DEPTH_MAX = 1000

/** The closing marks that are due, outermost first. */
const due = new Uint8Array(SKIP_DEPTH_MAX)

/** Behind any value, which is held to the grammar of JSON as strictly as if it were read. */
export function skipValue(src: JsonSource, from: number): number {
  let depth = 0
  let at = skipSpace(src, from)
  for (;;) {
    const close = openedBy(src.bytes[at] as number)
    if (close === 0) at = skipScalar(src, at)
    else {
      if (depth === SKIP_DEPTH_MAX) src.fail(`nested more than ${SKIP_DEPTH_MAX} deep`, at)
      at = skipSpace(src, at + 1)
      if (src.bytes[at] !== close) {
        due[depth++] = close
        at = close === CLOSE_BRACE ? skipKey(src, at) : at
        continue
      }
      at++
    }
    // Behind a value: out of everything that ends here.
    while (depth > 0) {
      at = expectNext(src, at, due[depth - 1] as number) + 1
      if (src.bytes[at - 1] !== due[depth - 1]) break
      depth--
    }
    if (depth === 0) return at
    at = skipSpace(src, at)
    if (due[depth - 1] === CLOSE_BRACE) at = skipKey(src, at)
  }
}

const openedBy = (mark: number): number =>
  mark === OPEN_BRACE ? CLOSE_BRACE : mark === OPEN_BRACKET ? CLOSE_BRACKET : 0

function skipKey(src: JsonSource, at: number): number {
  if (src.bytes[at] !== QUOTE) src.fail('expected a key in quotes', at)
  return expect(src, skipString(src, at), COLON)
}

function skipScalar(src: JsonSource, at: number): number {
  const byte = src.bytes[at] as number
  if (byte === QUOTE) return skipString(src, at)
  if (byte === MINUS || (byte >= 0x30 && byte <= 0x39)) return skipNumber(src, at)
  if (isNull(src, at) || isTrue(src, at)) return at + 4
  if (isFalse(src, at)) return at + 5
  return src.fail('expected a value', at)
}

/** Whether `true` stands here. */
export const isTrue = (src: JsonSource, at: number): boolean => isWord(src, at, 0x65757274)

/** Whether `false` stands here. */
export const isFalse = (src: JsonSource, at: number): boolean =>
  src.bytes[at] === 0x66 && isWord(src, at + 1, 0x65736c61)
