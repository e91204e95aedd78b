import { hashBytes } from '../../genai/hash.ts'
import type { Step } from '../../genai/step.ts'
import type { ItemBatch } from '../../otlp/batch.ts'
import * as layout from './layout.ts'
import { mixHash } from './mix.ts'
import { toTicks } from './ticks.ts'
import type { Tools } from './tools.ts'

const { SEEN, TOOL_CALL } = layout

const EXACT_SEED = 0x5bd1e995
const OUTCOME_SEED = 0x2545f491

/**
 * What a step is as a tool call: hashes of its arguments and of its outcome, each with its tool. An error counts by its
 * class as well as exactly; an error of which only the type is known says nothing about its outcome. What is not recorded
 * is 0, and equals nothing. Returns bits of {@link SEEN}.
 *
 * @param into where it is written, as TOOL_CALL has it, from `at` on
 * @param loopKey number of the attribute with which a tool says itself what makes two of its calls the same
 */
export function readToolCall(
  into: Uint32Array,
  at: number,
  step: Step,
  tool: number,
  tools: Tools,
  items: ItemBatch,
  loopKey: number,
): number {
  const seed = tools.seedOf(tool, step.name)
  const { bytes, span } = step.ids
  into[at + TOOL_CALL.start] = toTicks(step.startMs)
  into[at + TOOL_CALL.end] = toTicks(step.endMs)
  into[at + TOOL_CALL.spanHigh] = span < 0 ? 0 : word(bytes, span)
  into[at + TOOL_CALL.spanLow] = span < 0 ? 0 : word(bytes, span + 4)
  into[at + TOOL_CALL.tool] = tool
  into[at + TOOL_CALL.isError] = step.isError ? 1 : 0
  const identity = declaredKey(items, step.item, loopKey) ?? step.argsHash
  into[at + TOOL_CALL.call] = identity === undefined ? 0 : mixHash(seed, identity)
  const result = step.resultHash
  const exact = result === undefined ? 0 : mixHash(seed ^ EXACT_SEED, result)
  into[at + TOOL_CALL.exact] = exact
  into[at + TOOL_CALL.outcome] =
    result === undefined || step.errorClass === undefined ? exact : mixHash(seed ^ OUTCOME_SEED, step.errorClass)
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
