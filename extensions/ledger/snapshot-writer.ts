import type { Clock } from '../../pipeline/host.ts'
import type { Disk, DiskFile } from '../../pipeline/queue/disk.ts'
import { FrameBuffer } from './frames.ts'

type SnapshotRecord = Buffer | object

/** What one step writes at least: some records, so that calls wait for a millisecond or two at most. */
const STEP_BYTES = 128 * 1024
/** Between two steps everybody who waited has a turn. */
const PAUSE_MS = 1

export function addRecord(frames: FrameBuffer, record: SnapshotRecord): void {
  if (Buffer.isBuffer(record)) frames.addBytes(record)
  else frames.addText(JSON.stringify(record))
}

interface Work {
  readonly path: string
  readonly file: DiskFile
  readonly records: Iterator<SnapshotRecord>
  readonly done: (error: unknown, bytes: number) => void
}

/**
 * Writes a snapshot bit by bit between other work: a hundred thousand runs and a million remembered calls take a third
 * of a second. It has its name only when it is whole and on the medium.
 */
export class SnapshotWriter {
  private readonly disk: Disk
  private readonly clock: Clock
  private work: Work | undefined
  private bytes = 0

  constructor(disk: Disk, clock: Clock) {
    this.disk = disk
    this.clock = clock
  }

  get isBusy(): boolean {
    return this.work !== undefined
  }

  /**
   * Throws when the file cannot be made; every later fault is told to `done`, with what was written by then removed.
   *
   * @param records gives those of the state as it is then, whatever happens to it later; asked when there is a file
   */
  begin(path: string, records: () => Iterable<SnapshotRecord>, done: Work['done']): void {
    this.cancel()
    const file = this.disk.open(temporary(path), 'append')
    try {
      if (file.size > 0) file.truncate(0)
    } catch (error) {
      file.close()
      throw error
    }
    this.work = { path, file, records: records()[Symbol.iterator](), done }
    this.bytes = 0
    this.planStep(this.work)
  }

  /** What was begun is given up, and nobody told. */
  cancel(): void {
    const work = this.work
    if (work === undefined) return
    this.work = undefined
    work.records.return?.()
    work.file.close()
    try {
      this.disk.remove(temporary(work.path))
    } catch {
      // The next start clears it away.
    }
  }

  private planStep(work: Work): void {
    this.clock.after(PAUSE_MS, () => {
      if (this.work !== work) return
      try {
        if (this.step(work)) this.planStep(work)
        else this.finish(work)
      } catch (error) {
        this.failed(work, error)
      }
    })
  }

  /** Whether there is more. */
  private step(work: Work): boolean {
    const frames = new FrameBuffer()
    let more = true
    while (more && frames.length < STEP_BYTES) {
      const next = work.records.next()
      if (next.done === true) more = false
      else addRecord(frames, next.value)
    }
    if (frames.length > 0) work.file.append([frames.bytes()])
    this.bytes += frames.length
    return more
  }

  private finish(work: Work): void {
    const named = (): void => {
      if (this.work !== work) return
      work.file.close()
      this.disk.rename(temporary(work.path), work.path)
      this.work = undefined
      work.done(undefined, this.bytes)
    }
    work.file
      .sync()
      .then(named)
      .catch((error: unknown) => this.failed(work, error))
  }

  private failed(work: Work, error: unknown): void {
    if (this.work !== work) return
    this.cancel()
    work.done(error, this.bytes)
  }
}

const temporary = (path: string): string => `${path}.new`
