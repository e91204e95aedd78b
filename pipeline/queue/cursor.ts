import type { Clock, Logger } from '../host.ts'
import type { Courier } from './courier.ts'
import type { Place } from './cursor-file.ts'
import type { LogRecord } from './log-record.ts'
import type { SharedPayloads } from './payload.ts'
import type { ExporterMetrics } from './queue-metrics.ts'
import type { QueueSettings } from './settings.ts'
import type { Hole } from './store.ts'

/** After a read from disk that failed. */
const READ_AGAIN_MS = 1_000
/** Requests that are done but wait for an earlier one, at most: so much is delivered again after a crash. */
const AHEAD_MAX = 1_000

/** What a cursor sees of its log. */
export interface LogView {
  readonly tail: number
  /** Sequence number of the next record. */
  readonly nextSeq: number
  /** Items appended since the log was opened. */
  readonly itemsAppended: number
  /** Position up to which records are of an earlier run. */
  readonly recoveredTo: number
  readonly payloads: SharedPayloads
  /** Throws what the disk throws. */
  read(cursor: Cursor, position: number): LogRecord | Hole | undefined
  found(hole: Hole): void
  readFailed(error: unknown): void
  /** The cursor is at the end; what it needs next will be in memory. */
  caughtUp(cursor: Cursor): void
  /** The cursor read on, or its place changed. */
  advanced(cursor: Cursor, moved: boolean): void
}

interface CursorOptions {
  readonly id: string
  readonly settings: QueueSettings
  readonly courier: Courier
  readonly clock: Clock
  readonly log: Logger
  readonly metrics: ExporterMetrics
}

/** A request under way. */
interface Flight {
  readonly to: Place
  readonly items: number
  done: boolean
}

/**
 * One exporter's way through the log: gathers records into requests, has several under way at a time, and moves its
 * place forward in order, so that nothing before it is ever needed again.
 */
export class Cursor {
  readonly id: string
  /** Everything before it is delivered or dead-lettered. */
  place: Place
  /** Position of the next record to send. */
  read: number
  private readonly options: CursorOptions
  private readonly view: LogView
  private readSeq: number
  private itemsRead = 0
  private itemsDone = 0
  private held: LogRecord | undefined
  private readonly flights: Flight[] = []
  private active = 0
  private phase: 'waiting' | 'running' | 'draining' | 'stalled' | 'closed' = 'waiting'
  private flushDue = false
  private scheduled = false
  private cancelFlush: (() => void) | undefined
  private cancelReadAgain: (() => void) | undefined
  private whenDrained: (() => void) | undefined

  constructor(options: CursorOptions, view: LogView, place: Place) {
    this.id = options.id
    this.options = options
    this.view = view
    this.place = place
    this.read = place.position
    this.readSeq = place.seq
  }

  start(): void {
    if (this.phase !== 'waiting') return
    this.phase = 'running'
    this.pump()
  }

  /** Items accepted by this run and not done; of a log in memory, that is all there are. */
  get itemsBehind(): number {
    return this.view.itemsAppended - this.itemsDone
  }

  /** Something was appended. The request itself goes out a moment later, so that the sender is answered first. */
  wake(): void {
    if (this.phase !== 'running' || this.scheduled) return
    if (!this.due()) {
      this.planFlush()
      return
    }
    if (this.active >= this.options.settings.consumers) return
    this.scheduled = true
    queueMicrotask(() => {
      this.scheduled = false
      this.pump()
    })
  }

  /** Sends what is there without gathering. Resolves when all is done, or when the rest must wait in the log. */
  drain(): Promise<void> {
    if (this.phase !== 'running') return Promise.resolve()
    this.phase = 'draining'
    this.options.courier.drain()
    return new Promise((resolve) => {
      this.whenDrained = resolve
      this.pump()
    })
  }

  /** Ends everything at once; requests under way are forgotten and will be sent again by the next run. */
  close(): void {
    this.phase = 'closed'
    this.cancelFlush?.()
    this.cancelReadAgain?.()
    this.options.courier.stop()
    this.whenDrained?.()
  }

  private due(): boolean {
    const { minItems, minBytes, maxItems, maxBytes, flushMs } = this.options.settings
    const bytes = this.view.tail - this.read
    if (bytes <= 0) return false
    if (this.flushDue || flushMs === 0 || this.phase === 'draining' || this.read < this.view.recoveredTo) return true
    if (bytes >= maxBytes || (minBytes > 0 && bytes >= minBytes)) return true
    const items = this.view.itemsAppended - this.itemsRead
    return (minItems > 0 && items >= minItems) || (maxItems > 0 && items >= maxItems)
  }

