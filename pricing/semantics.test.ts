import type { BookFile } from './card.ts'
import { amountOf, pricer, query } from './testing/query.ts'
import { decodeUserCards, type UserCardOptions } from './user-cards.ts'

const at = (date: string) => Date.parse(date)
const files = (cards: readonly unknown[], options: UserCardOptions = {}): readonly BookFile[] => {
  const decoded = decodeUserCards('user', cards, options)
  expect(decoded.complaints).toEqual([])
  return decoded.files
}
const complaints = (card: object, options: UserCardOptions = {}) =>
  decodeUserCards('user', [{ provider: 'p', model: 'm', rates: { input: '1' }, ...card }], options).complaints.map(
    (c) => `${c.path.slice(1).join('.')}: ${c.message}`,
  )

describe('currencies', () => {
  const fx = [
    { currency: 'CNY', from: '2026-11-01', usd: '0.1379' },
    { currency: 'CNY', from: '2026-10-01', usd: '0.14' },
    { currency: 'EUR', usd: '1.1' },
  ]
  const card = {
    provider: 'qwen',
    model: 'q',
    currency: 'CNY',
    rates: { input: '2.5', output: ['1', '3'] },
    bands: [{ gt: 10 }],
  }
  const user = files([card], { fx })
  const price = (date: string, usage = { input: 1_000_000, output: 1_000_000 }) =>
    pricer({ user }).price(query({ provider: 'qwen', model: 'q', endMs: at(date), usage }))

  test('the rate of exchange of the day on which the call ended, to the last digit', () => {
    expect(amountOf(price('2026-10-31T23:59:59.999Z'))).toBe('0.77')
    expect(amountOf(price('2026-11-01'))).toBe('0.75845')
    expect(price('2026-11-01').card).toBe('user:qwen/q/CNY@2026-11-01')
  })
  test('before the first rate there is no price', () => {
    expect(amountOf(price('2026-09-30T23:59:59.999Z'))).toBe('no_price_at_date')
  })
  test('a rate with many digits is not rounded before it is multiplied', () => {
    const fine = files([{ ...card, currency: 'XAU', bands: [], rates: { input: '0.000000000001' } }], {
      fx: [{ currency: 'XAU', usd: '0.123456789012345678' }],
    })
    expect(fine[0]?.cards[0]?.rates?.input).toBe('61728394506172839/500000000000000000000000000000')
  })
  test('only the part of a rate that falls into the time of the card', () => {
    const dated = files([{ ...card, from: '2026-10-15', to: '2026-11-15' }], { fx })
    expect(dated[0]?.cards.map((c) => [c.from, c.to])).toEqual([
      ['2026-10-15', '2026-11-01'],
      ['2026-11-01', '2026-11-15'],
    ])
  })
  test('a currency without a rate is refused, USD needs none', () => {
    expect(complaints({ currency: 'JPY' }, { fx })).toEqual([
      'currency: no rate of exchange for this currency; add one under fx',
    ])
    expect(complaints({ currency: 'USD' })).toEqual([])
  })
})

describe('capacity that is paid by the hour', () => {
  const card = {
    provider: 'azure.ai.openai',
    model: 'ptu',
    capacity: { usd_per_hour: '98.32', tokens_per_hour: 36_000_000 },
  }

  test('is shared out among tokens of every kind, and says so', () => {
    const cost = pricer({ user: files([card]) }).price(
      query({
        provider: 'azure.ai.openai',
        model: 'ptu',
        usage: { input: 30_000_000, cacheRead: 1_000_000, output: 5_000_000 },
      }),
    )
    expect([amountOf(cost), cost.flags]).toEqual(['98.32', ['amortised']])
  })
  test('shares that have no end are exact all the same', () => {
    const thirds = { ...card, capacity: { usd_per_hour: 1, tokens_per_hour: 3 } }
    const cost = pricer({ user: files([thirds]) }).price(
      query({ provider: 'azure.ai.openai', model: 'ptu', usage: { input: 3 } }),
    )
    expect(amountOf(cost)).toBe('1')
  })
  test('bad shares are refused', () => {
    const bad = (capacity: unknown) =>
      decodeUserCards('user', [{ provider: 'p', model: 'm', capacity }]).complaints.map((c) => c.path.join('.'))
    for (const capacity of [
      {},
      { usd_per_hour: 1 },
      { usd_per_hour: 0, tokens_per_hour: 1 },
      { usd_per_hour: 1, tokens_per_hour: 0 },
      5,
      { usd_per_hour: 1, tokens_per_hour: 1, x: 1 },
    ])
      expect(bad(capacity)).toContain('0.capacity')
    expect(complaints({ capacity: card.capacity })).toContain(
      'capacity: stands in place of rates; remove one of the two',
    )
  })
})

