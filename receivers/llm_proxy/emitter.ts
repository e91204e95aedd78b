import type { Consumer, Outcome } from '../../pipeline/component.ts'
import type { Clock, Logger } from '../../pipeline/host.ts'
import type { MetricFamily } from '../../pipeline/telemetry/metrics.ts'

const RETRY_MS = 1000
const RETRY_MS_MAX = 5000

interface Waiting {
  readonly body: Buffer
  readonly done: () => void
}

/**
 * Hands spans to the pipeline and keeps those that it does not take yet. How many may wait is the caller's limit: it
 * takes no new calls while too many do.
 */
export class SpanEmitter {
  private readonly consumer: Consumer
  private readonly clock: Clock
  private readonly log: Logger
  private readonly outcomes: MetricFamily
  private waiting: Waiting[] = []
  private readonly unsafe = new Set<Promise<void>>()
  private cancelRetry: (() => void) | undefined = undefined

  constructor(consumer: Consumer, clock: Clock, log: Logger, outcomes: MetricFamily) {
    this.consumer = consumer
    this.clock = clock
    this.log = log
    this.outcomes = outcomes
  }

  get pending(): number {
    return this.waiting.length
  }

  /** `done` runs when the span has been through the processors, or can never be; mostly before this returns. */
  emit(body: Buffer, done: () => void): void {
    this.offer({ body, done })
  }

  /** Offers what waits once more and waits until what was taken is safe. */
  async flush(): Promise<void> {
    this.cancelRetry?.()
    this.retry()
    await Promise.all(this.unsafe)
    this.cancelRetry?.()
    this.cancelRetry = undefined
    for (const span of this.waiting.splice(0)) {
      this.outcomes.child('dropped').add(1)
      this.finish(span)
    }
  }

  private offer(span: Waiting): void {
    const outcome = this.consume(span.body)
    if (outcome instanceof Promise) {
      // The processors have run; only the disk is still to answer.
      this.finish(span)
      const noMoreToDo: Waiting = { body: span.body, done: () => {} }
      const settled: Promise<void> = outcome
        .then((later) => this.take(later, noMoreToDo))
        .catch((error: unknown) => this.failed(error))
        .finally(() => this.unsafe.delete(settled))
      this.unsafe.add(settled)
    } else this.take(outcome, span)
  }

  private consume(body: Buffer): Outcome | Promise<Outcome> {
    try {
      return this.consumer.consume(body, 'proxy')
    } catch (error) {
      this.failed(error)
      return { kind: 'invalid', message: 'the pipeline failed' }
    }
  }

  private failed(error: unknown): void {
    this.log.error('the span of a call could not be handed on', { error: String(error) })
  }

  private take(outcome: Outcome, span: Waiting): void {
    if (outcome.kind === 'refused') {
      this.outcomes.child('refused').add(1)
      this.waiting.push(span)
      this.scheduleRetry(outcome.retryAfterMs)
      return
    }
    this.outcomes.child(outcome.kind === 'accepted' ? 'accepted' : 'dropped').add(1)
    this.finish(span)
  }

  private finish(span: Waiting): void {
    try {
      span.done()
    } catch (error) {
      this.failed(error)
    }
  }

  private scheduleRetry(afterMs = RETRY_MS): void {
    this.cancelRetry ??= this.clock.after(Math.min(RETRY_MS_MAX, Math.max(1, afterMs)), () => this.retry())
  }

  private retry(): void {
    this.cancelRetry = undefined
    for (const span of this.waiting.splice(0)) this.offer(span)
  }
}
