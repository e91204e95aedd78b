import { bundledBook } from '../pricing/book/index.ts'
import { prices } from './prices.ts'

const OWN = `sources: { deal: { url: "https://example.com/deal", checked: 2026-11-01 } }
cards:
  - { provider: openai, model: gpt-4o, source: deal, rates: { input: "1", output: "1" } }
`

function run(args: readonly string[], files: Readonly<Record<string, string>> = {}) {
  let out = ''
  let err = ''
  const code = prices({
    args,
    now: () => Date.parse(bundledBook.asOf) + 40 * 86_400_000,
    io: {
      env: {},
      readFile(path) {
        const text = files[path]
        if (text === undefined) throw Object.assign(new Error('gone'), { code: 'ENOENT' })
        return text
      },
      stdout: (text) => {
        out += text
      },
      stderr: (text) => {
        err += text
      },
    },
  })
  return { code, out, err }
}

const lines = (text: string): string[] => text.split('\n').filter((line) => line !== '')

describe('list', () => {
  test('by provider, part of the name and day', () => {
    const sol = (date: string) => run(['list', '--provider', 'openai', '--model', 'gpt-5.6-sol', '--at', date]).out
    expect(sol('2026-08-20')).toMatch(/gpt-5\.6-sol {2,}2026-08-21 {2,}5 \/ 10 {2}/)
    expect(sol('2026-08-21')).toMatch(/gpt-5\.6-sol {2}2026-08-21 {2,}4 \//)
    expect(sol('2026-08-21')).toContain(`book ${bundledBook.version}`)
    expect(run(['list', '--provider', 'nobody']).out).toMatch(/^0 cards/)
  })
  test('as a file that can be read back, without a difference', () => {
    const json = run(['list', '--provider', 'anthropic', '--json']).out
    expect(run(['check', 'a.json'], { 'a.json': json })).toMatchObject({ code: 0, err: '' })
    const back = run(['list', '--prices', 'a.json', '--json'], { 'a.json': json }).out
    expect(run(['diff', 'a.json', 'b.json'], { 'a.json': json, 'b.json': back }).out).toBe('No price differs.\n')
  })
})

describe('show', () => {
  test('units, bands, sources', () => {
    const { out, code } = run(['show', 'claude-haiku-5-5', '--provider', 'anthropic'])
    expect(code).toBe(0)
    expect(out).toContain('input with more than 100000 input tokens: 0.5 USD per million tokens')
    expect(out).toContain('web_searches: 0.01 USD per search')
    expect(out).toContain('us_geo: × 11/10 for geo us')
    expect(out).toMatch(/source: https:\/\/platform\.claude\.com.*checked 2026-/)
  })
  test('finds a model as a call would: by alias and snapshot, never by a part of the name', () => {
    expect(run(['show', 'gpt-4o-2024-11-20']).out).toContain('openai/gpt-4o')
    expect(run(['show', 'gpt-4o-anything']).err).toContain('no price for gpt-4o-anything: unknown_model')
    expect(run(['show', 'gpt-4o-anything']).code).toBe(1)
  })
  test('as JSON', () => {
    const [entry] = JSON.parse(run(['show', 'gpt-4o', '--json']).out) as { card: { id: string }; sources: unknown[] }[]
    expect([entry?.card.id, entry?.sources.length]).toEqual(['openai/gpt-4o', 3])
  })
})

describe('diff', () => {
  test('what came, went and changed', () => {
    const card = (input: string, model = 'm') => `{ provider: p, model: ${model}, rates: { input: "${input}" } }`
    const a = `cards: [${card('1')}, ${card('1', 'gone')}, ${card('1', 'same')}]`
    const b = `cards: [${card('2')}, ${card('1', 'new')}, ${card('1', 'same')}]`
    const files = { 'a.yaml': a, 'b.yaml': b }
    expect(lines(run(['diff', 'a.yaml', 'b.yaml'], files).out)).toEqual([
      '- user:p/gone {"input":"1"}',
      '~ user:p/m rates: {"input":"1"} -> {"input":"2"}',
      '+ user:p/new {"input":"1"}',
    ])
    const json = JSON.parse(run(['diff', 'a.yaml', 'b.yaml', '--json'], files).out) as { changes: { kind: string }[] }
    expect(json.changes.map((c) => c.kind)).toEqual(['removed', 'changed', 'added'])
  })
})

describe('check', () => {
  test('the book has nothing wrong, and says its age', () => {
    expect(run(['check'])).toMatchObject({ code: 0, out: expect.stringContaining('40 days old') })
    expect(run(['check', '--max-age', '40']).code).toBe(0)
    expect(run(['check', '--max-age', '39'])).toMatchObject({ code: 1, err: expect.stringContaining('40 days old') })
  })
  test('mistakes in a file with their positions, overlaps between files, cards without a source', () => {
    const bad = 'cards:\n  - { provider: p, model: m, rates: { input: no } }\n'
    expect(run(['check', 'a.yaml'], { 'a.yaml': bad })).toMatchObject({
      code: 1,
      err: 'a.yaml:2:46 cards[0].rates.input: expected a decimal string such as "2.5", not negative\n',
    })
    const twice = run(['check', 'a.yaml', 'b.yaml'], { 'a.yaml': OWN, 'b.yaml': OWN })
    expect([twice.code, twice.err]).toEqual([
      1,
      'b.yaml:3:5 cards[0]: holds at the same time as cards[0] of a.yaml for the same model; set from and to\n',
    ])
    const bare = run(['check', 'a.yaml'], { 'a.yaml': 'cards: [{ provider: p, model: m, free: true }]' })
    expect([bare.code, bare.err]).toEqual([0, 'a.yaml: note: 1 cards name no source: cards[0]\n'])
  })
})

describe('reprice', () => {
  const call = (fields: object) =>
    JSON.stringify({
      key: 'k1',
      end_time: '2026-11-20T12:00:00.000Z',
      provider: 'openai',
      response_model: 'gpt-4o-2024-11-20',
      role: 'inference',
      bill: 'billed',
      usage: { input: 1000, output: 100 },
      cost: { status: 'priced', usd: '0.0035', layer: 'book', card: 'openai/gpt-4o', book_version: 'old' },
      ...fields,
    })
  const reprice = (
    calls: readonly string[],
    more: readonly string[] = [],
    files: Readonly<Record<string, string>> = {},
  ) => run(['reprice', '--calls', 'calls.jsonl', ...more], { 'calls.jsonl': `${calls.join('\n')}\n`, ...files })
  const corrections = (out: string) => lines(out).map((line) => JSON.parse(line) as Record<string, unknown>)

  test('what costs what it did gives no line', () => {
    const { out, err, code } = reprice([call({})])
    expect([code, out]).toEqual([0, ''])
    expect(err).toMatch(/openai +gpt-4o-2024-11-20 +1 +0 +0 +0\.0035 +0\n/)
  })
  test('a correction has the exact difference, both cards and the reason', () => {
    const stale = { status: 'priced', usd: '0.002', layer: 'book', card: 'openai/gpt-4', book_version: 'old' }
    expect(corrections(reprice([call({ cost: stale })]).out)).toEqual([
      {
        key: `k1#reprice:${bundledBook.version}`,
        correction_of: 'k1',
        end_time: '2026-11-20T12:00:00.000Z',
        provider: 'openai',
        model: 'gpt-4o-2024-11-20',
        reason: 'other_card',
        delta_usd: '0.0015',
        old_usd: '0.002',
        new_usd: '0.0035',
        old_card: 'openai/gpt-4',
        new_card: 'openai/gpt-4o',
        old_book: 'old',
        new_book: bundledBook.version,
      },
    ])
    expect(
      corrections(reprice([call({ cost: { ...stale, usd: '0.005', card: 'openai/gpt-4o' } })]).out)[0],
    ).toMatchObject({
      reason: 'price_changed',
      delta_usd: '-0.0015',
    })
    expect(
      corrections(reprice([call({ cost: { status: 'unpriced', reason: 'unknown_model' } })]).out)[0],
    ).toMatchObject({
      reason: 'now_priced',
      delta_usd: '0.0035',
      old_usd: null,
    })
  })
  test('by the price of its own time, not of today', () => {
    const sol = { response_model: 'gpt-5.6-sol', usage: { input: 100_000, output: 0 } }
    const cost = (usd: string) => ({ status: 'priced', usd, layer: 'book', card: 'x', book_version: 'old' })
    expect(reprice([call({ ...sol, end_time: '2026-08-20T00:00:00Z', cost: cost('0.5') })]).out).toBe('')
    expect(
      corrections(reprice([call({ ...sol, end_time: '2026-08-21T00:00:00Z', cost: cost('0.5') })]).out)[0],
    ).toMatchObject({
      delta_usd: '-0.1',
    })
  })
  test('earlier corrections count: a second run has nothing to add', () => {
    const calls = [call({ cost: { status: 'priced', usd: '0.002', layer: 'book' } })]
    const first = reprice(calls).out
    expect(corrections(first)).toHaveLength(1)
    expect(reprice(calls, ['--corrections', 'c.jsonl'], { 'c.jsonl': first }).out).toBe('')
  })
  test('bills, other bill states, contracts and settings that are not at hand stay as they are', () => {
    const cost = (fields: object) => call({ cost: { usd: '9', card: 'x', ...fields } })
    const { out, err } = reprice([
      cost({ status: 'reported', layer: 'reported' }),
      cost({ status: 'priced', layer: 'contract' }),
      cost({ status: 'priced', layer: 'user' }),
      call({ cost: { status: 'free', usd: '0', layer: 'book', reason: 'subscription' } }),
      call({ response_model: 'gone-model', cost: { status: 'priced', usd: '1', layer: 'book' } }),
      call({ bill: 'duplicate', cost: undefined }),
      call({ correction_of: 'k0' }),
    ])
    expect(out).toBe('')
    expect(err).toMatch(/gpt-4o-2024-11-20 +4 +0 +3 /)
    expect(err).toMatch(/gone-model +1 +0 +1 /)
  })
  test('with prices of your own', () => {
    const user = call({ cost: { status: 'priced', usd: '9', layer: 'user', card: 'user:openai/gpt-4o' } })
    const { out } = reprice([user], ['--prices', 'own.yaml'], { 'own.yaml': OWN })
    expect(corrections(out)[0]?.['key']).toMatch(/^k1#reprice:.*\+\w+$/)
    expect(corrections(out)[0]).toMatchObject({
      new_usd: '0.0011',
      new_card: 'user:openai/gpt-4o',
      reason: 'price_changed',
    })
  })
  test('lines that cannot be read are told, and the rest is done', () => {
    const { code, out, err } = reprice(['nonsense', '{}', call({ usage: { inputs: 1 } }), call({ cost: { usd: '1' } })])
    expect([code, corrections(out).length]).toEqual([1, 1])
    expect(lines(err).slice(-3)).toEqual([1, 2, 3].map((n) => `calls:${n}: not a line that can be read`))
  })
  test('the summary alone', () => {
    const { out, err } = reprice([call({ cost: { status: 'priced', usd: '0.002', layer: 'book' } })], ['--summary'])
    expect(err).toBe('')
    expect(out).toContain('0.0015 USD to add')
  })
})

test('wrong usage is told with the usage, and code 2', () => {
  for (const args of [
    [],
    ['sell'],
    ['list', '--what'],
    ['show'],
    ['diff'],
    ['reprice'],
    ['list', '--at', 'now'],
    ['check', '--max-age', 'x'],
  ]) {
    const { code, err } = run(args)
    expect([args, code]).toEqual([args, 2])
    expect(err).toContain('tokenfuse prices list')
  }
  expect(run(['check', 'none.yaml'])).toMatchObject({ code: 2, err: expect.stringContaining('none.yaml:1:1 ') })
  expect(run(['--help'])).toMatchObject({ code: 0, out: expect.stringContaining('tokenfuse prices list') })
})
