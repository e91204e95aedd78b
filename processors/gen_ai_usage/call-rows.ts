import { Call, type CallRole, type Cost, type Tags } from '../../genai/call.ts'
import type { Usage } from '../../genai/usage.ts'
import { keyHigh, keyLow, spanKey, useTrace } from './span-keys.ts'

/** Texts and shared objects of a call, by column. */
const REFS = 22
/** Numbers of a call; NaN where there is none. */
const NUMBERS = 11
/** Trace, span and parent id, then the response id. */
const RESPONSE_AT = 32
const RESPONSE_MAX = 64
const BYTES = RESPONSE_AT + RESPONSE_MAX
const NO_BYTES = Buffer.alloc(0)
const NO_VIEW = new DataView(new ArrayBuffer(0))
const HAS_TRACE = 1
const HAS_SPAN = 2
const HAS_PARENT = 4
const BILLED_COST = 8
const IS_BYOK = 16
const NO_COST = 32
/** A response id that is too long for its column. */
const LONG_ID = 64

/** Calls written down in columns that are used again: nothing is allocated for a call that is never read back. */
export class CallRows {
  readonly size: number
  private readonly refs: unknown[]
  private readonly numbers: Float64Array
  private readonly bytes: Buffer
  private readonly view: DataView
  private readonly places: Int32Array
  /** The bytes that ids are written down from, those of one batch after the other. */
  private source: Uint8Array | undefined
  private sourceView: DataView = NO_VIEW
  private readonly flags: Uint8Array
  private readonly responseLengths: Int8Array

  constructor(size: number) {
    this.size = size
    this.refs = new Array<unknown>(size * REFS).fill(undefined)
    this.numbers = new Float64Array(size * NUMBERS)
    this.bytes = Buffer.alloc(size * BYTES)
    this.view = new DataView(this.bytes.buffer, this.bytes.byteOffset, this.bytes.length)
    this.places = new Int32Array(size)
    this.flags = new Uint8Array(size)
    this.responseLengths = new Int8Array(size)
  }

  /** A table of twice the size with the same rows; row n of all that were ever written is at n modulo the size. */
  grown(written: number): CallRows {
    const to = new CallRows(this.size * 2)
    for (let row = Math.max(0, written - this.size); row < written; row++) to.take(row % to.size, this, row % this.size)
    return to
  }

  private take(to: number, from: CallRows, at: number): void {
    for (let i = 0; i < REFS; i++) this.refs[to * REFS + i] = from.refs[at * REFS + i]
    this.numbers.set(from.numbers.subarray(at * NUMBERS, (at + 1) * NUMBERS), to * NUMBERS)
    this.bytes.set(from.bytes.subarray(at * BYTES, (at + 1) * BYTES), to * BYTES)
    this.places[to] = from.places[at] as number
    this.flags[to] = from.flags[at] as number
    this.responseLengths[to] = from.responseLengths[at] as number
  }

  placeOf(row: number): number {
    return this.places[row] as number
  }

  isSpan(row: number, low: number, high: number): boolean {
    const flags = this.flags[row] as number
    if ((flags & HAS_TRACE) === 0 || (flags & HAS_SPAN) === 0) return false
    useTrace(this.view, row * BYTES)
    spanKey(this.view, row * BYTES + 16)
    return keyLow === low && keyHigh === high
  }

  write(row: number, call: Call, place: number): void {
    this.places[row] = place
    const flags = this.writeIds(row, call)
    this.writeNumbers(row * NUMBERS, call)
    this.writeRefs(row * REFS, call)
    this.writeCost(row * REFS, row * NUMBERS, call.cost)
    this.flags[row] =
      flags |
      (call.reportedIsBilled ? BILLED_COST : 0) |
      (call.isByok ? IS_BYOK : 0) |
      (call.cost === undefined ? NO_COST : 0)
  }

