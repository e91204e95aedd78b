import { Call } from '../../genai/call.ts'
import type { Processor } from '../../pipeline/component.ts'
import { valid } from '../../pipeline/exporter-config/testing/configured.ts'
import { priceBoard } from '../../pipeline/price-board.ts'
import { PRICE_BOARD } from '../../pipeline/services.ts'
import { testHost } from '../../test/support/host.ts'
import { type AttributeValues, EPOCH_MS, runner, traceRequest } from '../../test/support/spans.ts'
import { factory as usage } from '../gen_ai_usage/index.ts'
import type { Config } from './config.ts'
import { config } from './config.ts'
import { factory } from './index.ts'

const SETTINGS: Config = {
  aliases: {},
  cards: [],
  contract: { cards: [], discounts: [] },
  price_files: [],
  fx: [],
  subscriptions: [],
  residual: { alarm_ratio: 0.05, calls: 2 },
  free_providers: [],
  bedrock_endpoint: 'regional',
  estimate: false,
}
const CHAT = {
  'gen_ai.operation.name': 'chat',
  'gen_ai.provider.name': 'openai',
  'gen_ai.request.model': 'gpt-4o',
  'gen_ai.response.model': 'gpt-4o-2024-11-20',
  'gen_ai.usage.input_tokens': 1000,
  'gen_ai.usage.output_tokens': 100,
}

function send(spans: readonly AttributeValues[], settings: Partial<Config> = {}, host = testHost()) {
  const run = runner([
    usage.create(valid(usage.config, '{}'), host),
    factory.create({ ...SETTINGS, ...settings }, host),
  ])
  return { ...run(traceRequest(spans.map((attributes) => ({ attributes: { ...CHAT, ...attributes } })))), host }
}

test('a billed call gets its cost, and its span says so in the names that others read', () => {
  const { calls, attributes } = send([{}])
  expect(calls[0]?.cost).toMatchObject({ status: 'priced', pico: 3_500_000_000, layer: 'book', card: 'openai/gpt-4o' })
  expect(attributes[0]).toMatchObject({
    'tokenfuse.cost.usd': '0.0035',
    'gen_ai.usage.cost': 0.0035,
    'tokenfuse.cost.status': 'priced',
    'tokenfuse.cost.layer': 'book',
    'tokenfuse.price.card': 'openai/gpt-4o',
    'tokenfuse.price.book': calls[0]?.cost?.bookVersion,
  })
})

test('the list price stands beside a bill and beside what a subscription pays', () => {
  const list = { 'tokenfuse.cost.list_usd': '0.0035' }
  const { attributes } = batchOf(testHost(), [
    call({ reportedIsBilled: true, reportedPico: 4_000_000_000 }),
    call({}, 1),
  ])
  expect(attributes[0]).toMatchObject({ ...list, 'tokenfuse.cost.usd': '0.004', 'tokenfuse.cost.status': 'reported' })
  expect(attributes[1]).not.toHaveProperty(['tokenfuse.cost.list_usd'])
  const paid = batchOf(testHost(), [call({})], { subscriptions: [{ provider: 'openai', models: [] }] })
  expect(paid.attributes[0]).toMatchObject({ ...list, 'tokenfuse.cost.usd': '0', 'tokenfuse.cost.status': 'free' })
})

test("a sender's own cost attribute stays alone", () => {
  const { attributes } = send([{ 'gen_ai.usage.cost': { double: 0.5 } }])
  expect(attributes[0]).toMatchObject({ 'gen_ai.usage.cost': 0.5, 'tokenfuse.cost.usd': '0.0035' })
})

test('a span that another sidecar has priced is not written to again', () => {
  const theirs = { 'tokenfuse.cost.status': 'priced', 'tokenfuse.cost.usd': '1', 'gen_ai.usage.cost': { double: 1 } }
  const { attributes, calls } = send([theirs])
  expect(attributes[0]).toMatchObject({ 'tokenfuse.cost.usd': '1', 'gen_ai.usage.cost': 1 })
  expect(calls[0]?.cost?.pico).toBe(3_500_000_000)
})

test('an unpriced call has a status and a reason, no cost, and is counted', () => {
  const { calls, attributes, host } = send([{ 'gen_ai.response.model': 'gpt-99', 'gen_ai.request.model': 'gpt-99' }])
  expect(calls[0]?.cost?.pico).toBeUndefined()
  expect(attributes[0]).toMatchObject({ 'tokenfuse.cost.status': 'unpriced', 'tokenfuse.cost.reason': 'unknown_model' })
  for (const key of ['tokenfuse.cost.usd', 'gen_ai.usage.cost', 'tokenfuse.price.card'])
    expect(attributes[0]).not.toHaveProperty([key])
  expect(host.metric('tokenfuse_unpriced_calls_total', 'openai', 'gpt-99', 'unknown_model')).toBe(1)
})

