import {
  boolean,
  type Complaint,
  duration,
  type Infer,
  integer,
  list,
  map,
  object,
  string,
} from '../../pipeline/config/spec.ts'
import { auth, checkCommon, dialer, includeMetadata, middlewares, tls, transport } from './config-shared.ts'

/** Names that the collector knows; `""` stands for uncompressed, which is always accepted. */
const COMPRESSION = ['', 'gzip', 'zstd', 'zlib', 'snappy', 'deflate', 'lz4', 'x-snappy-framed']

const cors = object(
  {
    allowed_origins: list(
      string({ doc: 'An origin, with `*` for any run of characters.', examples: ['https://*.example.com'] }),
      {
        doc: 'Origins whose pages may send. Empty = none.',
      },
    ),
    allowed_headers: list(string({ doc: 'A header name, or `*`.' }), {
      doc: 'Request headers that pages may send besides those that OTLP needs.',
    }),
    exposed_headers: list(string({ doc: 'A header name.' }), { doc: 'Response headers that pages may read.' }),
    max_age: integer({
      doc: 'Seconds that a browser may remember the answer to a preflight. 0 = its own default.',
      default: 0,
      min: 0,
    }),
  },
  { doc: 'Lets pages of other origins send telemetry from browsers.', optional: true },
)
export type CorsConfig = NonNullable<Infer<typeof cors>>

export const http = object(
  {
    endpoint: string({
      doc: 'Where to listen: `host:port`, `[::1]:port`, `:port` for all interfaces, or a path or `unix:///path` for a unix socket. Port 0 takes a free one.',
      default: '127.0.0.1:4318',
      examples: ['0.0.0.0:4318'],
    }),
    transport,
    max_request_body_size: integer({
      doc: 'Largest body in bytes, also after decompression. A larger one is answered 413, which senders do not retry. 0 = the default of 20 MiB.',
      default: 20_971_520,
      min: 0,
      max: 1_073_741_824,
    }),
    compression_algorithms: list(string({ doc: 'A content coding.', examples: ['gzip'] }), {
      doc: `Content codings to accept, of ${COMPRESSION.slice(1).join(', ')}; another is answered 400. Uncompressed is always accepted. Empty = only that.`,
      default: COMPRESSION,
    }),
    traces_url_path: string({ doc: 'Path of traces.', default: '/v1/traces' }),
    metrics_url_path: string({ doc: 'Path of metrics.', default: '/v1/metrics' }),
    logs_url_path: string({ doc: 'Path of logs.', default: '/v1/logs' }),
    alias_base_paths: list(string({ doc: 'A path that stands in front of /v1/traces, /v1/metrics and /v1/logs.' }), {
      doc: 'Further base paths, by default those that the clients of LangSmith, Langfuse and Opik send to. Not a key of the OpenTelemetry Collector.',
      default: ['/otel', '/api/v1/otel', '/api/public/otel', '/api/v1/private/otel', '/opik/api/v1/private/otel'],
    }),
    cors,
    response_headers: map(string({ doc: 'Value of the header.' }), { doc: 'Headers to add to every response.' }),
    tls,
    keep_alives_enabled: boolean({ doc: 'Whether connections stay open between requests.', default: true }),
    read_header_timeout: duration({
      doc: 'Longest time that the headers of a request may take; then 408. 0 = no limit.',
      default: '1m',
    }),
    read_timeout: duration({
      doc: 'Longest time that a whole request may take to arrive; then 408. 0 = no limit.',
      default: '5m',
    }),
    write_timeout: duration({
      doc: 'Longest time that a connection with a request under way may stand still. 0 = no limit.',
      default: '5m',
    }),
    idle_timeout: duration({
      doc: 'How long a connection may wait for its next request. Longer than senders pause, since a request that meets the closing is lost to the sender. 0 = no limit.',
      default: '10m',
    }),
    keepalive: object(
      { idle_timeout: duration({ doc: 'Like the key of that name outside.', default: '1m' }) },
      { doc: 'The collector’s newer place for `idle_timeout`. Wins over the one outside.', optional: true },
    ),
    include_metadata: includeMetadata,
    dialer,
    auth,
    middlewares,
  },
  { doc: 'OTLP over HTTP/1.1, in protobuf and JSON.', optional: true },
  (value): readonly Complaint[] => [
    ...checkCommon(value),
    ...checkAlgorithms(value.compression_algorithms),
    ...checkHeaders(value.response_headers),
  ],
)
export type HttpConfig = NonNullable<Infer<typeof http>>

function checkAlgorithms(names: readonly string[]): readonly Complaint[] {
  return names.flatMap((name, i): readonly Complaint[] => {
    const path = ['compression_algorithms', i]
    if (!COMPRESSION.includes(name))
      return [{ path, message: `unknown content coding; known are ${COMPRESSION.slice(1).join(', ')}` }]
    return []
  })
}

/** What the runtime would refuse at the first response, when it is too late. */
function checkHeaders(headers: Readonly<Record<string, string>>): readonly Complaint[] {
  return Object.entries(headers).flatMap(([name, value]): readonly Complaint[] => {
    const valid = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/.test(name) && /^[\t\x20-\x7e\x80-\xff]*$/.test(value)
    return valid ? [] : [{ path: ['response_headers', name], message: 'not a valid header' }]
  })
}
