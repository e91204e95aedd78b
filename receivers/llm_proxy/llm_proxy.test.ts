import Anthropic from '@anthropic-ai/sdk'
import OpenAI from 'openai'
import { messageEvents } from '../../examples/provider/anthropic.ts'
import { chatEvents, responsesEvents } from '../../examples/provider/openai.ts'
import { type ProviderApi, type Script, type Settled, settle } from '../../examples/provider/script.ts'
import { WholeAnswer } from './answer-body.ts'
import { ALLOW, KILL, type Stage, type StageOptions, stage, THROTTLE } from './testing/harness.ts'
import { rawServer, until } from './testing/raw-server.ts'
import { OpenAiReader } from './usage-openai.ts'

let on: Stage
const attributesOf = ({ pipeline }: Stage): Record<string, unknown> => ({ ...pipeline.spans[0]?.attributes })

async function start(options: StageOptions = {}): Promise<{ openai: OpenAI; anthropic: Anthropic }> {
  on = await stage(options)
  return {
    openai: new OpenAI({ baseURL: `${on.url}/openai/v1`, apiKey: 'key' }),
    anthropic: new Anthropic({ baseURL: `${on.url}/anthropic`, apiKey: 'key' }),
  }
}
afterEach(() => on?.stop())

const MESSAGES = [{ role: 'user' as const, content: 'Say hello.' }]
const WEATHER = { name: 'weather', arguments: { city: 'Oslo' } }
const USAGE = { input: 100, cacheRead: 900, output: 20, reasoning: 30 }

/** The attributes of the only span, without the ones that every span has. */
function onlySpan(): Record<string, unknown> {
  expect(on.pipeline.spans).toHaveLength(1)
  const {
    'server.address': _,
    'tokenfuse.run.id': __,
    'tokenfuse.agent': ___,
    ...rest
  } = on.pipeline.spans[0]?.attributes ?? {}
  return rest
}

const CHAT_SPAN = {
  'gen_ai.operation.name': 'chat',
  'gen_ai.provider.name': 'openai',
  'gen_ai.request.model': 'gpt-5',
  'gen_ai.response.model': 'gpt-5-2025-08-07',
  'gen_ai.response.id': expect.stringMatching(/^chatcmpl-/),
  'gen_ai.response.finish_reasons': ['stop'],
  'openai.response.service_tier': 'flex',
  'gen_ai.usage.input_tokens': 1000,
  'gen_ai.usage.output_tokens': 50,
  'gen_ai.usage.cache_read.input_tokens': 900,
  'gen_ai.usage.reasoning.output_tokens': 30,
  'http.response.status_code': 200,
  'tokenfuse.proxy.upstream': 'openai',
}
const chatReply: Script = () => ({
  text: 'Hello there, how are you?',
  usage: USAGE,
  model: 'gpt-5-2025-08-07',
  serviceTier: 'flex',
})

