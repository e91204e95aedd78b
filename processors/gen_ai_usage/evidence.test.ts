import type { Call } from '../../genai/call.ts'
import { totalInput } from '../../genai/usage.ts'
import { testHost } from '../../test/support/host.ts'
import { attributes, encodeRequest } from '../../test/support/oracle.ts'
import { type AttributeValues, type SpanSpec, traceRequest } from '../../test/support/spans.ts'
import { factory } from './index.ts'
import { feeder, pricedFeeder } from './testing/golden.ts'

const settings = { max_entries: 4096, rollup_grace: 60_000, signal_of_record: {} }
const start = (host = testHost()) => {
  const feed = feeder(factory.create(settings, host))
  return { host, feed, spans: (...list: SpanSpec[]): readonly Call[] => feed(traceRequest(list), 'traces').calls }
}
const chat = (id: string, usage: AttributeValues, more: SpanSpec = {}): SpanSpec => ({
  id,
  ...more,
  attributes: {
    'gen_ai.operation.name': 'chat',
    'gen_ai.request.model': 'm',
    ...Object.fromEntries(Object.entries(usage).map(([key, value]) => [`gen_ai.usage.${key}`, value])),
    ...more.attributes,
  },
})
const cached = (id: string, input: number, more: SpanSpec = {}): SpanSpec =>
  chat(id, { input_tokens: input, output_tokens: 1, 'cache_read.input_tokens': 400 }, more)
const billed = (calls: readonly Call[]): readonly Call[] => calls.filter((call) => call.bill === 'billed')
const net = (calls: readonly Call[]): number => billed(calls).reduce((sum, call) => sum + (call.usage.input ?? 0), 0)
const flagsOf = (calls: readonly Call[]) => calls.map((call) => [call.bill, ...call.flags])

test('a proof that comes late mends what was read by assumption before it', () => {
  const { spans } = start()
  const early = [spans(cached('1', 900)), spans(cached('2', 800))].flat()
  expect(early.map((c) => c.usage.input)).toEqual([500, 400])
  const late = spans(cached('3', 10))
  expect(late.map((c) => [c.usage.input, c.correctionOf !== undefined, ...c.flags])).toEqual([
    [10, false],
    [-500, true, 'correction'],
    [900, true, 'convention_assumed', 'repriced'],
    [-400, true, 'correction'],
    [800, true, 'convention_assumed', 'repriced'],
  ])
  expect(net([...early, ...late])).toBe(900 + 800 + 10)
  // Each of them under a key of its own, so that whoever keys calls keeps them all.
  const keys = late.map((c) => `${c.correctionOf}|${c.key}|${totalInput(c.usage)}`)
  expect(new Set(keys).size).toBe(keys.length)
  // Once.
  expect(spans(cached('4', 20))).toHaveLength(1)
  expect(spans(cached('5', 700)).map((c) => c.usage.input)).toEqual([700])
})

test('a row is believed until three of its calls contradict it, then what it said of others is mended', () => {
  const { spans } = start()
  const scope = { scope: 'opentelemetry.instrumentation.openai_v2' }
  const all = [spans(cached('1', 900, scope))]
  for (const id of ['2', '3', '4']) all.push(spans(cached(id, 10, scope)))
  expect(all.at(-1)?.map((c) => c.usage.input)).toEqual([10, -500, 900])
  expect(net(all.flat())).toBe(930)
})

test('what turns out to wrap a call after it was read again is taken back as it was read last', () => {
  const { spans } = start()
  const all = [spans(cached('1', 900)), spans(cached('2', 10)), spans(chat('3', { input_tokens: 7 }, { parent: '1' }))]
  expect(all.at(-1)?.map((c) => c.usage.input)).toEqual([7, -900])
  expect(net(all.flat())).toBe(10 + 7)
})

