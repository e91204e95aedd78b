import { addPico, type Pico } from '../../genai/money.ts'
import type { BudgetCrossing, BudgetDefinition, SubjectView } from '../../pipeline/services.ts'
import { Budget, type Counter, LATE_MS, type Table } from './budget.ts'
import { newMark, pace, toNano } from './decision.ts'
import { evict } from './evict.ts'
import { Kills } from './kills.ts'
import {
  type CounterRow,
  FORMAT,
  fromJsonPico,
  type LedgerRecord,
  OLDEST_FORMAT,
  readDefinition,
  storeDefinition,
  toJsonPico,
} from './records.ts'
import { SeenKeys } from './seen-keys.ts'
import { type Settled as Entry, SETTLEMENTS, SettlementReader } from './settlements.ts'

export interface StateLimits {
  readonly maxCounters: number
  readonly protectMs: number
  readonly dedupeTtlMs: number
  readonly dedupeMaxEntries: number
}

export interface Settled {
  /** `misdated`: counted, but into the period of its arrival, because its own time is too far off to be true. */
  readonly outcome: 'counted' | 'misdated' | 'duplicate'
  readonly crossings: readonly BudgetCrossing[]
}

const NONE: readonly BudgetCrossing[] = []
const DUPLICATE: Settled = { outcome: 'duplicate', crossings: NONE }
const COUNTED: Settled = { outcome: 'counted', crossings: NONE }
const MISDATED: Settled = { outcome: 'misdated', crossings: NONE }
const FUTURE_MS = 5 * 60_000
const ROWS_PER_RECORD = 500
/** What a record in JSON begins with. */
const OBJECT = 0x7b

/**
 * All that the ledger knows and that survives: a function of its records, whether they come from callers or from the
 * journal. No clock and no disk in here.
 */
export class LedgerState {
  readonly budgets = new Map<string, Budget>()
  active: readonly Budget[] = []
  /** Subject keys that any active budget asks for. */
  scopeKeys: readonly string[] = []
  readonly kills = new Kills()
  readonly seen: SeenKeys
  /** Number of the last event. */
  seq = 0
  /** Counters held, over all budgets and periods. */
  size = 0
  evictedIdle = 0
  evictedForced = 0
  private readonly limits: StateLimits
  private readonly reader = new SettlementReader()
  private evictAt: number

  constructor(limits: StateLimits) {
    this.limits = limits
    this.evictAt = limits.maxCounters
    this.seen = new SeenKeys(limits.dedupeTtlMs, limits.dedupeMaxEntries)
  }

  define(definitions: readonly BudgetDefinition[], active = true): void {
    for (const definition of definitions) {
      const budget = this.budgets.get(definition.id) ?? new Budget(definition)
      this.budgets.set(definition.id, budget)
      budget.redefine(definition)
      budget.active = active
    }
    this.activate()
    this.recount()
  }

  /** What is not declared again after a start is kept, but no longer asked. */
  deactivate(): void {
    for (const budget of this.budgets.values()) budget.active = false
    this.activate()
  }

  private activate(): void {
    this.active = [...this.budgets.values()].filter((budget) => budget.active)
    this.scopeKeys = [...new Set(this.active.flatMap((budget) => budget.definition.scope))]
  }

  settle(entry: Entry): Settled {
    const { key, nowMs } = entry
    if (!this.seen.add(key, nowMs)) return DUPLICATE
    this.makeRoom(nowMs)
    const timeMs = entry.timeMs === 0 ? nowMs : entry.timeMs
    const isDated = timeMs > nowMs - LATE_MS && timeMs <= nowMs + FUTURE_MS
    const at = isDated ? timeMs : nowMs
    let crossings: BudgetCrossing[] | undefined
    for (let b = 0; b < this.active.length; b++) {
      const crossing = this.count(this.active[b] as Budget, entry, at)
      if (crossing !== undefined) crossings = [...(crossings ?? []), crossing]
    }
    if (crossings === undefined) return isDated ? COUNTED : MISDATED
    return { outcome: isDated ? 'counted' : 'misdated', crossings }
  }

