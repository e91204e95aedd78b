import { parseUsd } from '../../genai/money.ts'
import {
  type Complaint,
  choice,
  type Infer,
  integer,
  list,
  number,
  object,
  string,
  usd,
} from '../../pipeline/config/spec.ts'

const MODES = ['observe', 'enforce'] as const

const budget = object(
  {
    id: string({
      doc: 'Name of the budget in decisions, metrics and commands. Changing it begins a new budget.',
      pattern: /^[A-Za-z0-9][A-Za-z0-9_.-]{0,63}$/,
      examples: ['run-cap', 'month'],
    }),
    scope: list(
      string({ doc: 'Name of a tag, as spans have it after `business_tags`.', pattern: /^[a-z][a-z0-9_]{0,63}$/ }),
      {
        doc: 'Tags that the budget is per: `run`, `agent`, `workflow`, `step`, `customer`, `business_unit`, or any tag of `business_tags`. Each combination of values has a counter of its own; a call that lacks one of the tags is not counted. Empty: one counter for everything.',
        examples: [['run'], ['business_unit', 'agent']],
      },
    ),
    limit_usd: usd({
      doc: 'Limit in USD. The budget is used up as soon as spend equals it; `0` lets nothing through.',
      optional: true,
      examples: ['5.00'],
    }),
    limit_tokens: integer({
      doc: 'Limit in tokens, input and output together, cache reads included. Whichever limit is reached first counts.',
      optional: true,
      min: 0,
      max: Number.MAX_SAFE_INTEGER,
    }),
    period: choice(['lifetime', 'hour', 'day', 'week', 'month'], {
      doc: 'When the counter begins anew: never (`lifetime`, for runs), or with the calendar hour, day, week (Monday) or month in `timezone`.',
      default: 'lifetime',
    }),
    timezone: string({ doc: 'IANA time zone in which periods begin.', default: 'UTC', examples: ['Europe/Berlin'] }),
    throttle_at: number({
      doc: 'Share of the limit from which calls are slowed down to one per interval of 1 to 60 s, which spreads what is left over the rest of the period. Absent: never.',
      optional: true,
      min: 0.000001,
      max: 0.999999,
    }),
    on_exceed: choice(['alert', 'throttle', 'kill'], {
      doc: 'What happens at the limit: `alert` only tells, `throttle` lets one call a minute through, `kill` refuses every further call and cuts streams.',
      default: 'kill',
    }),
    mode: choice(MODES, { doc: 'As the `mode` of the processor, for this budget alone.', optional: true }),
  },
  { doc: 'One budget.' },
  checkBudget,
)

type BudgetShape = Infer<typeof budget>

export const config = object(
  {
    mode: choice(MODES, {
      doc: '`observe` counts and tells but refuses nothing, to see what a limit would do; `enforce` acts on it.',
      default: 'enforce',
    }),
    budgets: list(budget, {
      doc: 'The budgets. All that apply to a call are counted; the strictest decides.',
      examples: [[{ id: 'run-cap', scope: ['run'], limit_usd: '5.00' }]],
    }),
    unpriced_model: choice(['ignore', 'estimate_max', 'deny'], {
      doc: 'A call whose price is not known spends nothing that could be counted; only its tokens count. `ignore` says so in the log and in `tokenfuse_budget_unpriced_calls_total`; `estimate_max` counts the most that its provider asks for such tokens of any model, so that budgets stop early rather than late (`tokenfuse_budget_estimated_calls_total`); `deny` also stops the run (else the agent) that made it, in mode `enforce`. To count such calls at an estimate, see `estimate` of `token_pricing`.',
      default: 'ignore',
    }),
  },
  { doc: 'Counts what calls cost against budgets, and says when one is used up. Needs the `ledger` extension.' },
  checkIds,
)
export type Config = Infer<typeof config>
export type BudgetConfig = Config['budgets'][number]

function checkBudget(value: {
  readonly limit_usd: string | undefined
  readonly limit_tokens: number | undefined
  readonly scope: readonly string[]
  readonly timezone: string
}): readonly Complaint[] {
  const complaints: Complaint[] = []
  const { limit_usd, limit_tokens, scope, timezone } = value
  if (limit_usd === undefined && limit_tokens === undefined) {
    complaints.push({ path: [], message: 'a budget needs limit_usd, limit_tokens or both' })
  }
  if (limit_usd !== undefined && nanoOf(limit_usd) === undefined) {
    complaints.push({
      path: ['limit_usd'],
      message: 'expected USD with at most 9 decimals, not negative, for example 5.00',
    })
  }
  const reserved = scope.findIndex((name) => name === 'all' || name === 'budget')
  if (reserved >= 0)
    complaints.push({
      path: ['scope', reserved],
      message: `"${scope[reserved]}" has a meaning of its own; name the tag otherwise`,
    })
  const repeated = scope.findIndex((name, i) => scope.indexOf(name) !== i)
  if (repeated >= 0)
    complaints.push({ path: ['scope', repeated], message: `"${scope[repeated]}" stands twice; name each tag once` })
  if (!isTimezone(timezone)) {
    complaints.push({
      path: ['timezone'],
      message: `"${timezone}" is no time zone; write an IANA name such as Europe/Berlin`,
    })
  }
  return complaints
}

function checkIds({ budgets }: { readonly budgets: readonly BudgetShape[] }): readonly Complaint[] {
  return budgets.flatMap(({ id }, i) =>
    budgets.findIndex((other) => other.id === id) < i
      ? [{ path: ['budgets', i, 'id'], message: `there are two budgets "${id}"; give each an id of its own` }]
      : [],
  )
}

/** Exact nano-USD; undefined when that is not possible. */
export function nanoOf(usdText: string): bigint | undefined {
  const pico = parseUsd(usdText)
  if (pico === undefined) return undefined
  const value = BigInt(pico)
  return value < 0n || value % 1_000n !== 0n ? undefined : value / 1_000n
}

function isTimezone(name: string): boolean {
  // The first use of Intl costs some 30 ms of start-up.
  if (name === 'UTC') return true
  try {
    return new Intl.DateTimeFormat('en-US', { timeZone: name }).resolvedOptions().timeZone !== ''
  } catch {
    return false
  }
}
