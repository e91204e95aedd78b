import { DONE, FAILED } from './config-args.ts'
import {
  CONTROL_USAGE,
  type ControlCommand,
  parseControlArgs,
  parseScope,
  printable,
  scopeText,
  wrongUsage,
} from './control-client.ts'

const USAGE = `tokenfuse status [TAG=VALUE ...]

Shows the kills in force, the budgets nearest to their limits, and the calls that no price is known for. With tags
(run=…, agent=…) also whether a call with these tags may go on.

${CONTROL_USAGE}`

type Row = Readonly<Record<string, unknown>>

export async function status(command: ControlCommand): Promise<number> {
  const parsed = parseControlArgs(command, USAGE, {})
  if (parsed.kind === 'exit') return parsed.code
  const subject = parseScope(parsed.positionals)
  if (typeof subject === 'string') return wrongUsage(command.io, subject, USAGE).code
  const query = new URLSearchParams(subject).toString()
  const answers = await Promise.all([
    parsed.client.ask('GET', '/v1/kills'),
    parsed.client.ask('GET', '/v1/budgets'),
    parsed.client.ask('GET', '/v1/prices'),
    ...(query === '' ? [] : [parsed.client.ask('GET', `/v1/verdict?${query}`)]),
  ])
  const bodies: Row[] = []
  for (const answer of answers) {
    if (!answer.ok) {
      command.io.stderr(`tokenfuse status: ${answer.why}\n`)
      return FAILED
    }
    bodies.push(answer.body)
  }
  const [kills = {}, budgets = {}, prices = {}, verdict] = bodies
  if (parsed.json) {
    const all = {
      kills: kills['kills'],
      budgets: budgets['budgets'],
      prices: prices['prices'],
      ...(verdict === undefined ? {} : { verdict }),
    }
    command.io.stdout(`${JSON.stringify(all, null, 2)}\n`)
  } else command.io.stdout(`${text(kills, budgets, verdict, Date.now())}${priceLines(prices)}`)
  return DONE
}

const counted = (n: number, what: string): string => `${n} ${what}${n === 1 ? '' : 's'}`

/** Unknown costs are said wherever money is shown; prices that are old or refused are why costs may be wrong. */
function priceLines(body: Row): string {
  return rowsOf(body, 'prices')
    .map((report) => {
      const kinds = rowsOf(report, 'unpriced')
        .slice(0, 3)
        .map((kind) => {
          const name = `${printable(kind['provider'])} ${printable(kind['model'])}`.trim()
          return `${name || 'no model'} (${printable(kind['reason'])}) ${printable(kind['calls'])}`
        })
      const calls = Number(report['unpriced_calls'])
      const unpriced =
        calls === 0
          ? 'no unpriced calls'
          : `${counted(calls, 'unpriced call')}, their cost is unknown: ${kinds.join(', ')}`
      const refused = Number(report['refused_files'])
      const files = refused === 0 ? '' : `; ${counted(refused, 'price file')} refused, older prices in force`
      return `\nprices: book ${printable(report['book'])}, ${printable(report['book_age_days'])} days old${files}; ${unpriced}\n`
    })
    .join('')
}

function text(kills: Row, budgets: Row, verdict: Row | undefined, now: number): string {
  const asked = verdict === undefined ? '' : `${printable(verdict['verdict'])}: ${printable(verdict['reason'])}\n\n`
  const killed = rowsOf(kills, 'kills').map((kill) => [
    printable(kill['id']),
    scopeText(kill['scope']),
    ago(kill['since'], now),
    kill['until'] === null ? 'lifted' : within(kill['until'], now),
    printable(kill['actor']),
    printable(kill['reason']),
  ])
  const counted = rowsOf(budgets, 'budgets').map((budget) => [
    printable(budget['id']),
    scopeText(budget['scope']),
    printable(budget['period']),
    dollars(budget['spent_usd']),
    dollars(budget['limit_usd']),
    dollars(budget['reserved_usd']),
    used(budget),
    tokens(budget),
    budget['mode'] === 'observe' ? 'observe' : '',
  ])
  return [
    asked,
    heading('kills', killed.length, kills['total']),
    table(['ID', 'WHOM', 'SINCE', 'UNTIL', 'BY', 'REASON'], killed),
    '\n',
    heading('budgets', counted.length, budgets['total']),
    table(['BUDGET', 'OF', 'PERIOD', 'SPENT', 'LIMIT', 'HELD', 'USED', 'TOKENS', ''], counted),
  ].join('')
}

const rowsOf = (body: Row, name: string): readonly Row[] => (Array.isArray(body[name]) ? (body[name] as Row[]) : [])

const heading = (what: string, shown: number, total: unknown): string => {
  if (shown === 0) return `no ${what}\n`
  return Number(total) > shown ? `${shown} of ${Number(total)} ${what}\n` : ''
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  if (rows.length === 0) return ''
  const widths = head.map((title, i) => Math.max(title.length, ...rows.map((row) => (row[i] ?? '').length)))
  return [head, ...rows]
    .map(
      (row) =>
        `${row
          .map((cell, i) => cell.padEnd(widths[i] ?? 0))
          .join('  ')
          .trimEnd()}\n`,
    )
    .join('')
}

const dollars = (usd: unknown): string => {
  if (typeof usd !== 'string') return '-'
  const value = Number(usd)
  return value > 0 && value < 0.0001 ? '<$0.0001' : `$${value.toFixed(4).replace(/(\.\d\d)(\d*?)0*$/, '$1$2')}`
}

function used(budget: Row): string {
  const shares = [
    share(budget['spent_usd'], budget['limit_usd']),
    share(budget['spent_tokens'], budget['limit_tokens']),
  ]
  const most = Math.max(...shares)
  return most < 0 ? '-' : `${Math.floor(most * 100)}%`
}

/** -1: not limited. */
const share = (spent: unknown, limit: unknown): number => {
  if (limit === null || limit === undefined) return -1
  return Number(limit) === 0 ? 1 : Number(spent) / Number(limit)
}

const tokens = (budget: Row): string =>
  budget['limit_tokens'] === null
    ? printable(budget['spent_tokens'])
    : `${printable(budget['spent_tokens'])}/${printable(budget['limit_tokens'])}`

const ago = (time: unknown, now: number): string => `${span(now - Date.parse(String(time)))} ago`
const within = (time: unknown, now: number): string => `in ${span(Date.parse(String(time)) - now)}`

function span(ms: number): string {
  const seconds = Math.max(0, Math.round(ms / 1000))
  if (seconds < 120) return `${seconds} s`
  if (seconds < 7200) return `${Math.round(seconds / 60)} min`
  return seconds < 172_800 ? `${Math.round(seconds / 3600)} h` : `${Math.round(seconds / 86_400)} d`
}