  private count(budget: Budget, entry: Entry, at: number): BudgetCrossing | undefined {
    const { nowMs } = entry
    const scopeKey = budget.keyOf(entry.subject)
    if (scopeKey === undefined) return undefined
    budget.refresh(nowMs)
    const table = budget.tableAt(at)
    const counter = this.counter(budget, table, scopeKey, entry.subject)
    if (this.size * 2 > this.limits.maxCounters) moveToEnd(table, scopeKey, counter)
    add(counter, entry.pico, entry.tokens, nowMs)
    // A closed period is corrected, but nobody is stopped over it any more.
    if (table.end !== undefined && table.end <= nowMs) return undefined
    pace(budget, counter, table.end, nowMs)
    const level = newMark(budget, counter)
    return level === undefined ? undefined : crossingOf(budget, table, counter, level)
  }

  counter(budget: Budget, table: Table, key: string, subject: SubjectView): Counter {
    const found = budget.counterOf(table, key)
    if (found !== undefined) return found
    this.size++
    return budget.open(table, key, subject)
  }

  /** Called before a counter may be opened. */
  makeRoom(nowMs: number): void {
    const { maxCounters, protectMs } = this.limits
    if (this.size < this.evictAt) return
    const { idle, forced } = evict(this.budgets.values(), this.size, maxCounters, nowMs, protectMs)
    for (const budget of this.budgets.values()) budget.forgetLast()
    this.evictedIdle += idle
    this.evictedForced += forced
    this.size -= idle + forced
    // Where everything must stay, the search is not repeated for every new counter.
    this.evictAt = idle + forced > 0 ? maxCounters : this.size + Math.ceil(maxCounters / 100)
  }

  forget(nowMs: number): void {
    for (const budget of this.budgets.values()) budget.forget(nowMs)
    this.recount()
  }

  private recount(): void {
    let size = 0
    for (const budget of this.budgets.values()) for (const table of budget.tables.values()) size += table.counters.size
    this.size = size
  }

  /** Takes in one record of a journal or snapshot. Throws when a later version wrote it. */
  restore(payload: Buffer): void {
    if (payload[0] === SETTLEMENTS) this.reader.read(payload, (entry) => this.settle(entry))
    else if (payload[0] === OBJECT) this.apply(JSON.parse(payload.toString()) as LedgerRecord)
    else this.seen.restore(payload)
  }

  private apply(record: LedgerRecord): void {
    if ('seq' in record && record.seq > this.seq) this.seq = record.seq
    switch (record.t) {
      case 'v':
        if (record.format < OLDEST_FORMAT || record.format > FORMAT)
          throw new Error(`format ${record.format} is not known to this version`)
        break
      case 'o':
        this.deactivate()
        break
      case 'd':
        this.define(record.budgets.map(readDefinition), record.active ?? true)
        break
      case 's':
        this.resettle(record)
        break
      case 'k':
        this.kills.add(record.kill)
        break
      case 'r':
        this.kills.remove(record.id)
        break
      case 'l':
        this.budgets.get(record.budget)?.setOverride({ limitNano: BigInt(record.limitNano), untilMs: record.untilMs })
        break
      case 'c':
        this.restoreCounters(record.budget, record.rows)
        break
    }
  }

  private resettle(record: Extract<LedgerRecord, { t: 's' }>): void {
    const [high, low] = record.k
    const { w: subject, n: tokens, e: timeMs, a: nowMs } = record
    this.settle({ key: { high, low }, subject, pico: fromJsonPico(record.p), tokens, timeMs, nowMs })
  }

  private restoreCounters(id: string, rows: readonly CounterRow[]): void {
    const budget = this.budgets.get(id)
    if (budget === undefined) return
    for (const [start, values, spent, tokens, calls, fired, touchedMs] of rows) {
      const subject = Object.fromEntries(budget.definition.scope.map((name, i) => [name, values[i] ?? '']))
      const counter = this.counter(budget, budget.tableAt(start), budget.keyOf(subject) ?? '', subject)
      counter.spent = fromJsonPico(spent)
      counter.tokens = tokens
      counter.calls = calls
      counter.fired = fired
      counter.touchedMs = touchedMs
    }
  }

