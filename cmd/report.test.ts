import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type CallShape, call, delivery, priced } from '../exporters/warehouse/testing/calls.ts'
import { inProcess } from '../exporters/warehouse/testing/in-process.ts'
import { WarehouseExporter } from '../exporters/warehouse/warehouse.ts'
import { testHost } from '../test/support/host.ts'
import { report } from './report.ts'
import { renderTable } from './table.ts'

/** 2025-11-23T12:13:20Z. */
const NOW = 1_763_900_000_000
const HOUR = 3_600_000

const folders: string[] = []
afterEach(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true })
})

/** A data directory with these calls in its warehouse. */
async function dataWith(shapes: readonly CallShape[], keepOpen = false): Promise<string> {
  const data = mkdtempSync(join(tmpdir(), 'tokenfuse-report-'))
  folders.push(data)
  const exporter = new WarehouseExporter(
    {
      ...{ directory: undefined, retention_days: 7, max_size_mib: 64, synchronous: 'normal', busy_timeout: 1000 },
      parquet: { enabled: false, directory: undefined, seal_delay: 0, compression: 'zstd', retention_days: 0 },
    },
    testHost('warehouse', data),
    inProcess,
  )
  await exporter.start()
  await exporter.export(delivery(shapes.map((shape) => call({ endMs: NOW, ...shape }))))
  if (!keepOpen) await exporter.shutdown()
  return data
}

async function run(...args: string[]) {
  let out = ''
  let err = ''
  const io = {
    stdout(text: string) {
      out += text
    },
    stderr(text: string) {
      err += text
    },
  }
  const code = await report({ args, io, now: () => NOW })
  return { code, out, err }
}

const SHAPES: readonly CallShape[] = [
  {
    pico: 102_000_000,
    provider: 'openai',
    model: 'gpt-5',
    tags: { agent: 'triage', run: 'r1', customer: 'acme' },
    usage: { input: 1000, cacheRead: 500, output: 20, reasoning: 5 },
  },
  { pico: 2n ** 65n, provider: 'anthropic', model: 'claude', tags: { agent: 'coder', run: 'r2' }, usage: { input: 7 } },
  { pico: 2n ** 62n, provider: 'anthropic', model: 'claude', tags: { agent: 'coder', run: 'r2' } },
  { pico: 2n ** 62n, provider: 'anthropic', model: 'claude', tags: { agent: 'coder', run: 'r2' } },
  { pico: -2, tags: { agent: 'coder' }, correctionOf: 'x' },
  {
    cost: { ...priced(0), status: 'unpriced', pico: undefined, reason: 'unknown model' },
    model: 'new-1',
    tags: { agent: 'triage' },
  },
  { pico: 5, bill: 'duplicate', tags: { agent: 'triage' } },
  { pico: 1_000_000_000_000, endMs: NOW - 30 * HOUR },
]

