import type { Call } from '../../genai/call.ts'
import { testHost } from '../../test/support/host.ts'
import { attributes, encodeRequest } from '../../test/support/oracle.ts'
import { type AttributeValues, type SpanSpec, traceRequest } from '../../test/support/spans.ts'
import { factory } from './index.ts'
import { feeder } from './testing/golden.ts'

const defined = (o: object) => Object.fromEntries(Object.entries(o).filter(([, v]) => v !== undefined))
const settings = { max_entries: 4096, rollup_grace: 60_000, signal_of_record: {} }
const start = (more: object = {}) => {
  const host = testHost()
  const feed = feeder(factory.create({ ...settings, ...more }, host))
  return { host, spans: (list: readonly SpanSpec[]) => feed(traceRequest(list), 'traces').calls, feed }
}
const usages = (calls: readonly Call[]) => calls.filter((c) => c.bill === 'billed').map((c) => defined(c.usage))

interface Log {
  readonly event?: string
  readonly service: string
  readonly attributes: AttributeValues
}
const logRequest = (logs: readonly Log[]): Buffer =>
  encodeRequest('logs', {
    resourceLogs: logs.map((log, i) => ({
      resource: { attributes: attributes({ 'service.name': log.service }) },
      scopeLogs: [
        {
          scope: { name: 'events' },
          logRecords: [
            {
              timeUnixNano: String(1_763_900_000_000_000_000n + BigInt(i)),
              attributes: attributes({
                ...(log.event === undefined ? {} : { 'event.name': log.event }),
                ...log.attributes,
              }),
            },
          ],
        },
      ],
    })),
  })
const logs = (list: readonly Log[], feed = start().feed) => feed(logRequest(list), 'logs').calls

test('Claude Code: flat, exclusive counters come to what its SDK says of the same call', () => {
  const sdk = start().spans([
    {
      scope: 'com.anthropic.sdk.typescript',
      attributes: {
        'gen_ai.operation.name': 'chat',
        'gen_ai.usage.input_tokens': 91660,
        'gen_ai.usage.cache_read.input_tokens': 84562,
        'gen_ai.usage.cache_write.input_tokens': 7096,
        'anthropic.usage.cache_creation.ephemeral_1h_input_tokens': 7096,
        'gen_ai.usage.output_tokens': 1200,
      },
    },
  ])
  expect(usages(sdk)).toEqual([{ input: 2, cacheRead: 84562, cacheWrite1h: 7096, output: 1200 }])
  // Before 2.1.122 all of them were strings.
  for (const as of [String, Number]) {
    const [call] = logs([
      {
        service: 'claude-code',
        attributes: {
          'event.name': 'api_request',
          model: 'claude-sonnet-4-5',
          input_tokens: as(2),
          cache_read_tokens: as(84562),
          cache_creation_tokens: as(7096),
          output_tokens: as(1200),
          cost_usd: '0.07',
          request_id: 'req_1',
          duration_ms: as(900),
        },
      },
    ])
    expect(call).toMatchObject({
      bill: 'billed',
      signal: 'log',
      dialect: 'claude_code',
      provider: 'anthropic',
      responseId: 'req_1',
      reportedPico: 7e10,
    })
    expect(usages(call ? [call] : [])).toEqual([{ input: 2, cacheRead: 84562, cacheWrite: 7096, output: 1200 }])
    expect((call?.endMs ?? 0) - (call?.startMs ?? 0)).toBeCloseTo(900)
  }
})

test('OpenInference: Bedrock Converse is exclusive by its total, Anthropic is not', () => {
  const check = (scope: string, values: AttributeValues) => {
    const llm: AttributeValues = { 'openinference.span.kind': 'LLM', 'llm.model_name': 'claude-sonnet-4-5' }
    expect(usages(start().spans([{ scope, attributes: { ...llm, ...values } }]))).toEqual([
      { input: 100, cacheRead: 1000, output: 20 },
    ])
  }
  check('openinference.instrumentation.bedrock', {
    'llm.token_count.prompt': 100,
    'llm.token_count.completion': 20,
    'llm.token_count.total': 1120,
    'llm.token_count.prompt_details.cache_read': 1000,
  })
  check('openinference.instrumentation.anthropic', {
    'llm.token_count.prompt': 1100,
    'llm.token_count.completion': 20,
    'llm.token_count.prompt_details.cache_read': 1000,
  })
})

