import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Call } from '../../genai/call.ts'
import type { Verdict } from '../../genai/verdict.ts'
import type { Delivery, Exporter } from '../../pipeline/component.ts'
import { configured, valid } from '../../pipeline/exporter-config/testing/configured.ts'
import { delivery } from '../../pipeline/exporter-config/testing/delivery.ts'
import { request } from '../../pipeline/queue/testing/requests.ts'
import { testHost } from '../../test/support/host.ts'
import { config } from './config.ts'
import { factory } from './index.ts'

let directory = ''
let exporter: Exporter
const host = testHost('file')
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'tokenfuse-file-'))
})
afterEach(async () => {
  await exporter.shutdown()
  rmSync(directory, { recursive: true })
})

async function started(yaml = ''): Promise<Exporter> {
  exporter = factory.create(valid(config, `{ path: "${directory}/logs/out.jsonl"${yaml} }`), host)
  await exporter.start()
  return exporter
}
const lines = (name = 'logs/out.jsonl'): Record<string, unknown>[] =>
  readFileSync(join(directory, name), 'utf8')
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as Record<string, unknown>)

const spans = (...ids: string[]): Delivery => delivery(request(ids), { items: ids.length })

test('one request in OTLP/JSON per line, there before the delivery is done', async () => {
  const file = await started()
  expect(await file.export(spans('a', 'b'))).toEqual({ kind: 'ok' })
  expect(lines()).toHaveLength(1)
  await file.export(spans('c'))
  expect(lines().map((line) => Object.keys(line))).toEqual([['resourceSpans'], ['resourceSpans']])
  expect(JSON.stringify(lines()[1])).toContain('"c"')
})

test('what is in the file stays, and only we may read it', async () => {
  await (await started()).export(spans('a'))
  await exporter.shutdown()
  await (await started()).export(spans('b'))
  expect(lines()).toHaveLength(2)
  expect(statSync(join(directory, 'logs/out.jsonl')).mode & 0o777).toBe(0o600)
})

function aCall(): Call {
  const ids = Buffer.from('00112233445566778899aabbccddeeff0123456789abcdef', 'hex')
  const call = new Call('span', 0, { bytes: ids, trace: 0, span: 16, parent: -1 })
  Object.assign(call, {
    startMs: Date.UTC(2026, 0, 2, 3, 4, 5, 678),
    endMs: Date.UTC(2026, 0, 2, 3, 4, 6),
    dialect: 'otel_genai',
    operation: 'chat',
    provider: 'anthropic',
    requestModel: 'claude-sonnet-4-5',
    responseId: 'msg_1',
    usage: { input: 1000, cacheRead: 0, output: 200, other: { web_searches: 2 } },
    tags: {
      run: 'r1',
      agent: 'planner',
      workflow: undefined,
      step: undefined,
      customer: 'acme',
      businessUnit: undefined,
      extra: { team: 'x' },
    },
    cost: {
      status: 'priced',
      pico: 26_000_000_000,
      card: 'anthropic/claude-sonnet-4-5',
      bookVersion: '2026-01-01',
      layer: 'book',
      reason: undefined,
      lines: [{ meter: 'input', quantity: 1000, unit: 'token', unitPriceUsd: '0.000003', pico: 3_000_000_000 }],
    },
  })
  return call
}

test('format calls: one call per line, exact and without what is not known', async () => {
  const file = await started(', format: calls')
  expect(file.reads).toBe('everything')
  const other = new Call('log', 0, { bytes: Buffer.alloc(0), trace: -1, span: -1, parent: -1 })
  await file.export(delivery(request(['a']), { calls: [aCall(), other] }))
  expect(lines()).toEqual([
    {
      time: '2026-01-02T03:04:05.678Z',
      end_time: '2026-01-02T03:04:06.000Z',
      signal: 'span',
      trace_id: '00112233445566778899aabbccddeeff',
      span_id: '0123456789abcdef',
      key: 'anthropic|msg_1',
      dialect: 'otel_genai',
      role: 'inference',
      operation: 'chat',
      provider: 'anthropic',
      model: 'claude-sonnet-4-5',
      request_model: 'claude-sonnet-4-5',
      response_id: 'msg_1',
      usage: { input: 1000, cache_read: 0, output: 200, web_searches: 2 },
      bill: 'billed',
      cost: {
        status: 'priced',
        usd: '0.026',
        layer: 'book',
        card: 'anthropic/claude-sonnet-4-5',
        book_version: '2026-01-01',
        lines: [{ meter: 'input', quantity: 1000, unit: 'token', unit_price_usd: '0.000003', cost_usd: '0.003' }],
      },
      run: 'r1',
      agent: 'planner',
      customer: 'acme',
      tags: { team: 'x' },
    },
    { signal: 'log', key: '/', role: 'inference', usage: {}, bill: 'billed' },
  ])
})

