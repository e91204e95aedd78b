import { check, io, never, type Row } from './testing/price-list.ts'

describe('OpenAI (developers.openai.com/api/docs/pricing and model pages)', () => {
  const openai = (model: string, more: Row = {}): Row => ({ provider: 'openai', model, usage: io, ...more })

  test('GPT-6.2 Sol: every tier, and ultrafast before and after its announced rise', () => {
    check(openai('gpt-6.2-sol'), '1000*2 + 100*10')
    check(openai('gpt-6.2-sol', { service_tier: 'batch' }), '1000*1 + 100*5')
    check(openai('gpt-6.2-sol', { service_tier: 'fast' }), '1000*4 + 100*20')
    check(openai('gpt-6.2-sol', { service_tier: 'priority' }), '1000*4 + 100*20')
    const ultrafast = (at: string): Row => openai('gpt-6.2-sol', { service_tier: 'ultrafast', at })
    check(ultrafast('2027-02-28T23:59:59.999Z'), '1000*6 + 100*30')
    check(ultrafast('2027-03-01T00:00:00Z'), '1000*12 + 100*60')
    const usage = { input_tokens: 10_000, cache_read_tokens: 6000, cache_write_tokens: 1000, output_tokens: 10 }
    check(openai('gpt-6.2-sol', { usage }), '3000*2 + 6000*0.1 + 1000*2.5 + 10*10')
  })
  test('beyond 272,000 tokens of input everything moves', () => {
    const usage = (input_tokens: number) => ({ input_tokens, cache_read_tokens: 1000, output_tokens: 1000 })
    check(openai('gpt-6.2-sol', { usage: usage(272_000) }), '271000*2 + 1000*0.1 + 1000*10')
    check(openai('gpt-6.2-sol', { usage: usage(272_001) }), '271001*4 + 1000*0.2 + 1000*15')
    check(openai('gpt-6.2-sol', { usage: usage(272_001), service_tier: 'batch' }), '271001*2 + 1000*0.1 + 1000*7.5')
    check(
      openai('gpt-5.5-pro', { usage: { ...io, input_tokens: 300_000 }, service_tier: 'batch' }),
      '300000*15 + 100*90',
    )
  })
  test('ultrafast of Astra and GPT-6.1 Sol costs six times', () => {
    check(openai('gpt-6-astra', { service_tier: 'ultrafast' }), '1000*60 + 100*300')
    check(openai('gpt-6.1-sol', { service_tier: 'ultrafast' }), '1000*12 + 100*60')
  })
  test('GPT-5.6 was cut on two days, in every tier', () => {
    const sol = (at: string, service_tier?: string): Row => openai('gpt-5.6-sol', { at, service_tier })
    check(sol('2026-08-20T23:59:59.999Z'), '1000*5 + 100*30')
    check(sol('2026-08-21T00:00:00Z'), '1000*4 + 100*20')
    check(sol('2026-08-20T00:00:00Z', 'batch'), '1000*2.5 + 100*15')
    check(sol('2026-08-22T00:00:00Z', 'priority'), '1000*8 + 100*40')
    check(openai('gpt-5.6-luna', { at: '2026-07-29T23:59:59.999Z' }), '1000*1 + 100*6')
    check(openai('gpt-5.6-luna', { at: '2026-07-30T00:00:00Z' }), '1000*0.2 + 100*1.2')
    check(openai('gpt-5.6-terra', { at: '2026-07-30T00:00:00Z' }), '1000*2 + 100*12')
  })
  test('factors differ by model: rows, not multiples', () => {
    check(openai('gpt-5.5', { service_tier: 'priority' }), '1000*12.5 + 100*75')
    check(openai('gpt-5-mini', { service_tier: 'priority' }), '1000*0.45 + 100*3.6')
    check(openai('gpt-4.1', { service_tier: 'priority' }), '1000*3.5 + 100*14')
    check(openai('gpt-4o', { service_tier: 'priority' }), '1000*4.25 + 100*17')
    check(openai('gpt-4o-mini', { service_tier: 'priority' }), '1000*0.25 + 100*1')
    check(openai('gpt-3.5-turbo-1106', { service_tier: 'batch' }), '1000*1 + 100*2')
    const cached = { input_tokens: 1000, cache_read_tokens: 1000, output_tokens: 0 }
    check(openai('o4-mini', { service_tier: 'flex', usage: cached }), '1000*0.138')
  })
  test('fine-tuned models have rows of their own, in batch too', () => {
    const cached = { input_tokens: 1000, cache_read_tokens: 400, output_tokens: 100 }
    const tuned = (base: string, terms: string, service_tier?: string): void =>
      check(openai(`ft:${base}:acme::abc123`, { usage: cached, service_tier }), terms)
    tuned('gpt-4o-2024-08-06', '600*3.75 + 400*1.875 + 100*15')
    tuned('gpt-4o-mini-2024-07-18', '600*0.3 + 400*0.15 + 100*1.2')
    tuned('gpt-4.1-2025-04-14', '600*3 + 400*0.75 + 100*12')
    tuned('gpt-4.1-mini-2025-04-14', '600*0.8 + 400*0.2 + 100*3.2')
    tuned('gpt-4.1-nano-2025-04-14', '600*0.2 + 400*0.05 + 100*0.8')
    tuned('o4-mini-2025-04-16', '600*4 + 400*1 + 100*16')
    tuned('gpt-4o-2024-08-06', '600*2.225 + 400*0.9 + 100*12.5', 'batch')
    tuned('gpt-4o-mini-2024-07-18', '600*0.15 + 400*0.075 + 100*0.6', 'batch')
    tuned('gpt-4.1-2025-04-14', '600*1.5 + 400*0.5 + 100*6', 'batch')
  })
  test('cached input is a price of its own', () => {
    const usage = { input_tokens: 1000, cache_read_tokens: 1000, output_tokens: 0 }
    const cached = (model: string, rate: string): void => check(openai(model, { usage }), `1000*${rate}`)
    cached('gpt-4o', '1.25')
    cached('gpt-4.1', '0.5')
    cached('gpt-4.1-nano', '0.025')
    cached('gpt-5', '0.125')
    cached('gpt-5.4', '0.25')
    cached('gpt-6.1-sol', '0.1')
  })
  test('tools, residency, other units', () => {
    check(openai('gpt-5', { usage: { ...io, web_searches: 3 } }), '1000*1.25 + 100*10 + #3*0.01')
    check(openai('gpt-4o-search-preview', { usage: { ...io, web_searches: 1 } }), '1000*2.5 + 100*10 + #1*0.025')
    check(
      openai('gpt-5', { usage: { ...io, storage_searches: 2, code_sessions: 1 } }),
      '1000*1.25 + 100*10 + #2*0.0025 + #1*0.03',
    )
    check(openai('gpt-5.4', { region: 'eu' }), '1000*2.75 + 100*16.5')
    check(openai('gpt-5.2', { region: 'eu' }), '1000*1.75 + 100*14')
    check(openai('whisper-1', { usage: { seconds: 90 } }), '#90*0.006/60')
    check(openai('tts-1', { usage: { characters: 1234 } }), '#1234*0.000015')
    check(openai('tts-1-hd', { usage: { characters: 1234 } }), '#1234*0.00003')
    check(openai('sora-2', { usage: { seconds: 8 } }), '#8*0.1')
    check(openai('text-embedding-3-small', { usage: { input_tokens: 1_000_000 } }), '1000000*0.02')
    check(openai('text-embedding-3-large', { usage: { input_tokens: 1000 }, service_tier: 'batch' }), '1000*0.065')
    const audio = { input_tokens: 1500, input_audio_tokens: 1000, output_tokens: 900, output_audio_tokens: 800 }
    check(openai('gpt-realtime', { usage: audio }), '500*4 + 1000*32 + 100*16 + 800*64')
  })
})

