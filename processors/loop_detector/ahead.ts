import type { Call, IdSource, Tags } from '../../genai/call.ts'
import type { Step } from '../../genai/step.ts'
import { totalInput, totalOutput } from '../../genai/usage.ts'
import type { KeyTable } from '../../otlp/keys.ts'
import type { Batch } from '../../pipeline/batch.ts'
import { COUNT_MAX, FINISH_REASONS, isFinal, LOOP_KEY, outputOf } from './chats.ts'
import { Identity } from './identity.ts'
import * as layout from './layout.ts'
import { readToolCall } from './tool-calls.ts'
import { KIND, type Tools } from './tools.ts'
import type { Verdicts } from './verdicts.ts'

const { TOOL_CALL_WORDS, UNKNOWN_COUNT } = layout

/** So many calls and steps are read before the first of them is looked at. */
export const AHEAD_MAX = 32

/** What there is to be done about a call or a step. */
export const DO = { nothing: 0, call: 1, tool: 2, step: 3 } as const

/**
 * Calls and steps of a batch in the order of their spans, some at a time, with everything that is wanted of them. They
 * lie all over the memory: read one after the other, with nothing in between, they are fetched together, while in the
 * middle of other work each would be waited for.
 */
export class Ahead {
  count = 0
  readonly what = new Uint8Array(AHEAD_MAX)
  /** Which of the batch's calls, or which of its steps. */
  readonly index = new Int32Array(AHEAD_MAX)
  /** Keys as {@link Identity} has them. */
  readonly agentRuns = new Float64Array(AHEAD_MAX)
  readonly roots = new Float64Array(AHEAD_MAX)
  readonly conversations = new Float64Array(AHEAD_MAX)
  /** Tool calls as TOOL_CALL has them, and bits of SEEN. */
  readonly toolCalls = new Uint32Array(AHEAD_MAX * TOOL_CALL_WORDS)
  readonly seen = new Uint8Array(AHEAD_MAX)
  /** Of a model call: when it began and ended, its cost, all its tokens, those of input and answer that count in a context. */
  readonly startMs = new Float64Array(AHEAD_MAX)
  readonly endMs = new Float64Array(AHEAD_MAX)
  readonly pico = new Float64Array(AHEAD_MAX)
  readonly tokens = new Float64Array(AHEAD_MAX)
  readonly inputs = new Float64Array(AHEAD_MAX)
  readonly outputs = new Float64Array(AHEAD_MAX)
  /** 1 = the model had nothing more to do. */
  readonly isFinal = new Uint8Array(AHEAD_MAX)
  private readonly identity = new Identity()
  private readonly tools: Tools
  private readonly verdicts: Verdicts
  /** By key: 1 = it says why a model stopped. */
  private finishKeys = new Uint8Array(0)
  private loopKey = -1
  private nextCall = 0
  private nextStep = 0

  constructor(tools: Tools, verdicts: Verdicts) {
    this.tools = tools
    this.verdicts = verdicts
  }

  bind(keys: KeyTable): void {
    this.finishKeys = new Uint8Array(keys.size)
    for (const name of FINISH_REASONS) this.finishKeys[keys.idOf(name)] = 1
    this.loopKey = keys.idOf(LOOP_KEY)
  }

  /** To be called with every batch. */
  begin(): void {
    this.nextCall = 0
    this.nextStep = 0
  }

  /** Reads the next ones; false when there are none. */
  next(batch: Batch): boolean {
    this.order(batch)
    for (let n = 0; n < this.count; n++) {
      if (this.what[n] === DO.call) this.readCall(n, batch)
      else if (this.what[n] === DO.tool) this.readTool(n, batch)
      else this.readStep(n, batch)
    }
    return this.count > 0
  }

  /** Calls and steps in the order of their spans, which is that in which they ended. */
  private order({ calls, steps }: Batch): void {
    let c = this.nextCall
    let s = this.nextStep
    let n = 0
    for (; n < AHEAD_MAX; n++) {
      const call = calls[c]
      const step = steps[s]
      if (step !== undefined && (call === undefined || step.item < call.item)) {
        this.what[n] = step.kind === 'tool' ? DO.tool : DO.step
        this.index[n] = s++
      } else if (call !== undefined) {
        this.what[n] = DO.call
        this.index[n] = c++
      } else break
    }
    this.nextCall = c
    this.nextStep = s
    this.count = n
  }

  private readCall(n: number, { calls, items }: Batch): void {
    const call = calls[this.index[n] as number] as Call
    if (this.isNothing(call)) {
      this.what[n] = DO.nothing
      return
    }
    const { usage } = call
    const input = totalInput(usage)
    this.startMs[n] = call.startMs
    this.endMs[n] = call.endMs
    this.pico[n] = Number(call.cost?.pico ?? 0)
    this.tokens[n] = input + totalOutput(usage)
    this.inputs[n] = usage.input === undefined ? UNKNOWN_COUNT : Math.min(COUNT_MAX, input)
    this.outputs[n] = outputOf(call)
    const isAnswer = call.errorType === undefined && call.item >= 0 && call.ids.bytes === items.bytes
    this.isFinal[n] = isAnswer && isFinal(items, call.item, this.finishKeys) ? 1 : 0
    this.identify(n, call.tags, call.conversation, call.agentId, call.ids)
  }

  private isNothing({ bill, flags, tags }: Call): boolean {
    if (bill === 'duplicate' || bill === 'rollup' || bill === 'superseded') return true
    // It was seen when it came first; that the queue did not take it then is no turn of a loop.
    if (flags.length > 0 && flags.includes('sent_again')) return true
    return this.verdicts.isExempt(tags.agent)
  }

  private readTool(n: number, { steps, items }: Batch): void {
    const step = steps[this.index[n] as number] as Step
    const { tags } = step
    const tool = this.tools.of(step.name)
    if ((this.tools.kindOf(tool) & KIND.exempt) !== 0 || this.verdicts.isExempt(tags.agent)) {
      this.what[n] = DO.nothing
      return
    }
    this.seen[n] = readToolCall(this.toolCalls, n * TOOL_CALL_WORDS, step, tool, this.tools, items, this.loopKey)
    this.startMs[n] = step.startMs
    this.identify(n, tags, step.conversation, step.agentId, step.ids)
  }

  private readStep(n: number, { steps }: Batch): void {
    const { kind, tags, conversation, agentId, ids } = steps[this.index[n] as number] as Step
    if (kind === 'agent' || kind === 'user_turn') this.identify(n, tags, conversation, agentId, ids)
  }

  private identify(
    n: number,
    tags: Tags,
    conversation: string | undefined,
    agentId: string | undefined,
    ids: IdSource,
  ): void {
    const { identity } = this
    identity.read(tags, conversation, agentId, ids)
    this.agentRuns[n] = identity.agentRun
    this.roots[n] = identity.run
    this.conversations[n] = identity.conversation
  }
}
