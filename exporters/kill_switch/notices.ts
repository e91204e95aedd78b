import type { Scope } from '../../genai/verdict.ts'
import type { Kill, LedgerEvent } from '../../pipeline/services.ts'
import { killView, verdictView } from './views.ts'

/** Something worth telling people and other systems, in the one form that all webhook formats are made from. */
export interface Notice {
  readonly type: 'kill' | 'resume' | 'verdict'
  /** What names the same trouble again, and ends it. */
  readonly key: string
  readonly timeMs: number
  readonly severity: 'critical' | 'warning'
  readonly summary: string
  readonly scope: Scope
  readonly sinceMs: number
  /** When it ends by itself. */
  readonly untilMs: number | undefined
  readonly data: object
}

const name = (scope: Scope): string =>
  Object.entries(scope)
    .map(([key, value]) => (key === 'all' ? 'everything' : `${key} ${value}`))
    .join(', ')

/** Undefined for events that nobody is told of. `kills`: those in force, to name the one that was lifted. */
export function noticeOf(event: LedgerEvent, kills: ReadonlyMap<string, Kill>, nowMs: number): Notice | undefined {
  if (event.type === 'kill') {
    const { kill } = event
    return {
      ...common(kill, nowMs),
      type: 'kill',
      severity: 'critical',
      summary: `Tokenfuse stopped ${name(kill.scope)}: ${kill.reason}`,
      untilMs: kill.untilMs,
    }
  }
  if (event.type === 'resume') {
    const kill = kills.get(event.id)
    if (kill === undefined) return undefined
    const summary = `Tokenfuse lets ${name(kill.scope)} go on: kill ${kill.id} was lifted`
    return { ...common(kill, nowMs), type: 'resume', severity: 'warning', summary, untilMs: nowMs }
  }
  if (event.type !== 'verdict') return undefined
  const { verdict } = event
  const { budget } = verdict.scope
  const subject = Object.entries(verdict.scope)
    .map(([key, value]) => `${key}=${value}`)
    .join(',')
  const period = verdict.evidence['period_start'] ?? 'lifetime'
  return {
    type: 'verdict',
    key: `tokenfuse:${budget ?? verdict.detector}:${subject}:${period}:${verdict.evidence['mark'] ?? verdict.level}`,
    timeMs: verdict.timeMs,
    severity: verdict.level === 'critical' ? 'critical' : 'warning',
    summary: `Tokenfuse: ${verdict.reason}`,
    scope: verdict.scope,
    sinceMs: verdict.timeMs,
    untilMs: verdict.untilMs,
    data: verdictView(verdict),
  }
}

const common = (kill: Kill, nowMs: number) => ({
  key: `tokenfuse:${kill.id}`,
  timeMs: nowMs,
  scope: kill.scope,
  sinceMs: kill.sinceMs,
  data: killView(kill),
})
