import type { PriceQuery } from './pricer.ts'
import { amountOf, pricer, query } from './testing/query.ts'
import { decodeUserCards } from './user-cards.ts'

const plain = pricer()
type Fields = Partial<PriceQuery> & { readonly model?: string }
const check = (fields: Fields, want: string, flags: readonly string[] = []): void => {
  const cost = plain.price(query(fields))
  expect([fields, amountOf(cost), cost.flags]).toEqual([fields, want, flags])
}

describe('which model it was', () => {
  const model = (provider: string, responseModel: string | undefined, requestModel: string | undefined) => {
    const cost = plain.price(query({ provider, responseModel, requestModel, usage: { input: 1000 } }))
    return `${cost.card ?? cost.reason} ${cost.flags.join()}`.trim()
  }
  test('the answer wins over the request; an unknown answer is not priced as what was asked for', () => {
    expect(model('x_ai', 'grok-4.3', 'grok-4-fast-reasoning')).toBe('x_ai/grok-4.3')
    expect(model('openai', 'gpt-4o-2099-01-01-x', 'gpt-4o')).toBe('openai/gpt-4o priced_by_request_model')
    expect(model('openrouter', 'x-ai/grok-unheard-of', 'google/gemini-2.0-flash-exp:free')).toBe('unknown_model')
    expect(model('openai', undefined, 'gpt-4o')).toBe('openai/gpt-4o')
    expect(model('openai', '', 'gpt-4o')).toBe('openai/gpt-4o')
    expect(model('openai', undefined, undefined)).toBe('no_model')
  })
  test('never by a part of the name', () => {
    expect(model('openai', 'gpt-5.6-sol-ultra', undefined)).toBe('unknown_model')
    expect(model('openai', 'gpt-4o-mini-tts-2', undefined)).toBe('unknown_model')
    expect(model('openai', 'ft:gpt-4-turbo:o::i', undefined)).toBe('unknown_model')
    expect(model('anthropic', 'claude', undefined)).toBe('unknown_model')
  })
  test('without a provider, by the one maker that knows the id, or by a routing prefix', () => {
    expect(model('langchain', 'gpt-4o', undefined)).toBe('openai/gpt-4o provider_inferred')
    expect(model('', 'claude-opus-5', undefined)).toBe('anthropic/claude-opus-5 provider_inferred')
    expect(model('litellm', 'bedrock/us.anthropic.claude-opus-5', undefined)).toBe(
      'aws.bedrock/anthropic.claude-opus-5/regional provider_inferred',
    )
    expect(model('', 'azure/gpt-5', undefined)).toBe('openai/gpt-5 provider_inferred,list_price_of_openai')
    expect(model('openai', 'openai/gpt-4o', undefined)).toBe('openai/gpt-4o')
    expect(model('my-gateway', 'gpt-4o', undefined)).toBe('unknown_provider')
  })
  test('Azure deployments, inference profiles and other names of your own', () => {
    const arn = 'arn:aws:bedrock:us-east-1:1:application-inference-profile/a1'
    const aliased = pricer({
      aliases: {
        'Chat-Prod': 'gpt-4o',
        [arn]: 'us.anthropic.claude-opus-5',
        gw: 'anthropic/claude-opus-5',
        lost: 'nope',
      },
    })
    const card = (provider: string, requestModel: string, responseModel?: string) => {
      const cost = aliased.price(query({ provider, requestModel, responseModel, usage: { input: 1000 } }))
      return cost.card ?? cost.reason
    }
    // Azure has been seen to echo gpt-4 for a deployment of something else: the deployment's alias decides.
    expect(card('azure.ai.openai', 'chat-prod', 'gpt-4')).toBe('openai/gpt-4o')
    expect(card('aws.bedrock', arn)).toBe('aws.bedrock/anthropic.claude-opus-5/regional')
    expect(card('my-gateway', 'gw')).toBe('anthropic/claude-opus-5')
    expect(card('openai', 'lost')).toBe('alias_without_price')
    expect(amountOf(plain.price(query({ provider: 'aws.bedrock', model: arn })))).toBe('opaque_model_id')
  })
  test('Vertex and AI Studio may differ', () => {
    expect(model('gcp.gemini', 'gemini-2.0-flash', undefined)).toBe('gcp.gemini/gemini-2.0-flash')
    expect(model('gcp.vertex_ai', 'gemini-2.0-flash', undefined)).toBe('gcp.vertex_ai/gemini-2.0-flash')
    expect(model('gcp.vertex_ai', 'gemini-2.5-pro', undefined)).toBe('gcp.gemini/gemini-2.5-pro')
  })
})

