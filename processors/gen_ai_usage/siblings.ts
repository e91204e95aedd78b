import type { Call } from '../../genai/call.ts'
import { totalInput, totalOutput } from '../../genai/usage.ts'

const SLOTS = 4096
const START_MS = 50
const CALLS_MIN = 4
const TWIN = 3
const FAMILY = 5

/**
 * Looks at calls under one parent. Fixed in size: a slot remembers the last family that fell into it, so at worst a
 * suspicion is missed.
 */
export class Siblings {
  /** By slot, side by side in memory: tag, start and scope of a call that may have a twin. */
  private readonly twins = new Float64Array(SLOTS * TWIN)
  /** The same of a family: tag, calls in a row that grew, input and output of the last one, and the sum of all. */
  private readonly families = new Float64Array(SLOTS * FAMILY)

  /** Two instrumentations beside each other saw the same call: same parent, model, usage and start, other scopes. */
  isTwin(call: Call, parentLow: number, scope: number): boolean {
    const tag = mixed(parentLow, totalInput(call.usage) * 31 + totalOutput(call.usage), call.model) | 1
    const at = ((tag >>> 8) & (SLOTS - 1)) * TWIN
    const { twins } = this
    if (twins[at] === tag && twins[at + 2] !== scope && Math.abs((twins[at + 1] as number) - call.startMs) <= START_MS)
      return true
    twins[at] = tag
    twins[at + 1] = call.startMs
    twins[at + 2] = scope
    return false
  }

  /** Usage that only ever grows from one sibling to the next, to less than half of its sum: a counter, not a call's own. */
  isCumulative(call: Call, parentLow: number): boolean {
    const input = totalInput(call.usage)
    const output = totalOutput(call.usage)
    const tag = mixed(parentLow, 7, call.model) | 1
    const at = ((tag >>> 8) & (SLOTS - 1)) * FAMILY
    const { families } = this
    const grows =
      families[at] === tag &&
      input >= (families[at + 2] as number) &&
      output > 0 &&
      output >= (families[at + 3] as number)
    const count = grows ? (families[at + 1] as number) + 1 : 1
    const sum = (grows ? (families[at + 4] as number) : 0) + input + output
    families[at] = tag
    families[at + 1] = count
    families[at + 2] = input
    families[at + 3] = output
    families[at + 4] = sum
    return count >= CALLS_MIN && sum >= 2 * (input + output)
  }
}

function mixed(parent: number, n: number, model: string | undefined): number {
  let hash = Math.imul(parent ^ Math.imul(n | 0, 0x4c9e2d51), 0x1b873593)
  const length = model?.length ?? 0
  hash ^= length << 24
  if (model !== undefined && length > 1) hash ^= model.charCodeAt(length - 1) ^ (model.charCodeAt(length >> 1) << 8)
  hash = Math.imul(hash ^ (hash >>> 15), 0x45ebca6b)
  return hash ^ (hash >>> 13)
}
