import type { Usage } from '../../genai/usage.ts'
import { testHost } from '../../test/support/host.ts'
import { type AttributeValues, runner, type SpanSpec, traceRequest } from '../../test/support/spans.ts'
import { factory } from './index.ts'

const settings = { max_entries: 4096, rollup_grace: 60_000, signal_of_record: {} }
const start = () => runner([factory.create(settings, testHost())])

/** Attributes of one span to what they mean. */
function usageOf(attributes: AttributeValues, span: SpanSpec = {}) {
  const call = start()(traceRequest([{ attributes, ...span }])).calls[0]
  return call && { ...(defined(call.usage) as Usage), flags: call.flags }
}
const defined = (o: object) => Object.fromEntries(Object.entries(o).filter(([, v]) => v !== undefined))
const chat = (extra: AttributeValues): AttributeValues => ({
  'gen_ai.operation.name': 'chat',
  'gen_ai.request.model': 'gpt-4o',
  ...extra,
})

test('input and output are taken apart into disjoint buckets', () => {
  const check = (extra: AttributeValues, want: object, span: SpanSpec = {}) =>
    expect(usageOf(chat(extra), span)).toEqual(want)

  check({ 'gen_ai.usage.input_tokens': 100, 'gen_ai.usage.output_tokens': 20 }, { input: 100, output: 20, flags: [] })
  // 1.26 names.
  check({ 'gen_ai.usage.prompt_tokens': 7, 'gen_ai.usage.completion_tokens': 3 }, { input: 7, output: 3, flags: [] })
  check(
    {
      'gen_ai.usage.input_tokens': 1100,
      'gen_ai.usage.output_tokens': 20,
      'gen_ai.usage.cache_read.input_tokens': 1000,
    },
    { input: 100, cacheRead: 1000, output: 20, flags: ['convention_assumed'] },
  )
  // The cache-write attribute under its name before and after 2026.
  for (const name of ['gen_ai.usage.cache_write.input_tokens', 'gen_ai.usage.cache_creation.input_tokens']) {
    check(
      { 'gen_ai.usage.input_tokens': 50, 'gen_ai.usage.output_tokens': 1, [name]: 40 },
      { input: 10, cacheWrite: 40, output: 1, flags: ['convention_assumed'] },
    )
  }
  check(
    { 'gen_ai.usage.input_tokens': 10, 'gen_ai.usage.output_tokens': 500, 'gen_ai.usage.reasoning.output_tokens': 400 },
    { input: 10, output: 100, reasoning: 400, flags: [] },
  )
})

test('numbers that cannot be inclusive prove that they are not', () => {
  const check = (extra: AttributeValues, want: object) => expect(usageOf(chat(extra))).toEqual(want)

  // Cached more than there was input.
  check(
    {
      'gen_ai.usage.input_tokens': 2,
      'gen_ai.usage.output_tokens': 1200,
      'gen_ai.usage.cache_read.input_tokens': 84562,
      'gen_ai.usage.cache_write.input_tokens': 7096,
    },
    { input: 2, cacheRead: 84562, cacheWrite: 7096, output: 1200, flags: [] },
  )
  // The total only adds up with the cache added.
  check(
    {
      'gen_ai.usage.input_tokens': 2000,
      'gen_ai.usage.output_tokens': 20,
      'gen_ai.usage.cache_read.input_tokens': 1000,
      'gen_ai.usage.total_tokens': 3020,
    },
    { input: 2000, cacheRead: 1000, output: 20, flags: [] },
  )
  // More reasoning than output.
  check(
    { 'gen_ai.usage.input_tokens': 600, 'gen_ai.usage.output_tokens': 50, 'gen_ai.usage.reasoning_tokens': 800 },
    { input: 600, output: 50, reasoning: 800, flags: ['reasoning_outside_output'] },
  )
})

test('the official Anthropic SDK: inclusive input, writes by time to live, compaction on top', () => {
  const scope = 'com.anthropic.sdk.typescript'
  expect(
    usageOf(
      {
        'gen_ai.operation.name': 'chat',
        'gen_ai.provider.name': 'anthropic',
        'gen_ai.usage.input_tokens': 91660,
        'gen_ai.usage.cache_read.input_tokens': 84562,
        'gen_ai.usage.cache_write.input_tokens': 7096,
        'anthropic.usage.cache_creation.ephemeral_1h_input_tokens': 7096,
        'gen_ai.usage.output_tokens': 1200,
      },
      { scope },
    ),
  ).toEqual({ input: 2, cacheRead: 84562, cacheWrite1h: 7096, output: 1200, flags: [] })
  expect(
    usageOf(
      {
        'gen_ai.operation.name': 'chat',
        'gen_ai.usage.input_tokens': 5000,
        'gen_ai.usage.output_tokens': 200,
        'anthropic.usage.compaction.input_tokens': 180000,
        'anthropic.usage.compaction.output_tokens': 3000,
      },
      { scope },
    ),
  ).toEqual({ input: 185000, output: 3200, flags: [] })
})

