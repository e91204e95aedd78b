import type { Exporter, ExportResult, Signal } from '../component.ts'
import type { Clock, Logger } from '../host.ts'
import { Backoff } from './backoff.ts'
import type { DeadLetters } from './dead-letters.ts'
import { errorText } from './disk.ts'
import { type Load, RecordsLoad } from './load.ts'
import type { Merged, Payload } from './payload.ts'
import type { ExporterMetrics } from './queue-metrics.ts'
import type { RetrySettings } from './settings.ts'

/** After a request that the far end took no part of, rejected ones are not taken apart for this long. */
const NO_HUNT_MS = 60_000
/** Below this many items, a request of which nothing was taken says nothing about the far end. */
const TELLING_ITEMS = 8
/** Culprits that are looked for within one request, as long as other parts of it are taken. */
const CULPRITS_MAX = 16

interface CourierOptions {
  readonly exporter: Pick<Exporter, 'export' | 'reads'>
  readonly signal: Signal
  readonly retry: RetrySettings
  readonly durable: boolean
  readonly clock: Clock
  readonly random: () => number
  readonly log: Logger
  readonly metrics: ExporterMetrics
  readonly deadLetters: DeadLetters
  readonly diskError: (operation: string, error: unknown) => void
}

type Final =
  | { readonly kind: 'ok' }
  | { readonly kind: 'rejected' | 'expired'; readonly reason: string }
  | { readonly kind: 'stopped' }
const OK: Final = { kind: 'ok' }
const STOPPED: Final = { kind: 'stopped' }

/** The search for what the far end cannot take, within one request. */
interface Hunt {
  readonly items: number
  readonly depth: number
  rejections: number
  accepted: boolean
  givenUp: boolean
}

/**
 * Brings requests to one exporter: attempts with growing waits, halving what is rejected until only the culprit is left,
 * and the dead letter file for that. `done` means every item is delivered or dead-lettered; `stopped` means that the
 * sidecar is going down first, and the request stays in the log.
 */
export class Courier {
  private readonly options: CourierOptions
  private phase: 'running' | 'draining' | 'stopped' = 'running'
  private readonly sleepers = new Set<(proceed: boolean) => void>()
  private failing = false
  private failures = 0
  private noHuntUntil = Number.NEGATIVE_INFINITY

  constructor(options: CourierOptions) {
    this.options = options
  }

  async deliver(merged: Merged): Promise<'done' | 'stopped'> {
    const load = new RecordsLoad(this.options.signal, merged)
    const items = merged.payload.items
    // Calls without items: nothing in them for whoever only forwards bytes.
    if (items === 0 && this.options.exporter.reads === 'bytes') return 'done'
    const depth = Math.ceil(Math.log2(Math.max(2, items))) + Math.ceil(Math.log2(Math.max(2, merged.records.length)))
    const hunt = { items, depth, rejections: 0, accepted: false, givenUp: false }
    const failures = this.failures
    const end = await this.send(load, hunt)
    // Somebody else's failure in the meantime costs a piece of memory at most.
    if (this.failures !== failures) merged.payload.unsure = true
    return end
  }

  /**
   * No more waiting. What is on disk can wait there for the next start; what is only in memory is tried again, until
   * `stop`.
   */
  drain(): void {
    if (this.phase !== 'running') return
    this.phase = 'draining'
    this.wakeAll(!this.options.durable)
  }

  stop(): void {
    this.phase = 'stopped'
    this.wakeAll(false)
  }

  private wakeAll(proceed: boolean): void {
    for (const wake of [...this.sleepers]) wake(proceed)
  }

  private async send(load: Load, hunt: Hunt): Promise<'done' | 'stopped'> {
    const final = await this.attempts(load.payload)
    if (final.kind === 'stopped') return 'stopped'
    if (final.kind === 'ok') {
      hunt.accepted = true
      this.noHuntUntil = Number.NEGATIVE_INFINITY
      return 'done'
    }
    const halves = final.kind === 'rejected' && this.mayHunt(hunt) ? load.halves() : undefined
    if (halves === undefined) return this.bury(load, final.reason)
    for (const half of halves) if ((await this.send(half, hunt)) === 'stopped') return 'stopped'
    return 'done'
  }

