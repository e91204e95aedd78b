import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Usage } from '../genai/usage.ts'
import { bundledBook } from './book/index.ts'
import type { Card } from './card.ts'
import { cardSchema } from './card-schema.ts'
import { CARD_KEYS, checkCard, overlaps } from './check.ts'
import { compileCard } from './compile.ts'
import { Pricer } from './pricer.ts'
import { query } from './testing/query.ts'

const files = Object.values(bundledBook.files).map((load) => load())
const cards = files.flatMap((file) => file.cards.map((card) => ({ file, card })))
const none = (list: readonly string[]): void => expect(list).toEqual([])

test('every card is well formed, and every price in it a decimal', () => {
  expect(cards.length).toBeGreaterThan(2500)
  none(cards.flatMap(({ card }) => checkCard(card).map((c) => `${card.id} ${c.path.join('.')}: ${c.message}`)))
})

test('every card and modifier names a source with an address and the day it was checked', () => {
  const named = (file: (typeof files)[number]) => [
    ...file.cards.flatMap((c) => [[c.id, c.source] as const, ...(c.also ?? []).map((s) => [c.id, s] as const)]),
    ...(file.modifiers ?? []).map((m) => [m.id, m.source] as const),
  ]
  none(
    files.flatMap((file) =>
      named(file)
        .filter(([, source]) => {
          const s = file.sources[source]
          return s === undefined || !/^https:\/\//.test(s.url) || !/^\d{4}-\d\d-\d\d$/.test(s.checked)
        })
        .map(([id, source]) => `${id}: ${source}`),
    ),
  )
})

test('no two cards of a model hold at the same time', () => {
  none(files.flatMap((file) => overlaps(file.cards).map(([a, b]) => `${a.id} and ${b.id}`)))
})

test('ids are unique, and no alias leads to two models', () => {
  const ids = cards.map(({ card }) => card.id)
  expect(new Set(ids).size).toBe(ids.length)
  const owners = new Map<string, string>()
  none(
    cards.flatMap(({ file, card }) =>
      [card.model, ...(card.aliases ?? [])].flatMap((name) => {
        const key = `${file.provider} ${name.toLowerCase()}`
        const owner = owners.get(key) ?? card.model.toLowerCase()
        owners.set(key, owner)
        return owner === card.model.toLowerCase() ? [] : [`${key}: ${owner} and ${card.model}`]
      }),
    ),
  )
})

test('every card compiles with every modifier that may fall on it', () => {
  for (const { file, card } of cards) {
    for (const modifier of file.modifiers ?? []) {
      if (modifier.models?.includes(card.model) !== false) compileCard(card, [modifier], [])
    }
    expect(compileCard(card, [], []).bands.length).toBe((card.bands ?? []).length + 1)
  }
})

test('modifiers only name models that are there', () => {
  none(
    files.flatMap((file) =>
      (file.modifiers ?? []).flatMap((m) =>
        (m.models ?? [])
          .filter((model) => !file.cards.some((c) => c.model === model))
          .map((model) => `${m.id}: ${model}`),
      ),
    ),
  )
})

test('the schema file is what the code says, and knows every key', () => {
  const text = readFileSync(join(import.meta.dirname, 'card.schema.json'), 'utf8')
  expect(text).toBe(`${JSON.stringify(cardSchema(), null, 1)}\n`)
  const { properties } = JSON.parse(text) as { properties: Readonly<Record<string, unknown>> }
  expect(Object.keys(properties).toSorted()).toEqual(CARD_KEYS.toSorted())
  const used = new Set(cards.flatMap(({ card }) => Object.keys(card)))
  expect([...used].filter((key) => !(key in properties))).toEqual([])
})

test('who sells and what is covered', () => {
  const sellers =
    'openai azure.ai.openai anthropic gcp.gemini gcp.vertex_ai aws.bedrock mistral_ai cohere x_ai deepseek groq together fireworks perplexity openrouter moonshot_ai qwen databricks'
  for (const provider of sellers.split(' ')) expect(Object.keys(bundledBook.files)).toContain(provider)
})