test('a count is a whole number of any type; everything else is absent and not 0', () => {
  const check = (value: string | number | { double: number } | boolean, want: number | undefined) =>
    expect(usageOf(chat({ 'gen_ai.usage.input_tokens': value, 'gen_ai.usage.output_tokens': 5 }))?.input).toBe(want)
  check('226616', 226616)
  check({ double: 12 }, 12)
  check({ double: 12.5 }, undefined)
  check({ double: Number.NaN }, undefined)
  check('', undefined)
  check('many', undefined)
  check(-3, undefined)
  check(true, undefined)
  check(0, 0)
})

const call = (id: string, parent: string | undefined, extra: AttributeValues = {}, operation = 'chat'): SpanSpec => ({
  id,
  ...(parent === undefined ? {} : { parent }),
  attributes: {
    'gen_ai.operation.name': operation,
    'gen_ai.request.model': 'gpt-4o',
    'gen_ai.usage.input_tokens': 10,
    'gen_ai.usage.output_tokens': 16,
    ...extra,
  },
})
const bills = (spans: readonly SpanSpec[]) => start()(traceRequest(spans)).calls.map((c) => c.bill)

test('leaf calls are billed, what repeats them is not, in any order', () => {
  expect(bills([call('1', undefined, {}, 'invoke_agent'), call('2', '1')])).toEqual(['rollup', 'billed'])
  expect(bills([call('2', '1'), call('1', undefined, {}, 'invoke_agent')])).toEqual(['billed', 'rollup'])
  // A framework's chat span around the SDK's, with a span of no interest between them.
  const between: SpanSpec = { id: '2', parent: '1', attributes: { 'http.route': '/' } }
  expect(bills([call('3', '2'), between, call('1', undefined)])).toEqual(['billed', 'rollup'])
  expect(bills([call('1', undefined), between, call('3', '2')])).toEqual(['rollup', 'billed'])
  // Siblings are two calls.
  expect(bills([call('2', '1'), call('3', '1')])).toEqual(['billed', 'billed'])
})

test('marks climb from batch to batch', () => {
  const send = start()
  const bill = (span: SpanSpec) => send(traceRequest([span])).calls.map((c) => c.bill)
  expect(bill(call('3', '2'))).toEqual(['billed'])
  expect(bill({ id: '2', parent: '1', attributes: { 'http.route': '/' } })).toEqual([])
  expect(bill(call('1', undefined))).toEqual(['rollup'])
})

test('a call is billed once: resent, reported by another process, or around a billed one', () => {
  const send = start()
  const bill = (span: SpanSpec) => send(traceRequest([span])).calls.map((c) => c.bill)
  const id = { 'gen_ai.response.id': 'chatcmpl-1' }
  expect(bill(call('1', undefined, id))).toEqual(['billed'])
  expect(bill(call('1', undefined, id))).toEqual(['duplicate'])
  expect(bill({ ...call('9', undefined, id), trace: 'bb' })).toEqual(['duplicate'])
  // A server that gives every answer the same id: other usage, another call.
  expect(bill({ ...call('8', undefined, { ...id, 'gen_ai.usage.output_tokens': 17 }), trace: 'cc' })).toEqual([
    'billed',
  ])
  // The inner span comes after the outer one was billed: it counts, and the outer one is taken back.
  expect(bill(call('20', undefined))).toEqual(['billed'])
  const late = send(traceRequest([call('21', '20')])).calls
  expect(late.map((c) => [c.bill, c.usage.output, c.correctionOf === undefined])).toEqual([
    ['billed', 16, true],
    ['billed', -16, false],
  ])
})

test('ids of zeros are none: calls that have no other are calls of their own', () => {
  const call = chat({ 'gen_ai.usage.input_tokens': 5, 'gen_ai.usage.output_tokens': 5 })
  const request = traceRequest([
    { attributes: call, trace: '0', id: '0' },
    { attributes: call, trace: '0', id: '0', parent: '0' },
    { attributes: call, trace: '1', id: '0', parent: '0' },
  ])
  const { calls } = start()(request)
  expect(calls.map(({ bill, traceId, spanId, parentSpanId }) => [bill, traceId, spanId, parentSpanId])).toEqual([
    ['billed', '', '', ''],
    ['billed', '', '', ''],
    ['billed', '1'.padStart(32, '0'), '', ''],
  ])
})