describe('somebody else pays', () => {
  const call = { provider: 'openai', model: 'gpt-4o' }

  test('a subscription: nothing more to pay, and the list price is kept', () => {
    const p = pricer({ subscriptions: [{ provider: 'openai' }] })
    const cost = p.price(query(call))
    expect(cost).toMatchObject({
      status: 'free',
      reason: 'subscription',
      pico: 0,
      listPico: 12_500_000_000_000,
      lines: [],
    })
    expect(p.price(query({ provider: 'anthropic', model: 'claude-haiku-4-5' })).status).toBe('priced')
  })
  test('of some models only', () => {
    const p = pricer({ subscriptions: [{ provider: 'openai', models: ['gpt-5'] }] })
    expect(p.price(query(call)).status).toBe('priced')
    expect(p.price(query({ ...call, model: 'gpt-5' })).status).toBe('free')
  })
  test('a bill of the provider wins over a subscription', () => {
    const p = pricer({ subscriptions: [{ provider: 'openai' }] })
    expect(p.price(query({ ...call, reportedIsBilled: true, reportedPico: 7 }))).toMatchObject({
      status: 'reported',
      pico: 7,
    })
  })
  test("one's own key: what it would have cost is kept", () => {
    const cost = pricer().price(query({ provider: 'openrouter', model: 'openai/gpt-4o', isByok: true }))
    expect(cost).toMatchObject({ status: 'free', reason: 'byok', pico: 0 })
    expect(Number(cost.listPico)).toBeGreaterThan(0)
  })
})

describe('discounts', () => {
  const off = { provider: 'openai', percentOff: '20', from: '2026-10-01', to: '2026-11-01' }
  const price = (date: string, discounts: readonly (typeof off & { meters?: readonly 'output'[] })[]) => {
    const cost = pricer({ discounts }).price(query({ provider: 'openai', model: 'gpt-4o', endMs: at(date) }))
    return [amountOf(cost), cost.layer]
  }

  test('hold from their first day to their last, to the millisecond', () => {
    expect(price('2026-09-30T23:59:59.999Z', [off])).toEqual(['12.5', 'book'])
    expect(price('2026-10-01', [off])).toEqual(['10', 'contract'])
    expect(price('2026-10-31T23:59:59.999Z', [off])).toEqual(['10', 'contract'])
    expect(price('2026-11-01', [off])).toEqual(['12.5', 'book'])
  })
  test('the next tier of a commitment follows the first', () => {
    const next = { ...off, percentOff: '30', from: '2026-10-15', to: '2027-01-01' }
    expect(price('2026-10-20', [next, off])).toEqual(['8.75', 'contract'])
    expect(price('2026-10-10', [next, off])).toEqual(['10', 'contract'])
  })
  test('on some meters only', () => {
    expect(price('2026-10-10', [{ ...off, meters: ['output'] }])).toEqual(['10.5', 'contract'])
  })
})

describe('hours in a zone, without holidays', () => {
  const peak = { provider: 'd', model: 'm', rates: { input: '2' } }
  const window = { start: '09:00', end: '12:00', days: [1, 2, 3, 4, 5], except: ['2026-10-01'], zone: 'Asia/Shanghai' }
  const user = files([
    { ...peak, windows: [window] },
    { ...peak, rates: { input: '1' } },
  ])
  const price = (date: string) =>
    amountOf(pricer({ user }).price(query({ provider: 'd', model: 'm', endMs: at(date), usage: { input: 1_000_000 } })))

  test('nine in Shanghai is one in the morning in UTC', () => {
    expect(price('2026-09-30T00:59:59.999Z')).toBe('1')
    expect(price('2026-09-30T01:00:00Z')).toBe('2')
    expect(price('2026-09-30T03:59:59.999Z')).toBe('2')
    expect(price('2026-09-30T04:00:00Z')).toBe('1')
  })
  test('not on a holiday, nor on a Saturday', () => {
    expect(price('2026-10-01T02:00:00Z')).toBe('1')
    expect(price('2026-10-02T02:00:00Z')).toBe('2')
    expect(price('2026-10-03T02:00:00Z')).toBe('1')
  })
  test('summer time moves the hours of a zone that has it', () => {
    const berlin = files([
      { ...peak, windows: [{ start: '09:00', end: '10:00', zone: 'Europe/Berlin' }] },
      { ...peak, rates: { input: '1' } },
    ])
    const p = pricer({ user: berlin })
    const on = (date: string) =>
      amountOf(p.price(query({ provider: 'd', model: 'm', endMs: at(date), usage: { input: 1_000_000 } })))
    expect([on('2026-07-01T07:00:00Z'), on('2026-07-01T08:00:00Z')]).toEqual(['2', '1'])
    expect([on('2026-12-01T07:00:00Z'), on('2026-12-01T08:00:00Z')]).toEqual(['1', '2'])
  })
  test('what is not a zone, a date or a known key is refused', () => {
    const bad = (w: object) => complaints({ windows: [{ ...window, ...w }] }).map((c) => c.split(':')[0])
    expect(bad({})).toEqual([])
    expect(bad({ zone: 'Mars/Olympus' })).toEqual(['windows.0.zone'])
    expect(bad({ except: ['1 October'] })).toEqual(['windows.0.except'])
    expect(bad({ days: [0] })).toEqual(['windows.0.days'])
    expect(bad({ holidays: 'cn' })).toEqual(['windows.0.holidays'])
  })
})
