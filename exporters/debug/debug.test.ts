import { type BillStatus, Call, type Cost } from '../../genai/call.ts'
import { configured, valid } from '../../pipeline/exporter-config/testing/configured.ts'
import { delivery } from '../../pipeline/exporter-config/testing/delivery.ts'
import { request } from '../../pipeline/queue/testing/requests.ts'
import { testHost } from '../../test/support/host.ts'
import { config } from './config.ts'
import { DebugExporter } from './debug.ts'
import { factory } from './index.ts'

const COST: Cost = {
  status: 'priced',
  pico: 8_100_000_000,
  card: 'anthropic/claude-sonnet-4-5',
  bookVersion: '1',
  layer: 'book',
  reason: undefined,
  lines: [{ meter: 'output', quantity: 300, unit: 'token', unitPriceUsd: '0.000015', pico: 4_500_000_000 }],
}

function aCall(more: Partial<Call> = {}): Call {
  const call = new Call('span', 0, { bytes: Buffer.alloc(0), trace: -1, span: -1, parent: -1 })
  return Object.assign(call, {
    provider: 'anthropic',
    requestModel: 'claude-sonnet-4-5',
    usage: { input: 1200, output: 300 },
    cost: COST,
    ...more,
  })
}

const VERDICT = {
  timeMs: 0,
  kind: 'loop',
  level: 'critical',
  action: 'kill',
  detector: 'exact_cycle',
  reason: 'the same call 5 times',
  scope: { run: 'r1' },
  run: 'r1',
  agent: undefined,
  spanId: '',
  spanTimeMs: 0,
  evidence: {},
  liftedBy: 'a user turn',
} as const

/** What is printed for a delivery of these calls. */
async function printed(
  yaml: string,
  calls: Call[] = [],
  more: Partial<Parameters<typeof delivery>[1]> = {},
): Promise<string[]> {
  let out = ''
  const exporter = new DebugExporter(valid(config, yaml), testHost('debug'), (text) => {
    out += text
  })
  await exporter.start()
  expect(await exporter.export(delivery(request(['a']), { calls, ...more }))).toEqual({ kind: 'ok' })
  await exporter.shutdown()
  return out.trimEnd().split('\n')
}

test('basic: one line with what there was and what it cost', async () => {
  expect(await printed('')).toEqual(['debug: traces: 1 span'])
  expect(await printed('', [], { signal: 'logs', items: 2500 })).toEqual(['debug: logs: 2,500 log records'])
  const calls = [aCall(), aCall({ bill: 'rollup' }), aCall({ cost: undefined })]
  expect(await printed('', calls, { items: 12, verdicts: [VERDICT] })).toEqual([
    'debug: traces: 12 spans, 3 calls ($0.0081, 1 unpriced), 1 verdict',
  ])
})

test('normal: each call and verdict in words', async () => {
  const check = async (more: Partial<Call>, want: string): Promise<void> => {
    expect(await printed('verbosity: normal', [aCall(more)])).toEqual([expect.any(String), `  ${want}`])
  }
  const start = 'anthropic claude-sonnet-4-5: 1,200 input + 300 output'
  const priced = `${start} = $0.0081 (priced from book, anthropic/claude-sonnet-4-5)`
  await check({}, `${priced}, billed`)
  await check({ errorType: 'timeout' }, `${priced}, billed, failed (timeout)`)
  await check({ correctionOf: 'k1' }, `${priced}, billed as a correction of k1`)
  await check(
    { cost: { ...COST, status: 'unpriced', pico: undefined, reason: 'unknown model' } },
    `${start} = unpriced (unknown model), billed`,
  )
  await check({ cost: undefined }, `${start} = not priced (no token_pricing before this), billed`)
  await check(
    { provider: '', requestModel: undefined, usage: {} },
    'unknown provider unknown model: no usage reported = $0.0081 (priced from book, anthropic/claude-sonnet-4-5), billed',
  )
  await check(
    {
      tags: {
        run: 'r',
        agent: 'a',
        workflow: undefined,
        step: undefined,
        customer: undefined,
        businessUnit: 'bu',
        extra: { team: 't' },
      },
    },
    `${priced}, billed; run=r agent=a business_unit=bu team=t`,
  )
  await check({ cost: undefined, bill: 'duplicate' }, `${start}, not billed: the same call was counted before`)
  const why: Record<Exclude<BillStatus, 'billed'>, string> = {
    superseded: 'better evidence of the same call arrived later',
    rollup: 'repeats what the calls below it report',
    duplicate: 'the same call was counted before',
    not_billable: 'free by its nature',
  }
  // The flags of a call say more than its status.
  await check(
    { cost: undefined, bill: 'duplicate', flags: ['other_signal_of_record'] },
    `${start}, not billed: its source reports the same calls in another signal, and is billed from that one`,
  )
  await check(
    { cost: undefined, bill: 'not_billable', errorType: 'timeout' },
    `${start}, not billed: it failed without usage, which providers do not charge for, failed (timeout)`,
  )
  await check(
    { flags: ['rollup_billed'] },
    `${priced}, billed: an agent’s own usage, because nothing below it reported any`,
  )
  await check(
    { dialect: 'openlit', flags: ['output_missing'] },
    `${priced}, billed [openlit: no output: a stream that was cut]`,
  )
  for (const [bill, words] of Object.entries(why))
    await check({ bill: bill as BillStatus }, `${priced}, not billed: ${words}`)
  expect(await printed('verbosity: normal', [], { verdicts: [VERDICT] })).toContain(
    '  verdict critical: kill run=r1 (loop, exact_cycle): the same call 5 times; lifted by a user turn',
  )
})

test('detailed: cost lines and the telemetry itself', async () => {
  const lines = await printed('verbosity: detailed', [aCall()])
  expect(lines[2]).toBe('      300 token at $0.000015 = $0.0045 (output)')
  expect(JSON.parse(lines[3] ?? '')).toHaveProperty('resourceSpans')
})

test('a flood is sampled', async () => {
  const host = testHost('debug')
  let lines = 0
  const exporter = new DebugExporter(
    valid(config, '{ sampling_initial: 5, sampling_thereafter: 10 }'),
    host,
    () => lines++,
  )
  const flood = async (): Promise<void> => {
    for (let i = 0; i < 25; i++) await exporter.export(delivery(request(['a'])))
  }
  await flood()
  expect(lines).toBe(5 + 2)
  host.clock.advance(1000)
  await flood()
  expect(lines).toBe(14)
})

test('is made from its configuration', () => {
  expect(factory.create(valid(config, ''), testHost('debug')).export).toBeDefined()
  expect(configured(config, 'verbosity: loud').problems.join()).toContain('verbosity')
})