test('an answer without usage is loud, a failed request is free', () => {
  const send = start()
  const ask = (span: SpanSpec) => send(traceRequest([span])).calls.map((c) => [c.bill, c.flags])
  const attributes = { 'gen_ai.operation.name': 'chat', 'gen_ai.request.model': 'gpt-4o' }
  expect(ask({ attributes })).toEqual([['billed', ['usage_missing']]])
  expect(ask({ attributes, error: true })).toEqual([['not_billable', []]])
})

test('what the proxy noted is kept: estimates are no facts, and a cut call without usage is not free', () => {
  const scope = 'tokenfuse.llm_proxy'
  const ask = (attributes: AttributeValues, error = false) =>
    start()(traceRequest([{ scope, error, attributes }])).calls[0]
  const estimated = ask(
    chat({
      'gen_ai.usage.input_tokens': 5,
      'gen_ai.usage.output_tokens': 2,
      'tokenfuse.proxy.flags': ['aborted', 'estimated_output'],
      'tokenfuse.proxy.web_searches': 3,
    }),
  )
  expect(estimated).toMatchObject({
    bill: 'billed',
    flags: ['aborted', 'estimated_output'],
    usage: { input: 5, other: { web_searches: 3 } },
  })
  expect(ask(chat({ 'tokenfuse.proxy.flags': ['usage_missing'] }), true)).toMatchObject({
    bill: 'billed',
    flags: ['usage_missing'],
  })
  expect(ask(chat({}), true)).toMatchObject({ bill: 'not_billable' })
})

test('what was understood stands on the span, and nothing else changes', () => {
  const request = traceRequest([call('2', undefined, { 'gen_ai.usage.cache_read.input_tokens': 4, custom: 'kept' })])
  const out = start()(request)
  expect(out.attributes[0]).toEqual({
    'gen_ai.operation.name': 'chat',
    'gen_ai.request.model': 'gpt-4o',
    'gen_ai.usage.input_tokens': 10,
    'gen_ai.usage.output_tokens': 16,
    'gen_ai.usage.cache_read.input_tokens': 4,
    custom: 'kept',
    'tokenfuse.bill.status': 'billed',
    'tokenfuse.dialect': 'otel_genai',
    'tokenfuse.usage.input_uncached_tokens': 6,
    'tokenfuse.usage.cache_read_tokens': 4,
    'tokenfuse.usage.output_tokens': 16,
    'tokenfuse.usage.flags': ['convention_assumed'],
  })
  // A second sidecar behind this one replaces what it adds, so that no key stands twice.
  expect(start()(out.output).attributes[0]).toEqual(out.attributes[0])
})

test('a batch without provider calls leaves as the same bytes', () => {
  const request = traceRequest([{ attributes: { 'http.route': '/', 'session.id': 's' } }])
  expect(start()(request).output).toBe(request)
})

test('tool calls become steps with hashes and sizes; absent content is not empty content', () => {
  const tool = (extra: AttributeValues, error = false): SpanSpec => ({
    error,
    attributes: { 'gen_ai.operation.name': 'execute_tool', 'gen_ai.tool.name': 'shell', ...extra },
  })
  const { steps, calls } = start()(
    traceRequest([
      tool({ 'gen_ai.tool.call.arguments': '{"a":1}', 'gen_ai.tool.call.result': 'line 12: not found' }, true),
      tool({ 'gen_ai.tool.call.arguments': '{"a":2}', 'gen_ai.tool.call.result': 'line 9913: not found' }, true),
      tool({}),
      tool({ 'gen_ai.tool.call.arguments': '' }),
    ]),
  )
  expect(calls).toEqual([])
  expect(steps.map((s) => [s.kind, s.name, s.isError])).toEqual([
    ['tool', 'shell', true],
    ['tool', 'shell', true],
    ['tool', 'shell', false],
    ['tool', 'shell', false],
  ])
  expect(steps[0]?.argsHash).not.toBe(steps[1]?.argsHash)
  expect(steps[0]?.resultHash).not.toBe(steps[1]?.resultHash)
  expect(steps[0]?.errorClass).toBe(steps[1]?.errorClass)
  expect(steps[2]?.argsHash).toBeUndefined()
  expect(steps[3]?.argsHash).toBeDefined()
})
