import { modelIdOf } from './ids.ts'
import { providerOf } from './providers.ts'

const spellings = (model: string, provider: string): readonly string[] => modelIdOf(model, provider).candidates

test('ids lose their decoration step by step, exact first', () => {
  const check = (model: string, provider: string, last: string) => {
    const all = spellings(model, provider)
    expect(all[0]).toBe(model.toLowerCase())
    expect(all.at(-1)).toBe(last)
  }
  check('gpt-4o-2024-08-06', 'openai', 'gpt-4o')
  check('claude-sonnet-4-5-20250929', 'anthropic', 'claude-sonnet-4-5')
  check('claude-sonnet-4-5@20250929', 'gcp.vertex_ai', 'claude-sonnet-4-5')
  check('claude-opus-4-6@default', 'gcp.vertex_ai', 'claude-opus-4-6')
  check('publishers/anthropic/models/claude-opus-4-6', 'gcp.vertex_ai', 'claude-opus-4-6')
  check('projects/p/locations/us-central1/publishers/google/models/gemini-2.5-pro', 'gcp.vertex_ai', 'gemini-2.5-pro')
  check('models/gemini-2.0-flash-001', 'gcp.gemini', 'gemini-2.0-flash')
  check('gemini-2.5-pro-preview-05-06', 'gcp.gemini', 'gemini-2.5-pro-preview')
  check('anthropic.claude-opus-4-6-v1', 'aws.bedrock', 'anthropic.claude-opus-4-6')
  check('openai/gpt-5:nitro', 'openrouter', 'openai/gpt-5')
  check('anthropic/claude-4.6-sonnet-20260217', 'openrouter', 'anthropic/claude-4.6-sonnet')
  check('accounts/fireworks/models/kimi-k2', 'fireworks', 'kimi-k2')
  check('ft:gpt-4o-mini-2024-07-18:org:name:id', 'openai', 'ft:gpt-4o-mini')
  check('GPT-4O', 'openai', 'gpt-4o')
})

test('four digits are a version and not a date', () => {
  expect(spellings('command-r-03-2024', 'cohere')).toEqual(['command-r-03-2024'])
  expect(spellings('mistral-large-2411', 'mistral_ai')).toEqual(['mistral-large-2411'])
  expect(spellings('gpt-4-0613', 'openai')).toEqual(['gpt-4-0613'])
})

test('Bedrock ids say which endpoint answered; ARNs say where', () => {
  const check = (model: string, endpoint: string | undefined, last: string, region?: string) => {
    const id = modelIdOf(model, 'aws.bedrock')
    expect([id.endpoint, id.candidates.at(-1), id.region]).toEqual([endpoint, last, region])
  }
  check('us.anthropic.claude-sonnet-4-5-20250929-v1:0', 'regional', 'anthropic.claude-sonnet-4-5')
  check('us-gov.anthropic.claude-haiku-4-5-20251001-v1:0', 'regional', 'anthropic.claude-haiku-4-5')
  check('global.anthropic.claude-opus-5', 'global', 'anthropic.claude-opus-5')
  check('anthropic.claude-opus-5', undefined, 'anthropic.claude-opus-5')
  const arn = 'arn:aws:bedrock:eu-west-1:123456789012'
  check(`${arn}:inference-profile/eu.anthropic.claude-opus-5`, 'regional', 'anthropic.claude-opus-5', 'eu-west-1')
  check('arn:aws:bedrock:us-east-1::foundation-model/amazon.nova-pro-v1:0', undefined, 'amazon.nova-pro', 'us-east-1')
  expect(modelIdOf(`${arn}:application-inference-profile/a1b2`, 'aws.bedrock').isOpaque).toBe(true)
})

test('provider names: old ones, gateways, frameworks, local runtimes', () => {
  const check = (name: string, kind: string, id: string) => expect(providerOf(name)).toEqual({ kind, id })
  check('openai', 'billing', 'openai')
  check('az.ai.openai', 'billing', 'azure.ai.openai')
  check('vertex_ai', 'billing', 'gcp.vertex_ai')
  check('Google-Vertex', 'billing', 'gcp.vertex_ai')
  check('xai', 'billing', 'x_ai')
  check('together-ai', 'billing', 'together')
  check('amazon-bedrock', 'billing', 'aws.bedrock')
  check('', 'unnamed', '')
  check('langchain', 'unnamed', '')
  check('strands-agents', 'unnamed', '')
  check('ollama', 'local', 'ollama')
  check('lm_studio', 'local', 'lmstudio')
  check('my-gateway', 'billing', 'my_gateway')
})
