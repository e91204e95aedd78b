import * as plain from 'node:http'
import * as secure from 'node:https'
import type { Duplex } from 'node:stream'
import type { Consumers } from '../../../pipeline/component.ts'
import type { Host } from '../../../pipeline/host.ts'
import { addressOf } from '../address.ts'
import type { Admission } from '../admission.ts'
import type { HttpConfig } from '../config-http.ts'
import { codeOf } from '../errors.ts'
import { Intake } from '../intake.ts'
import { type Listener, listen } from '../listen.ts'
import { loadTls, reloadTls } from '../tls.ts'
import { Cors } from './cors.ts'
import { type Door, Exchange } from './exchange.ts'
import { Routes } from './routes.ts'

const DEFAULT_LIMIT = 20 * 1024 * 1024
/** How often the runtime looks for requests that take too long. */
const CHECK_MS = 30_000
/** A sender in the middle of its headers gets this much longer when everything else is done. */
const LAST_CALL_MS = 100

/** How every HTTP/2 connection begins. */
const HTTP2 = Buffer.from('PRI * HTTP/2.0')
const STATUS: Readonly<Record<string, string>> = {
  ERR_HTTP_REQUEST_TIMEOUT: '408 Request Timeout',
  HPE_CHUNK_EXTENSIONS_OVERFLOW: '413 Payload Too Large',
  HPE_HEADER_OVERFLOW: '431 Request Header Fields Too Large',
}

/** OTLP over HTTP/1.1. */
export class HttpListener implements Listener {
  readonly protocol = 'http'
  address = ''
  private readonly config: HttpConfig
  private readonly host: Host
  private readonly place: string
  private readonly door: Door
  private server: plain.Server | undefined
  private ending: Promise<void> | undefined
  private endReload = (): void => {}

  constructor(config: HttpConfig, host: Host, next: Consumers, admission: Admission) {
    this.config = config
    this.host = host
    this.place = `receivers.${host.id}.protocols.http`
    this.door = {
      ...{ clock: host.clock, intake: new Intake(host, next, 'http', admission), routes: new Routes(config, next) },
      cors: config.cors === undefined ? undefined : new Cors(config.cors),
      limit: config.max_request_body_size === 0 ? DEFAULT_LIMIT : config.max_request_body_size,
      encodings: new Set(config.compression_algorithms),
      allow: config.cors === undefined ? 'POST' : 'POST, OPTIONS',
      headers: Object.entries(config.response_headers).flat(),
      keepAlive: config.keep_alives_enabled,
      ...{ stopping: false, open: 0, idle: () => {} },
    }
  }

  async start(): Promise<void> {
    const server = await this.create()
    server.timeout = this.config.write_timeout
    // A sender may close its half of the connection behind its request and still wait for the answer.
    Object.assign(server, { httpAllowHalfOpen: true })
    server.on('request', (req, res) => new Exchange(this.door, req, res).begin(false))
    server.on('checkContinue', (req, res) => new Exchange(this.door, req, res).begin(true))
    server.on('clientError', (error, socket) => this.noRequest(error, socket))
    this.address = await listen(server, addressOf(this.config.endpoint, this.config.transport), this.place)
    server.on('error', (error) => this.host.log.error('the HTTP listener failed', { error: String(error) }))
    this.server = server
  }

  /** Bytes that are no request. Having a say in it means to answer as the runtime would have. */
  private noRequest(error: Error & { readonly rawPacket?: Buffer }, socket: Duplex): void {
    if (error.rawPacket?.subarray(0, HTTP2.length).equals(HTTP2) === true) {
      this.host.log.warn(
        `a client spoke HTTP/2 to the HTTP port ${this.address}, as gRPC senders do; OTLP over gRPC is served on another port, 4317 by default`,
      )
    }
    const status = STATUS[codeOf(error) ?? ''] ?? '400 Bad Request'
    if (socket.writable) socket.write(`HTTP/1.1 ${status}\r\nConnection: close\r\n\r\n`)
    socket.destroy(error)
  }

  private async create(): Promise<plain.Server> {
    const { config } = this
    const options = timeouts(config)
    if (config.tls === undefined) return plain.createServer(options)
    const server = secure.createServer({ ...options, ...(await loadTls(config.tls, this.place)) })
    this.endReload = reloadTls(server, config.tls, this.place, this.host)
    return server
  }

  shutdown(drainMs: number): Promise<void> {
    this.endReload()
    const { server } = this
    this.door.stopping = true
    if (server !== undefined) this.ending ??= this.end(server, drainMs)
    return this.ending ?? Promise.resolve()
  }

  private async end(server: plain.Server, drainMs: number): Promise<void> {
    const { door, host } = this
    await new Promise<void>((resolve) => {
      const cut = host.clock.after(drainMs, () => server.closeAllConnections())
      door.idle = () => host.clock.after(LAST_CALL_MS, () => server.closeAllConnections())
      server.close(() => {
        cut()
        resolve()
      })
      server.closeIdleConnections()
      if (door.open === 0) door.idle()
    })
    door.intake.close()
  }
}

/** The runtime insists that headers take no longer than requests; 0 means no limit to it as to us. */
function timeouts(config: HttpConfig): plain.ServerOptions {
  const { read_timeout: whole, read_header_timeout: headers } = config
  const headersTimeout = whole > 0 && (headers === 0 || headers > whole) ? whole : headers
  const shortest = Math.min(...[headersTimeout, whole].filter((ms) => ms > 0), CHECK_MS)
  return {
    ...{
      headersTimeout,
      requestTimeout: whole,
      keepAliveTimeout: config.keepalive?.idle_timeout ?? config.idle_timeout,
    },
    ...{ connectionsCheckingInterval: Math.max(50, shortest), keepAlive: true, noDelay: true },
  }
}
