import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { usdString } from '../../genai/money.ts'

/** What three independent places say was spent, each in its own exact form as USD. */
export interface Totals {
  readonly ledger: string
  readonly warehouse: string
  readonly metrics: string
}

interface BudgetList {
  readonly budgets: readonly { readonly id: string; readonly spent_usd: string }[]
}

export async function readTotals(directory: string, control: string, metrics: string): Promise<Totals> {
  const budgets = (await (await fetch(`${control}/v1/budgets`)).json()) as BudgetList
  const page = await (await fetch(metrics)).text()
  const cost = page
    .split('\n')
    .filter((line) => line.startsWith('tokenfuse_cost_usd_total{') || line.startsWith('tokenfuse_cost_usd_total '))
  const sum = cost.reduce((total, line) => total + Math.round(Number(line.slice(line.lastIndexOf(' ') + 1)) * 1e12), 0)
  return {
    ledger: budgets.budgets.find((budget) => budget.id === 'run-cap')?.spent_usd ?? 'nothing',
    warehouse: usdString(warehousePico(join(directory, 'warehouse'))),
    metrics: usdString(sum),
  }
}

function warehousePico(directory: string): bigint {
  const file = existsSync(directory)
    ? readdirSync(directory).find((name) => name.endsWith('.sqlite') || name.endsWith('.db'))
    : undefined
  if (file === undefined) return 0n
  const db = new DatabaseSync(join(directory, file), { readOnly: true })
  const statement = db.prepare(
    "SELECT CAST(SUM(cost_pico) AS INTEGER) AS pico FROM llm_call WHERE bill_status = 'billed'",
  )
  statement.setReadBigInts(true)
  const pico = (statement.get() as { pico: bigint | null } | undefined)?.pico ?? 0n
  db.close()
  return pico
}
