import { type BillStatus, Call, type Cost, NO_TAGS, type Tags } from '../../../genai/call.ts'
import type { Pico } from '../../../genai/money.ts'
import type { Usage } from '../../../genai/usage.ts'
import type { Verdict } from '../../../genai/verdict.ts'
import type { Delivery } from '../../../pipeline/component.ts'

export interface CallShape {
  /** Hex; '' for none. */
  readonly trace?: string
  readonly span?: string
  readonly pico?: Pico | undefined
  readonly cost?: Cost
  readonly bill?: BillStatus
  readonly provider?: string
  readonly model?: string
  readonly responseId?: string
  readonly usage?: Usage
  readonly tags?: Partial<Tags>
  readonly startMs?: number
  readonly endMs?: number
  readonly correctionOf?: string
}

let serial = 0

/** A call with ids of its own unless told otherwise. */
export function call(shape: CallShape = {}): Call {
  serial++
  const trace = Buffer.from(shape.trace ?? serial.toString(16).padStart(32, '0'), 'hex')
  const span = Buffer.from(shape.span ?? serial.toString(16).padStart(16, '0'), 'hex')
  const bytes = Buffer.concat([trace, span])
  const made = new Call('span', 0, {
    bytes,
    trace: trace.length === 0 ? -1 : 0,
    span: span.length === 0 ? -1 : trace.length,
    parent: -1,
  })
  made.provider = shape.provider ?? 'openai'
  made.operation = 'chat'
  made.requestModel = shape.model ?? 'gpt-5'
  if (shape.responseId !== undefined) made.responseId = shape.responseId
  made.bill = shape.bill ?? 'billed'
  made.usage = shape.usage ?? {}
  made.startMs = shape.startMs ?? 0
  made.endMs = shape.endMs ?? 0
  made.correctionOf = shape.correctionOf
  made.cost = shape.cost ?? (shape.pico === undefined ? undefined : priced(shape.pico))
  made.tags = { ...NO_TAGS, ...shape.tags }
  return made
}

export const priced = (pico: Pico): Cost => ({
  ...{
    status: 'priced',
    pico,
    card: 'openai/gpt-5@2025-08-07',
    bookVersion: '2025-11-23',
    layer: 'book',
    reason: undefined,
    lines: [],
  },
})

export const delivery = (calls: readonly Call[], verdicts: readonly Verdict[] = []): Delivery => ({
  ...{ signal: 'traces', bytes: Buffer.alloc(0), items: calls.length, calls, verdicts },
  compressed: () => Promise.reject(new Error('not asked for')),
})
