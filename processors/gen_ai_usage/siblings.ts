import type { Call } from '../../genai/call.ts'
import { totalInput, totalOutput } from '../../genai/usage.ts'

const SLOTS = 4096
const START_MS = 50
const CALLS_MIN = 4

/**
 * Looks at calls under one parent. Fixed in size: a slot remembers the last family that fell into it, so at worst a
 * suspicion is missed.
 */
export class Siblings {
  private readonly twin = new Int32Array(SLOTS)
  private readonly twinStart = new Float64Array(SLOTS)
  private readonly twinScope = new Int32Array(SLOTS)
  private readonly family = new Int32Array(SLOTS)
  private readonly count = new Int32Array(SLOTS)
  private readonly lastInput = new Float64Array(SLOTS)
  private readonly lastOutput = new Float64Array(SLOTS)
  private readonly sum = new Float64Array(SLOTS)

  /** Two instrumentations beside each other saw the same call: same parent, model, usage and start, other scopes. */
  isTwin(call: Call, parentLow: number, scope: number): boolean {
    const tag = mixed(parentLow, totalInput(call.usage) * 31 + totalOutput(call.usage), call.model) | 1
    const slot = (tag >>> 8) & (SLOTS - 1)
    if (
      this.twin[slot] === tag &&
      this.twinScope[slot] !== scope &&
      Math.abs((this.twinStart[slot] as number) - call.startMs) <= START_MS
    )
      return true
    this.twin[slot] = tag
    this.twinStart[slot] = call.startMs
    this.twinScope[slot] = scope
    return false
  }

  /** Usage that only ever grows from one sibling to the next, to less than half of its sum: a counter, not a call's own. */
  isCumulative(call: Call, parentLow: number): boolean {
    const input = totalInput(call.usage)
    const output = totalOutput(call.usage)
    const tag = mixed(parentLow, 7, call.model) | 1
    const slot = (tag >>> 8) & (SLOTS - 1)
    const grows =
      this.family[slot] === tag &&
      input >= (this.lastInput[slot] as number) &&
      output > 0 &&
      output >= (this.lastOutput[slot] as number)
    this.family[slot] = tag
    this.count[slot] = grows ? (this.count[slot] as number) + 1 : 1
    this.sum[slot] = (grows ? (this.sum[slot] as number) : 0) + input + output
    this.lastInput[slot] = input
    this.lastOutput[slot] = output
    return (this.count[slot] as number) >= CALLS_MIN && (this.sum[slot] as number) >= 2 * (input + output)
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