test('Vercel AI SDK 7: agent and step around a chat are one call', () => {
  const scope = 'gen_ai'
  const tokens = { 'gen_ai.usage.input_tokens': 10, 'gen_ai.usage.output_tokens': 16, 'gen_ai.request.model': 'gpt-4o' }
  const trace: SpanSpec[] = [
    { id: '1', scope, attributes: { 'gen_ai.operation.name': 'invoke_agent', ...tokens } },
    { id: '2', parent: '1', scope, attributes: { 'gen_ai.operation.name': 'agent_step' } },
    { id: '3', parent: '2', scope, attributes: { 'gen_ai.operation.name': 'chat', ...tokens } },
  ]
  for (const order of [trace, [...trace].reverse()]) {
    expect(usages(start().spans(order))).toEqual([{ input: 10, output: 16 }])
    const { spans } = start()
    expect(usages(order.flatMap((span) => spans([span])))).toEqual([{ input: 10, output: 16 }])
  }
})

test('Gemini CLI: thoughts stand beside output and are billed', () => {
  const [call] = logs([
    {
      service: 'gemini-cli',
      event: 'gemini_cli.api_response',
      attributes: {
        model: 'gemini-2.5-pro',
        input_token_count: 1000,
        cached_content_token_count: 400,
        output_token_count: 50,
        thoughts_token_count: 800,
        total_token_count: 1850,
      },
    },
  ])
  expect(call?.provider).toBe('gcp.gemini')
  expect(usages(call ? [call] : [])).toEqual([{ input: 600, cacheRead: 400, output: 50, reasoning: 800 }])
})

test('Logfire around the Claude Agent SDK: partial usage is never billed, the root is, once', () => {
  const scope = 'logfire.claude_agent_sdk'
  const calls = start().spans([
    {
      id: '2',
      parent: '1',
      scope,
      attributes: {
        'gen_ai.operation.name': 'chat',
        'gen_ai.request.model': 'claude-sonnet-4-5',
        'gen_ai.usage.partial.input_tokens': 12,
      },
    },
    {
      id: '1',
      scope,
      attributes: {
        'gen_ai.operation.name': 'invoke_agent',
        'gen_ai.request.model': 'claude-sonnet-4-5',
        'gen_ai.usage.input_tokens': 41000,
        'gen_ai.usage.output_tokens': 300,
        'gen_ai.usage.cache_read.input_tokens': 40000,
        'operation.cost': { double: 0.12 },
      },
    },
  ])
  expect(calls.map((c) => [c.bill, c.flags])).toEqual([
    ['not_billable', ['partial_usage']],
    ['billed', ['rollup_billed']],
  ])
  expect(usages(calls)).toEqual([{ input: 1000, cacheRead: 40000, output: 300 }])
  expect(calls[1]?.reportedPico).toBe(120_000_000_000)
})

test('LiteLLM client and proxy: one record, whichever comes first', () => {
  const id = { 'gen_ai.response.id': 'chatcmpl-X', 'gen_ai.usage.input_tokens': 500, 'gen_ai.usage.output_tokens': 20 }
  const client: SpanSpec = {
    id: '1',
    scope: 'openinference.instrumentation.litellm',
    attributes: {
      'openinference.span.kind': 'LLM',
      'llm.model_name': 'gpt-4o',
      'llm.token_count.prompt': 500,
      'llm.token_count.completion': 20,
      'gen_ai.response.id': 'chatcmpl-X',
    },
  }
  const server: SpanSpec = { id: '2', parent: '1', scope: 'litellm', attributes: { 'http.request.method': 'POST' } }
  const chat: SpanSpec = {
    id: '3',
    parent: '2',
    scope: 'litellm',
    attributes: {
      'gen_ai.operation.name': 'chat',
      'gen_ai.request.model': 'gpt-4o',
      'litellm.cost.total': { double: 0.0021 },
      ...id,
    },
  }
  for (const order of [
    [client, server, chat],
    [chat, server, client],
    [chat, client, server],
  ]) {
    const calls = start().spans(order)
    expect(usages(calls)).toEqual([{ input: 500, output: 20 }])
    expect(calls.find((c) => c.bill === 'billed')?.reportedPico).toBe(2_100_000_000)
    const { spans } = start()
    const total = order.flatMap((span) => spans([span])).filter((c) => c.bill === 'billed')
    expect(total.reduce((sum, c) => sum + (c.usage.input ?? 0), 0)).toBe(500)
  }
})

