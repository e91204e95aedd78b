import { existsSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { pathToFileURL } from 'node:url'
import { parseUsd } from '../genai/money.ts'

/** What spend can be broken down by, and what of a row that is. */
export const DIMENSIONS: Readonly<Record<string, string>> = {
  agent: 'agent',
  model: 'coalesce(response_model, request_model)',
  customer: 'customer',
  run: 'run',
  workflow: 'workflow',
  step: 'step',
  business_unit: 'business_unit',
  provider: 'provider',
  day: "strftime('%Y-%m-%d', time_ms / 1000, 'unixepoch')",
}

export interface Spend {
  /** '' where the calls do not say. */
  readonly key: string
  readonly calls: bigint
  readonly inputTokens: bigint
  readonly outputTokens: bigint
  /** Exact. */
  readonly pico: bigint
  readonly unpriced: bigint
}

export interface Unpriced {
  readonly provider: string
  readonly model: string
  readonly reason: string
  readonly calls: bigint
}

export interface Answer {
  readonly rows: readonly Spend[]
  readonly unpriced: readonly Unpriced[]
  /** Calls that are in no sum because other evidence of them is: by status. */
  readonly notBilled: Readonly<Record<string, bigint>>
}

const INPUT = [
  ...[
    'input_uncached_tokens',
    'cache_read_tokens',
    'cache_write_tokens',
    'cache_write_5m_tokens',
    'cache_write_1h_tokens',
  ],
  ...[
    'input_audio_tokens',
    'input_image_tokens',
    'input_video_tokens',
    'input_tool_tokens',
    'cache_read_audio_tokens',
    'cache_read_image_tokens',
  ],
]
const OUTPUT = ['output_tokens', 'reasoning_tokens', 'output_audio_tokens', 'output_image_tokens']
/** Tokens of a correction were counted with the call that it corrects. */
const sumOf = (columns: readonly string[]): string =>
  `coalesce(sum(CASE WHEN correction_of IS NULL THEN ${columns.map((c) => `coalesce(${c}, 0)`).join(' + ')} END), 0)`

/** SQLite's sum of integers fails beyond 2^63, so amounts are added up in two parts. */
const HALF = 1_000_000n

/** The database below a data directory, or at the path itself; undefined when there is none. */
export function findWarehouse(path: string): string | undefined {
  const candidates = [path, join(path, 'warehouse.sqlite'), join(path, 'warehouse', 'warehouse.sqlite')]
  return candidates.find((file) => existsSync(file) && statSync(file).isFile())
}

/**
 * Opens for reading only. Without a log beside it nobody is writing, and the file is taken as it is: SQLite would leave
 * a log of its own there, which may then belong to the wrong user when the sidecar comes back.
 */
export function openWarehouse(file: string): DatabaseSync {
  if (existsSync(`${file}-wal`)) return new DatabaseSync(file, { readOnly: true })
  const url = pathToFileURL(file)
  url.searchParams.set('immutable', '1')
  try {
    return new DatabaseSync(url, { readOnly: true })
  } catch (error) {
    // Node below 22.15 takes paths only.
    if (!(error instanceof TypeError)) throw error
    return new DatabaseSync(file, { readOnly: true })
  }
}

export function querySpend(db: DatabaseSync, by: string, sinceMs: number): Answer {
  const key = `coalesce(${DIMENSIONS[by]}, '')`
  const rows = new Map<string, Spend>()
  for (const row of all(db, spendSql(key), sinceMs)) {
    const spend = {
      key: text(row['key']),
      ...{
        calls: whole(row['calls']),
        inputTokens: whole(row['input']),
        outputTokens: whole(row['output']),
        unpriced: whole(row['unpriced']),
      },
      pico: whole(row['high']) * HALF + whole(row['low']),
    }
    rows.set(spend.key, spend)
  }
  // Amounts beyond 2^63 pico-USD are kept as text.
  for (const row of all(
    db,
    `SELECT ${key} AS key, cost_usd FROM llm_call WHERE ${BILLED} AND typeof(cost_pico) = 'text'`,
    sinceMs,
  )) {
    const known = rows.get(text(row['key']))
    const pico = parseUsd(text(row['cost_usd']))
    if (known !== undefined && pico !== undefined) rows.set(known.key, { ...known, pico: known.pico + BigInt(pico) })
  }
  return {
    rows: [...rows.values()].sort(mostFirst),
    unpriced: unpricedCalls(db, sinceMs),
    notBilled: notBilledCalls(db, sinceMs),
  }
}

const BILLED = "bill_status = 'billed' AND time_ms >= ?"

function spendSql(key: string): string {
  const part = (operator: string): string =>
    `coalesce(sum(CASE WHEN typeof(cost_pico) = 'integer' THEN cost_pico ${operator} ${HALF} END), 0)`
  return `SELECT ${key} AS key, sum(correction_of IS NULL) AS calls, ${sumOf(INPUT)} AS input, ${sumOf(OUTPUT)} AS output,
    ${part('/')} AS high, ${part('%')} AS low, sum(cost_pico IS NULL) AS unpriced FROM llm_call WHERE ${BILLED} GROUP BY 1`
}

function unpricedCalls(db: DatabaseSync, sinceMs: number): readonly Unpriced[] {
  const sql = `SELECT coalesce(provider, '') AS provider, coalesce(response_model, request_model, '') AS model,
    coalesce(cost_reason, 'not priced') AS reason, count(*) AS calls FROM llm_call WHERE ${BILLED} AND cost_pico IS NULL
    GROUP BY 1, 2, 3 ORDER BY 4 DESC, 1, 2, 3`
  return all(db, sql, sinceMs).map((row) => ({
    ...{
      provider: text(row['provider']),
      model: text(row['model']),
      reason: text(row['reason']),
      calls: whole(row['calls']),
    },
  }))
}

function notBilledCalls(db: DatabaseSync, sinceMs: number): Readonly<Record<string, bigint>> {
  const sql =
    "SELECT bill_status, count(*) AS calls FROM llm_call WHERE bill_status <> 'billed' AND time_ms >= ? GROUP BY 1 ORDER BY 1"
  return Object.fromEntries(all(db, sql, sinceMs).map((row) => [text(row['bill_status']), whole(row['calls'])]))
}

function all(db: DatabaseSync, sql: string, sinceMs: number): readonly Readonly<Record<string, unknown>>[] {
  const statement = db.prepare(sql)
  statement.setReadBigInts(true)
  return statement.all(sinceMs)
}

const text = (value: unknown): string => (typeof value === 'string' ? value : '')
/** Columns of counts are integers; one that a sender filled with something else counts as far as it is whole. */
const whole = (value: unknown): bigint =>
  typeof value === 'bigint'
    ? value
    : typeof value === 'number' && Number.isFinite(value)
      ? BigInt(Math.round(value))
      : 0n

function mostFirst(a: Spend, b: Spend): number {
  if (a.pico !== b.pico) return a.pico > b.pico ? -1 : 1
  return a.key < b.key ? -1 : 1
}
