import { skipNumber } from './numbers.ts'
import { CLOSE_BRACE, CLOSE_BRACKET, type JsonSource, OPEN_BRACE, OPEN_BRACKET, QUOTE } from './source.ts'
import { skipString } from './text.ts'

/** How deep a value that nobody reads may nest. */
export const SKIP_DEPTH_MAX = 1000

/** The closing marks that are due, outermost first. */
const due = new Uint8Array(SKIP_DEPTH_MAX)

/** Steps over any value, holding it to the grammar of JSON as strictly as if it were read. */
export function skipValue(src: JsonSource): void {
  let depth = 0
  for (;;) {
    const close = openedBy(src.peek())
    if (close !== 0) {
      if (depth === SKIP_DEPTH_MAX) src.fail(`nested more than ${SKIP_DEPTH_MAX} deep`)
      src.at++
      if (src.peek() === close) src.at++
      else {
        due[depth++] = close
        if (close === CLOSE_BRACE) skipKey(src)
        continue
      }
    } else skipScalar(src)
    // Behind a value: out of everything that ends here.
    while (depth > 0 && !src.more(due[depth - 1] as number)) depth--
    if (depth === 0) return
    if (due[depth - 1] === CLOSE_BRACE) skipKey(src)
  }
}

const openedBy = (mark: number): number =>
  mark === OPEN_BRACE ? CLOSE_BRACE : mark === OPEN_BRACKET ? CLOSE_BRACKET : 0

function skipKey(src: JsonSource): void {
  if (src.peek() !== QUOTE) src.fail('expected a key in quotes')
  skipString(src)
  src.expect(0x3a)
}

function skipScalar(src: JsonSource): void {
  const byte = src.at < src.end ? src.bytes[src.at] : 0
  if (byte === QUOTE) skipString(src)
  else if (byte === 0x6e && src.isNull()) return
  else if (byte === 0x74 || byte === 0x66) readBool(src)
  else if (byte === 0x2d || (byte !== undefined && byte >= 0x30 && byte <= 0x39)) skipNumber(src)
  else src.fail('expected a value')
}

/** `true` or `false`. */
export function readBool(src: JsonSource): boolean {
  if (src.literal(0x65757274)) return true
  if (src.bytes[src.at] === 0x66) {
    src.at++
    if (src.literal(0x65736c61)) return false
    src.at--
  }
  return src.fail('expected true or false')
}
