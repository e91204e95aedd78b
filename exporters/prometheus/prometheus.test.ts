import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type BillStatus, Call, type Cost, type Tags } from '../../genai/call.ts'
import { type Pico, parseUsd } from '../../genai/money.ts'
import type { Usage } from '../../genai/usage.ts'
import type { Verdict } from '../../genai/verdict.ts'
import type { Delivery } from '../../pipeline/component.ts'
import type { Infer } from '../../pipeline/config/spec.ts'
import type { Host } from '../../pipeline/host.ts'
import { manualClock } from '../../pipeline/runtime/manual-clock.ts'
import { type BudgetStatus, LEDGER, type Ledger, type LedgerEvent } from '../../pipeline/services.ts'
import { createRegistry } from '../../pipeline/telemetry/registry.ts'
import { type ParsedSample, parseExposition, sampleOf } from '../../pipeline/telemetry/testing/exposition-parser.ts'
import fc from '../../test/support/property.ts'
import { type Config, config } from './config.ts'
import { factory } from './index.ts'
import { PrometheusExporter } from './prometheus.ts'

const dataDir = mkdtempSync(join(tmpdir(), 'tokenfuse-prometheus-'))
afterAll(() => rmSync(dataDir, { recursive: true }))

const label = (max: number, enabled = true) => ({ enabled, max })
const LABELS: Config['labels'] = {
  provider: label(20),
  model: label(200),
  agent: label(200),
  workflow: label(100),
  step: label(100),
  business_unit: label(100),
  customer: label(200),
}
const CONFIG: Config = {
  endpoint: '127.0.0.1:0',
  path: '/metrics',
  labels: LABELS,
  max_series: 5000,
  run_idle: 300_000,
  max_runs: 10_000,
  run_cost_buckets_usd: [0.01, 0.1, 1, 10],
  max_budgets: 200,
  metric_expiration: 0,
}

const made: PrometheusExporter[] = []
// A failed expectation must not leave a server behind that keeps the run from ending.
afterEach(() => Promise.all(made.splice(0).map((exporter) => exporter.shutdown())))

const silent = { debug() {}, info() {}, warn() {}, error() {} }

function setup(over: Partial<Config> = {}, ledger?: Partial<Ledger>, dir = dataDir) {
  const clock = manualClock()
  const registry = createRegistry()
  const host: Host = {
    id: 'prometheus',
    clock,
    random: () => 0.5,
    log: silent,
    metrics: registry,
    dataDir: dir,
    service: (name) => (name.name === LEDGER.name ? (ledger as never) : undefined),
    provide: () => {},
  }
  const exporter = new PrometheusExporter({ ...CONFIG, ...over }, host)
  made.push(exporter)
  const page = (format: 'text' | 'openmetrics' = 'text') => parseExposition(exporter.render(format), format)
  const samples = (family: string): readonly ParsedSample[] => page().get(family)?.samples ?? []
  return {
    clock,
    registry,
    exporter,
    page,
    samples,
    send: (calls: Call[], verdicts: Verdict[] = []) => exporter.export(delivery(calls, verdicts)),
  }
}

const delivery = (calls: readonly Call[], verdicts: readonly Verdict[] = []): Delivery => ({
  signal: 'traces',
  bytes: Buffer.alloc(0),
  items: calls.length,
  calls,
  verdicts,
  compressed: () => Promise.reject(new Error('not asked for')),
})

const cost = (pico: Pico | undefined, status: Cost['status'] = 'priced', reason?: string): Cost => ({
  status,
  pico,
  card: undefined,
  bookVersion: 'test',
  layer: 'book',
  reason,
  lines: [],
})

