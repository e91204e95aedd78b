import { join } from 'node:path'
import { DERIVED_VERSION, detachIds, encodeDerived, NOTHING_DERIVED } from './call-codec.ts'
import type { Place } from './cursor-file.ts'
import type { Disk, DiskFile } from './disk.ts'
import type { GroupSync } from './group-sync.ts'
import { LogRecord } from './log-record.ts'
import { foreignVersion, HEADER_SIZE, writeHeader } from './record.ts'
import { type Segment, SegmentReader } from './segment-reader.ts'
import type { Accepted, RecordReader, Store } from './store.ts'

const ENDING = '.wal'
const NO_BYTES = Buffer.alloc(0)
/** What a call usually takes in a record. */
const CALL_BYTES = 160

interface DiskStoreOptions {
  readonly disk: Disk
  readonly directory: string
  readonly segmentBytes: number
  /** Whether what is acknowledged must be on the medium: files are synced before they are left. */
  readonly durableFiles: boolean
  readonly groupSync: GroupSync
}

const nameOf = (base: number): string => String(base).padStart(16, '0') + ENDING

/** The files of a directory that are segments, oldest first. Empty ones are cleared away; the rest there is not ours. */
function findSegments(disk: Disk, directory: string): Segment[] {
  const found = disk
    .names(directory)
    .filter((name) => /^\d{16}\.wal$/.test(name))
    .map((name) => ({
      path: join(directory, name),
      base: Number(name.slice(0, 16)),
      size: disk.size(join(directory, name)),
    }))
    .sort((a, b) => a.base - b.base)
  for (const { path, size } of found) if (size === 0) disk.remove(path)
  return found.filter(({ size }) => size > 0)
}

/**
 * Segment files, named by the position of their first byte. Records are appended to the last one; a run of this process
 * always begins a new one, so that whatever a crash left at the end of the old one is never written behind.
 */
export class DiskStore implements Store {
  readonly durable = true
  tail: number
  nextSeq: number
  /** As it was found: the records before this number were written whole. */
  wholeSeq: number
  private firstSeq = 0
  private readonly options: DiskStoreOptions
  private readonly segments: Segment[]
  private readonly header = Buffer.alloc(HEADER_SIZE)
  private active: { readonly segment: Segment; readonly file: DiskFile } | undefined

  /** `known` is the furthest place that any cursor knows of: the log never goes back behind it. */
  constructor(options: DiskStoreOptions, known: Place) {
    this.options = options
    this.segments = findSegments(options.disk, options.directory)
    const last = this.segments.at(-1)
    this.tail = Math.max(known.position, last === undefined ? 0 : last.base + last.size)
    const reader = new SegmentReader(options.disk, this.segments)
    for (const segment of this.segments) refuseForeign(options.disk, segment)
    this.wholeSeq = known.seq
    this.nextSeq = Math.max(known.seq, this.findNextSeq(reader))
    this.firstSeq = this.findFirstSeq(reader)
    reader.close()
  }

  get used(): number {
    const first = this.segments[0]
    return first === undefined ? 0 : this.tail - first.base
  }

  /** Where the oldest record begins that is still there. */
  get oldest(): Place {
    const first = this.segments[0]
    return first === undefined
      ? { position: this.tail, seq: this.nextSeq }
      : { position: first.base, seq: this.firstSeq }
  }

  sizeOf(batch: Accepted): number {
    return HEADER_SIZE + batch.bytes.length + batch.calls.length * CALL_BYTES
  }

  append(batch: Accepted, withCalls: boolean): LogRecord {
    const section = withCalls ? encodeDerived(batch.calls, batch.verdicts) : NO_BYTES
    const size = HEADER_SIZE + section.length + batch.bytes.length
    const { segment, file } = this.writable(size)
    const place = { at: this.tail, end: this.tail + size, seq: this.nextSeq }
    const { signal, items, bytes } = batch
    writeHeader(this.header, { signal, seq: place.seq, items, derivedVersion: DERIVED_VERSION }, section, bytes)
    try {
      file.append(section.length === 0 ? [this.header, bytes] : [this.header, section, bytes])
    } catch (error) {
      this.undo(segment, file, size)
      throw error
    }
    // Whoever remembers a call would otherwise remember the whole request with it.
    if (!withCalls && batch.calls.length > 0) detachIds(batch.calls)
    segment.size += size
    this.tail = place.end
    this.nextSeq++
    return new LogRecord(
      place,
      items,
      bytes,
      withCalls ? { calls: batch.calls, verdicts: batch.verdicts } : NOTHING_DERIVED,
    )
  }

