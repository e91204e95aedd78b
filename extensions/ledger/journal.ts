import { join } from 'node:path'
import type { Clock, Logger } from '../../pipeline/host.ts'
import { type Disk, type DiskFile, errorText } from '../../pipeline/queue/disk.ts'
import { FrameBuffer } from './frames.ts'
import { fileName, type Restorable, recover, removeBefore } from './recovery.ts'
import { type Settled, SettlementWriter } from './settlements.ts'
import { addRecord, SnapshotWriter } from './snapshot-writer.ts'

export interface JournalOptions {
  readonly directory: string
  readonly fsyncMs: number
  /** A journal file larger than this is replaced by a snapshot. */
  readonly maxBytes: number
  readonly disk: Disk
  readonly clock: Clock
  readonly log: Logger
}

/** What the journal keeps on disk. */
export interface Journaled extends Restorable {
  /** Records that rebuild the state as it is now, whatever happens to it while they are read. */
  snapshot(): Iterable<Buffer | object>
}

/** Unwritten records held in memory while the disk fails; beyond that, the next success writes a whole snapshot. */
const MAX_PENDING = 8 * 1024 * 1024
const RETRY_MS = 1_000

/**
 * An append-only file of records and, when that has grown, a new file at once and a snapshot of everything before it bit by
 * bit. What is older stays until the new snapshot is on the medium, so that a snapshot lost in a crash costs nothing.
 */
export class Journal {
  /** Bytes in the file that is being written. */
  bytes = 0
  errors = 0
  torn = 0
  damaged = 0
  private readonly options: JournalOptions
  private readonly state: Journaled
  private readonly pending = new FrameBuffer()
  private readonly settlements = new SettlementWriter(this.pending)
  private readonly snapshots: SnapshotWriter
  private file: DiskFile | undefined
  private generation = 0
  /** A failed append may have left half a record behind, which must go before the next one. */
  private tailIsDirty = false
  /** Records were lost or a sync failed: only a snapshot puts the disk right again. */
  private needsSnapshot = false
  private failing = false
  private syncPlanned = false
  private retryPlanned = false
  private unlock: (() => void) | undefined
  /** No second attempt at a snapshot before the file has grown to this. */
  private rotateAt: number

  constructor(options: JournalOptions, state: Journaled) {
    this.options = options
    this.state = state
    this.snapshots = new SnapshotWriter(options.disk, options.clock)
    this.rotateAt = options.maxBytes
  }

  /** Locks the directory, reads what is there, and starts a new generation. Throws with what to do about it. */
  open(): void {
    const { disk, directory } = this.options
    disk.makeDirectory(directory)
    this.unlock = disk.lock(join(directory, 'lock'))
    if (this.unlock === undefined) {
      throw new Error(`${directory} is in use by another process; stop it, or give this one a directory of its own`)
    }
    try {
      const found = recover(this.options, this.state)
      this.generation = found.generation
      this.torn = found.torn
      this.damaged = found.damaged
      this.startGeneration(true)
    } catch (error) {
      this.release()
      throw error
    }
  }

  append(record: object): void {
    this.settlements.end()
    this.pending.addText(JSON.stringify(record))
    if (this.pending.length > MAX_PENDING) this.flush()
  }

  /** A settlement joins those before it in one record. Of the subject, the values of `keys` are kept. */
  settled(entry: Settled, keys: readonly string[]): void {
    this.settlements.add(entry, keys)
    if (this.pending.length > MAX_PENDING) this.flush()
  }

  /** Puts everything appended so far into the file with one write. Never throws: what fails is kept and tried again. */
  flush(): void {
    if (this.file === undefined) return
    this.settlements.end()
    if (this.pending.length > 0) this.attempt(() => this.write())
    // A snapshot is too much work to try with every batch: the retry timer does.
    if (this.needsSnapshot) this.planRetry()
  }

  /** As `flush`, and does not wait for others to share the medium with: for orders that must hold after a power cut. */
  flushSoon(): void {
    this.flush()
    if (this.options.fsyncMs > 0) this.syncSoon(this.file)
  }

  private attempt(work: () => void): void {
    try {
      work()
      if (this.needsSnapshot) return
      if (this.failing) this.options.log.warn(`${this.options.directory} can be written again; nothing was lost`)
      this.failing = false
    } catch (error) {
      this.failed(error)
    }
  }

  /** Writes everything and lets go. Safe twice. */
  close(): void {
    this.settlements.end()
    const isUnchanged = this.bytes === 0 && this.pending.length === 0 && !this.needsSnapshot && !this.snapshots.isBusy
    if (this.file !== undefined && !isUnchanged) {
      this.attempt(() => this.startGeneration(true))
      // Without a snapshot the next start reads the journal instead.
      if (this.failing) this.attempt(() => this.writeNow())
    }
    this.file?.close()
    this.file = undefined
    this.release()
  }

  private writeNow(): void {
    if (this.pending.length > 0) this.write()
    this.file?.syncNow()
  }

  private release(): void {
    this.unlock?.()
    this.unlock = undefined
  }

