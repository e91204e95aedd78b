import type { Scope, Verdict } from '../../genai/verdict.ts'
import type { Clock } from '../../pipeline/host.ts'
import type { BudgetCrossing, Kill, KillOrder, Ledger } from '../../pipeline/services.ts'

/** Turns verdicts into kills; everything milder is only told. */
export class Enforcer {
  private readonly ledger: Ledger
  private readonly clock: Clock
  private readonly runKillTtlMs: number

  constructor(ledger: Ledger, clock: Clock, runKillTtlMs: number) {
    this.ledger = ledger
    this.clock = clock
    this.runKillTtlMs = runKillTtlMs
  }

  /** `nobody`: a kill was asked for, but not of whom. */
  enforce(verdict: Verdict): 'killed' | 'standing' | 'told' | 'nobody' {
    if (verdict.action !== 'kill') {
      this.ledger.announce(verdict)
      return 'told'
    }
    const scope = scopeOf(verdict)
    if (scope === undefined) {
      this.ledger.announce(verdict)
      return 'nobody'
    }
    const order = {
      scope,
      reason: verdict.reason,
      code: codeOf(verdict),
      actor: actorOf(verdict),
      untilMs: verdict.untilMs,
    }
    return this.order(order)
  }

  /** What a settlement through the API crossed; those of spans come as verdicts. */
  crossed({ budget, scope, level, periodEndMs }: BudgetCrossing): void {
    if (level !== 'exceeded' || budget.mode !== 'enforce' || budget.onExceed !== 'kill') return
    const reason = `budget ${budget.id} is used up`
    const whole = Object.keys(scope).length === 0 ? { all: 'true' } : scope
    const isRunCap = budget.scope.length === 1 && budget.scope[0] === 'run'
    const periodic = budget.period === 'day' ? 'daily_alarm' : budget.period === 'month' ? 'monthly_cap' : 'budget'
    const code = isRunCap ? 'run_cap' : periodic
    this.order({ scope: whole, reason, code, actor: `budget:${budget.id}`, untilMs: periodEndMs })
  }

  /** The kill in force that already does what the order asks for, for at least as long. */
  standing(order: KillOrder): Kill | undefined {
    return this.ledger.kills().find((kill) => isSame(kill.scope, order.scope) && lastsAsLong(kill, order))
  }

  /** The same verdict again is no second kill, even though its end would be a little later. */
  private order(order: KillOrder): 'killed' | 'standing' {
    const isRun = order.untilMs === undefined && order.scope['run'] !== undefined
    const ordered = isRun ? { ...order, untilMs: this.clock.now() + this.runKillTtlMs } : order
    const repeats = (kill: Kill): boolean => kill.code === order.code || lastsAsLong(kill, ordered)
    if (this.ledger.kills().some((kill) => isSame(kill.scope, order.scope) && repeats(kill))) return 'standing'
    if (ordered.untilMs !== undefined && ordered.untilMs <= this.clock.now()) return 'standing'
    this.ledger.kill(ordered)
    return 'killed'
  }
}

const FOREVER = Number.POSITIVE_INFINITY

const lastsAsLong = (kill: Kill, order: KillOrder): boolean => (kill.untilMs ?? FOREVER) >= (order.untilMs ?? FOREVER)

function isSame(a: Scope, b: Scope): boolean {
  const keys = Object.keys(a)
  return keys.length === Object.keys(b).length && keys.every((key) => a[key] === b[key])
}

/**
 * Whom to stop. `budget` says which budget speaks, and is no tag of a call. Only a budget for everything stops
 * everything: a detector that cannot say whom it means must not.
 */
function scopeOf(verdict: Verdict): Scope | undefined {
  const named = Object.entries(verdict.scope).filter(([key, value]) => key !== 'budget' && value !== '')
  const isWhole = named.length === Object.keys(verdict.scope).filter((key) => key !== 'budget').length
  if (named.length > 0 && isWhole) return Object.fromEntries(named)
  if (verdict.kind === 'budget' && verdict.scope['budget'] !== undefined && isWhole) return { all: 'true' }
  return verdict.run === undefined || verdict.run === '' ? undefined : { run: verdict.run }
}

function codeOf(verdict: Verdict): string {
  if (verdict.kind === 'budget') return verdict.detector
  return verdict.kind === 'manual' ? 'killed' : verdict.kind
}

function actorOf(verdict: Verdict): string {
  const budget = verdict.scope['budget']
  return verdict.kind === 'budget' && budget !== undefined ? `budget:${budget}` : `${verdict.kind}:${verdict.detector}`
}
