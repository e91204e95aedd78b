/**
 * The least that these formats allow: everything stored, nothing compressed. Written from the format descriptions, so
 * that a target's decoder is not tested against its own encoder.
 */

/** https://github.com/google/snappy/blob/main/format_description.txt: one literal. */
export function snappyBlock(plain: Buffer): Buffer {
  const size: number[] = []
  for (let n = plain.length; ; n >>>= 7) {
    size.push(n > 0x7f ? (n & 0x7f) | 0x80 : n)
    if (n <= 0x7f) break
  }
  if (plain.length === 0) return Buffer.from(size)
  const literal = Buffer.alloc(5)
  literal[0] = 63 << 2
  literal.writeUInt32LE(plain.length - 1, 1)
  return Buffer.concat([Buffer.from(size), literal, plain])
}

/** https://github.com/google/snappy/blob/main/framing_format.txt: one uncompressed chunk per 64 KiB. */
export function snappyFramed(plain: Buffer): Buffer {
  const parts: Buffer[] = [Buffer.from('ff060000734e61507059', 'hex')]
  for (let at = 0; at < plain.length; at += 65_536) {
    const part = plain.subarray(at, at + 65_536)
    const head = Buffer.alloc(8)
    head[0] = 1
    head.writeUIntLE(part.length + 4, 1, 3)
    const crc = crc32c(part)
    head.writeUInt32LE((((crc >>> 15) | (crc << 17)) + 0xa282ead8) >>> 0, 4)
    parts.push(head, part)
  }
  return Buffer.concat(parts)
}

/** Bit by bit: slow and plainly right. */
function crc32c(bytes: Buffer): number {
  let crc = 0xffffffff
  for (const byte of bytes) {
    crc ^= byte
    for (let bit = 0; bit < 8; bit++) crc = (crc >>> 1) ^ (crc & 1 ? 0x82f63b78 : 0)
  }
  return (crc ^ 0xffffffff) >>> 0
}

/** https://github.com/lz4/lz4/blob/dev/doc/lz4_Frame_format.md: 64 KiB blocks, none compressed, no checksum but the header's. */
export function lz4Frame(plain: Buffer): Buffer {
  // The last byte is the checksum of the two before it.
  const parts: Buffer[] = [Buffer.from('04224d18604082', 'hex')]
  for (let at = 0; at < plain.length; at += 65_536) {
    const part = plain.subarray(at, at + 65_536)
    const head = Buffer.alloc(4)
    head.writeUInt32LE((part.length | 0x80000000) >>> 0)
    parts.push(head, part)
  }
  return Buffer.concat([...parts, Buffer.alloc(4)])
}
