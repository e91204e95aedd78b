import { parseArgs } from 'node:util'
import { usdString } from '../genai/money.ts'
import { parseDuration } from '../pipeline/config/duration.ts'
import { DONE, FAILED, WRONG_USAGE } from './config-args.ts'
import { type Answer, DIMENSIONS, findWarehouse, openWarehouse, querySpend, type Spend } from './report-query.ts'
import { renderTable } from './table.ts'

const USAGE = `tokenfuse report [--by DIMENSION] [--since WHEN] [--limit N] [--json] [--data PATH]

Reports spend from the warehouse, also while the sidecar runs. Sums are exact.

  --by DIMENSION   ${Object.keys(DIMENSIONS).join(', ')}; default: agent
  --since WHEN     30m, 24h, 7d, or a date such as 2025-11-01 (UTC); default: everything that is there
  --limit N        rows of the table, the dearest first, the rest in one; default: 50
  --json           everything as one JSON object; amounts are decimal strings
  --data PATH      the data directory, or the database itself; default: ./data
`

export interface ReportContext {
  readonly args: readonly string[]
  readonly io: { stdout(text: string): void; stderr(text: string): void }
  /** Milliseconds since the epoch; the machine's when absent. */
  readonly now?: () => number
}

interface Options {
  readonly by: string
  readonly sinceMs: number
  readonly limit: number
  readonly json: boolean
  readonly data: string
}

export async function report(context: ReportContext): Promise<number> {
  const { io, args } = context
  const options = parseOptions(args, (context.now ?? Date.now)())
  if (options === 'help') {
    io.stdout(USAGE)
    return DONE
  }
  if (typeof options === 'string') {
    io.stderr(`tokenfuse report: ${options}\n\n${USAGE}`)
    return WRONG_USAGE
  }
  const file = findWarehouse(options.data)
  if (file === undefined) {
    io.stderr(
      `tokenfuse report: no warehouse below ${options.data}. Calls are kept when "warehouse" is among the exporters of a pipeline; --data says where.\n`,
    )
    return FAILED
  }
  const db = openWarehouse(file)
  try {
    const answer = querySpend(db, options.by, options.sinceMs)
    io.stdout(options.json ? asJson(answer, options) : asText(answer, options))
  } finally {
    db.close()
  }
  return DONE
}

function parseOptions(args: readonly string[], nowMs: number): Options | string {
  let values: { by: string; since?: string; limit: string; json: boolean; data: string; help: boolean }
  try {
    ;({ values } = parseArgs({
      args: [...args],
      options: {
        by: { type: 'string', default: 'agent' },
        since: { type: 'string' },
        limit: { type: 'string', default: '50' },
        json: { type: 'boolean', default: false },
        data: { type: 'string', default: './data' },
        help: { type: 'boolean', short: 'h', default: false },
      },
    }))
  } catch (error) {
    return error instanceof Error ? error.message : String(error)
  }
  const { by, since, json, data, help } = values
  if (help) return 'help'
  if (!Object.hasOwn(DIMENSIONS, by)) return `--by ${by}: expected one of ${Object.keys(DIMENSIONS).join(', ')}`
  const limit = Number(values.limit)
  if (!Number.isSafeInteger(limit) || limit < 1) return `--limit ${values.limit}: expected a number above 0`
  const sinceMs = since === undefined ? 0 : whenOf(since, nowMs)
  if (sinceMs === undefined) return `--since ${since}: expected 30m, 24h, 7d or a date such as 2025-11-01`
  return { by, sinceMs, limit, json, data }
}

function whenOf(since: string, nowMs: number): number | undefined {
  const ago = parseDuration(since)
  if (ago !== undefined) return Math.max(0, nowMs - ago)
  const at = /^\d{4}-\d{2}-\d{2}/.test(since) ? Date.parse(since) : Number.NaN
  return Number.isNaN(at) ? undefined : at
}