  private writeIds(row: number, call: Call): number {
    const { ids } = call
    const to = row * BYTES
    let has = 0
    if (ids.bytes !== this.source) {
      this.source = ids.bytes
      this.sourceView = new DataView(ids.bytes.buffer, ids.bytes.byteOffset, ids.bytes.length)
    }
    if (ids.trace >= 0) has |= this.copyWords(ids.trace, to, 16, HAS_TRACE)
    if (ids.span >= 0) has |= this.copyWords(ids.span, to + 16, 8, HAS_SPAN)
    if (ids.parent >= 0) has |= this.copyWords(ids.parent, to + 24, 8, HAS_PARENT)
    const length = call.responseIdLength
    const inBytes = call.responseIdAt >= 0 && length <= RESPONSE_MAX
    if (call.responseIdAt >= 0 && !inBytes) has |= LONG_ID
    this.responseLengths[row] = inBytes ? length : -1
    if (inBytes) this.copyWords(call.responseIdAt, to + RESPONSE_AT, length, 0)
    this.refs[row * REFS] = inBytes ? undefined : call.responseId
    return has
  }

  /** From the source at hand, four bytes at a time and what is left one by one. */
  private copyWords(at: number, to: number, length: number, flag: number): number {
    const { sourceView, view } = this
    let i = 0
    for (; i + 4 <= length; i += 4) view.setInt32(to + i, sourceView.getInt32(at + i, true), true)
    for (; i < length; i++) view.setUint8(to + i, sourceView.getUint8(at + i))
    return flag
  }

  private writeNumbers(at: number, { startMs, endMs, usage }: Call): void {
    const { numbers } = this
    numbers[at] = startMs
    numbers[at + 1] = endMs
    numbers[at + 2] = usage.input ?? Number.NaN
    numbers[at + 3] = usage.cacheRead ?? Number.NaN
    numbers[at + 4] = usage.cacheWrite ?? Number.NaN
    numbers[at + 5] = usage.cacheWrite5m ?? Number.NaN
    numbers[at + 6] = usage.cacheWrite1h ?? Number.NaN
    numbers[at + 7] = usage.output ?? Number.NaN
    numbers[at + 8] = usage.reasoning ?? Number.NaN
  }

  private writeRefs(at: number, call: Call): void {
    const { refs } = this
    refs[at + 1] = call.dialect
    refs[at + 2] = call.role
    refs[at + 3] = call.operation
    refs[at + 4] = call.provider
    refs[at + 5] = call.requestModel
    refs[at + 6] = call.responseModel
    refs[at + 7] = call.serviceTier
    refs[at + 8] = call.speed
    refs[at + 9] = call.inferenceGeo
    refs[at + 10] = call.region
    refs[at + 11] = call.conversation
    refs[at + 12] = call.serviceName
    refs[at + 13] = call.agentId
    refs[at + 14] = call.errorType
    refs[at + 15] = call.flags
    refs[at + 16] = call.tags
    refs[at + 17] = call.usage.other
    const reported = call.reportedPico
    refs[at + 18] = typeof reported === 'bigint' ? reported : undefined
    this.numbers[(at / REFS) * NUMBERS + 9] = typeof reported === 'number' ? reported : Number.NaN
  }

  private writeCost(at: number, number: number, cost: Cost | undefined): void {
    const { refs } = this
    const pico = cost?.pico
    refs[at + 19] = typeof pico === 'bigint' ? pico : undefined
    this.numbers[number + 10] = typeof pico === 'number' ? pico : Number.NaN
    refs[at + 20] = cost === undefined ? undefined : partsOf(cost)
    refs[at + 21] = cost?.reason
  }

