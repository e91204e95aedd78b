import { join } from 'node:path'
import type { Exporter, HeldCall, Signal } from '../component.ts'
import type { Clock, Logger } from '../host.ts'
import type { MetricRegistry } from '../telemetry/metrics.ts'
import { Arena } from './arena.ts'
import { Courier } from './courier.ts'
import { Cursor, type LogView } from './cursor.ts'
import { DamageFile, type DeadLetterOptions, DeadLetters, type ToJson } from './dead-letters.ts'
import { type Disk, errorText } from './disk.ts'
import type { HeldFile } from './held-file.ts'
import { HotRecords } from './hot.ts'
import type { LogRecord } from './log-record.ts'
import { SharedPayloads } from './payload.ts'
import type { Places } from './places.ts'
import { type ExporterMetrics, exporterMetrics, type LogMetrics, logMetrics } from './queue-metrics.ts'
import type { QueueSettings } from './settings.ts'
import type { Accepted, Holding, Hole, RecordReader, Store } from './store.ts'
import { withFields } from './with-fields.ts'

/**
 * When a sender is told that its batch is safe:
 * - `memory`: at once; a crash loses what is not delivered
 * - `written`: when the operating system has it; survives the end of this process however it ends, not of the machine
 * - `fsync`: when the medium has it
 */
export type Ack = 'memory' | 'written' | 'fsync'

export interface LogOptions {
  /** Id of the pipeline: names the log in metrics and messages. */
  readonly pipeline: string
  readonly signal: Signal
  /** Belongs to this log alone. */
  readonly directory: string
  readonly ack: Ack
  /** The log never takes more than this; at the limit, batches are refused. Larger than any single request. */
  readonly maxBytes: number
  /** Files are cut at this size (at most an eighth of `maxBytes`), and removed when every exporter is past them. */
  readonly segmentBytes: number
  /** Newest records kept in memory besides, so that they need not be read back. */
  readonly hotBytes: number
  /** With `ack: fsync`: least time between two syncs, for which senders wait together. */
  readonly fsyncIntervalMs: number
  /** How often exporters' places are written; what was delivered since is delivered again after a crash. */
  readonly placesIntervalMs: number
  /** Of each dead letter file, its predecessor included. */
  readonly deadLetterBytes: number
  readonly disk: Disk
  readonly clock: Clock
  readonly random: () => number
  readonly log: Logger
  readonly metrics: MetricRegistry
  readonly toJson: ToJson
}

export interface Attachment {
  /** Full id, e.g. `otlp_http/langfuse`. */
  readonly id: string
  readonly exporter: Pick<Exporter, 'export'>
  readonly settings: QueueSettings
  /** `bytes`: never looks at calls and verdicts, so they need not be written for its sake. */
  readonly reads: 'bytes' | 'everything'
}

interface Attached {
  readonly cursor: Cursor
  readonly metrics: ExporterMetrics
  readonly reader: RecordReader
  readonly letters: DeadLetters
  readonly reads: Attachment['reads']
}

/** Places of damage remembered, so that each is reported once. */
const HOLES_MAX = 10_000
/** What a batch is taken to have while nothing has been seen. */
const BATCH_BYTES = 4096

/**
 * The log of one pipeline and the cursors of its exporters. Each accepted batch is written once; a slow or dead exporter
 * holds back only the deletion of files, and at `maxBytes` the receivers' senders, who are told to try again.
 */
export class Log implements LogView {
  readonly payloads: SharedPayloads
  readonly recoveredTo: number
  itemsAppended = 0
  private readonly options: LogOptions
  private readonly store: Store
  private readonly places: Places
  private readonly held: HeldFile | undefined
  private readonly release: () => void
  private readonly metrics: LogMetrics
  private readonly damage: DamageFile
  private readonly arena = new Arena()
  private readonly hot = new HotRecords(({ slab }) => {
    if (slab !== undefined) this.arena.release(slab)
  })
  private readonly attached: Attached[] = []
  private readonly holesSeen = new Set<number>()
  private phase: 'open' | 'closing' | 'closed' = 'open'
  private writing = true
  private keepCalls = false
  private ending: Promise<void> | undefined

  /** @param held where what processors hold back is kept; a log in memory keeps nothing */
  constructor(options: LogOptions, store: Store, places: Places, held: HeldFile | undefined, release: () => void) {
    this.options = options
    this.store = store
    this.places = places
    this.held = held
    this.release = release
    this.recoveredTo = store.tail
    this.payloads = new SharedPayloads(options.signal, this.arena)
    this.metrics = logMetrics(options.metrics, options.pipeline)
    this.damage = new DamageFile(this.deadLetterOptions())
    this.metrics.capacityBytes.set(options.maxBytes)
    this.metrics.bytes.set(store.used)
  }