describe('Anthropic (platform.claude.com/docs/en/about-claude/pricing)', () => {
  const claude = (model: string, more: Row = {}): Row => ({ provider: 'anthropic', model, usage: io, ...more })
  const cached = {
    input_tokens: 10_000,
    cache_read_tokens: 5000,
    cache_write_5m_tokens: 2000,
    cache_write_1h_tokens: 1000,
    output_tokens: 100,
  }
  test('writes for five minutes and an hour, reads, and what is left', () => {
    check(claude('claude-sonnet-4-5-20250929', { usage: cached }), '2000*3 + 5000*0.3 + 2000*3.75 + 1000*6 + 100*15')
    check(claude('claude-opus-5-5', { usage: cached }), '2000*4 + 5000*0.2 + 2000*5 + 1000*8 + 100*20')
    check(claude('claude-fable-5-1', { usage: cached }), '2000*10 + 5000*0.25 + 2000*12.5 + 1000*20 + 100*50')
    check(
      claude('claude-3-haiku-20240307', { usage: cached }),
      '2000*0.25 + 5000*0.03 + 2000*0.3 + 1000*0.5 + 100*1.25',
    )
    const plain = { input_tokens: 3000, cache_write_tokens: 1000, output_tokens: 1 }
    check(claude('claude-opus-5', { usage: plain }), '2000*5 + 1000*6.25 + 1*25', 'cache_write_ttl_assumed_5m')
  })
  test('geography, speed and batch stack with caches, not with searches', () => {
    const searched = { ...cached, web_searches: 2 }
    check(
      claude('claude-opus-5', { usage: searched, inference_geo: 'us' }),
      '2000*5.5 + 5000*0.55 + 2000*6.875 + 1000*11 + 100*27.5 + #2*0.01',
    )
    check(claude('claude-sonnet-4-5', { inference_geo: 'us' }), '1000*3 + 100*15')
    check(claude('claude-opus-5', { inference_geo: 'eu' }), '1000*5 + 100*25')
    check(claude('claude-opus-5-5', { speed: 'fast' }), '1000*8 + 100*40')
    check(claude('claude-opus-5', { speed: 'fast', inference_geo: 'us' }), '1000*11 + 100*55')
    check(
      claude('claude-sonnet-4-5', { usage: searched, service_tier: 'batch' }),
      '2000*1.5 + 5000*0.15 + 2000*1.875 + 1000*3 + 100*7.5 + #2*0.01',
    )
    check(claude('claude-opus-4-8', { speed: 'fast' }), '1000*10 + 100*50')
    check(claude('claude-opus-5', { service_tier: 'batch', inference_geo: 'us' }), '1000*2.75 + 100*13.75')
    never(claude('claude-opus-5', { service_tier: 'batch', speed: 'fast' }), 'no_tier_price:batch')
  })
  test('long contexts, while they cost more', () => {
    const long = { input_tokens: 200_001, cache_read_tokens: 100_000, output_tokens: 10 }
    const edge = { ...long, input_tokens: 200_000 }
    const sonnet4 = (usage: Row, at: string): Row => claude('claude-sonnet-4-20250514', { usage, at })
    check(sonnet4(long, '2025-08-11T23:59:59Z'), '100001*3 + 100000*0.3 + 10*15')
    check(sonnet4(long, '2025-10-01T00:00:00Z'), '100001*6 + 100000*0.6 + 10*22.5')
    check(sonnet4(edge, '2025-10-01T00:00:00Z'), '100000*3 + 100000*0.3 + 10*15')
    check(claude('claude-opus-4-6', { usage: long, at: '2026-03-12T00:00:00Z' }), '100001*10 + 100000*1 + 10*37.5')
    check(claude('claude-opus-4-6', { usage: long, at: '2026-03-13T00:00:00Z' }), '100001*5 + 100000*0.5 + 10*25')
    const haiku = { input_tokens: 100_001, output_tokens: 10 }
    check(claude('claude-haiku-5-5', { usage: haiku }), '100001*0.5 + 10*2.5')
  })
  test('reads of Sonnet 5.5 by date', () => {
    const read = (at: string): Row =>
      claude('claude-sonnet-5-5', { usage: { input_tokens: 1000, cache_read_tokens: 1000, output_tokens: 0 }, at })
    check(read('2026-10-06T23:59:59.999Z'), '1000*0.2')
    check(read('2026-10-07T00:00:00Z'), '1000*0.1')
  })
  test('fast Opus 4.6 by date', () => {
    const fast = (at: string): Row => claude('claude-opus-4-6', { speed: 'fast', at })
    check(fast('2026-02-10T00:00:00Z'), '1000*30 + 100*150')
    check(fast('2026-10-01T00:00:00Z'), '1000*5 + 100*25')
  })
  test('agents by the hour', () => {
    check(claude('claude-opus-5', { usage: { ...io, session_hours: 1.5 } }), '1000*5 + 100*25 + #1.5*0.08')
  })
})

