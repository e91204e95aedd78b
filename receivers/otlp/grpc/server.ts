import * as http2 from 'node:http2'
import { createServer, type Server } from 'node:net'
import type { Consumers } from '../../../pipeline/component.ts'
import type { Host } from '../../../pipeline/host.ts'
import { addressOf } from '../address.ts'
import type { Admission } from '../admission.ts'
import type { GrpcConfig } from '../config-grpc.ts'
import { Intake } from '../intake.ts'
import { type Listener, listen } from '../listen.ts'
import { loadTls, reloadTls } from '../tls.ts'
import { Call, type Desk } from './call.ts'
import { SessionKeeper } from './session.ts'

const MIB = 1024 * 1024
const DEFAULT_LIMIT_MIB = 4
const DEFAULT_STREAMS = 1000
/** What a sender may have on its way before it hears from us, per call and per connection; HTTP/2's own 64 KiB stalls large batches. */
const STREAM_WINDOW = MIB
const CONNECTION_WINDOW = 8 * MIB

/** OTLP over gRPC, directly on HTTP/2: three unary methods need no more than framing and trailers. */
export class GrpcListener implements Listener {
  readonly protocol = 'grpc'
  address = ''
  private readonly config: GrpcConfig
  private readonly host: Host
  private readonly place: string
  private readonly desk: Desk
  private readonly sessions = new Map<http2.ServerHttp2Session, SessionKeeper>()
  /** What listens, and what its connections are given to. */
  private server: Server | undefined
  private inner: http2.Http2Server | http2.Http2SecureServer | undefined
  private ending: Promise<void> | undefined
  /** Called when the last connection is over. */
  private gone = (): void => {}
  private endReload = (): void => {}

  constructor(config: GrpcConfig, host: Host, next: Consumers, admission: Admission) {
    this.config = config
    this.host = host
    this.place = `receivers.${host.id}.protocols.grpc`
    this.desk = {
      ...{ clock: host.clock, intake: new Intake(host, next, 'grpc', admission) },
      limit: (config.max_recv_msg_size_mib || DEFAULT_LIMIT_MIB) * MIB,
    }
  }

  async start(): Promise<void> {
    const server = await this.create()
    this.address = await listen(server, addressOf(this.config.endpoint, this.config.transport), this.place)
    server.on('error', (error) => this.host.log.error('the gRPC listener failed', { error: String(error) }))
    this.server = server
  }

  private async create(): Promise<Server> {
    const { config } = this
    const options: http2.ServerOptions = {
      settings: {
        initialWindowSize: STREAM_WINDOW,
        maxConcurrentStreams: config.max_concurrent_streams || DEFAULT_STREAMS,
      },
      // In megabytes, and only a bound on new calls: messages are bounded by `max_recv_msg_size_mib` and `admission`.
      maxSessionMemory: 64,
    }
    if (config.tls === undefined) return this.openLater(options)
    const server = http2.createSecureServer({ ...options, ...(await loadTls(config.tls, this.place)) })
    this.endReload = reloadTls(server, config.tls, this.place, this.host)
    return this.open(server)
  }

  /** Node's HTTP/2 is 4 MB and a tenth of the start, and nobody may ever come: it is loaded with the first connection. */
  private openLater(options: http2.ServerOptions): Server {
    return createServer((socket) => {
      const inner = this.inner ?? this.open(http2.createServer(options))
      inner.emit('connection', socket)
    })
  }

  private open<S extends http2.Http2Server | http2.Http2SecureServer>(inner: S): S {
    this.inner = inner
    inner.on('session', (session) => this.welcome(session))
    inner.on('sessionError', (error) => this.noteSessionError(error))
    return inner
  }

  private welcome(session: http2.ServerHttp2Session): void {
    const { host, config, sessions, desk } = this
    session.on('error', () => {})
    session.setLocalWindowSize(CONNECTION_WINDOW)
    const keeper = new SessionKeeper(session, config.keepalive, host.clock, () => host.random())
    sessions.set(session, keeper)
    session.on('stream', (stream, headers) => {
      if (keeper.began()) new Call(desk, stream, keeper).begin(headers)
      else stream.on('error', () => {}).close(http2.constants.NGHTTP2_REFUSED_STREAM)
    })
    session.on('close', () => {
      sessions.delete(session)
      if (sessions.size === 0) this.gone()
    })
  }

  private noteSessionError(error: Error): void {
    if (!error.message.includes('bad client magic')) return
    this.host.log.warn(
      `a client spoke HTTP/1 or TLS to the gRPC port ${this.address}; OTLP over HTTP is served on another port, 4318 by default`,
    )
  }

  shutdown(drainMs: number): Promise<void> {
    this.endReload()
    const { server } = this
    if (server !== undefined) this.ending ??= this.end(server, drainMs)
    return this.ending ?? Promise.resolve()
  }

  private async end(server: Server, drainMs: number): Promise<void> {
    const { sessions, host } = this
    // The listener is closed last: connections that have said GOAWAY may not keep the process alive until they are over.
    this.inner?.removeAllListeners('session').on('session', (session) => session.destroy())
    await new Promise<void>((resolve) => {
      const cut = host.clock.after(drainMs, () => {
        for (const session of sessions.keys()) session.destroy()
      })
      this.gone = () => {
        cut()
        resolve()
      }
      for (const keeper of sessions.values()) keeper.leave()
      if (sessions.size === 0) this.gone()
    })
    await new Promise((resolve) => server.close(resolve))
    this.desk.intake.close()
  }
}
