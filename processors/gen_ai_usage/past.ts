import type { Call } from '../../genai/call.ts'

/** What was billed in earlier batches. */
export interface Past {
  /** What a batch billed for a span; undefined when it is too long ago. */
  find(serial: number, low: number, high: number): Call | undefined
  takeBack(call: Call): void
  /** Something with usage came below a roll-up that waited. */
  superseded(low: number, high: number): void
}
