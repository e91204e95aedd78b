import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { eventually, type RunningSidecar, startSidecar } from '../support/sidecar.ts'

/** What the README promises to somebody who has nothing but curl. */
let sidecar: RunningSidecar
beforeAll(async () => {
  sidecar = await startSidecar()
}, 30_000)
afterAll(async () => {
  await sidecar.stop()
  sidecar.remove()
})

const span = (id: string, attributes: Record<string, string | number>, more: object = {}) => ({
  traceId: '5b8efff798038103d269b633813fc60c',
  spanId: id,
  name: 'chat gpt-4o',
  kind: 3,
  startTimeUnixNano: '1763900000000000000',
  endTimeUnixNano: '1763900001000000000',
  attributes: Object.entries(attributes).map(([key, value]) => ({
    key,
    value: typeof value === 'number' ? { intValue: String(value) } : { stringValue: value },
  })),
  ...more,
})
const request = (spans: object[]) => ({
  resourceSpans: [
    {
      resource: { attributes: [{ key: 'service.name', value: { stringValue: 'curl' } }] },
      scopeSpans: [{ scope: { name: 'by-hand' }, spans }],
    },
  ],
})
const send = (path: string, body: unknown, type = 'application/json') =>
  fetch(`${sidecar.http}${path}`, {
    method: 'POST',
    headers: { 'content-type': type },
    body: typeof body === 'string' ? body : JSON.stringify(body),
  })

const CHAT = {
  'gen_ai.operation.name': 'chat',
  'gen_ai.provider.name': 'openai',
  'gen_ai.request.model': 'gpt-4o',
  'gen_ai.response.model': 'gpt-4o-2024-08-06',
  'gen_ai.response.id': 'chatcmpl-first-light',
  'gen_ai.usage.input_tokens': 1000,
  'gen_ai.usage.cache_read.input_tokens': 400,
  'gen_ai.usage.output_tokens': 100,
  'gen_ai.agent.name': 'triage',
  'tenant.id': 'acme',
}
// gpt-4o: 2.50 USD per million input, 1.25 cached, 10 output: 600 * 2.5 + 400 * 1.25 + 100 * 10, in millionths.
const COST = '0.003'

test('OTLP/JSON by curl: the cost is in the metrics, in the warehouse and in the forwarded bytes', async () => {
  const answer = await send('/v1/traces', request([span('eee19b7ec3c1b174', CHAT)]))
  expect(answer.status).toBe(200)
  expect(await answer.json()).toEqual({})

  const metrics = await eventually(async () => {
    const page = await (await fetch(sidecar.metrics)).text()
    return page.split('\n').find((line) => line.startsWith('tokenfuse_cost_usd_total{') && line.includes('gpt-4o'))
  }, 'the cost in the metrics')
  expect(metrics).toMatch(/agent="triage"/)
  expect(Number(metrics.slice(metrics.lastIndexOf(' ')))).toBe(Number(COST))

  const row = await eventually(() => warehouseRows().find((r) => r['agent'] === 'triage'), 'the row in the warehouse')
  expect(row).toMatchObject({ cost_usd: COST, customer: 'acme', bill_status: 'billed' })

  const line = await eventually(() => sidecar.lines('telemetry.jsonl')[0], 'the forwarded line')
  const attributes = attributesOf(line)
  expect(attributes).toMatchObject({
    'gen_ai.usage.input_tokens': '1000',
    'tokenfuse.cost.usd': COST,
    'tokenfuse.bill.status': 'billed',
    'tokenfuse.usage.input_uncached_tokens': '600',
    'tokenfuse.agent': 'triage',
    'tokenfuse.customer': 'acme',
  })
  expect(attributes['gen_ai.usage.cost']).toBe(Number(COST))
})

function warehouseRows(): Record<string, unknown>[] {
  const directory = join(sidecar.directory, 'warehouse')
  const file = readdirSync(directory).find((name) => /\.(sqlite|db)$/.test(name))
  if (file === undefined) return []
  const db = new DatabaseSync(join(directory, file), { readOnly: true })
  try {
    return db.prepare('SELECT * FROM llm_call').all() as Record<string, unknown>[]
  } catch {
    return []
  } finally {
    db.close()
  }
}

interface Line {
  resourceSpans?: { scopeSpans?: { spans?: { attributes?: { key: string; value: Record<string, unknown> }[] }[] }[] }[]
}
const attributesOf = (line: unknown): Record<string, unknown> =>
  Object.fromEntries(
    ((line as Line).resourceSpans?.[0]?.scopeSpans?.[0]?.spans?.[0]?.attributes ?? []).map(({ key, value }) => [
      key,
      Object.values(value)[0],
    ]),
  )

test('an unknown model is loud and never free', async () => {
  await send(
    '/v1/traces',
    request([
      span('aaa19b7ec3c1b174', {
        ...CHAT,
        'gen_ai.request.model': 'made-up-9',
        'gen_ai.response.model': 'made-up-9',
        'gen_ai.response.id': 'x1',
      }),
    ]),
  )
  const page = await eventually(async () => {
    const text = await (await fetch(sidecar.metrics)).text()
    return text.includes('tokenfuse_unpriced_calls_total{') && text.includes('made-up-9') ? text : undefined
  }, 'the unpriced call in the metrics')
  expect(
    page.split('\n').filter((line) => line.startsWith('tokenfuse_cost_usd_total') && line.includes('made-up-9')),
  ).toEqual([])
})

test('logs and metrics pass through, and nothing is refused', async () => {
  const logs = {
    resourceLogs: [
      { scopeLogs: [{ logRecords: [{ timeUnixNano: '1763900000000000000', body: { stringValue: 'hello' } }] }] },
    ],
  }
  const metrics = {
    resourceMetrics: [
      {
        scopeMetrics: [
          {
            metrics: [
              {
                name: 'requests',
                sum: {
                  dataPoints: [{ asInt: '7', timeUnixNano: '1763900000000000000' }],
                  aggregationTemporality: 2,
                  isMonotonic: true,
                },
              },
            ],
          },
        ],
      },
    ],
  }
  expect((await send('/v1/logs', logs)).status).toBe(200)
  expect((await send('/v1/metrics', metrics)).status).toBe(200)
  await eventually(
    () => sidecar.lines('telemetry.jsonl').some((line) => JSON.stringify(line).includes('"hello"')),
    'the log line',
  )
  await eventually(
    () => sidecar.lines('telemetry.jsonl').some((line) => JSON.stringify(line).includes('"requests"')),
    'the metric line',
  )
})

test('bad OTLP is answered 400 with a Status body, and the process lives', async () => {
  for (const body of [
    '1234',
    '{"resourceSpans":[{"scopeSpans":[{"spans":[{"traceId":"zz"}]}]}]}',
    '{"resourceSpans":',
  ]) {
    const answer = await send('/v1/traces', body)
    expect(answer.status).toBe(400)
    expect(await answer.json()).toMatchObject({ code: 3, message: expect.stringMatching(/./) })
  }
  const garbage = await send('/v1/traces', '\u0007\u0007\u0007\u0007', 'application/x-protobuf')
  expect(garbage.status).toBe(400)
  expect((await fetch(sidecar.health)).status).toBe(200)
})

test('own metrics count what was sent', async () => {
  const page = await (await fetch(sidecar.own)).text()
  expect(page).toMatch(/^otelcol_receiver_accepted_spans_total\{[^}]*receiver="otlp"[^}]*transport="http"[^}]*\} 2$/m)
  expect(page).toMatch(/^otelcol_process_memory_rss /m)
})
