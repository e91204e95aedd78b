import { detachIds, NOTHING_DERIVED } from './call-codec.ts'
import { LogRecord } from './log-record.ts'
import type { Accepted, RecordReader, Store } from './store.ts'

/** What a record costs besides its bytes. */
const OVERHEAD = 200

const NO_READER: RecordReader = { next: () => undefined, close: () => undefined }

/** A log that lives and dies with the process. */
export class MemoryStore implements Store {
  readonly durable = false
  tail = 0
  nextSeq = 0
  private reclaimed = 0

  get used(): number {
    return this.tail - this.reclaimed
  }

  sizeOf(batch: Accepted): number {
    return OVERHEAD + batch.bytes.length
  }

  append(batch: Accepted, withCalls: boolean): LogRecord {
    const place = { at: this.tail, end: this.tail + this.sizeOf(batch), seq: this.nextSeq++ }
    this.tail = place.end
    if (!withCalls) return new LogRecord(place, batch.items, batch.bytes, NOTHING_DERIVED)
    if (batch.calls.length > 0) detachIds(batch.calls)
    return new LogRecord(place, batch.items, batch.bytes, { calls: batch.calls, verdicts: batch.verdicts })
  }

  async sync(): Promise<void> {}

  reclaim(position: number): void {
    this.reclaimed = Math.max(this.reclaimed, position)
  }

  reader(): RecordReader {
    return NO_READER
  }

  close(): void {}
}