test('Codex: strings and integers, cached and reasoning inside, and once when sent twice', () => {
  const event: Log = {
    service: 'codex',
    event: 'codex.sse_event',
    attributes: {
      'event.kind': 'response.completed',
      model: 'gpt-5-codex',
      'conversation.id': 'c1',
      input_token_count: '226616',
      cached_token_count: 176640,
      output_token_count: '1670',
      reasoning_token_count: 529,
    },
  }
  const { feed } = start()
  expect(usages(logs([event, { ...event, attributes: { 'event.kind': 'response.created' } }], feed))).toEqual([
    { input: 49976, cacheRead: 176640, output: 1141, reasoning: 529 },
  ])
  expect(logs([event], feed).map((c) => c.bill)).toEqual(['duplicate'])
})

test('compaction is billed on top of the totals', () => {
  const calls = start().spans([
    {
      scope: 'com.anthropic.sdk.python',
      attributes: {
        'gen_ai.operation.name': 'chat',
        'gen_ai.usage.input_tokens': 5000,
        'gen_ai.usage.output_tokens': 200,
        'anthropic.usage.compaction.input_tokens': 180000,
        'anthropic.usage.compaction.output_tokens': 3000,
      },
    },
  ])
  expect(usages(calls)).toEqual([{ input: 185000, output: 3200 }])
})

test('Microsoft Agent Framework with Anthropic: the row says exclusive where the conventions would not', () => {
  const ask = (provider: string) =>
    usages(
      start().spans([
        {
          scope: 'agent_framework',
          attributes: {
            'gen_ai.operation.name': 'chat',
            'gen_ai.provider.name': provider,
            'gen_ai.request.model': 'm',
            'gen_ai.usage.input_tokens': 900,
            'gen_ai.usage.output_tokens': 5,
            'gen_ai.usage.cache_read.input_tokens': 400,
            'gen_ai.usage.cache_creation.input_tokens': 0,
          },
        },
      ]),
    )[0]
  expect(ask('anthropic')).toMatchObject({ input: 900, cacheRead: 400 })
  expect(ask('openai')).toMatchObject({ input: 500, cacheRead: 400 })
})

const agent = (id: string, parent?: string): SpanSpec => ({
  id,
  ...(parent === undefined ? {} : { parent }),
  attributes: {
    'gen_ai.operation.name': 'invoke_agent',
    'gen_ai.request.model': 'gpt-4o',
    'gen_ai.usage.input_tokens': 30,
    'gen_ai.usage.output_tokens': 3,
  },
})
const leaf = (id: string, parent: string): SpanSpec => ({
  ...agent(id, parent),
  attributes: { ...agent(id).attributes, 'gen_ai.operation.name': 'chat' },
})
const web: SpanSpec = { id: 'ff', attributes: { 'http.route': '/' } }

test('a roll-up is billed when nothing below it came within its grace, and taken back when something does after all', () => {
  const { host, spans } = start()
  expect(spans([agent('1')]).map((c) => c.bill)).toEqual(['rollup'])
  host.clock.advance(59_000)
  expect(spans([web])).toEqual([])
  host.clock.advance(2_000)
  const released = spans([web])
  expect(released.map((c) => [c.bill, c.item, c.flags, c.spanId])).toEqual([
    ['billed', -1, ['rollup_billed'], '0000000000000001'],
  ])
  expect(spans([web])).toEqual([])
  // The leaf comes an hour late: it counts, and what stood in for it is taken back.
  const late = spans([leaf('2', '1')])
  expect(late.map((c) => [c.usage.input, c.correctionOf !== undefined])).toEqual([
    [30, false],
    [-30, true],
  ])
})

test('of agents within agents only the innermost that reports usage is billed after its grace', () => {
  const { host, spans } = start()
  spans([agent('1'), agent('2', '1')])
  host.clock.advance(61_000)
  expect(spans([web]).map((c) => c.spanId)).toEqual(['0000000000000002'])
})

test('a roll-up with a call below it is never billed, and Strands agents not even without', () => {
  const { host, spans } = start()
  spans([agent('1')])
  spans([leaf('2', '1')])
  spans([{ ...agent('9'), trace: 'bb', scope: 'strands.telemetry.tracer' }])
  host.clock.advance(61_000)
  expect(spans([web])).toEqual([])
})

