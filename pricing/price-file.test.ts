import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { combined, parsePriceFile } from './price-file.ts'

const GOOD = `aliases: { prod: gpt-house }
sources:
  deal: { url: "https://example.com/deal", checked: 2026-11-01 }
cards:
  - provider: openai
    model: gpt-house
    source: deal
    rates: { input: 2, output: "8" }
`
const problemsOf = (text: string) => parsePriceFile(text, 'p.yaml').problems
const parsed = (text: string, name = 'p.yaml') => {
  const { file, problems } = parsePriceFile(text, name)
  if (file === undefined) throw new Error(problems.join('\n'))
  return file
}

test('cards, aliases and sources are read, JSON too', () => {
  expect(combined([parsed(GOOD)]).books?.[0]).toMatchObject({
    provider: 'openai',
    cards: [{ id: 'user:openai/gpt-house', rates: { input: '2', output: '8' }, source: 'deal' }],
    sources: { deal: { url: 'https://example.com/deal' } },
  })
  expect(parsed(GOOD).aliases).toEqual({ prod: 'gpt-house' })
  expect(parsed('{"cards":[{"provider":"p","model":"m","free":true}]}').cards).toHaveLength(1)
  expect(parsed('cards: []').cards).toEqual([])
})

describe('everything that is wrong is told with its position', () => {
  const check = (text: string, ...want: string[]) =>
    test(JSON.stringify(text), () => expect(problemsOf(text)).toEqual(want))
  check('', 'p.yaml:1:1 expected a map with cards, and perhaps aliases, fx, sources, version, as_of')
  check('cards: 5', 'p.yaml:1:8 cards: expected a list of price cards')
  check('card: []', 'p.yaml:1:7 card: unknown key; known are cards, aliases, fx, sources, version, as_of')
  check('aliases: { a: 1 }', 'p.yaml:1:15 aliases.a: expected a model, or provider/model')
  check('fx: [{ currency: USD, usd: 1 }]', 'p.yaml:1:18 fx[0].currency: expected a currency such as CNY, not USD')
  check('fx: [{ currency: CNY, usd: no }]', 'p.yaml:1:28 fx[0].usd: expected what one unit is worth in USD, "0.1379"')
  check('sources: { a: { url: x } }', 'p.yaml:1:15 sources.a: expected url and checked, a date such as 2026-11-01')
  check(
    'cards:\n  - provider: p\n    model: m\n    rates:\n      input: much\n      outputs: 1\n',
    'p.yaml:5:14 cards[0].rates.input: expected a decimal string such as "2.5", not negative',
    'p.yaml:6:16 cards[0].rates.outputs: unknown meter; known are input, cache_read, cache_write, cache_write_5m, cache_write_1h, output, reasoning, input_audio, input_image, input_video, input_tool, cache_read_audio, cache_read_image, output_audio, output_image, web_searches, storage_searches, attachment_searches, code_sessions, session_hours, images, seconds, characters, requests, pages, cache_storage_token_hours',
  )
  check(
    'cards:\n  - { provider: p, model: m, free: true, source: s }',
    'p.yaml:2:50 cards[0].source: no such name under sources',
  )
  check(
    'cards:\n  - { provider: p, model: m, free: true }\n  - { provider: p, model: m, free: true }',
    'p.yaml:3:5 cards[1]: holds at the same time as cards[0] for the same model; set from and to',
  )
})

test('what is not YAML, and what would take all memory', () => {
  expect(problemsOf('cards: [1')?.[0]).toMatch(/^p\.yaml:1:10 /)
  expect(problemsOf('x'.repeat(5_000_000))?.[0]).toMatch(/over 4 MiB/)
  const bomb = `a: &a [1,1,1,1,1,1,1,1,1]\n${'bcdefgh'
    .split('')
    .map((c, i) => `${c}: &${c} [${Array(9).fill(`*${'abcdefg'[i]}`).join(',')}]`)
    .join('\n')}\ncards: *h`
  expect(problemsOf(bomb)?.[0]).toMatch(/^p\.yaml:1:1 /)
  expect(problemsOf('['.repeat(5_000))?.length).toBeGreaterThan(0)
  expect(problemsOf(`cards: []\ncards: []`)?.[0]).toMatch(/^p\.yaml:2:1 /)
})

test('two files that contradict each other name the place in the second', () => {
  const a = parsed('cards: [{ provider: p, model: m, free: true }]', 'a.yaml')
  const b = parsed(
    '\ncards:\n  - { provider: p, model: n, free: true }\n  - { provider: p, model: m, free: true }',
    'b.yaml',
  )
  expect(combined([a, b]).problems).toEqual([
    'b.yaml:4:5 cards[1]: holds at the same time as cards[0] of a.yaml for the same model; set from and to',
  ])
})

test('the example in the documentation is a good file', () => {
  const page = readFileSync(join(import.meta.dirname, '../docs/prices.md'), 'utf8')
  const example = /```yaml\n(# prices\.yaml\n[\s\S]*?)```/.exec(page)?.[1] ?? ''
  expect(parsed(example).cards).toHaveLength(4)
})
