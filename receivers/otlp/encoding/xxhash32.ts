const P1 = 0x9e3779b1 | 0
const P2 = 0x85ebca77 | 0
const P3 = 0xc2b2ae3d | 0
const P4 = 0x27d4eb2f | 0
const P5 = 0x165667b1 | 0

const rotate = (x: number, by: number): number => (x << by) | (x >>> (32 - by))

/** xxHash32 with seed 0, unsigned: the checksum of LZ4 frames. */
export function xxhash32(bytes: Buffer): number {
  const end = bytes.length
  let at = 0
  let hash = P5
  if (end >= 16) {
    const stripes = end - (end % 16)
    hash = stripesOf(bytes, stripes)
    at = stripes
  }
  hash = (hash + end) | 0
  for (; at + 4 <= end; at += 4) {
    hash = Math.imul(rotate((hash + Math.imul(bytes.readInt32LE(at), P3)) | 0, 17), P4)
  }
  for (; at < end; at++) hash = Math.imul(rotate((hash + Math.imul(bytes[at] as number, P5)) | 0, 11), P1)
  return avalanche(hash)
}

function stripesOf(bytes: Buffer, end: number): number {
  let a = (P1 + P2) | 0
  let b = P2
  let c = 0
  let d = -P1 | 0
  for (let at = 0; at < end; at += 16) {
    a = round(a, bytes.readInt32LE(at))
    b = round(b, bytes.readInt32LE(at + 4))
    c = round(c, bytes.readInt32LE(at + 8))
    d = round(d, bytes.readInt32LE(at + 12))
  }
  return (rotate(a, 1) + rotate(b, 7) + rotate(c, 12) + rotate(d, 18)) | 0
}

const round = (lane: number, word: number): number => Math.imul(rotate((lane + Math.imul(word, P2)) | 0, 13), P1)

function avalanche(hash: number): number {
  let h = hash
  h = Math.imul(h ^ (h >>> 15), P2)
  h = Math.imul(h ^ (h >>> 13), P3)
  return (h ^ (h >>> 16)) >>> 0
}
