import { openLedger } from '../../extensions/ledger/testing/open-ledger.ts'
import { Call, NO_TAGS, type Tags } from '../../genai/call.ts'
import type { Verdict } from '../../genai/verdict.ts'
import type { Batch } from '../../pipeline/batch.ts'
import type { Processor } from '../../pipeline/component.ts'
import { formatProblem } from '../../pipeline/config/report.ts'
import { loadConfig } from '../../pipeline/config/service.ts'
import { FACTORIES, withBudget } from '../../pipeline/config/testing/fakes.ts'
import { testHost } from '../../test/support/host.ts'
import { runner, type SpanSpec, traceRequest } from '../../test/support/spans.ts'
import type { Config } from './config.ts'
import { factory } from './index.ts'

/** One call as the processors before this one leave it. */
interface CallSpec {
  readonly usd?: number
  readonly tokens?: number
  readonly tags?: Partial<Tags>
  readonly bill?: Call['bill']
  readonly responseId?: string
  readonly correctionOf?: string
  readonly span?: SpanSpec
}

/** Stands for everything that comes before: makes one Call per span. */
function calls(specs: readonly CallSpec[]): Processor {
  return {
    start: async () => undefined,
    shutdown: async () => undefined,
    process(batch: Batch) {
      specs.forEach((spec, item) => {
        const { bytes, index } = batch.items
        const ids = { bytes, trace: index.itemTrace[item] ?? -1, span: index.itemSpan[item] ?? -1, parent: -1 }
        const call = new Call('span', item, ids)
        call.provider = 'openai'
        call.responseModel = 'gpt'
        call.endMs = batch.items.endMsOf(item)
        call.startMs = batch.items.startMsOf(item)
        call.usage = { input: spec.tokens ?? 10 }
        call.bill = spec.bill ?? 'billed'
        call.responseId = spec.responseId
        call.correctionOf = spec.correctionOf
        call.tags = { ...NO_TAGS, run: 'r1', ...spec.tags }
        const pico = spec.usd === undefined ? undefined : Math.round(spec.usd * 1e12)
        const status = pico === undefined ? 'unpriced' : 'priced'
        call.cost = { status, pico, card: undefined, bookVersion: 'b', layer: 'book', reason: undefined, lines: [] }
        batch.calls.push(call)
      })
    },
  }
}

async function started(settings: Partial<Config>) {
  const { ledger, host, disk } = await openLedger()
  const processor = factory.create({ mode: 'enforce', budgets: [], unpriced_model: 'ignore', ...settings }, host)
  await processor.start()
  const send = (...specs: readonly CallSpec[]) => {
    const done = runner([calls(specs), processor])(
      traceRequest(specs.map(({ span }) => ({ start: 1000, end: 2000, ...span }))),
    )
    return { verdicts: done.verdicts, attributes: done.attributes }
  }
  return {
    ledger,
    host,
    disk,
    processor,
    send,
    spent: () => ledger.budgets().map(({ spentNano, spentTokens }) => [Number(spentNano) / 1e9, spentTokens]),
  }
}

const budgetOf = (part: Partial<Config['budgets'][number]> = {}): Config['budgets'][number] => ({
  ...{ id: 'run-cap', scope: ['run'], limit_usd: '1.00', limit_tokens: undefined, period: 'lifetime', timezone: 'UTC' },
  ...{ throttle_at: undefined, on_exceed: 'kill', mode: undefined },
  ...part,
})

const short = ({ level, action, detector, scope }: Verdict) => [level, action, detector, scope]