let serial = 0
interface Shape {
  readonly pico?: Pico
  readonly cost?: Cost
  readonly bill?: BillStatus
  readonly provider?: string
  readonly model?: string
  readonly usage?: Usage
  readonly tags?: Partial<Tags>
  readonly startMs?: number
  readonly endMs?: number
  readonly operation?: string
  readonly errorType?: string
  readonly correctionOf?: string
}
function call(shape: Shape = {}): Call {
  const bytes = Buffer.alloc(24)
  bytes.writeUInt32BE(++serial, 12)
  bytes.writeUInt32BE(serial, 20)
  const made = new Call('span', 0, { bytes, trace: 0, span: 16, parent: -1 })
  made.provider = shape.provider ?? 'openai'
  made.operation = shape.operation ?? 'chat'
  made.requestModel = shape.model ?? 'gpt-5'
  made.bill = shape.bill ?? 'billed'
  made.usage = shape.usage ?? {}
  made.startMs = shape.startMs ?? 0
  made.endMs = shape.endMs ?? 0
  made.errorType = shape.errorType
  made.correctionOf = shape.correctionOf
  made.cost = shape.cost ?? (shape.pico === undefined ? undefined : cost(shape.pico))
  made.tags = {
    run: undefined,
    agent: undefined,
    workflow: undefined,
    step: undefined,
    customer: undefined,
    businessUnit: undefined,
    extra: undefined,
    ...shape.tags,
  }
  return made
}

const verdict = (over: Partial<Verdict> = {}): Verdict => ({
  ...{
    timeMs: 0,
    kind: 'loop',
    level: 'warn',
    action: 'signal',
    detector: 'exact_cycle',
    reason: 'It loops.',
    scope: {},
    run: 'r',
    agent: 'a',
  },
  ...{ spanId: '', spanTimeMs: 0, evidence: {}, liftedBy: 'a user turn' },
  ...over,
})

const sum = (samples: readonly ParsedSample[]): bigint =>
  samples.reduce((total, s) => total + BigInt(parseUsd(s.text) ?? Number.NaN), 0n)
const none = { provider: '', model: '', agent: '', workflow: '', step: '', business_unit: '', customer: '' }

