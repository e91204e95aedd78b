import type { Call } from '../../genai/call.ts'
import { totalInput } from '../../genai/usage.ts'
import type { ItemBatch } from '../../otlp/batch.ts'
import { stringsIn } from '../../otlp/values.ts'
import { UNKNOWN_COUNT } from './layout.ts'

/** How spellings of "why did the model stop" are found, the best one first. */
export const FINISH_REASONS = [
  'gen_ai.response.finish_reasons',
  'ai.response.finishReason',
  'gen_ai.completion.0.finish_reason',
  'llm.response.stop_reason',
] as const
export const HTTP_STATUS = ['http.response.status_code', 'http.status_code'] as const
export const LOOP_KEY = 'tokenfuse.loop.key'

/** Reasons that mean: the model has nothing more to do. */
const FINAL = new Set(['stop', 'end_turn', 'stop_sequence', 'completed', 'complete', 'finish_reason_stop'])
const STRING = 1
const ARRAY = 5
const COUNT_MAX = 0x7ffffffe

/** Tokens that the model was given; UNKNOWN_COUNT when that is not said. */
export function inputOf({ usage }: Call): number {
  return usage.input === undefined ? UNKNOWN_COUNT : Math.min(COUNT_MAX, totalInput(usage))
}

/** Tokens of the answer that the next call is given again; hidden reasoning is not. */
export function outputOf({ usage }: Call): number {
  return usage.output === undefined ? UNKNOWN_COUNT : Math.min(COUNT_MAX, usage.output)
}

/** Whether the model said that it was done. */
export function isFinal(items: ItemBatch, item: number, keys: readonly number[]): boolean {
  for (const key of keys) {
    const hit = items.find(item, key)
    if (hit >= 0) return reasonsOf(items, hit).every((reason) => FINAL.has(reason.toLowerCase()))
  }
  return false
}

function reasonsOf(items: ItemBatch, hit: number): readonly string[] {
  const type = items.index.hitType[hit]
  if (type === STRING) return [items.textOf(hit) ?? '']
  if (type !== ARRAY) return ['']
  try {
    const reasons = stringsIn(items.rawOf(hit))
    return reasons.length === 0 ? [''] : reasons
  } catch {
    // Bytes inside an array value were not looked at by the scan.
    return ['']
  }
}
