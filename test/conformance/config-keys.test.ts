import { factory as grpcExporter } from '../../exporters/otlp_grpc/index.ts'
import { factory as httpExporter } from '../../exporters/otlp_http/index.ts'
import { configured } from '../../pipeline/exporter-config/testing/configured.ts'
import { factory as receiver } from '../../receivers/otlp/index.ts'

/**
 * Every key of the collector's `otlp` receiver and of its `otlp_grpc` and `otlp_http` exporters, as its modules 1.71.0 and
 * 0.165.0 have them: the block that holds it, the key, a value as somebody may have pasted it, and the default. A key is
 * `warned` when it is accepted and changes nothing here, `refused` when ignoring it would change what happens to data.
 */
type Row = readonly [block: string, key: string, pasted: string, byDefault: unknown]
const warned = Symbol('accepted with a warning')
const refused = Symbol('an error that says what to do')
/** Accepted and without effect; there is nothing to warn about. */
const quiet = Symbol('accepted')

const RECEIVER: readonly Row[] = [
  ['protocols.grpc', 'endpoint', '0.0.0.0:4317', '127.0.0.1:4317'],
  ['protocols.grpc', 'transport', 'tcp', 'tcp'],
  ['protocols.grpc', 'dialer', '{ timeout: 1s }', quiet],
  ['protocols.grpc', 'max_recv_msg_size_mib', '64', 4],
  ['protocols.grpc', 'max_concurrent_streams', '100', 1000],
  ['protocols.grpc', 'read_buffer_size', '524288', 524_288],
  ['protocols.grpc', 'write_buffer_size', '32768', 32_768],
  ['protocols.grpc', 'include_metadata', 'true', false],
  ['protocols.grpc', 'auth', '{ authenticator: oidc }', refused],
  ['protocols.grpc', 'middlewares', '[{ id: limiter }]', refused],
  ['protocols.grpc', 'tls', '{ cert_file: a, key_file: b }', undefined],
  ['protocols.grpc.keepalive.server_parameters', 'max_connection_idle', '11s', 0],
  ['protocols.grpc.keepalive.server_parameters', 'max_connection_age', '12s', 0],
  ['protocols.grpc.keepalive.server_parameters', 'max_connection_age_grace', '13s', 0],
  ['protocols.grpc.keepalive.server_parameters', 'time', '30s', 7_200_000],
  ['protocols.grpc.keepalive.server_parameters', 'timeout', '5s', 20_000],
  ['protocols.grpc.keepalive', 'enforcement_policy', '{ min_time: 10s, permit_without_stream: true }', undefined],
  ['protocols.http', 'endpoint', '0.0.0.0:4318', '127.0.0.1:4318'],
  ['protocols.http', 'transport', 'tcp4', 'tcp'],
  ['protocols.http', 'dialer', '{ timeout: 1s }', quiet],
  ['protocols.http', 'max_request_body_size', '67108864', 20_971_520],
  [
    ...(['protocols.http', 'compression_algorithms', '["", gzip, zstd]'] as const),
    ['', 'gzip', 'zstd', 'zlib', 'snappy', 'deflate', 'lz4', 'x-snappy-framed'],
  ],
  ['protocols.http', 'traces_url_path', '/t', '/v1/traces'],
  ['protocols.http', 'metrics_url_path', '/m', '/v1/metrics'],
  ['protocols.http', 'logs_url_path', '/l', '/v1/logs'],
  ['protocols.http', 'response_headers', '{ X-A: b }', {}],
  ['protocols.http', 'include_metadata', 'true', false],
  ['protocols.http', 'keep_alives_enabled', 'false', true],
  // The receiver sets the four of them to 0 "for backward compatibility"; its library has 1 m, 30 s and 1 m. Ours bound
  // what a stalled sender can hold, and are longer than senders pause.
  ['protocols.http', 'read_timeout', '0s', 300_000],
  ['protocols.http', 'read_header_timeout', '1m', 60_000],
  ['protocols.http', 'write_timeout', '30s', 300_000],
  ['protocols.http', 'idle_timeout', '1m', 600_000],
  ['protocols.http', 'keepalive', '{ idle_timeout: 2m }', undefined],
  ['protocols.http', 'auth', '{ authenticator: oidc, request_params: [token] }', refused],
  ['protocols.http', 'middlewares', '[{ id: limiter }]', refused],
  ['protocols.http', 'tls', '{ cert_file: a, key_file: b }', undefined],
  [
    'protocols.http',
    'cors',
    '{ allowed_origins: [x], allowed_headers: [y], exposed_headers: [z], max_age: 5 }',
    undefined,
  ],
]