test('a span without usage around one that has it is no call with missing usage', () => {
  const wrapper = chat('1', {})
  const inner = chat('2', { input_tokens: 5, output_tokens: 1 }, { parent: '1' })
  expect(flagsOf(start().spans(inner, wrapper))).toEqual([['billed'], ['rollup']])
  const { spans } = start()
  spans(inner)
  expect(flagsOf(spans(wrapper))).toEqual([['rollup']])
})

test('a stream that says nothing of its usage below a span that does is the same call', () => {
  const inner = chat('2', {}, { parent: '1', attributes: { 'openai.response.service_tier': 'flex' } })
  const wrapper = chat('1', { input_tokens: 5, output_tokens: 1 })
  const calls = start().spans(inner, wrapper)
  expect(flagsOf(calls)).toEqual([['superseded'], ['billed']])
  expect(calls[1]?.serviceTier).toBe('flex')
})

test('a span around the call that splits its totals further lends it the split', () => {
  const inner = chat('2', { input_tokens: 1100, output_tokens: 20 }, { parent: '1' })
  const wrapper = chat('1', { input_tokens: 1100, output_tokens: 20, 'cache_read.input_tokens': 1000 })
  expect(billed(start().spans(inner, wrapper)).map((c) => [c.usage.input, c.usage.cacheRead])).toEqual([[100, 1000]])
})

test('one response id with two usages in one tree is noted, and the innermost counts', () => {
  const id = { attributes: { 'gen_ai.response.id': 'r' } }
  const inner = chat('2', { input_tokens: 1000, output_tokens: 20 }, { parent: '1', ...id })
  const wrapper = chat('1', { input_tokens: 1100, output_tokens: 20 }, id)
  expect(flagsOf(start().spans(inner, wrapper))).toEqual([
    ['billed', 'evidence_conflict'],
    ['rollup', 'rollup_residual'],
  ])
})

test('the gateway’s span in a trace of its own lends its bill to the call', () => {
  const id = { 'gen_ai.response.id': 'gen-1' }
  const client = chat('1', { input_tokens: 5, output_tokens: 1 }, { attributes: id })
  const gateway = chat(
    '2',
    { input_tokens: 5, output_tokens: 1, total_cost: { double: 0.5 } },
    { trace: 'bb', scope: 'openrouter', attributes: id },
  )
  const calls = start().spans(client, gateway)
  expect(calls.map((c) => [c.bill, c.reportedPico, c.reportedIsBilled])).toEqual([
    ['billed', 500_000_000_000, true],
    ['duplicate', 500_000_000_000, true],
  ])
})

test('what an agent reports beyond its calls is counted, flagged, and never billed', () => {
  const { host, spans } = start()
  const agent = chat(
    '1',
    { input_tokens: 50, output_tokens: 5 },
    { attributes: { 'gen_ai.operation.name': 'invoke_agent' } },
  )
  const calls = spans(agent, chat('2', { input_tokens: 30, output_tokens: 3 }, { parent: '1' }))
  expect(flagsOf(calls)).toEqual([['rollup', 'rollup_residual'], ['billed']])
  expect(host.metric('tokenfuse_gen_ai_rollup_residual_tokens_total')).toBe(22)
})

const CODE = { resource: { 'service.name': 'claude-code' }, scope: 'com.anthropic.claude_code.tracing' }
const request: SpanSpec = {
  ...CODE,
  id: '1',
  name: 'claude_code.llm_request',
  attributes: { 'gen_ai.request.model': 'claude-sonnet-4-5', input_tokens: 2, output_tokens: 9 },
}
const web: SpanSpec = { id: 'ff', attributes: { 'http.route': '/' } }
const event = encodeRequest('logs', {
  resourceLogs: [
    {
      resource: { attributes: attributes({ 'service.name': 'claude-code' }) },
      scopeLogs: [
        {
          logRecords: [
            {
              timeUnixNano: '1763900000000000000',
              attributes: attributes({
                'event.name': 'api_request',
                model: 'claude-sonnet-4-5',
                input_tokens: 2,
                output_tokens: 9,
              }),
            },
          ],
        },
      ],
    },
  ],
})

