import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { promisify } from 'node:util'
import { gzip } from 'node:zlib'
import { CONTENT_TYPE, type ExpositionFormat } from './exposition.ts'

export interface MetricsServerOptions {
  /** `127.0.0.1:8888`, `[::1]:8888`, `localhost:8888`; port 0 takes a free one. */
  readonly endpoint: string
  readonly path: string
  render(format: ExpositionFormat): string
  /** Told when rendering failed; the scraper gets a 500. */
  onError?(error: unknown): void
}

export interface MetricsServer {
  readonly address: { readonly host: string; readonly port: number }
  /** Ends open scrapes and frees the port. Safe twice. */
  close(): Promise<void>
}

/** Scrapers are few; more than this is a mistake or an attack. */
const CONNECTIONS_MAX = 64
/** Smaller pages are not worth compressing. */
const GZIP_FROM_BYTES = 1024
const gzipped = promisify(gzip)

/** Serves one exposition over HTTP. Rejects when the address cannot be had. */
export function serveMetrics(options: MetricsServerOptions): Promise<MetricsServer> {
  const { host, port } = parseEndpoint(options.endpoint)
  const server = createServer({ requestTimeout: 10_000, headersTimeout: 5_000 }, (request, response) => {
    answer(request, response, options).catch((error: unknown) => {
      options.onError?.(error)
      plain(response, 500, 'the metrics could not be rendered\n')
    })
  })
  server.maxConnections = CONNECTIONS_MAX
  return new Promise((resolve, reject) => {
    server.once('error', (error) => reject(new Error(`cannot listen on ${options.endpoint}: ${error.message}`)))
    server.listen(port, host, () => {
      server.on('error', (error) => options.onError?.(error))
      resolve({ address: addressOf(server), close: () => closed(server) })
    })
  })
}

const ENDPOINT = /^(?:\[([0-9a-fA-F:.%]+)\]|([^:[\]]*)):(\d{1,5})$/

/** Splits `host:port`; throws with the reason. An empty host (`:8888`) is every interface, and comes back as undefined. */
export function parseEndpoint(endpoint: string): { readonly host: string | undefined; readonly port: number } {
  const match = ENDPOINT.exec(endpoint)
  const port = Number(match?.[3])
  if (match === null || port > 65_535) throw new Error(`"${endpoint}" is not host:port, e.g. 127.0.0.1:9464`)
  const host = match[1] ?? match[2]
  return { host: host === '' ? undefined : host, port }
}

async function answer(
  request: IncomingMessage,
  response: ServerResponse,
  options: MetricsServerOptions,
): Promise<void> {
  const path = (request.url ?? '/').split('?', 1)[0]
  if (path !== options.path) return plain(response, 404, `metrics are at ${options.path}\n`)
  if (request.method !== 'GET' && request.method !== 'HEAD') {
    response.setHeader('allow', 'GET, HEAD')
    return plain(response, 405, 'only GET and HEAD\n')
  }
  const format = negotiate(request.headers.accept)
  const body = Buffer.from(options.render(format))
  const compress = body.length >= GZIP_FROM_BYTES && accepts(request.headers['accept-encoding'], 'gzip')
  const sent = compress ? await gzipped(body, { level: 1 }) : body
  response.writeHead(200, {
    'content-type': CONTENT_TYPE[format],
    'content-length': sent.length,
    vary: 'accept, accept-encoding',
    ...(compress ? { 'content-encoding': 'gzip' } : {}),
  })
  response.end(request.method === 'HEAD' ? undefined : sent)
}

/** OpenMetrics when the scraper wants it at least as much as plain text; a browser or curl gets text. */
export function negotiate(accept: string | undefined): ExpositionFormat {
  let open = 0
  let text = 0
  for (const part of (accept ?? '').split(',')) {
    const [type = '', ...parameters] = part.split(';').map((s) => s.trim().toLowerCase())
    const version = parameters.find((p) => p.startsWith('version='))?.slice(8)
    if (type === 'application/openmetrics-text' && (version === undefined || version === '1.0.0'))
      open = Math.max(open, quality(parameters))
    if (type === 'text/plain') text = Math.max(text, quality(parameters))
  }
  return open > 0 && open >= text ? 'openmetrics' : 'text'
}

function accepts(header: string | string[] | undefined, coding: string): boolean {
  return String(header ?? '')
    .split(',')
    .map((part) => part.split(';').map((s) => s.trim().toLowerCase()))
    .some(([name, ...parameters]) => name === coding && quality(parameters) > 0)
}

function quality(parameters: readonly string[]): number {
  const q = Number(parameters.find((p) => p.startsWith('q='))?.slice(2) ?? 1)
  return Number.isNaN(q) ? 0 : q
}

function plain(response: ServerResponse, status: number, text: string): void {
  if (response.headersSent) return void response.destroy()
  response.writeHead(status, { 'content-type': 'text/plain; charset=utf-8' }).end(text)
}

function addressOf(server: Server): { host: string; port: number } {
  const address = server.address() as AddressInfo
  return { host: address.address, port: address.port }
}

function closed(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve())
    server.closeAllConnections()
  })
}