describe('money', () => {
  test('every amount is exact, and labels beyond their bounds change no total', () => {
    const amount = fc.oneof(
      fc.nat({ max: 5_000_000_000 }),
      fc.maxSafeNat(),
      fc.bigInt({ min: 2n ** 53n, max: 2n ** 70n }),
    )
    const anyCall = fc.record({
      pico: amount,
      agent: fc.nat({ max: 30 }),
      customer: fc.nat({ max: 30 }),
      model: fc.nat({ max: 10 }),
      tokens: fc.nat({ max: 1_000_000 }),
    })
    const property = fc.property(
      fc.array(anyCall, { maxLength: 120 }),
      fc.integer({ min: 1, max: 40 }),
      (calls, maxSeries) => {
        const { exporter, page, send } = setup({
          labels: { ...LABELS, agent: label(5), customer: label(3), model: label(0) },
          max_series: maxSeries,
        })
        for (const { pico, agent, customer, model, tokens } of calls) {
          void send([
            call({
              pico,
              model: `m${model}`,
              usage: { output: tokens },
              tags: { agent: `a${agent}`, customer: `c${customer}` },
            }),
          ])
        }
        const costs = page().get('tokenfuse_cost_usd_total')?.samples ?? []
        expect(sum(costs)).toBe(calls.reduce((total, c) => total + BigInt(c.pico), 0n))
        expect(costs.length).toBeLessThanOrEqual(maxSeries + 1)
        expect(new Set(costs.map((s) => s.labels['agent'])).size).toBeLessThanOrEqual(6)
        expect(new Set(costs.map((s) => s.labels['model']))).toEqual(new Set(calls.length === 0 ? [] : ['__other__']))
        const tokens = page().get('tokenfuse_tokens_total')?.samples ?? []
        expect(tokens.reduce((total, s) => total + s.value, 0)).toBe(calls.reduce((total, c) => total + c.tokens, 0))
        const counted = page().get('tokenfuse_calls_total')?.samples ?? []
        expect(counted.reduce((total, s) => total + s.value, 0)).toBe(calls.length)
        parseExposition(exporter.render('openmetrics'), 'openmetrics')
      },
    )
    fc.assert(property, { numRuns: 60, seed: 7 })
  })

  test('only billed calls count money and tokens; all calls are counted by status', async () => {
    const { page, send } = setup()
    const usage = { input: 10, output: 2 }
    await send([
      call({ pico: 102_000_000, usage }),
      call({ cost: cost(5, 'reported'), usage }),
      call({ cost: cost(0, 'free'), usage }),
      call({ cost: cost(1, 'estimated'), usage }),
      ...(['superseded', 'rollup', 'duplicate', 'not_billable'] as const).map((bill) =>
        call({ pico: 999, bill, usage }),
      ),
    ])
    const labels = { ...none, provider: 'openai', model: 'gpt-5' }
    expect(sampleOf(page(), 'tokenfuse_cost_usd_total', labels)).toBe('0.000102000006')
    expect(sampleOf(page(), 'tokenfuse_tokens_total', { ...labels, type: 'input' })).toBe('40')
    expect(sampleOf(page(), 'tokenfuse_tokens_total', { ...labels, type: 'output' })).toBe('8')
    expect(sampleOf(page(), 'tokenfuse_tokens_total', { ...labels, type: 'reasoning' })).toBeUndefined()
    for (const status of [
      'priced',
      'reported',
      'free',
      'estimated',
      'superseded',
      'rollup',
      'duplicate',
      'not_billable',
    ]) {
      expect(sampleOf(page(), 'tokenfuse_calls_total', { ...labels, status })).toBe('1')
    }
  })

  test('an unpriced call is counted with its reason and never as 0 USD', async () => {
    const { page, samples, send } = setup()
    await send([call({ cost: cost(undefined, 'unpriced', 'unknown model'), model: 'new-1' }), call({ model: 'new-1' })])
    expect(
      sampleOf(page(), 'tokenfuse_unpriced_calls_total', {
        provider: 'openai',
        model: 'new-1',
        reason: 'unknown model',
      }),
    ).toBe('1')
    expect(
      sampleOf(page(), 'tokenfuse_unpriced_calls_total', {
        provider: 'openai',
        model: 'new-1',
        reason: 'no pricing processor',
      }),
    ).toBe('1')
    expect(
      sampleOf(page(), 'tokenfuse_calls_total', { ...none, provider: 'openai', model: 'new-1', status: 'unpriced' }),
    ).toBe('2')
    expect(samples('tokenfuse_cost_usd_total')).toEqual([])
  })

  test('cost that nobody owns is counted apart', async () => {
    const check = async (tags: Partial<Tags>, isOwned: boolean) => {
      const { page, send } = setup()
      await send([call({ pico: 1_000_000_000_000, tags })])
      expect(sampleOf(page(), 'tokenfuse_unattributed_cost_usd_total')).toBe(isOwned ? '0' : '1')
    }
    await check({}, false)
    await check({ step: 's' }, false)
    await check({ agent: 'a' }, true)
    await check({ workflow: 'w' }, true)
    await check({ customer: 'c' }, true)
    await check({ businessUnit: 'b' }, true)
    await check({ run: 'my-run' }, true)
    const { page, send } = setup()
    const own = call({ pico: 1_000_000_000_000 })
    own.tags = { ...own.tags, run: own.traceId }
    await send([own])
    expect(sampleOf(page(), 'tokenfuse_unattributed_cost_usd_total')).toBe('1')
  })

  test('a correction never makes a counter fall, and the sum catches up', async () => {
    const { page, send } = setup()
    const shown = () => sampleOf(page(), 'tokenfuse_cost_usd_total', { ...none, provider: 'openai', model: 'gpt-5' })
    await send([call({ pico: 500 })])
    expect(shown()).toBe('0.0000000005')
    await send([call({ pico: -200, correctionOf: 'x', usage: { output: 5 } })])
    expect(shown()).toBe('0.0000000005')
    await send([call({ pico: 100 })])
    expect(shown()).toBe('0.0000000005')
    await send([call({ pico: 300 })])
    expect(shown()).toBe('0.0000000007')
    expect(page().get('tokenfuse_tokens_total')?.samples).toEqual([])
    expect(
      sampleOf(page(), 'tokenfuse_calls_total', { ...none, provider: 'openai', model: 'gpt-5', status: 'priced' }),
    ).toBe('3')
  })
})

