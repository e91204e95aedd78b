import type { Pico } from './money.ts'
import type { Usage } from './usage.ts'

/** What a call did. Only these are billable; agents, workflows and tools are {@link Step}s. */
export type CallRole = 'inference' | 'embeddings' | 'rerank' | 'image' | 'audio'

/**
 * - `billed`: counts towards spend
 * - `superseded`: was billed until better evidence of the same call arrived
 * - `rollup`: repeats what calls below it already report
 * - `duplicate`: the same call seen again (resent, or by another instrumentation, or by the proxy)
 * - `not_billable`: free by its nature (token counting, cached replays, fetching a stored response)
 */
export const BILL_STATUSES = ['billed', 'superseded', 'rollup', 'duplicate', 'not_billable'] as const
export type BillStatus = (typeof BILL_STATUSES)[number]

/** How the cost came about; `unpriced` has no cost at all, and says why. */
export type CostStatus = 'priced' | 'reported' | 'free' | 'estimated' | 'unpriced'

/** The layer of the price book that answered, first hit wins. */
export type CostLayer = 'reported' | 'contract' | 'user' | 'book' | 'estimate' | 'none'

export interface Cost {
  readonly status: CostStatus
  /** Exact pico-USD; absent when `unpriced`. */
  readonly pico: Pico | undefined
  /** Id of the price card, e.g. `anthropic/claude-sonnet-4-5@2025-09-29`. */
  readonly card: string | undefined
  readonly bookVersion: string
  readonly layer: CostLayer
  /** Why it is unpriced, or what was assumed. */
  readonly reason: string | undefined
  /** Cost lines, made on demand: most calls never need them. */
  readonly lines: readonly CostLine[]
}

export interface CostLine {
  readonly meter: string
  readonly quantity: number
  /** `token`, `search`, `image`, `second`, `character`, `request`, `hour` … */
  readonly unit: string
  /** Exact decimal string, per one unit. */
  readonly unitPriceUsd: string
  readonly pico: Pico
}

/** Whom a call was for. Every value is bounded in length by `business_tags`. */
export interface Tags {
  run: string | undefined
  agent: string | undefined
  workflow: string | undefined
  step: string | undefined
  customer: string | undefined
  businessUnit: string | undefined
  /** Every further configured tag, by name. */
  extra: Readonly<Record<string, string>> | undefined
}

/** Where the bytes of a span's ids are, so that no string is made for a span that nobody asks about. */
export interface IdSource {
  readonly bytes: Uint8Array
  /** Offset of the 16 bytes, -1 when absent. */
  readonly trace: number
  /** Offset of the 8 bytes, -1 when absent. */
  readonly span: number
  readonly parent: number
}

const hex = (bytes: Uint8Array, at: number, length: number): string =>
  at < 0 ? '' : Buffer.from(bytes.buffer, bytes.byteOffset + at, length).toString('hex')

/**
 * One billable call to a provider. Made by `gen_ai_usage` or by the proxy, completed by the processors behind it, and
 * read by every exporter that does not speak OTLP.
 *
 * Fields are set in one place and in one order so that all calls share one hidden class.
 */
export class Call {
  readonly signal: 'span' | 'log' | 'proxy'
  /** Index of the span or log record in its batch; only meaningful while the batch is being processed. */
  readonly item: number
  ids: IdSource

  /** Milliseconds since the epoch, fractions kept; 0 when the sender gave none. */
  startMs = 0
  endMs = 0
  /** Which instrumentation wrote the evidence, e.g. `otel_genai`, `anthropic_sdk`, `proxy`. */
  dialect = ''
  role: CallRole = 'inference'
  operation = ''
  /** Canonical provider id (`openai`, `anthropic`, `aws.bedrock` …); '' when unknown. */
  provider = ''
  requestModel: string | undefined = undefined
  responseModel: string | undefined = undefined
  /** Service tier the provider answered with (`default`, `flex`, `priority`, `batch` …). */
  serviceTier: string | undefined = undefined
  /** Anthropic `usage.speed`. */
  speed: string | undefined = undefined
  inferenceGeo: string | undefined = undefined
  region: string | undefined = undefined
  conversation: string | undefined = undefined
  serviceName: string | undefined = undefined
  /** `gen_ai.agent.id`: tells agents of one name apart. */
  agentId: string | undefined = undefined
  errorType: string | undefined = undefined
  /** Retries that happened inside this one call. */
  resendCount = 0
  usage: Usage = {}
  /** Notes on how the usage was understood, e.g. `clamped`, `output_missing`. Shared constant arrays. */
  flags: readonly string[] = []
  /** USD that some system on the way reported; evidence, never added. */
  reportedPico: Pico | undefined = undefined
  /** Only a provider's own billed figure may replace the computed price. */
  reportedIsBilled = false
  isByok = false
  bill: BillStatus = 'billed'
  cost: Cost | undefined = undefined
  tags: Tags = NO_TAGS
  /** Set when this call is a correction of an earlier one: its key. Its cost may then be negative. */
  correctionOf: string | undefined = undefined

  /** Where the response id stands in `ids.bytes`, for calls read from telemetry; -1 = it was set as text, or is absent. */
  responseIdAt = -1
  responseIdLength = 0
  private responseIdText: string | undefined = undefined

  constructor(signal: Call['signal'], item: number, ids: IdSource) {
    this.signal = signal
    this.item = item
    this.ids = ids
  }

  get traceId(): string {
    return hex(this.ids.bytes, this.ids.trace, 16)
  }
  get spanId(): string {
    return hex(this.ids.bytes, this.ids.span, 8)
  }
  get parentSpanId(): string {
    return hex(this.ids.bytes, this.ids.parent, 8)
  }
  /** The provider's id of its answer. Every call has another one, so its text is made only for who asks. */
  get responseId(): string | undefined {
    if (this.responseIdText === undefined && this.responseIdAt >= 0) {
      const { buffer, byteOffset } = this.ids.bytes
      this.responseIdText = Buffer.from(buffer, byteOffset + this.responseIdAt, this.responseIdLength).toString()
    }
    return this.responseIdText
  }
  set responseId(text: string | undefined) {
    this.responseIdText = text
    this.responseIdAt = -1
  }
  /** What the same call is known by wherever it is seen: the provider's response id when it gave one. */
  get key(): string {
    return this.responseId === undefined || this.responseId === ''
      ? `${this.traceId}/${this.spanId}`
      : `${this.provider}|${this.responseId}`
  }
  /** The model that answered, else the one asked for. */
  get model(): string | undefined {
    return this.responseModel ?? this.requestModel
  }
}

export const NO_TAGS: Tags = Object.freeze({
  run: undefined,
  agent: undefined,
  workflow: undefined,
  step: undefined,
  customer: undefined,
  businessUnit: undefined,
  extra: undefined,
})
