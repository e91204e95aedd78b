import { hashBytes } from '../../genai/hash.ts'
import type { Step } from '../../genai/step.ts'
import type { ItemBatch } from '../../otlp/batch.ts'
import { SEEN } from './layout.ts'
import { mixHash } from './mix.ts'
import type { ToolCall } from './run.ts'
import { toTicks } from './run-view.ts'
import type { Tools } from './tools.ts'

const EXACT_SEED = 0x5bd1e995
const OUTCOME_SEED = 0x2545f491
const NO_TIME = 0

export const newToolCall = (): ToolCall => ({
  ...{ startTicks: NO_TIME, endTicks: NO_TIME, spanHigh: 0, spanLow: 0 },
  ...{ tool: 0, isError: false, call: 0, outcome: 0, exact: 0 },
})

/**
 * What a step is as a tool call: hashes of its arguments and of its outcome, each with its tool. An error counts by its
 * class as well as exactly; an error of which only the type is known says nothing about its outcome. What is not recorded
 * is 0, and equals nothing. Returns bits of {@link SEEN}.
 *
 * @param loopKey number of the attribute with which a tool says itself what makes two of its calls the same
 */
export function readToolCall(
  into: ToolCall,
  step: Step,
  tool: number,
  tools: Tools,
  items: ItemBatch,
  loopKey: number,
): number {
  const seed = tools.seedOf(tool, step.name)
  const { bytes, span } = step.ids
  into.startTicks = toTicks(step.startMs)
  into.endTicks = toTicks(step.endMs)
  into.spanHigh = span < 0 ? 0 : word(bytes, span)
  into.spanLow = span < 0 ? 0 : word(bytes, span + 4)
  into.tool = tool
  into.isError = step.isError
  const identity = declaredKey(items, step.item, loopKey) ?? step.argsHash
  into.call = identity === undefined ? 0 : mixHash(seed, identity)
  const result = step.resultHash
  if (result === undefined) {
    into.outcome = 0
    into.exact = 0
  } else {
    into.exact = mixHash(seed ^ EXACT_SEED, result)
    into.outcome = step.errorClass === undefined ? into.exact : mixHash(seed ^ OUTCOME_SEED, step.errorClass)
  }
  return (identity === undefined ? 0 : SEEN.arguments) | (result === undefined ? 0 : SEEN.results)
}

function declaredKey(items: ItemBatch, item: number, key: number): number | undefined {
  const hit = items.find(item, key)
  if (hit < 0) return undefined
  return hashBytes(items.bytes, items.index.hitAt[hit] as number, items.index.hitLen[hit] as number)
}

/** Four bytes, big-endian, as a span id is written. */
function word(bytes: Uint8Array, at: number): number {
  return (
    (((bytes[at] as number) << 24) |
      ((bytes[at + 1] as number) << 16) |
      ((bytes[at + 2] as number) << 8) |
      (bytes[at + 3] as number)) >>>
    0
  )
}