describe('official clients are counted exactly', () => {
  test('OpenAI chat', async () => {
    const { openai } = await start({ respond: chatReply })
    const answer = await openai.chat.completions.create({
      model: 'gpt-5',
      messages: MESSAGES,
      max_completion_tokens: 99,
    })
    expect(answer.choices[0]?.message.content).toBe('Hello there, how are you?')
    expect(onlySpan()).toEqual({ ...CHAT_SPAN, 'gen_ai.request.max_tokens': 99 })
    expect(on.provider.requests[0]?.headers).toMatchObject({
      authorization: 'Bearer key',
      'accept-encoding': 'identity',
    })
  })

  test('OpenAI chat stream: the client that did not ask for usage gets none, and is counted all the same', async () => {
    const { openai } = await start({ respond: chatReply })
    const chunks = []
    for await (const chunk of await openai.chat.completions.create({
      model: 'gpt-5',
      messages: MESSAGES,
      stream: true,
    }))
      chunks.push(chunk)
    expect(chunks.map((c) => c.choices[0]?.delta.content ?? '').join('')).toBe('Hello there, how are you?')
    expect(chunks.filter((c) => c.choices.length === 0)).toEqual([])
    expect(on.provider.requests[0]?.body['stream_options']).toEqual({ include_usage: true })
    expect(onlySpan()).toEqual(CHAT_SPAN)
  })

  test('OpenAI chat stream: the client that asked gets what it asked for', async () => {
    const { openai } = await start({ respond: chatReply })
    const options = { include_usage: true, include_obfuscation: false }
    const stream = await openai.chat.completions.create({
      model: 'gpt-5',
      messages: MESSAGES,
      stream: true,
      stream_options: options,
    })
    const chunks = []
    for await (const chunk of stream) chunks.push(chunk)
    expect(chunks.at(-1)?.usage?.prompt_tokens).toBe(1000)
    expect(on.provider.requests[0]?.body['stream_options']).toEqual(options)
    expect(onlySpan()).toEqual(CHAT_SPAN)
  })

  test('other stream options stay as they are', async () => {
    const { openai } = await start({ respond: chatReply })
    const options = { include_obfuscation: false }
    const stream = await openai.chat.completions.create({
      model: 'gpt-5',
      messages: MESSAGES,
      stream: true,
      stream_options: options,
    })
    for await (const chunk of stream) expect(chunk.choices).not.toEqual([])
    expect(on.provider.requests[0]?.body['stream_options']).toEqual({ include_obfuscation: false, include_usage: true })
    expect(onlySpan()).toEqual(CHAT_SPAN)
  })

  test('OpenAI tool calls, streamed by the helper', async () => {
    const { openai } = await start({ respond: () => ({ toolCalls: [WEATHER], usage: USAGE }) })
    const final = await openai.chat.completions.stream({ model: 'gpt-5', messages: MESSAGES }).finalChatCompletion()
    expect(final.choices[0]?.message.tool_calls?.[0]).toMatchObject({
      function: { name: 'weather', arguments: '{"city":"Oslo"}' },
    })
    expect(onlySpan()).toMatchObject({
      'gen_ai.response.finish_reasons': ['tool_calls'],
      'gen_ai.usage.output_tokens': 50,
    })
  })

  const RESPONSES_SPAN = {
    'gen_ai.operation.name': 'chat',
    'gen_ai.response.id': expect.stringMatching(/^resp_/),
    'gen_ai.response.finish_reasons': ['completed'],
    'gen_ai.usage.input_tokens': 1007,
    'gen_ai.usage.cache_read.input_tokens': 900,
    'gen_ai.usage.cache_write.input_tokens': 7,
    'gen_ai.usage.output_tokens': 50,
    'gen_ai.usage.reasoning.output_tokens': 30,
    'tokenfuse.proxy.web_searches': 2,
  }
  const responsesReply: Script = () => ({
    text: 'Hello',
    toolCalls: [WEATHER],
    usage: { ...USAGE, cacheWrite5m: 7, webSearches: 2 },
  })

  test('OpenAI responses', async () => {
    const { openai } = await start({ respond: responsesReply })
    const answer = await openai.responses.create({ model: 'gpt-5', input: 'Say hello.', max_output_tokens: 5 })
    expect(answer.output_text).toBe('Hello')
    expect(onlySpan()).toMatchObject({ ...RESPONSES_SPAN, 'gen_ai.request.max_tokens': 5 })
  })

  test('OpenAI responses stream', async () => {
    const { openai } = await start({ respond: responsesReply })
    const final = await openai.responses.stream({ model: 'gpt-5', input: 'Say hello.' }).finalResponse()
    expect(final.output_text).toBe('Hello')
    expect(onlySpan()).toMatchObject(RESPONSES_SPAN)
  })

  test('OpenAI embeddings', async () => {
    const { openai } = await start({ respond: () => ({ usage: { input: 8, output: 0 } }) })
    const answer = await openai.embeddings.create({ model: 'text-embedding-3-small', input: ['a', 'b'] })
    expect(answer.data).toHaveLength(2)
    expect(onlySpan()).toEqual({
      'gen_ai.operation.name': 'embeddings',
      'gen_ai.provider.name': 'openai',
      'gen_ai.request.model': 'text-embedding-3-small',
      'gen_ai.response.model': 'text-embedding-3-small',
      'gen_ai.usage.input_tokens': 8,
      'http.response.status_code': 200,
      'tokenfuse.proxy.upstream': 'openai',
    })
  })

  const MESSAGE_SPAN = {
    'gen_ai.operation.name': 'chat',
    'gen_ai.provider.name': 'anthropic',
    'gen_ai.request.model': 'claude-sonnet-5',
    'gen_ai.request.max_tokens': 64,
    'gen_ai.response.model': 'claude-sonnet-5',
    'gen_ai.response.id': expect.stringMatching(/^msg_01/),
    'gen_ai.response.finish_reasons': ['tool_use'],
    'anthropic.response.service_tier': 'priority',
    'anthropic.response.speed': 'standard',
    'anthropic.response.inference_geo': 'not_available',
    'gen_ai.usage.input_tokens': 1060,
    'gen_ai.usage.output_tokens': 50,
    'gen_ai.usage.cache_read.input_tokens': 900,
    'gen_ai.usage.cache_write.input_tokens': 60,
    'anthropic.usage.cache_creation.ephemeral_5m_input_tokens': 10,
    'anthropic.usage.cache_creation.ephemeral_1h_input_tokens': 50,
    'gen_ai.usage.reasoning.output_tokens': 30,
    'http.response.status_code': 200,
    'tokenfuse.proxy.upstream': 'anthropic',
  }
  const messageReply: Script = () => ({
    text: 'Let me look.',
    toolCalls: [WEATHER],
    usage: { ...USAGE, cacheWrite5m: 10, cacheWrite1h: 50 },
    serviceTier: 'priority',
  })
  const ASK = { model: 'claude-sonnet-5', max_tokens: 64, messages: MESSAGES }

  test('Anthropic messages', async () => {
    const { anthropic } = await start({ respond: messageReply })
    const answer = await anthropic.messages.create(ASK)
    expect(answer.content.map((block) => block.type)).toEqual(['text', 'tool_use'])
    expect(onlySpan()).toEqual(MESSAGE_SPAN)
  })

  test('Anthropic message stream', async () => {
    const { anthropic } = await start({ respond: messageReply })
    const answer = await anthropic.messages.stream(ASK).finalMessage()
    expect(answer.content[1]).toMatchObject({ type: 'tool_use', input: { city: 'Oslo' } })
    expect(onlySpan()).toEqual(MESSAGE_SPAN)
  })

  test('counting tokens is free: no budget, no span', async () => {
    const { anthropic } = await start({ respond: () => ({ usage: { input: 14, output: 0 } }) })
    const answer = await anthropic.messages.countTokens({ model: 'claude-sonnet-5', messages: MESSAGES })
    expect(answer.input_tokens).toBe(14)
    expect(on.pipeline.spans).toEqual([])
    expect(on.ledger.reserved).toEqual([])
  })
})

