import { PICO_PER_NANO, usdString } from '../../genai/money.ts'
import type { Verdict } from '../../genai/verdict.ts'
import type {
  AuditEntry,
  BudgetCrossing,
  BudgetStatus,
  Decision,
  Kill,
  LedgerEvent,
  Nano,
  PriceReport,
} from '../../pipeline/services.ts'

/** What the API shows: snake_case, USD as exact decimal strings, times as RFC 3339, `null` for what there is not. */

const usd = (nano: Nano | undefined): string | null =>
  nano === undefined ? null : usdString(nano * BigInt(PICO_PER_NANO))
const time = (ms: number | undefined): string | null => (ms === undefined ? null : new Date(ms).toISOString())

export const pricesView = (report: PriceReport, now: number) => ({
  book: report.book,
  book_age_days: Math.max(0, Math.floor((now - report.bookAsOfMs) / 86_400_000)),
  refused_files: report.refusedFiles,
  unpriced_calls: report.unpricedCalls,
  unpriced: report.unpriced,
})

export const decisionView = (decision: Decision, epoch: number) => ({
  verdict: decision.verdict,
  reason: decision.reason,
  code: decision.code,
  budget: decision.budget ?? null,
  spent_usd: usd(decision.spentNano),
  limit_usd: usd(decision.limitNano),
  remaining_usd: usd(decision.remainingNano),
  retry_after_ms: decision.retryAfterMs ?? null,
  epoch,
})

export const killView = ({ id, scope, reason, code, actor, sinceMs, untilMs }: Kill) => ({
  id,
  scope,
  reason,
  code,
  actor,
  since: time(sinceMs),
  until: time(untilMs),
})

export const budgetView = (status: BudgetStatus) => ({
  id: status.id,
  scope: status.scope,
  period: status.period,
  period_start: status.period === 'lifetime' ? null : time(status.periodStartMs),
  mode: status.mode,
  spent_usd: usd(status.spentNano),
  reserved_usd: usd(status.reservedNano),
  limit_usd: usd(status.limitNano),
  remaining_usd: status.limitNano === undefined ? null : usd(leftOf(status, status.limitNano)),
  spent_tokens: status.spentTokens,
  limit_tokens: status.limitTokens ?? null,
})

const leftOf = ({ spentNano, reservedNano }: BudgetStatus, limit: Nano): Nano => {
  const left = limit - spentNano - reservedNano
  return left > 0n ? left : 0n
}

export const crossingView = ({ budget, scope, level, spentNano, spentTokens }: BudgetCrossing) => ({
  budget: budget.id,
  scope,
  level,
  spent_usd: usd(spentNano),
  limit_usd: usd(budget.limitNano),
  spent_tokens: spentTokens,
  limit_tokens: budget.limitTokens ?? null,
})

/** As the `file` exporter writes it. */
export const verdictView = (verdict: Verdict) => ({
  time: time(verdict.timeMs),
  run: verdict.run ?? null,
  agent: verdict.agent ?? null,
  kind: verdict.kind,
  level: verdict.level,
  action: verdict.action,
  detector: verdict.detector,
  reason: verdict.reason,
  scope: verdict.scope,
  span_id: verdict.spanId,
  span_time: time(verdict.spanTimeMs),
  evidence: verdict.evidence,
  until: time(verdict.untilMs),
  lifted_by: verdict.liftedBy,
})

export const auditView = ({ timeMs, actor, action, detail }: AuditEntry) => ({
  time: time(timeMs),
  actor,
  action,
  detail,
})

export function eventView(event: LedgerEvent): object {
  switch (event.type) {
    case 'kill':
      return killView(event.kill)
    case 'resume':
      return { id: event.id }
    case 'verdict':
      return verdictView(event.verdict)
    case 'override':
      return { budget: event.budget, limit_usd: event.limitUsd }
  }
}

/** Evidence may hold integers that JSON has no form for. */
export const toJson = (value: unknown): string =>
  JSON.stringify(value, (_key, field: unknown) => (typeof field === 'bigint' ? field.toString() : field))
