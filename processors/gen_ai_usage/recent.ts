import { Call } from '../../genai/call.ts'
import { FLAG, flagNames } from '../../genai/dialects/flags.ts'
import type { Usage } from '../../genai/usage.ts'
import { CallRows, hasKey } from './call-rows.ts'

const BATCHES_MAX = 1024
const CALLS_START = 256
const CALLS_MAX = 16_384

/**
 * The calls that the last batches billed, so that one which was billed too early can be taken back. At most 1024 batches
 * and 16,384 calls, 380 bytes each.
 *
 * Nearly none is ever asked for, so that they are kept as rows of a table: objects that outlive their batch make up most
 * of the garbage collector's work.
 */
export class Recent {
  private rows = new CallRows(CALLS_START)
  /** Rows written so far; row n is at n modulo the size of the table. */
  private written = 0
  /** By serial number modulo their size: which batch it is, and its rows. */
  private readonly serials = new Int32Array(BATCHES_MAX).fill(-1)
  private readonly firsts = new Float64Array(BATCHES_MAX)
  private readonly counts = new Int32Array(BATCHES_MAX)
  /** The batch that is not in the table yet: its calls get their costs and tags behind this processor. */
  private latest: { readonly serial: number; readonly calls: readonly Call[] } | undefined
  /** The oldest batch that is remembered, and its first row. */
  private firstSerial = 0
  private firstRow = 0
  /** What stands for a row since it was read again. */
  private readonly replaced = new Map<number, Call>()

  /**
   * @param serial grows from batch to batch
   * @param calls as the batch has them; nobody changes them once the batch is through
   */
  add(serial: number, calls: readonly Call[]): void {
    this.enter()
    if (calls.length > 0) this.latest = { serial, calls }
  }

  /** To be called before a batch: the one before is through, and its calls can be written down. */
  enter(): void {
    const { latest } = this
    if (latest === undefined) return
    this.latest = undefined
    const { serial, calls } = latest
    this.forget(serial - BATCHES_MAX)
    const first = this.written
    for (let c = 0; c < calls.length; c++) {
      const call = calls[c] as Call
      if (isAsked(call)) this.write(call, c)
    }
    const slot = serial % BATCHES_MAX
    this.serials[slot] = serial
    this.firsts[slot] = first
    this.counts[slot] = this.written - first
  }

  private forget(serial: number): void {
    for (; this.firstSerial <= serial; this.firstSerial++) {
      const slot = this.firstSerial % BATCHES_MAX
      if (this.serials[slot] === this.firstSerial)
        this.firstRow = (this.firsts[slot] as number) + (this.counts[slot] as number)
    }
  }

  private write(call: Call, place: number): void {
    if (this.written - this.firstRow >= this.rows.size && this.rows.size < CALLS_MAX)
      this.rows = this.rows.grown(this.written)
    if (this.replaced.size > 0) this.replaced.delete(this.written - this.rows.size)
    this.rows.write(this.written % this.rows.size, call, place)
    this.written++
  }

  /** The call that was billed at a place of a batch. */
  at(serial: number, place: number): Call | undefined {
    if (serial === this.latest?.serial) return this.latest.calls[place]
    const row = this.rowOf(serial, (at) => this.rows.placeOf(at) === place)
    return row < 0 ? undefined : this.callOf(row)
  }

  /** From now on this is what the batch billed there. Its own list is not changed: others hold it too. */
  replace(serial: number, place: number, call: Call): void {
    const { latest } = this
    if (serial === latest?.serial) this.latest = { serial, calls: latest.calls.with(place, call) }
    const row = this.rowOf(serial, (at) => this.rows.placeOf(at) === place)
    if (row >= 0) this.replaced.set(row, call)
  }

  /** The call that a batch billed for the span with this key. */
  find(serial: number, low: number, high: number): Call | undefined {
    if (serial === this.latest?.serial)
      return this.latest.calls.find(
        (call) => isAsked(call) && hasKey(call.ids.bytes, call.ids.trace, call.ids.span, low, high),
      )
    const row = this.rowOf(serial, (at) => this.rows.isSpan(at, low, high))
    return row < 0 ? undefined : this.callOf(row)
  }

  private callOf(row: number): Call {
    return this.replaced.get(row) ?? this.rows.read(row % this.rows.size)
  }

  private rowOf(serial: number, is: (at: number) => boolean): number {
    const slot = serial % BATCHES_MAX
    if (this.serials[slot] !== serial) return -1
    const first = this.firsts[slot] as number
    const end = first + (this.counts[slot] as number)
    for (let row = Math.max(first, this.written - this.rows.size); row < end; row++)
      if (is(row % this.rows.size)) return row
    return -1
  }
}

const isAsked = (call: Call): boolean =>
  call.bill === 'billed' && call.signal === 'span' && (call.correctionOf === undefined || isReading(call))

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
