import { decodeHex } from './hex.ts'
import type { ProtoSink } from './sink.ts'
import { type JsonSource, QUOTE } from './source.ts'
import { findStop, skipString, stringBetween } from './text.ts'

/**
 * Copies a trace or span id, hex of either case, as `size` bytes behind their length. `""`, which some senders write for
 * "no parent", has length 0.
 */
export function copyId(src: JsonSource, out: ProtoSink, at: number, size: number): number {
  const { bytes } = src
  const close = at + 1 + 2 * size
  const put = out.at
  if (
    close < src.end &&
    bytes[at] === QUOTE &&
    bytes[close] === QUOTE &&
    decodeHex(src.view, at + 1, 2 * size, out.view, put + 1)
  ) {
    bytes2(out, put, size)
    return close + 1
  }
  if (bytes[at] === QUOTE && at + 1 < src.end && bytes[at + 1] === QUOTE) {
    out.bytes[out.at++] = 0
    return at + 2
  }
  return copyOddId(src, out, at, size)
}

function bytes2(out: ProtoSink, put: number, size: number): void {
  out.bytes[put] = size
  out.at = put + 1 + size
}

/** An id with escapes in it is legal, if odd. */
function copyOddId(src: JsonSource, out: ProtoSink, at: number, size: number): number {
  if (src.bytes[at] !== QUOTE) src.fail('expected an id in quotes', at)
  const end = skipString(src, at)
  const text = stringBetween(src, at, end)
  if (text.length !== 2 * size || !/^[0-9a-fA-F]*$/.test(text)) src.fail(`expected ${2 * size} hex digits`, at)
  out.bytes[out.at] = size
  out.bytes.write(text, out.at + 1, 'hex')
  out.at += 1 + size
  return end
}

/** Values of base64 digits, of the standard and of the URL alphabet; 255 = none. */
const BASE64_DIGITS = new Uint8Array(256).fill(255)
for (const alphabet of ['+/', '-_']) {
  const digits = `ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789${alphabet}`
  for (let i = 0; i < 64; i++) BASE64_DIGITS[digits.charCodeAt(i)] = i
}

/** Copies a base64 string, in either alphabet and with or without padding, as bytes behind their length. */
export function copyBase64(src: JsonSource, out: ProtoSink, at: number): number {
  if (src.bytes[at] !== QUOTE) src.fail('expected base64 in quotes', at)
  const stop = findStop(src, at + 1)
  const plain = stop < src.end && src.bytes[stop] === QUOTE
  const end = plain ? stop + 1 : skipString(src, at)
  const text = plain ? src.bytes.subarray(at + 1, stop) : Buffer.from(stringBetween(src, at, end))
  out.putBytes(decodeBase64(src, at, text))
  return end
}

function decodeBase64(src: JsonSource, at: number, text: Uint8Array): Uint8Array {
  let end = text.length
  while (end > 0 && text.length - end < 2 && text[end - 1] === 0x3d) end--
  const padded = end < text.length
  if (end % 4 === 1 || (padded && text.length % 4 !== 0)) src.fail('base64 of a wrong length', at)
  const out = new Uint8Array(Math.floor((end * 3) / 4))
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
