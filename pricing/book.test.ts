import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { bundledBook } from './book/index.ts'
import type { Card } from './card.ts'
import { cardSchema } from './card-schema.ts'
import { CARD_KEYS, checkCard, overlaps } from './check.ts'
import { compileCard } from './compile.ts'

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
    'openai azure.ai.openai anthropic gcp.gemini gcp.vertex_ai aws.bedrock mistral_ai cohere x_ai deepseek groq together fireworks perplexity openrouter moonshot_ai databricks'
  for (const provider of sellers.split(' ')) expect(Object.keys(bundledBook.files)).toContain(provider)
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
