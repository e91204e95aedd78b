import { createSecureContext } from 'node:tls'
import type { ChannelCredentials, ChannelOptions, Client, Metadata } from '@grpc/grpc-js'
import type { Delivery, Exporter, ExportResult, Signal } from '../../pipeline/component.ts'
import { readTls, type TlsConfig } from '../../pipeline/exporter-config/index.ts'
import type { Host } from '../../pipeline/host.ts'
import type { Config } from './config.ts'
import { failed, succeeded } from './result.ts'
import { targetOf } from './target.ts'

type Grpc = typeof import('@grpc/grpc-js')

const METHODS: Readonly<Record<Signal, string>> = {
  traces: '/opentelemetry.proto.collector.trace.v1.TraceService/Export',
  logs: '/opentelemetry.proto.collector.logs.v1.LogsService/Export',
  metrics: '/opentelemetry.proto.collector.metrics.v1.MetricsService/Export',
}

/** The queue retries; a channel that waits longer than the queue between its own attempts would make it wait in vain. */
const RECONNECT_MAX_MS = 5_000

/** What is sent is bytes already, and what comes is read by hand. */
const identity = (bytes: Buffer): Buffer => bytes

interface Connection {
  readonly client: Client
  readonly metadata: Metadata
}

/** One attempt per delivery over one channel, which connects, balances and reconnects by itself. */
export class OtlpGrpcExporter implements Exporter {
  readonly reads = 'bytes'
  private readonly config: Config
  private readonly host: Host
  private connection: Connection | undefined

  constructor(config: Config, host: Host) {
    this.config = config
    this.host = host
  }

  /** The gRPC library is loaded only here: it costs memory and start-up time that most configurations need not pay. */
  async start(): Promise<void> {
    // The default of a CommonJS module is the module; of its names the bundler keeps none.
    const { default: grpc } = await import('@grpc/grpc-js')
    const target = targetOf(this.config.endpoint, this.config.tls.insecure)
    if (target === undefined) throw new Error(`endpoint: ${this.config.endpoint} is no address`)
    const credentials = target.plain ? grpc.credentials.createInsecure() : secure(grpc, this.config.tls)
    const client = new grpc.Client(target.address, credentials, channelOptions(grpc, this.config))
    this.connection = { client, metadata: metadataOf(grpc, this.config) }
  }

  async shutdown(): Promise<void> {
    this.connection?.client.close()
    this.connection = undefined
  }

  export(delivery: Delivery): Promise<ExportResult> {
    const connection = this.connection
    if (connection === undefined) return Promise.resolve({ kind: 'retry', reason: 'not started' })
    const { signal, bytes } = delivery
    const deadline = this.host.clock.now() + this.config.timeout
    return new Promise((resolve) => {
      connection.client.makeUnaryRequest(
        METHODS[signal],
        identity,
        identity,
        bytes,
        connection.metadata,
        { deadline },
        (error, response) => {
          if (error === null) return resolve(succeeded(signal, response ?? Buffer.alloc(0)))
          const [status] = error.metadata?.get('grpc-status-details-bin') ?? []
          resolve(
            failed({ code: error.code, details: error.details, status: Buffer.isBuffer(status) ? status : undefined }),
          )
        },
      )
    })
  }
}

function secure(grpc: Grpc, config: TlsConfig): ChannelCredentials {
  const { ca, cert, key, minVersion, maxVersion, rejectUnauthorized } = readTls(config)
  const context = createSecureContext({
    minVersion,
    ...(ca === undefined ? {} : { ca }),
    ...(cert === undefined ? {} : { cert }),
    ...(key === undefined ? {} : { key }),
    ...(maxVersion === undefined ? {} : { maxVersion }),
  })
  return grpc.credentials.createFromSecureContext(context, { rejectUnauthorized })
}

function metadataOf(grpc: Grpc, config: Config): Metadata {
  const metadata = new grpc.Metadata({ waitForReady: config.wait_for_ready })
  for (const [name, value] of Object.entries(config.headers)) metadata.set(name.toLowerCase(), value)
  return metadata
}

function channelOptions(grpc: Grpc, config: Config): ChannelOptions {
  const { keepalive, tls, authority } = config
  return {
    'grpc.primary_user_agent': config.user_agent,
    'grpc.service_config': JSON.stringify({ loadBalancingConfig: [{ [config.balancer_name]: {} }] }),
    'grpc.enable_retries': 0,
    'grpc.initial_reconnect_backoff_ms': 1000,
    'grpc.max_reconnect_backoff_ms': RECONNECT_MAX_MS,
    'grpc.use_local_subchannel_pool': 1,
    ...(config.compression === 'gzip' ? { 'grpc.default_compression_algorithm': grpc.compressionAlgorithms.gzip } : {}),
    ...(authority === undefined ? {} : { 'grpc.default_authority': authority }),
    ...(tls.server_name_override === undefined ? {} : { 'grpc.ssl_target_name_override': tls.server_name_override }),
    ...(keepalive === undefined
      ? {}
      : {
          'grpc.keepalive_time_ms': keepalive.time,
          'grpc.keepalive_timeout_ms': keepalive.timeout,
          'grpc.keepalive_permit_without_calls': keepalive.permit_without_stream ? 1 : 0,
        }),
  }
}