test('what has no price is on the board that `tokenfuse status` shows, until it is taken down', async () => {
  const host = testHost()
  const board = priceBoard()
  host.provide(PRICE_BOARD, board)
  const pricing = factory.create(SETTINGS, host)
  await pricing.start()
  const run = runner([usage.create(valid(usage.config, '{}'), host), pricing])
  const named = (model: string) => ({
    attributes: { ...CHAT, 'gen_ai.request.model': model, 'gen_ai.response.model': model },
  })
  run(traceRequest([named('gpt-99'), named('gpt-98'), named('gpt-99'), { attributes: CHAT }]))
  expect(board.reports()).toMatchObject([
    {
      unpricedCalls: 3,
      refusedFiles: 0,
      unpriced: [
        { provider: 'openai', model: 'gpt-99', reason: 'unknown_model', calls: 2 },
        { provider: 'openai', model: 'gpt-98', reason: 'unknown_model', calls: 1 },
      ],
    },
  ])
  await pricing.shutdown()
  expect(board.reports()).toEqual([])
})

test('the counter keeps 200 label sets, the rest share one, and none is lost', () => {
  const spans = Array.from({ length: 450 }, (_, i) => ({
    'gen_ai.request.model': `m${i}`,
    'gen_ai.response.model': `m${i}`,
  }))
  const host = testHost()
  send(spans, {}, host)
  expect(host.metric('tokenfuse_unpriced_calls_total', 'openai', 'm199', 'unknown_model')).toBe(1)
  expect(host.metric('tokenfuse_unpriced_calls_total', 'openai', 'm200', 'unknown_model')).toBe(0)
  expect(host.metric('tokenfuse_unpriced_calls_total', '__other__', '__other__', '__other__')).toBe(250)
  send([{ 'gen_ai.request.model': 'x'.repeat(500), 'gen_ai.response.model': 'x'.repeat(500) }], {}, host)
  expect(host.metric('tokenfuse_unpriced_calls_total', 'openai', 'x'.repeat(128), 'unknown_model')).toBe(1)
})

function batchOf(host: ReturnType<typeof testHost>, calls: readonly Call[], settings: Partial<Config> = {}) {
  let next = calls
  const maker: Processor = {
    start: async () => {},
    shutdown: async () => {},
    process: (batch) => void batch.calls.push(...next),
  }
  const run = runner([maker, factory.create({ ...SETTINGS, ...settings }, host)])
  const again = (more: readonly Call[]) => {
    next = more
    return run(traceRequest(more.map(() => ({ attributes: {} }))))
  }
  return { ...again(calls), again }
}

function call(fields: Partial<Call>, item = 0): Call {
  const made = new Call('span', item, { bytes: new Uint8Array(0), trace: -1, span: -1, parent: -1 })
  return Object.assign(
    made,
    { provider: 'openai', requestModel: 'gpt-4o', usage: { input: 1000, output: 100 }, endMs: EPOCH_MS },
    fields,
  )
}

test('roll-ups, duplicates and free calls get no cost: whoever adds up spans would count the money twice', () => {
  for (const bill of ['rollup', 'duplicate', 'superseded', 'not_billable'] as const) {
    const { calls, attributes } = batchOf(testHost(), [call({ bill })])
    expect(calls[0]?.cost).toBeUndefined()
    expect(Object.keys(attributes[0] ?? {}).filter((k) => k.includes('cost'))).toEqual([])
  }
})

test('a cost that is already there is kept; a call without a span is priced all the same', () => {
  const known = {
    status: 'reported',
    pico: 5,
    card: undefined,
    bookVersion: 'b',
    layer: 'reported',
    reason: undefined,
    lines: [],
  } as const
  const { calls, attributes } = batchOf(testHost(), [call({ cost: known }), call({}, -1)])
  expect(calls[0]?.cost).toBe(known)
  expect(calls[1]?.cost?.pico).toBe(3_500_000_000)
  expect(attributes[0]).not.toHaveProperty(['tokenfuse.cost.usd'])
})

test('without an end the start counts, without both the present; both are noted', () => {
  const sol = { requestModel: 'gpt-5.6-sol', endMs: 0 }
  const host = testHost()
  const { calls } = batchOf(host, [call({ ...sol, startMs: Date.parse('2026-08-20') }), call(sol, 1)])
  expect(calls[0]?.cost?.card).toBe('openai/gpt-5.6-sol')
  expect(calls[1]?.endMs).toBe(host.clock.now())
  expect(calls[1]?.flags).toContain('end_time_assumed')
})

test('the difference between bills and our list is on a gauge by provider', () => {
  const host = testHost()
  const reported = { reportedIsBilled: true, reportedPico: 4_000_000_000 }
  batchOf(host, [call(reported), call(reported, 1), call({ ...reported, requestModel: 'gpt-99' }, 2)])
  expect(host.metric('tokenfuse_reported_residual_usd', 'openai')).toBeCloseTo(0.001, 12)
})