  /**
   * Halving finds one bad span in a good request with few attempts. Against a far end that rejects everything (a revoked
   * key, a wrong path) it would multiply the requests, so it ends when a first culprit is found and nothing was taken.
   */
  private mayHunt(hunt: Hunt): boolean {
    const now = this.options.clock.monotonic()
    hunt.rejections++
    if (!hunt.accepted && now < this.noHuntUntil) return false
    const limit = hunt.accepted ? CULPRITS_MAX * hunt.depth : hunt.depth + 3
    if (hunt.rejections <= limit) return true
    if (!hunt.accepted && hunt.items >= TELLING_ITEMS) this.noHuntUntil = now + NO_HUNT_MS
    return false
  }

  private async attempts(payload: Payload): Promise<Final> {
    const { retry, random, clock, metrics } = this.options
    const backoff = new Backoff(retry, random)
    const startedAt = clock.monotonic()
    for (;;) {
      if (this.phase === 'stopped') return STOPPED
      const result = await this.once(payload)
      if (result.kind === 'ok') return this.succeeded(payload, result)
      this.failures++
      if (result.kind === 'rejected') return result
      this.failed(result.reason)
      if (!retry.enabled)
        return { kind: 'expired', reason: `not tried again (retry_on_failure is off): ${result.reason}` }
      const wait = backoff.next(result.afterMs)
      const elapsed = clock.monotonic() - startedAt
      const limit = retry.maxElapsedMs ?? 0
      if (limit > 0 && elapsed + wait > limit)
        return { kind: 'expired', reason: `gave up after max_elapsed_time: ${result.reason}` }
      metrics.retries.add(1)
      if (!(await this.sleep(wait))) return STOPPED
    }
  }

  private async once(payload: Payload): Promise<ExportResult> {
    try {
      return await this.options.exporter.export(payload)
    } catch (error) {
      this.options.log.error('the exporter failed on a request; its parts are tried one by one', {
        error: errorText(error),
      })
      return { kind: 'rejected', reason: `the exporter failed: ${errorText(error)}` }
    }
  }

  private succeeded(payload: Payload, result: Extract<ExportResult, { kind: 'ok' }>): Final {
    const { metrics, log } = this.options
    const rejected = Math.min(result.rejected ?? 0, payload.items)
    metrics.sent.add(payload.items - rejected)
    if (rejected > 0) metrics.partlyRejected.add(rejected)
    if (rejected > 0 || (result.message ?? '') !== '') {
      log.warn('the far end took a request only in part, or with a warning', {
        rejected,
        message: result.message ?? '',
      })
    }
    if (this.failing) log.info('delivering again')
    this.failing = false
    return OK
  }

  private failed(reason: string): void {
    if (!this.failing) this.options.log.warn('cannot deliver; will go on trying', { reason })
    this.failing = true
  }

  /** Does not end before the letters are written: what nobody will ever take must at least be kept here. */
  private async bury(load: Load, reason: string): Promise<'done' | 'stopped'> {
    const { metrics, log, deadLetters, diskError, retry, random } = this.options
    const backoff = new Backoff(retry, random)
    for (;;) {
      try {
        metrics.deadLetterBytesGivenUp.add(deadLetters.write(load.letters(), reason))
        metrics.deadLettered.add(load.payload.items)
        metrics.sendFailed.add(load.payload.items)
        log.error('items went to the dead letter file', { items: load.payload.items, reason })
        return 'done'
      } catch (error) {
        diskError('dead_letter', error)
      }
      if (!(await this.sleep(backoff.next()))) return 'stopped'
    }
  }

  /** False when the wait was ended by a shutdown that leaves the rest in the log. */
  private sleep(ms: number): Promise<boolean> {
    if (this.phase === 'stopped' || (this.phase === 'draining' && this.options.durable)) return Promise.resolve(false)
    return new Promise((resolve) => {
      const wake = (proceed: boolean): void => {
        cancel()
        this.sleepers.delete(wake)
        resolve(proceed)
      }
      const cancel = this.options.clock.after(ms, () => wake(true))
      this.sleepers.add(wake)
    })
  }
}