describe('Google (ai.google.dev/gemini-api/docs/pricing, cloud.google.com/vertex-ai/generative-ai/pricing)', () => {
  const gemini = (model: string, more: Row = {}): Row => ({ provider: 'gcp.gemini', model, usage: io, ...more })
  test('contexts above 200,000', () => {
    const usage = (input_tokens: number) => ({ input_tokens, cache_read_tokens: 1000, output_tokens: 10 })
    check(gemini('gemini-2.5-pro', { usage: usage(200_000) }), '199000*1.25 + 1000*0.125 + 10*10')
    check(gemini('gemini-2.5-pro', { usage: usage(200_001) }), '199001*2.5 + 1000*0.25 + 10*15')
    check(gemini('gemini-3.1-pro-preview', { usage: usage(200_001) }), '199001*4 + 1000*0.4 + 10*18')
  })
  test('introductory prices end with the year', () => {
    for (const model of ['gemini-3.6-flash', 'gemini-3.7-flash', 'gemini-3.8-flash']) {
      check(gemini(model, { at: '2026-12-31T23:59:59.999Z' }), '1000*0.75 + 100*3.75')
      check(gemini(model, { at: '2027-01-01T00:00:00Z' }), '1000*1.5 + 100*7.5')
      check(gemini(model, { service_tier: 'batch' }), '1000*0.375 + 100*1.875')
      check(gemini(model, { service_tier: 'flex', at: '2027-01-01T00:00:00Z' }), '1000*0.75 + 100*3.75')
      check(gemini(model, { service_tier: 'priority' }), '1000*1.35 + 100*6.75')
    }
  })
  test('tiers of older models keep the standard price of what was cached', () => {
    const usage = { input_tokens: 2000, cache_read_tokens: 1000, output_tokens: 100 }
    check(gemini('gemini-2.5-flash', { usage, service_tier: 'flex' }), '1000*0.15 + 1000*0.03 + 100*1.25')
    check(gemini('gemini-2.5-flash', { usage, service_tier: 'batch' }), '1000*0.15 + 1000*0.03 + 100*1.25')
    check(gemini('gemini-2.5-flash', { usage, service_tier: 'priority' }), '1000*0.54 + 1000*0.054 + 100*4.5')
    check(gemini('gemini-2.5-pro', { usage, service_tier: 'priority' }), '1000*2.25 + 1000*0.225 + 100*18')
    check(gemini('gemini-4-argon', { usage, service_tier: 'flex' }), '1000*1 + 1000*0.05 + 100*5')
  })
  test('thoughts, tool prompts, audio, grounding, storage, media', () => {
    const usage = {
      input_tokens: 1500,
      input_tool_tokens: 300,
      input_audio_tokens: 200,
      output_tokens: 400,
      output_reasoning_tokens: 300,
    }
    check(gemini('gemini-2.5-flash', { usage }), '1300*0.3 + 200*1 + 400*2.5')
    check(gemini('gemini-3.5-flash', { usage: { ...io, web_searches: 2 } }), '1000*1.5 + 100*9 + #2*0.014')
    check(gemini('gemini-2.5-flash', { usage: { ...io, web_searches: 1 } }), '1000*0.3 + 100*2.5 + #1*0.035')
    check(gemini('gemini-2.5-pro', { usage: { cache_storage_token_hours: 2_000_000 } }), '2000000*4.5')
    check(gemini('gemini-3.8-flash', { usage: { cache_storage_token_hours: 500_000 } }), '500000*0.5')
    const image = { input_tokens: 100, output_tokens: 1120, output_image_tokens: 1120 }
    check(gemini('gemini-3-pro-image-preview', { usage: image }), '100*2 + 1120*120')
    check(gemini('veo-3.1-generate-001', { usage: { seconds: 8 } }), '#8*0.4')
    check(gemini('imagen-3.0-generate-001', { usage: { images: 3 } }), '#3*0.04')
  })
  test('Vertex: its own Gemini 2.0, regional Claude, batch', () => {
    const vertex = (model: string, more: Row = {}): Row => ({ provider: 'gcp.vertex_ai', model, usage: io, ...more })
    check(vertex('gemini-2.0-flash-001'), '1000*0.15 + 100*0.6')
    check(gemini('gemini-2.0-flash-001'), '1000*0.1 + 100*0.4')
    check(vertex('claude-opus-4-5@20251101', { region: 'global' }), '1000*5 + 100*25')
    check(vertex('claude-opus-4-5@20251101', { region: 'us-east5' }), '1000*5.5 + 100*27.5')
    check(vertex('claude-opus-4-1@20250805', { region: 'us-east5' }), '1000*15 + 100*75')
    check(vertex('claude-sonnet-4-5', { region: 'global', service_tier: 'batch' }), '1000*1.5 + 100*7.5')
    check(vertex('publishers/google/models/gemini-2.5-pro'), '1000*1.25 + 100*10')
    const path = 'projects/p/locations/us-east5/publishers/anthropic/models/claude-sonnet-4-5@20250929'
    check(vertex(path), '1000*3.3 + 100*16.5')
  })
})

