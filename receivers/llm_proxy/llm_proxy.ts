import { createServer, Agent as HttpAgent, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import { Agent as HttpsAgent } from 'node:https'
import type { AddressInfo } from 'node:net'
import type { Duplex } from 'node:stream'
import { parseUsd } from '../../genai/money.ts'
import type { Consumers, Receiver } from '../../pipeline/component.ts'
import type { Host } from '../../pipeline/host.ts'
import { LEDGER, type Ledger } from '../../pipeline/services.ts'
import type { Config } from './config.ts'
import { SpanEmitter } from './emitter.ts'
import { Exchange, type Shared } from './exchange.ts'
import { type Identity, type IdentityRules, identify } from './identity.ts'
import { type ProxyMetrics, proxyMetrics } from './metrics.ts'
import { FROM_BROWSER, INTERNAL, notFound, OVERLOADED, refusedBy, SHUTTING_DOWN, shapeOf } from './problems.ts'
import { type ErrorShape, type Problem, refusal } from './refuse.ts'
import { type Route, route } from './route.ts'
import { StreamGuard } from './stream-guard.ts'
import { resolveUpstreams, type Upstream } from './upstreams.ts'

/** Longer than SDKs keep idle connections, so that it is they who close them and no request meets a closing one. */
const CLIENT_KEEP_ALIVE_MS = 75_000
/** Shorter than providers keep idle connections, for the same reason. */
const UPSTREAM_KEEP_ALIVE_MS = 20_000
/** A client that is told "the provider timed out" must still be connected then. */
const GRACE_MS = 5_000

type Call = Extract<Route, { kind: 'call' }>

/** The door for agents that point their provider's base URL at us. */
export class LlmProxy implements Receiver {
  private readonly settings: Config
  private readonly host: Host
  private readonly next: Consumers
  private readonly upstreams: ReadonlyMap<string, Upstream>
  private readonly identityRules: IdentityRules
  private readonly estimateNano: bigint
  private readonly inFlight = new Set<Exchange>()
  private readonly metrics: ProxyMetrics
  private shared: Shared | undefined = undefined
  private server: Server | undefined = undefined
  private isStopping = false
  private stopped: Promise<void> | undefined = undefined

  constructor(settings: Config, host: Host, next: Consumers) {
    this.settings = settings
    this.host = host
    this.next = next
    this.upstreams = resolveUpstreams(settings.upstreams)
    this.identityRules = {
      headers: Object.fromEntries(
        Object.entries(settings.identity_headers).map(([tag, name]) => [tag, name.toLowerCase()]),
      ),
      // What the tags of our spans would become without it.
      defaults: { ...settings.defaults, agent: settings.defaults['agent'] ?? settings.service_name },
      random: () => host.random(),
    }
    this.estimateNano = BigInt(parseUsd(settings.estimate_usd) ?? 0) / 1000n
    this.metrics = proxyMetrics(host.metrics)
  }

  /** Where it listens, once started. */
  get port(): number {
    return (this.server?.address() as AddressInfo | null)?.port ?? 0
  }

  async start(): Promise<void> {
    const shared = this.share()
    shared.guard?.start()
    this.shared = shared
    this.server = this.createServer(shared)
    await listen(this.server, this.settings.endpoint)
  }

  shutdown(): Promise<void> {
    this.stopped ??= this.stop()
    return this.stopped
  }

  /** Takes no new calls, lets those in flight end, and cuts what is left after `drain_timeout`. */
  private async stop(): Promise<void> {
    this.isStopping = true
    const { server, shared } = this
    if (server === undefined || shared === undefined) return
    const closed = new Promise<void>((resolve) => server.close(() => resolve()))
    server.closeIdleConnections()
    const cancel = this.host.clock.after(this.settings.drain_timeout, () => {
      for (const exchange of [...this.inFlight]) exchange.stop(SHUTTING_DOWN)
      server.closeIdleConnections()
      this.host.clock.after(GRACE_MS, () => server.closeAllConnections())
    })
    await closed
    cancel()
    for (const exchange of [...this.inFlight]) exchange.stop(SHUTTING_DOWN)
    shared.guard?.stop()
    await shared.emitter.flush()
    shared.httpAgent.destroy()
    shared.httpsAgent.destroy()
  }

  private share(): Shared {
    const { clock, log } = this.host
    const { settings, metrics } = this
    const traces = this.next.traces
    if (traces === undefined) {
      throw new Error(
        `${this.host.id}: no traces pipeline takes from it, so nothing would be counted; name it in service.pipelines.traces.receivers`,
      )
    }
    const ledger = this.host.service(LEDGER)
    const agent = {
      keepAlive: true,
      maxSockets: settings.max_in_flight,
      maxFreeSockets: 64,
      timeout: UPSTREAM_KEEP_ALIVE_MS,
    }
    return {
      clock,
      log,
      serviceName: settings.service_name,
      idleTimeoutMs: settings.idle_timeout,
      httpAgent: new HttpAgent(agent),
      httpsAgent: new HttpsAgent(agent),
      emitter: new SpanEmitter(traces, clock, log, metrics.spans),
      metrics,
      ledger,
      guard:
        ledger !== undefined && settings.cut_streams
          ? new StreamGuard(ledger, clock, log, settings.stream_check_interval)
          : undefined,
      inFlight: this.inFlight,
    }
  }

  private createServer(shared: Shared): Server {
    const options = {
      maxHeaderSize: this.settings.max_header_bytes,
      keepAliveTimeout: CLIENT_KEEP_ALIVE_MS,
      requestTimeout: this.settings.idle_timeout,
    }
    const server = createServer(options, (req, res) => this.serve(shared, req, res))
    server.setTimeout(this.settings.idle_timeout + GRACE_MS)
    server.maxConnections = this.settings.max_in_flight * 4
    server.on('clientError', answerBadRequest)
    return server
  }

  /** A fault of ours costs one request, not the process. */
  private serve(shared: Shared, req: IncomingMessage, res: ServerResponse): void {
    const found = route(req.method ?? '', req.url ?? '', this.upstreams)
    const shape = found.kind === 'call' ? shapeOf(found.upstream.dialect) : 'openai'
    const upstream = found.kind === 'call' ? found.upstream.name : 'none'
    res.on('close', () => {
      this.metrics.answered(upstream, res.headersSent ? res.statusCode : 0)
      if (this.isStopping) req.socket.destroySoon()
    })
    try {
      const problem = found.kind === 'unknown' ? notFound(found.message) : this.objection(shared, req)
      if (problem !== undefined) this.refuse(res, shape, problem)
      else if (found.kind === 'call') this.forward(shared, found, req, res)
    } catch (error) {
      this.host.log.error('a request failed inside the proxy', { error: String(error) })
      if (res.headersSent) res.destroy()
      else this.refuse(res, shape, INTERNAL)
    }
  }

  /** What speaks against any request, whoever it is for. */
  private objection(shared: Shared, req: IncomingMessage): Problem | undefined {
    if (this.isStopping) return SHUTTING_DOWN
    if (req.headers.origin !== undefined && !this.settings.allow_browser) return FROM_BROWSER
    if (this.inFlight.size + shared.emitter.pending >= this.settings.max_in_flight) return OVERLOADED
    return undefined
  }

  private forward(shared: Shared, call: Call, req: IncomingMessage, res: ServerResponse): void {
    const identity = identify(req.headers, this.identityRules)
    const held = call.api.billable ? this.reserve(shared.ledger, identity) : {}
    if (held.problem !== undefined) {
      this.refuse(res, shapeOf(call.upstream.dialect), held.problem)
      return
    }
    const { upstream, path, api } = call
    const exchange = new Exchange(shared, {
      req,
      res,
      upstream,
      path,
      api,
      identity,
      reservation: held.id,
      requestId: this.requestId(),
    })
    exchange.start()
  }

  private reserve(
    ledger: Ledger | undefined,
    identity: Identity,
  ): { readonly problem?: Problem; readonly id?: string | undefined } {
    if (ledger === undefined) return {}
    const { decision, id } = ledger.reserve(identity.subject, this.estimateNano, this.settings.reservation_ttl)
    const problem = refusedBy(decision)
    if (problem === undefined) return { id }
    if (id !== undefined) ledger.release(id)
    return { problem }
  }

  private refuse(res: ServerResponse, shape: ErrorShape, problem: Problem): void {
    if (problem.kind === 'stop' || problem.kind === 'throttle') this.metrics.refused(problem.code)
    const { status, headers, body } = refusal(shape, problem, this.requestId())
    const closing = this.isStopping ? { connection: 'close' } : {}
    res.writeHead(status, { ...headers, ...closing, 'content-length': Buffer.byteLength(body) }).end(body)
  }

  private requestId(): string {
    return `req_tf_${Math.floor(this.host.random() * Number.MAX_SAFE_INTEGER)
      .toString(36)
      .padStart(11, '0')}`
  }
}

function listen(server: Server, endpoint: string): Promise<void> {
  const at = endpoint.lastIndexOf(':')
  const host = endpoint.slice(0, at).replace(/^\[|\]$/g, '')
  return new Promise((resolve, reject) => {
    server.once('error', (error) => reject(new Error(`cannot listen on ${endpoint}: ${error.message}`)))
    server.listen({ port: Number(endpoint.slice(at + 1)), ...(host === '' ? {} : { host }) }, () => {
      server.removeAllListeners('error')
      server.on('error', () => {})
      resolve()
    })
  })
}

/** Bytes that are no HTTP, or headers beyond the limit. */
function answerBadRequest(error: NodeJS.ErrnoException, socket: Duplex): void {
  if (!socket.writable || error.code === 'ECONNRESET') {
    socket.destroy()
    return
  }
  const status = error.code === 'HPE_HEADER_OVERFLOW' ? '431 Request Header Fields Too Large' : '400 Bad Request'
  socket.end(`HTTP/1.1 ${status}\r\nconnection: close\r\ncontent-length: 0\r\n\r\n`)
}