function asJson(answer: Answer, { by, sinceMs }: Options): string {
  const total = totalOf(answer.rows)
  const row = (spend: Spend): Record<string, unknown> => ({
    [by]: spend.key === '' ? null : spend.key,
    ...fields(spend),
    share: shareOf(spend.pico, total.pico),
  })
  const { unpriced, notBilled } = answer
  const report = {
    by,
    since: sinceMs === 0 ? null : new Date(sinceMs).toISOString(),
    rows: answer.rows.map(row),
    total: fields(total),
    unpriced: unpriced.map(({ calls, ...what }) => ({ ...what, calls: Number(calls) })),
    not_billed: Object.fromEntries(Object.entries(notBilled).map(([status, calls]) => [status, Number(calls)])),
  }
  return `${JSON.stringify(report, null, 2)}\n`
}

const fields = ({ calls, inputTokens, outputTokens, pico, unpriced }: Spend): Record<string, unknown> => ({
  ...{ calls: Number(calls), input_tokens: Number(inputTokens), output_tokens: Number(outputTokens) },
  ...{ cost_usd: usdString(pico), unpriced_calls: Number(unpriced) },
})

function asText(answer: Answer, { by, sinceMs, limit }: Options): string {
  const since = sinceMs === 0 ? '' : ` since ${new Date(sinceMs).toISOString().slice(0, 16).replace('T', ' ')} UTC`
  if (answer.rows.length === 0) return `No calls${since}.\n${notBilledLine(answer)}`
  const total = totalOf(answer.rows)
  const shown = answer.rows.slice(0, limit)
  const rest = answer.rows.slice(limit)
  const cells = (name: string, spend: Spend): string[] => [
    name,
    ...[spend.calls, spend.inputTokens, spend.outputTokens].map(grouped),
    usdString(spend.pico),
    `${((shareOf(spend.pico, total.pico) ?? 0) * 100).toFixed(1)}%`,
  ]
  const rows = shown.map((spend) => cells(spend.key === '' ? '(none)' : spend.key, spend))
  if (rest.length > 0) rows.push(cells(`(${rest.length} more)`, totalOf(rest)))
  const table = renderTable(
    [
      { title: by, align: 'left', max: 60 },
      { title: 'calls', align: 'right' },
      { title: 'input tokens', align: 'right' },
      { title: 'output tokens', align: 'right' },
      { title: 'cost USD', align: 'decimal' },
      { title: 'share', align: 'right' },
    ],
    rows,
    cells('total', total),
  )
  return `Spend by ${by}${since}\n\n${table}${unpricedLines(answer)}${notBilledLine(answer)}`
}

/** Unknown cost is in no sum, so a report that has some must say so. */
function unpricedLines({ unpriced }: Answer): string {
  if (unpriced.length === 0) return ''
  const calls = unpriced.reduce((sum, entry) => sum + entry.calls, 0n)
  const rows = unpriced
    .slice(0, 10)
    .map(({ provider, model, reason, calls: n }) => [grouped(n), provider, model, reason])
  if (unpriced.length > 10) rows.push(['', `and ${unpriced.length - 10} more`, '', ''])
  const table = renderTable(
    [
      { title: 'calls', align: 'right' },
      { title: 'provider', align: 'left', max: 30 },
      { title: 'model', align: 'left', max: 50 },
      { title: 'why', align: 'left', max: 80 },
    ],
    rows,
  )
  return `\nUNPRICED: the cost of ${grouped(calls)} ${calls === 1n ? 'call is' : 'calls is'} unknown and not in these sums.\n\n${table}`
}

function notBilledLine({ notBilled }: Answer): string {
  const parts = Object.entries(notBilled).map(([status, calls]) => `${grouped(calls)} ${status}`)
  return parts.length === 0 ? '' : `\nNot counted, because other reports of the same calls are: ${parts.join(', ')}.\n`
}

function totalOf(rows: readonly Spend[]): Spend {
  const sum = (of: (spend: Spend) => bigint): bigint => rows.reduce((total, spend) => total + of(spend), 0n)
  return {
    key: '',
    ...{ calls: sum((s) => s.calls), inputTokens: sum((s) => s.inputTokens), outputTokens: sum((s) => s.outputTokens) },
    ...{ pico: sum((s) => s.pico), unpriced: sum((s) => s.unpriced) },
  }
}

/** Part of the total, to four decimals; undefined when there is no total to be part of. */
const shareOf = (pico: bigint, total: bigint): number | undefined =>
  total <= 0n ? undefined : Number((pico * 10_000n) / total) / 10_000

const grouped = (n: bigint): string => n.toString().replace(/\B(?=(\d{3})+$)/g, ',')