/** Inside a server's `tls`, next to a certificate. */
const SERVER_TLS: readonly (readonly [key: string, pasted: string, byDefault: unknown])[] = [
  ['ca_file', 'x', undefined],
  ['ca_pem', 'x', undefined],
  ['client_ca_file', 'x', undefined],
  ['client_ca_file_reload', 'true', false],
  ['include_system_ca_certs_pool', 'true', false],
  ['min_version', '"1.3"', '1.2'],
  ['max_version', '"1.3"', undefined],
  ['cipher_suites', '[TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384]', []],
  ['include_insecure_cipher_suites', 'true', false],
  ['curve_preferences', '[X25519]', []],
  ['reload_interval', '24h', 0],
]

const SHARED: readonly Row[] = [
  ['', 'headers', '{ x-api-key: "1" }', {}],
  ['', 'auth', '{ authenticator: oauth2 }', refused],
  ['', 'middlewares', '[{ id: x }]', refused],
  ['', 'dialer_middleware', '{ id: x }', refused],
  ['', 'read_buffer_size', '0', warned],
  ['', 'write_buffer_size', '524288', warned],
  ['', 'compression', 'none', 'gzip'],
  ['tls', 'insecure', 'true', false],
  ['tls', 'insecure_skip_verify', 'true', false],
  ['tls', 'server_name_override', 'name', undefined],
  ['tls', 'ca_file', 'x', undefined],
  ['tls', 'ca_pem', 'x', undefined],
  ['tls', 'include_system_ca_certs_pool', 'true', false],
  ['tls', 'min_version', '"1.3"', '1.2'],
  ['tls', 'max_version', '"1.3"', undefined],
  ['tls', 'cipher_suites', '[A]', warned],
  ['tls', 'include_insecure_cipher_suites', 'true', warned],
  ['tls', 'curve_preferences', '[X25519]', warned],
  ['tls', 'reload_interval', '1h', warned],
  ['retry_on_failure', 'enabled', 'false', true],
  ['retry_on_failure', 'initial_interval', '1s', 5_000],
  ['retry_on_failure', 'max_interval', '40s', 30_000],
  // The collector drops after 300 s. Here nothing is dropped unless it is said when.
  ['retry_on_failure', 'max_elapsed_time', '300s', undefined],
  ['retry_on_failure', 'multiplier', '2', 1.5],
  ['retry_on_failure', 'randomization_factor', '0.1', 0.5],
  ['sending_queue', 'enabled', 'true', warned],
  ['sending_queue', 'num_consumers', '4', 10],
  ['sending_queue', 'queue_size', '1000', warned],
  ['sending_queue', 'sizer', 'bytes', warned],
  ['sending_queue', 'block_on_overflow', 'true', warned],
  ['sending_queue', 'wait_for_result', 'false', warned],
  ['sending_queue', 'storage', 'file_storage', warned],
  ['sending_queue.batch', 'flush_timeout', '1s', 200],
  ['sending_queue.batch', 'min_size', '100', 8192],
  ['sending_queue.batch', 'max_size', '9000', 0],
  ['sending_queue.batch', 'sizer', 'bytes', 'items'],
  ['sending_queue.batch', 'partition', '{ metadata_keys: [tenant] }', quiet],
]

const GRPC: readonly Row[] = [
  ['', 'endpoint', 'collector:4317', 'x:1'],
  ['', 'timeout', '10s', 5_000],
  ['', 'keepalive', '{ time: 30s, timeout: 5s, permit_without_stream: true }', undefined],
  ['', 'balancer_name', 'pick_first', 'round_robin'],
  ['', 'wait_for_ready', 'true', false],
  ['', 'authority', 'name', undefined],
  ['', 'user_agent', 'me', 'tokenfuse'],
]

