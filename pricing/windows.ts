import type { DailyWindow } from './card.ts'

/** A daily window in minutes of the day, in UTC or in a zone of its own. `days` is a bit set of ISO weekdays, bit 1 = Monday. */
export interface Window {
  readonly start: number
  readonly end: number
  readonly days: number
  /** Days since the epoch on which it does not begin. */
  readonly except: ReadonlySet<number>
  /** Milliseconds to add to UTC; undefined = UTC. */
  readonly offset: ((timeMs: number) => number) | undefined
}

const DAY_MINUTES = 1440
const DAY_MS = 86_400_000
const EVERY_DAY = 0b11111110

export const instant = (text: string | undefined, otherwise: number): number =>
  text === undefined ? otherwise : Date.parse(text)

export function compileWindow(window: DailyWindow): Window {
  const days = window.days?.reduce((set, day) => set | (1 << day), 0) ?? EVERY_DAY
  return {
    start: minuteOf(window.start),
    end: minuteOf(window.end),
    days,
    except: new Set((window.except ?? []).map((day) => Date.parse(day) / DAY_MS)),
    offset: window.zone === undefined ? undefined : zoneOffset(window.zone),
  }
}

export const isInside = (windows: readonly Window[], timeMs: number): boolean =>
  windows.some((window) => holds(window, timeMs))

function holds(w: Window, timeMs: number): boolean {
  const minutes = Math.floor((timeMs + (w.offset?.(timeMs) ?? 0)) / 60_000)
  const minute = ((minutes % DAY_MINUTES) + DAY_MINUTES) % DAY_MINUTES
  const day = Math.floor(minutes / DAY_MINUTES)
  if (w.start <= w.end) return minute >= w.start && minute < w.end && begins(w, day)
  // Past midnight the window still belongs to the day on which it began.
  return minute >= w.start ? begins(w, day) : minute < w.end && begins(w, day - 1)
}

const begins = (w: Window, day: number): boolean => (w.days & (1 << isoWeekday(day))) !== 0 && !w.except.has(day)

/** 1970-01-01 was a Thursday. */
const isoWeekday = (day: number): number => ((((day + 3) % 7) + 7) % 7) + 1

/** No zone changes its offset but at a quarter of an hour, so the last answer is good for the rest of one. */
const SLOT_MS = 900_000

function zoneOffset(zone: string): (timeMs: number) => number {
  const format = new Intl.DateTimeFormat('en-US', { timeZone: zone, timeZoneName: 'longOffset' })
  let slot = Number.NaN
  let offset = 0
  return (timeMs) => {
    const now = Math.floor(timeMs / SLOT_MS)
    if (now !== slot) {
      slot = now
      offset = offsetOf(format.formatToParts(timeMs).find((part) => part.type === 'timeZoneName')?.value ?? '')
    }
    return offset
  }
}

/** `GMT+05:30` */
function offsetOf(name: string): number {
  const [, sign, hours, minutes] = /^GMT([+-])(\d{2}):(\d{2})/.exec(name) ?? []
  return (sign === '-' ? -1 : 1) * (Number(hours ?? 0) * 60 + Number(minutes ?? 0)) * 60_000
}

export function isZone(name: string): boolean {
  try {
    new Intl.DateTimeFormat('en-US', { timeZone: name })
    return true
  } catch {
    return false
  }
}

function minuteOf(text: string): number {
  const [hours, minutes] = text.split(':').map(Number)
  return (hours ?? 0) * 60 + (minutes ?? 0)
}
