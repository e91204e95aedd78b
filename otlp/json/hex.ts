/** The value of a hex digit of either case, by its code; 255 = no hex digit. */
export const HEX_DIGITS = new Uint8Array(256).fill(255)
for (const digits of ['0123456789abcdef', '0123456789ABCDEF']) {
  for (let i = 0; i < 16; i++) HEX_DIGITS[digits.charCodeAt(i)] = i
}

/**
 * Decodes hex digits of either case, four at a time; `count` is a multiple of four. False when one is none.
 *
 * Every byte of a word is compared at once: below 0x80, adding `0x80 - n` sets the high bit of a byte that is at least n.
 */
export function decodeHex(from: DataView, at: number, count: number, to: DataView, put: number): boolean {
  let valid = -1
  for (let i = 0; i < count; i += 4) {
    const word = from.getInt32(at + i, true)
    const folded = word | 0x20202020
    const digits = (word + 0x50505050) & ~(word + 0x46464646)
    const letters = (folded + 0x1f1f1f1f) & ~(folded + 0x19191919)
    valid &= (digits | letters) & ~word
    const nibbles = (word & 0x0f0f0f0f) + ((word >>> 6) & 0x01010101) * 9
    const pairs = (nibbles << 4) | (nibbles >>> 8)
    to.setInt16(put + (i >>> 1), (pairs & 0xff) | ((pairs >>> 8) & 0xff00), true)
  }
  return (valid & -0x7f7f7f80) === -0x7f7f7f80
}
