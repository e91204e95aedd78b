import type { LogRecord } from './log-record.ts'

/**
 * The newest records, kept in memory so that normal operation never reads back what it wrote. Always a gapless run up
 * to the end of the log: what was let go is read from disk.
 */
export class HotRecords {
  private records: (LogRecord | undefined)[] = []
  private head = 0
  private weight = 0
  private readonly onGone: (record: LogRecord) => void

  /** `onGone` is told of every record that is let go. */
  constructor(onGone: (record: LogRecord) => void) {
    this.onGone = onGone
  }

  push(record: LogRecord): void {
    this.records.push(record)
    this.weight += record.weight
  }

  /** The first record at or behind `position`; undefined when that is not in memory. */
  from(position: number): LogRecord | undefined {
    const first = this.records[this.head]
    if (first === undefined || position < first.at) return undefined
    let low = this.head
    let high = this.records.length
    while (low < high) {
      const middle = (low + high) >>> 1
      if ((this.records[middle] as LogRecord).at < position) low = middle + 1
      else high = middle
    }
    return this.records[low]
  }

  /** Lets go of everything before `read`, which nobody will ask for again, and of the oldest beyond `bound` bytes. */
  trim(read: number, bound: number): void {
    for (;;) {
      const first = this.records[this.head]
      if (first === undefined || (first.end > read && this.weight <= bound)) break
      this.weight -= first.weight
      this.records[this.head++] = undefined
      this.onGone(first)
    }
    if (this.head * 2 > this.records.length) {
      this.records = this.records.slice(this.head)
      this.head = 0
    }
  }
}
