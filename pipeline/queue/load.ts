import { countDataPoints } from '../../otlp/count-metrics.ts'
import type { Signal } from '../component.ts'
import type { DeadLetter } from './dead-letters.ts'
import type { LogRecord } from './log-record.ts'
import { type Merged, merge, Payload } from './payload.ts'
import { countItems, subset } from './split.ts'

/** Something that is sent as one request and that can be halved when the far end rejects it, down to one item. */
export interface Load {
  readonly payload: Payload
  /** Undefined when it cannot be made smaller. */
  halves(): readonly [Load, Load] | undefined
  letters(): readonly DeadLetter[]
}

/** Whole batches as they were accepted. */
export class RecordsLoad implements Load {
  readonly payload: Payload
  private readonly signal: Signal
  private readonly records: readonly LogRecord[]

  constructor(signal: Signal, merged: Merged) {
    this.signal = signal
    this.payload = merged.payload
    this.records = merged.records
  }

  halves(): readonly [Load, Load] | undefined {
    const [first] = this.records
    if (first !== undefined && this.records.length === 1) return itemsOf(this.signal, first)?.halves()
    const middle = this.records.length >>> 1
    const half = (records: readonly LogRecord[]): Load => new RecordsLoad(this.signal, merge(this.signal, records))
    return [half(this.records.slice(0, middle)), half(this.records.slice(middle))]
  }

  letters(): readonly DeadLetter[] {
    return this.records.map(({ bytes, items }) => ({ signal: this.signal, bytes, items }))
  }
}

/** All items of one record; undefined for bytes that cannot be taken apart. */
function itemsOf(signal: Signal, record: LogRecord): ItemsLoad | undefined {
  try {
    return new ItemsLoad(signal, record, 0, countItems(record.bytes))
  } catch {
    return undefined
  }
}

/** Some items of one record: spans, log records, or whole metrics. */
class ItemsLoad implements Load {
  private readonly signal: Signal
  private readonly record: LogRecord
  private readonly from: number
  private readonly to: number
  private made: Payload | undefined

  constructor(signal: Signal, record: LogRecord, from: number, to: number) {
    this.signal = signal
    this.record = record
    this.from = from
    this.to = to
  }

  get payload(): Payload {
    this.made ??= this.make()
    return this.made
  }

  halves(): readonly [Load, Load] | undefined {
    if (this.to - this.from < 2) return undefined
    const middle = (this.from + this.to) >>> 1
    const part = (from: number, to: number): Load => new ItemsLoad(this.signal, this.record, from, to)
    return [part(this.from, middle), part(middle, this.to)]
  }

  letters(): readonly DeadLetter[] {
    const { signal, bytes, items } = this.payload
    return [{ signal, bytes, items }]
  }

  private make(): Payload {
    const { signal, record, from, to } = this
    const bytes = subset(record.bytes, from, to)
    return new Payload({
      signal,
      bytes,
      items: signal === 'metrics' ? countDataPoints(bytes) : to - from,
      // Calls without an item (released late) go with the first part.
      calls: () => record.calls.filter(({ item }) => (item >= from && item < to) || (item < 0 && from === 0)),
      verdicts: () => (from === 0 ? record.verdicts : []),
    })
  }
}
