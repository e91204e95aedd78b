import { spawnSync } from 'node:child_process'
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { cardsOf } from './build.ts'
import { describeChanges, rewritten } from './diff.ts'
import { applyOverlay } from './overlay.ts'
import { parsePython } from './python-literal.ts'
import type { SeedPrice } from './seed-format.ts'

test('the book in the tree is what the seeds and the overlay say', () => {
  const done = spawnSync(process.execPath, ['--no-warnings', join(import.meta.dirname, 'update.ts'), '--check'], {
    encoding: 'utf8',
  })
  const [cross, ...rest] = done.stdout.slice(0, 2000).split('\n')
  expect([rest, done.stderr, done.status]).toEqual([['The book is as the seeds and the overlay say.', ''], '', 0])
  expect(cross).toMatch(/^@earendil-works\/pi-ai .*: 1\d{3} prices agree, /)
})

describe('planted faults are found, and nothing is written', () => {
  const planted = (change: (folder: string) => void) => {
    const folder = mkdtempSync(join(tmpdir(), 'tokenfuse-prices-'))
    try {
      for (const name of ['overlay', 'cross-check.jsonl', 'fill.jsonl', 'explained.yaml'])
        cpSync(join(import.meta.dirname, name), join(folder, name), { recursive: true })
      change(folder)
      const args = ['--no-warnings', join(import.meta.dirname, 'update.ts'), '--check', '--inputs', folder]
      const { status, stderr } = spawnSync(process.execPath, args, { encoding: 'utf8' })
      return { status, stderr }
    } finally {
      rmSync(folder, { recursive: true })
    }
  }
  const edit = (name: string, from: string | RegExp, to: string) => (folder: string) => {
    const before = readFileSync(join(folder, name), 'utf8')
    const after = before.replace(from, to)
    expect(after).not.toBe(before)
    writeFileSync(join(folder, name), after)
  }
  const overlay = (text: string) => (folder: string) => writeFileSync(join(folder, 'overlay', 'minimax.yaml'), text)
  const card = (from: string, source = 'mine') =>
    `  - { id: minimax/m@${from}, model: m, from: ${from}, rates: { input: "1", output: "2" }, source: ${source} }\n`

  const check = (name: string, change: (folder: string) => void, ...want: string[]) =>
    test(name, () => {
      const { status, stderr } = planted(change)
      for (const text of want) expect(stderr).toContain(text)
      expect(status).toBe(1)
    })
  check(
    'two cards that hold at the same time',
    overlay(
      `sources: { mine: { url: "https://example.com", checked: "2026-11-01" } }\ncards:\n${card('2026-01-01')}${card('2026-05-01')}`,
    ),
    'minimax/m@2026-01-01 and minimax/m@2026-05-01 hold at the same time',
  )
  check(
    'a source that is not there',
    overlay(`cards:\n${card('2026-01-01')}`),
    'minimax/m@2026-01-01: source "mine" has no address',
  )
  check(
    'a disagreement that nobody explained',
    edit(
      'cross-check.jsonl',
      '{"provider":"anthropic","model":"claude-haiku-4-5","input":"1"',
      '{"provider":"anthropic","model":"claude-haiku-4-5","input":"2"',
    ),
    'anthropic claude-haiku-4-5 input: ours 1, theirs 2; correct the overlay, or say why in explained.yaml',
  )
  check(
    'an explanation that nothing needs',
    edit('explained.yaml', /$/, '- { provider: openai, models: [gpt-4o], why: No reason. }\n'),
    'explained.yaml: nothing needs this any more: No reason.',
  )
  check(
    'a rate that is not a price',
    overlay(
      `sources: { mine: { url: "https://example.com", checked: "2026-11-01" } }\ncards:\n${card('2026-01-01').replace('"1"', '"one"')}`,
    ),
    'minimax/m@2026-01-01 rates.input: expected a decimal string',
  )
})

test('Python literals are read as data', () => {
  const source = `x = Model(\n  id='a\\'b\\u20ac', # comment\n  n=[1, -2.5, 1_000], d={'k': None}, t=D(2026, 1), s="""x"y""" 'z', f=True)`
  expect(parsePython(source, 3)).toEqual({
    $: 'Model',
    id: "a'b€",
    n: [1, -2.5, 1000],
    d: { k: null },
    t: { $: 'D', 0: 2026, 1: 1 },
    s: 'x"yz',
    f: 'True',
  })
  for (const bad of ['[1, 2', "'abc", ')', 'F(a=)']) expect(() => parsePython(bad, 0)).toThrow()
})

const built = (prices: readonly SeedPrice[]) =>
  cardsOf('p', { id: 'm', match: [], prices }, 's', { model: 'm', aliases: [] })