describe('Bedrock (aws.amazon.com/bedrock/pricing, service-tiers-inference)', () => {
  const bedrock = (model: string, more: Row = {}): Row => ({ provider: 'aws.bedrock', model, usage: io, ...more })
  test('endpoints, profiles, ARNs', () => {
    check(bedrock('us.anthropic.claude-sonnet-4-5-20250929-v1:0'), '1000*3.3 + 100*16.5')
    check(bedrock('global.anthropic.claude-sonnet-4-5-20250929-v1:0'), '1000*3 + 100*15')
    check(bedrock('anthropic.claude-sonnet-4-5-20250929-v1:0'), '1000*3.3 + 100*16.5', 'assumed_regional_endpoint')
    check(bedrock('us.anthropic.claude-sonnet-4-20250514-v1:0'), '1000*3 + 100*15')
    const profile =
      'arn:aws:bedrock:us-east-1:123456789012:inference-profile/us.anthropic.claude-haiku-4-5-20251001-v1:0'
    check(bedrock(profile), '1000*1.1 + 100*5.5')
    const writes = { input_tokens: 3000, cache_write_1h_tokens: 1000, cache_read_tokens: 1000, output_tokens: 1 }
    check(bedrock('eu.anthropic.claude-opus-4-6-v1', { usage: writes }), '1000*5.5 + 1000*11 + 1000*0.55 + 1*27.5')
    never(bedrock('arn:aws:bedrock:us-east-1:123456789012:application-inference-profile/abc'), 'opaque_model_id')
    check(bedrock('us-gov.anthropic.claude-sonnet-4-5-20250929-v1:0'), '1000*3.6 + 100*18')
    check(bedrock('bedrock/converse/global.anthropic.claude-sonnet-4-5-20250929-v1:0'), '1000*3 + 100*15')
    const named = { provider: 'anthropic', model: 'us.anthropic.claude-sonnet-4-5-20250929-v1:0', usage: io }
    check(named, '1000*3.3 + 100*16.5', 'billed_by_aws.bedrock')
  })
  test('long contexts of Sonnet 4 and 4.5', () => {
    const usage = { input_tokens: 200_001, output_tokens: 10 }
    check(bedrock('us.anthropic.claude-sonnet-4-20250514-v1:0', { usage }), '200001*6 + 10*22.5')
    check(bedrock('us.anthropic.claude-sonnet-4-5-20250929-v1:0', { usage }), '200001*6.6 + 10*24.75')
  })
  test('tiers, other continents', () => {
    check(bedrock('amazon.nova-pro-v1:0', { service_tier: 'flex' }), '1000*0.4 + 100*1.6')
    check(bedrock('amazon.nova-pro-v1:0', { service_tier: 'priority' }), '1000*1.4 + 100*5.6')
    check(bedrock('openai.gpt-oss-120b-1:0', { service_tier: 'priority' }), '1000*0.2625 + 100*1.05')
    check(bedrock('us.anthropic.claude-opus-4-5-20251101-v1:0', { service_tier: 'batch' }), '1000*2.75 + 100*13.75')
    check(bedrock('apac.amazon.nova-pro-v1:0'), '1000*0.84 + 100*3.36')
    check(bedrock('deepseek.v3.2', { region: 'eu-north-1' }), '1000*0.74 + 100*2.22')
    check(bedrock('deepseek.v3.2', { region: 'us-west-2' }), '1000*0.62 + 100*1.85')
    check(bedrock('cohere.rerank-v3-5:0', { usage: { requests: 2 } }), '#2*0.002')
    const nova = { input_tokens: 2000, cache_read_tokens: 1000, output_tokens: 0 }
    check(bedrock('amazon.nova-pro-v1:0', { usage: nova }), '1000*0.8 + 1000*0.2')
  })
})