  get tail(): number {
    return this.store.tail
  }
  get nextSeq(): number {
    return this.store.nextSeq
  }

  /** Before `start`. Throws when the place of a new exporter cannot be written: without it a crash could lose records. */
  attach({ id, exporter, settings, reads }: Attachment): void {
    const { clock, random, signal } = this.options
    const log = withFields(this.options.log, { exporter: id, pipeline: this.options.pipeline })
    const metrics = exporterMetrics(this.options.metrics, id, signal)
    const letters = new DeadLetters(this.deadLetterOptions(), id)
    const courier = new Courier({
      exporter,
      signal,
      retry: settings.retry,
      durable: this.store.durable,
      clock,
      random,
      log,
      metrics,
      deadLetters: letters,
      diskError: (operation, error) => this.diskError(operation, error),
    })
    const cursor = new Cursor({ id, settings, courier, clock, log, metrics }, this, this.places.of(id))
    this.attached.push({ cursor, metrics, reader: this.store.reader(), letters, reads })
    this.keepCalls ||= reads === 'everything'
    this.measure()
  }

  /** Deliveries begin. */
  start(): void {
    this.places.forgetStrangers()
    for (const { cursor } of this.attached) cursor.start()
  }

  /** What a processor of this pipeline held back when an earlier run was killed. */
  heldBy(processor: string): readonly HeldCall[] {
    return this.held?.of(processor) ?? []
  }

  /** Changes in what is held back that no batch comes with. */
  keep(holdings: readonly Holding[]): void {
    this.held?.keep(holdings)
  }

  /** Whether a batch of about this size would be taken now: asked before a body is read. */
  admits(bytes: number): boolean {
    return this.phase === 'open' && this.makeRoom(bytes)
  }

  /**
   * Undefined: the batch is safe. A promise: it is when that resolves, and was not taken when that rejects. `full`: not
   * taken; the sender should try again.
   */
  append(batch: Accepted): undefined | Promise<void> | 'full' {
    if (this.phase !== 'open' || !this.makeRoom(this.store.sizeOf(batch))) return this.refuse(batch)
    let record: LogRecord
    try {
      this.held?.write(batch.held, this.store.nextSeq)
      record = this.store.append(batch, this.keepCalls)
      this.held?.written()
    } catch (error) {
      this.diskError('append', error)
      this.refuse(batch)
      batch.notTaken?.()
      return Promise.reject(new Error(`the queue could not be written: ${errorText(error)}`))
    }
    if (!this.writing) this.options.log.info('the queue can be written again', { pipeline: this.options.pipeline })
    this.writing = true
    this.itemsAppended += batch.items
    record.keepIn(this.arena.keep(record.bytes, batch.borrowed))
    this.hot.push(record)
    this.trim()
    for (const { cursor } of this.attached) cursor.wake()
    this.measure()
    return this.options.ack === 'fsync' ? this.synced(batch) : undefined
  }

  /**
   * Takes nothing more, sends what is there without gathering, and ends at the latest after `drainMs`. What is not
   * delivered then stays on disk; of a log in memory it is lost, counted and said. Safe to call twice.
   */
  shutdown(drainMs: number): Promise<void> {
    this.ending ??= this.end(drainMs)
    return this.ending
  }

  read(cursor: Cursor, position: number): LogRecord | Hole | undefined {
    const hot = this.hot.from(position)
    if (hot !== undefined || position >= this.store.tail) return hot
    const one = this.attached.find((candidate) => candidate.cursor === cursor)
    const next = one?.reader.next(position)
    if (next !== undefined && !('kind' in next) && one?.reads === 'everything') this.checkCalls(next)
    return next
  }

  private checkCalls(record: LogRecord): void {
    if (record.calls.length > 0 || record.unreadable === undefined) return
    this.metrics.unreadable.add(1)
    this.options.log.error('the calls of a batch in the log cannot be read; its bytes are delivered without them', {
      reason: record.unreadable,
    })
  }

  /** Reported once, though every exporter comes by. */
  found(hole: Hole): void {
    if (hole.kind === 'gap' || this.holesSeen.has(hole.from)) return
    if (this.holesSeen.size >= HOLES_MAX) this.holesSeen.clear()
    this.holesSeen.add(hole.from)
    const { from, to } = hole
    if (hole.kind === 'torn') {
      this.metrics.torn.add(1)
      this.options.log.warn('the log ends in a half-written record; its sender was never told that it was safe', {
        from,
        to,
      })
      return
    }
    this.metrics.corrupt.add(1)
    this.options.log.error('a stretch of the log is damaged; it was set aside in dead-letter/damaged.jsonl', {
      from,
      to,
    })
    try {
      this.damage.write({ from, to, bytes: hole.bytes ?? Buffer.alloc(0) })
    } catch (error) {
      this.diskError('dead_letter', error)
    }
  }

