import type { PriceQuery } from './pricer.ts'
import { amountOf, pricer, query } from './testing/query.ts'

const plain = pricer()
type Fields = Partial<PriceQuery> & { readonly model?: string }
const check = (fields: Fields, want: string, flags: readonly string[] = []): void => {
  const cost = plain.price(query(fields))
  expect([fields, amountOf(cost), cost.flags]).toEqual([fields, want, flags])
}

describe('standard prices, per million tokens of each (input + output)', () => {
  const at = (endMs: string, provider: string, model: string, want: string) =>
    check({ endMs: Date.parse(endMs), provider, model }, want)
  const bands = { input: 100_000, output: 100_000 }

  test('those on which price books disagree', () => {
    at('2026-11-20', 'openai', 'o3', '10')
    at('2026-11-20', 'mistral_ai', 'codestral-latest', '1.2')
    at('2026-11-20', 'mistral_ai', 'mistral-medium-latest', '9')
    at('2026-11-20', 'mistral_ai', 'mistral-large-2512', '2')
    at('2026-11-20', 'gcp.gemini', 'gemini-3-flash-preview', '3.5')
    at('2026-11-20', 'x_ai', 'grok-3-mini', '0.8')
    at('2026-11-20', 'moonshot_ai', 'kimi-k2.5', '3.6')
    at('2026-11-20', 'moonshot_ai', 'kimi-k2.6', '4.95')
    check({ provider: 'openai', model: 'gpt-5.6-terra', usage: bands }, '1.4')
    check({ provider: 'anthropic', model: 'claude-haiku-5-5', usage: bands }, '0.06')
  })

  test('cached input has a price of its own, never a derived one', () => {
    const cached = (provider: string, model: string, want: string) =>
      check({ provider, model, usage: { cacheRead: 100_000 } }, want)
    cached('openai', 'gpt-4.1-nano', '0.0025')
    cached('openai', 'gpt-4o', '0.125')
    cached('openai', 'gpt-6.1-sol', '0.01')
    cached('anthropic', 'claude-3-haiku-20240307', '0.003')
    cached('anthropic', 'claude-fable-5-1', '0.025')
    cached('anthropic', 'claude-opus-5-5', '0.02')
    cached('aws.bedrock', 'amazon.nova-pro-v1:0', '0.02')
    cached('aws.bedrock', 'amazon.nova-lite-v1:0', '0.0015')
    check({ provider: 'azure.ai.openai', model: 'gpt-5', usage: { cacheRead: 100_000 } }, '0.0125', [
      'list_price_of_openai',
    ])
  })

  test('where a provider lists no cached price, cached input costs what input costs, and that is noted', () => {
    check({ model: 'gpt-5.5-pro', usage: { cacheRead: 1000 } }, '0.03', ['cache_read_at_input_rate'])
    check({ model: 'gpt-5.4-pro', usage: { cacheRead: 1000 } }, '0.03', ['cache_read_at_input_rate'])
  })
})

describe('context bands move the whole call, output and caches too', () => {
  const usage = (input: number) => ({ input: input - 1000, cacheRead: 1000, output: 1000 })
  const edge = (provider: string, model: string, last: number, low: string, high: string) => {
    check({ provider, model, usage: usage(last) }, low)
    check({ provider, model, usage: usage(last + 1) }, high)
  }
  test('OpenAI: more than 272,000', () => {
    edge('openai', 'gpt-5.4', 272_000, '0.69275', '1.378005')
    edge('openai', 'gpt-6-sol', 272_000, '0.5522', '1.099404')
  })
  test('Google: more than 200,000', () => edge('gcp.gemini', 'gemini-2.5-pro', 200_000, '0.258875', '0.5127525'))
  test('xAI: 200,000 or more', () => {
    edge('x_ai', 'grok-4.3', 199_999, '0.25144875', '0.5029')
    edge('x_ai', 'grok-4.6', 199_999, '0.404498', '0.809')
  })
  test('Anthropic: more than 100,000 of Haiku 5.5', () =>
    edge('anthropic', 'claude-haiku-5-5', 100_000, '0.01041', '0.0520505'))
  test('cache writes count towards the edge', () => {
    check(
      { provider: 'anthropic', model: 'claude-haiku-5-5', usage: { input: 1, cacheWrite5m: 99_999 } },
      '0.012499975',
    )
    check({ provider: 'anthropic', model: 'claude-haiku-5-5', usage: { input: 1, cacheWrite5m: 100_000 } }, '0.0625005')
  })
})

