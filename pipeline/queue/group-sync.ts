import type { Clock } from '../host.ts'
import type { DiskFile } from './disk.ts'

interface Waiter {
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
  private file: DiskFile | undefined
  private busy = false
  private startedAt = Number.NEGATIVE_INFINITY

  constructor(clock: Clock, intervalMs: number) {
    this.clock = clock
    this.intervalMs = intervalMs
  }

  /** Resolves when what was appended to `file` before this call is on the medium. Files left before were synced then. */
  request(file: DiskFile): Promise<void> {
    this.file = file
    return new Promise((resolve, reject) => {
      this.waiting.push({ resolve, reject })
      if (!this.busy) this.plan()
    })
  }

  private plan(): void {
    this.busy = true
    const wait = this.startedAt + this.intervalMs - this.clock.monotonic()
    if (wait <= 0) this.run()
    else this.clock.after(wait, () => this.run())
  }

  private run(): void {
    const waiters = this.waiting
    this.waiting = []
    this.startedAt = this.clock.monotonic()
    const finish = (settle: (waiter: Waiter) => void): void => {
      this.busy = false
      for (const waiter of waiters) settle(waiter)
      if (this.waiting.length > 0 && !this.busy) this.plan()
    }
    const synced = this.file?.sync() ?? Promise.resolve()
    synced.then(
      () => finish((waiter) => waiter.resolve()),
      (error: unknown) => finish((waiter) => waiter.reject(error)),
    )
  }
}
