import type { Call } from '../../genai/call.ts'
import { type CallKey, digitCount, KeyHasher } from '../../genai/call-key.ts'
import type { Host } from '../../pipeline/host.ts'

/** A key made of ids that are absent, or all zeros, which OpenTelemetry calls invalid. */
const NO_SPAN = /\/0*$/
const BAR = 124
const SLASH = 47
const TRACE_BYTES = 16
const SPAN_BYTES = 8

/**
 * What a call is settled under. Token counts belong to it, because some servers give every answer the same id: those
 * are calls of their own, and `gen_ai_usage` bills them as such. A correction counts besides what it corrects.
 *
 * Nearly all keys are hashed from the bytes that they came in, without a string being made; the rest are made as text
 * and hash to the same.
 */
export class Keys {
  private readonly host: Pick<Host, 'clock' | 'random'>
  private readonly hasher = new KeyHasher()
  private readonly hash: CallKey = { high: 0, low: 0 }
  private anonymous = 0

  constructor(host: Pick<Host, 'clock' | 'random'>) {
    this.host = host
  }

  /** Good until the next call. */
  of(call: Call, input: number, output: number): CallKey | string {
    if (call.correctionOf === undefined && isCount(input) && isCount(output)) {
      if (call.responseIdAt >= 0 ? this.byResponse(call, input, output) : this.bySpan(call, input, output))
        return this.hash
    }
    return this.text(call, input, output)
  }

  text(call: Call, input: number, output: number): string {
    const { key } = call
    const usage = `${input}|${output}`
    if (call.correctionOf !== undefined) return `correction|${call.correctionOf}|${key}|${usage}|${call.cost?.pico}`
    if (call.responseId || !NO_SPAN.test(key)) return `${key}|${usage}`
    // Neither a response id nor a span id: nothing to know it by again.
    return `anonymous|${this.host.clock.now()}|${++this.anonymous}|${this.host.random()}`
  }

  private byResponse(call: Call, input: number, output: number): boolean {
    const { hasher, hash } = this
    const { provider, responseIdAt: at, responseIdLength: length } = call
    if (length === 0) return false
    hasher.begin(provider.length + 1 + length + usageLength(input, output))
    hasher.text(provider)
    hasher.unit(BAR)
    if (!hasher.ascii(call.ids.bytes, at, length)) return false
    this.usage(input, output)
    hasher.end(hash)
    return true
  }

  private bySpan(call: Call, input: number, output: number): boolean {
    const { bytes, trace, span } = call.ids
    if (call.responseId || trace < 0 || span < 0 || isZero(bytes, span, SPAN_BYTES)) return false
    const { hasher, hash } = this
    hasher.begin(2 * TRACE_BYTES + 1 + 2 * SPAN_BYTES + usageLength(input, output))
    hasher.hex(bytes, trace, TRACE_BYTES)
    hasher.unit(SLASH)
    hasher.hex(bytes, span, SPAN_BYTES)
    this.usage(input, output)
    hasher.end(hash)
    return true
  }

  private usage(input: number, output: number): void {
    const { hasher } = this
    hasher.unit(BAR)
    hasher.digits(input)
    hasher.unit(BAR)
    hasher.digits(output)
  }
}

const usageLength = (input: number, output: number): number => 2 + digitCount(input) + digitCount(output)

const isCount = (value: number): boolean => Number.isSafeInteger(value) && value >= 0

function isZero(bytes: Uint8Array, at: number, length: number): boolean {
  for (let i = at; i < at + length; i++) if (bytes[i] !== 0) return false
  return true
}