test('what is not chat: embeddings, reranking, speech, images, video, pages', () => {
  const pricer = new Pricer({ book: bundledBook })
  const check = (provider: string, model: string, other: Usage['other']) => {
    const usage = other === undefined ? { input: 1000 } : { other }
    const cost = pricer.price(query({ provider, model, usage }))
    expect([provider, model, cost.reason, Number(cost.pico) > 0]).toEqual([provider, model, cost.reason, true])
  }
  const tokens = undefined
  check('openai', 'text-embedding-3-large', tokens)
  check('azure.ai.openai', 'text-embedding-3-small', tokens)
  check('gcp.gemini', 'gemini-embedding-001', tokens)
  check('gcp.vertex_ai', 'text-embedding-005', tokens)
  check('aws.bedrock', 'amazon.titan-embed-text-v2:0', tokens)
  check('mistral_ai', 'mistral-embed', tokens)
  check('cohere', 'embed-v4.0', tokens)
  check('together', 'BAAI/bge-base-en-v1.5', tokens)
  check('fireworks', 'nomic-ai/nomic-embed-text-v1.5', tokens)
  check('perplexity', 'pplx-embed-v1-4b', tokens)
  check('databricks', 'databricks-gte-large-en', tokens)
  check('qwen', 'text-embedding-v4', tokens)
  check('voyageai', 'rerank-2.5', tokens)
  check('cohere', 'rerank-v3.5', { requests: 1 })
  check('aws.bedrock', 'amazon.rerank-v1:0', { requests: 1 })
  check('openai', 'gpt-realtime', { input_audio: 10, output_audio: 10 })
  check('openai', 'whisper-1', { seconds: 5 })
  check('azure.ai.openai', 'whisper', { seconds: 5 })
  check('groq', 'whisper-large-v3', { seconds: 60 })
  check('x_ai', 'grok-voice-transcribe-2.0', { seconds: 5 })
  check('mistral_ai', 'voxtral-mini-2602', { seconds: 5 })
  check('elevenlabs', 'eleven_flash_v2_5', { characters: 100 })
  check('qwen', 'qwen-audio-3.0-tts-plus', { characters: 100 })
  check('openai', 'gpt-image-1', { output_image: 1000 })
  check('gcp.vertex_ai', 'imagen-4.0-generate-001', { images: 1 })
  check('aws.bedrock', 'amazon.titan-image-generator-v2:0', { images: 1 })
  check('x_ai', 'grok-imagine-image', { images: 1 })
  check('qwen', 'qwen-image-3.0', { images: 1 })
  check('openai', 'sora-2-pro', { seconds: 4 })
  check('gcp.gemini', 'veo-3.1-generate-001', { seconds: 8 })
  check('aws.bedrock', 'amazon.nova-reel-v1:1', { seconds: 6 })
  check('x_ai', 'grok-imagine-video', { seconds: 6 })
  check('mistral_ai', 'mistral-ocr-2505', { pages: 3 })
})

test('overlaps are found, and neighbours are none', () => {
  const card = (from?: string, to?: string, tier?: string): Card => ({
    id: 'p/m',
    model: 'm',
    rates: { input: '1' },
    source: 's',
    ...(from === undefined ? {} : { from }),
    ...(to === undefined ? {} : { to }),
    ...(tier === undefined ? {} : { when: { tier: [tier] } }),
  })
  expect(overlaps([card(undefined, '2026-01-01'), card('2026-01-01')])).toHaveLength(0)
  expect(overlaps([card(undefined, '2026-01-02'), card('2026-01-01')])).toHaveLength(1)
  expect(overlaps([card(), card(undefined, undefined, 'flex')])).toHaveLength(0)
  expect(overlaps([card(), card()])).toHaveLength(1)
})

test('money never passes through a float', () => {
  const sources = readdirSync(import.meta.dirname).filter((f) => f.endsWith('.ts') && !f.endsWith('.test.ts'))
  expect(sources.length).toBeGreaterThan(10)
  none(
    sources.flatMap((name) =>
      readFileSync(join(import.meta.dirname, name), 'utf8')
        .split('\n')
        .flatMap((line, i) =>
          /parseFloat|toFixed|usdNumber|Math\.round/.test(line) ? [`${name}:${i + 1} ${line.trim()}`] : [],
        ),
    ),
  )
})
