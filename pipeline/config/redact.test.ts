import { printConfig } from './redact.ts'
import type { Configured, ServiceConfig } from './service-config.ts'
import { configOf, withBudget, withExporter } from './testing/fakes.ts'

const FULL = withExporter(`
    endpoint: https://user:s3cr3t@host/path
    headers: { authorization: Bearer s3cr3t, empty: "" }
    api_key: \${env:KEY}
    timeout: 90s`)
const world = { env: { KEY: 's3cr3t' } }

test('the whole effective configuration is printed, with defaults, without secrets', () => {
  expect(printConfig(configOf(FULL, world), 'redacted', 'yaml')).toBe(`receivers:
  otlp:
    protocols:
      grpc:
        endpoint: 127.0.0.1:4317
exporters:
  otlp_http:
    endpoint: https://user:[REDACTED]@host/path
    headers:
      authorization: "[REDACTED]"
      empty: ""
    api_key: "[REDACTED]"
    timeout: 1m30s
    tls:
      insecure: false
service:
  extensions: []
  pipelines:
    traces:
      receivers:
        - otlp
      processors: []
      exporters:
        - otlp_http
  queue:
    directory: ./data/queue
    ack: written
    max_size_mib: 512
    segment_size_mib: 8
    fsync_interval: 5ms
  telemetry:
    metrics:
      level: normal
      endpoint: 127.0.0.1:8888
      without_type_suffix: false
    logs:
      level: info
      encoding: console
  data_directory: ./data
`)
})

test('unredacted, secrets are there', () => {
  const text = printConfig(configOf(FULL, world), 'unredacted', 'yaml')
  expect(text).toContain('endpoint: https://user:s3cr3t@host/path')
  expect(text).toContain('authorization: Bearer s3cr3t')
  expect(text).toContain('api_key: s3cr3t')
})

test('as JSON it says the same', () => {
  const json: unknown = JSON.parse(printConfig(configOf(FULL, world), 'redacted', 'json'))
  expect(json).toMatchObject({ exporters: { otlp_http: { api_key: '[REDACTED]', timeout: '1m30s' } } })
})

describe('unredacted, it loads again to the same values', () => {
  const check = (text: string, env: Record<string, string> = {}) =>
    test(text, () => {
      const config = configOf(text, { env })
      const plain = ({ receivers, processors, exporters, service }: ServiceConfig) => {
        const components: Configured[] = [...receivers.values(), ...processors.values(), ...exporters.values()]
        return [service, ...components.map((one) => [one.id, one.config])]
      }
      for (const format of ['yaml', 'json'] as const) {
        expect(plain(configOf(printConfig(config, 'unredacted', format)))).toEqual(plain(config))
      }
    })

  check(FULL, { KEY: `a"b'c: #\n$\${x}` })
  check(withExporter(`{ endpoint: "https://x/$\${a}", api_key: "$$$$b$c" }`))
  check(
    withExporter(
      '{ endpoint: "https://x", api_key: "0123", headers: { a: "null", b: "1e3", c: " x ", d: "true", e: "~" } }',
    ),
  )
  check(
    withBudget(
      '{ budgets: [{ id: "5", limit_usd: 0.10 }, { id: b, limit_usd: 9007199254740993.000000000001 }], window: 1s }',
    ),
  )
  check(withBudget(`{ window: 1001ms, extra: { a: ["$\${x}", null, 1.5], b: "$$$$" }, labels: { "a b": "" } }`))
})
