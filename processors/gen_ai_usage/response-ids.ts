import type { Call } from '../../genai/call.ts'
import { traceKeyOf } from './span-keys.ts'

export const COMBINED = 0x5bd1e995
// What is known of a response id: that it was seen, and how many usages stand under it.
// Whether a call of the same trace was rejected for it; and bits of that trace.
export const COUNT = 7
export const KNOWN = 8
export const STANDS = 16
/** Usages seen under one response id before the id is taken for a constant. */
export const USAGES_MAX = 4
// The kind of model, in three bits, the instrumentation in six.
export const MODEL_AT = 5
export const SCOPE_AT = 8
export const SCOPES = 63
export const TRACE = ~0x3fff

/** Input in the upper half, output in the lower one, so that each can be compared by itself. */
export const printOf = (input: number, output: number): number =>
  (Math.imul(input | 0, 0x4c9e2d51) & 0xffff0000) | (Math.imul(output | 0, COMBINED) >>> 16)
export const sameInput = (a: number, b: number): boolean => ((a ^ b) & 0xffff0000) === 0

const KINDS = [/gpt-|^o\d|\/o\d|chatgpt/i, /claude/i, /gemini/i, /llama/i, /mi[sx]tral/i, /deepseek|qwen|grok/i]
const MODELS_MAX = 1000
const models = new Map<string, number>()

/** The family a model belongs to, 0 = none that is known: names of one model differ, families do not. */
export function modelKind(model: string | undefined): number {
  if (model === undefined) return 0
  let kind = models.get(model)
  if (kind === undefined) {
    kind = KINDS.findIndex((pattern) => pattern.test(model)) + 1
    if (models.size < MODELS_MAX) models.set(model, kind)
  }
  return kind
}

export function otherModel(state: number, call: Call): boolean {
  const first = (state >> MODEL_AT) & 7
  const kind = modelKind(call.model)
  return first !== 0 && kind !== 0 && first !== kind
}

export function traceBits({ ids: { bytes, trace } }: Call): number {
  return trace < 0 ? 0 : traceKeyOf(bytes, trace) & TRACE
}