  private write(): void {
    const file = this.file
    if (file === undefined) return
    if (this.tailIsDirty) file.truncate(this.bytes)
    this.tailIsDirty = true
    file.append([this.pending.bytes()])
    this.tailIsDirty = false
    this.bytes += this.pending.length
    this.pending.clear()
    this.sync(file)
    if (this.bytes >= this.rotateAt) this.rotate()
  }

  /** What was written stays whole when this fails; there is merely more of it to read at the next start. */
  private rotate(): void {
    const { disk, directory, maxBytes } = this.options
    this.rotateAt = this.bytes + maxBytes
    if (this.snapshots.isBusy) return
    const next = this.generation + 1
    let file: DiskFile | undefined
    try {
      file = disk.open(join(directory, fileName('journal', next)), 'append')
      if (file.size > 0) file.truncate(0)
      this.snapshots.begin(
        join(directory, fileName('snapshot', next)),
        () => this.state.snapshot(),
        (error, bytes) => {
          if (error !== undefined) return this.noSnapshot(error)
          this.rotateAt = Math.max(maxBytes, 2 * bytes)
          this.removeOlder(next, true)
        },
      )
    } catch (error) {
      file?.close()
      this.noSnapshot(error)
      return
    }
    this.syncSoon(this.file)
    this.switchTo(file, next)
    this.rotateAt = maxBytes
  }

  private noSnapshot(error: unknown): void {
    this.errors++
    this.rotateAt = this.bytes + this.options.maxBytes
    this.options.log.warn(`no snapshot of ${this.options.directory}: ${errorText(error)}; the journal grows on`)
  }

  private switchTo(file: DiskFile, generation: number): void {
    this.file?.close()
    this.file = file
    this.generation = generation
    this.bytes = 0
    this.clear()
    this.tailIsDirty = false
  }

  private sync(file: DiskFile): void {
    if (this.options.fsyncMs > 0) {
      this.planSync()
      return
    }
    try {
      file.syncNow()
    } catch (error) {
      this.needsSnapshot = true
      throw error
    }
  }

  /** Groups what is flushed within the interval into one wait for the medium, outside anybody's way. */
  private planSync(): void {
    if (this.syncPlanned) return
    this.syncPlanned = true
    this.options.clock.after(this.options.fsyncMs, () => {
      this.syncPlanned = false
      this.syncSoon(this.file)
    })
  }

  private syncSoon(file: DiskFile | undefined): void {
    file?.sync().catch((error: unknown) => {
      // After a failed sync nobody knows which pages were dropped, so everything is written anew.
      this.needsSnapshot = true
      this.failed(error)
    })
  }

  private failed(error: unknown): void {
    this.errors++
    if (!this.failing) {
      const { directory, log } = this.options
      log.error(`${directory} cannot be written: ${errorText(error)}; budgets hold, but a restart now would lose spend`)
    }
    this.failing = true
    if (this.pending.length > MAX_PENDING) {
      this.clear()
      this.needsSnapshot = true
    }
    this.planRetry()
  }

  private planRetry(): void {
    if (this.retryPlanned) return
    this.retryPlanned = true
    this.options.clock.after(RETRY_MS, () => {
      this.retryPlanned = false
      if (this.file === undefined) return
      if (this.needsSnapshot) this.attempt(() => this.startGeneration(false))
      else this.flush()
    })
  }

  /** Snapshot and new journal. The new file is there before the snapshot, so that none is ever without the other. */
  private startGeneration(durable: boolean): void {
    const { disk, directory } = this.options
    const next = this.generation + 1
    const path = join(directory, fileName('journal', next))
    this.snapshots.cancel()
    const snapshot = this.encodeSnapshot()
    const file = disk.open(path, 'append')
    try {
      if (file.size > 0) file.truncate(0)
      disk.replace(join(directory, fileName('snapshot', next)), snapshot, durable)
    } catch (error) {
      file.close()
      throw error
    }
    if (!durable) this.syncSoon(this.file)
    this.switchTo(file, next)
    // A large state is not written again and again for little news.
    this.rotateAt = Math.max(this.options.maxBytes, 2 * snapshot.length)
    this.needsSnapshot = false
    this.removeOlder(next, durable)
  }

  private clear(): void {
    this.pending.clear()
    this.settlements.forget()
  }

  private encodeSnapshot(): Buffer {
    const frames = new FrameBuffer()
    for (const record of this.state.snapshot()) addRecord(frames, record)
    return frames.bytes()
  }

  /** Lets go of what is older than the generation before, and only when the newest snapshot is on the medium. */
  private removeOlder(generation: number, durable: boolean): void {
    const { disk, directory, log } = this.options
    const stay = (error: unknown): void => {
      this.errors++
      log.warn(`old ledger files stay for now: ${errorText(error)}`)
    }
    const remove = (): void => removeBefore(disk, directory, generation - 1)
    try {
      if (durable) remove()
      else this.syncSnapshot(generation).then(remove).catch(stay)
    } catch (error) {
      stay(error)
    }
  }

  private syncSnapshot(generation: number): Promise<void> {
    const { disk, directory } = this.options
    const snapshot = disk.open(join(directory, fileName('snapshot', generation)), 'append')
    const synced = snapshot.sync()
    snapshot.close()
    return synced
  }
}
