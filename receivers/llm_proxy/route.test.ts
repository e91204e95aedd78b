import { route } from './route.ts'
import { resolveUpstreams } from './upstreams.ts'

const upstream = {
  base_url: undefined,
  dialect: undefined,
  provider: undefined,
  headers: {},
  inject_usage: true,
} as const
const UPSTREAMS = resolveUpstreams({
  groq: {
    ...upstream,
    base_url: 'https://api.groq.com/openai/',
    provider: 'groq',
    headers: { Authorization: 'Bearer x' },
  },
  anthropic: { ...upstream, inject_usage: false },
})

test('the first path segment chooses the provider, the rest goes on', () => {
  const check = (method: string, target: string, want: object): void =>
    expect(route(method, target, UPSTREAMS)).toMatchObject({ kind: 'call', ...want })
  check('POST', '/openai/v1/chat/completions', {
    path: '/v1/chat/completions',
    upstream: { name: 'openai', provider: 'openai' },
    api: { billable: true, operation: 'chat', form: 'chat' },
  })
  check('POST', '/openai/v1/responses?x=1', { path: '/v1/responses?x=1', api: { form: 'responses' } })
  check('POST', '/openai/v1/completions', { api: { operation: 'text_completion', form: 'completions' } })
  check('POST', '/openai/v1/embeddings', { api: { operation: 'embeddings' } })
  check('POST', '/openai/v1/images/generations', { api: { operation: 'image', form: 'media' } })
  check('POST', '/anthropic/v1/messages?beta=true', { path: '/v1/messages?beta=true', api: { form: 'messages' } })
  check('POST', '/groq/v1/chat/completions', {
    path: '/openai/v1/chat/completions',
    upstream: { headers: { authorization: 'Bearer x' } },
  })
  check('POST', '/gemini/v1beta/models/gemini-2.5-pro:streamGenerateContent?alt=sse', {
    api: { billable: true, operation: 'generate_content', model: 'gemini-2.5-pro' },
  })
  check('POST', '/bedrock/model/anthropic.claude-3-haiku-20240307-v1%3A0/converse', {
    api: { billable: true, model: 'anthropic.claude-3-haiku-20240307-v1:0' },
  })
})

test('free calls are free; an unknown one is not taken for free', () => {
  const billable = (method: string, target: string): boolean => {
    const found = route(method, target, UPSTREAMS)
    return found.kind === 'call' && found.api.billable
  }
  for (const free of [
    '/openai/v1/files',
    '/openai/v1/moderations',
    '/openai/v1/responses/input_tokens',
    '/openai/v1/responses/resp_1/cancel',
    '/anthropic/v1/messages/count_tokens',
    '/anthropic/v1/messages/batches',
    '/gemini/v1beta/models/gemini-2.5-pro:countTokens',
    '/bedrock/model/m/count-tokens',
  ]) {
    expect([free, billable('POST', free)]).toEqual([free, false])
  }
  expect(billable('GET', '/openai/v1/models')).toBe(false)
  expect(billable('DELETE', '/openai/v1/responses/resp_1')).toBe(false)
  expect(billable('POST', '/openai/v1/something/new')).toBe(true)
  expect(billable('POST', '/anthropic/v1/complete')).toBe(true)
  expect(billable('POST', '/bedrock/model/m/invoke')).toBe(true)
})

test('nothing is forwarded to where it was not meant to go', () => {
  for (const target of [
    '/',
    '/unknown/v1/chat/completions',
    'http://evil.example/openai/v1/chat/completions',
    '//evil.example/v1',
    '/openai@evil.example/v1',
    '/groq/../admin',
    '/groq/%2e%2e/admin',
    '/groq/v1/..%2fadmin',
    '/groq/v1/./x',
    '/openai/v1/ü',
    '/openai/v1/a b',
    '*',
  ]) {
    expect([target, route('POST', target, UPSTREAMS).kind]).toEqual([target, 'unknown'])
  }
})