test('format verdicts: exactly these names, in this order', async () => {
  const verdict: Verdict = {
    timeMs: Date.UTC(2026, 0, 2),
    kind: 'loop',
    level: 'critical',
    action: 'kill',
    detector: 'exact_cycle',
    reason: 'the same call 5 times',
    scope: { run: 'r1' },
    run: 'r1',
    agent: 'planner',
    spanId: '0123456789abcdef',
    spanTimeMs: Date.UTC(2026, 0, 1),
    evidence: { repeats: 5 },
    liftedBy: 'a user turn',
  }
  const file = await started(', format: verdicts')
  await file.export(delivery(request(['a'])))
  await file.export(delivery(request(['a']), { verdicts: [verdict] }))
  expect(readFileSync(join(directory, 'logs/out.jsonl'), 'utf8')).toBe(
    `${JSON.stringify({
      time: '2026-01-02T00:00:00.000Z',
      run: 'r1',
      agent: 'planner',
      kind: 'loop',
      level: 'critical',
      action: 'kill',
      detector: 'exact_cycle',
      reason: 'the same call 5 times',
      span_id: '0123456789abcdef',
      span_time: '2026-01-01T00:00:00.000Z',
      evidence: { repeats: 5 },
    })}\n`,
  )
})

test('files are begun anew at their size, and only so many old ones are kept', async () => {
  const other = join(directory, 'logs/out-2020.jsonl')
  const file = await started(', rotation: { max_megabytes: 1, max_backups: 2 }')
  writeFileSync(other, 'not ours')
  const big = delivery(request(['x'.repeat(8000)]))
  await file.export(big)
  const perLine = statSync(join(directory, 'logs/out.jsonl')).size
  expect(perLine).toBeGreaterThan(8000)
  for (let written = perLine; written < 4_500_000; written += perLine) {
    host.clock.advance(10)
    await file.export(big)
  }
  const names = readdirSync(join(directory, 'logs')).filter((name) => /T/.test(name))
  expect(names).toHaveLength(2)
  for (const name of [...names, 'out.jsonl']) {
    expect(statSync(join(directory, 'logs', name)).size).toBeLessThanOrEqual(1_000_000)
    expect(lines(`logs/${name}`).length).toBeGreaterThan(0)
  }
  expect(existsSync(other)).toBe(true)
})

test('files that are begun in the same millisecond do not replace each other', async () => {
  const file = await started(', rotation: { max_megabytes: 1, max_backups: 0 }')
  const big = delivery(request(['x'.repeat(16_000)]))
  for (let i = 0; i < 300; i++) await file.export(big)
  const names = readdirSync(join(directory, 'logs'))
  expect(names.length).toBeGreaterThan(2)
  expect(names.flatMap((name) => lines(`logs/${name}`))).toHaveLength(300)
})

test('a device without room is retried', async () => {
  exporter = factory.create(valid(config, '{ path: /dev/full }'), host)
  await exporter.start()
  expect(await exporter.export(spans('a'))).toMatchObject({ kind: 'retry', reason: expect.stringContaining('ENOSPC') })
})

test('a path that cannot be written stops the start', async () => {
  writeFileSync(join(directory, 'f'), '')
  exporter = factory.create(valid(config, `path: ${directory}/f/out.jsonl`), host)
  await expect(exporter.start()).rejects.toThrow(/ENOTDIR|EEXIST/)
  expect(await exporter.export(spans('a'))).toMatchObject({ kind: 'retry' })
})

test('the configuration is checked', () => {
  const check = (yaml: string, want: string): void => expect(configured(config, yaml).problems.join()).toContain(want)
  check('', 'path')
  check('{ path: a, format: csv }', 'format')
  check('{ path: a, rotation: { max_megabyte: 1 } }', 'max_megabytes')
})
