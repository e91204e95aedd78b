import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { Extension } from '../../pipeline/component.ts'
import type { Host } from '../../pipeline/host.ts'
import { HEALTH } from '../../pipeline/services.ts'
import { parseEndpoint } from '../../pipeline/telemetry/server.ts'
import type { Config } from './config.ts'

/** A probe is small and quick; whoever holds on longer is cut off. */
const REQUEST_MS = 5_000
const MAX_CONNECTIONS = 64

/** The answer of the Collector's extension of this name: 200 `Server available` or 503 `Server not available`. */
export class HealthCheck implements Extension {
  private readonly config: Config
  private readonly host: Host
  private server: Server | undefined
  private upSinceMs = 0

  constructor(config: Config, host: Host) {
    this.config = config
    this.host = host
  }

  /** `host:port` once it listens; with port 0 in the config the one that the system chose. */
  get address(): string | undefined {
    const address = this.server?.address()
    return typeof address === 'object' && address !== null ? `${address.address}:${address.port}` : undefined
  }

  async start(): Promise<void> {
    const { host, port } = parseEndpoint(this.config.endpoint)
    const server = createServer({ requestTimeout: REQUEST_MS, headersTimeout: REQUEST_MS }, (request, response) =>
      this.answer(request, response),
    )
    server.maxConnections = MAX_CONNECTIONS
    await new Promise<void>((resolve, reject) => {
      server.once('error', (error) =>
        reject(new Error(`${this.host.id} cannot listen on ${this.config.endpoint}: ${error.message}`)),
      )
      server.listen(port, host, resolve)
    })
    server.removeAllListeners('error')
    server.on('error', (error) => this.host.log.error('the health listener failed', { error: String(error) }))
    server.unref()
    this.server = server
    this.upSinceMs = this.host.clock.now()
  }

  async shutdown(): Promise<void> {
    const server = this.server
    this.server = undefined
    if (server === undefined) return
    await new Promise<void>((resolve) => {
      server.close(() => resolve())
      server.closeAllConnections()
    })
  }

  private answer(request: IncomingMessage, response: ServerResponse): void {
    request.resume()
    const path = (request.url ?? '').split('?')[0]
    if (request.method !== 'GET' && request.method !== 'HEAD') {
      send(response, 405, { status: 'only GET and HEAD are answered here' }, { allow: 'GET, HEAD' })
    } else if (path !== this.config.path) send(response, 404, { status: `ask for ${this.config.path}` })
    else this.report(response)
  }

  private report(response: ServerResponse): void {
    const health = this.host.service(HEALTH)
    // Without the engine's word, having been started is all there is to know.
    const ready = this.server !== undefined && (health?.ready() ?? true)
    const status = ready ? 'Server available' : 'Server not available'
    const state = health?.state() ?? 'ready'
    const uptime = `${(this.host.clock.now() - this.upSinceMs) / 1000}s`
    send(response, ready ? 200 : 503, {
      status,
      state,
      upSince: new Date(this.upSinceMs).toISOString(),
      uptime,
      ...health?.detail(),
    })
  }
}

function send(
  response: ServerResponse,
  code: number,
  body: object,
  headers: Readonly<Record<string, string>> = {},
): void {
  response.writeHead(code, { 'content-type': 'application/json', 'cache-control': 'no-store', ...headers })
  response.end(`${JSON.stringify(body)}\n`)
}
