import type { Step } from '../../genai/step.ts'
import type { ItemBatch } from '../../otlp/batch.ts'
import type { FieldReader } from '../../otlp/field-reader.ts'
import { FIELD } from './fields.ts'
import { bytesKey, keyLow, spanKeyWith, traceKey, useTrace } from './span-keys.ts'

const SLOTS = 8192
// What a slot holds.
const START = 0
const END = 1
const ARGS = 2
const BATCH = 3
const PLACE = 4
const WIDTH = 5
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
  /**
   * By slot: when its step started and ended, the hash of its arguments (-1 = none), and the batch and the place in its
   * steps that it has, side by side in memory.
   */
  private readonly told = new Float64Array(SLOTS * WIDTH)
  private serial = 0

  /** To be called with every batch. */
  enter(): void {
    this.serial++
  }

  /** Whether a tool step tells of a call that was told of already; what it knows more goes to that one. */
  repeats(step: Step, reader: FieldReader, items: ItemBatch, steps: readonly Step[]): boolean {
    const { ids } = step
    if (ids.trace < 0 || ids.span < 0) return false
    const { bytes, view } = items
    useTrace(view, ids.trace)
    const trace = traceKey()
    const isMcp = reader.has(FIELD.mcpMethod)
    const own = spanSlot(view, ids.span, SPAN)
    if (this.tags[own] === lastTag && this.told[own * WIDTH + START] === step.startMs) return true
    const ownTag = lastTag
    let found = this.meet(spanSlot(view, ids.span, BELOW), step)
    const call = step.toolCallIdAt < 0 ? -1 : keyed(bytes, step.toolCallIdAt, step.toolCallIdLength, trace, CALL_ID)
    const callTag = lastTag
    if (found < 0 && call >= 0) found = this.meet(call, step)
    const request = this.request(reader, items, trace)
    const requestTag = lastTag
    if (found < 0 && request >= 0) found = this.meet(request, step)
    const around = isMcp && ids.parent >= 0 ? spanSlot(view, ids.parent, SPAN) : -1
    if (found < 0 && around >= 0) found = this.meet(around, step)
    if (found >= 0) this.enrich(found, step, steps)
    const place = found >= 0 ? (this.told[found * WIDTH + PLACE] as number) : steps.length
    const serial = found >= 0 ? (this.told[found * WIDTH + BATCH] as number) : this.serial
    this.put(own, ownTag, step, serial, place)
    if (call >= 0) this.put(call, callTag, step, serial, place)
    if (request >= 0) this.put(request, requestTag, step, serial, place)
    if (around >= 0) {
      const below = spanSlot(view, ids.parent, BELOW)
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
    return keyed(bytes, index.hitAt[hit] as number, index.hitLen[hit] as number, scope, REQUEST)
  }

  /** The slot, when what is in it may be the same call; -1 when it is not. Asked right after `keyed`. */
  private meet(slot: number, step: Step): number {
    if (this.tags[slot] !== lastTag) return -1
    const { told } = this
    const at = slot * WIDTH
    if (step.startMs > (told[at + END] as number) || (told[at + START] as number) > step.endMs) return -1
    const args = told[at + ARGS] as number
    return args >= 0 && step.argsHash !== undefined && step.argsHash !== args ? -1 : slot
  }

  private put(slot: number, tag: number, step: Step, serial: number, place: number): void {
    this.tags[slot] = tag
    const { told } = this
    const at = slot * WIDTH
    told[at + START] = step.startMs
    told[at + END] = step.endMs
    told[at + ARGS] = step.argsHash ?? -1
    told[at + BATCH] = serial
    told[at + PLACE] = place
  }

  /** The outer spans know what was asked and answered, the inner ones end first. Only within one batch. */
  private enrich(slot: number, step: Step, steps: readonly Step[]): void {
    const at = slot * WIDTH
    const kept = this.told[at + BATCH] === this.serial ? steps[this.told[at + PLACE] as number] : undefined
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

/** The slot of exact bytes; its tag stays in `lastTag`. */
function keyed(bytes: Uint8Array, at: number, length: number, one: number, two: number): number {
  bytesKey(bytes, at, length, one, two)
  lastTag = keyLow
  return (lastTag >>> 8) & (SLOTS - 1)
}

/** The slot of a span of the trace in use. */
function spanSlot(view: DataView, at: number, as: number): number {
  spanKeyWith(view, at, as)
  lastTag = keyLow
  return (lastTag >>> 8) & (SLOTS - 1)
}
