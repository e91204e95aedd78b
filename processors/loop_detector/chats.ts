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
/** A list of one text of ten bytes, like `tool_calls`; none of the final reasons is as long. */
const TOOL_CALLS_BYTES = 14

/** Tokens that the model was given; UNKNOWN_COUNT when that is not said. */
export function inputOf({ usage }: Call): number {
  return usage.input === undefined ? UNKNOWN_COUNT : Math.min(COUNT_MAX, totalInput(usage))
}

/** Tokens of the answer that the next call is given again; hidden reasoning is not. */
export function outputOf({ usage }: Call): number {
  return usage.output === undefined ? UNKNOWN_COUNT : Math.min(COUNT_MAX, usage.output)
}

/** Whether the model said that it was done; the first reason that stands on the span counts. */
export function isFinal(items: ItemBatch, item: number, keys: Uint8Array): boolean {
  const { itemHitFrom, itemHitTo, hitKey } = items.index
  const to = itemHitTo[item] as number
  for (let hit = itemHitFrom[item] as number; hit < to; hit++) {
    if (keys[hitKey[hit] as number] === 1) return isFinalReason(items, hit)
  }
  return false
}

/** Nearly always it is a list of one, which need not be decoded: the length of its text alone rules most reasons out. */
function isFinalReason(items: ItemBatch, hit: number): boolean {
  const length = items.index.hitLen[hit] as number
  if (items.index.hitType[hit] === ARRAY && length === TOOL_CALLS_BYTES) return false
  return reasonsOf(items, hit).every((reason) => FINAL.has(reason.toLowerCase()))
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