describe('report', () => {
  test('sums are exact, however large; corrections change money and not calls', async () => {
    const data = await dataWith(SHAPES)
    const { code, out } = await run('--json', '--data', data)
    expect(code).toBe(0)
    const { rows, total } = JSON.parse(out)
    expect(rows).toEqual([
      {
        agent: 'coder',
        calls: 3,
        input_tokens: 7,
        output_tokens: 0,
        cost_usd: '46116860.184273879038',
        unpriced_calls: 0,
        share: 0.9999,
      },
      { agent: null, calls: 1, input_tokens: 0, output_tokens: 0, cost_usd: '1', unpriced_calls: 0, share: 0 },
      {
        agent: 'triage',
        calls: 2,
        input_tokens: 1500,
        output_tokens: 25,
        cost_usd: '0.000102',
        unpriced_calls: 1,
        share: 0,
      },
    ])
    expect(total).toEqual({
      calls: 6,
      input_tokens: 1507,
      output_tokens: 25,
      cost_usd: '46116861.184375879038',
      unpriced_calls: 1,
    })
  })

  test('every dimension', async () => {
    const data = await dataWith(SHAPES)
    const keys = async (by: string) =>
      JSON.parse((await run('--json', '--by', by, '--data', data)).out).rows.map((r: Record<string, unknown>) => r[by])
    expect(await keys('model')).toEqual(['claude', 'gpt-5', 'new-1'])
    expect(await keys('provider')).toEqual(['anthropic', 'openai'])
    expect(await keys('customer')).toEqual([null, 'acme'])
    expect(await keys('run')).toEqual(['r2', null, 'r1'])
    expect(await keys('day')).toEqual(['2025-11-23', '2025-11-22'])
    for (const by of ['workflow', 'step', 'business_unit']) expect(await keys(by)).toEqual([null])
  })

  test('the table: aligned, dearest first, the unpriced always said', async () => {
    const data = await dataWith(SHAPES.filter(({ pico }) => typeof pico !== 'bigint'))
    expect((await run('--data', data)).out).toBe(
      [
        'Spend by agent',
        '',
        'agent   calls  input tokens  output tokens         cost USD   share',
        '───────────────────────────────────────────────────────────────────',
        '(none)      1             0              0   1               100.0%',
        'triage      2         1,500             25   0.000102          0.0%',
        'coder       0             0              0  -0.000000000002    0.0%',
        '───────────────────────────────────────────────────────────────────',
        'total       3         1,500             25   1.000101999998  100.0%',
        '',
        'UNPRICED: the cost of 1 call is unknown and not in these sums.',
        '',
        'calls  provider  model  why',
        '─────────────────────────────────────',
        '    1  openai    new-1  unknown model',
        '',
        'Not counted, because other reports of the same calls are: 1 duplicate.',
        '',
      ].join('\n'),
    )
  })

  test('--since takes spans and dates', async () => {
    const data = await dataWith(SHAPES.filter(({ pico }) => typeof pico !== 'bigint'))
    const calls = async (since: string) =>
      JSON.parse((await run('--json', '--since', since, '--data', data)).out).total.calls
    expect(await calls('24h')).toBe(2)
    expect(await calls('2d')).toBe(3)
    expect(await calls('2025-11-23')).toBe(2)
    expect(await calls('2025-11-22T00:00:00Z')).toBe(3)
    expect((await run('--since', '1s', '--data', await dataWith([{ endMs: NOW - HOUR, pico: 1 }]))).out).toBe(
      'No calls since 2025-11-23 12:13 UTC.\n',
    )
  })

  test('rows beyond the limit are one row, and the total stays', async () => {
    const data = await dataWith(Array.from({ length: 9 }, (_, i) => ({ pico: 10 ** i, tags: { agent: `a${i}` } })))
    const lines = (await run('--limit', '2', '--data', data)).out.split('\n')
    expect(lines.slice(4, 9).map((l) => l.replace(/ +/g, ' '))).toEqual([
      'a8 1 0 0 0.0001 90.0%',
      'a7 1 0 0 0.00001 9.0%',
      '(7 more) 7 0 0 0.000001111111 1.0%',
      expect.stringMatching(/^─+$/),
      'total 9 0 0 0.000111111111 100.0%',
    ])
  })

  test('reads while the sidecar writes, and leaves nothing behind when it does not run', async () => {
    const open = await dataWith([{ pico: 7 }], true)
    expect(JSON.parse((await run('--json', '--data', open)).out).total.cost_usd).toBe('0.000000000007')
    const closed = await dataWith([{ pico: 8 }])
    expect(
      JSON.parse((await run('--json', '--data', join(closed, 'warehouse', 'warehouse.sqlite'))).out).total.cost_usd,
    ).toBe('0.000000000008')
    expect(readdirSync(join(closed, 'warehouse'))).toEqual(['warehouse.sqlite'])
  })

  test('wrong usage is 2, no warehouse is 1, help is 0', async () => {
    const check = async (args: string[], code: number, err: RegExp) => {
      const result = await run(...args)
      expect([result.code, result.err]).toEqual([code, expect.stringMatching(err)])
    }
    await check(['--by', 'colour'], 2, /--by colour: expected one of agent, model/)
    await check(['--by', 'constructor'], 2, /expected one of/)
    await check(['--since', 'yesterday'], 2, /--since yesterday: expected 30m/)
    await check(['--limit', '0'], 2, /--limit 0/)
    await check(['--nope'], 2, /--nope/)
    await check(['extra'], 2, /extra/)
    await check(['--data', '/nowhere'], 1, /no warehouse below \/nowhere/)
    await check(['--help'], 0, /^$/)
  })

  test('a file that is no warehouse is an error, not an empty report', async () => {
    const data = mkdtempSync(join(tmpdir(), 'tokenfuse-report-'))
    folders.push(data)
    mkdirSync(join(data, 'warehouse'))
    writeFileSync(join(data, 'warehouse', 'warehouse.sqlite'), 'nonsense'.repeat(1000))
    await expect(run('--data', data)).rejects.toThrow(/not a database/)
  })
})

test('names from telemetry cannot steer the terminal', () => {
  const out = renderTable(
    [
      { title: 'x', align: 'left', max: 8 },
      { title: 'n', align: 'right' },
    ],
    [
      ['\u001b[31mred\n\u202e', '1'],
      ['äöü', '22'],
      ['0123456789', '3'],
    ],
  )
  expect(out).toBe('x          n\n────────────\n\ufffd[31mre…   1\näöü       22\n0123456…   3\n')
})
