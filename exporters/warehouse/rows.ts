import { createHash } from 'node:crypto'
import type { Call } from '../../genai/call.ts'
import type { Verdict } from '../../genai/verdict.ts'
import { type Cell, COLUMNS } from './columns.ts'

const DAY_MS = 86_400_000
const HOUR_MS = 3_600_000
const MINUTE_MS = 60_000
/** A sender's clock may be wrong. Times outside of this are filed under the time of arrival, so that days stay few. */
const PAST_MS = 400 * DAY_MS
const FUTURE_MS = DAY_MS

/** The minute of calls whose time is that of their arrival: delivered again, they would bring another one. */
export const UNTIMED = -1

/** One call on its way to the worker. */
export interface Row {
  /** What the call is known by; see {@link keyOf}. */
  readonly key: string
  /** `YYYYMMDD`, UTC, of the time below. */
  readonly day: string
  readonly hour: number
  /** Minute of that day; {@link UNTIMED} for a call without a time of its own. */
  readonly minute: number
  /** When the call ended, as budgets count it. */
  readonly timeMs: number
  /** By index in COLUMNS. */
  readonly cells: readonly Cell[]
}

export type VerdictRow = readonly Cell[]

/** Columns of the table `verdict`, in the order of {@link verdictRow}. */
export const VERDICT_COLUMNS = [
  'time_ms',
  'kind',
  'level',
  'action',
  'detector',
  'reason',
  'scope',
  'run',
  'agent',
  'span_id',
  'span_time_ms',
  'evidence',
  'until_ms',
  'lifted_by',
] as const

export function rowOf(call: Call, nowMs: number): Row {
  const cells = COLUMNS.map((column): Cell => {
    const value = column.of(call)
    if (value === undefined || value === '') return null
    return typeof value === 'boolean' ? Number(value) : value
  })
  const claimed = call.endMs > 0 ? call.endMs : call.startMs
  const isTimed = claimed > nowMs - PAST_MS && claimed < nowMs + FUTURE_MS
  const timeMs = Math.floor(isTimed ? claimed : nowMs)
  const hour = Math.floor((timeMs % DAY_MS) / HOUR_MS)
  return {
    key: keyOf(call, cells),
    day: dayOfMs(timeMs),
    hour,
    minute: isTimed ? minuteOfMs(timeMs) : UNTIMED,
    timeMs,
    cells,
  }
}

export const minuteOfMs = (ms: number): number => Math.floor((ms % DAY_MS) / MINUTE_MS)

let lastDay = Number.NaN
let lastDayName = ''

/** The day of a moment as tables are named after it. Moments come mostly from the same day, so its name is kept. */
export function dayOfMs(ms: number): string {
  const day = Math.floor(ms / DAY_MS)
  if (day !== lastDay) {
    lastDay = day
    lastDayName = new Date(day * DAY_MS).toISOString().slice(0, 10).replaceAll('-', '')
  }
  return lastDayName
}

/**
 * The call's own key; a correction gets one of its own, because it stands beside the call that it corrects. A call that
 * nothing identifies is known by what it says, so that at least the same delivery repeated is the same row.
 */
function keyOf(call: Call, cells: readonly Cell[]): string {
  if (call.correctionOf !== undefined) return `${call.correctionOf}~by~${call.key}`
  const hasResponse = call.responseId !== undefined && call.responseId !== ''
  if (hasResponse || call.spanId !== '') return call.key
  const said = JSON.stringify([call.startMs, call.endMs, ...cells], (_, v: unknown) =>
    typeof v === 'bigint' ? String(v) : v,
  )
  return `#${createHash('sha256').update(said).digest('hex').slice(0, 32)}`
}

export function verdictRow(verdict: Verdict): VerdictRow {
  const { timeMs, kind, level, action, detector, reason, scope, run, agent, spanId, spanTimeMs, evidence } = verdict
  const { untilMs, liftedBy } = verdict
  const when = [
    Math.floor(timeMs),
    kind,
    level,
    action,
    detector,
    reason,
    JSON.stringify(scope),
    run ?? null,
    agent ?? null,
  ]
  return [...when, spanId, Math.floor(spanTimeMs), JSON.stringify(evidence), untilMs ?? null, liftedBy]
}