test('one signal of record per source: the other one is evidence, unless it is all there is', () => {
  const span: SpanSpec = {
    resource: { 'service.name': 'claude-code' },
    scope: 'com.anthropic.claude_code.tracing',
    name: 'claude_code.llm_request',
    attributes: {
      'gen_ai.request.model': 'claude-sonnet-4-5',
      input_tokens: 2,
      output_tokens: 9,
      cache_read_tokens: 50,
    },
  }
  expect(
    start()
      .spans([span])
      .map((c) => [c.bill, c.flags]),
  ).toEqual([['duplicate', ['other_signal_of_record']]])
  expect(usages(start({ signal_of_record: { claude_code: 'spans' } }).spans([span]))).toEqual([
    { input: 2, cacheRead: 50, output: 9 },
  ])
  const details: Log = {
    service: 'agent',
    event: 'gen_ai.client.inference.operation.details',
    attributes: {
      'gen_ai.operation.name': 'chat',
      'gen_ai.request.model': 'gpt-4o',
      'gen_ai.usage.input_tokens': 5,
      'gen_ai.usage.output_tokens': 1,
    },
  }
  expect(logs([details]).map((c) => c.bill)).toEqual(['duplicate'])
  expect(logs([{ service: 'agent', event: 'gen_ai.user.message', attributes: { 'gen_ai.system': 'openai' } }])).toEqual(
    [],
  )
})

test('what only a raw blob says is recovered; a broken or huge one is flagged and harms nothing', () => {
  const ask = (scope: string, values: AttributeValues) =>
    start().spans([{ scope, attributes: { 'gen_ai.request.model': 'm', ...values } }])[0]
  const raw = (blob: string) =>
    ask('logfire.anthropic', {
      'gen_ai.operation.name': 'chat',
      'gen_ai.usage.input_tokens': 1140,
      'gen_ai.usage.output_tokens': 7,
      'gen_ai.usage.raw': blob,
    })
  const good = raw(
    '{"input_tokens":100,"cache_read_input_tokens":1000,"cache_creation_input_tokens":40,"cache_creation":{"ephemeral_1h_input_tokens":40},"server_tool_use":{"web_search_requests":2}}',
  )
  expect(defined(good?.usage ?? {})).toEqual({
    input: 100,
    cacheRead: 1000,
    cacheWrite1h: 40,
    output: 7,
    other: { web_searches: 2 },
  })
  for (const blob of ['{"input_tokens":', '[]', '', `{"a":"${'x'.repeat(70_000)}"}`]) {
    expect(raw(blob)).toMatchObject({ bill: 'billed', usage: { input: 1140, output: 7 }, flags: ['blob_unreadable'] })
  }
  expect(
    defined(
      ask('langfuse-sdk', {
        'langfuse.observation.type': 'generation',
        'langfuse.observation.usage_details':
          '{"input":100,"input_cached_tokens":1000,"output":20,"output_reasoning_tokens":5,"total":1125}',
      })?.usage ?? {},
    ),
  ).toEqual({ input: 100, cacheRead: 1000, output: 20, reasoning: 5 })
  // User code that passes overlapping buckets is caught by its own total.
  expect(
    defined(
      ask('langfuse-sdk', {
        'langfuse.observation.type': 'generation',
        'langfuse.observation.usage_details': '{"input":1100,"input_cached_tokens":1000,"output":20,"total":1120}',
      })?.usage ?? {},
    ),
  ).toEqual({ input: 100, cacheRead: 1000, output: 20 })
})

test('a scope that contradicts its row is believed less from proof to proof', () => {
  const { spans } = start()
  const ask = (input: number) =>
    spans([
      {
        scope: 'opentelemetry.instrumentation.openai_v2',
        attributes: {
          'gen_ai.operation.name': 'chat',
          'gen_ai.provider.name': 'openai',
          'gen_ai.usage.input_tokens': input,
          'gen_ai.usage.output_tokens': 1,
          'gen_ai.usage.cache_read.input_tokens': 400,
        },
      },
    ]).map((c) => [c.usage.input, ...c.flags])[0]
  expect(ask(900)).toEqual([500])
  for (let i = 0; i < 3; i++) expect(ask(10)).toEqual([10, 'convention_contradicted'])
  expect(ask(900)).toEqual([900, 'convention_learned'])
})

