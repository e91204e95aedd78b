import type { Step } from '../../genai/step.ts'
import type { ItemBatch } from '../../otlp/batch.ts'
import type { FieldReader } from '../../otlp/field-reader.ts'
import { FIELD } from './fields.ts'
import { bytesKey, keyLow } from './span-keys.ts'

const SLOTS = 8192
// What a slot is keyed by.
const SPAN = 1
const CALL_ID = 2
const REQUEST = 3
const BELOW = 4

/**
 * One tool call is one step, however many spans tell of it: a framework's tool span, the MCP client's below it and the
 * MCP server's below that, and any of them sent again. Known by the model's id of the tool call, by MCP session and
 * request, or by nesting.
 *
 * Ids alone prove nothing, because some servers give every tool call the same one: only spans that overlap in time, and
 * whose arguments do not differ, are the same call. Fixed in size: a slot remembers what fell into it last, so at worst a
 * call counts twice.
 */
export class ToolCalls {
  private readonly tags = new Int32Array(SLOTS)
  private readonly starts = new Float64Array(SLOTS)
  private readonly ends = new Float64Array(SLOTS)
  private readonly args = new Float64Array(SLOTS)
  /** The batch and the place in its steps that a slot's step has. */
  private readonly serials = new Int32Array(SLOTS)
  private readonly places = new Int32Array(SLOTS)
  private serial = 0

  /** To be called with every batch. */
  enter(): void {
    this.serial++
  }

  /** Whether a tool step tells of a call that was told of already; what it knows more goes to that one. */
  repeats(step: Step, reader: FieldReader, items: ItemBatch, steps: readonly Step[]): boolean {
    const { ids } = step
    if (ids.trace < 0 || ids.span < 0) return false
    const { bytes } = items
    bytesKey(bytes, ids.trace, 16, 0, 0)
    const trace = keyLow
    const isMcp = reader.has(FIELD.mcpMethod)
    const own = this.keyed(bytes, ids.span, 8, trace, SPAN)
    if (this.tags[own] === lastTag && this.starts[own] === step.startMs) return true
    const ownTag = lastTag
    let found = this.meet(this.keyed(bytes, ids.span, 8, trace, BELOW), step)
    const call =
      step.toolCallIdAt < 0 ? -1 : this.keyed(bytes, step.toolCallIdAt, step.toolCallIdLength, trace, CALL_ID)
    const callTag = lastTag
    if (found < 0 && call >= 0) found = this.meet(call, step)
    const request = this.request(reader, items, trace)
    const requestTag = lastTag
    if (found < 0 && request >= 0) found = this.meet(request, step)
    const around = isMcp && ids.parent >= 0 ? this.keyed(bytes, ids.parent, 8, trace, SPAN) : -1
    if (found < 0 && around >= 0) found = this.meet(around, step)
    if (found >= 0) this.enrich(found, step, steps)
    const place = found >= 0 ? (this.places[found] as number) : steps.length
    const serial = found >= 0 ? (this.serials[found] as number) : this.serial
    this.put(own, ownTag, step, serial, place)
    if (call >= 0) this.put(call, callTag, step, serial, place)
    if (request >= 0) this.put(request, requestTag, step, serial, place)
    if (around >= 0) {
      const below = this.keyed(bytes, ids.parent, 8, trace, BELOW)
      this.put(below, lastTag, step, serial, place)
    }
    return found >= 0
  }

  /** The slot of an MCP request within its session; -1 where there is none. */
  private request(reader: FieldReader, items: ItemBatch, trace: number): number {
    const hit = reader.hit(FIELD.rpcId)
    if (hit < 0) return -1
    const { bytes, index } = items
    const session = reader.hit(FIELD.mcpSession)
    let scope = trace
    if (session >= 0) {
      bytesKey(bytes, index.hitAt[session] as number, index.hitLen[session] as number, trace, REQUEST)
      scope = keyLow
    }
    return this.keyed(bytes, index.hitAt[hit] as number, index.hitLen[hit] as number, scope, REQUEST)
  }

  private keyed(bytes: Uint8Array, at: number, length: number, one: number, two: number): number {
    bytesKey(bytes, at, length, one, two)
    lastTag = keyLow
    return (lastTag >>> 8) & (SLOTS - 1)
  }

  /** The slot, when what is in it may be the same call; -1 when it is not. Asked right after `keyed`. */
  private meet(slot: number, step: Step): number {
    if (this.tags[slot] !== lastTag) return -1
    if (step.startMs > (this.ends[slot] as number) || (this.starts[slot] as number) > step.endMs) return -1
    const args = this.args[slot] as number
    return args >= 0 && step.argsHash !== undefined && step.argsHash !== args ? -1 : slot
  }

  private put(slot: number, tag: number, step: Step, serial: number, place: number): void {
    this.tags[slot] = tag
    this.starts[slot] = step.startMs
    this.ends[slot] = step.endMs
    this.args[slot] = step.argsHash ?? -1
    this.serials[slot] = serial
    this.places[slot] = place
  }

  /** The outer spans know what was asked and answered, the inner ones end first. Only within one batch. */
  private enrich(slot: number, step: Step, steps: readonly Step[]): void {
    const kept = this.serials[slot] === this.serial ? steps[this.places[slot] as number] : undefined
    if (kept === undefined) return
    kept.argsHash ??= step.argsHash
    kept.argsBytes ??= step.argsBytes
    kept.resultHash ??= step.resultHash
    kept.resultBytes ??= step.resultBytes
    kept.errorClass ??= step.errorClass
    kept.errorType ??= step.errorType
    kept.agent ??= step.agent
    kept.agentId ??= step.agentId
    kept.conversation ??= step.conversation
    kept.isError ||= step.isError
  }
}

/** The tag of the slot that was looked for last. */
let lastTag = 0