describe('the price is that of the moment the call ended', () => {
  const edge = (provider: string, model: string, at: string, before: string, after: string, fields: Fields = {}) => {
    const instant = Date.parse(at)
    const usage = { input: 100_000, output: 100_000 }
    check({ usage, ...fields, provider, model, endMs: instant - 1 }, before)
    check({ usage, ...fields, provider, model, endMs: instant }, after)
  }
  test('cuts and rises, past and announced', () => {
    edge('openai', 'gpt-5.6-sol', '2026-08-21', '3.5', '2.4')
    edge('openai', 'gpt-5.6-luna', '2026-07-30', '0.7', '0.14')
    edge('gcp.gemini', 'gemini-3.6-flash', '2027-01-01', '0.45', '0.9')
    edge('gcp.gemini', 'gemini-3.8-flash', '2027-01-01', '0.45', '0.9')
    edge('mistral_ai', 'mistral-medium-latest', '2026-06-16', '0.24', '0.9')
    edge('openai', 'o3', '2025-06-10', '5', '1')
    edge('x_ai', 'grok-4.20', '2026-04-30', '0.8', '0.375')
    edge('x_ai', 'grok-4-fast-reasoning', '2026-05-15T19:00Z', '0.07', '0.375')
    edge('anthropic', 'claude-opus-4-6', '2026-03-13', '6.75', '4', { usage: { input: 300_000, output: 100_000 } })
  })
  test('DeepSeek: twice the price in peak hours, not on weekends, nor on Chinese holidays', () => {
    const at = (endMs: string, want: string) =>
      check({ provider: 'deepseek', model: 'deepseek-flash', endMs: Date.parse(endMs) }, want)
    at('2026-11-20T00:59:59.999Z', '0.75')
    at('2026-11-20T01:00:00Z', '1.5')
    at('2026-11-20T03:59:59.999Z', '1.5')
    at('2026-11-20T04:00:00Z', '0.75')
    at('2026-11-20T06:00:00Z', '1.5')
    at('2026-11-20T10:00:00Z', '0.75')
    at('2026-11-21T02:00:00Z', '0.75')
    at('2026-09-30T02:00:00Z', '1.5')
    at('2026-10-01T02:00:00Z', '0.75')
    at('2026-10-07T09:59:59.999Z', '0.75')
    at('2026-10-08T02:00:00Z', '1.5')
  })
  test('a retired name has no price any more', () => {
    const after = query({ provider: 'deepseek', model: 'deepseek-chat', endMs: Date.parse('2026-08-01') })
    expect(amountOf(plain.price(after))).toBe('no_price_at_date')
  })
})

