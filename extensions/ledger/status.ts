import { PICO_PER_NANO, usdNumber } from '../../genai/money.ts'
import type { BudgetStatus } from '../../pipeline/services.ts'
import type { Budget, Counter, Table } from './budget.ts'
import { toNano, usedShare } from './decision.ts'

interface Ranked {
  readonly budget: Budget
  readonly table: Table
  readonly counter: Counter
  readonly share: number
}

/** The counters of the running periods that are closest to their limits, fullest first; budgets without any show as 0. */
export function fullest(budgets: Iterable<Budget>, max: number, nowMs: number): readonly BudgetStatus[] {
  const top: Ranked[] = []
  const empty: BudgetStatus[] = []
  let floor = Number.NEGATIVE_INFINITY
  for (const budget of budgets) {
    budget.refresh(nowMs)
    const table = budget.tableAt(nowMs)
    if (table.counters.size === 0) empty.push(statusOf(budget, table, undefined))
    for (const counter of table.counters.values()) {
      const share = usedShare(budget, counter)
      if (top.length >= max && share <= floor) continue
      top.push({ budget, table, counter, share })
      // Sorting now and then and cutting keeps this linear in the number of counters.
      if (top.length >= 2 * max) floor = cut(top, max)
    }
  }
  cut(top, max)
  return [...top.map(({ budget, table, counter }) => statusOf(budget, table, counter)), ...empty]
}

function cut(top: Ranked[], max: number): number {
  top.sort((a, b) => b.share - a.share)
  if (top.length > max) top.length = max
  return top.at(-1)?.share ?? Number.NEGATIVE_INFINITY
}

function statusOf(budget: Budget, table: Table, counter: Counter | undefined): BudgetStatus {
  const { definition, limits } = budget
  return {
    id: definition.id,
    scope: counter === undefined ? {} : budget.scopeOf(counter),
    period: definition.period,
    mode: definition.mode,
    spentNano: toNano(BigInt(counter?.spent ?? 0)),
    reservedNano: toNano(BigInt(counter?.reserved ?? 0)),
    limitNano: limits.pico === undefined ? undefined : toNano(limits.pico),
    spentTokens: counter?.tokens ?? 0,
    limitTokens: limits.tokens,
    periodStartMs: table.start,
  }
}

interface Sample {
  readonly labels: readonly string[]
  readonly value: number
}

/** One gauge's samples: budget id, scope and period, the amount as a double. */
export function* samples(
  statuses: readonly BudgetStatus[],
  read: (status: BudgetStatus) => bigint | undefined,
): Iterable<Sample> {
  for (const status of statuses) {
    const nano = read(status)
    if (nano !== undefined)
      yield { labels: [status.id, scopeLabel(status), status.period], value: usdNumber(nano * BigInt(PICO_PER_NANO)) }
  }
}

const scopeLabel = (status: BudgetStatus): string =>
  Object.entries(status.scope)
    .map(([key, value]) => `${key}=${value}`)
    .join(',')