describe('a refused call', () => {
  test('is one request, a typed error, and never reaches the provider (OpenAI)', async () => {
    const { openai } = await start()
    on.ledger.decide = () => KILL
    const error = await openai.chat.completions.create({ model: 'gpt-5', messages: MESSAGES }).catch((e: unknown) => e)
    expect(error).toBeInstanceOf(OpenAI.APIError)
    expect(error).toMatchObject({
      status: 402,
      code: 'insufficient_quota',
      type: 'insufficient_quota',
      message: expect.stringContaining('run-cap'),
    })
    expect(on.host.metric('tokenfuse_proxy_requests_total', 'openai', '402')).toBe(1)
    expect(on.host.metric('tokenfuse_refused_calls_total', 'run_cap')).toBe(1)
    expect(on.provider.count).toBe(0)
    expect(on.pipeline.spans).toEqual([])
  })

  test('is one request, a typed error, and never reaches the provider (Anthropic)', async () => {
    const { anthropic } = await start()
    on.ledger.decide = () => KILL
    const error = await anthropic.messages
      .create({ model: 'm', max_tokens: 1, messages: MESSAGES })
      .catch((e: unknown) => e)
    expect(error).toMatchObject({ status: 402, type: 'billing_error', requestID: expect.stringMatching(/^req_tf_/) })
    expect((error as Error).constructor.name).toBe('PaymentRequiredError')
    expect(on.host.metric('tokenfuse_proxy_requests_total', 'anthropic', '402')).toBe(1)
    expect(on.provider.count).toBe(0)
  })

  test('of an upstream that nobody reads has that shape', async () => {
    await start()
    on.ledger.decide = () => KILL
    const post = async (path: string): Promise<unknown> => {
      const answer = await fetch(on.url + path, { method: 'POST', body: '{}' })
      expect([answer.status, answer.headers.get('x-should-retry'), answer.headers.get('retry-after')]).toEqual([
        402,
        'false',
        null,
      ])
      return answer.json()
    }
    expect(await post('/gemini/v1beta/models/gemini-2.5-pro:generateContent')).toMatchObject({
      error: { code: 402, status: 'FAILED_PRECONDITION' },
    })
    expect(await post('/plain/anything')).toEqual({ message: expect.stringContaining('Tokenfuse stopped this call') })
  })

  test('that is only to wait is 429 with a Retry-After that no client chokes on', async () => {
    await start()
    on.ledger.decide = () => THROTTLE
    const answer = await fetch(`${on.url}/openai/v1/chat/completions`, { method: 'POST', body: '{}' })
    expect(answer.status).toBe(429)
    expect(answer.headers.get('retry-after')).toBe('60')
    expect(await answer.json()).toMatchObject({ error: { code: 'rate_limit_exceeded' } })
    expect(on.provider.count).toBe(0)
  })

  test('says so even while a large body is still on its way', async () => {
    await start()
    on.ledger.decide = () => KILL
    const answer = await fetch(`${on.url}/openai/v1/chat/completions`, {
      method: 'POST',
      body: Buffer.alloc(8 * 1024 * 1024, 'x'),
    })
    expect(answer.status).toBe(402)
  })

  test('does not exist without a ledger', async () => {
    const { openai } = await start({ withLedger: false })
    await openai.chat.completions.create({ model: 'gpt-5', messages: MESSAGES })
    expect(on.pipeline.spans).toHaveLength(1)
  })
})

