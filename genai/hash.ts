// Two independent 32-bit lanes, 21 + 32 bits of which make one 53-bit number: exact in a double, and in a run of some
// thousand calls no two different texts will ever meet.

const START_LOW = 0x9747b28c
const START_HIGH = 0x3c6ef372

let low = 0
let high = 0

function mix(word: number): void {
  low = Math.imul(low ^ Math.imul(word, 0xcc9e2d51), 0x1b873593)
  low ^= low >>> 15
  high = Math.imul(high ^ Math.imul(word, 0x85ebca6b), 0xc2b2ae35)
  high ^= high >>> 13
}

function finish(length: number): number {
  mix(length)
  low = Math.imul(low ^ (low >>> 16), 0x85ebca6b)
  high = Math.imul(high ^ (high >>> 16), 0xcc9e2d51)
  return ((high ^ (high >>> 11)) & 0x1fffff) * 4294967296 + ((low ^ (low >>> 13)) >>> 0)
}

function start(): void {
  low = START_LOW
  high = START_HIGH
}

/** 53-bit hash of exact bytes. Mixes on locals, in the loop that every argument and result goes through. */
export function hashBytes(bytes: Uint8Array, from: number, length: number): number {
  let a = START_LOW
  let b = START_HIGH
  const end = from + length
  for (let at = from; at < end; at += 4) {
    let word = 0
    if (at + 4 <= end) {
      word =
        (bytes[at] as number) |
        ((bytes[at + 1] as number) << 8) |
        ((bytes[at + 2] as number) << 16) |
        ((bytes[at + 3] as number) << 24)
    } else {
      word = bytes[at] as number
      at -= 3
    }
    a = Math.imul(a ^ Math.imul(word, 0xcc9e2d51), 0x1b873593)
    a ^= a >>> 15
    b = Math.imul(b ^ Math.imul(word, 0x85ebca6b), 0xc2b2ae35)
    b ^= b >>> 13
  }
  low = a
  high = b
  return finish(length)
}

export function hashText(text: string): number {
  const bytes = Buffer.from(text)
  return hashBytes(bytes, 0, bytes.length)
}

/** Two hashes into one. */
export function combine(a: number, b: number): number {
  start()
  mix(a >>> 0)
  mix(Math.floor(a / 4294967296))
  mix(b >>> 0)
  mix(Math.floor(b / 4294967296))
  return finish(16)
}

const isDigit = (b: number): boolean => b >= 0x30 && b <= 0x39
const isHex = (b: number): boolean => isDigit(b) || (b >= 0x61 && b <= 0x66) || (b >= 0x41 && b <= 0x46)
const isSpace = (b: number): boolean => b === 0x20 || (b >= 0x09 && b <= 0x0d)
/** Error texts are told apart by their beginning; the rest is stack and noise. */
const ERROR_TEXT_MAX = 2048

/**
 * 53-bit hash of an error text with what varies from one failure to the next folded away: numbers, `0x…` addresses, runs
 * of eight or more hex digits, and the amount of white space. "line 62215: javac: command not found" and "line 62231:
 * javac: command not found" are the same error. Only for errors: folding arguments would merge different calls.
 */
export function hashErrorClass(bytes: Uint8Array, from: number, length: number): number {
  start()
  const end = from + Math.min(length, ERROR_TEXT_MAX)
  let at = from
  let count = 0
  while (at < end) {
    const byte = bytes[at] as number
    const run = volatileRun(bytes, at, end)
    if (run > 0) {
      mix(0x23)
      at += run
    } else if (isSpace(byte)) {
      while (at < end && isSpace(bytes[at] as number)) at++
      mix(0x20)
    } else {
      mix(byte)
      at++
    }
    count++
  }
  return finish(count)
}

function volatileRun(bytes: Uint8Array, at: number, end: number): number {
  let hex = at
  if (bytes[at] === 0x30 && (bytes[at + 1] === 0x78 || bytes[at + 1] === 0x58)) {
    hex = at + 2
    while (hex < end && isHex(bytes[hex] as number)) hex++
    return hex > at + 2 ? hex - at : 1
  }
  while (hex < end && isHex(bytes[hex] as number)) hex++
  if (hex - at >= 8) return hex - at
  let digits = at
  while (digits < end && isDigit(bytes[digits] as number)) digits++
  return digits - at
}
