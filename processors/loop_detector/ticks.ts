import { CODE_MASK } from './layout.ts'

export const TICKS_PER_MS = 8

/** Time in eighths of a millisecond, modulo 2^32: differences of up to three days are exact. */
export function toTicks(ms: number): number {
  const ticks = ms * TICKS_PER_MS
  return (ticks - Math.floor(ticks / 4294967296) * 4294967296) >>> 0
}
export const isAfter = (a: number, b: number): boolean => ((a - b) | 0) > 0

const CODE_STEPS = 8
const IDLE_MIN_MS = 100
const TICKS_MAX = 0x7fffffff

/** Times in seven bits: steps of a twelfth more, up to some eighteen hours. */
const codeOf = (ms: number): number => CODE_STEPS * Math.log2(1 + ms / 1000)
const idleCodeOf = (ms: number): number => (ms < IDLE_MIN_MS ? 0 : Math.min(CODE_MASK, Math.round(codeOf(ms))))
/** Rounded up: what was still at work was not idle. */
const durationCodeOf = (ms: number): number => (ms > 0 ? Math.min(CODE_MASK, Math.ceil(codeOf(ms))) : 0)

export const MS_OF_CODE = Float64Array.from(
  { length: CODE_MASK + 1 },
  (_, code) => (2 ** (code / CODE_STEPS) - 1) * 1000,
)
export const DURATION_TICKS = Int32Array.from(MS_OF_CODE, (ms) => Math.floor(ms * TICKS_PER_MS))

/** The codes of times of any length, without a logarithm: from how many ticks on each begins. */
class Codes {
  private readonly from = new Float64Array(CODE_MASK + 2)
  /** By the number of leading zero bits of the ticks: the first code that they may have. */
  private readonly first = new Uint8Array(33)

  constructor(codeOfMs: (ms: number) => number) {
    const codeAt = (ticks: number): number => codeOfMs(ticks / TICKS_PER_MS)
    for (let code = 1; code <= CODE_MASK; code++) this.from[code] = beginOf(code, codeAt)
    this.from[CODE_MASK + 1] = Number.POSITIVE_INFINITY
    for (let zeros = 1; zeros < 32; zeros++) this.first[zeros] = codeAt(2 ** (31 - zeros))
  }

  /** @param ticks below 2^31 */
  of(ticks: number): number {
    if (ticks <= 0) return 0
    let code = this.first[Math.clz32(ticks)] as number
    while (ticks >= (this.from[code + 1] as number)) code++
    return code
  }
}

/** The fewest ticks that have a code, or a higher one. */
function beginOf(code: number, codeAt: (ticks: number) => number): number {
  if (codeAt(TICKS_MAX) < code) return Number.POSITIVE_INFINITY
  let low = 0
  let high = TICKS_MAX
  while (low < high) {
    const middle = Math.floor((low + high) / 2)
    if (codeAt(middle) >= code) high = middle
    else low = middle + 1
  }
  return low
}

export const idleCodes = new Codes(idleCodeOf)
export const durationCodes = new Codes(durationCodeOf)
