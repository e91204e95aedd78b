/** A 64-bit hash of what a call is known by, as two words. */
export interface CallKey {
  high: number
  low: number
}

const { imul } = Math
const rotate = (x: number, by: number): number => (x << by) | (x >>> (32 - by))
const ZERO = 48
const LETTER_A = 97
const DEL = 127

function avalanche(x: number): number {
  let h = x
  h = imul(h ^ (h >>> 16), 0x7feb352d)
  h = imul(h ^ (h >>> 15), 0x846ca68b)
  return h ^ (h >>> 16)
}

/**
 * Hashes a key from its parts, so that none of millions of calls needs a string made for it. Whatever the parts, the
 * result is that of {@link hashKey} over their concatenation: keys from different doors, and from older journals, meet.
 *
 * Two lanes of 32 bits that are mixed into each other. With 2 million keys remembered, one of a billion further calls
 * is taken for one of them with a probability of 1 in 9,000 over all of them together.
 */
export class KeyHasher {
  private a = 0
  private b = 0

  /** @param length of the whole key in UTF-16 units */
  begin(length: number): void {
    this.a = 0x9e3779b9 ^ length
    this.b = 0x243f6a88
  }

  text(part: string): void {
    let { a, b } = this
    for (let i = 0; i < part.length; i++) {
      const c = part.charCodeAt(i)
      a = imul(rotate(a ^ c, 13), 0x85ebca6b)
      b = imul(rotate(b + c, 17), 0xc2b2ae35) ^ (a >>> 7)
    }
    this.a = a
    this.b = b
  }

  /** False at a byte that is not ASCII: then the text has to be decoded, and hashing begun again. */
  ascii(bytes: Uint8Array, at: number, length: number): boolean {
    let { a, b } = this
    for (let i = at; i < at + length; i++) {
      const c = bytes[i] as number
      if (c > DEL) return false
      a = imul(rotate(a ^ c, 13), 0x85ebca6b)
      b = imul(rotate(b + c, 17), 0xc2b2ae35) ^ (a >>> 7)
    }
    this.a = a
    this.b = b
    return true
  }

  /** Bytes as two lower-case digits each. */
  hex(bytes: Uint8Array, at: number, length: number): void {
    let { a, b } = this
    for (let i = at; i < at + length; i++) {
      const byte = bytes[i] as number
      const high = hexDigit(byte >>> 4)
      a = imul(rotate(a ^ high, 13), 0x85ebca6b)
      b = imul(rotate(b + high, 17), 0xc2b2ae35) ^ (a >>> 7)
      const low = hexDigit(byte & 15)
      a = imul(rotate(a ^ low, 13), 0x85ebca6b)
      b = imul(rotate(b + low, 17), 0xc2b2ae35) ^ (a >>> 7)
    }
    this.a = a
    this.b = b
  }

  /** A whole number of 0 or more, as its decimal digits. */
  digits(value: number): void {
    let from = DIGITS_MAX
    let rest = value
    while (rest > 0x7fffffff) {
      const next = Math.floor(rest / 10)
      digits[--from] = ZERO + (rest - next * 10)
      rest = next
    }
    // Words are divided far faster than what is larger.
    let word = rest | 0
    do {
      const next = (word / 10) | 0
      digits[--from] = ZERO + (word - next * 10)
      word = next
    } while (word > 0)
    let { a, b } = this
    for (let i = from; i < DIGITS_MAX; i++) {
      const c = digits[i] as number
      a = imul(rotate(a ^ c, 13), 0x85ebca6b)
      b = imul(rotate(b + c, 17), 0xc2b2ae35) ^ (a >>> 7)
    }
    this.a = a
    this.b = b
  }

  unit(c: number): void {
    this.a = imul(rotate(this.a ^ c, 13), 0x85ebca6b)
    this.b = imul(rotate(this.b + c, 17), 0xc2b2ae35) ^ (this.a >>> 7)
  }

  end(into: CallKey): void {
    const high = avalanche(this.a ^ rotate(this.b, 9)) >>> 0
    into.high = high
    into.low = avalanche(this.b + imul(high, 0x27d4eb2f)) >>> 0
  }
}

const DIGITS_MAX = 16
const digits = new Uint8Array(DIGITS_MAX)

const hexDigit = (value: number): number => (value < 10 ? ZERO + value : LETTER_A + value - 10)

/** How many decimal digits a whole number of 0 or more has. */
export function digitCount(value: number): number {
  let count = 1
  let rest = value
  for (; rest > 0x7fffffff; rest = Math.floor(rest / 10)) count++
  for (let word = rest | 0; word >= 10; word = (word / 10) | 0) count++
  return count
}

const hasher = new KeyHasher()

export function hashKey(key: string): CallKey {
  const hash = { high: 0, low: 0 }
  hasher.begin(key.length)
  hasher.text(key)
  hasher.end(hash)
  return hash
}