  async sync(): Promise<void> {
    const active = this.active
    if (active === undefined) return
    try {
      await this.options.groupSync.request(active.file)
    } catch (error) {
      // After a failed sync nobody knows what reached the medium, and the next one may claim success: leave that file.
      if (this.active === active) this.abandon(error)
      throw error
    }
  }

  reclaim(position: number, eagerly: boolean): void {
    if (eagerly && this.active !== undefined && position >= this.tail && this.active.segment.size > 0) this.leave()
    for (
      let first = this.segments[0];
      first !== undefined && first !== this.active?.segment;
      first = this.segments[0]
    ) {
      if (first.base + first.size > position) break
      this.options.disk.remove(first.path)
      this.segments.shift()
    }
  }

  reader(): RecordReader {
    return new SegmentReader(this.options.disk, this.segments)
  }

  close(): void {
    this.leaveOrAbandon()
  }

  /** The file to append to: a new one when there is none, or when this record would make the present one too long. */
  private writable(size: number): { readonly segment: Segment; readonly file: DiskFile } {
    const active = this.active
    if (active !== undefined && active.segment.size > 0 && active.segment.size + size > this.options.segmentBytes)
      this.leave()
    this.active ??= this.begin()
    return this.active
  }

  private begin(): { readonly segment: Segment; readonly file: DiskFile } {
    const { disk, directory, durableFiles } = this.options
    const segment = { path: join(directory, nameOf(this.tail)), base: this.tail, size: 0 }
    const file = disk.open(segment.path, 'append')
    try {
      if (file.size > 0) file.truncate(0)
      if (durableFiles) disk.syncDirectory(directory)
    } catch (error) {
      file.close()
      throw error
    }
    this.segments.push(segment)
    return { segment, file }
  }

  private leave(): void {
    if (this.options.durableFiles) this.active?.file.syncNow()
    this.abandon()
  }

  private leaveOrAbandon(): void {
    try {
      this.leave()
    } catch (error) {
      this.abandon(error)
    }
  }

  /**
   * Takes back a half-written record; where even that fails, the log goes on behind it. Whatever is wrong may be wrong
   * with this file only, so the next record gets another one.
   */
  private undo(segment: Segment, file: DiskFile, size: number): void {
    try {
      file.truncate(segment.size)
    } catch (error) {
      this.tail += size
      this.abandon(error)
    }
    if (segment.size > 0) this.leaveOrAbandon()
  }

  private abandon(error?: unknown): void {
    const file = this.active?.file
    this.active = undefined
    if (file === undefined) return
    this.options.groupSync.left(file, error)
    file.close()
  }

  /** One more than the highest sequence number found; the newest file that has any record decides. */
  private findNextSeq(reader: SegmentReader): number {
    let next = 0
    for (let i = this.segments.length - 1; i >= 0 && next === 0; i--) {
      for (const { seq, isWhole } of reader.numbers(this.segments[i] as Segment)) {
        next = Math.max(next, seq + 1)
        this.wholeSeq = Math.max(this.wholeSeq, isWhole ? seq + 1 : seq)
      }
    }
    return next
  }

  private findFirstSeq(reader: SegmentReader): number {
    for (const segment of this.segments) for (const { seq } of reader.numbers(segment)) return seq
    return this.nextSeq
  }
}

/** Better not to start than to take a newer version's records for damage. */
function refuseForeign(disk: Disk, segment: Segment): void {
  const start = Buffer.alloc(Math.min(4, segment.size))
  const file = disk.open(segment.path, 'read')
  try {
    file.read(start, 0)
  } finally {
    file.close()
  }
  const version = foreignVersion(start)
  if (version !== undefined) {
    throw new Error(
      `${segment.path} was written by another version (log format ${version}): let that version deliver it, or move the file away`,
    )
  }
}