  /** The call as it was, without what nobody asks of one that is over: its cost has no lines. */
  read(row: number): Call {
    const { refs, numbers } = this
    const at = row * REFS
    const from = row * BYTES
    const flags = this.flags[row] as number
    const text = (column: number): string | undefined => refs[at + column] as string | undefined
    const response = this.responseOf(row, flags)
    const call = new Call('span', -1, {
      bytes: Buffer.concat([this.bytes.subarray(from, from + RESPONSE_AT), response ?? NO_BYTES]),
      trace: (flags & HAS_TRACE) === 0 ? -1 : 0,
      span: (flags & HAS_SPAN) === 0 ? -1 : 16,
      parent: (flags & HAS_PARENT) === 0 ? -1 : 24,
    })
    if (response !== undefined) {
      call.responseIdAt = RESPONSE_AT
      call.responseIdLength = response.length
    } else if (text(0) !== undefined) call.responseId = text(0)
    call.startMs = numbers[row * NUMBERS] as number
    call.endMs = numbers[row * NUMBERS + 1] as number
    call.dialect = text(1) ?? ''
    call.role = refs[at + 2] as CallRole
    call.operation = text(3) ?? ''
    call.provider = text(4) ?? ''
    call.requestModel = text(5)
    call.responseModel = text(6)
    call.serviceTier = text(7)
    call.speed = text(8)
    call.inferenceGeo = text(9)
    call.region = text(10)
    call.conversation = text(11)
    call.serviceName = text(12)
    call.agentId = text(13)
    call.errorType = text(14)
    call.flags = refs[at + 15] as readonly string[]
    call.tags = refs[at + 16] as Tags
    call.usage = this.usageOf(row)
    call.reportedPico = this.pico(at + 18, row * NUMBERS + 9)
    call.reportedIsBilled = (flags & BILLED_COST) !== 0
    call.isByok = (flags & IS_BYOK) !== 0
    if ((flags & NO_COST) === 0) {
      const parts = refs[at + 20] as CostParts
      call.cost = { ...parts, pico: this.pico(at + 19, row * NUMBERS + 10), reason: text(21), lines: [] }
    }
    return call
  }

  /** The bytes of a response id that was read from telemetry; undefined when there is none, or it was set as text. */
  private responseOf(row: number, flags: number): Buffer | undefined {
    const length = this.responseLengths[row] as number
    const from = row * BYTES + RESPONSE_AT
    if (length >= 0) return this.bytes.subarray(from, from + length)
    return (flags & LONG_ID) === 0 ? undefined : Buffer.from(this.refs[row * REFS] as string)
  }

  private usageOf(row: number): Usage {
    const n = (column: number): number | undefined => {
      const value = this.numbers[row * NUMBERS + column] as number
      return Number.isNaN(value) ? undefined : value
    }
    return {
      input: n(2),
      cacheRead: n(3),
      cacheWrite: n(4),
      cacheWrite5m: n(5),
      cacheWrite1h: n(6),
      output: n(7),
      reasoning: n(8),
      other: this.refs[row * REFS + 17] as Usage['other'],
    }
  }

  private pico(ref: number, number: number): number | bigint | undefined {
    const value = this.numbers[number] as number
    return Number.isNaN(value) ? (this.refs[ref] as bigint | undefined) : value
  }
}

type CostParts = Pick<Cost, 'status' | 'card' | 'bookVersion' | 'layer'>

const PARTS_MAX = 4096
/** What costs have in common, by card: there are as many as cards in use. */
const PARTS = new Map<string | undefined, CostParts>()

function partsOf(cost: Cost): CostParts {
  const { status, card, bookVersion, layer } = cost
  const known = PARTS.get(card)
  if (known?.status === status && known.layer === layer && known.bookVersion === bookVersion) return known
  const parts = { status, card, bookVersion, layer }
  if (PARTS.size < PARTS_MAX) PARTS.set(card, parts)
  return parts
}

/** Whether the ids at these places are those of the span with this key. */
export function hasKey(bytes: Uint8Array, trace: number, span: number, low: number, high: number): boolean {
  if (trace < 0 || span < 0) return false
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length)
  useTrace(view, trace)
  spanKey(view, span)
  return keyLow === low && keyHigh === high
}