test('the call that uses a run cap up gets the verdict, with its evidence, once', async () => {
  const { send, ledger } = await started({ budgets: [budgetOf({ limit_tokens: 1_000_000 })] })
  expect(send({ usd: 0.4 }, { usd: 0.4 }).verdicts).toEqual([])
  const { verdicts, attributes } = send(
    { usd: 0.1 },
    { usd: 0.1, span: { id: 'beef' }, tags: { agent: 'researcher' } },
    { usd: 0.3 },
  )
  expect(verdicts).toMatchObject([
    {
      kind: 'budget',
      level: 'critical',
      action: 'kill',
      detector: 'run_cap',
      reason: 'budget run-cap of run r1 is used up: $1 of $1, 40 of 1000000 tokens',
      scope: { budget: 'run-cap', run: 'r1' },
      run: 'r1',
      agent: 'researcher',
      spanId: '000000000000beef',
      spanTimeMs: 1_763_900_001_000,
      evidence: {
        budget: 'run-cap',
        limit_usd: '1',
        spent_usd: '1',
        limit_tokens: 1_000_000,
        spent_tokens: 40,
        period: 'lifetime',
      },
    },
  ])
  expect(attributes.map((own) => own['tokenfuse.verdict'])).toEqual([undefined, 'critical', undefined])
  expect(attributes[1]).toMatchObject({
    'tokenfuse.verdict.detector': 'run_cap',
    'tokenfuse.verdict.reason': 'budget run-cap of run r1 is used up: $1 of $1, 40 of 1000000 tokens',
  })
  expect(ledger.check({ run: 'r1' })).toMatchObject({ verdict: 'kill', code: 'run_cap' })
  expect(send({ usd: 1 }).verdicts).toEqual([])
})

test('a cap is exact in USD and in tokens', async () => {
  const { send, ledger } = await started({ budgets: [budgetOf({ limit_usd: undefined, limit_tokens: 100 })] })
  expect(send({ tokens: 99 }).verdicts).toEqual([])
  expect(ledger.check({ run: 'r1' }).verdict).toBe('allow')
  expect(send({ tokens: 1 }).verdicts.map(short)).toEqual([
    ['critical', 'kill', 'run_cap', { budget: 'run-cap', run: 'r1' }],
  ])
})

test('what follows is what the budget and the mode say', async () => {
  const check = async (
    settings: Partial<Config>,
    part: Partial<Config['budgets'][number]>,
    usd: number,
    want: unknown,
  ) => {
    const { send } = await started({ ...settings, budgets: [budgetOf(part)] })
    expect([part, send({ usd }).verdicts.map((verdict) => short(verdict).slice(0, 3))]).toEqual([part, want])
  }
  await check({}, {}, 0.99, [])
  await check({}, { on_exceed: 'alert' }, 1, [['critical', 'signal', 'run_cap']])
  await check({}, { on_exceed: 'throttle' }, 1, [['critical', 'throttle', 'run_cap']])
  await check({ mode: 'observe' }, {}, 1, [['critical', 'signal', 'run_cap']])
  await check({ mode: 'observe' }, { mode: 'enforce' }, 1, [['critical', 'kill', 'run_cap']])
  await check({}, { throttle_at: 0.9 }, 0.9, [['warn', 'throttle', 'run_cap']])
  await check({}, { scope: [], period: 'month' }, 1, [['critical', 'kill', 'monthly_cap']])
  await check({}, { scope: ['agent'], period: 'day' }, 1, [])
  await check({}, { scope: [], period: 'day', on_exceed: 'alert' }, 1, [['critical', 'signal', 'daily_alarm']])
  await check({}, { scope: [], period: 'week' }, 1, [['critical', 'kill', 'budget']])
})

test('a verdict of a calendar budget ends with its period', async () => {
  const { send } = await started({ budgets: [budgetOf({ scope: [], period: 'day', timezone: 'Europe/Berlin' })] })
  expect(send({ usd: 1 }).verdicts).toMatchObject([
    {
      untilMs: Date.parse('2025-11-23T23:00:00Z'),
      evidence: { period_start: '2025-11-22T23:00:00.000Z', period_end: '2025-11-23T23:00:00.000Z' },
    },
  ])
})

