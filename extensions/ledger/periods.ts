import type { Period } from '../../pipeline/services.ts'

/** From `start` up to but not including `end`; a lifetime has no end. */
export interface Range {
  readonly start: number
  readonly end: number | undefined
}

const LIFETIME: Range = { start: 0, end: undefined }
const HOUR_MS = 3_600_000
const DAY_MS = 24 * HOUR_MS
/** Calls come for the running period, and now and then for some late ones. */
const RANGES_KEPT = 8

interface LocalDate {
  readonly year: number
  /** 1 - 12; values outside roll over as in `Date.UTC`. */
  readonly month: number
  readonly day: number
}

const formatOf = (timezone: string): Intl.DateTimeFormat =>
  new Intl.DateTimeFormat('en-US', {
    timeZone: timezone,
    hourCycle: 'h23',
    year: 'numeric',
    month: 'numeric',
    day: 'numeric',
    hour: 'numeric',
    minute: 'numeric',
    second: 'numeric',
  })

/** Calendar periods in one IANA zone: a day may have 23 or 25 hours. Boundaries are computed once and remembered. */
export class Calendar {
  private readonly period: Period
  /** Undefined for UTC, which needs none: the first use of Intl costs some 30 ms of start-up. */
  private readonly format: Intl.DateTimeFormat | undefined
  private readonly ranges: Range[] = []

  /** Throws a RangeError for a zone that is not known. */
  constructor(period: Period, timezone: string) {
    this.period = period
    this.format = timezone === 'UTC' ? undefined : formatOf(timezone)
  }

  rangeAt(timeMs: number): Range {
    if (this.period === 'lifetime') return LIFETIME
    for (const range of this.ranges) if (timeMs >= range.start && timeMs < (range.end ?? 0)) return range
    const range = this.compute(timeMs)
    this.ranges.unshift(range)
    if (this.ranges.length > RANGES_KEPT) this.ranges.pop()
    return range
  }

  private compute(timeMs: number): Range {
    const offset = this.offsetAt(timeMs)
    if (this.period === 'hour') {
      const start = Math.floor((timeMs + offset) / HOUR_MS) * HOUR_MS - offset
      return { start, end: start + HOUR_MS }
    }
    const local = new Date(timeMs + offset)
    const date = { year: local.getUTCFullYear(), month: local.getUTCMonth() + 1, day: local.getUTCDate() }
    const [first, next] = bounds(this.period, date, local.getUTCDay())
    return { start: this.startOf(first), end: this.startOf(next) }
  }

  /** The first instant of a local date. Where midnight is skipped by a time change, the day begins when the change ends. */
  private startOf(date: LocalDate): number {
    const midnight = Date.UTC(date.year, date.month - 1, date.day)
    const before = this.offsetAt(midnight - DAY_MS)
    const after = this.offsetAt(midnight + DAY_MS)
    const candidates = [midnight - Math.max(before, after), midnight - Math.min(before, after)]
    for (const at of candidates) if (at + this.offsetAt(at) === midnight) return at
    return this.changeBetween(candidates[0] ?? midnight, candidates[1] ?? midnight)
  }

  private changeBetween(from: number, to: number): number {
    const before = this.offsetAt(from - 1)
    let low = from - 1
    let high = to
    while (high - low > 1) {
      const middle = Math.floor((low + high) / 2)
      if (this.offsetAt(middle) === before) low = middle
      else high = middle
    }
    return high
  }

  private offsetAt(timeMs: number): number {
    if (this.format === undefined) return 0
    const part: Record<string, number> = {}
    for (const { type, value } of this.format.formatToParts(timeMs)) part[type] = Number(value)
    const { year = 0, month = 1, day = 1, hour = 0, minute = 0, second = 0 } = part
    return Date.UTC(year, month - 1, day, hour, minute, second) - Math.floor(timeMs / 1000) * 1000
  }
}

function bounds(period: Period, date: LocalDate, weekday: number): readonly [LocalDate, LocalDate] {
  const { year, month, day } = date
  if (period === 'month')
    return [
      { year, month, day: 1 },
      { year, month: month + 1, day: 1 },
    ]
  if (period === 'day') return [date, { year, month, day: day + 1 }]
  const monday = day - ((weekday + 6) % 7)
  return [
    { year, month, day: monday },
    { year, month, day: monday + 7 },
  ]
}