describe('labels', () => {
  test('a label that is switched off is added up over', async () => {
    const { page, send } = setup({ labels: { ...LABELS, customer: label(10, false), model: label(10, false) } })
    await send([
      call({ pico: 1, model: 'a', tags: { customer: 'x' } }),
      call({ pico: 2, model: 'b', tags: { customer: 'y' } }),
    ])
    const { model: _, customer: __, ...rest } = none
    expect(sampleOf(page(), 'tokenfuse_cost_usd_total', { ...rest, provider: 'openai' })).toBe('0.000000000003')
    await send([call({ cost: cost(undefined, 'unpriced', 'why') })])
    expect(sampleOf(page(), 'tokenfuse_unpriced_calls_total', { provider: 'openai', reason: 'why' })).toBe('1')
  })

  test('values that senders make up cannot break the page', async () => {
    const { page, send } = setup()
    for (const agent of ['a"b', 'a\nb', 'a\\', '\ud800', 'x'.repeat(1000), '__other__', '', '{}'])
      await send([call({ pico: 1, tags: { agent } })])
    const agents = page('openmetrics')
      .get('tokenfuse_cost_usd')
      ?.samples.map((s) => s.labels['agent'])
    expect(agents).toEqual(['a"b', 'a\nb', 'a\\', '\ufffd', 'x'.repeat(128), '__other__', '', '{}'])
  })

  test('overflow is counted by label', async () => {
    const { registry, send } = setup({ labels: { ...LABELS, agent: label(1) } })
    await send(['a', 'b', 'c', 'a'].map((agent) => call({ pico: 1, tags: { agent } })))
    const page = parseExposition(registry.render('text'), 'text')
    expect(
      sampleOf(page, 'tokenfuse_prometheus_label_overflow_total', { exporter: 'prometheus', label: 'agent' }),
    ).toBe('2')
    expect(sampleOf(page, 'tokenfuse_prometheus_series', { exporter: 'prometheus' })).toBe('2')
  })

  test('expired series are forgotten and make room for new values', async () => {
    const { clock, page, send } = setup({ metric_expiration: 60_000, labels: { ...LABELS, agent: label(2) } })
    const agents = () =>
      page()
        .get('tokenfuse_cost_usd_total')
        ?.samples.map((s) => s.labels['agent'])
    await send(
      ['a', 'b'].map((agent) => call({ pico: 1, tags: { agent }, startMs: 1, endMs: 2, usage: { output: 1 } })),
    )
    clock.advance(50_000)
    await send([call({ pico: 1, tags: { agent: 'b' } })])
    clock.advance(20_000)
    expect(agents()).toEqual(['b'])
    await send([call({ pico: 1, tags: { agent: 'c' } }), call({ pico: 1, tags: { agent: 'd' } })])
    expect(agents()).toEqual(['b', 'c', '__other__'])
    clock.advance(60_001)
    expect(agents()).toEqual([])
    expect(page().get('gen_ai_client_token_usage')?.samples).toEqual([])
  })

  test('a combination beyond max_series does not use up label values', async () => {
    const { page, send } = setup({ max_series: 1, metric_expiration: 1000, labels: { ...LABELS, agent: label(2) } })
    await send(['a', 'b', 'c', 'd'].map((agent) => call({ pico: 1, tags: { agent } })))
    expect(
      page()
        .get('tokenfuse_cost_usd_total')
        ?.samples.map((s) => [s.labels['agent'], s.text]),
    ).toEqual([
      ['a', '0.000000000001'],
      ['__other__', '0.000000000003'],
    ])
  })
})

describe('runs', () => {
  const labels = { agent: 'a', workflow: '', business_unit: '', customer: '' }
  test('a run enters the histogram once it was idle, with its whole cost and a trace to look at', async () => {
    const { clock, page, send } = setup()
    const first = call({ pico: 60_000_000_000, tags: { run: 'r1', agent: 'a' } })
    await send([first, call({ pico: 1, tags: { run: 'r2', agent: 'a' } })])
    clock.advance(299_000)
    await send([call({ pico: 50_000_000_000, tags: { run: 'r1' } })])
    expect(page().get('tokenfuse_run_cost_usd')?.samples).toEqual([])
    clock.advance(1000)
    expect(sampleOf(page(), 'tokenfuse_run_cost_usd_count', labels)).toBe('1')
    clock.advance(300_000)
    const open = page('openmetrics')
    expect(sampleOf(open, 'tokenfuse_run_cost_usd_count', labels)).toBe('2')
    expect(sampleOf(open, 'tokenfuse_run_cost_usd_sum', labels)).toBe('0.110000000001')
    const buckets = open.get('tokenfuse_run_cost_usd')?.samples.filter((s) => s.name.endsWith('_bucket')) ?? []
    expect(buckets.map((s) => [s.labels['le'], s.text])).toEqual([
      ['0.01', '1'],
      ['0.1', '1'],
      ['1', '2'],
      ['10', '2'],
      ['+Inf', '2'],
    ])
    expect(buckets[2]?.exemplar).toMatchObject({ labels: { trace_id: first.traceId }, value: 0.11 })
    clock.advance(300_000)
    expect(sampleOf(page(), 'tokenfuse_run_cost_usd_count', labels)).toBe('2')
  })

  test('duplicates add nothing; a run without a price is a run of 0; calls without a run are no run', async () => {
    const { clock, page, send } = setup()
    const tags = { run: 'r', agent: 'a' }
    await send([call({ tags }), call({ pico: 5, bill: 'duplicate', tags }), call({ pico: 7, tags: { agent: 'a' } })])
    clock.advance(300_000)
    expect(sampleOf(page(), 'tokenfuse_run_cost_usd_sum', labels)).toBe('0')
    expect(sampleOf(page(), 'tokenfuse_run_cost_usd_count', labels)).toBe('1')
  })

  test('beyond max_runs the first one ends early, and no run is lost', async () => {
    const { clock, page, send } = setup({ max_runs: 3 })
    await send(Array.from({ length: 10 }, (_, i) => call({ pico: 1, tags: { run: `r${i}`, agent: 'a' } })))
    expect(sampleOf(page(), 'tokenfuse_run_cost_usd_count', labels)).toBe('7')
    clock.advance(300_000)
    expect(sampleOf(page(), 'tokenfuse_run_cost_usd_count', labels)).toBe('10')
  })
})

