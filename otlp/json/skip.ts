import { fail } from './input.ts'
import {
  CLOSE_BRACE,
  CLOSE_BRACKET,
  COLON,
  expectMark,
  expectNext,
  isFalse,
  isNull,
  isTrue,
  OPEN_BRACE,
  OPEN_BRACKET,
  QUOTE,
  skipSpace,
} from './marks.ts'
import { skipNumber } from './numbers.ts'
import { skipString } from './text.ts'

/** How deep a value that nobody reads may nest. */
const SKIP_DEPTH_MAX = 1000

/** The closing marks that are due, outermost first. */
const due = new Uint8Array(SKIP_DEPTH_MAX)

/** Behind any value, which is held to the grammar of JSON as strictly as if it were read. */
export function skipValue(view: DataView, from: number): number {
  let depth = 0
  let at = from
  for (;;) {
    const close = openedBy(view.getUint8(at))
    if (close === 0) at = skipScalar(view, at)
    else {
      if (depth === SKIP_DEPTH_MAX) fail(`nested more than ${SKIP_DEPTH_MAX} deep`, at)
      at = skipSpace(view, at + 1)
      if (view.getUint8(at) !== close) {
        due[depth++] = close
        at = close === CLOSE_BRACE ? skipKey(view, at) : at
        continue
      }
      at++
    }
    // Behind a value: out of everything that ends here.
    while (depth > 0) {
      at = expectNext(view, at, due[depth - 1] as number) + 1
      if (view.getUint8(at - 1) !== due[depth - 1]) break
      depth--
    }
    if (depth === 0) return at
    at = skipSpace(view, at)
    if (due[depth - 1] === CLOSE_BRACE) at = skipKey(view, at)
  }
}

const openedBy = (mark: number): number =>
  mark === OPEN_BRACE ? CLOSE_BRACE : mark === OPEN_BRACKET ? CLOSE_BRACKET : 0

function skipKey(view: DataView, at: number): number {
  if (view.getUint8(at) !== QUOTE) fail('expected a key in quotes', at)
  return expectMark(view, skipString(view, at), COLON)
}

function skipScalar(view: DataView, at: number): number {
  const byte = view.getUint8(at)
  if (byte === QUOTE) return skipString(view, at)
  if (byte === 0x2d || (byte >= 0x30 && byte <= 0x39)) return skipNumber(view, at)
  if (isNull(view, at) || isTrue(view, at)) return at + 4
  if (isFalse(view, at)) return at + 5
  return fail('expected a value', at)
}
