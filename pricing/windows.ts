import type { DailyWindow } from './card.ts'

/** A daily window in minutes of the UTC day. `days` is a bit set of ISO weekdays, bit 1 = Monday. */
export interface Window {
  readonly start: number
  readonly end: number
  readonly days: number
}

const DAY_MINUTES = 1440
const EVERY_DAY = 0b11111110

export const instant = (text: string | undefined, otherwise: number): number =>
  text === undefined ? otherwise : Date.parse(text)

export function compileWindow(window: DailyWindow): Window {
  const days = window.days?.reduce((set, day) => set | (1 << day), 0) ?? EVERY_DAY
  return { start: minuteOf(window.start), end: minuteOf(window.end), days }
}

export function isInside(windows: readonly Window[], timeMs: number): boolean {
  const minutes = Math.floor(timeMs / 60_000)
  const minute = ((minutes % DAY_MINUTES) + DAY_MINUTES) % DAY_MINUTES
  const weekday = isoWeekday(Math.floor(minutes / DAY_MINUTES))
  return windows.some((w) => {
    if (w.start <= w.end) return minute >= w.start && minute < w.end && hasDay(w, weekday)
    // Past midnight the window still belongs to the day on which it began.
    if (minute >= w.start) return hasDay(w, weekday)
    return minute < w.end && hasDay(w, weekday === 1 ? 7 : weekday - 1)
  })
}

const hasDay = (w: Window, weekday: number): boolean => (w.days & (1 << weekday)) !== 0

/** 1970-01-01 was a Thursday. */
const isoWeekday = (day: number): number => ((((day + 3) % 7) + 7) % 7) + 1

function minuteOf(text: string): number {
  const [hours, minutes] = text.split(':').map(Number)
  return (hours ?? 0) * 60 + (minutes ?? 0)
}