describe('client metrics of the GenAI conventions', () => {
  const labels = {
    gen_ai_operation_name: 'chat',
    gen_ai_provider_name: 'openai',
    gen_ai_request_model: 'gpt-5',
    gen_ai_response_model: '',
  }
  test('tokens and seconds fall into the buckets that the conventions name', async () => {
    const { page, send } = setup()
    await send([
      call({ usage: { input: 10, cacheRead: 7, output: 3, reasoning: 2 }, startMs: 1000, endMs: 1640 }),
      call({ usage: { output: 0 } }),
    ])
    const at = (name: string, more: Record<string, string>) => sampleOf(page(), name, { ...labels, ...more })
    expect(at('gen_ai_client_token_usage_bucket', { gen_ai_token_type: 'input', le: '16' })).toBe('0')
    expect(at('gen_ai_client_token_usage_bucket', { gen_ai_token_type: 'input', le: '64' })).toBe('1')
    expect(at('gen_ai_client_token_usage_sum', { gen_ai_token_type: 'input' })).toBe('17')
    expect(at('gen_ai_client_token_usage_count', { gen_ai_token_type: 'output' })).toBe('2')
    expect(at('gen_ai_client_token_usage_bucket', { gen_ai_token_type: 'output', le: '67108864' })).toBe('2')
    expect(at('gen_ai_client_operation_duration_seconds_bucket', { error_type: '', le: '0.32' })).toBe('0')
    expect(at('gen_ai_client_operation_duration_seconds_bucket', { error_type: '', le: '0.64' })).toBe('1')
    expect(at('gen_ai_client_operation_duration_seconds_bucket', { error_type: '', le: '81.92' })).toBe('1')
    expect(at('gen_ai_client_operation_duration_seconds_count', { error_type: '' })).toBe('1')
  })

  test('unknown usage is no observation of 0, and what is not billed is no operation', async () => {
    const { samples, send } = setup()
    await send([
      call(),
      call({ bill: 'duplicate', usage: { input: 1 }, startMs: 1, endMs: 2 }),
      call({ correctionOf: 'x', usage: { input: 1 } }),
    ])
    expect(samples('gen_ai_client_token_usage')).toEqual([])
    expect(samples('gen_ai_client_operation_duration_seconds')).toEqual([])
  })
})