describe('budgets are exact', () => {
  test('money is held back while a call is under way, and given back when its span was processed', async () => {
    const { openai } = await start()
    const order: string[] = []
    on.pipeline.onSpan = () => order.push(`span with ${on.ledger.released.length} released`)
    await openai.chat.completions.create(
      { model: 'gpt-5', messages: MESSAGES },
      { headers: { 'x-tokenfuse-run': 'r1', 'x-tokenfuse-customer': 'acme' } },
    )
    expect(on.ledger.reserved).toEqual([
      {
        id: 'hold-1',
        subject: { run: 'r1', customer: 'acme', agent: 'tokenfuse-proxy' },
        nano: 50_000_000n,
        ttlMs: 900_000,
      },
    ])
    expect(order).toEqual(['span with 0 released'])
    expect(on.ledger.released).toEqual(['hold-1'])
  })

  /** Each leaves its stream at the first moment at which the answer is whole. The provider never ends it. */
  const STREAMS: readonly (readonly [string, (openai: OpenAI, anthropic: Anthropic) => Promise<void>])[] = [
    [
      'chat',
      async (openai) => {
        const stream = await openai.chat.completions.create({ model: 'gpt-5', messages: MESSAGES, stream: true })
        await Promise.race([
          stream.toReadableStream().pipeTo(new WritableStream()),
          until(() => on.pipeline.spans.length > 0),
        ])
      },
    ],
    [
      'responses',
      async (openai) => {
        for await (const event of await openai.responses.create({ model: 'gpt-5', input: 'x', stream: true }))
          if (event.type === 'response.completed') break
      },
    ],
    [
      'messages',
      async (_, anthropic) => {
        for await (const event of await anthropic.messages.create({
          model: 'c',
          max_tokens: 9,
          messages: MESSAGES,
          stream: true,
        }))
          if (event.type === 'message_stop') break
      },
    ],
  ]

  test.each(STREAMS)(
    'the next call of a run finds the last one settled, though its stream is still open: %s',
    async (api, call) => {
      const request = {
        number: 1,
        api: api as ProviderApi,
        path: '',
        headers: {},
        body: { stream_options: { include_usage: true } },
        stream: true,
        model: 'm',
      }
      const write: Record<string, (settled: Settled) => readonly string[]> = {
        chat: chatEvents,
        responses: responsesEvents,
        messages: messageEvents,
      }
      const events = write[api]?.(settle(request, { text: 'x' }, 0)) ?? []
      const endless = await rawServer((res) =>
        res.writeHead(200, { 'content-type': 'text/event-stream' }).write(events.join('')),
      )
      const { openai, anthropic } = await start({ upstreamUrl: endless.url })
      // The cap is one call: whoever could make a second one has found a hole.
      on.ledger.decide = () => (on.pipeline.spans.length === 0 ? ALLOW : KILL)
      await call(openai, anthropic)
      await expect(call(openai, anthropic)).rejects.toMatchObject({ status: 402 })
      expect(endless.bodies).toHaveLength(1)
      expect(attributesOf(on)['gen_ai.usage.output_tokens']).toBe(1)
      await endless.stop()
    },
  )

  test('a whole answer is not whole for the client before it is settled', () => {
    const body = new WholeAnswer(new OpenAiReader())
    const parts = [Buffer.from('{"usage":{"prompt_tokens":1,'), Buffer.from('"completion_tokens":2}}')] as const
    expect(body.push(parts[0])).toEqual([])
    expect(body.push(parts[1])).toEqual([parts[0]])
    expect(body.end()).toEqual([parts[1]])
  })

  test('a span that the pipeline refuses is kept, with its money held back, until it is taken', async () => {
    const { openai } = await start()
    on.pipeline.answer = () => ({ kind: 'refused', message: 'full', retryAfterMs: 700 })
    await openai.chat.completions.create({ model: 'gpt-5', messages: MESSAGES })
    expect([on.pipeline.spans.length, on.ledger.released.length]).toEqual([0, 0])
    on.host.clock.advance(600)
    on.pipeline.answer = () => ({ kind: 'accepted' })
    expect(on.pipeline.spans).toHaveLength(0)
    on.host.clock.advance(100)
    expect([on.pipeline.spans.length, on.ledger.released.length]).toEqual([1, 1])
    expect(on.host.metric('tokenfuse_proxy_spans_total', 'refused')).toBe(1)
    expect(on.host.metric('tokenfuse_proxy_spans_total', 'accepted')).toBe(1)
  })

  test('spans that cannot be handed on count against max_in_flight, so that nothing goes uncounted', async () => {
    await start({ settings: { max_in_flight: 1 } })
    on.pipeline.answer = () => ({ kind: 'refused', message: 'full' })
    const call = (): Promise<Response> =>
      fetch(`${on.url}/openai/v1/chat/completions`, { method: 'POST', body: '{"model":"m"}' })
    expect((await (await call()).json()) as object).toMatchObject({ object: 'chat.completion' })
    const second = await call()
    expect([second.status, second.headers.get('retry-after')]).toEqual([429, '1'])
    on.pipeline.answer = () => ({ kind: 'accepted' })
    on.host.clock.advance(1000)
    expect((await call()).status).toBe(200)
    expect(on.host.metric('tokenfuse_refused_calls_total', 'overloaded')).toBe(1)
  })
})

