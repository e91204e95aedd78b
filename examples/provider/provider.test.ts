import Anthropic from '@anthropic-ai/sdk'
import OpenAI from 'openai'
import type { Script } from './script.ts'
import { type Provider, startProvider } from './server.ts'

let provider: Provider

async function start(respond: Script): Promise<{ openai: OpenAI; anthropic: Anthropic }> {
  provider = await startProvider({ respond, nowS: () => 1_763_900_000 })
  const options = { apiKey: 'none', maxRetries: 0 }
  return {
    openai: new OpenAI({ ...options, baseURL: `${provider.url}/v1` }),
    anthropic: new Anthropic({ ...options, baseURL: provider.url }),
  }
}
afterEach(() => provider?.stop())

const MESSAGES = [{ role: 'user' as const, content: 'hello' }]

test('one usage, in the totals of each API', async () => {
  const usage = { input: 100, cacheRead: 900, cacheWrite5m: 10, cacheWrite1h: 50, output: 20, reasoning: 30 }
  const { openai, anthropic } = await start(() => ({ text: 'hi', usage }))
  const chat = await openai.chat.completions.create({ model: 'm', messages: MESSAGES })
  expect(chat.usage).toMatchObject({
    prompt_tokens: 1060,
    completion_tokens: 50,
    total_tokens: 1110,
    prompt_tokens_details: { cached_tokens: 900 },
  })
  const response = await openai.responses.create({ model: 'm', input: 'x' })
  expect(response.usage).toMatchObject({
    input_tokens: 1060,
    output_tokens: 50,
    output_tokens_details: { reasoning_tokens: 30 },
  })
  const message = await anthropic.messages.create({ model: 'm', max_tokens: 5, messages: MESSAGES })
  expect(message.usage).toMatchObject({
    input_tokens: 100,
    cache_read_input_tokens: 900,
    cache_creation_input_tokens: 60,
    cache_creation: { ephemeral_5m_input_tokens: 10, ephemeral_1h_input_tokens: 50 },
    output_tokens: 50,
  })
})

test('streams say what whole answers say', async () => {
  const { openai, anthropic } = await start(() => ({
    text: 'hello there',
    toolCalls: [{ name: 't', arguments: { a: 1 } }],
  }))
  const chat = await openai.chat.completions.stream({ model: 'm', messages: MESSAGES }).finalChatCompletion()
  expect(chat.choices[0]?.message).toMatchObject({
    content: 'hello there',
    tool_calls: [{ function: { name: 't', arguments: '{"a":1}' } }],
  })
  const response = await openai.responses.stream({ model: 'm', input: 'x' }).finalResponse()
  expect(response.output.map((item) => item.type)).toEqual(['message', 'function_call'])
  const message = await anthropic.messages.stream({ model: 'm', max_tokens: 5, messages: MESSAGES }).finalMessage()
  expect(message.content).toMatchObject([
    { type: 'text', text: 'hello there' },
    { type: 'tool_use', name: 't', input: { a: 1 } },
  ])
})

test('ids follow from the number of the request and differ between requests', async () => {
  const ids = async (): Promise<string[]> => {
    const { openai, anthropic } = await start(() => ({ text: 'hi' }))
    const chat = await openai.chat.completions.create({ model: 'm', messages: MESSAGES })
    const again = await openai.chat.completions.create({ model: 'm', messages: MESSAGES })
    const message = await anthropic.messages.create({ model: 'm', max_tokens: 5, messages: MESSAGES })
    await provider.stop()
    return [chat.id, again.id, message.id]
  }
  const first = await ids()
  expect(new Set(first).size).toBe(3)
  expect(await ids()).toEqual(first)
  expect(first).toEqual([
    expect.stringMatching(/^chatcmpl-\w{24}$/),
    expect.stringMatching(/^chatcmpl-\w{24}$/),
    expect.stringMatching(/^msg_01\w{24}$/),
  ])
})

test('errors, and what it remembers', async () => {
  const { openai, anthropic } = await start(({ number }) =>
    number === 1
      ? { status: 529, errorType: 'overloaded_error' }
      : { text: 'x'.repeat(50), chunks: 50, chunkDelayMs: 5 },
  )
  await expect(anthropic.messages.create({ model: 'm', max_tokens: 5, messages: MESSAGES })).rejects.toMatchObject({
    status: 529,
    type: 'overloaded_error',
  })
  for await (const _ of await openai.chat.completions.create({ model: 'm2', messages: MESSAGES, stream: true })) break
  for (let i = 0; i < 1000 && provider.cut.length === 0; i++) await new Promise((resolve) => setTimeout(resolve, 1))
  expect([provider.count, provider.cut]).toEqual([2, [2]])
  expect(provider.requests.map(({ api, model, stream }) => [api, model, stream])).toEqual([
    ['messages', 'm', false],
    ['chat', 'm2', true],
  ])
  const notJson = await fetch(`${provider.url}/v1/chat/completions`, { method: 'POST', body: '{' })
  expect(notJson.status).toBe(400)
  expect((await fetch(`${provider.url}/v1/nothing`, { method: 'POST', body: '{}' })).status).toBe(404)
})
