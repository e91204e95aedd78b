import type { Call } from '../../genai/call.ts'
import type { ItemBatch } from '../../otlp/batch.ts'
import { stringsIn } from '../../otlp/values.ts'
import * as layout from './layout.ts'

const { UNKNOWN_COUNT } = layout

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
/** Larger counts are not told apart. */
export const COUNT_MAX = 0x7ffffffe
const FINAL_BYTES = [...FINAL].map((reason) => Buffer.from(reason))
/** From an upper case letter to its lower case one. */
const LOWER = 32
const LENGTH_DELIMITED_1 = 0x0a
const LIST_HEAD = 4

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

/** Nearly always it is a text, or a list of one; that is compared where it lies. */
function isFinalReason(items: ItemBatch, hit: number): boolean {
  const at = items.index.hitAt[hit] as number
  const length = items.index.hitLen[hit] as number
  if (items.index.hitType[hit] === STRING) return isFinalText(items.bytes, at, length)
  if (isListOfOne(items, hit)) return isFinalText(items.bytes, at + LIST_HEAD, length - LIST_HEAD)
  return reasonsOf(items, hit).every((reason) => FINAL.has(reason.toLowerCase()))
}

/** An array value of one short text: a tag and a length for the value, a tag and a length for its text. */
function isListOfOne({ bytes, index }: ItemBatch, hit: number): boolean {
  const at = index.hitAt[hit] as number
  const length = index.hitLen[hit] as number
  if (index.hitType[hit] !== ARRAY || length < LIST_HEAD || length > 127) return false
  return (
    bytes[at] === LENGTH_DELIMITED_1 &&
    bytes[at + 1] === length - 2 &&
    bytes[at + 2] === LENGTH_DELIMITED_1 &&
    bytes[at + 3] === length - LIST_HEAD
  )
}

function isFinalText(bytes: Uint8Array, at: number, length: number): boolean {
  for (let f = 0; f < FINAL_BYTES.length; f++) {
    const text = FINAL_BYTES[f] as Uint8Array
    if (text.length !== length) continue
    let i = 0
    while (i < length && (bytes[at + i] === text[i] || (bytes[at + i] as number) + LOWER === text[i])) i++
    if (i === length) return true
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