test('only what is billed counts, once, by response id or else by span', async () => {
  const { send, spent } = await started({ budgets: [budgetOf({ limit_usd: '100' })] })
  send(
    { usd: 1, bill: 'rollup' },
    { usd: 1, bill: 'duplicate' },
    { usd: 1, bill: 'superseded' },
    { usd: 1, bill: 'not_billable' },
  )
  expect(spent()).toEqual([[0, 0]])
  for (let again = 0; again < 3; again++) {
    send({ usd: 1, responseId: 'resp_1' })
    send({ usd: 1, span: { id: 'aa' } })
  }
  expect(spent()).toEqual([[2, 20]])
  // Some servers give every answer one id; other usage is another call.
  send({ usd: 1, tokens: 11, responseId: 'resp_1' })
  // Nothing to know it by: each one counts.
  send({ usd: 1, span: { id: '', trace: '' } }, { usd: 1, span: { id: '', trace: '' } })
  expect(spent()).toEqual([[5, 51]])
  send({ usd: 0, responseId: 'gen/0' }, { usd: 0, responseId: 'gen/0' })
  expect(spent()).toEqual([[5, 61]])
  // A correction counts besides what it corrects, once.
  for (let again = 0; again < 2; again++)
    send({ usd: -0.5, tokens: 0, responseId: 'resp_1', correctionOf: 'openai|resp_1' })
  expect(spent()).toEqual([[4.5, 61]])
})

test('every tag can be a budget, and the built-in ones are not overruled', async () => {
  const keys = ['run', 'agent', 'workflow', 'step', 'customer', 'business_unit', 'team']
  const { send, ledger } = await started({
    budgets: keys.map((key) => budgetOf({ id: key, scope: [key], limit_usd: '9' })),
  })
  const tags = {
    agent: 'a',
    workflow: 'w',
    step: 's',
    customer: 'c',
    businessUnit: 'b',
    extra: { team: 't', run: 'other' },
  }
  send({ usd: 1, tags })
  expect(ledger.budgets().map(({ scope }) => scope)).toEqual([
    { run: 'r1' },
    { agent: 'a' },
    { workflow: 'w' },
    { step: 's' },
    { customer: 'c' },
    { business_unit: 'b' },
    { team: 't' },
  ])
})

test('several budgets used up by one call: every one speaks, the sternest stands on the span', async () => {
  const { send } = await started({
    budgets: [
      budgetOf({ id: 'a', scope: [], on_exceed: 'alert' }),
      budgetOf({ id: 'b' }),
      budgetOf({ id: 'c', on_exceed: 'throttle' }),
    ],
  })
  const { verdicts, attributes } = send({ usd: 1 })
  expect(verdicts.map(({ action }) => action)).toEqual(['signal', 'kill', 'throttle'])
  expect(attributes[0]?.['tokenfuse.verdict.reason']).toContain('budget b ')
})

test('a span that already has a verdict keeps it', async () => {
  const { host } = await openLedger()
  const processor = factory.create({ mode: 'enforce', budgets: [budgetOf()], unpriced_model: 'ignore' }, host)
  await processor.start()
  const loop: Processor = {
    start: async () => undefined,
    shutdown: async () => undefined,
    process: (batch) => void batch.verdicts.push({ spanId: batch.calls[0]?.spanId } as Verdict),
  }
  const done = runner([calls([{ usd: 1 }]), loop, processor])(traceRequest([{}]))
  expect(done.verdicts).toHaveLength(2)
  expect(done.attributes[0]?.['tokenfuse.verdict']).toBeUndefined()
})

test('what has no price still counts in tokens, is counted, and is named once in the log', async () => {
  const { send, spent, host } = await started({ budgets: [budgetOf({ limit_tokens: 30 })] })
  send({}, {})
  expect(spent()).toEqual([[0, 20]])
  expect(host.metric('tokenfuse_budget_unpriced_calls_total')).toBe(2)
  expect(host.lines.filter(({ level }) => level === 'warn')).toHaveLength(1)
  expect(send({}).verdicts.map(({ detector }) => detector)).toEqual(['run_cap'])
})

test('where the most is estimated, budgets count a bound and the cost itself stays unknown', async () => {
  const { send, spent, host } = await started({
    budgets: [budgetOf({ limit_usd: '0.001' })],
    unpriced_model: 'estimate_max',
  })
  const { verdicts, attributes } = send({})
  expect(spent()[0]?.[0]).toBeGreaterThan(0)
  expect(verdicts.map(({ detector }) => detector)).toEqual(['run_cap'])
  expect(attributes[0]).not.toHaveProperty(['tokenfuse.cost.usd'])
  expect(host.metric('tokenfuse_budget_estimated_calls_total')).toBe(1)
  expect(host.metric('tokenfuse_budget_unpriced_calls_total')).toBe(1)
  const known = await started({ budgets: [budgetOf()], unpriced_model: 'estimate_max' })
  known.send({ usd: 0.25 })
  expect(known.spent()).toEqual([[0.25, 10]])
})

