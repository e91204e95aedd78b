import { addPico, PICO_PER_NANO, type Pico } from '../../genai/money.ts'
import type { Scope } from '../../genai/verdict.ts'
import type { BudgetDefinition, Subject, SubjectView } from '../../pipeline/services.ts'
import { Calendar, type Range } from './periods.ts'

/** What one combination of scope values has spent in one period. */
export interface Counter {
  /** In the order of the definition's `scope`. */
  readonly values: readonly string[]
  spent: Pico
  tokens: number
  calls: number
  /** Held back for calls that are under way; not kept across a restart. */
  reserved: Pico
  /** Bits of the marks that were passed and told: see THROTTLE and EXCEEDED. */
  fired: number
  touchedMs: number
  /** When the next call may go while this counter is throttled. */
  nextMs: number
}

export const THROTTLE = 1
export const EXCEEDED = 2

export interface Table extends Range {
  readonly counters: Map<string, Counter>
}

export interface Override {
  readonly limitNano: bigint
  readonly untilMs: number | undefined
}

/**
 * A limit of money, also as a number: comparing a number with a BigInt takes longer than all else that a settlement
 * does. Infinity where no amount that is held as a number reaches it.
 */
interface Threshold {
  readonly exact: bigint
  readonly number: number
}

/** The limits in force, in the unit of the counters. */
export interface Limits {
  readonly pico: bigint | undefined
  readonly spent: Threshold | undefined
  readonly throttleSpent: Threshold | undefined
  readonly tokens: number | undefined
  readonly throttleTokens: number | undefined
}

/** How late a call may be and still count into the period in which it happened. */
export const LATE_MS = 35 * 86_400_000
const MILLION = 1_000_000

/** One declared budget with its counters by period and scope values. */
export class Budget {
  definition: BudgetDefinition
  /** False for what an earlier configuration declared: kept, but neither counted into nor asked. */
  active = false
  limits: Limits
  override: Override | undefined = undefined
  readonly tables = new Map<number, Table>()
  private calendar: Calendar
  private running: Table | undefined = undefined
  // Asked for last, as the next one mostly is too: calls come run by run. A counter with its key and table, and a key that
  // is made of several values, with those.
  private lastCounter: Counter | undefined = undefined
  private lastTable: Table | undefined = undefined
  private lastKey = ''
  private joinedValues: readonly string[] | undefined = undefined
  private joinedKey = ''

  /** Throws a RangeError for a time zone that is not known. */
  constructor(definition: BudgetDefinition) {
    this.definition = definition
    this.calendar = new Calendar(definition.period, definition.timezone)
    this.limits = limitsOf(definition, undefined)
  }

  /** Takes new limits and keeps what was spent; another scope, period or zone counts something else and begins anew. */
  redefine(definition: BudgetDefinition): void {
    if (countsOtherwise(this.definition, definition)) {
      this.tables.clear()
      this.running = undefined
      this.override = undefined
    }
    this.forgetLast()
    this.calendar = new Calendar(definition.period, definition.timezone)
    this.definition = definition
    this.relimit()
  }

  setOverride(override: Override | undefined): void {
    this.override = override
    this.relimit()
  }

  /** Drops an override whose time is over. */
  refresh(nowMs: number): void {
    const until = this.override?.untilMs
    if (until !== undefined && until <= nowMs) this.setOverride(undefined)
  }

  /** Undefined when the subject lacks one of the scope's keys: the budget is not about it. */
  keyOf(subject: SubjectView): string | undefined {
    const scope = this.definition.scope
    if (scope.length === 0) return ''
    if (scope.length === 1) return subject[scope[0] as string] || undefined
    return this.isJoined(subject) ? this.joinedKey : this.join(subject)
  }

  private isJoined(subject: SubjectView): boolean {
    const { scope } = this.definition
    const values = this.joinedValues
    if (values === undefined) return false
    for (let i = 0; i < scope.length; i++) if (subject[scope[i] as string] !== values[i]) return false
    return true
  }

  private join(subject: SubjectView): string | undefined {
    const values: string[] = []
    let key = ''
    for (const name of this.definition.scope) {
      const value = subject[name]
      if (value === undefined || value === '') return undefined
      values.push(value)
      key += `${value.length}:${value}`
    }
    this.joinedValues = values
    this.joinedKey = key
    return key
  }

  scopeOf(counter: Counter): Scope {
    return Object.fromEntries(this.definition.scope.map((name, i) => [name, counter.values[i] ?? '']))
  }

