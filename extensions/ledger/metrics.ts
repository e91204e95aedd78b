import type { MetricDeclaration } from '../../pipeline/component.ts'
import type { Clock } from '../../pipeline/host.ts'
import type { BudgetStatus } from '../../pipeline/services.ts'
import type { MetricRegistry } from '../../pipeline/telemetry/metrics.ts'
import type { Audit } from './audit.ts'
import type { Journal } from './journal.ts'
import type { EmbeddedLedger } from './ledger.ts'
import { samples } from './status.ts'

/** Budgets shown, those closest to their limits first. */
const SHOWN = 200
/** One scrape asks several times. */
const FRESH_MS = 1_000

export const KILLS_TOTAL = 'tokenfuse_kills_total'
const KILL_CODES: ReadonlySet<string> = new Set([
  'run_cap',
  'daily_alarm',
  'monthly_cap',
  'budget',
  'killed',
  'loop',
  'anomaly',
])

/** Codes may come from outside: a label must stay bounded. */
export const killLabel = (code: string): string => (KILL_CODES.has(code) ? code : '__other__')

const gauge = (name: string, description: string, labels?: readonly string[]): MetricDeclaration => ({
  name,
  type: 'gauge',
  description,
  ...(labels === undefined ? {} : { labels }),
})
const counter = (name: string, description: string, labels?: readonly string[]): MetricDeclaration => ({
  ...gauge(name, description, labels),
  type: 'counter',
})

export const metrics: readonly MetricDeclaration[] = [
  counter(KILLS_TOTAL, 'Kills that were ordered, by reason.', ['reason']),
  gauge('tokenfuse_budget_limit_usd', 'Limit of the 200 budgets closest to it.', ['budget', 'scope', 'period']),
  gauge('tokenfuse_budget_spent_usd', 'Spent in the running period.', ['budget', 'scope', 'period']),
  gauge('tokenfuse_budget_reserved_usd', 'Held back for calls under way.', ['budget', 'scope', 'period']),
  counter('tokenfuse_ledger_settlements_total', 'Calls handed in, by what became of them.', ['outcome']),
  gauge('tokenfuse_ledger_journal_bytes', 'Size of the journal since its last snapshot.'),
  counter('tokenfuse_ledger_write_errors_total', 'Failed writes of the journal, its snapshots and the audit log.'),
  counter('tokenfuse_ledger_damaged_files_total', 'Files found cut off (`torn`) or damaged at start.', ['kind']),
  gauge('tokenfuse_ledger_counters', 'Counters held.'),
  counter('tokenfuse_ledger_evicted_counters_total', 'Counters forgotten to make room.', ['reason']),
  gauge('tokenfuse_ledger_dedupe_keys', 'Calls remembered, so that none is counted twice.'),
  counter('tokenfuse_ledger_forgotten_keys_total', 'Calls forgotten before their time.'),
  gauge('tokenfuse_ledger_reservations', 'Calls under way that hold a part of a budget.'),
  gauge('tokenfuse_ledger_kills', 'Kills in force.'),
]

/** Everything that is asked for at scrape time, by name. */
export function observe(
  registry: MetricRegistry,
  clock: Clock,
  ledger: EmbeddedLedger,
  journal: Journal,
  audit: Audit,
): void {
  const { state, counts } = ledger
  const top = remembered(clock, () => ledger.budgets().slice(0, SHOWN))
  const one = (value: number) => [{ labels: [], value }]
  const by = (values: Readonly<Record<string, number>>) =>
    Object.entries(values).map(([label, value]) => ({ labels: [label], value }))
  const readers: Readonly<
    Record<string, () => Iterable<{ readonly labels: readonly string[]; readonly value: number }>>
  > = {
    tokenfuse_budget_limit_usd: () => samples(top(), (status) => status.limitNano),
    tokenfuse_budget_spent_usd: () => samples(top(), (status) => status.spentNano),
    tokenfuse_budget_reserved_usd: () => samples(top(), (status) => status.reservedNano),
    tokenfuse_ledger_settlements_total: () => by({ ...counts }),
    tokenfuse_ledger_journal_bytes: () => one(journal.bytes),
    tokenfuse_ledger_write_errors_total: () => one(journal.errors + audit.errors),
    tokenfuse_ledger_damaged_files_total: () => by({ torn: journal.torn, damaged: journal.damaged }),
    tokenfuse_ledger_counters: () => one(state.size),
    tokenfuse_ledger_evicted_counters_total: () => by({ idle: state.evictedIdle, forced: state.evictedForced }),
    tokenfuse_ledger_dedupe_keys: () => one(state.seen.size),
    tokenfuse_ledger_forgotten_keys_total: () => one(state.seen.forgottenEarly),
    tokenfuse_ledger_reservations: () => one(ledger.reservations.size),
    tokenfuse_ledger_kills: () => one(state.kills.size),
  }
  for (const { name, type, description, labels } of metrics) {
    const read = readers[name]
    if (read !== undefined && type !== 'histogram') registry.observe(type, name, description, labels ?? [], read)
  }
}

function remembered(clock: Clock, make: () => readonly BudgetStatus[]): () => readonly BudgetStatus[] {
  let atMs = Number.NEGATIVE_INFINITY
  let value: readonly BudgetStatus[] = []
  return () => {
    if (clock.monotonic() - atMs >= FRESH_MS) {
      atMs = clock.monotonic()
      value = make()
    }
    return value
  }
}
