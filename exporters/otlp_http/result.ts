import { readPartialSuccess, readStatusMessage } from '../../otlp/status.ts'
import type { ExportResult, Signal } from '../../pipeline/component.ts'
import type { Answer } from './post.ts'

/** Passing troubles, by the OTLP specification. Everything else that is no success will not get better by waiting. */
const PASSING = [429, 502, 503, 504]
/** Only these two may name a time. */
const NAMES_A_TIME = [429, 503]

export function resultOf(answer: Answer, signal: Signal, nowMs: number): ExportResult {
  const { status } = answer
  if (status >= 200 && status < 300) return success(answer, signal)
  const reason = reasonOf(answer)
  if (!PASSING.includes(status)) return { kind: 'rejected', reason }
  return {
    kind: 'retry',
    reason,
    afterMs: NAMES_A_TIME.includes(status) ? retryAfterMs(answer.retryAfter, nowMs) : undefined,
  }
}

const isJson = ({ contentType }: Answer): boolean => contentType.toLowerCase().startsWith('application/json')

function success(answer: Answer, signal: Signal): ExportResult {
  const partial = readPartialSuccess(signal, answer.body, isJson(answer))
  return partial === undefined ? { kind: 'ok' } : { kind: 'ok', rejected: partial.rejected, message: partial.message }
}

function reasonOf(answer: Answer): string {
  const message = readStatusMessage(answer.body, isJson(answer))
  return `HTTP ${answer.status} ${answer.statusText}${message === '' ? '' : `: ${message}`}`.trim()
}

/** Whole seconds, or a date as HTTP writes it. */
function retryAfterMs(value: string | undefined, nowMs: number): number | undefined {
  if (value === undefined) return undefined
  if (/^\d+$/.test(value.trim())) return Number(value) * 1000
  // A date begins with the day's name; left to itself, the parser takes "-3" for a year.
  const date = /^[A-Z][a-z]{2,8},? /.test(value) ? Date.parse(value) : Number.NaN
  return Number.isNaN(date) ? undefined : Math.max(0, date - nowMs)
}