  tableAt(timeMs: number): Table {
    const running = this.running
    if (running !== undefined && timeMs >= running.start && (running.end === undefined || timeMs < running.end))
      return running
    const range = this.calendar.rangeAt(timeMs)
    let table = this.tables.get(range.start)
    if (table === undefined) {
      table = { ...range, counters: new Map() }
      this.tables.set(range.start, table)
    }
    if (running === undefined || range.start > running.start) this.running = table
    return table
  }

  /** The counter of the running period, when the subject has one. */
  find(subject: Subject, nowMs: number): Counter | undefined {
    const key = this.keyOf(subject)
    return key === undefined ? undefined : this.tableAt(nowMs).counters.get(key)
  }

  /** The counter under a key, as `table.counters` has it. */
  counterOf(table: Table, key: string): Counter | undefined {
    if (this.lastTable === table && this.lastKey === key) return this.lastCounter
    const counter = table.counters.get(key)
    if (counter === undefined) return undefined
    this.lastCounter = counter
    this.lastTable = table
    this.lastKey = key
    return counter
  }

  /** Whoever takes counters out of a table says so here. */
  forgetLast(): void {
    this.lastCounter = undefined
    this.lastTable = undefined
    this.joinedValues = undefined
  }

  open(table: Table, key: string, subject: SubjectView): Counter {
    const values = this.definition.scope.map((name) => subject[name] ?? '')
    const counter: Counter = {
      values,
      spent: 0,
      tokens: 0,
      calls: 0,
      reserved: 0,
      fired: 0,
      touchedMs: 0,
      nextMs: 0,
    }
    table.counters.set(key, counter)
    return counter
  }

  /** Forgets periods that ended so long ago that no call for them is accepted any more. */
  forget(nowMs: number): void {
    for (const [start, table] of this.tables) {
      if (table.end !== undefined && table.end < nowMs - LATE_MS) this.drop(start)
    }
  }

  drop(start: number): void {
    this.tables.delete(start)
    this.forgetLast()
    if (this.running?.start === start) this.running = undefined
  }

  isExceeded(counter: Counter): boolean {
    const { spent, tokens } = this.limits
    return (spent !== undefined && reaches(counter.spent, spent)) || (tokens !== undefined && counter.tokens >= tokens)
  }

  /** With what is held back (`reserved`) or without. */
  isThrottled(counter: Counter, reserved: Pico): boolean {
    const { throttleSpent, throttleTokens } = this.limits
    return (
      (throttleSpent !== undefined && reaches(addPico(counter.spent, reserved), throttleSpent)) ||
      (throttleTokens !== undefined && counter.tokens >= throttleTokens)
    )
  }

  private relimit(): void {
    this.limits = limitsOf(this.definition, this.override)
    for (const table of this.tables.values()) {
      for (const counter of table.counters.values()) {
        if (counter.fired === 0) continue
        if (!this.isExceeded(counter)) counter.fired &= ~EXCEEDED
        if (!this.isExceeded(counter) && !this.isThrottled(counter, 0)) counter.fired = 0
      }
    }
  }
}

const countsOtherwise = (a: BudgetDefinition, b: BudgetDefinition): boolean =>
  a.period !== b.period || a.timezone !== b.timezone || a.scope.join('\n') !== b.scope.join('\n')

function limitsOf(definition: BudgetDefinition, override: Override | undefined): Limits {
  const nano = override?.limitNano ?? definition.limitNano
  const pico = nano === undefined ? undefined : nano * BigInt(PICO_PER_NANO)
  const tokens = definition.limitTokens
  const at = definition.throttleAt
  return {
    pico,
    tokens,
    spent: pico === undefined ? undefined : threshold(pico),
    throttleSpent:
      pico === undefined || at === undefined
        ? undefined
        : threshold((pico * BigInt(Math.round(at * MILLION))) / BigInt(MILLION)),
    throttleTokens: tokens === undefined || at === undefined ? undefined : Math.ceil(tokens * at),
  }
}

const threshold = (exact: bigint): Threshold => ({
  exact,
  number: exact <= BigInt(Number.MAX_SAFE_INTEGER) ? Number(exact) : Number.POSITIVE_INFINITY,
})

const reaches = (amount: Pico, { exact, number }: Threshold): boolean =>
  typeof amount === 'number' ? amount >= number : amount >= exact

/** Why a call is refused, as callers and dashboards know it. */
export function codeOf(definition: BudgetDefinition): string {
  if (definition.scope.length === 1 && definition.scope[0] === 'run') return 'run_cap'
  if (definition.period === 'day') return 'daily_alarm'
  return definition.period === 'month' ? 'monthly_cap' : 'budget'
}
