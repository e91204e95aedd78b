import { Call } from '../../genai/call.ts'
import { FLAG, flagNames } from '../../genai/dialects/flags.ts'
import type { Usage } from '../../genai/usage.ts'
import { keyHigh, keyLow, spanKey, useTrace } from './span-keys.ts'

const BATCHES_MAX = 1024
const BYTES_MAX = 32 * 1024 * 1024
/** What a call is reckoned to take beside the bytes of its batch. */
const CALL_BYTES = 1024

interface Kept {
  readonly serial: number
  readonly calls: readonly Call[]
  readonly bytes: number
}

/**
 * The calls of the last batches, so that one which was billed too early can be taken back. Kept by batch, because nearly
 * none is ever asked for: at most 1024 batches and 32 MiB.
 */
export class Recent {
  /** By serial number, in a ring; the oldest that is kept. */
  private readonly batches: (Kept | undefined)[] = new Array<Kept | undefined>(BATCHES_MAX).fill(undefined)
  private oldest = 0
  private bytes = 0

  /**
   * @param serial grows from batch to batch
   * @param calls as the batch has them; nobody changes them once the batch is through
   */
  add(serial: number, calls: readonly Call[], requestBytes: number): void {
    if (calls.length === 0) return
    const bytes = requestBytes + calls.length * CALL_BYTES
    this.bytes += bytes
    while (this.oldest < serial && (serial - this.oldest >= BATCHES_MAX || this.bytes > BYTES_MAX)) {
      const slot = this.oldest++ % BATCHES_MAX
      this.bytes -= this.batches[slot]?.bytes ?? 0
      this.batches[slot] = undefined
    }
    this.batches[serial % BATCHES_MAX] = { serial, calls, bytes }
  }

  /** The call at a place of a batch. */
  at(serial: number, place: number): Call | undefined {
    return this.batch(serial)?.calls[place]
  }

  /** From now on this is what the batch billed there. Its own list is not changed: others hold it too. */
  replace(serial: number, place: number, call: Call): void {
    const batch = this.batch(serial)
    if (batch !== undefined) {
      this.batches[serial % BATCHES_MAX] = { ...batch, calls: batch.calls.with(place, call) }
    }
  }

  private batch(serial: number): Kept | undefined {
    const batch = this.batches[serial % BATCHES_MAX]
    return batch?.serial === serial ? batch : undefined
  }

  /** The call that a batch billed for the span with this key. */
  find(serial: number, low: number, high: number): Call | undefined {
    for (const call of this.batch(serial)?.calls ?? []) {
      if (call.bill !== 'billed' || call.signal !== 'span' || (call.correctionOf !== undefined && !isReading(call)))
        continue
      const { bytes, trace, span } = call.ids
      if (trace < 0 || span < 0) continue
      const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length)
      useTrace(view, trace)
      spanKey(view, span)
      if (keyLow === low && keyHigh === high) return call
    }
    return undefined
  }
}

/** A later reading of a call stands for it, though it is a correction. */
const isReading = (call: Call): boolean => call.flags.includes('repriced')

/** A call's negative: money and tokens of the two add up to nothing. */
export function correctionFor(billed: Call): Call {
  const call = detached(billed)
  call.correctionOf = billed.key
  call.usage = negated(billed.usage)
  call.flags = flagNames(FLAG.correction)
  call.bill = 'billed'
  const { cost } = billed
  // Without a cost of its own it would be priced like a call.
  call.cost =
    cost === undefined
      ? {
          status: 'unpriced',
          pico: undefined,
          card: undefined,
          bookVersion: '',
          layer: 'none',
          reason: 'correction',
          lines: [],
        }
      : {
          status: cost.status,
          pico: cost.pico === undefined ? undefined : negative(cost.pico),
          card: cost.card,
          bookVersion: cost.bookVersion,
          layer: cost.layer,
          reason: cost.reason,
          lines: [],
        }
  return call
}

const negative = (pico: number | bigint): number | bigint => (pico === 0 || pico === 0n ? 0 : -pico)
const minus = (n: number | undefined): number | undefined => (n === undefined ? undefined : n === 0 ? 0 : -n)

function negated(usage: Usage): Usage {
  const { other } = usage
  return {
    input: minus(usage.input),
    cacheRead: minus(usage.cacheRead),
    cacheWrite: minus(usage.cacheWrite),
    cacheWrite5m: minus(usage.cacheWrite5m),
    cacheWrite1h: minus(usage.cacheWrite1h),
    output: minus(usage.output),
    reasoning: minus(usage.reasoning),
    other: other && Object.fromEntries(Object.entries(other).map(([meter, n]) => [meter, minus(n)])),
  }
}

/** A copy that stands outside of any batch: its ids in bytes of its own. */
export function detached(from: Call): Call {
  const { ids } = from
  const bytes = Buffer.alloc(32)
  const copy = (at: number, to: number, length: number): number => {
    if (at < 0) return -1
    bytes.set(ids.bytes.subarray(at, at + length), to)
    return to
  }
  const call = new Call(from.signal, -1, {
    bytes,
    trace: copy(ids.trace, 0, 16),
    span: copy(ids.span, 16, 8),
    parent: copy(ids.parent, 24, 8),
  })
  call.startMs = from.startMs
  call.endMs = from.endMs
  call.dialect = from.dialect
  call.role = from.role
  call.operation = from.operation
  call.provider = from.provider
  call.requestModel = from.requestModel
  call.responseModel = from.responseModel
  call.serviceTier = from.serviceTier
  call.speed = from.speed
  call.inferenceGeo = from.inferenceGeo
  call.region = from.region
  call.conversation = from.conversation
  call.serviceName = from.serviceName
  call.agentId = from.agentId
  call.errorType = from.errorType
  call.usage = from.usage
  call.flags = from.flags
  call.reportedPico = from.reportedPico
  call.reportedIsBilled = from.reportedIsBilled
  call.isByok = from.isByok
  call.bill = from.bill
  call.tags = from.tags
  const { responseId } = from
  if (responseId !== undefined) call.responseId = responseId
  return call
}
