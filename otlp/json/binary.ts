import type { ProtoSink } from './sink.ts'
import { type JsonSource, QUOTE } from './source.ts'
import { findStop, HEX_DIGITS, readString } from './text.ts'

/**
 * Copies a trace or span id, hex of either case, as `size` bytes behind their length. Returns false at `""`, which some
 * senders write for "no parent".
 */
export function copyId(src: JsonSource, out: ProtoSink, size: number): boolean {
  const from = src.at + 1
  const to = from + 2 * size
  const { bytes } = src
  if (from < src.end && bytes[from] === QUOTE && bytes[src.at] === QUOTE) {
    src.at = from + 1
    out.bytes[out.at++] = 0
    return false
  }
  const put = out.at + 1
  const plain =
    to < src.end && bytes[src.at] === QUOTE && bytes[to] === QUOTE && decodeHex(bytes, from, to, out.bytes, put)
  if (plain) src.at = to + 1
  else copyOddId(src, out, size)
  out.bytes[put - 1] = size
  out.at = put + size
  return true
}

function decodeHex(bytes: Uint8Array, from: number, to: number, out: Uint8Array, put: number): boolean {
  let seen = 0
  let at = put
  for (let i = from; i < to; i += 2) {
    const upper = HEX_DIGITS[bytes[i] as number] as number
    const lower = HEX_DIGITS[bytes[i + 1] as number] as number
    seen |= upper | lower
    out[at++] = (upper << 4) | lower
  }
  return seen < 16
}

/** An id with escapes in it is legal, if odd. */
function copyOddId(src: JsonSource, out: ProtoSink, size: number): void {
  const at = src.at
  if (src.bytes[at] !== QUOTE) src.fail('expected an id in quotes')
  const text = Buffer.from(readString(src), 'latin1')
  if (text.length !== 2 * size || !decodeHex(text, 0, text.length, out.bytes, out.at + 1)) {
    src.fail(`expected ${2 * size} hex digits`, at)
  }
}

/** Values of base64 digits, of the standard and of the URL alphabet; 255 = none. */
const BASE64_DIGITS = new Uint8Array(256).fill(255)
for (const alphabet of ['+/', '-_']) {
  const digits = `ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789${alphabet}`
  for (let i = 0; i < 64; i++) BASE64_DIGITS[digits.charCodeAt(i)] = i
}

/** The bytes of a base64 string: either alphabet, with or without padding. The caller writes them. */
export function readBase64(src: JsonSource): Buffer {
  const from = src.at
  if (src.bytes[from] !== QUOTE) src.fail('expected base64 in quotes')
  const stop = findStop(src, from + 1)
  if (stop < src.end && src.bytes[stop] === QUOTE) {
    src.at = stop + 1
    return decodeBase64(src, from, src.bytes.subarray(from + 1, stop))
  }
  return decodeBase64(src, from, Buffer.from(readString(src), 'latin1'))
}

function decodeBase64(src: JsonSource, at: number, text: Uint8Array): Buffer {
  let end = text.length
  while (end > 0 && text.length - end < 2 && text[end - 1] === 0x3d) end--
  const padded = end < text.length
  if (end % 4 === 1 || (padded && text.length % 4 !== 0)) src.fail('base64 of a wrong length', at)
  const out = Buffer.allocUnsafe(Math.floor((end * 3) / 4))
  let bits = 0
  let held = 0
  let put = 0
  for (let i = 0; i < end; i++) {
    const digit = BASE64_DIGITS[text[i] as number] as number
    if (digit > 63) src.fail('expected base64', at)
    bits = (bits << 6) | digit
    held += 6
    if (held >= 8) {
      held -= 8
      out[put++] = bits >>> held
      bits &= (1 << held) - 1
    }
  }
  return out
}
