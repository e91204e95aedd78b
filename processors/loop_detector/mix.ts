/** Two numbers of any kind of bits into one of 32; never 0, which everywhere here means "not recorded". */
export function mix(a: number, b: number): number {
  let h = Math.imul(a ^ 0x9747b28c, 0xcc9e2d51)
  h = Math.imul(h ^ (h >>> 15), 0x1b873593) ^ b
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b)
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35)
  h = (h ^ (h >>> 16)) >>> 0
  return h === 0 ? 1 : h
}

/** A 53-bit hash with a 32-bit number. */
export const mixHash = (seed: number, hash: number): number => mix(mix(seed, hash >>> 0), Math.floor(hash / 4294967296))

/** The beginning of a text as a text of its own: a mere slice would keep all of a long one in memory. */
export const beginningOf = (text: string, length: number): string =>
  text.length <= length ? text : Buffer.from(text.slice(0, length)).toString()

/** 53 bits of a text; for keys, where two texts must never be taken for one. */
export function textKey(text: string, seed: number): number {
  let low = seed | 0
  let high = 0x3c6ef372 ^ seed
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i)
    low = Math.imul(low ^ unit, 0x5bd1e995)
    low ^= low >>> 15
    high = Math.imul(high ^ unit, 0x85ebca6b)
    high ^= high >>> 13
  }
  return joined(Math.imul(high ^ text.length, 0xcc9e2d51), Math.imul(low ^ (low >>> 16), 0xc2b2ae35))
}

/** Two keys into one. */
export function joinKeys(a: number, b: number): number {
  const low = mix(a >>> 0, b >>> 0)
  return joined(mix(low ^ (a / 4294967296), b / 4294967296), low)
}

/** 53 bits of a few 32-bit words. */
export function wordsKey(words: Int32Array): number {
  let low = 0x2545f491
  let high = 0x3c6ef372
  for (let w = 0; w < words.length; w++) {
    const word = words[w] as number
    low = Math.imul(low ^ word, 0xcc9e2d51)
    low ^= low >>> 15
    high = Math.imul(high ^ word, 0x85ebca6b)
    high ^= high >>> 13
  }
  return joined(high ^ (high >>> 11), low ^ (low >>> 16))
}

/** 53 bits of the 24 bytes of a trace id and a span id. */
export function spanKey(bytes: Uint8Array, traceAt: number, spanAt: number): number {
  let low = 0x9747b28c
  let high = 0x3c6ef372
  for (let w = 0; w < 6; w++) {
    const at = w < 4 ? traceAt + w * 4 : spanAt + (w - 4) * 4
    const word =
      (bytes[at] as number) |
      ((bytes[at + 1] as number) << 8) |
      ((bytes[at + 2] as number) << 16) |
      ((bytes[at + 3] as number) << 24)
    low = Math.imul(low ^ word, 0xcc9e2d51)
    low ^= low >>> 15
    high = Math.imul(high ^ word, 0x85ebca6b)
    high ^= high >>> 13
  }
  return joined(high ^ (high >>> 11), low ^ (low >>> 16))
}

const joined = (high: number, low: number): number => (high & 0x1fffff) * 4294967296 + (low >>> 0)
