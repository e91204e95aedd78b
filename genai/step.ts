import { type IdSource, NO_TAGS, type Tags } from './call.ts'

export type StepKind = 'tool' | 'agent' | 'workflow' | 'step' | 'user_turn'

/**
 * Something an agent did that is not a provider call: a tool call, an agent, a workflow, a step of one. The loop
 * detector and the reports read these. No text is kept: hashes and sizes only.
 */
export class Step {
  readonly kind: StepKind
  /** Index of the span in its batch; only meaningful while the batch is being processed. */
  readonly item: number
  readonly ids: IdSource
  /** Tool, agent or workflow name. */
  name = ''
  /** Where `gen_ai.tool.call.id` stands in `ids.bytes`; -1 = absent. */
  toolCallIdAt = -1
  toolCallIdLength = 0
  agent: string | undefined = undefined
  agentId: string | undefined = undefined
  conversation: string | undefined = undefined
  startMs = 0
  endMs = 0
  isError = false
  errorType: string | undefined = undefined
  /** 53-bit hash of the exact argument bytes; undefined when none were recorded, which is not the hash of "". */
  argsHash: number | undefined = undefined
  resultHash: number | undefined = undefined
  /** Hash of the error text with digits and hex folded, so that line numbers and pids do not hide a repeated error. */
  errorClass: number | undefined = undefined
  argsBytes: number | undefined = undefined
  resultBytes: number | undefined = undefined
  tags: Tags = NO_TAGS
  /** The innermost step around it, where that came in the same batch. */
  parent: Step | undefined = undefined
  /** How many steps are around it: 0 for the outermost. Undefined when the batch does not show all of them. */
  depth: number | undefined = undefined
  /** There is no step around it: the way up through its batch ends at a span that has no parent. */
  isTop = false

  constructor(kind: StepKind, item: number, ids: IdSource) {
    this.kind = kind
    this.item = item
    this.ids = ids
  }

  /** Every call has another one, so its text is made only for who asks. */
  get toolCallId(): string | undefined {
    const { buffer, byteOffset } = this.ids.bytes
    return this.toolCallIdAt < 0
      ? undefined
      : Buffer.from(buffer, byteOffset + this.toolCallIdAt, this.toolCallIdLength).toString()
  }
  get traceId(): string {
    return this.ids.trace < 0
      ? ''
      : Buffer.from(this.ids.bytes.buffer, this.ids.bytes.byteOffset + this.ids.trace, 16).toString('hex')
  }
  get spanId(): string {
    return this.ids.span < 0
      ? ''
      : Buffer.from(this.ids.bytes.buffer, this.ids.bytes.byteOffset + this.ids.span, 8).toString('hex')
  }
  get parentSpanId(): string {
    return this.ids.parent < 0
      ? ''
      : Buffer.from(this.ids.bytes.buffer, this.ids.bytes.byteOffset + this.ids.parent, 8).toString('hex')
  }
}
