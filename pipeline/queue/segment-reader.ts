import type { Disk, DiskFile } from './disk.ts'
import { LogRecord } from './log-record.ts'
import { bodyCrc, findHeader, HEADER_SIZE, type RecordHeader, readHeader, recordSize } from './record.ts'
import type { Hole, RecordReader } from './store.ts'

/** A file of the log. It holds the positions from `base` to `base + size`. */
export interface Segment {
  readonly path: string
  readonly base: number
  size: number
}

/** One read of the disk fetches this much, so that many small records cost one call. */
const CHUNK = 256 * 1024
/** At most this much of a damaged stretch is kept for the dead letter file. */
const REMAINS_MAX = 1024 * 1024

/** The segment that holds `position`, or the first one behind it. */
function segmentAt(segments: readonly Segment[], position: number): Segment | undefined {
  return segments.find((segment) => position < segment.base + segment.size)
}

export class SegmentReader implements RecordReader {
  private readonly disk: Disk
  private readonly segments: readonly Segment[]
  private file: DiskFile | undefined
  private open: Segment | undefined
  private chunk = Buffer.alloc(0)
  private chunkAt = 0

  /** `segments` is the store's own list: it changes while we read. */
  constructor(disk: Disk, segments: readonly Segment[]) {
    this.disk = disk
    this.segments = segments
  }

  next(position: number): LogRecord | Hole | undefined {
    const segment = segmentAt(this.segments, position)
    if (segment === undefined) return undefined
    if (position < segment.base) return { kind: 'gap', from: position, to: segment.base }
    const offset = position - segment.base
    const header = readHeader(this.load(segment, offset, HEADER_SIZE), 0)
    if (header === undefined) return this.unknown(segment, offset)
    return this.record(segment, offset, header)
  }

  /** Numbers of its records, and whether all of them is there; for recovery. Bodies are not looked at. */
  *numbers(segment: Segment): Generator<{ readonly seq: number; readonly isWhole: boolean }> {
    for (let offset = 0; offset < segment.size; ) {
      const header = readHeader(this.load(segment, offset, HEADER_SIZE), 0)
      if (header !== undefined) yield { seq: header.seq, isWhole: offset + recordSize(header) <= segment.size }
      offset = header === undefined ? this.findNext(segment, offset) : offset + recordSize(header)
    }
  }

  private record(segment: Segment, offset: number, header: RecordHeader): LogRecord | Hole {
    const from = segment.base + offset
    const size = recordSize(header)
    if (offset + size > segment.size) return { kind: 'torn', from, to: segment.base + segment.size }
    const bytes = this.load(segment, offset, size)
    const bodyAt = HEADER_SIZE + header.derivedLength
    const section = bytes.subarray(HEADER_SIZE, bodyAt)
    const payload = bytes.subarray(bodyAt, size)
    const place = { at: from, end: from + size, seq: header.seq }
    if (bytes.length < size || bodyCrc(section, payload) !== header.bodyCrc) {
      return { kind: 'corrupt', from, to: place.end, bytes: Buffer.from(bytes.subarray(0, REMAINS_MAX)) }
    }
    return new LogRecord(place, header.items, payload, { section, version: header.derivedVersion })
  }

  /** No header where one should be: everything up to the next sound one is lost. */
  private unknown(segment: Segment, offset: number): Hole {
    const to = this.findNext(segment, offset)
    const hole = { from: segment.base + offset, to: segment.base + to }
    const bytes = Buffer.from(this.load(segment, offset, Math.min(to - offset, REMAINS_MAX)))
    // Behind a crash of the machine, files end in zeros or in half a record. Those were never acknowledged.
    const unwritten = to === segment.size && (bytes.length < HEADER_SIZE || bytes.every((byte) => byte === 0))
    return unwritten ? { kind: 'torn', ...hole } : { kind: 'corrupt', ...hole, bytes }
  }

  private findNext(segment: Segment, offset: number): number {
    for (let from = offset + 1; from < segment.size; ) {
      const window = this.load(segment, from, Math.min(CHUNK, segment.size - from))
      const found = findHeader(window, 0)
      if (found >= 0) return from + found
      // A header may lie across the edge of the window.
      const step = window.length - HEADER_SIZE + 1
      if (step <= 0) break
      from += step
    }
    return segment.size
  }

  /** `length` bytes at `offset`, fewer where the file ends. Fresh memory: records keep views of it. */
  private load(segment: Segment, offset: number, length: number): Buffer {
    const wanted = Math.min(length, segment.size - offset)
    if (this.open !== segment || offset < this.chunkAt || offset + wanted > this.chunkAt + this.chunk.length) {
      this.fetch(segment, offset, wanted)
    }
    return this.chunk.subarray(offset - this.chunkAt, offset - this.chunkAt + wanted)
  }

  private fetch(segment: Segment, offset: number, wanted: number): void {
    if (this.open !== segment || this.file === undefined) {
      this.close()
      this.file = this.disk.open(segment.path, 'read')
      this.open = segment
    }
    const room = Buffer.allocUnsafeSlow(Math.min(Math.max(wanted, CHUNK), segment.size - offset))
    const got = this.file.read(room, offset)
    this.chunk = room.subarray(0, got)
    this.chunkAt = offset
  }

  close(): void {
    this.file?.close()
    this.file = undefined
    this.open = undefined
    this.chunk = Buffer.alloc(0)
  }
}