describe('free is known, not assumed', () => {
  const status = (provider: string, model: string, options = {}) => {
    const cost = pricer(options).price(query({ provider, model, ...options }))
    return `${cost.status} ${amountOf(cost)} ${cost.reason}`
  }
  test('local runtimes, free routes, free models, configured providers', () => {
    expect(status('ollama', 'llama3:8b')).toBe('free 0 local')
    expect(status('openrouter', 'minimax/minimax-m2:free')).toBe('free 0 free_route')
    expect(status('gcp.gemini', 'gemma-3')).toBe('free 0 free_model')
    expect(status('vllm', 'x')).toBe('unpriced unknown_provider unknown_provider')
    expect(pricer({ freeProviders: ['vllm'] }).price(query({ provider: 'vllm', model: 'x' })).reason).toBe(
      'free_provider',
    )
  })
  test("Ollama's cloud models run elsewhere", () =>
    expect(status('ollama', 'gpt-oss:120b-cloud')).toContain('unpriced'))
  test("with the user's own key OpenRouter bills nothing", () => {
    const cost = plain.price(query({ provider: 'openrouter', model: 'openai/gpt-4o', isByok: true }))
    expect([cost.status, amountOf(cost), cost.flags]).toEqual(['free', '0', ['byok']])
  })
})

describe('layers, first hit wins', () => {
  const user = decodeUserCards('user', [
    { provider: 'openai', model: 'gpt-4o', from: '2026-01-01', rates: { input: 1, output: 2 } },
    { provider: 'vllm', model: 'llama', rates: { input: '0.1', output: '0.1' } },
  ]).files
  const contract = decodeUserCards('contract', [
    { provider: 'openai', model: 'gpt-5', rates: { input: '1', output: '8' } },
  ]).files
  const layered = pricer({
    user,
    contract,
    discounts: [
      { provider: 'anthropic', percentOff: '12.5' },
      { provider: 'openai', models: ['gpt-4.1'], percentOff: '50' },
    ],
  })
  const at = (fields: Fields) => {
    const cost = layered.price(query(fields))
    return `${amountOf(cost)} ${cost.layer}`
  }
  test('reported, contract, user, book', () => {
    expect(at({ model: 'gpt-4o', reportedPico: 7, reportedIsBilled: true })).toBe('0.000000000007 reported')
    expect(at({ model: 'gpt-4o', reportedPico: 7, reportedIsBilled: false })).toBe('3 user')
    expect(at({ model: 'gpt-4o', endMs: Date.parse('2025-06-01') })).toBe('12.5 book')
    expect(at({ model: 'gpt-5' })).toBe('9 contract')
    expect(at({ provider: 'vllm', model: 'llama' })).toBe('0.2 user')
    expect(at({ provider: 'anthropic', model: 'claude-opus-5' })).toBe('26.25 contract')
    expect(at({ model: 'gpt-4.1' })).toBe('5 contract')
    expect(at({ model: 'gpt-4.1-mini' })).toBe('2 book')
  })
  test("a provider's own bill is the total; the difference to our list is a line of its own", () => {
    const cost = plain.price(
      query({
        provider: 'openrouter',
        model: 'openai/gpt-4o',
        usage: { input: 1000 },
        reportedPico: 4_500_000_000,
        reportedIsBilled: true,
      }),
    )
    expect(cost.lines.map((l) => [l.meter, l.pico])).toEqual([
      ['input', 2_500_000_000],
      ['billed_beyond_list', 2_000_000_000],
    ])
    expect(cost.listPico).toBe(2_500_000_000)
    const unknown = plain.price(
      query({ provider: 'openrouter', model: 'a/b', reportedPico: 9, reportedIsBilled: true }),
    )
    expect([unknown.status, unknown.pico, unknown.lines.length, unknown.reason]).toEqual([
      'reported',
      9,
      1,
      'list_price_unknown:unknown_model',
    ])
  })
})