describe('tiers, speed, geography', () => {
  const per = (fields: Fields, want: string, flags: readonly string[] = []) =>
    check({ usage: { input: 100_000, output: 100_000 }, ...fields }, want, flags)
  test('the tier that answered, by its own row', () => {
    per({ model: 'gpt-5.5', serviceTier: 'priority' }, '8.75')
    per({ model: 'gpt-5.5', serviceTier: 'fast' }, '8.75')
    per({ model: 'gpt-5.5', serviceTier: 'default' }, '3.5')
    per({ model: 'gpt-5.5', serviceTier: 'flex' }, '1.75')
    per({ model: 'gpt-4o', serviceTier: 'priority' }, '2.125')
    per({ model: 'gpt-4o-mini', serviceTier: 'priority' }, '0.125')
    per({ model: 'gpt-5-mini', serviceTier: 'priority' }, '0.405')
    per({ model: 'gpt-3.5-turbo-1106', serviceTier: 'batch' }, '0.3')
    per({ model: 'o4-mini', serviceTier: 'flex', usage: { cacheRead: 1_000_000 } }, '0.138')
    per({ model: 'ft:gpt-4o-2024-08-06:o::i', serviceTier: 'batch' }, '1.4725')
    per(
      { provider: 'gcp.gemini', model: 'gemini-2.5-flash', serviceTier: 'batch', usage: { cacheRead: 1_000_000 } },
      '0.03',
    )
    per({ provider: 'gcp.gemini', model: 'gemini-2.5-flash', serviceTier: 'ON_DEMAND_FLEX' }, '0.14')
  })
  test('Anthropic: batch halves tokens and stacks with geography; searches stay', () => {
    const usage = { input: 1_000_000, other: { web_searches: 10 } }
    per(
      { provider: 'anthropic', model: 'claude-sonnet-4-5', serviceTier: 'batch', usage: { ...usage, input: 100_000 } },
      '0.25',
    )
    per({ provider: 'anthropic', model: 'claude-opus-5-5', inferenceGeo: 'us', usage }, '4.5')
    per({ provider: 'anthropic', model: 'claude-opus-5-5', inferenceGeo: 'us', serviceTier: 'batch', usage }, '2.3')
    per({ provider: 'anthropic', model: 'claude-opus-5-5', inferenceGeo: 'global' }, '2.4')
    per({ provider: 'anthropic', model: 'claude-sonnet-4-5', inferenceGeo: 'us' }, '1.8')
  })
  test('fast mode, with caches and geography on top', () => {
    per({ provider: 'anthropic', model: 'claude-opus-5-5', speed: 'fast' }, '4.8')
    per({ provider: 'anthropic', model: 'claude-opus-5', speed: 'fast' }, '6')
    per({ provider: 'anthropic', model: 'claude-opus-4-8', speed: 'fast', inferenceGeo: 'us' }, '6.6')
    per({ provider: 'anthropic', model: 'claude-opus-5-5', speed: 'fast', usage: { cacheRead: 1_000_000 } }, '0.4')
    per({ provider: 'anthropic', model: 'claude-sonnet-5', speed: 'fast' }, 'no_speed_price:fast')
  })
  test('regional endpoints cost a tenth more where they do', () => {
    per({ provider: 'aws.bedrock', model: 'us.anthropic.claude-sonnet-4-5-20250929-v1:0' }, '1.98')
    per({ provider: 'aws.bedrock', model: 'global.anthropic.claude-sonnet-4-5-20250929-v1:0' }, '1.8')
    per({ provider: 'aws.bedrock', model: 'anthropic.claude-sonnet-4-5-20250929-v1:0' }, '1.98', [
      'assumed_regional_endpoint',
    ])
    per({ provider: 'aws.bedrock', model: 'us.anthropic.claude-3-5-sonnet-20241022-v2:0' }, '1.8')
    per({ provider: 'aws.bedrock', model: 'us.amazon.nova-lite-v1:0' }, '0.03')
    per({ provider: 'aws.bedrock', model: 'apac.amazon.nova-lite-v1:0' }, '0.0315')
    per({ provider: 'aws.bedrock', model: 'eu.deepseek.r1-v1:0' }, '0.675', ['us_price_assumed'])
    per({ provider: 'gcp.vertex_ai', model: 'claude-opus-5-5', region: 'europe-west1' }, '2.64')
    per({ provider: 'gcp.vertex_ai', model: 'claude-opus-5-5', region: 'global' }, '2.4')
    per({ provider: 'gcp.vertex_ai', model: 'claude-opus-5-5' }, '2.4', ['assumed_global_endpoint'])
    per({ provider: 'openai', model: 'gpt-5.5', region: 'eu' }, '3.85')
    per({ provider: 'openai', model: 'gpt-5', region: 'eu' }, '1.125')
    per({ provider: 'x_ai', model: 'grok-4.3', region: 'us' }, '0.4125')
  })
  test('a tier nobody has a price for is not priced as another', () => {
    per({ model: 'gpt-5.5', serviceTier: 'ultrafast' }, 'no_tier_price:ultrafast')
    per({ provider: 'cerebras', model: 'gpt-oss-120b', serviceTier: 'flex' }, 'no_tier_price:flex')
    per({ provider: 'groq', model: 'llama-3.1-8b-instant', serviceTier: 'flex' }, '0.013')
  })
})

