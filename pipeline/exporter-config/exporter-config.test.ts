import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { object } from '../config/spec.ts'
import { queueSettingsOf } from '../queue/index.ts'
import { readTls, retryOnFailure, sendingQueue, tls } from './index.ts'
import { configured, valid } from './testing/configured.ts'

const spec = object({ sending_queue: sendingQueue, retry_on_failure: retryOnFailure }, { doc: 'Test.' })
const settings = (yaml: string) => queueSettingsOf(valid(spec, yaml))

const DEFAULTS = {
  consumers: 10,
  flushMs: 200,
  minItems: 8192,
  minBytes: 0,
  maxItems: 0,
  maxBytes: 1024 * 1024,
  retry: {
    enabled: true,
    initialMs: 5000,
    maxMs: 30_000,
    multiplier: 1.5,
    randomization: 0.5,
    maxElapsedMs: undefined,
  },
}

test('without any key the queue has the defaults of the collector, but never gives up', () => {
  expect(settings('')).toEqual(DEFAULTS)
  expect(settings('{ sending_queue: , retry_on_failure: }')).toEqual(DEFAULTS)
})

test('each key does what it does in the collector', () => {
  const check = (yaml: string, want: object): void => expect(settings(yaml)).toEqual({ ...DEFAULTS, ...want })
  check('sending_queue: { num_consumers: 3 }', { consumers: 3 })
  check('sending_queue: { batch: { flush_timeout: 1s, min_size: 5, max_size: 7 } }', {
    flushMs: 1000,
    minItems: 5,
    maxItems: 7,
  })
  check('sending_queue: { batch: { sizer: bytes, min_size: 500, max_size: 7000 } }', {
    minItems: 0,
    minBytes: 500,
    maxBytes: 7000,
  })
  check('sending_queue: { batch: { max_bytes: 1000 } }', { maxBytes: 1000 })
  check('retry_on_failure: { max_elapsed_time: 300s }', { retry: { ...DEFAULTS.retry, maxElapsedMs: 300_000 } })
  check(
    'retry_on_failure: { enabled: false, initial_interval: 1s, max_interval: 2s, multiplier: 3, randomization_factor: 0 }',
    {
      retry: { ...DEFAULTS.retry, enabled: false, initialMs: 1000, maxMs: 2000, multiplier: 3, randomization: 0 },
    },
  )
})

test('exporters without these keys are served one request at a time, in order', () => {
  for (const config of [{}, undefined, { path: 'x' }]) expect(queueSettingsOf(config)).toMatchObject({ consumers: 1 })
})

test('a block from a collector is accepted, with a word about each key that does nothing here', () => {
  const { problems, warnings } = configured(
    spec,
    `sending_queue: { enabled: true, num_consumers: 4, queue_size: 1000, sizer: requests, block_on_overflow: false, wait_for_result: false, storage: file_storage }
retry_on_failure: { enabled: true, initial_interval: 5s, randomization_factor: 0.5, multiplier: 1.5, max_interval: 30s, max_elapsed_time: 5m }`,
  )
  expect(problems).toEqual([])
  expect(warnings.map((warning) => /sending_queue\.(\w+)/.exec(warning)?.[1])).toEqual([
    'enabled',
    'queue_size',
    'sizer',
    'block_on_overflow',
    'wait_for_result',
    'storage',
  ])
})

test('what cannot be meant is refused', () => {
  const check = (yaml: string, want: string): void => expect(configured(spec, yaml).problems.join()).toContain(want)
  check('sending_queue: { num_consumers: 0 }', 'num_consumers')
  check('sending_queue: { num_consumer: 1 }', 'num_consumers')
  check('sending_queue: { batch: { min_size: 10, max_size: 5 } }', 'must not be smaller than min_size (10)')
  check('retry_on_failure: { max_interval: 1s }', 'must not be shorter than initial_interval')
  check('retry_on_failure: { multiplier: 0.5 }', 'multiplier')
  check('retry_on_failure: { randomization_factor: 2 }', 'randomization_factor')
})

test('TLS files are read, or it is said which cannot be', () => {
  const directory = mkdtempSync(join(tmpdir(), 'tokenfuse-tls-'))
  writeFileSync(join(directory, 'ca.pem'), 'CA')
  const read = (yaml: string) => readTls(valid(tls, yaml))
  expect(read('')).toMatchObject({
    ca: undefined,
    rejectUnauthorized: true,
    minVersion: 'TLSv1.2',
    maxVersion: undefined,
  })
  expect(read(`ca_file: ${directory}/ca.pem`).ca).toBe('CA')
  expect(read(`{ ca_file: ${directory}/ca.pem, include_system_ca_certs_pool: true }`).ca).toMatch(/^CA\n-----BEGIN/)
  expect(read('{ ca_pem: text, insecure_skip_verify: true, min_version: "1.3" }')).toMatchObject({
    ca: 'text',
    rejectUnauthorized: false,
    minVersion: 'TLSv1.3',
  })
  expect(() => read(`{ cert_file: ${directory}/no.pem, key_pem: k }`)).toThrow(/tls\.cert_file.*ENOENT/)
  rmSync(directory, { recursive: true })
})

test('TLS keys that need or exclude each other are checked', () => {
  const check = (yaml: string, want: string): void => expect(configured(tls, yaml).problems.join()).toContain(want)
  check('cert_file: a', 'cert_file needs key_file')
  check('key_file: a', 'key_file needs cert_file')
  check('{ ca_file: a, ca_pem: b }', 'not both')
})
