import type { Call, Cost } from '../../../genai/call.ts'
import type { Step } from '../../../genai/step.ts'
import { totalInput, totalOutput } from '../../../genai/usage.ts'
import { ItemBatch } from '../../../otlp/batch.ts'
import { KeyTable } from '../../../otlp/keys.ts'
import type { Batch } from '../../../pipeline/batch.ts'
import type { Processor } from '../../../pipeline/component.ts'
import { encodeRequest } from '../../../test/support/oracle.ts'

export type Signal = 'traces' | 'logs'

/** One processor over requests of both signals, as one pipeline each would have it; state is kept. */
export function feeder(processor: Processor): (request: Buffer, signal: Signal) => Batch {
  const keys = new KeyTable(['tokenfuse.*', 'gen_ai.usage.cost', ...(processor.wants ?? [])])
  processor.bind?.(keys)
  const items = new ItemBatch(keys)
  return (request, signal) => {
    items.load(request, signal)
    const batch: Batch = { signal, items, calls: [], steps: [], verdicts: [] }
    processor.process(batch)
    return batch
  }
}

/** The same, and every billed call has a price afterwards, as in a whole pipeline. */
export function pricedFeeder(processor: Processor): ReturnType<typeof feeder> {
  const feed = feeder(processor)
  return (request, signal) => {
    const batch = feed(request, signal)
    for (const call of batch.calls) if (call.bill === 'billed') call.cost ??= costOf(call)
    return batch
  }
}

const costOf = ({ usage }: Call): Cost => ({
  status: 'priced',
  pico: totalInput(usage) + 5 * totalOutput(usage),
  card: 'test',
  bookVersion: '1',
  layer: 'book',
  reason: undefined,
  lines: [],
})

const ID_KEYS = new Set(['traceId', 'spanId', 'parentSpanId'])

/** OTLP/JSON (ids in hex) to request bytes. */
export function requestOf(json: object): { readonly bytes: Buffer; readonly signal: Signal } {
  const signal = 'resourceLogs' in json ? 'logs' : 'traces'
  const withIds: unknown = JSON.parse(JSON.stringify(json), (key, value: unknown) =>
    ID_KEYS.has(key) && typeof value === 'string' ? Buffer.from(value, 'hex').toString('base64') : value,
  )
  return { bytes: encodeRequest(signal, withIds as object), signal }
}

const defined = (o: object): object => Object.fromEntries(Object.entries(o).filter(([, v]) => v !== undefined))

/** What was understood of a call, without what only says where it stood. */
export function describeCall(call: Call): object {
  return defined({
    span: call.signal === 'log' ? undefined : call.spanId,
    signal: call.signal === 'span' ? undefined : call.signal,
    bill: call.bill,
    dialect: call.dialect,
    role: call.role,
    provider: call.provider,
    model: call.model,
    responseId: call.responseId,
    serviceTier: call.serviceTier,
    usage: defined(call.usage),
    reportedPico: call.reportedPico === undefined ? undefined : Number(call.reportedPico),
    flags: call.flags.length > 0 ? call.flags : undefined,
    correctionOf: call.correctionOf,
  })
}

export const describeStep = ({ kind, name, agent, isError }: Step): object =>
  defined({ kind, name, agent, isError: isError || undefined })