describe('spans', () => {
  test('join the trace of the agent, and the provider sees ours as its parent', async () => {
    const { openai } = await start()
    const trace = '4bf92f3577b34da6a3ce929d0e0e4736'
    await openai.chat.completions.create(
      { model: 'gpt-5', messages: MESSAGES },
      {
        headers: {
          traceparent: `00-${trace}-00f067aa0ba902b7-01`,
          baggage: 'tokenfuse.agent=planner,session.id=s1,user.id=u1',
          'x-tokenfuse-tag-team': 'blue',
          'x-stainless-retry-count': '2',
        },
      },
    )
    const span = on.pipeline.spans[0]
    expect(span).toMatchObject({
      scope: 'tokenfuse.llm_proxy',
      service: 'tokenfuse-proxy',
      name: 'chat gpt-5',
      kind: 3,
      traceId: trace,
      parentId: '00f067aa0ba902b7',
      startMs: on.host.clock.now(),
      endMs: on.host.clock.now(),
      attributes: {
        'tokenfuse.run.id': trace,
        'tokenfuse.agent': 'planner',
        'tokenfuse.tag.team': 'blue',
        'session.id': 's1',
        'user.id': 'u1',
        'http.request.resend_count': 2,
      },
    })
    const { headers } = on.provider.requests[0] ?? {}
    expect(headers?.['traceparent']).toBe(`00-${trace}-${span?.spanId}-01`)
    expect(headers?.['baggage']).toBe('session.id=s1,user.id=u1')
    expect(Object.keys(headers ?? {}).filter((name) => name.startsWith('x-tokenfuse'))).toEqual([])
  })

  test('a provider that is not read yet is counted without usage, loudly', async () => {
    await start({ respond: () => ({ text: 'x' }) })
    const answer = await fetch(`${on.url}/plain/v1/messages`, {
      method: 'POST',
      body: '{"model":"some-model","messages":[]}',
    })
    expect(await answer.json()).toMatchObject({ type: 'message' })
    expect(onlySpan()).toEqual({
      'gen_ai.operation.name': 'chat',
      'gen_ai.provider.name': 'acme',
      'gen_ai.request.model': 'some-model',
      'http.response.status_code': 200,
      'tokenfuse.proxy.upstream': 'plain',
      'tokenfuse.proxy.flags': ['usage_missing'],
    })
    expect(on.host.metric('tokenfuse_proxy_usage_missing_total', 'plain')).toBe(1)
  })

  test("a provider's own refusal passes unchanged and has used nothing", async () => {
    const { openai } = await start({
      respond: () => ({
        status: 429,
        errorType: 'requests',
        errorMessage: 'slow',
        headers: { 'x-should-retry': 'false' },
      }),
    })
    const error = await openai.chat.completions.create({ model: 'gpt-5', messages: MESSAGES }).catch((e: unknown) => e)
    expect(error).toMatchObject({ status: 429, type: 'requests' })
    expect(onlySpan()).toEqual({
      'gen_ai.operation.name': 'chat',
      'gen_ai.provider.name': 'openai',
      'gen_ai.request.model': 'gpt-5',
      'http.response.status_code': 429,
      'error.type': 'requests',
      'tokenfuse.proxy.upstream': 'openai',
    })
    expect(on.pipeline.spans[0]?.statusCode).toBe(2)
    expect(on.ledger.released).toEqual(['hold-1'])
  })
})

