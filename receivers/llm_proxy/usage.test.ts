import type { Usage } from '../../genai/usage.ts'
import { AnthropicReader, anthropicUsage } from './usage-anthropic.ts'
import { OpenAiReader, openAiUsage } from './usage-openai.ts'

/** Compares what is known; buckets that are undefined are absent. */
const known = (usage: Usage | undefined): unknown =>
  usage === undefined ? undefined : JSON.parse(JSON.stringify(usage))

test('OpenAI totals come apart into what is billed differently', () => {
  const check = (raw: object, want: Usage | undefined, flags: string[] = [], makesImages = false): void => {
    const found: string[] = []
    expect(known(openAiUsage(raw as Record<string, unknown>, makesImages, found))).toEqual(want)
    expect(found).toEqual(flags)
  }
  // Chat, with cache and reasoning.
  check(
    {
      prompt_tokens: 1000,
      completion_tokens: 300,
      total_tokens: 1300,
      prompt_tokens_details: { cached_tokens: 600, audio_tokens: 0 },
      completion_tokens_details: { reasoning_tokens: 250, audio_tokens: 0 },
    },
    { input: 400, cacheRead: 600, output: 50, reasoning: 250 },
  )
  // Responses, with cache writes.
  check(
    {
      input_tokens: 1000,
      input_tokens_details: { cached_tokens: 100, cache_write_tokens: 700 },
      output_tokens: 20,
      output_tokens_details: { reasoning_tokens: 0 },
      total_tokens: 1020,
    },
    { input: 200, cacheRead: 100, cacheWrite: 700, output: 20, reasoning: 0 },
  )
  // Embeddings have no output: unknown, not 0.
  check({ prompt_tokens: 8, total_tokens: 8 }, { input: 8 })
  // xAI's chat adds reasoning to completion_tokens; its total proves it.
  check(
    { prompt_tokens: 10, completion_tokens: 5, total_tokens: 35, completion_tokens_details: { reasoning_tokens: 20 } },
    { input: 10, output: 5, reasoning: 20 },
  )
  // DeepSeek names its cache hits at the top.
  check(
    { prompt_tokens: 100, completion_tokens: 1, prompt_cache_hit_tokens: 64 },
    { input: 36, cacheRead: 64, output: 1 },
  )
  // Audio in and out.
  check(
    {
      prompt_tokens: 30,
      completion_tokens: 50,
      prompt_tokens_details: { audio_tokens: 20 },
      completion_tokens_details: { audio_tokens: 40 },
    },
    { input: 10, output: 10, other: { input_audio: 20, output_audio: 40 } },
  )
  // Pictures: all output is picture.
  check(
    { input_tokens: 50, output_tokens: 4000, input_tokens_details: { text_tokens: 10, image_tokens: 40 } },
    { input: 10, output: 0, other: { input_image: 40, output_image: 4000 } },
    [],
    true,
  )
  // Parts larger than their total.
  check(
    { prompt_tokens: 10, completion_tokens: 1, prompt_tokens_details: { cached_tokens: 30 } },
    { input: 0, cacheRead: 30, output: 1 },
    ['clamped'],
  )
  // Nothing that is no count is taken for one.
  check({ prompt_tokens: '10', completion_tokens: -1 }, undefined)
  check({ prompt_tokens: 1.5, completion_tokens: 3 }, { output: 3 })
  check({}, undefined)
})

test('Anthropic counts stand beside each other already', () => {
  const check = (raw: object, want: Usage, flags: string[] = []): void => {
    const found: string[] = []
    expect(known(anthropicUsage(raw as Record<string, unknown>, found))).toEqual(want)
    expect(found).toEqual(flags)
  }
  check(
    {
      input_tokens: 2,
      cache_creation_input_tokens: 7096,
      cache_read_input_tokens: 84562,
      cache_creation: { ephemeral_5m_input_tokens: 96, ephemeral_1h_input_tokens: 7000 },
      output_tokens: 1200,
      output_tokens_details: { thinking_tokens: 1000 },
      server_tool_use: { web_search_requests: 3, web_fetch_requests: 1 },
    },
    {
      input: 2,
      cacheRead: 84562,
      cacheWrite5m: 96,
      cacheWrite1h: 7000,
      output: 200,
      reasoning: 1000,
      other: { web_searches: 3 },
    },
  )
  check({ input_tokens: 2, output_tokens: 3, cache_creation_input_tokens: 50 }, { input: 2, output: 3, cacheWrite: 50 })
  check(
    {
      input_tokens: 2,
      output_tokens: 3,
      cache_creation_input_tokens: 50,
      cache_creation: { ephemeral_5m_input_tokens: 40, ephemeral_1h_input_tokens: 0 },
    },
    { input: 2, output: 3, cacheWrite: 10, cacheWrite5m: 40, cacheWrite1h: 0 },
  )
  check(
    { input_tokens: 2, output_tokens: 3, output_tokens_details: { thinking_tokens: 9 } },
    { input: 2, output: 0, reasoning: 9 },
    ['clamped'],
  )
})