  private planFlush(): void {
    if (this.cancelFlush !== undefined || this.flushDue || this.view.tail <= this.read) return
    this.cancelFlush = this.options.clock.after(this.options.settings.flushMs, () => {
      this.cancelFlush = undefined
      this.flushDue = true
      this.pump()
    })
  }

  private pump(): void {
    const { settings, metrics } = this.options
    while (this.phase === 'running' || this.phase === 'draining') {
      if (this.active >= settings.consumers || this.flights.length >= AHEAD_MAX || !this.due()) break
      const from = this.read
      const records = this.gather()
      if (records.length > 0) this.launch(records)
      else if (this.read > from) this.flights.push({ to: this.here(), items: 0, done: true })
      if (this.read >= this.view.tail) this.caughtUp()
      if (this.read === from) break
    }
    if (this.phase === 'running') this.planFlush()
    metrics.inFlight.set(this.active)
    this.commit()
    this.checkDrained()
  }

  private caughtUp(): void {
    this.flushDue = false
    this.cancelFlush?.()
    this.cancelFlush = undefined
    this.itemsRead = this.view.itemsAppended
    this.view.caughtUp(this)
  }

  private here(): Place {
    return { position: this.read, seq: this.readSeq }
  }

  private gather(): LogRecord[] {
    const { maxBytes, maxItems } = this.options.settings
    const records: LogRecord[] = []
    let bytes = 0
    let items = 0
    for (let record = this.peek(); record !== undefined; record = this.peek()) {
      const fits = bytes + record.bytes.length <= maxBytes && (maxItems === 0 || items + record.items <= maxItems)
      if (records.length > 0 && (!fits || this.isGoodEnd(records, record, bytes))) break
      records.push(record)
      bytes += record.bytes.length
      items += record.items
      this.pass(record)
      if (!fits) break
    }
    // Its memory is only safe while nothing is let go of, and it is found again for next to nothing.
    if (this.held?.slab !== undefined) this.held = undefined
    return records
  }

  /**
   * Records of two slabs would have to be copied to become one request: from a quarter of the size on, they become two. A
   * copy outlives the young generation, and enough of them call for the garbage collector.
   */
  private isGoodEnd(records: readonly LogRecord[], next: LogRecord, bytes: number): boolean {
    return next.slab !== records.at(-1)?.slab && bytes * 4 >= this.options.settings.maxBytes
  }

  private pass(record: LogRecord): void {
    this.held = undefined
    this.read = record.end
    this.readSeq = record.seq + 1
    if (record.at >= this.view.recoveredTo) this.itemsRead += record.items
  }

  /** The next record; holes before it are passed over. Undefined at the end, and when the disk would not give it. */
  private peek(): LogRecord | undefined {
    while (this.held === undefined) {
      let next: LogRecord | Hole | undefined
      try {
        next = this.view.read(this, this.read)
      } catch (error) {
        this.readFailed(error)
        return undefined
      }
      if (next === undefined) return undefined
      if ('kind' in next) {
        this.view.found(next)
        this.read = next.to
        if (this.read >= this.view.tail) this.readSeq = this.view.nextSeq
      } else {
        this.held = next
      }
    }
    return this.held
  }

  private readFailed(error: unknown): void {
    this.view.readFailed(error)
    this.cancelReadAgain ??= this.options.clock.after(READ_AGAIN_MS, () => {
      this.cancelReadAgain = undefined
      this.pump()
    })
  }

  private launch(records: readonly LogRecord[]): void {
    const { courier, log } = this.options
    const merged = this.view.payloads.take(records)
    const flight: Flight = { to: this.here(), items: merged.payload.items, done: false }
    this.flights.push(flight)
    this.active++
    courier
      .deliver(merged)
      .catch((error: unknown) => {
        log.error('a request could not be handled and stays in the log', { error: String(error) })
        return 'stopped' as const
      })
      .then((outcome) => {
        this.view.payloads.release(merged)
        this.active--
        if (this.phase === 'closed') return
        if (outcome === 'done') flight.done = true
        else if (this.phase === 'draining') this.phase = 'stalled'
        this.pump()
      })
  }

  private commit(): void {
    let moved = false
    for (let first = this.flights[0]; first?.done === true; first = this.flights[0]) {
      this.flights.shift()
      this.place = first.to
      this.itemsDone += first.items
      moved = true
    }
    this.view.advanced(this, moved)
  }

  private checkDrained(): void {
    if (this.whenDrained === undefined || this.active > 0) return
    const unreadable = this.cancelReadAgain !== undefined
    if (this.phase === 'stalled' || unreadable || this.read >= this.view.tail) this.whenDrained()
  }
}
