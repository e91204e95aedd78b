import { malformed, tooLarge } from './body-error.ts'
import { copyLiteral, repeat } from './snappy.ts'
import { xxhash32 } from './xxhash32.ts'

const FRAME = 0x184d2204
const SKIPPABLE = 0x184d2a50
/** No sequence turns one byte into more than 255. */
const RATIO_MAX = 255

/** LZ4 frames, one or several: https://github.com/lz4/lz4/blob/dev/doc/lz4_Frame_format.md */
export function unlz4(body: Buffer, limit: number): Buffer {
  const out = new Output(limit)
  let at = 0
  while (at < body.length) {
    const magic = uint32(body, at)
    if (magic === FRAME) at = readFrame(body, at + 4, out)
    else if ((magic & 0xfffffff0) === SKIPPABLE) at = at + 8 + uint32(body, at + 4)
    else throw malformed('lz4: bad magic number')
    if (at > body.length) throw malformed('lz4: cut off')
  }
  return out.bytes.subarray(0, out.size)
}

/** What was decoded so far; grows with real data only, never by a claim alone. */
class Output {
  bytes: Buffer = Buffer.alloc(0)
  size = 0
  readonly limit: number
  constructor(limit: number) {
    this.limit = limit
  }

  /** Makes room for up to `count` more bytes; less when the limit comes first, where the decoder then stops. */
  reserve(count: number): void {
    const need = Math.min(this.size + count, this.limit)
    if (need <= this.bytes.length) return
    const grown = Buffer.allocUnsafe(Math.min(Math.max(need, this.bytes.length * 2), this.limit))
    this.bytes.copy(grown, 0, 0, this.size)
    this.bytes = grown
  }
}

interface Header {
  readonly next: number
  readonly blockMax: number
  readonly linked: boolean
  readonly blockChecksum: boolean
  readonly contentSize: number | undefined
  readonly contentChecksum: boolean
}

function readHeader(body: Buffer, at: number, limit: number): Header {
  if (at + 3 > body.length) throw malformed('lz4: cut off')
  const flags = body[at] as number
  const sizeCode = ((body[at + 1] as number) >>> 4) & 7
  if (flags >>> 6 !== 1 || sizeCode < 4 || (flags & 2) !== 0) throw malformed('lz4: unknown version or block size')
  if ((flags & 1) !== 0) throw malformed('lz4: dictionaries are not supported')
  const sized = (flags & 8) !== 0
  const checksumAt = at + 2 + (sized ? 8 : 0)
  if (checksumAt >= body.length) throw malformed('lz4: cut off')
  if (((xxhash32(body.subarray(at, checksumAt)) >>> 8) & 0xff) !== body[checksumAt])
    throw malformed('lz4: wrong header checksum')
  const contentSize = sized ? Number(body.readBigUInt64LE(at + 2)) : undefined
  if (contentSize !== undefined && contentSize > limit) throw tooLarge(limit)
  return {
    next: checksumAt + 1,
    blockMax: 1 << (8 + 2 * sizeCode),
    linked: (flags & 0x20) === 0,
    blockChecksum: (flags & 0x10) !== 0,
    contentSize,
    contentChecksum: (flags & 4) !== 0,
  }
}

function readFrame(body: Buffer, from: number, out: Output): number {
  const header = readHeader(body, from, out.limit)
  const begin = out.size
  let at = header.next
  for (;;) {
    const word = uint32(body, at)
    at += 4
    if (word === 0) break
    const end = at + (word & 0x7fffffff)
    if (end > body.length || end - at > header.blockMax) throw malformed('lz4: block runs past the end')
    const block = body.subarray(at, end)
    if (word >>> 31 === 1) copyPlain(block, out)
    else decodeBlock(block, out, header.blockMax, header.linked ? begin : out.size)
    at = end
    if (header.blockChecksum) at = check(body, at, block, 'block')
  }
  const content = out.bytes.subarray(begin, out.size)
  if (header.contentSize !== undefined && header.contentSize !== content.length)
    throw malformed('lz4: wrong content size')
  return header.contentChecksum ? check(body, at, content, 'content') : at
}

function check(body: Buffer, at: number, data: Buffer, what: string): number {
  if (uint32(body, at) !== xxhash32(data)) throw malformed(`lz4: wrong ${what} checksum`)
  return at + 4
}

function copyPlain(block: Buffer, out: Output): void {
  out.reserve(block.length)
  if (out.size + block.length > out.limit) throw tooLarge(out.limit)
  block.copy(out.bytes, out.size)
  out.size += block.length
}

/** `oldest`: matches must not reach back before it. */
function decodeBlock(src: Buffer, out: Output, blockMax: number, oldest: number): void {
  out.reserve(Math.min(blockMax, src.length * RATIO_MAX))
  const end = Math.min(out.bytes.length, out.size + blockMax)
  const bytes = out.bytes
  let to = out.size
  let at = 0
  while (at < src.length) {
    const token = src[at++] as number
    let literals = token >>> 4
    if (literals === 15) {
      const extra = readExtra(src, at)
      literals += extra.value
      at = extra.next
    }
    if (at + literals > src.length) throw malformed('lz4: literals run past the end')
    if (to + literals > end) throw overflow(out)
    to = copyLiteral(src, at, literals, bytes, to)
    at += literals
    if (at === src.length) break
    if (at + 2 > src.length) throw malformed('lz4: cut off')
    const offset = (src[at] as number) | ((src[at + 1] as number) << 8)
    at += 2
    let length = token & 15
    if (length === 15) {
      const extra = readExtra(src, at)
      length += extra.value
      at = extra.next
    }
    length += 4
    if (offset === 0 || to - offset < oldest) throw malformed('lz4: match from outside the output')
    if (to + length > end) throw overflow(out)
    to = repeat(bytes, to, offset, length)
  }
  out.size = to
}

const overflow = (out: Output) =>
  out.bytes.length >= out.limit ? tooLarge(out.limit) : malformed('lz4: block larger than the frame allows')

function readExtra(src: Buffer, from: number): { value: number; next: number } {
  let value = 0
  let at = from
  for (;;) {
    if (at >= src.length) throw malformed('lz4: cut off')
    const byte = src[at++] as number
    value += byte
    if (byte < 255) return { value, next: at }
  }
}

function uint32(body: Buffer, at: number): number {
  if (at + 4 > body.length) throw malformed('lz4: cut off')
  return body.readUInt32LE(at)
}
