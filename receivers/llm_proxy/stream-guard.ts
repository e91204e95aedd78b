import type { Clock, Logger } from '../../pipeline/host.ts'
import type { Decision, Ledger, Subject } from '../../pipeline/services.ts'

/** A call that can be ended before its time. */
export interface Cuttable {
  readonly subject: Subject
  cut(decision: Decision): void
}

/**
 * Checks the streams in flight against the ledger: at once when something was killed or noticed, else every
 * `intervalMs`, and only when the ledger says that something changed.
 */
export class StreamGuard {
  private readonly ledger: Ledger
  private readonly clock: Clock
  private readonly log: Logger
  private readonly intervalMs: number
  private readonly streams = new Set<Cuttable>()
  private epoch = -1
  private isScheduled = false
  private cancelTimer: (() => void) | undefined = undefined
  private unwatch: (() => void) | undefined = undefined

  constructor(ledger: Ledger, clock: Clock, log: Logger, intervalMs: number) {
    this.ledger = ledger
    this.clock = clock
    this.log = log
    this.intervalMs = intervalMs
  }

  start(): void {
    this.unwatch = this.ledger.watch(0, () => this.checkSoon())
  }

  stop(): void {
    this.unwatch?.()
    this.cancelTimer?.()
    this.cancelTimer = undefined
  }

  add(stream: Cuttable): void {
    this.streams.add(stream)
    this.arm()
  }

  delete(stream: Cuttable): void {
    this.streams.delete(stream)
  }

  /**
   * Not within the event: it may come from the middle of a batch, and what a cut stream has used goes into a batch of
   * its own.
   */
  private checkSoon(): void {
    if (this.isScheduled || this.streams.size === 0) return
    this.isScheduled = true
    queueMicrotask(() => {
      this.isScheduled = false
      this.check()
    })
  }

  private check(): void {
    this.epoch = this.ledger.epoch
    for (const stream of [...this.streams]) this.checkOne(stream)
  }

  /** Runs from timers and microtasks, where nobody else would catch. */
  private checkOne(stream: Cuttable): void {
    try {
      const decision = this.ledger.check(stream.subject)
      if (decision.verdict === 'kill') stream.cut(decision)
    } catch (error) {
      this.log.error('a stream could not be checked', { error: String(error) })
    }
  }

  private arm(): void {
    this.cancelTimer ??= this.clock.after(this.intervalMs, () => {
      this.cancelTimer = undefined
      if (this.ledger.epoch !== this.epoch) this.check()
      if (this.streams.size > 0) this.arm()
    })
  }
}