  readFailed(error: unknown): void {
    this.diskError('read', error)
  }

  /** An open file would keep the space of a deleted one. */
  caughtUp(cursor: Cursor): void {
    this.attached.find((one) => one.cursor === cursor)?.reader.close()
  }

  advanced(cursor: Cursor, moved: boolean): void {
    if (this.phase === 'closed') return
    this.trim()
    if (!moved) return
    this.places.moved(cursor.id, cursor.place)
    this.reclaim(false)
    this.measure()
  }

  private async synced(batch: Accepted): Promise<void> {
    try {
      if (batch.held !== undefined) await this.held?.sync()
      await this.store.sync()
    } catch (error) {
      this.diskError('sync', error)
      throw new Error(`the queue could not be written: ${errorText(error)}`)
    }
  }

  private makeRoom(bytes: number): boolean {
    if (this.store.used + bytes <= this.options.maxBytes) return true
    this.reclaim(true)
    return this.store.used + bytes <= this.options.maxBytes
  }

  private reclaim(eagerly: boolean): void {
    try {
      this.store.reclaim(
        this.least((cursor) => cursor.place.position),
        eagerly,
      )
    } catch (error) {
      this.diskError('reclaim', error)
    }
  }

  private trim(): void {
    this.hot.trim(
      this.least((cursor) => cursor.read),
      this.store.durable ? this.options.hotBytes : Number.POSITIVE_INFINITY,
    )
  }

  /** The hindmost of all cursors; without any, nothing is waited for. */
  private least(of: (cursor: Cursor) => number): number {
    let least = this.store.tail
    for (const { cursor } of this.attached) least = Math.min(least, of(cursor))
    return least
  }

  private refuse(batch: Accepted): 'full' {
    this.held?.notWritten(batch.held)
    this.metrics.refused.add(1)
    for (const { metrics } of this.attached) metrics.enqueueFailed.add(batch.items)
    return 'full'
  }

  /** Loud, but not for every batch that meets the same fault. */
  private diskError(operation: string, error: unknown): void {
    this.metrics.diskErrors(operation).add(1)
    const said = operation === 'append' && !this.writing
    if (!said)
      this.options.log.error(`the queue's disk failed (${operation})`, {
        pipeline: this.options.pipeline,
        error: errorText(error),
      })
    if (operation === 'append') this.writing = false
  }

  private measure(): void {
    const { tail, nextSeq, used } = this.store
    this.metrics.bytes.set(used)
    for (const { cursor, metrics } of this.attached) {
      const bytes = tail - cursor.place.position
      const batches = Math.max(0, nextSeq - cursor.place.seq)
      metrics.queueSize.set(batches)
      metrics.queueBytes.set(bytes)
      metrics.queueCapacity.set(this.capacity(batches, bytes))
    }
  }

  /** In batches of the size that they have now, so that size / capacity is how full we are. */
  private capacity(batches: number, bytes: number): number {
    const mean = batches > 0 && bytes > 0 ? bytes / batches : BATCH_BYTES
    return Math.floor(this.options.maxBytes / mean)
  }

  private deadLetterOptions(): DeadLetterOptions {
    const { disk, clock, directory, deadLetterBytes, ack, toJson } = this.options
    return {
      disk,
      clock,
      directory: join(directory, 'dead-letter'),
      maxBytes: deadLetterBytes,
      durable: ack === 'fsync',
      toJson,
    }
  }

  private async end(drainMs: number): Promise<void> {
    this.phase = 'closing'
    await this.drained(drainMs)
    for (const { cursor } of this.attached) cursor.close()
    this.phase = 'closed'
    if (!this.store.durable) this.reportLost()
    this.places.close()
    this.held?.close()
    for (const { reader, letters } of this.attached) {
      reader.close()
      letters.close()
    }
    this.damage.close()
    this.store.close()
    this.release()
  }

  private drained(drainMs: number): Promise<void> {
    return new Promise((resolve) => {
      const cancel = this.options.clock.after(drainMs, resolve)
      Promise.all(this.attached.map(({ cursor }) => cursor.drain())).then(() => {
        cancel()
        resolve()
      })
    })
  }

  private reportLost(): void {
    for (const { cursor, metrics } of this.attached) {
      const batches = this.store.nextSeq - cursor.place.seq
      if (batches === 0) continue
      const items = cursor.itemsBehind
      metrics.undelivered.add(items)
      metrics.sendFailed.add(items)
      this.options.log.error('a queue in memory was not empty at shutdown; its content is lost', {
        exporter: cursor.id,
        batches,
        items,
      })
    }
  }
}