const HTTP: readonly Row[] = [
  ['', 'endpoint', 'http://collector:4318', 'http://x:1'],
  ['', 'traces_endpoint', 'http://collector:4318/t', undefined],
  ['', 'metrics_endpoint', 'http://collector:4318/m', undefined],
  ['', 'logs_endpoint', 'http://collector:4318/l', undefined],
  ['', 'profiles_endpoint', 'http://collector:4318/p', warned],
  ['', 'encoding', 'json', 'proto'],
  ['', 'compression_params', '{ level: 6 }', { level: 1 }],
  ['', 'timeout', '10s', 30_000],
  ['', 'proxy_url', 'http://proxy:3128', undefined],
  ['', 'max_conns_per_host', '10', 0],
  ['', 'max_idle_conns', '10', 100],
  ['', 'max_idle_conns_per_host', '10', warned],
  ['', 'idle_conn_timeout', '10s', 90_000],
  ['', 'disable_keep_alives', 'true', false],
  ['', 'keepalive', '{ idle_conn_timeout: 10s, max_idle_conns: 5, max_idle_conns_per_host: 5 }', undefined],
  ['', 'cookies', '{ enabled: true }', quiet],
  ['', 'force_attempt_http2', 'true', warned],
  ['', 'http2_read_idle_timeout', '10s', warned],
  ['', 'http2_ping_timeout', '10s', warned],
]

type Spec = Parameters<typeof configured>[0]

/** `{ a: { b: { key: value, more } } }` as YAML; the path may be empty. */
const nested = (path: string, inner: string): string =>
  path.split('.').reduceRight((yaml, name) => (name === '' ? yaml : `{ ${name}: ${yaml} }`), `{ ${inner} }`)

function at(value: unknown, path: string, key: string): unknown {
  const names = [...path.split('.'), key].filter((name) => name !== '')
  return names.reduce((v, name) => (v as Record<string, unknown> | undefined)?.[name], value)
}

/** @param required what a block must have besides; at the top, in front of everything. */
function check(spec: Spec, rows: readonly Row[], required: string): void {
  for (const [block, key, pasted, byDefault] of rows) {
    const where = `${block}.${key}`
    const inner = `${key}: ${pasted}`
    const top = block === '' && `${required}, ${inner}`.match(new RegExp(`^${key}:`)) === null
    const yaml =
      block === '' ? `{ ${top ? `${required}, ` : ''}${inner} }` : withRequired(nested(block, inner), required)
    const { problems, warnings } = configured(spec, yaml)
    if (byDefault === refused) {
      expect([where, problems.join()]).toEqual([where, expect.stringMatching(/not supported.*remove it/)])
      continue
    }
    expect([where, problems]).toEqual([where, []])
    expect([where, warnings.length]).toEqual([where, byDefault === warned ? 1 : 0])
    if (typeof byDefault === 'symbol') continue
    const plain = configured(spec, withRequired(block === '' ? '{}' : nested(block, ''), required)).value
    expect([where, at(plain, block, key)]).toEqual([where, byDefault])
  }
}

const withRequired = (yaml: string, required: string): string => {
  const rest = yaml.slice(1, -1).trim()
  return required === '' ? yaml : `{ ${[required, rest].filter((part) => part !== '').join(', ')} }`
}

test('the otlp receiver', () => {
  check(receiver.config as Spec, RECEIVER, '')
  for (const protocol of ['grpc', 'http'] as const) {
    const block = `protocols.${protocol}.tls`
    for (const [key, pasted, byDefault] of SERVER_TLS) {
      const yaml = (more: string): string => nested(block, `cert_file: a, key_file: b${more}`)
      const { value, problems, warnings } = configured(receiver.config as Spec, yaml(`, ${key}: ${pasted}`))
      expect([block, key, problems, warnings]).toEqual([block, key, [], []])
      expect(value).toBeDefined()
      expect([key, at(configured(receiver.config as Spec, yaml('')).value, block, key)]).toEqual([key, byDefault])
    }
  }
})

test('the otlp_grpc exporter', () => {
  check(grpcExporter.config as Spec, [...SHARED, ...GRPC], 'endpoint: "x:1"')
  expect(grpcExporter.aliases).toContain('otlp')
})

test('the otlp_http exporter', () => {
  check(httpExporter.config as Spec, [...SHARED, ...HTTP], 'endpoint: "http://x:1"')
  expect(httpExporter.aliases).toContain('otlphttp')
})
