import { check, io, never } from './testing/price-list.ts'

describe('ids', () => {
  const same = (provider: string, ids: readonly string[], terms: string): void => {
    for (const model of ids) check({ provider, model, usage: io }, terms)
  }
  test('decorations that change no price', () => {
    same('openai', ['gpt-4o', 'gpt-4o-2024-08-06', 'openai/gpt-4o', 'GPT-4o', ' gpt-4o '], '1000*2.5 + 100*10')
    same('openrouter', ['openai/gpt-4o', 'openai/gpt-4o:nitro', 'openai/gpt-4o:floor'], '1000*2.5 + 100*10')
    same('fireworks', ['accounts/fireworks/models/deepseek-v3p1', 'deepseek-v3p1'], '1000*0.56 + 100*1.68')
    same(
      'google',
      ['models/gemini-2.5-flash', 'gemini-2.5-flash', 'gemini-2.5-flash-preview-09-2025'],
      '1000*0.3 + 100*2.5',
    )
    same('vertex_ai', ['claude-3-haiku@20240307', 'claude-3-haiku'], '1000*0.25 + 100*1.25')
  })
  test('never by a part of a name', () => {
    for (const model of ['gpt-5.7-sol', 'gpt-5-ultra', 'claude-opus-9', 'gemini-9-pro', 'gpt-4o-mini-ultra', 'o3-max'])
      never({ provider: 'openai', model, usage: io }, 'unknown_model')
    never({ provider: 'openai', model: 'ft:gpt-9:acme::x', usage: io }, 'unknown_model')
    never({ provider: 'nobody', model: 'gpt-4o', usage: io }, 'unknown_provider')
  })
  test('an answer from another model is not priced as the one asked for', () => {
    never({ provider: 'openai', model: 'gpt-unheard-of', request_model: 'gpt-4o', usage: io }, 'unknown_model')
    check({ provider: 'openai', model: 'gpt-4o-2031-01-01', request_model: 'gpt-4o', usage: io }, '1000*2.5 + 100*10')
  })
})

describe('usage that does not add up is clamped, flagged, and priced at what is provable', () => {
  test('more read from the cache than there was input', () => {
    const usage = { input_tokens: 100, cache_read_tokens: 500, output_tokens: 10 }
    check({ provider: 'openai', model: 'gpt-4o', usage }, '500*1.25 + 10*10', 'clamped')
  })
  test('more reasoning than output', () => {
    const usage = { input_tokens: 100, output_tokens: 10, output_reasoning_tokens: 50 }
    check({ provider: 'openai', model: 'gpt-5', usage }, '100*1.25 + 50*10', 'clamped')
  })
})
