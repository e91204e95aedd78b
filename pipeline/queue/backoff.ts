import type { RetrySettings } from './settings.ts'

/** The longest wait that a far end can ask of us; one that names next year is not obeyed. */
const ASKED_WAIT_MAX_MS = 3_600_000

/** Waits that grow from attempt to attempt, as the collector's do. */
export class Backoff {
  private readonly settings: RetrySettings
  private readonly random: () => number
  private intervalMs: number

  constructor(settings: RetrySettings, random: () => number) {
    this.settings = settings
    this.random = random
    this.intervalMs = settings.initialMs
  }

  /** The next wait: at least what the far end asked for. */
  next(askedMs = 0): number {
    const { maxMs, multiplier, randomization } = this.settings
    const spread = this.intervalMs * randomization
    const wait = this.intervalMs - spread + 2 * spread * this.random()
    this.intervalMs = Math.min(this.intervalMs * multiplier, maxMs)
    return Math.max(wait, Math.min(askedMs, ASKED_WAIT_MAX_MS))
  }
}
