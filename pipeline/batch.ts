import type { Call } from '../genai/call.ts'
import type { Step } from '../genai/step.ts'
import type { Verdict } from '../genai/verdict.ts'
import type { ItemBatch } from '../otlp/batch.ts'
import type { Signal } from './component.ts'

/** What travels through the processors of one pipeline: the wire bytes with their index, and what was understood. */
export interface Batch {
  readonly signal: Signal
  /** Bytes, index and overlay. For metrics there are only the bytes: they pass through. */
  readonly items: ItemBatch
  /** Filled by `gen_ai_usage`, in item order; later processors complete them. */
  readonly calls: Call[]
  readonly steps: Step[]
  readonly verdicts: Verdict[]
}
