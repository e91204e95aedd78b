import type { Clock } from '../host.ts'
import type { DiskFile } from './disk.ts'

interface Waiter {
  readonly file: DiskFile
  resolve(): void
  reject(error: unknown): void
}

/**
 * One sync of the medium for everybody who waits: while one is under way, the next batch of waiters gathers. Syncs start
 * at least `intervalMs` apart; a lone sender after a pause does not wait.
 */
export class GroupSync {
  private readonly clock: Clock
  private readonly intervalMs: number
  private waiting: Waiter[] = []
  private busy = false
  private startedAt = Number.NEGATIVE_INFINITY

  constructor(clock: Clock, intervalMs: number) {
    this.clock = clock
    this.intervalMs = intervalMs
  }

  /** Resolves when what was appended to `file` before this call is on the medium. */
  request(file: DiskFile): Promise<void> {
    return new Promise((resolve, reject) => {
      this.waiting.push({ file, resolve, reject })
      if (!this.busy) this.plan()
    })
  }

  /** The file is left: it was synced as a whole, or, with an error, nobody knows what became of it. */
  left(file: DiskFile, error?: unknown): void {
    const concerned = this.waiting.filter((waiter) => waiter.file === file)
    this.waiting = this.waiting.filter((waiter) => waiter.file !== file)
    for (const waiter of concerned) settle(waiter, error)
  }

  private plan(): void {
    this.busy = true
    const wait = this.startedAt + this.intervalMs - this.clock.monotonic()
    if (wait <= 0) this.run()
    else this.clock.after(wait, () => this.run())
  }

  /** All who wait are of one file: whoever begins another one has left the one before. */
  private run(): void {
    const waiters = this.waiting
    this.waiting = []
    this.startedAt = this.clock.monotonic()
    const finish = (error?: unknown): void => {
      this.busy = false
      for (const waiter of waiters) settle(waiter, error)
      if (this.waiting.length > 0 && !this.busy) this.plan()
    }
    const synced = waiters[0]?.file.sync() ?? Promise.resolve()
    synced.then(() => finish(), finish)
  }
}

function settle(waiter: Waiter, error: unknown): void {
  if (error === undefined) waiter.resolve()
  else waiter.reject(error)
}
