import { decodeHex } from './hex.ts'
import { fail, input } from './input.ts'
import type { ProtoSink } from './sink.ts'
import { findStop, skipString, stringBetween } from './text.ts'

const QUOTE = 0x22

/**
 * Copies a trace or span id, hex of either case, as `size` bytes behind their length. `""`, which some senders write for
 * "no parent", has length 0.
 */
export function copyId(view: DataView, out: ProtoSink, at: number, size: number): number {
  const close = at + 1 + 2 * size
  const put = out.at
  if (
    view.getUint8(at) === QUOTE &&
    view.getUint8(close) === QUOTE &&
    decodeHex(view, at + 1, 2 * size, out.view, put + 1)
  ) {
    out.view.setUint8(put, size)
    out.at = put + 1 + size
    return close + 1
  }
  if (view.getInt16(at, true) === 0x2222) {
    out.view.setUint8(put, 0)
    out.at = put + 1
    return at + 2
  }
  return copyOddId(view, out, at, size)
}

/** An id with escapes in it is legal, if odd. */
function copyOddId(view: DataView, out: ProtoSink, at: number, size: number): number {
  if (view.getUint8(at) !== QUOTE) fail('expected an id in quotes', at)
  const end = skipString(view, at)
  const text = stringBetween(at, end)
  if (text.length !== 2 * size || !/^[0-9a-fA-F]*$/.test(text)) fail(`expected ${2 * size} hex digits`, at)
  out.putBytes(Buffer.from(text, 'hex'))
  return end
}

/** Values of base64 digits, of the standard and of the URL alphabet; 255 = none. */
const BASE64_DIGITS = new Uint8Array(256).fill(255)
for (const alphabet of ['+/', '-_']) {
  const digits = `ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789${alphabet}`
  for (let i = 0; i < 64; i++) BASE64_DIGITS[digits.charCodeAt(i)] = i
}

/** Copies a base64 string, in either alphabet and with or without padding, as bytes behind their length. */
export function copyBase64(view: DataView, out: ProtoSink, at: number): number {
  if (view.getUint8(at) !== QUOTE) fail('expected base64 in quotes', at)
  const stop = findStop(view, at + 1)
  const plain = view.getUint8(stop) === QUOTE
  const end = plain ? stop + 1 : skipString(view, at)
  const text = plain ? input.bytes.subarray(at + 1, stop) : Buffer.from(stringBetween(at, end))
  out.putBytes(decodeBase64(at, text))
  return end
}

function decodeBase64(at: number, text: Uint8Array): Uint8Array {
  let end = text.length
  while (end > 0 && text.length - end < 2 && text[end - 1] === 0x3d) end--
  const padded = end < text.length
  if (end % 4 === 1 || (padded && text.length % 4 !== 0)) fail('base64 of a wrong length', at)
  const out = new Uint8Array(Math.floor((end * 3) / 4))
  let bits = 0
  let held = 0
  let put = 0
  for (let i = 0; i < end; i++) {
    const digit = BASE64_DIGITS[text[i] as number] as number
    if (digit > 63) fail('expected base64', at)
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
