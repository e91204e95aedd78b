import { decodeUserCards } from './user-cards.ts'

const complaints = (...cards: unknown[]): string[] =>
  decodeUserCards('user', cards).complaints.map((c) => `${c.path.join('.')}: ${c.message}`)

test('numbers and strings are the decimals that were typed', () => {
  const { files } = decodeUserCards('user', [
    {
      provider: 'OpenAI',
      model: 'm',
      from: '2026-01-01',
      rates: { input: 0.1, output: ['2.50', 3] },
      bands: [{ gt: 10 }],
    },
  ])
  expect(files).toMatchObject([
    { provider: 'openai', cards: [{ id: 'user:openai/m@2026-01-01', rates: { input: '0.1', output: ['2.50', '3'] } }] },
  ])
})

test('everything that is wrong is said at once, with its place', () => {
  expect(complaints('x')).toEqual(['0: expected a price card'])
  expect(
    complaints(
      { provider: 'p', model: 'm', rates: { input: '1' } },
      { model: 'm', rates: { input: '-1', inptu: '1' }, extra: 1 },
    ),
  ).toEqual([
    '1.provider: expected the name of who bills',
    expect.stringContaining('1.extra: unknown key; known are'),
    '1.rates.input: expected a decimal string such as "2.5", not negative',
    expect.stringContaining('1.rates.inptu: unknown meter; known are input, cache_read'),
  ])
  const bad = (card: object, want: string) =>
    expect(complaints({ provider: 'p', model: 'm', ...card })).toEqual([expect.stringContaining(want)])
  bad({}, 'names no price')
  bad({ free: true, from: 'May 2026' }, '0.from: expected a date')
  bad({ free: true, from: '2026-02-30T00:00' }, '0.from: expected a date')
  bad({ free: true, from: '2026-02-01', to: '2026-02-01' }, '0.to: ends before it begins')
  bad({ rates: { input: ['1', '2'] } }, '0.rates.input: expected 1 prices')
  bad({ rates: { input: ['1', '2'] }, bands: [{ gt: 5, gte: 5 }] }, '0.bands: expected rising edges')
  bad({ rates: { input: ['1', '2', '3'] }, bands: [{ gt: 5 }, { gt: 5 }] }, '0.bands: expected rising edges')
  bad({ rates: { input: '1/0' } }, '0.rates.input: expected a decimal')
  bad({ fees: { web_searches: null } }, '0.fees.web_searches: expected a decimal')
  bad({ free: true, windows: [{ start: '25:00', end: '26:00' }] }, '0.windows.0: expected start and end')
  bad({ free: true, windows: [{ start: '01:00', end: '02:00', days: [8] }] }, '0.windows.0.days: expected weekdays')
  bad({ free: true, when: { tier: 'flex' } }, '0.when.tier: expected a list of names')
  bad({ free: true, when: { planet: ['mars'] } }, '0.when.planet: unknown key')
  bad({ free: true, when: { endpoint: ['lunar'] } }, '0.when.endpoint: expected global or regional')
  bad({ free: true, aliases: [''] }, '0.aliases: expected a list of names')
})

test('two prices at the same time are refused', () => {
  const card = { provider: 'p', model: 'm', rates: { input: '1' } }
  expect(complaints(card, { ...card, from: '2026-01-01' })).toEqual([
    '1: holds at the same time as cards[0] for the same model; set from and to',
  ])
  expect(complaints({ ...card, to: '2026-01-01' }, { ...card, from: '2026-01-01' })).toEqual([])
})
