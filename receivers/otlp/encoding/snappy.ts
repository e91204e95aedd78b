import { malformed, tooLarge } from './body-error.ts'
import { crc32c } from './crc32c.ts'

/** No element of the format turns one byte into more than 64 / 3 bytes; a header that claims more lies. */
const RATIO_MAX = 22
const STREAM_HEADER = Buffer.from([0xff, 0x06, 0x00, 0x00, 0x73, 0x4e, 0x61, 0x50, 0x70, 0x59])
const CHUNK_MAX = 65_536

/** Raw Snappy or the framed stream format: senders use the one name for both, and no block can begin like a stream. */
export function unsnappy(body: Buffer, limit: number): Buffer {
  const framed = body.length >= 10 && body.compare(STREAM_HEADER, 0, 10, 0, 10) === 0
  return framed ? unsnappyFramed(body, limit) : unsnappyBlock(body, limit)
}

/** One Snappy block: https://github.com/google/snappy/blob/main/format_description.txt */
export function unsnappyBlock(body: Buffer, limit: number): Buffer {
  const { length, next } = readLength(body)
  if (length > limit) throw tooLarge(limit)
  if (length > (body.length - next) * RATIO_MAX) throw malformed('snappy: the claimed length is impossible')
  const out = Buffer.allocUnsafe(length)
  if (decode(body, next, out) !== length) throw malformed('snappy: shorter than its claimed length')
  return out
}

/** The claimed size is a varint of 32 bits. */
function readLength(body: Buffer): { length: number; next: number } {
  let length = 0
  for (let i = 0; i < 5 && i < body.length; i++) {
    const byte = body[i] as number
    length += (byte & 0x7f) * 2 ** (7 * i)
    if (byte < 0x80) return { length, next: i + 1 }
  }
  throw malformed('snappy: no valid length')
}

function decode(src: Buffer, from: number, out: Buffer): number {
  let at = from
  let to = 0
  while (at < src.length) {
    const tag = src[at++] as number
    const kind = tag & 3
    if (kind === 0) {
      const extra = Math.max(0, (tag >>> 2) - 59)
      const length = (extra === 0 ? tag >>> 2 : littleEndian(src, at, extra)) + 1
      at += extra
      if (at + length > src.length || to + length > out.length) throw malformed('snappy: literal runs past the end')
      to = copyLiteral(src, at, length, out, to)
      at += length
      continue
    }
    const size = kind === 3 ? 4 : kind
    const length = kind === 1 ? 4 + ((tag >>> 2) & 7) : (tag >>> 2) + 1
    const offset = littleEndian(src, at, size) + (kind === 1 ? (tag >>> 5) << 8 : 0)
    at += size
    if (offset === 0 || offset > to || to + length > out.length) throw malformed('snappy: copy from outside the output')
    to = repeat(out, to, offset, length)
  }
  return to
}

/** Below this a call into the runtime costs more than copying byte by byte. */
const SHORT = 48

/** Copies `length` bytes that stand in the input as they are; returns the offset behind them. */
export function copyLiteral(src: Buffer, at: number, length: number, out: Buffer, to: number): number {
  if (length > SHORT) src.copy(out, to, at, at + length)
  else for (let i = 0; i < length; i++) out[to + i] = src[at + i] as number
  return to + length
}

/** Copies from what was just written; source and target may overlap, which repeats a pattern. */
export function repeat(out: Buffer, to: number, offset: number, length: number): number {
  if (offset >= length && length > SHORT) {
    out.copyWithin(to, to - offset, to - offset + length)
    return to + length
  }
  const end = to + length
  for (let at = to; at < end; at++) out[at] = out[at - offset] as number
  return end
}

function littleEndian(src: Buffer, at: number, size: number): number {
  if (at + size > src.length) throw malformed('snappy: cut off')
  if (size === 1) return src[at] as number
  if (size === 2) return (src[at] as number) | ((src[at + 1] as number) << 8)
  return src.readUIntLE(at, size)
}

/** Chunks with a checksum each: https://github.com/google/snappy/blob/main/framing_format.txt */
export function unsnappyFramed(body: Buffer, limit: number): Buffer {
  if (body.length < 10 || body.compare(STREAM_HEADER, 0, 10, 0, 10) !== 0) throw malformed('snappy: no stream header')
  const parts: Buffer[] = []
  let total = 0
  let at = 10
  while (at < body.length) {
    if (at + 4 > body.length) throw malformed('snappy: cut off')
    const end = at + 4 + body.readUIntLE(at + 1, 3)
    if (end > body.length) throw malformed('snappy: cut off')
    const part = readChunk(body[at] as number, body.subarray(at + 4, end))
    if (part !== undefined) {
      total += part.length
      if (total > limit) throw tooLarge(limit)
      parts.push(part)
    }
    at = end
  }
  return Buffer.concat(parts, total)
}

function readChunk(type: number, content: Buffer): Buffer | undefined {
  if (type > 1) {
    if (type < 0x80) throw malformed(`snappy: chunk type ${type} is unknown and must not be skipped`)
    return undefined
  }
  if (content.length < 4) throw malformed('snappy: chunk without checksum')
  const data = content.subarray(4)
  const size = type === 1 ? data.length : readLength(data).length
  if (size > CHUNK_MAX) throw malformed(`snappy: chunk of more than ${CHUNK_MAX} bytes`)
  const plain = type === 1 ? data : unsnappyBlock(data, CHUNK_MAX)
  const crc = crc32c(plain)
  // The mask that the format prescribes: rotated right by 15, plus a constant.
  const masked = (((crc >>> 15) | (crc << 17)) + 0xa282ead8) >>> 0
  if (masked !== content.readUInt32LE(0)) throw malformed('snappy: wrong checksum')
  return plain
}
