import { chmodSync, lstatSync, unlinkSync } from 'node:fs'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import { connect } from 'node:net'
import type { Duplex } from 'node:stream'
import type { Logger } from '../../pipeline/host.ts'
import { parseEndpoint } from '../../pipeline/telemetry/server.ts'
import { BadRequest } from './bad-request.ts'
import { refuseBrowsers, requireToken } from './guard.ts'
import { readJson } from './read-body.ts'
import { match, type Route } from './routes.ts'
import type { Token } from './token.ts'
import { toJson } from './views.ts'
import type { Watchers } from './watchers.ts'

export const WATCH_PATH = '/v1/watch'

const LIMITS = { requestTimeout: 10_000, headersTimeout: 5_000, keepAliveTimeout: 5_000, maxHeaderSize: 16 * 1024 }
const CONNECTIONS_MAX = 512
const SOCKET_MODE = 0o660

export interface ServerParts {
  readonly routes: readonly Route[]
  readonly watchers: Watchers
  readonly token: Token
  readonly allowedHosts: readonly string[]
  readonly log: Logger
  /** Told of every answer. */
  readonly onAnswer: (path: string, status: number) => void
}

/** The control API over HTTP, on a TCP port and on a unix socket. */
export class ControlServer {
  private readonly parts: ServerParts
  private readonly servers: Server[] = []

  constructor(parts: ServerParts) {
    this.parts = parts
  }

  /** `host:port` of the TCP listener once it listens. */
  get address(): string | undefined {
    const found = this.servers.map((server) => server.address()).find((address) => typeof address === 'object')
    return found === null || found === undefined ? undefined : `${found.address}:${found.port}`
  }

  /** Throws with the endpoint and the reason. */
  async listen(endpoint: string): Promise<void> {
    const { host, port } = parseEndpoint(endpoint)
    const server = this.make(false)
    await listening(server, endpoint, () => server.listen({ port, ...(host === undefined ? {} : { host }) }))
    this.servers.push(server)
  }

  async listenOn(path: string): Promise<void> {
    await removeStale(path)
    const server = this.make(true)
    await listening(server, path, () => server.listen(path))
    this.servers.push(server)
    chmodSync(path, SOCKET_MODE)
  }

  async close(): Promise<void> {
    const servers = this.servers.splice(0)
    const closed = servers.map((server) => new Promise((resolve) => server.close(resolve)))
    for (const server of servers) server.closeAllConnections()
    await Promise.all(closed)
  }

  private make(isUnixSocket: boolean): Server {
    const server = createServer(LIMITS, (request, response) => void this.serve(request, response, isUnixSocket))
    server.maxConnections = CONNECTIONS_MAX
    server.on('clientError', refuseGarbage)
    server.unref()
    return server
  }

  /** Never rejects: everything that goes wrong becomes an answer. */
  private async serve(request: IncomingMessage, response: ServerResponse, isUnixSocket: boolean): Promise<void> {
    let path = 'none'
    try {
      refuseBrowsers(request, this.parts.allowedHosts, isUnixSocket)
      const found = match(this.parts.routes, request.method ?? '', request.url ?? '')
      path = found.route.path
      if (found.route.method !== 'GET') requireToken(request, this.parts.token.value, this.parts.token.where)
      if (path === WATCH_PATH) {
        const lastId = request.headers['last-event-id'] ?? found.query.get('last_event_id') ?? undefined
        this.parts.watchers.add(response, typeof lastId === 'string' ? lastId : undefined)
        this.parts.onAnswer(path, 200)
        return
      }
      const body = found.route.takesBody ? await readJson(request) : undefined
      const { status, body: answer } = found.route.answer({ query: found.query, id: found.id, body })
      this.answer(response, path, status, answer)
    } catch (error) {
      this.refuse(request, response, path, error)
    }
  }

  private refuse(request: IncomingMessage, response: ServerResponse, path: string, error: unknown): void {
    if (request.destroyed && !request.complete) return
    if (error instanceof BadRequest) {
      const { status, code, message, next, headers } = error
      this.answer(response, path, status, { error: { code, message, next } }, headers)
      return
    }
    this.parts.log.error('a control request failed', { path, error: String(error) })
    const next = 'see the log of the sidecar; this is a fault of ours'
    this.answer(response, path, 500, { error: { code: 'internal', message: 'the request failed', next } })
  }

  private answer(
    response: ServerResponse,
    path: string,
    status: number,
    body: object,
    headers: Readonly<Record<string, string>> = {},
  ): void {
    this.parts.onAnswer(path, status)
    if (response.headersSent) {
      response.destroy()
      return
    }
    const text = `${toJson(body)}\n`
    const length = Buffer.byteLength(text)
    const common = {
      'content-type': 'application/json',
      'cache-control': 'no-store',
      'x-content-type-options': 'nosniff',
    }
    response.writeHead(status, { ...common, 'content-length': length, ...headers }).end(text)
  }
}

async function listening(server: Server, where: string, listen: () => void): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    server.once('error', (error) => reject(new Error(`cannot listen on ${where}: ${error.message}`)))
    server.once('listening', resolve)
    listen()
  })
  server.removeAllListeners('error')
  server.on('error', () => undefined)
}

/** A socket that nobody answers on was left behind by a process that is gone. One in use is left alone. */
async function removeStale(path: string): Promise<void> {
  if (!isSocket(path)) return
  const isInUse = await new Promise<boolean>((resolve) => {
    const probe = connect(path)
    probe.once('connect', () => {
      probe.destroy()
      resolve(true)
    })
    probe.once('error', () => resolve(false))
  })
  if (!isInUse) unlinkSync(path)
}

function isSocket(path: string): boolean {
  return lstatSync(path, { throwIfNoEntry: false })?.isSocket() ?? false
}

/** Bytes that are no HTTP, or headers beyond the limit. */
function refuseGarbage(error: NodeJS.ErrnoException, socket: Duplex): void {
  if (!socket.writable || error.code === 'ECONNRESET') {
    socket.destroy()
    return
  }
  const status = error.code === 'HPE_HEADER_OVERFLOW' ? '431 Request Header Fields Too Large' : '400 Bad Request'
  const body = `${JSON.stringify({ error: { code: 'not_http', message: 'this is not a request', next: 'speak HTTP/1.1' } })}\n`
  const head = `HTTP/1.1 ${status}\r\nconnection: close\r\ncontent-type: application/json\r\ncontent-length: ${body.length}`
  socket.end(`${head}\r\n\r\n${body}`)
}
