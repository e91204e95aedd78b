import {
  any,
  boolean,
  type Complaint,
  choice,
  duration,
  type Infer,
  integer,
  object,
  string,
} from '../../pipeline/config/spec.ts'
import {
  auth,
  bufferSize,
  compression,
  compressionParams,
  dialerMiddleware,
  headers,
  middlewares,
  retryOnFailure,
  sendingQueue,
  timeout,
  tls,
  unsupported,
} from '../../pipeline/exporter-config/index.ts'

const NO_HTTP2 = 'Requests go over HTTP/1.1.'

const verbatim = (signal: string) =>
  string({
    doc: `Where ${signal} go, exactly as written: nothing is added to it. Wins over \`endpoint\`.`,
    optional: true,
    pattern: /^https?:\/\//,
    examples: ['https://otlp.example.com/custom/path'],
  })

export const config = object(
  {
    endpoint: string({
      doc: 'Base address of the far end; `/v1/traces`, `/v1/logs` or `/v1/metrics` is added to it.',
      optional: true,
      pattern: /^https?:\/\//,
      examples: ['http://localhost:4318', 'https://cloud.langfuse.com/api/public/otel'],
    }),
    traces_endpoint: verbatim('traces'),
    logs_endpoint: verbatim('logs'),
    metrics_endpoint: verbatim('metrics'),
    encoding: choice(['proto', 'json'], {
      doc: 'Protobuf is sent as it is in the queue; JSON costs a transcoding of every request.',
      default: 'proto',
    }),
    compression: compression(['gzip', 'zstd', 'none']),
    compression_params: compressionParams,
    headers,
    timeout: timeout('30s'),
    tls,
    proxy_url: string({
      doc: 'HTTP proxy for all requests; may hold a user name and a password. Needs Node 24.5 or newer.',
      optional: true,
      secret: true,
      pattern: /^https?:\/\//,
      examples: ['http://proxy.internal:3128'],
    }),
    max_conns_per_host: integer({
      doc: 'Connections at the same time; 0 means as many as there are requests under way.',
      default: 0,
      min: 0,
    }),
    max_idle_conns: integer({ doc: 'Connections kept open between requests.', default: 100, min: 1 }),
    idle_conn_timeout: duration({
      doc: 'A connection without requests is closed after this time.',
      default: '90s',
      min: 1,
    }),
    disable_keep_alives: boolean({ doc: 'A new connection for every request.', default: false }),
    max_idle_conns_per_host: integer({
      doc: 'Accepted for compatibility.',
      optional: true,
      deprecated: 'There is one host; set `max_idle_conns`.',
    }),
    keepalive: object(
      {
        idle_conn_timeout: duration({ doc: 'Like the key of that name outside.', default: '90s', min: 1 }),
        max_idle_conns: integer({ doc: 'Like the key of that name outside.', default: 100, min: 1 }),
        max_idle_conns_per_host: integer({ doc: 'Accepted for compatibility; there is one host.', default: 0 }),
      },
      { doc: 'The collector’s newer place for these keys. Wins over the ones outside.', optional: true },
    ),
    read_buffer_size: bufferSize,
    write_buffer_size: bufferSize,
    force_attempt_http2: boolean({ doc: 'Accepted for compatibility.', optional: true, deprecated: NO_HTTP2 }),
    http2_read_idle_timeout: duration({ doc: 'Accepted for compatibility.', optional: true, deprecated: NO_HTTP2 }),
    http2_ping_timeout: duration({ doc: 'Accepted for compatibility.', optional: true, deprecated: NO_HTTP2 }),
    cookies: any({ doc: 'Accepted for compatibility: cookies of the far end are not kept.' }),
    profiles_endpoint: string({
      doc: 'Accepted for compatibility.',
      optional: true,
      deprecated: 'Profiles are not received, so there are none to send.',
    }),
    auth,
    middlewares,
    dialer_middleware: dialerMiddleware,
    sending_queue: sendingQueue,
    retry_on_failure: retryOnFailure,
  },
  { doc: 'Sends telemetry to anything that speaks OTLP over HTTP.' },
  (value) => [...unsupported(value), ...someEndpoint(value), ...validUrls(value), ...knownLevel(value)],
)

export type Config = Infer<typeof config>

const ENDPOINTS = ['endpoint', 'traces_endpoint', 'logs_endpoint', 'metrics_endpoint'] as const
type Endpoints = Readonly<Record<(typeof ENDPOINTS)[number] | 'proxy_url', string | undefined>>

const someEndpoint = (value: Endpoints): Complaint[] =>
  ENDPOINTS.some((key) => value[key] !== undefined)
    ? []
    : [
        {
          path: ['endpoint'],
          message:
            'required, unless traces_endpoint, logs_endpoint or metrics_endpoint is given; add endpoint: http://host:4318',
        },
      ]

const validUrls = (value: Endpoints): Complaint[] =>
  [...ENDPOINTS, 'proxy_url' as const]
    .filter((key) => value[key] !== undefined && !URL.canParse(value[key]))
    .map((key) => ({ path: [key], message: 'is not a URL; write for example http://host:4318' }))

const knownLevel = (value: { compression: string; compression_params: { level: number } }): Complaint[] =>
  value.compression === 'gzip' && value.compression_params.level > 9
    ? [{ path: ['compression_params', 'level'], message: 'gzip has levels 1 to 9' }]
    : []
