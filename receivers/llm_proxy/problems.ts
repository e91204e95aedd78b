import { usdString } from '../../genai/money.ts'
import type { Decision } from '../../pipeline/services.ts'
import type { ErrorShape, Problem } from './refuse.ts'
import type { Dialect } from './upstreams.ts'

export const shapeOf = (dialect: Dialect): ErrorShape => (dialect === 'passthrough' ? 'other' : dialect)

/** What a client is told about a decision against its call; undefined when the call may go on. */
export function refusedBy(decision: Decision): Problem | undefined {
  if (decision.verdict !== 'kill' && decision.verdict !== 'throttle') return undefined
  const kind = decision.verdict === 'kill' ? 'stop' : 'throttle'
  const what = kind === 'stop' ? 'stopped' : 'slowed down'
  return {
    kind,
    code: decision.code,
    message: `Tokenfuse ${what} this call: ${decision.reason}`,
    budget: decision.budget,
    retryAfterMs: decision.retryAfterMs,
    detail: { ...dollars('spent_usd', decision.spentNano), ...dollars('limit_usd', decision.limitNano) },
  }
}

const dollars = (name: string, nano: bigint | undefined): Record<string, string> =>
  nano === undefined ? {} : { [name]: usdString(nano * 1000n) }

export const OVERLOADED: Problem = {
  kind: 'throttle',
  code: 'overloaded',
  message: 'Tokenfuse has too many calls in flight (max_in_flight); try again in a second',
  retryAfterMs: 1000,
}

export const SHUTTING_DOWN: Problem = {
  kind: 'unavailable',
  code: 'shutting_down',
  message: 'Tokenfuse is shutting down',
}

export const FROM_BROWSER: Problem = {
  kind: 'forbidden',
  code: 'browser',
  message: 'requests of web pages are not forwarded; allow_browser turns that on',
}

export const INTERNAL: Problem = {
  kind: 'internal',
  code: 'internal',
  message: 'Tokenfuse failed on this request; nothing was sent to the provider after that',
}

export const notFound = (message: string): Problem => ({
  kind: 'not_found',
  code: 'no_upstream',
  message: `Tokenfuse: ${message}`,
})

export const unreachable = (upstream: string, reason: string): Problem => ({
  kind: 'upstream',
  code: 'upstream_unreachable',
  message: `Tokenfuse could not get an answer from upstream "${upstream}": ${reason}`,
})

export const silent = (upstream: string): Problem => ({
  kind: 'timeout',
  code: 'upstream_timeout',
  message: `upstream "${upstream}" was silent for longer than idle_timeout`,
})