describe('verdicts and budgets', () => {
  test('loop verdicts by detector and level; without a ledger kills are what verdicts ask for', async () => {
    const { page, send } = setup()
    await send(
      [],
      [
        verdict(),
        verdict(),
        verdict({ level: 'critical', action: 'kill' }),
        verdict({ kind: 'budget', detector: 'run_cap', action: 'kill' }),
      ],
    )
    expect(sampleOf(page(), 'tokenfuse_loop_verdicts_total', { detector: 'exact_cycle', level: 'warn' })).toBe('2')
    expect(sampleOf(page(), 'tokenfuse_loop_verdicts_total', { detector: 'exact_cycle', level: 'critical' })).toBe('1')
    expect(sampleOf(page(), 'tokenfuse_kills_total', { reason: 'exact_cycle' })).toBe('1')
    expect(sampleOf(page(), 'tokenfuse_kills_total', { reason: 'run_cap' })).toBe('1')
  })

  test('with a ledger its kill orders are counted, each once, and not those from before', async () => {
    const listeners: ((event: LedgerEvent) => void)[] = []
    const kill = (code: string): LedgerEvent => ({
      seq: 1,
      type: 'kill',
      kill: { id: 'k', sinceMs: 0, scope: {}, reason: 'r', code, actor: 'a', untilMs: undefined },
    })
    const { exporter, page, send } = setup(
      {},
      {
        budgets: () => [],
        watch(_since, listener) {
          listener(kill('old'))
          listeners.push(listener)
          return () => listeners.splice(0)
        },
      },
    )
    await exporter.start()
    await send([], [verdict({ action: 'kill' })])
    for (const listener of listeners) listener(kill('loop'))
    expect(
      page()
        .get('tokenfuse_kills_total')
        ?.samples.map((s) => [s.labels['reason'], s.text]),
    ).toEqual([['loop', '1']])
    await exporter.shutdown()
    expect(listeners).toEqual([])
  })

  test('budgets show limit, spend and reservations exactly; beyond the bound those nearest to their limit', async () => {
    const status = (run: number, spentNano: bigint, limitNano: bigint | undefined): BudgetStatus => ({
      ...{
        id: 'run-cap',
        scope: { run: `r${run}`, agent: 'a' },
        period: 'lifetime',
        mode: 'enforce',
        reservedNano: 1n,
        spentTokens: 0,
        limitTokens: undefined,
        periodStartMs: 0,
      },
      ...{ spentNano, limitNano },
    })
    const budgets = [
      status(1, 1n, 1_000_000_000n),
      status(2, 900_000_001n, 1_000_000_000n),
      status(3, 5n, 1_000_000_000n),
      status(4, 2n, undefined),
    ]
    const { exporter, page } = setup({ max_budgets: 1 }, { budgets: () => budgets, watch: () => () => {} })
    await exporter.start()
    const near = { budget: 'run-cap', scope: 'agent=a,run=r2', period: 'lifetime' }
    const rest = { ...near, scope: '__other__' }
    expect(sampleOf(page(), 'tokenfuse_budget_spent_usd', near)).toBe('0.900000001')
    expect(sampleOf(page(), 'tokenfuse_budget_limit_usd', near)).toBe('1')
    expect(sampleOf(page(), 'tokenfuse_budget_reserved_usd', near)).toBe('0.000000001')
    expect(sampleOf(page(), 'tokenfuse_budget_spent_usd', rest)).toBe('0.000000008')
    expect(sampleOf(page(), 'tokenfuse_budget_limit_usd', rest)).toBeUndefined()
    await exporter.shutdown()
  })

  test('what other components count for everybody appears on this page too', async () => {
    const { page, registry } = setup()
    registry.counter('tokenfuse_refused_calls_total', 'Refused.', ['reason']).child('run_cap').add(3)
    registry.gauge('tokenfuse_price_book_age_seconds', 'Age.').child().set(86_400)
    expect(sampleOf(page(), 'tokenfuse_refused_calls_total', { reason: 'run_cap' })).toBe('3')
    expect(sampleOf(page(), 'tokenfuse_price_book_age_seconds')).toBe('86400')
  })
})

