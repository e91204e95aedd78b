import type { Host } from '../../pipeline/host.ts'
import type { MetricFamily } from '../../pipeline/telemetry/metrics.ts'
import type { WebhookConfig } from './config.ts'
import type { Notice } from './notices.ts'
import { type Prepared, prepare, signature } from './webhook-formats.ts'

/** One HTTP request; resolves to its status. Rejects when there was no answer. */
export type Post = (
  url: string,
  headers: Readonly<Record<string, string>>,
  body: string,
  signal: AbortSignal,
) => Promise<number>

export const post: Post = async (url, headers, body, signal) => {
  const response = await fetch(url, { method: 'POST', headers, body, signal, redirect: 'manual' })
  await response.body?.cancel()
  return response.status
}

const QUEUE_MAX = 1_000
const ATTEMPTS_MAX = 8
const FIRST_DELAY_MS = 1_000
const LONGEST_DELAY_MS = 300_000
const TIMEOUT_MS = 15_000

interface Job extends Prepared {
  readonly id: string
  attempts: number
}

/**
 * One receiver: notices in order, one at a time, tried again with growing pauses for some ten minutes. Never in
 * anybody's way: whatever does not fit is dropped, oldest first, and counted.
 */
export class Webhook {
  private readonly config: WebhookConfig
  private readonly host: Host
  private readonly post: Post
  private readonly outcomes: MetricFamily
  private readonly queue: Job[] = []
  private readonly where: string
  private serial = 0
  private sending: Promise<void> | undefined
  private cancelPause: (() => void) | undefined
  private abort: (() => void) | undefined
  private isClosed = false

  constructor(config: WebhookConfig, host: Host, send: Post, outcomes: MetricFamily) {
    this.config = config
    this.host = host
    this.post = send
    this.outcomes = outcomes
    this.where = URL.canParse(config.url) ? new URL(config.url).host : 'webhook'
  }

  wants(notice: Notice): boolean {
    if (notice.type === 'resume') return this.config.resumes
    return notice.type === 'kill' || this.config.verdicts
  }

  tell(notice: Notice): void {
    if (this.isClosed) return
    const id = `msg_${this.host.clock.now().toString(36)}_${(++this.serial).toString(36)}_${Math.floor(this.host.random() * 2 ** 48).toString(36)}`
    this.queue.push({ ...prepare(notice, id, this.config), id, attempts: 0 })
    // The one that is being sent stays where it is.
    if (this.queue.length > QUEUE_MAX) this.dropped(this.queue.splice(1, 1).length, 'the queue is full')
    this.next()
  }

  /** One last attempt for each that waits, as long as `untilMs` allows; the rest is dropped. */
  async close(untilMs: number): Promise<void> {
    if (this.isClosed) return
    this.isClosed = true
    this.cancelPause?.()
    const cancel = this.host.clock.after(untilMs - this.host.clock.now(), () => this.abort?.())
    await this.sending
    cancel()
    while (this.queue.length > 0 && this.host.clock.now() < untilMs) {
      const before = this.queue.length
      await this.attempt(untilMs - this.host.clock.now())
      if (this.queue.length === before) break
    }
    if (this.queue.length > 0) this.dropped(this.queue.splice(0).length, 'the sidecar stops')
  }

  private next(): void {
    if (this.sending !== undefined || this.cancelPause !== undefined || this.isClosed || this.queue.length === 0) return
    this.sending = this.attempt(TIMEOUT_MS).finally(() => {
      this.sending = undefined
      this.next()
    })
  }

  /** Sends the first in the queue once; takes it out when it is done with, else plans the next attempt. */
  private async attempt(timeoutMs: number): Promise<void> {
    const job = this.queue[0]
    if (job === undefined) return
    job.attempts++
    const status = await this.send(job, timeoutMs)
    if (status >= 200 && status < 300) this.done('delivered')
    else if (isFinal(status)) this.gaveUp('refused', `status ${status}`)
    else if (job.attempts >= ATTEMPTS_MAX) this.gaveUp('failed', status === 0 ? 'no answer' : `status ${status}`)
    else if (!this.isClosed) this.pause(job.attempts)
  }

  private async send(job: Job, timeoutMs: number): Promise<number> {
    const aborter = new AbortController()
    this.abort = () => aborter.abort()
    const cancel = this.host.clock.after(timeoutMs, this.abort)
    try {
      return await this.post(this.config.url, this.headers(job), job.body, aborter.signal)
    } catch {
      return 0
    } finally {
      cancel()
    }
  }

  private headers(job: Job): Readonly<Record<string, string>> {
    const headers = { 'content-type': 'application/json', 'user-agent': 'tokenfuse', ...job.headers }
    if (this.config.format !== 'standard') return headers
    const seconds = Math.floor(this.host.clock.now() / 1000)
    const timed = { ...headers, 'webhook-timestamp': String(seconds) }
    const { secret } = this.config
    return secret === undefined
      ? timed
      : { ...timed, 'webhook-signature': signature(job.id, seconds, job.body, secret) }
  }

  private pause(attempts: number): void {
    const delay = Math.min(LONGEST_DELAY_MS, FIRST_DELAY_MS * 3 ** (attempts - 1)) * (0.5 + this.host.random())
    this.cancelPause = this.host.clock.after(delay, () => {
      this.cancelPause = undefined
      this.next()
    })
  }

  private done(outcome: string): void {
    this.queue.shift()
    this.outcomes.child(this.config.format, outcome).add(1)
  }

  private gaveUp(outcome: string, why: string): void {
    this.done(outcome)
    this.host.log.warn(`a notice to ${this.where} was not delivered: ${why}`)
  }

  private dropped(count: number, why: string): void {
    this.outcomes.child(this.config.format, 'dropped').add(count)
    this.host.log.warn(`${count} notices to ${this.where} were dropped: ${why}`)
  }
}

/** Trying again is no use: the receiver says that the request itself is wrong, or is somewhere else. */
const isFinal = (status: number): boolean =>
  status >= 300 && status < 500 && status !== 408 && status !== 425 && status !== 429
