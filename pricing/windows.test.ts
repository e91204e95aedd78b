import type { DailyWindow } from './card.ts'
import { compileWindow, isInside } from './windows.ts'

const inside = (window: DailyWindow, at: string): boolean => isInside([compileWindow(window)], Date.parse(at))

test('a window begins at its first minute and ends before its last', () => {
  const peak = { start: '01:00', end: '04:00' }
  const check = (at: string, want: boolean) => expect([at, inside(peak, at)]).toEqual([at, want])
  check('2026-11-20T00:59:59.999Z', false)
  check('2026-11-20T01:00:00.000Z', true)
  check('2026-11-20T03:59:59.999Z', true)
  check('2026-11-20T04:00:00.000Z', false)
  check('1969-12-31T01:00:00.000Z', true)
})

test('weekdays are those of UTC', () => {
  const peak = { start: '00:00', end: '24:00', days: [1, 2, 3, 4, 5] }
  const check = (at: string, want: boolean) => expect([at, inside(peak, at)]).toEqual([at, want])
  check('2026-11-20T23:59:59.999Z', true) // Friday
  check('2026-11-21T00:00:00.000Z', false)
  check('2026-11-22T23:59:59.999Z', false)
  check('2026-11-23T00:00:00.000Z', true) // Monday
})

test('a window past midnight belongs to the day on which it began', () => {
  const night = { start: '22:00', end: '02:00', days: [5, 7] }
  const check = (at: string, want: boolean) => expect([at, inside(night, at)]).toEqual([at, want])
  check('2026-11-20T22:00:00Z', true) // Friday night
  check('2026-11-21T01:59:59Z', true)
  check('2026-11-21T02:00:00Z', false)
  check('2026-11-21T22:00:00Z', false) // Saturday night
  check('2026-11-22T22:30:00Z', true) // Sunday night
  check('2026-11-23T01:00:00Z', true) // Monday morning, of Sunday's window
})