test('bills that drift away from our list are warned about, once an hour and model', () => {
  const host = testHost()
  const billed = (pico: number) => ({ reportedIsBilled: true, reportedPico: pico, responseModel: 'gpt-4o-2024-11-20' })
  const warnings = () => host.lines.filter((line) => line.level === 'warn')
  const ratio = () => host.metric('tokenfuse_reported_residual_ratio', 'openai', 'gpt-4o-2024-11-20')
  const price = (...picos: number[]) =>
    batchOf(
      host,
      picos.map((pico, i) => call(billed(pico), i)),
      { residual },
    )
  const residual = { alarm_ratio: 0.05, calls: 2 }
  const { again } = price(3_500_000_000, 3_600_000_000)
  expect(ratio()).toBeCloseTo(0.1 / 7, 12)
  expect(warnings()).toEqual([])
  again([call(billed(4_500_000_000)), call(billed(3_500_000_000), 1)])
  expect(ratio()).toBeCloseTo(1 / 7, 12)
  expect(warnings()).toHaveLength(1)
  expect(warnings()[0]?.fields).toMatchObject({
    model: 'gpt-4o-2024-11-20',
    calls: 2,
    billed_beyond_list: '14.3 %',
    card: 'openai/gpt-4o',
  })
  again([call(billed(1)), call(billed(1), 1)])
  expect(ratio()).toBeCloseTo(-1, 6)
  expect(warnings()).toHaveLength(1)
  host.clock.advance(3_600_000)
  again([call(billed(1)), call(billed(1), 1)])
  expect(warnings()).toHaveLength(2)
})

test('estimates and roundings of others are no bills: they raise no alarm', () => {
  const host = testHost()
  const calls = [1, 2, 3].map((_, i) => call({ reportedPico: 1 }, i))
  batchOf(host, calls)
  expect(host.metric('tokenfuse_reported_residual_ratio', 'openai', 'gpt-4o')).toBe(0)
  expect(host.lines).toEqual([])
})

test('each kind of unpriced call is told in the log once, and only the first twenty', () => {
  const host = testHost()
  const names = Array.from({ length: 30 }, (_, i) => ({ requestModel: `gpt-9${i}` }))
  batchOf(
    host,
    [...names, ...names].map((fields, i) => call(fields, i)),
  )
  expect(host.lines).toHaveLength(20)
  expect(host.lines[0]).toMatchObject({ level: 'warn', fields: { model: 'gpt-90', reason: 'unknown_model' } })
})

test('the age of the book is on a gauge', () => {
  const host = testHost()
  factory.create(SETTINGS, host)
  const age = host.metric('tokenfuse_price_book_age_seconds')
  expect(age).toBeGreaterThanOrEqual(0)
  expect(Number.isFinite(age)).toBe(true)
})

test('aliases, own cards, contract prices and free providers come from the configuration', () => {
  const one = (attributes: AttributeValues, settings: Partial<Config>) => send([attributes], settings).calls[0]?.cost
  const azure = {
    'gen_ai.provider.name': 'azure.ai.openai',
    'gen_ai.request.model': 'prod',
    'gen_ai.response.model': 'gpt-4',
  }
  expect(one(azure, { aliases: { prod: 'gpt-4o' } })?.card).toBe('openai/gpt-4o')
  const own = [{ provider: 'openai', model: 'gpt-4o', rates: { input: '1', output: '1' } }]
  expect(one({}, { cards: own })).toMatchObject({ layer: 'user', pico: 1_100_000_000, card: 'user:openai/gpt-4o' })
  expect(
    one({}, { cards: own, contract: { cards: [{ ...own[0], rates: { input: '2', output: '2' } }], discounts: [] } }),
  ).toMatchObject({ layer: 'contract', pico: 2_200_000_000 })
  const discounts = [{ provider: 'openai', models: [], percent_off: '10', meters: [], from: undefined, to: undefined }]
  expect(one({}, { contract: { cards: [], discounts } })).toMatchObject({ layer: 'contract', pico: 3_150_000_000 })
  expect(one({}, { subscriptions: [{ provider: 'openai', models: [] }] })).toMatchObject({
    status: 'free',
    reason: 'subscription',
    listPico: 3_500_000_000,
  })
  const yuan = [{ ...own[0], currency: 'CNY' }]
  expect(one({}, { cards: yuan, fx: [{ currency: 'CNY', from: undefined, usd: '0.14' }] })).toMatchObject({
    pico: 154_000_000,
  })
  expect(one({ 'gen_ai.provider.name': 'vllm' }, { free_providers: ['vllm'] })).toMatchObject({
    status: 'free',
    pico: 0,
  })
})

test('bad price cards are refused with their place in the configuration', () => {
  const check = config.check as
    | ((value: Config) => readonly { path: readonly (string | number)[]; message: string }[])
    | undefined
  const complaints = (settings: Partial<Config>) => check?.({ ...SETTINGS, ...settings }).map((c) => c.path.join('.'))
  expect(complaints({})).toEqual([])
  expect(complaints({ cards: [{ provider: 'p', model: 'm', rates: { input: 'much' } }] })).toEqual([
    'cards.0.rates.input',
  ])
  expect(complaints({ contract: { cards: [{ model: 'm', free: true }], discounts: [] } })).toEqual([
    'contract.cards.0.provider',
  ])
})
