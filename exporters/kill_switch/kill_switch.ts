import type { Verdict } from '../../genai/verdict.ts'
import type { Delivery, Exporter, ExportResult } from '../../pipeline/component.ts'
import type { Host } from '../../pipeline/host.ts'
import {
  type Kill,
  LEDGER,
  type Ledger,
  type LedgerEvent,
  PRICE_BOARD,
  type PriceReport,
} from '../../pipeline/services.ts'
import type { MetricFamily } from '../../pipeline/telemetry/metrics.ts'
import type { Config } from './config.ts'
import { controlRoutes, pricesRoute } from './control-api.ts'
import { Enforcer } from './enforcer.ts'
import { Flags } from './flags.ts'
import { metrics } from './metrics.ts'
import { noticeOf } from './notices.ts'
import type { Route } from './routes.ts'
import { ControlServer, WATCH_PATH } from './server.ts'
import { provideToken } from './token.ts'
import { Watchers } from './watchers.ts'
import { type Post, post, Webhook } from './webhook.ts'

/** How long the end of the program may wait for webhooks. */
const GRACE_MS = 3_000
const DONE: ExportResult = { kind: 'ok' }

/** What exists between start and shutdown. */
interface Running {
  readonly ledger: Ledger
  readonly enforcer: Enforcer
  readonly watchers: Watchers
  readonly server: ControlServer
  readonly webhooks: readonly Webhook[]
  readonly stopWatching: () => void
}

/** Enforces verdicts, and lets people and programs see and steer what is stopped. Telemetry passes by. */
export class KillSwitch implements Exporter {
  private readonly config: Config
  private readonly host: Host
  private readonly post: Post
  private readonly enforced: MetricFamily
  private readonly requests: MetricFamily
  private readonly deliveries: MetricFamily
  private readonly flags: Flags | undefined
  private readonly kills = new Map<string, Kill>()
  private running: Running | undefined

  constructor(config: Config, host: Host, send: Post = post) {
    this.config = config
    this.host = host
    this.post = send
    const { enforced, requests, deliveries, watchers, flagErrors } = metrics
    this.enforced = host.metrics.counter(enforced.name, enforced.description, enforced.labels)
    this.requests = host.metrics.counter(requests.name, requests.description, requests.labels)
    this.deliveries = host.metrics.counter(deliveries.name, deliveries.description, deliveries.labels)
    this.flags = config.flag_dir === undefined ? undefined : new Flags(config.flag_dir, host.log)
    const one = (value: number) => [{ labels: [], value }]
    host.metrics.observe('gauge', watchers.name, watchers.description, [], () => one(this.running?.watchers.size ?? 0))
    host.metrics.observe('counter', flagErrors.name, flagErrors.description, [], () => one(this.flags?.errors ?? 0))
  }

  /** `host:port` of the control API. */
  get address(): string | undefined {
    return this.running?.server.address
  }

  async start(): Promise<void> {
    const ledger = this.host.service(LEDGER)
    if (ledger === undefined) {
      throw new Error(`${this.host.id} needs a ledger: add "ledger:" to extensions and [ledger] to service.extensions`)
    }
    const { clock, log } = this.host
    const enforcer = new Enforcer(ledger, clock, this.config.run_kill_ttl)
    const watchers = new Watchers(ledger, clock)
    const server = new ControlServer({
      routes: [...controlRoutes(ledger, enforcer, clock), pricesRoute(() => this.reports(), clock), WATCH],
      watchers,
      token: provideToken(this.config.token, this.host.dataDir),
      allowedHosts: this.config.allowed_hosts.map((name) => name.toLowerCase()),
      log,
      onAnswer: (path, status) => this.requests.child(path, String(status)).add(1),
    })
    this.flags?.restore(ledger.kills())
    for (const kill of ledger.kills()) this.kills.set(kill.id, kill)
    const webhooks = this.config.webhooks.map((webhook) => new Webhook(webhook, this.host, this.post, this.deliveries))
    const stopWatching = ledger.watch(Number.POSITIVE_INFINITY, (event) => this.follow(event, webhooks))
    this.running = { ledger, enforcer, watchers, server, webhooks, stopWatching }
    await server.listen(this.config.endpoint)
    if (this.config.unix_socket !== undefined) await server.listenOn(this.config.unix_socket)
  }

  /** Asked for at each call: who prices calls starts in its own time. */
  private reports(): readonly PriceReport[] {
    return this.host.service(PRICE_BOARD)?.reports() ?? []
  }

  async shutdown(): Promise<void> {
    const running = this.running
    this.running = undefined
    if (running === undefined) return
    running.stopWatching()
    running.watchers.close()
    await running.server.close()
    const until = this.host.clock.now() + GRACE_MS
    await Promise.all(running.webhooks.map((webhook) => webhook.close(until)))
  }

  /** Verdicts take another way; spans are none of its business. */
  async export(_delivery: Delivery): Promise<ExportResult> {
    return DONE
  }

  enforce(verdict: Verdict): void {
    const outcome = this.running?.enforcer.enforce(verdict)
    if (outcome === undefined) return
    this.enforced.child(verdict.action, outcome).add(1)
    if (outcome === 'nobody') {
      this.host.log.warn('a verdict asks to kill but does not say whom', {
        detector: verdict.detector,
        reason: verdict.reason,
      })
    }
  }

  /** Flag files first: they are what stops somebody. */
  private follow(event: LedgerEvent, webhooks: readonly Webhook[]): void {
    if (event.type === 'kill') {
      this.flags?.add(event.kill)
      this.kills.set(event.kill.id, event.kill)
    }
    if (event.type === 'resume') this.flags?.remove(event.id)
    const notice = noticeOf(event, this.kills, this.host.clock.now())
    if (event.type === 'resume') this.kills.delete(event.id)
    if (notice === undefined) return
    for (const webhook of webhooks) if (webhook.wants(notice)) webhook.tell(notice)
  }
}

/** Answered by the server itself, since it never ends. */
const WATCH: Route = { method: 'GET', path: WATCH_PATH, takesBody: false, answer: () => ({ status: 200, body: {} }) }