test('spans of a source that is billed from its events are billed after all when no event ever comes', () => {
  const { host, spans } = start()
  expect(flagsOf(spans(request, request))).toEqual([
    ['duplicate', 'other_signal_of_record'],
    ['duplicate', 'other_signal_of_record'],
  ])
  host.clock.advance(61_000)
  expect(flagsOf(spans(web))).toEqual([['billed', 'other_signal_of_record', 'only_signal']])
})

test('a tool call that both signals tell of is one step once an event of the source was seen', () => {
  const host = testHost()
  const { feed } = start(host)
  const tool: SpanSpec = {
    scope: 'com.anthropic.claude_code.tracing',
    name: 'claude_code.tool',
    attributes: { 'span.type': 'tool', tool_name: 'Bash' },
  }
  const steps = (id: string) => feed(traceRequest([{ ...tool, id }]), 'traces').steps
  expect(steps('2').map(({ kind, name }) => [kind, name])).toEqual([['tool', 'Bash']])
  start(host).feed(event, 'logs')
  expect(steps('3')).toEqual([])
})

test('one event of it, in whatever pipeline, is enough to tell that the other signal is there', () => {
  const host = testHost()
  const traces = start(host)
  const logs = start(host)
  traces.spans(request)
  expect(flagsOf(logs.feed(event, 'logs').calls)).toEqual([['billed']])
  host.clock.advance(61_000)
  expect(traces.spans(web)).toEqual([])
})

test('what one dialect proves says nothing of another one under the same scope', () => {
  const { spans } = start()
  const scope = { scope: 'my-app' }
  const inference = (id: string, prompt: number): SpanSpec => ({
    ...scope,
    id,
    attributes: {
      'traceloop.entity.name': 'x',
      'gen_ai.operation.name': 'chat',
      'gen_ai.request.model': 'm',
      'gen_ai.usage.input_tokens': prompt,
      'gen_ai.usage.output_tokens': 1,
      'gen_ai.usage.cache_read.input_tokens': 400,
    },
  })
  for (const id of ['1', '2', '3']) expect(spans(inference(id, 10)).map((c) => c.usage.input)).toEqual([10])
  expect(spans(inference('4', 900)).map((c) => c.usage.input)).toEqual([900])
  expect(spans(cached('5', 900, scope)).map((c) => [c.dialect, c.usage.input])).toEqual([['otel_genai', 500]])
})

test('a call that was billed around stands for the same call below it, whoever comes last', () => {
  const usage = { input_tokens: 30, output_tokens: 3 }
  const client = chat('1', usage)
  const server: SpanSpec = { id: '2', parent: '1', attributes: { 'http.route': '/' } }
  const gateway = chat('3', usage, { parent: '2' })
  const sdk = chat('4', usage, { parent: '3' })
  const retry = chat('5', { input_tokens: 31, output_tokens: 3 }, { parent: '3' })
  const run = (...batches: SpanSpec[][]) => {
    const feed = pricedFeeder(factory.create(settings, testHost()))
    return batches.map((batch) => feed(traceRequest(batch), 'traces').calls.map((c) => [c.bill, c.usage.input]))
  }
  const BILLED = ['billed', 30]
  const DUPLICATE = ['duplicate', 30]
  expect(run([client], [server, gateway])).toEqual([[BILLED], [DUPLICATE]])
  expect(run([client], [server, gateway, sdk])).toEqual([[BILLED], [['rollup', 30], DUPLICATE]])
  expect(run([client], [server, gateway], [sdk], [sdk])).toEqual([[BILLED], [DUPLICATE], [DUPLICATE], [DUPLICATE]])
  // A second call below the same span is a call of its own.
  expect(run([client], [server, gateway], [sdk], [retry])).toEqual([
    [BILLED],
    [DUPLICATE],
    [DUPLICATE],
    [['billed', 31]],
  ])
  // Below what it stood for is another call: the first reading is taken back after all.
  expect(run([client], [server, gateway], [retry])).toEqual([
    [BILLED],
    [DUPLICATE],
    [
      ['billed', 31],
      ['billed', -30],
    ],
  ])
  // What came before the link was known is taken back as ever.
  expect(run([client], [sdk], [server, gateway])).toEqual([
    [BILLED],
    [BILLED],
    [
      ['rollup', 30],
      ['billed', -30],
    ],
  ])
})