test('where it is denied, a call without a price stops its run, told once', async () => {
  const { send } = await started({ budgets: [budgetOf()], unpriced_model: 'deny' })
  expect([...send({}, {}).verdicts, ...send({}).verdicts].map(short)).toEqual([
    ['critical', 'kill', 'unpriced_model', { run: 'r1' }],
  ])
  const observing = await started({ mode: 'observe', unpriced_model: 'deny' })
  expect(observing.send({}).verdicts.map(short)).toEqual([['critical', 'signal', 'unpriced_model', { run: 'r1' }]])
  const without = await started({ unpriced_model: 'deny' })
  expect(without.send({ tags: { run: undefined } }).verdicts).toEqual([])
  expect(without.send({ tags: { run: undefined, agent: 'a' } }).verdicts.map(short)).toEqual([
    ['critical', 'kill', 'unpriced_model', { agent: 'a' }],
  ])
})

test('each batch is in the journal when it is done', async () => {
  const { send, disk } = await started({ budgets: [budgetOf({ limit_usd: '100' })] })
  send({ usd: 1 }, { usd: 2 })
  const again = await openLedger({ disk })
  const next = factory.create(
    { mode: 'enforce', budgets: [budgetOf({ limit_usd: '100' })], unpriced_model: 'ignore' },
    again.host,
  )
  await next.start()
  expect(again.ledger.budgets()).toMatchObject([{ spentNano: 3_000_000_000n }])
})

test('without a ledger nothing starts', async () => {
  const processor = factory.create(
    { mode: 'enforce', budgets: [budgetOf()], unpriced_model: 'ignore' },
    testHost('budget'),
  )
  await expect(processor.start()).rejects.toThrow('budget needs a ledger to count in: add "ledger:" to extensions')
  await processor.shutdown()
})

describe('configuration', () => {
  const load = (text: string) => {
    const others = FACTORIES.filter(({ type }) => type !== 'budget')
    const io = { env: {}, readFile: () => withBudget(text) }
    return loadConfig({ configs: ['config.yaml'], sets: [] }, [factory, ...others], io)
  }

  test('a budget needs an id and a limit; the rest has defaults', () => {
    const loaded = load('{ budgets: [{ id: run-cap, scope: [run], limit_usd: 5.00 }] }')
    expect(loaded.ok && loaded.config.processors.get('budget')?.config).toEqual({
      mode: 'enforce',
      budgets: [{ ...budgetOf({ limit_usd: '5.00' }), on_exceed: 'kill' }],
      unpriced_model: 'ignore',
    })
  })

  const check = (text: string, want: RegExp) =>
    test(text, () => {
      const loaded = load(`{ budgets: [${text}] }`)
      expect(loaded.ok ? 'no problem' : loaded.problems.map(formatProblem).join('\n')).toMatch(want)
    })
  check('{ id: a }', /budgets\[0\]: a budget needs limit_usd, limit_tokens or both/)
  check('{ id: a, limit_usd: 0.0000000001 }', /budgets\[0\]\.limit_usd: expected USD with at most 9 decimals/)
  check('{ id: a, limit_usd: 1 }, { id: a, limit_usd: 2 }', /budgets\[1\]\.id: there are two budgets "a"/)
  check('{ id: a, limit_usd: 1, scope: [run, run] }', /scope\[1\]: "run" stands twice/)
  check('{ id: a, limit_usd: 1, scope: [all] }', /scope\[0\]: "all" has a meaning of its own/)
  check('{ id: a, limit_usd: 1, timezone: Mars/Olympus }', /timezone: "Mars\/Olympus" is no time zone/)
  check('{ id: a, limit_usd: 1, throttle_at: 1 }', /throttle_at/)
  check('{ id: "a b", limit_usd: 1 }', /\.id/)
  check('{ id: a, limit: 1 }', /limit/)
})