test('a server that gives every answer the same id is found out', () => {
  const { spans } = start()
  const ask = (id: string, output: number) =>
    spans([
      {
        id,
        attributes: {
          'gen_ai.operation.name': 'chat',
          'gen_ai.request.model': 'm',
          'gen_ai.response.id': 'cmpl-0',
          'gen_ai.usage.input_tokens': 5,
          'gen_ai.usage.output_tokens': output,
        },
      },
    ])[0]?.bill
  expect([1, 2, 3, 4].map((n) => ask(`${n}`, n))).toEqual(['billed', 'billed', 'billed', 'billed'])
  expect(ask('5', 1)).toBe('billed')
})

test('a wrapper that was billed first gives its response id back to the call it wraps', () => {
  const id = { 'gen_ai.response.id': 'msg_1' }
  const { spans } = start()
  const with_ = (span: SpanSpec): SpanSpec => ({ ...span, attributes: { ...span.attributes, ...id } })
  const all = [
    with_(leaf('1', 'a0')),
    with_(leaf('2', '1')),
    with_(leaf('2', '1')),
    { ...with_(leaf('7', 'b0')), trace: 'bb' },
  ]
  const calls = all.flatMap((span) => spans([span])).filter((c) => c.bill === 'billed')
  expect(calls.map((c) => c.usage.input)).toEqual([30, 30, -30])
})

test('an id that only the wrapper has joins the call to its gateway span', () => {
  const { spans } = start()
  const id = { 'gen_ai.response.id': 'chatcmpl-9' }
  expect(spans([leaf('2', '1')]).map((c) => c.bill)).toEqual(['billed'])
  const wrapper = { ...leaf('1', 'a0'), attributes: { ...leaf('1', 'a0').attributes, ...id } }
  expect(spans([wrapper]).map((c) => c.bill)).toEqual(['rollup'])
  expect(spans([{ ...wrapper, id: '5', trace: 'bb' }]).map((c) => c.bill)).toEqual(['duplicate'])
})

test('two instrumentations beside each other are one call; a counter that only grows is suspected', () => {
  const sibling = (id: string, scope: string, n: number, start = 0): SpanSpec => ({
    id,
    parent: 'a0',
    scope,
    start,
    attributes: {
      'gen_ai.operation.name': 'chat',
      'gen_ai.request.model': 'm',
      'gen_ai.usage.input_tokens': n,
      'gen_ai.usage.output_tokens': n,
    },
  })
  const bills = (list: SpanSpec[]) =>
    start()
      .spans(list)
      .map((c) => [c.bill, ...c.flags])
  expect(bills([sibling('1', 'a', 7), sibling('2', 'b', 7, 20)])).toEqual([
    ['billed'],
    ['duplicate', 'sibling_duplicate'],
  ])
  expect(bills([sibling('1', 'a', 7), sibling('2', 'a', 7, 20)])).toEqual([['billed'], ['billed']])
  expect(bills([10, 20, 30, 40].map((n, i) => sibling(`${i + 1}`, 'a', n, i * 1000))).at(-1)).toEqual([
    'billed',
    'cumulative_suspect',
  ])
})

test('attributes of any type at any place are no reason to throw', () => {
  const values: AttributeValues[string][] = ['', 'NaN', -1, { double: 1.5e300 }, true, ['a'], { double: Number.NaN }]
  const keys = [
    'gen_ai.operation.name',
    'gen_ai.provider.name',
    'gen_ai.request.model',
    'gen_ai.usage.input_tokens',
    'gen_ai.usage.output_tokens',
    'gen_ai.usage.cache_read.input_tokens',
    'gen_ai.response.id',
    'langfuse.observation.usage_details',
    'openinference.span.kind',
    'error.type',
  ]
  const { spans } = start()
  for (const key of keys) {
    for (const value of values) {
      for (const scope of ['', 'ai', 'langfuse-sdk', 'strands.x', 'com.anthropic.sdk.go']) {
        const calls = spans([
          { scope, attributes: { 'gen_ai.operation.name': 'chat', 'gen_ai.usage.input_tokens': 3, [key]: value } },
        ])
        for (const call of calls) expect(call.usage.input === undefined || call.usage.input >= 0).toBe(true)
      }
    }
  }
})