describe('unknown is never 0', () => {
  test('no price, no usage, half a usage, no counts', () => {
    const none = (fields: Fields, reason: string) => {
      const cost = plain.price(query(fields))
      expect([cost.pico, cost.status, cost.layer, cost.lines, cost.reason]).toEqual([
        undefined,
        'unpriced',
        'none',
        [],
        reason,
      ])
    }
    none({ model: 'gpt-99' }, 'unknown_model')
    none({ model: 'gpt-4o', usage: {} }, 'no_usage')
    none({ model: 'gpt-4o', usage: { input: 10 }, role: 'inference' }, 'output_unknown')
    none({ model: 'gpt-4o', usage: { input: -1, output: 2 } }, 'bad_usage')
    none({ model: 'gpt-4o', usage: { input: Number.NaN, output: 2 } }, 'bad_usage')
    none({ model: 'gpt-4o', usage: { input: Number.POSITIVE_INFINITY } }, 'bad_usage')
    none({ model: 'text-embedding-3-small', usage: { input: 10, output: 5 } }, 'no_rate:output')
    none({ provider: 'openrouter', model: 'openai/gpt-5:online' }, 'no_rate:search_plugin')
  })
  test('zero counts and embeddings are complete', () => {
    check({ model: 'gpt-4o', usage: { input: 0, output: 0 } }, '0')
    check({ model: 'text-embedding-3-small', usage: { input: 1000 }, role: 'embeddings' }, '0.00002')
    check({ model: 'gpt-4o', usage: { input: 1000 } }, '0.0025')
  })
  test('estimates only when asked for, marked, with what was assumed', () => {
    const guessing = pricer({ estimate: true })
    const guess = (fields: Fields) => {
      const cost = guessing.price(query({ usage: { input: 1000, output: 1000 }, ...fields }))
      return `${cost.status} ${amountOf(cost)} ${cost.layer} ${cost.reason}`
    }
    expect(guess({ model: 'gpt-5.5', serviceTier: 'ultrafast' })).toBe(
      'estimated 0.035 estimate no_tier_price:ultrafast',
    )
    expect(guess({ model: 'gpt-5.5-2099-preview' })).toBe('estimated 0.035 estimate family:gpt-5.5')
    expect(guess({ model: 'gpt-4o', usage: { input: 1000 }, role: 'inference' })).toBe(
      'estimated 0.0025 estimate output_unknown',
    )
    expect(
      guess({
        provider: 'mistral_ai',
        model: 'mistral-large-2512',
        usage: { input: 1000, other: { web_searches: 1 } },
      }),
    ).toBe('estimated 0.0005 estimate no_rate:web_searches')
    expect(guess({ model: 'gpt-4o' })).toBe('priced 0.0125 book undefined')
    expect(guess({ model: 'unheard-of-model' })).toBe('unpriced unknown_model none unknown_model')
  })
})

test('what names repeat endlessly, and what never repeats, both stay bounded and right', () => {
  const many = pricer()
  for (let i = 0; i < 25_000; i++)
    expect(many.price(query({ model: `m${i}`, region: `r${i}` })).reason).toBe('unknown_model')
  for (let i = 0; i < 1_000; i++) expect(many.price(query({ model: 'gpt-4o', region: `r${i}` })).status).toBe('priced')
  expect(amountOf(many.price(query({ model: 'gpt-4o' })))).toBe('12.5')
})

test('names that mean something to JavaScript are names like any other', () => {
  const own = pricer({ aliases: { 'gpt-house': 'gpt-4o' }, estimate: true })
  for (const name of [
    '__proto__',
    'constructor',
    'toString',
    'hasOwnProperty',
    '/',
    '://',
    'a/',
    ':',
    'arn:aws:bedrock:::',
  ]) {
    const fields = { serviceTier: name, speed: name, inferenceGeo: name, region: name }
    for (const provider of [name, 'openai', '']) {
      expect(own.price(query({ provider, model: name, requestModel: name, ...fields })).status).toBe('unpriced')
    }
    expect(plain.price(query({ model: 'gpt-4o', serviceTier: name })).reason).toBe(
      `no_tier_price:${name.toLowerCase()}`,
    )
  }
})

test('a price of your own for a model is for its snapshots, except those with a price of their own', () => {
  const files = decodeUserCards('user', [{ provider: 'openai', model: 'gpt-4o', rates: { input: 1, output: 1 } }]).files
  const own = pricer({ user: files })
  const layer = (model: string) => own.price(query({ model })).layer
  expect([layer('gpt-4o'), layer('gpt-4o-2024-11-20'), layer('gpt-4o-2099-01-01')]).toEqual(['user', 'user', 'user'])
  expect([layer('gpt-4o-2024-05-13'), layer('gpt-4o-mini')]).toEqual(['book', 'book'])
})