describe('Azure (azure.microsoft.com/pricing, learn.microsoft.com/azure/foundry)', () => {
  const azure = (model: string, more: Row = {}): Row => ({ provider: 'azure', model, usage: io, ...more })
  test('global at the list price, data zones dearer, others at their own price', () => {
    check(azure('gpt-5'), '1000*1.25 + 100*10', 'list_price_of_openai')
    check(azure('gpt-5', { usage: { ...io, web_searches: 2 } }), '1000*1.25 + 100*10 + #2*0.014')
    check({ provider: 'openai', model: 'gpt-5', usage: { ...io, web_searches: 2 } }, '1000*1.25 + 100*10 + #2*0.01')
    check(azure('gpt-5', { region: 'eu' }), '1000*1.375 + 100*11')
    check(azure('gpt-6-astra', { region: 'eu' }), '1000*12 + 100*60')
    check(azure('gpt-6-astra', { region: 'us' }), '1000*11 + 100*55')
    const foundry = { provider: 'azure.ai.inference', usage: io }
    check({ ...foundry, model: 'DeepSeek-V3.2' }, '1000*0.58 + 100*1.68')
    check({ ...foundry, model: 'grok-4-fast-reasoning' }, '1000*0.2 + 100*0.5')
    check({ ...foundry, model: 'Llama-3.3-70B-Instruct' }, '1000*0.71 + 100*0.71')
    never(azure('my-deployment'), 'unknown_model')
  })
})

