import type { Agent as HttpAgent } from 'node:http'
import { Agent as TlsAgent } from 'node:https'
import { protoToJson } from '../../otlp/json/index.ts'
import type { Delivery, Exporter, ExportResult, Signal } from '../../pipeline/component.ts'
import { readTls } from '../../pipeline/exporter-config/index.ts'
import type { Host } from '../../pipeline/host.ts'
import { compress, hasZstd } from '../../pipeline/queue/compress.ts'
import type { Config } from './config.ts'
import { post } from './post.ts'
import { resultOf } from './result.ts'

// As in post.ts: an `import` of node:http costs 14 MB.
const { Agent: PlainAgent } = process.getBuiltinModule('node:http')
const USER_AGENT = 'tokenfuse'

/** One attempt per delivery; connections are kept between them. */
export class OtlpHttpExporter implements Exporter {
  readonly reads = 'bytes'
  private readonly config: Config
  private readonly host: Host
  private readonly urls: Readonly<Record<Signal, URL | undefined>>
  private readonly headers: Readonly<Record<string, string>>
  private agents: Readonly<Record<string, HttpAgent>> | undefined

  constructor(config: Config, host: Host) {
    this.config = config
    this.host = host
    this.urls = { traces: urlOf(config, 'traces'), logs: urlOf(config, 'logs'), metrics: urlOf(config, 'metrics') }
    this.headers = headersOf(config)
    if (config.compression === 'zstd' && !hasZstd)
      throw new Error('compression: zstd needs Node 22.15 or newer; use gzip')
    if (config.proxy_url !== undefined && !canProxy()) throw new Error('proxy_url needs Node 24.5 or newer')
  }

  async start(): Promise<void> {
    const tls = readTls(this.config.tls)
    const common = agentOptions(this.config)
    // Undefined would overwrite the runtime's own defaults.
    const given = Object.fromEntries(Object.entries(tls).filter(([, value]) => value !== undefined))
    const protocols = Object.values(this.urls).flatMap((url) => url?.protocol ?? [])
    this.agents = {
      'http:': new PlainAgent(common),
      // Only whoever speaks TLS pays for it.
      ...(protocols.includes('https:') ? { 'https:': new TlsAgent({ ...common, ...given }) } : {}),
    }
  }

  async shutdown(): Promise<void> {
    for (const agent of Object.values(this.agents ?? {})) agent.destroy()
    this.agents = undefined
  }

  async export(delivery: Delivery): Promise<ExportResult> {
    const url = this.urls[delivery.signal]
    if (url === undefined)
      return {
        kind: 'rejected',
        reason: `no endpoint for ${delivery.signal}: set endpoint or ${delivery.signal}_endpoint`,
      }
    const agent = this.agents?.[url.protocol]
    if (agent === undefined) return { kind: 'retry', reason: 'not started' }
    const { clock } = this.host
    let body: Buffer
    try {
      body = await this.body(delivery)
    } catch (error) {
      return { kind: 'rejected', reason: `could not be encoded: ${connectionReason(error)}` }
    }
    try {
      const answer = await post({ url, agent, headers: this.headers, body, timeoutMs: this.config.timeout, clock })
      return resultOf(answer, delivery.signal, clock.now())
    } catch (error) {
      return { kind: 'retry', reason: connectionReason(error) }
    }
  }

  private body(delivery: Delivery): Promise<Buffer> | Buffer {
    const { encoding, compression, compression_params } = this.config
    if (encoding === 'json') {
      const json = Buffer.from(protoToJson(delivery.signal, delivery.bytes))
      return compression === 'none' ? json : compress(json, compression, compression_params.level)
    }
    return compression === 'none' ? delivery.bytes : delivery.compressed(compression, compression_params.level)
  }
}

function urlOf(config: Config, signal: Signal): URL | undefined {
  const own = config[`${signal}_endpoint`]
  if (own !== undefined) return new URL(own)
  if (config.endpoint === undefined) return undefined
  const url = new URL(config.endpoint)
  url.pathname = `${url.pathname.replace(/\/$/, '')}/v1/${signal}`
  return url
}

function headersOf({ encoding, compression, headers }: Config): Record<string, string> {
  const own: Record<string, string> = {
    'user-agent': USER_AGENT,
    'content-type': encoding === 'json' ? 'application/json' : 'application/x-protobuf',
  }
  if (compression !== 'none') own['content-encoding'] = compression
  for (const [name, value] of Object.entries(headers)) own[name.toLowerCase()] = value
  return own
}

function agentOptions(config: Config): Record<string, unknown> {
  return {
    keepAlive: !config.disable_keep_alives,
    maxSockets: config.max_conns_per_host === 0 ? Number.POSITIVE_INFINITY : config.max_conns_per_host,
    maxFreeSockets: (config.keepalive ?? config).max_idle_conns,
    timeout: (config.keepalive ?? config).idle_conn_timeout,
    ...(config.proxy_url === undefined
      ? {}
      : { proxyEnv: { HTTP_PROXY: config.proxy_url, HTTPS_PROXY: config.proxy_url } }),
  }
}

/** Whether the runtime's agents know proxies; older ones would silently go without. */
function canProxy(): boolean {
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number)
  return major > 24 || (major === 24 && minor >= 5)
}

/** `connect ECONNREFUSED 127.0.0.1:4318`; several addresses of one name come as one error without a message. */
function connectionReason(error: unknown): string {
  if (error instanceof AggregateError) return error.errors.map(connectionReason).join('; ')
  return error instanceof Error ? error.message : String(error)
}
