import type { Period } from '../../pipeline/services.ts'
import { Calendar } from './periods.ts'

const HOUR = 3_600_000
const range = (period: Period, zone: string, at: string): readonly [string, string | undefined, number] => {
  const { start, end } = new Calendar(period, zone).rangeAt(Date.parse(at))
  return [
    new Date(start).toISOString(),
    end === undefined ? undefined : new Date(end).toISOString(),
    ((end ?? 0) - start) / HOUR,
  ]
}

const check = (period: Period, zone: string, at: string, start: string, end: string, hours: number): void =>
  expect([period, zone, at, ...range(period, zone, at)]).toEqual([period, zone, at, start, end, hours])

test('periods are calendar periods of their zone, time changes included', () => {
  check('day', 'UTC', '2026-03-29T12:00:00Z', '2026-03-29T00:00:00.000Z', '2026-03-30T00:00:00.000Z', 24)
  check('day', 'Europe/Berlin', '2026-03-29T12:00:00Z', '2026-03-28T23:00:00.000Z', '2026-03-29T22:00:00.000Z', 23)
  check('day', 'Europe/Berlin', '2026-10-25T12:00:00Z', '2026-10-24T22:00:00.000Z', '2026-10-25T23:00:00.000Z', 25)
  check('day', 'America/New_York', '2026-11-01T04:00:00Z', '2026-11-01T04:00:00.000Z', '2026-11-02T05:00:00.000Z', 25)
  check('day', 'Asia/Kathmandu', '2026-06-01T18:14:59.999Z', '2026-05-31T18:15:00.000Z', '2026-06-01T18:15:00.000Z', 24)
  // Midnight does not exist: the day begins at 01:00.
  check('day', 'Africa/Cairo', '2026-04-24T10:00:00Z', '2026-04-23T22:00:00.000Z', '2026-04-24T21:00:00.000Z', 23)
  // Midnight comes twice: the day begins with the first.
  check('day', 'America/Havana', '2026-11-01T10:00:00Z', '2026-11-01T04:00:00.000Z', '2026-11-02T05:00:00.000Z', 25)
  // A whole day was left out: 30 December 2011.
  check('day', 'Pacific/Apia', '2011-12-30T10:00:00Z', '2011-12-30T10:00:00.000Z', '2011-12-31T10:00:00.000Z', 24)
  check('hour', 'Asia/Kathmandu', '2026-06-01T10:20:00Z', '2026-06-01T10:15:00.000Z', '2026-06-01T11:15:00.000Z', 1)
  check('hour', 'Europe/Berlin', '2026-10-25T01:30:00Z', '2026-10-25T01:00:00.000Z', '2026-10-25T02:00:00.000Z', 1)
  check('week', 'UTC', '2026-11-22T23:59:59.999Z', '2026-11-16T00:00:00.000Z', '2026-11-23T00:00:00.000Z', 168)
  check('week', 'Europe/Berlin', '2026-10-25T12:00:00Z', '2026-10-18T22:00:00.000Z', '2026-10-25T23:00:00.000Z', 169)
  check('month', 'UTC', '2028-02-29T12:00:00Z', '2028-02-01T00:00:00.000Z', '2028-03-01T00:00:00.000Z', 696)
  check(
    'month',
    'America/New_York',
    '2026-12-31T23:00:00-05:00',
    '2026-12-01T05:00:00.000Z',
    '2027-01-01T05:00:00.000Z',
    744,
  )
  check('month', 'Asia/Tokyo', '2026-12-31T15:00:00Z', '2026-12-31T15:00:00.000Z', '2027-01-31T15:00:00.000Z', 744)
})

test('the last millisecond belongs to the period, the next one to the next; no gap and no overlap through two years', () => {
  for (const zone of [
    'UTC',
    'Europe/Berlin',
    'America/Havana',
    'Africa/Cairo',
    'Australia/Lord_Howe',
    'America/Sao_Paulo',
  ]) {
    for (const period of ['day', 'week', 'month'] as const) {
      const calendar = new Calendar(period, zone)
      let at = Date.parse('2026-01-01T12:00:00Z')
      let last = calendar.rangeAt(at)
      while (at < Date.parse('2028-01-01T00:00:00Z')) {
        at = last.end ?? 0
        expect(calendar.rangeAt(at - 1)).toEqual(last)
        const next = new Calendar(period, zone).rangeAt(at)
        expect([zone, period, next.start]).toEqual([zone, period, last.end])
        expect((next.end ?? 0) > next.start).toBe(true)
        last = next
      }
    }
  }
})

test('a lifetime has no end, and an unknown zone is refused', () => {
  expect(new Calendar('lifetime', 'UTC').rangeAt(5)).toEqual({ start: 0, end: undefined })
  expect(() => new Calendar('day', 'Mars/Olympus')).toThrow(RangeError)
})
