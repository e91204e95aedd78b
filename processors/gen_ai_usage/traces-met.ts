const WORDS = 1 << 15

/**
 * Traces in which a call was met. A filter: it may name one too many, never one too few. It has two generations, as the
 * table of spans has, and forgets no earlier than that one. Two bits a trace: of 64 traces that it never met, it names one
 * in a hundred batches.
 */
export class TracesMet {
  /** Words of the younger and of the older generation take turns. */
  private readonly words = new Int32Array(WORDS * 2)

  add(low: number, high: number): void {
    const { words } = this
    const one = ((low >>> 8) & (WORDS - 1)) << 1
    const two = ((high >>> 8) & (WORDS - 1)) << 1
    words[one] = (words[one] as number) | (1 << (low >>> 3))
    words[two] = (words[two] as number) | (1 << (high >>> 3))
  }

  has(low: number, high: number): boolean {
    const { words } = this
    const one = ((low >>> 8) & (WORDS - 1)) << 1
    if ((((words[one] as number) | (words[one + 1] as number)) & (1 << (low >>> 3))) === 0) return false
    const two = ((high >>> 8) & (WORDS - 1)) << 1
    return (((words[two] as number) | (words[two + 1] as number)) & (1 << (high >>> 3))) !== 0
  }

  /** The table of spans has begun another generation. */
  turn(): void {
    const { words } = this
    for (let at = 0; at < words.length; at += 2) {
      words[at + 1] = words[at] as number
      words[at] = 0
    }
  }
}