test('whether reasoning is split off the output or not makes no other call of it', () => {
  const feed = pricedFeeder(factory.create(settings, testHost()))
  const bills = (span: SpanSpec) => feed(traceRequest([span]), 'traces').calls.map((c) => c.bill)
  expect(bills(chat('1', { input_tokens: 30, output_tokens: 50 }))).toEqual(['billed'])
  const split = { input_tokens: 30, output_tokens: 50, 'reasoning.output_tokens': 30 }
  expect(bills(chat('2', split, { parent: '1' }))).toEqual(['duplicate'])
  // What it says of the cache does: that has another price.
  const cachedToo = { input_tokens: 30, output_tokens: 50, 'cache_read.input_tokens': 20 }
  expect(bills(chat('3', { input_tokens: 30, output_tokens: 50 }, { trace: 'bb' }))).toEqual(['billed'])
  expect(bills(chat('4', cachedToo, { trace: 'bb', parent: '3' }))).toEqual(['billed', 'billed'])
})

test('how long cache writes live is kept, whichever of two reports of a call says it', () => {
  const totals = { input_tokens: 900, output_tokens: 5, 'cache_read.input_tokens': 100 }
  const coarse = { ...totals, 'cache_write.input_tokens': 700 }
  const split = { 'anthropic.usage.cache_creation.ephemeral_1h_input_tokens': 700 }
  const sdk = (id: string, trace: string) => chat(id, coarse, { trace, attributes: split })
  const server = (id: string, parent: string, trace: string) => chat(id, coarse, { parent, trace })
  const bills = (calls: readonly Call[]) => calls.map((c) => [c.bill, c.usage.cacheWrite, c.usage.cacheWrite1h])
  const feed = pricedFeeder(factory.create(settings, testHost()))
  const run = (...spans: SpanSpec[]) => bills(feed(traceRequest(spans), 'traces').calls)
  expect(run(sdk('1', 'aa'))).toEqual([['billed', undefined, 700]])
  expect(run(server('2', '1', 'aa'))).toEqual([['duplicate', 700, undefined]])
  expect(run(sdk('1', 'bb'), server('2', '1', 'bb'))).toEqual([
    ['rollup', undefined, 700],
    ['billed', undefined, 700],
  ])
  // What only the call below knows makes another price of it.
  expect(run(server('1', '', 'cc'))).toEqual([['billed', 700, undefined]])
  expect(run(chat('2', coarse, { parent: '1', trace: 'cc', attributes: split }))).toEqual([
    ['billed', undefined, 700],
    ['billed', -700, undefined],
  ])
})

test('a chain of LangSmith without a model is never billed for what it repeats, alone or not', () => {
  const { host, spans } = start()
  const chain = (id: string, more: AttributeValues): SpanSpec => ({
    id,
    scope: 'langsmith',
    attributes: {
      'langsmith.span.kind': 'chain',
      'gen_ai.usage.input_tokens': 5,
      'gen_ai.usage.output_tokens': 1,
      ...more,
    },
  })
  spans(chain('1', {}), chain('2', { 'gen_ai.request.model': 'gpt-4o' }))
  host.clock.advance(61_000)
  expect(spans(web).map((c) => [c.spanId.at(-1), c.bill])).toEqual([['2', 'billed']])
})