describe('cache writes, modalities, fees', () => {
  const of = (
    provider: string,
    model: string,
    usage: PriceQuery['usage'],
    want: string,
    flags: readonly string[] = [],
  ) => check({ provider, model, usage }, want, flags)
  test('writes by time to live; an unknown one is taken for five minutes', () => {
    of('anthropic', 'claude-sonnet-4-5', { cacheWrite5m: 1000, cacheWrite1h: 1000 }, '0.00975')
    of('anthropic', 'claude-sonnet-4-5', { cacheWrite: 1000 }, '0.00375', ['cache_write_ttl_assumed_5m'])
    of('openai', 'gpt-5.6-sol', { cacheWrite: 1000 }, '0.005')
    of('aws.bedrock', 'us.anthropic.claude-opus-4-6-v1:0', { cacheWrite1h: 1000 }, '0.011')
    of('aws.bedrock', 'amazon.nova-pro-v1:0', { cacheWrite: 1000 }, 'no_rate:cache_write')
  })
  test('reasoning is output unless the card says otherwise', () => {
    of('openai', 'o3', { output: 10, reasoning: 90 }, '0.0008')
    of('perplexity', 'sonar-deep-research', { reasoning: 1_000_000 }, '3')
  })
  test('modalities', () => {
    of(
      'openai',
      'gpt-realtime',
      {
        other: {
          input_audio: 1000,
          cache_read_audio: 1000,
          output_audio: 1000,
          input_image: 1000,
          cache_read_image: 1000,
        },
      },
      '0.1019',
    )
    of('gcp.gemini', 'gemini-2.5-pro', { other: { input_image: 1000 } }, '0.00125', ['input_image_at_input_rate'])
    of('openai', 'gpt-4o-audio-preview', { input: 10, other: { input_audio: 1000 } }, '0.040025')
  })
  test('fees are added to tokens', () => {
    of('openai', 'gpt-5', { input: 1000, other: { web_searches: 3, storage_searches: 2, code_sessions: 1 } }, '0.06625')
    of(
      'x_ai',
      'grok-4.6',
      { other: { web_searches: 1, code_sessions: 1, attachment_searches: 1, storage_searches: 1 } },
      '0.0175',
    )
    of('anthropic', 'claude-opus-5', { other: { session_hours: 1.5 } }, '0.12')
    of('gcp.gemini', 'gemini-2.5-pro', { other: { web_searches: 1 } }, '0.035')
    of('gcp.gemini', 'gemini-3.6-flash', { other: { web_searches: 1 } }, '0.014')
  })
  test('a fee without a known price makes the cost unknown', () =>
    of('mistral_ai', 'mistral-large-2512', { input: 1000, other: { web_searches: 1 } }, 'no_rate:web_searches'))
  test('units that are not tokens', () => {
    of('openai', 'whisper-1', { other: { seconds: 60 } }, '0.006')
    of('openai', 'whisper-1', { input: 900, other: { seconds: 60 } }, '0.006', ['input_not_billed'])
    of('groq', 'whisper-large-v3', { other: { seconds: 12.5 } }, '0.000385416667')
    of('openai', 'tts-1-hd', { other: { characters: 1000 } }, '0.03')
    of('openai', 'gpt-image-1', { input: 100, output: 1000, other: { images: 1 } }, '0.0405', ['images_not_billed'])
  })
})
