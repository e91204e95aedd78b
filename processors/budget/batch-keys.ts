import type { Call } from '../../genai/call.ts'
import { type CallKey, hashKey } from '../../genai/call-key.ts'
import { totalInput, totalOutput } from '../../genai/usage.ts'
import type { Host } from '../../pipeline/host.ts'
import { Keys } from './keys.ts'

const START = 64

/** Keys and tokens of the calls of a batch that are about to be settled, so that the ledger hears of all keys at once. */
export class BatchKeys {
  count = 0
  /** High and low word of each key. */
  words = new Uint32Array(START * 2)
  private tokens = new Float64Array(START)
  /** Keys that had to be made as text; hardly any. */
  private readonly texts = new Map<number, string>()
  private readonly keys: Keys
  private readonly hash: CallKey = { high: 0, low: 0 }

  constructor(host: Pick<Host, 'clock' | 'random'>) {
    this.keys = new Keys(host)
  }

  clear(): void {
    this.count = 0
    if (this.texts.size > 0) this.texts.clear()
  }

  add(call: Call): void {
    const n = this.count++
    if (n === this.tokens.length) this.grow()
    const input = totalInput(call.usage)
    const output = totalOutput(call.usage)
    const key = this.keys.of(call, input, output)
    if (typeof key === 'string') this.texts.set(n, key)
    const { high, low } = typeof key === 'string' ? hashKey(key) : key
    this.words[n * 2] = high
    this.words[n * 2 + 1] = low
    this.tokens[n] = input + output
  }

  /** Good until the next call. */
  keyOf(n: number): CallKey | string {
    const text = this.texts.size > 0 ? this.texts.get(n) : undefined
    if (text !== undefined) return text
    this.hash.high = this.words[n * 2] as number
    this.hash.low = this.words[n * 2 + 1] as number
    return this.hash
  }

  tokensOf(n: number): number {
    return this.tokens[n] as number
  }

  private grow(): void {
    const { words, tokens } = this
    this.words = new Uint32Array(words.length * 2)
    this.words.set(words)
    this.tokens = new Float64Array(tokens.length * 2)
    this.tokens.set(tokens)
  }
}