  /** Records that rebuild this state as it is now: what is still to change is copied first, which takes milliseconds. */
  snapshot(): Iterable<LedgerRecord | Buffer> {
    const first: LedgerRecord[] = [{ t: 'v', format: FORMAT, seq: this.seq }]
    const counters: Iterable<LedgerRecord>[] = []
    for (const budget of this.budgets.values()) {
      first.push({ t: 'd', budgets: [storeDefinition(budget.definition)], active: budget.active })
      const override = budget.override
      if (override !== undefined) {
        first.push({
          t: 'l',
          budget: budget.definition.id,
          limitNano: `${override.limitNano}`,
          untilMs: override.untilMs,
          seq: 0,
        })
      }
      counters.push(counterRecords(budget.definition.id, new CounterCopies(budget)))
    }
    const kills = Array.from(this.kills.all(), (kill): LedgerRecord => ({ t: 'k', kill, seq: 0 }))
    const seen = this.seen.chunks()
    return (function* () {
      yield* first
      for (const records of counters) yield* records
      yield* kills
      yield* seen
      yield { t: 'e' }
    })()
  }
}

/** Keeps the least recently used first; only worth its time when room may run out. */
function moveToEnd(table: Table, key: string, counter: Counter): void {
  table.counters.delete(key)
  table.counters.set(key, counter)
}

function add(counter: Counter, pico: Pico, tokens: number, nowMs: number): void {
  counter.spent = addPico(counter.spent, pico)
  counter.tokens += tokens
  counter.calls++
  counter.touchedMs = nowMs
}

function crossingOf(budget: Budget, table: Table, counter: Counter, level: BudgetCrossing['level']): BudgetCrossing {
  const { definition, override } = budget
  return {
    // With the limit that is in force.
    budget: override === undefined ? definition : { ...definition, limitNano: override.limitNano },
    scope: budget.scopeOf(counter),
    level,
    spentNano: toNano(BigInt(counter.spent)),
    spentTokens: counter.tokens,
    periodStartMs: table.start,
    periodEndMs: table.end,
  }
}

/** The counters of a budget that were ever counted into, as they are now. */
class CounterCopies {
  readonly size: number
  readonly values: (readonly string[])[]
  readonly spent: Pico[]
  /** Of each: start of its period, tokens, calls, marks, last use. */
  readonly numbers: Float64Array

  constructor(budget: Budget) {
    let count = 0
    for (const table of budget.tables.values()) count += table.counters.size
    this.numbers = new Float64Array(count * 5)
    this.values = new Array<readonly string[]>(count)
    this.spent = new Array<Pico>(count)
    let n = 0
    for (const table of budget.tables.values()) {
      for (const counter of table.counters.values()) {
        // Opened by a reservation that was never settled.
        if (counter.calls === 0) continue
        this.values[n] = counter.values
        this.spent[n] = counter.spent
        this.numbers[n * 5] = table.start
        this.numbers[n * 5 + 1] = counter.tokens
        this.numbers[n * 5 + 2] = counter.calls
        this.numbers[n * 5 + 3] = counter.fired
        this.numbers[n * 5 + 4] = counter.touchedMs
        n++
      }
    }
    this.size = n
  }

  row(n: number): CounterRow {
    const [start = 0, tokens = 0, calls = 0, fired = 0, touchedMs = 0] = this.numbers.subarray(n * 5, n * 5 + 5)
    return [start, this.values[n] ?? [], toJsonPico(this.spent[n] ?? 0), tokens, calls, fired, touchedMs]
  }
}

function* counterRecords(id: string, copies: CounterCopies): Iterable<LedgerRecord> {
  for (let from = 0; from < copies.size; from += ROWS_PER_RECORD) {
    const count = Math.min(ROWS_PER_RECORD, copies.size - from)
    yield { t: 'c', budget: id, rows: Array.from({ length: count }, (_, i) => copies.row(from + i)) }
  }
}
