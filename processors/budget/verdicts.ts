import type { Call } from '../../genai/call.ts'
import { PICO_PER_NANO, usdString } from '../../genai/money.ts'
import type { Scope, Verdict, VerdictAction } from '../../genai/verdict.ts'
import type { BudgetCrossing, BudgetDefinition, Nano } from '../../pipeline/services.ts'

/** The verdict on a budget that reached a mark with this call. */
export function crossingVerdict(crossing: BudgetCrossing, call: Call, timeMs: number): Verdict {
  const { budget, scope, level, periodStartMs, periodEndMs } = crossing
  const isExceeded = level === 'exceeded'
  return {
    timeMs,
    kind: 'budget',
    level: isExceeded ? 'critical' : 'warn',
    action: actionOf(crossing),
    detector: detectorOf(budget),
    reason: reasonOf(crossing),
    scope: { budget: budget.id, ...scope },
    run: call.tags.run,
    agent: call.tags.agent,
    spanId: call.spanId,
    spanTimeMs: call.startMs,
    evidence: {
      budget: budget.id,
      mark: isExceeded ? 'exceeded' : 'throttle',
      limit_usd: usdOf(budget.limitNano),
      spent_usd: usdOf(crossing.spentNano),
      limit_tokens: budget.limitTokens,
      spent_tokens: crossing.spentTokens,
      period: budget.period,
      period_start: budget.period === 'lifetime' ? undefined : new Date(periodStartMs).toISOString(),
      period_end: periodEndMs === undefined ? undefined : new Date(periodEndMs).toISOString(),
      on_exceed: budget.onExceed,
      mode: budget.mode,
    },
    ...(periodEndMs === undefined ? {} : { untilMs: periodEndMs }),
    liftedBy: `a higher limit of budget ${budget.id}${periodEndMs === undefined ? '' : ', or the next period'}`,
  }
}

function actionOf({ budget, level }: BudgetCrossing): VerdictAction {
  if (budget.mode === 'observe') return 'signal'
  if (level === 'throttle') return 'throttle'
  return budget.onExceed === 'alert' ? 'signal' : budget.onExceed
}

/** The verdict on a call that no budget can count, where the configuration does not allow that. */
export function unpricedVerdict(call: Call, scope: Scope, mode: BudgetDefinition['mode'], timeMs: number): Verdict {
  const model = call.model ?? 'an unnamed model'
  return {
    timeMs,
    kind: 'budget',
    level: 'critical',
    action: mode === 'enforce' ? 'kill' : 'signal',
    detector: 'unpriced_model',
    reason: `${model} has no known price, so no budget can count it`,
    scope,
    run: call.tags.run,
    agent: call.tags.agent,
    spanId: call.spanId,
    spanTimeMs: call.startMs,
    evidence: { provider: call.provider, model, reason: call.cost?.reason, mode },
    liftedBy: 'tokenfuse resume, after the model was given a price',
  }
}

function detectorOf(budget: BudgetDefinition): string {
  if (budget.scope.length === 1 && budget.scope[0] === 'run') return 'run_cap'
  if (budget.period === 'day') return 'daily_alarm'
  return budget.period === 'month' ? 'monthly_cap' : 'budget'
}

function reasonOf({ budget, scope, level, spentNano, spentTokens }: BudgetCrossing): string {
  const whose = Object.entries(scope).map(([key, value]) => `${key} ${value}`)
  const money = budget.limitNano === undefined ? [] : [`$${usdOf(spentNano)} of $${usdOf(budget.limitNano)}`]
  const tokens = budget.limitTokens === undefined ? [] : [`${spentTokens} of ${budget.limitTokens} tokens`]
  const state = level === 'exceeded' ? 'is used up' : 'is nearly used up'
  return `budget ${budget.id}${whose.length === 0 ? '' : ` of ${whose.join(', ')}`} ${state}: ${[...money, ...tokens].join(', ')}`
}

function usdOf(nano: Nano): string
function usdOf(nano: Nano | undefined): string | undefined
function usdOf(nano: Nano | undefined): string | undefined {
  return nano === undefined ? undefined : usdString(nano * BigInt(PICO_PER_NANO))
}