describe('daily ratio', () => {
  const HOUR = 3_600_000
  const spend = (usd: number, endMs: number) => call({ pico: usd * 1e12, startMs: endMs - 1, endMs })
  test('the last 24 hours over the mean day before, across a restart', async () => {
    const dir = mkdtempSync(join(tmpdir(), 'tokenfuse-daily-'))
    const first = setup({}, undefined, dir)
    const now = first.clock.now()
    expect(sampleOf(first.page(), 'tokenfuse_daily_spend_ratio')).toBeUndefined()
    await first.exporter.start()
    for (let day = 1; day <= 7; day++) await first.send([spend(10, now - day * 24 * HOUR)])
    await first.send([spend(0, now - 191 * HOUR), spend(8, now - HOUR), spend(99, now - 9 * 24 * HOUR)])
    expect(Number(sampleOf(first.page(), 'tokenfuse_daily_spend_ratio'))).toBeCloseTo(0.8)
    await first.exporter.shutdown()
    const second = setup({}, undefined, dir)
    await second.exporter.start()
    await second.send([spend(7, now + 100 * HOUR)])
    expect(Number(sampleOf(second.page(), 'tokenfuse_daily_spend_ratio'))).toBeCloseTo(1.5)
    await second.exporter.shutdown()
    rmSync(dir, { recursive: true })
  })

  test('no ratio before there is a day to compare with; a damaged file is no history', async () => {
    const dir = mkdtempSync(join(tmpdir(), 'tokenfuse-daily-'))
    for (const text of ['', '{', '{}', '[1]', '[["x","1"],[1,"x"],[1.5,"1"]]', 'null']) {
      writeFileSync(join(dir, 'prometheus-hours.json'), text)
      const { exporter, clock, page, send } = setup({}, undefined, dir)
      await exporter.start()
      await send([spend(10, clock.now() - 30 * HOUR), spend(1, clock.now())])
      expect(sampleOf(page(), 'tokenfuse_daily_spend_ratio')).toBeUndefined()
      await exporter.shutdown()
    }
    rmSync(dir, { recursive: true })
  })
})

describe('life', () => {
  test('the page is served, in both formats', async () => {
    const { exporter, send } = setup()
    await exporter.start()
    await send([call({ pico: 102_000_000, tags: { agent: 'a' } })])
    const url = `http://127.0.0.1:${exporter.address?.port}/metrics`
    const text = await (await fetch(url)).text()
    const open = await (await fetch(url, { headers: { accept: 'application/openmetrics-text' } })).text()
    const labels = { ...none, provider: 'openai', model: 'gpt-5', agent: 'a' }
    expect(sampleOf(parseExposition(text, 'text'), 'tokenfuse_cost_usd_total', labels)).toBe('0.000102')
    expect(sampleOf(parseExposition(open, 'openmetrics'), 'tokenfuse_cost_usd_total', labels)).toBe('0.000102')
    await exporter.shutdown()
  })

  test('a taken port stops the start; shutdown is safe before start and twice', async () => {
    const first = setup()
    await first.exporter.start()
    const second = setup({ endpoint: `127.0.0.1:${first.exporter.address?.port}` })
    await expect(second.exporter.start()).rejects.toThrow(/cannot listen on 127/)
    await second.exporter.shutdown()
    await first.exporter.shutdown()
    await first.exporter.shutdown()
    await setup().exporter.shutdown()
  })

  test('every family of the published list is on the page', () => {
    const names = [...setup().page('openmetrics').keys()]
    expect(names).toEqual([
      ...[
        'tokenfuse_cost_usd',
        'tokenfuse_tokens',
        'tokenfuse_calls',
        'tokenfuse_unpriced_calls',
        'tokenfuse_unattributed_cost_usd',
        'tokenfuse_run_cost_usd',
      ],
      ...[
        'gen_ai_client_token_usage',
        'gen_ai_client_operation_duration_seconds',
        'tokenfuse_loop_verdicts',
        'tokenfuse_kills',
      ],
      ...[
        'tokenfuse_budget_limit_usd',
        'tokenfuse_budget_spent_usd',
        'tokenfuse_budget_reserved_usd',
        'tokenfuse_daily_spend_ratio',
      ],
      ...['tokenfuse_refused_calls', 'tokenfuse_price_book_age_seconds'],
    ])
  })

  test('the factory makes it, and the checks of the config complain where they should', () => {
    expect(factory.config).toBe(config)
    type C = Infer<typeof config>
    const check = (over: Partial<C>, want: (string | number)[][]) =>
      expect(
        (config.check as ((value: C) => readonly { path: readonly (string | number)[] }[]) | undefined)?.({
          ...CONFIG,
          ...over,
        }).map((c) => [...c.path]),
      ).toEqual(want)
    check({}, [])
    check({ run_cost_buckets_usd: [1, 1] }, [['run_cost_buckets_usd', 1]])
    check({ run_cost_buckets_usd: [0] }, [['run_cost_buckets_usd', 0]])
    check({ labels: { ...LABELS, model: label(10_000), agent: label(10_000), customer: label(10_000) } }, [['labels']])
  })
})