test('a streamed message: later counts replace earlier ones, nulls do not', () => {
  const reader = new AnthropicReader()
  reader.event('message_start', {
    type: 'message_start',
    message: {
      id: 'msg_1',
      model: 'claude-sonnet-4-5-20250929',
      usage: {
        input_tokens: 100,
        output_tokens: 1,
        cache_read_input_tokens: 5,
        cache_creation: { ephemeral_5m_input_tokens: 7, ephemeral_1h_input_tokens: 0 },
        cache_creation_input_tokens: 7,
        service_tier: 'priority',
        speed: 'fast',
        inference_geo: 'us',
      },
    },
  })
  expect(known(reader.answer().usage)).toEqual({ input: 100, cacheRead: 5, cacheWrite5m: 7, cacheWrite1h: 0 })
  reader.event('content_block_delta', { type: 'content_block_delta', delta: { type: 'text_delta', text: 'héllo' } })
  reader.event('content_block_delta', {
    type: 'content_block_delta',
    delta: { type: 'thinking_delta', thinking: 'hm' },
  })
  expect(reader.textBytes).toBe(8)
  expect(reader.generated).toBe(false)
  reader.event('message_delta', {
    type: 'message_delta',
    delta: { stop_reason: 'end_turn' },
    usage: { input_tokens: null, output_tokens: 40, cache_read_input_tokens: 9 },
  })
  expect([reader.generated, reader.complete]).toEqual([true, false])
  reader.event('message_stop', { type: 'message_stop' })
  expect(reader.complete).toBe(true)
  expect(reader.answer()).toMatchObject({
    id: 'msg_1',
    model: 'claude-sonnet-4-5-20250929',
    serviceTier: 'priority',
    speed: 'fast',
    inferenceGeo: 'us',
    finishReasons: ['end_turn'],
    usage: { input: 100, cacheRead: 9, cacheWrite5m: 7, output: 40 },
  })
})

test('compaction is told apart from the totals, and an advisor is flagged', () => {
  const reader = new AnthropicReader()
  const usage = {
    input_tokens: 5000,
    output_tokens: 200,
    iterations: [
      { type: 'message', input_tokens: 5000, output_tokens: 200 },
      {
        type: 'compaction',
        input_tokens: 170_000,
        cache_read_input_tokens: 10_000,
        cache_creation_input_tokens: 0,
        output_tokens: 3000,
      },
      { type: 'advisor_message', model: 'claude-opus-4-5', input_tokens: 10, output_tokens: 10 },
    ],
  }
  reader.body((name) => ({ id: 'msg_2', usage })[name])
  const { usage: read, compaction, flags } = reader.answer()
  expect(known(read)).toEqual({ input: 5000, output: 200 })
  expect(compaction).toEqual({ input: 180_000, output: 3000 })
  expect(flags).toEqual(['advisor_missing'])
})

test('built-in tools of the Responses API are counted per call that is billed', () => {
  const reader = new OpenAiReader()
  const output = [
    { type: 'web_search_call', action: { type: 'search' } },
    { type: 'web_search_call', action: { type: 'open_page' } },
    { type: 'web_search_call' },
    { type: 'file_search_call' },
    { type: 'message', content: [] },
  ]
  const response = {
    id: 'resp_1',
    model: 'gpt-5',
    status: 'completed',
    service_tier: 'flex',
    usage: { input_tokens: 1, output_tokens: 2 },
    output,
  }
  reader.event('response.completed', { type: 'response.completed', response })
  expect(reader.answer()).toMatchObject({
    id: 'resp_1',
    serviceTier: 'flex',
    finishReasons: ['completed'],
    usage: { input: 1, output: 2, other: { web_searches: 2, storage_searches: 1 } },
  })
})

test('answers that make no sense leave what is known untouched', () => {
  for (const nonsense of [
    null,
    1,
    'text',
    [],
    {},
    { choices: 'x', usage: 'y' },
    { choices: [null, 1, { delta: 3 }] },
    { type: 5 },
  ]) {
    const openAi = new OpenAiReader()
    openAi.event('', nonsense)
    openAi.event('response.completed', nonsense)
    expect(openAi.answer()).toMatchObject({ usage: undefined, id: undefined })
    const anthropic = new AnthropicReader()
    for (const name of ['message_start', 'message_delta', 'content_block_delta', 'error', ''])
      anthropic.event(name, nonsense)
    expect(anthropic.answer()).toMatchObject({ usage: undefined, id: undefined })
  }
})
