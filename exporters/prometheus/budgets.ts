import { PICO_PER_NANO, usdString } from '../../genai/money.ts'
import type { BudgetStatus } from '../../pipeline/services.ts'
import { type ExposedFamily, labelText } from '../../pipeline/telemetry/exposition.ts'
import { OTHER } from '../../pipeline/telemetry/family.ts'

interface Row {
  readonly id: string
  readonly scope: string
  readonly period: string
  readonly limitNano: bigint | undefined
  readonly spentNano: bigint
  readonly reservedNano: bigint
}

/**
 * Limits and spend of budgets as gauges. A budget per run has a counter per run, so only those nearest to their limit
 * are shown one by one; the rest are added up per budget.
 */
export function budgetFamilies(budgets: readonly BudgetStatus[], max: number): readonly ExposedFamily[] {
  const rows = boundedRows(budgets.map(rowOf), max)
  const gauge = (name: string, help: string, read: (row: Row) => bigint | undefined): ExposedFamily => ({
    ...{ name, type: 'gauge', help },
    samples: rows.flatMap((row) => {
      const nano = read(row)
      const labels = labelText(['budget', 'scope', 'period'], [row.id, row.scope, row.period])
      return nano === undefined ? [] : [{ suffix: '' as const, labels, value: usdString(nano * BigInt(PICO_PER_NANO)) }]
    }),
  })
  return [
    gauge(
      'tokenfuse_budget_limit_usd',
      'Limit of a budget in USD; absent when it only limits tokens.',
      (row) => row.limitNano,
    ),
    gauge('tokenfuse_budget_spent_usd', 'Spent from a budget in its current period, in USD.', (row) => row.spentNano),
    gauge('tokenfuse_budget_reserved_usd', 'Held back for calls in flight, in USD.', (row) => row.reservedNano),
  ]
}

function rowOf({ id, scope, period, limitNano, spentNano, reservedNano }: BudgetStatus): Row {
  const named = Object.entries(scope)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([key, value]) => `${key}=${value}`)
  return { id, scope: named.join(','), period, limitNano, spentNano, reservedNano }
}

function boundedRows(rows: readonly Row[], max: number): readonly Row[] {
  if (rows.length <= max) return rows
  const share = ({ limitNano, spentNano, reservedNano }: Row): number =>
    limitNano === undefined || limitNano === 0n ? 0 : Number(spentNano + reservedNano) / Number(limitNano)
  const sorted = [...rows].sort((a, b) => share(b) - share(a))
  const rest = new Map<string, Row>()
  for (const row of sorted.slice(max)) {
    const key = `${row.id} ${row.period}`
    const known = rest.get(key)
    rest.set(key, known === undefined ? { ...row, scope: OTHER } : added(known, row))
  }
  return [...sorted.slice(0, max), ...rest.values()]
}

const added = (a: Row, b: Row): Row => ({
  ...a,
  limitNano: a.limitNano === undefined || b.limitNano === undefined ? undefined : a.limitNano + b.limitNano,
  spentNano: a.spentNano + b.spentNano,
  reservedNano: a.reservedNano + b.reservedNano,
})