describe('xAI, DeepSeek, Mistral, Cohere, Groq, Qwen and others (their price pages)', () => {
  const at = (provider: string, model: string, more: Row = {}): Row => ({ provider, model, usage: io, ...more })
  test('xAI: 200,000 is already long; retired names cost what answers them', () => {
    const usage = (input_tokens: number) => ({ input_tokens, output_tokens: 10, output_reasoning_tokens: 4 })
    check(at('x_ai', 'grok-4.3', { usage: usage(199_999) }), '199999*1.25 + 10*2.5')
    check(at('xai', 'grok-4.3', { usage: usage(200_000) }), '200000*2.5 + 10*5')
    check(at('x_ai', 'grok-4-fast-reasoning', { at: '2026-05-01T00:00:00Z' }), '1000*0.2 + 100*0.5')
    check(at('x_ai', 'grok-4-fast-reasoning', { at: '2026-08-12T00:00:00Z' }), '1000*1.25 + 100*2.5')
    check(at('x_ai', 'grok-4.20-reasoning'), '1000*1.25 + 100*2.5')
    check(at('x_ai', 'grok-4.7', { service_tier: 'batch' }), '1000*1.6 + 100*4.8')
    check(at('x_ai', 'grok-4.3', { region: 'us' }), '1000*1.375 + 100*2.75')
    const tools = { ...io, web_searches: 2, code_sessions: 1, storage_searches: 1, attachment_searches: 1 }
    check(at('x_ai', 'grok-4.3', { usage: tools }), '1000*1.25 + 100*2.5 + #3*0.005 + #1*0.0025 + #1*0.005')
    const cached = { input_tokens: 1000, cache_read_tokens: 1000, output_tokens: 0 }
    check(at('x_ai', 'grok-4.5', { usage: cached, at: '2026-07-08T12:00:00Z' }), '1000*0.5')
    check(at('x_ai', 'grok-4.5', { usage: cached }), '1000*0.3')
    check(at('x_ai', 'grok-imagine-image', { usage: { images: 2 } }), '#2*0.02')
  })
  test('DeepSeek: the day of the rise is a Beijing one; peak hours, weekends, holidays', () => {
    const flash = (moment: string): Row => at('deepseek', 'deepseek-v4-flash', { at: moment })
    check(flash('2026-08-16T15:59:59.999Z'), '1000*0.14 + 100*0.28')
    check(flash('2026-08-16T16:00:00Z'), '1000*0.22 + 100*0.66')
    check(flash('2026-08-17T02:00:00Z'), '1000*0.44 + 100*1.32')
    const pro = (moment: string): Row => at('deepseek', 'deepseek-v4-pro', { at: moment })
    check(pro('2026-11-20T02:00:00Z'), '1000*1.32 + 100*3.96')
    check(pro('2026-11-20T05:00:00Z'), '1000*0.66 + 100*1.98')
    check(pro('2026-11-21T02:00:00Z'), '1000*0.66 + 100*1.98')
    check(pro('2026-10-01T02:00:00Z'), '1000*0.66 + 100*1.98')
    const cached = { input_tokens: 1000, cache_read_tokens: 1000, output_tokens: 0 }
    check(at('deepseek', 'deepseek-v4-pro', { usage: cached, at: '2026-08-01T00:00:00Z' }), '1000*0.003625')
    const chat = (moment: string): Row => at('deepseek', 'deepseek-chat', { at: moment })
    check(chat('2025-06-01T12:00:00Z'), '1000*0.27 + 100*1.1')
    check(chat('2025-06-01T17:00:00Z'), '1000*0.135 + 100*0.55')
    check(chat('2025-11-01T12:00:00Z'), '1000*0.28 + 100*0.42')
  })
  test('Mistral: names that moved', () => {
    check(at('mistral', 'mistral-large-latest'), '1000*0.5 + 100*1.5')
    check(at('mistral', 'mistral-medium-latest', { at: '2026-06-15T23:59:59Z' }), '1000*0.4 + 100*2')
    check(at('mistral', 'mistral-medium-latest', { at: '2026-06-16T00:00:00Z' }), '1000*1.5 + 100*7.5')
    check(at('mistral', 'mistral-small-latest'), '1000*0.15 + 100*0.6')
    check(at('mistral', 'codestral-latest'), '1000*0.3 + 100*0.9')
    check(at('mistral', 'mistral-ocr-2505', { usage: { pages: 12 } }), '#12*0.001')
  })
  test('searches, seconds with a minimum, characters', () => {
    check(at('cohere', 'rerank-v3.5', { usage: { requests: 3 } }), '#3*0.002')
    check(at('cohere', 'embed-v4.0', { usage: { input_tokens: 1000 } }), '1000*0.12')
    check(at('groq', 'whisper-large-v3-turbo', { usage: { seconds: 3 } }), '#10*0.04/3600', 'seconds_minimum')
    check(at('groq', 'whisper-large-v3', { usage: { seconds: 61.5 } }), '#61.5*0.111/3600')
    check(at('groq', 'whisper-large-v3', { usage: { seconds: 25, requests: 3 } }), '#30*0.111/3600', 'seconds_minimum')
    check(at('voyageai', 'voyage-3.5', { usage: { input_tokens: 1000 } }), '1000*0.06')
  })
  test('Qwen: steps by the length of the prompt', () => {
    const usage = (input_tokens: number) => ({ input_tokens, output_tokens: 10 })
    check(at('qwen', 'qwen3-max', { usage: usage(32_000) }), '32000*1.2 + 10*6')
    check(at('dashscope', 'qwen3-max', { usage: usage(32_001) }), '32001*2.4 + 10*12')
    check(at('alibaba', 'qwen3-max', { usage: usage(128_001) }), '128001*3 + 10*15')
    check(at('qwen', 'qwen-max'), '1000*1.6 + 100*6.4')
    check(at('qwen', 'qwen3.8-max'), '1000*2 + 100*6')
    never(at('qwen', 'qwen-plus', { usage: { ...io, output_reasoning_tokens: 50 } }), 'no_rate:reasoning')
  })
  test('Moonshot, Together, Fireworks, Perplexity, Databricks', () => {
    check(at('moonshot', 'kimi-k2.5'), '1000*0.6 + 100*3')
    check(at('moonshot', 'kimi-k2.6'), '1000*0.95 + 100*4')
    check(at('together', 'deepseek-ai/DeepSeek-V3.1'), '1000*0.6 + 100*1.7')
    check(
      at('perplexity', 'sonar', { usage: { ...io, requests: 1, web_searches: 3 } }),
      '1000*1 + 100*1 + #1*0.005',
      'price_unverified',
    )
    check(at('databricks', 'databricks-claude-sonnet-4-5'), '1000*2.99999 + 100*15.00002')
  })
})