describe('the proxy as a server', () => {
  test('says what it knows when nothing is at a path', async () => {
    await start()
    const answer = await fetch(`${on.url}/nowhere/v1/chat/completions`, { method: 'POST', body: '{}' })
    expect(answer.status).toBe(404)
    expect(await answer.json()).toMatchObject({ error: { message: expect.stringContaining('/openai') } })
  })

  test('refuses web pages unless they are allowed', async () => {
    await start()
    const headers = { origin: 'https://evil.example' }
    const refused = await fetch(`${on.url}/openai/v1/chat/completions`, {
      method: 'POST',
      body: '{"model":"m"}',
      headers,
    })
    expect([refused.status, on.provider.count]).toEqual([403, 0])
    await on.stop()
    await start({ settings: { allow_browser: true } })
    const allowed = await fetch(`${on.url}/openai/v1/chat/completions`, {
      method: 'POST',
      body: '{"model":"m"}',
      headers,
    })
    expect(allowed.status).toBe(200)
  })

  test('sets the headers that an upstream is configured with', async () => {
    await start({ upstream: { headers: { Authorization: 'Bearer from-config' } } })
    await fetch(`${on.url}/openai/v1/chat/completions`, {
      method: 'POST',
      body: '{"model":"m"}',
      headers: { authorization: 'Bearer agent' },
    })
    expect(on.provider.requests[0]?.headers['authorization']).toBe('Bearer from-config')
  })

  test('does not start without a pipeline that would count the calls', async () => {
    await start()
    const { LlmProxy } = await import('./llm_proxy.ts')
    const { DEFAULTS } = await import('./testing/harness.ts')
    await expect(new LlmProxy(DEFAULTS, on.host, {}).start()).rejects.toThrow('no traces pipeline takes from it')
  })

  test('does not start on a port that is taken, and says which', async () => {
    await start()
    const { LlmProxy } = await import('./llm_proxy.ts')
    const { DEFAULTS } = await import('./testing/harness.ts')
    const second = new LlmProxy({ ...DEFAULTS, endpoint: `127.0.0.1:${on.proxy.port}` }, on.host, {
      traces: on.pipeline,
    })
    await expect(second.start()).rejects.toThrow(`cannot listen on 127.0.0.1:${on.proxy.port}`)
    await second.shutdown()
    await second.shutdown()
  })
})