test('a seed model becomes dated cards with bands, tiers and units', () => {
  const tiered = { base: '1', tiers: [{ start: 200_000, price: '2' }] }
  expect(
    built([{ rates: { input_mtok: tiered, output_mtok: '3' } }, { from: '2026-05-01', rates: { input_mtok: '4' } }]),
  ).toEqual([
    {
      id: 'p/m',
      model: 'm',
      to: '2026-05-01',
      bands: [{ gt: 200_000 }],
      rates: { input: ['1', '2'], output: '3' },
      source: 's',
    },
    { id: 'p/m@2026-05-01', model: 'm', from: '2026-05-01', rates: { input: '4' }, source: 's' },
  ])
  expect(built([{ rates: { input_mtok: { base: '1', tiers: [{ start: 199_999, price: '2' }] } } }])[0]?.bands).toEqual([
    { gte: 200_000 },
  ])
  expect(built([{ rates: { audio_hours: '0.36', web_searches_kcount: '2.5', input_mchars: '15' } }])[0]?.fees).toEqual({
    seconds: '0.36/3600',
    web_searches: '0.0025',
    characters: '0.000015',
  })
  expect(built([{ rates: {} }])[0]).toMatchObject({ free: true })
  expect(built([{ rates: { input_mtok: '0', output_mtok: '0' } }])[0]).toMatchObject({ free: true })
  expect(built([{ rates: { input_text_messages_kcount: '1' } }])).toEqual([])
  expect(built([{ rates: { input_document_kpages: '1' } }])).toMatchObject([{ fees: { pages: '0.001' } }])
})

test('a price for a tier holds as long as the standard price it belongs to', () => {
  const cards = built([
    { rates: { input_mtok: '1', output_mtok: '5' } },
    { from: '2026-08-01', rates: { input_mtok: '2', output_mtok: '6' } },
    { from: '2026-10-12', when: { service_tier: 'flex' }, rates: { input_mtok: '1' } },
    { from: '2026-10-12', when: { service_tier: 'fast' }, rates: { input_mtok: '9' } },
  ])
  expect(cards.slice(2)).toEqual([
    {
      id: 'p/m@2026-08-01/flex',
      model: 'm',
      from: '2026-08-01',
      when: { tier: ['flex'] },
      rates: { input: '1', output: '6' },
      source: 's',
    },
  ])
})

test('a later price that only says more is the same price', () => {
  expect(
    built([{ rates: { input_mtok: '1' } }, { from: '2026-10-19', rates: { input_mtok: '1', cache_read_mtok: '0.1' } }]),
  ).toEqual([{ id: 'p/m', model: 'm', rates: { input: '1', cache_read: '0.1' }, source: 's' }])
})

test('the overlay drops, adds, derives and marks, and names its source', () => {
  const card = { id: 'p/m', model: 'm', rates: { input: '2.5', output: '9' }, source: 's' }
  const [patched] = applyOverlay([card, { ...card, id: 'p/x', model: 'x' }], {
    drop: ['x'],
    aliases: { m: ['mm'] },
    patches: [
      {
        models: ['m*'],
        derive: [['cache_write_1h', 'input', '2']],
        rates: { output: '1', cache_write: null },
        fees: { web_searches: '0.01' },
        source: 'o',
      },
    ],
  })
  expect(patched).toEqual({
    id: 'p/m',
    model: 'm',
    aliases: ['mm'],
    rates: { cache_write_1h: '5', output: '9', cache_write: null, input: '2.5' },
    fees: { web_searches: '0.01' },
    source: 's',
    also: ['o'],
  })
})

test('a price that would be written over is told from one that is dated, added or completed', () => {
  const file = (cards: object[]) =>
    new Map([['p.ts', `export const p = \`${JSON.stringify({ provider: 'p', sources: {}, cards })}\`\n`]])
  const a = { id: 'p/a', model: 'a', rates: { input: '1', output: null }, source: 's' }
  const lost = (now: object[]) => rewritten(file([a]), file(now))
  expect(lost([a])).toEqual([])
  expect(
    lost([
      { ...a, to: '2026-11-01' },
      { ...a, id: 'p/a@2026-11-01', from: '2026-11-01', rates: { input: '2' } },
    ]),
  ).toEqual([])
  expect(lost([{ ...a, rates: { input: '1', output: '3', cache_read: '0.1' } }])).toEqual([])
  expect(lost([{ ...a, rates: { input: '2', output: null } }])).toEqual(['p/a input: "1" -> "2"'])
  expect(lost([{ ...a, rates: { output: null }, fees: { input: '1' } }])).toEqual([])
  expect(lost([{ ...a, rates: {} }])).toEqual(['p/a input: "1" -> none'])
})

test('changes are listed price by price', () => {
  const file = (cards: object[]) =>
    new Map([['p.ts', `export const p = \`${JSON.stringify({ provider: 'p', sources: {}, cards })}\`\n`]])
  const a = { id: 'p/a', model: 'a', rates: { input: '1' }, source: 's' }
  expect(describeChanges(file([a]), file([a]))).toEqual([])
  expect(
    describeChanges(
      file([a]),
      file([
        { ...a, rates: { input: '2' } },
        { ...a, id: 'p/b' },
      ]),
    ),
  ).toEqual(['p.ts:', '  ~ p/a rates: {"input":"1"} -> {"input":"2"}', '  + p/b {"input":"1"}'])
})
