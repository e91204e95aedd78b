import type { CallKey } from '../genai/call-key.ts'
import type { Scope, Verdict } from '../genai/verdict.ts'
import type { ServiceName } from './host.ts'

/** Money in the ledger: nano-USD as BigInt at its edge. */
export type Nano = bigint

export type Period = 'lifetime' | 'hour' | 'day' | 'week' | 'month'

/** One budget as its processor declares it. Each combination of scope values gets its own counter. */
export interface BudgetDefinition {
  readonly id: string
  /** Subject keys, e.g. `['run']`, `['business_unit']`; empty = one counter for all. */
  readonly scope: readonly string[]
  readonly period: Period
  /** IANA zone in which periods begin. */
  readonly timezone: string
  readonly limitNano: Nano | undefined
  readonly limitTokens: number | undefined
  /** Fraction of the limit from which calls are throttled; undefined = never. */
  readonly throttleAt: number | undefined
  readonly onExceed: 'alert' | 'throttle' | 'kill'
  /** `observe`: everything is counted and reported, nothing is refused. */
  readonly mode: 'observe' | 'enforce'
}

/** Whom a call is for: run, agent, workflow, step, customer, business_unit, and configured tags. */
export type Subject = Readonly<Record<string, string>>

/** The same, with room for what is absent. */
export type SubjectView = Readonly<Record<string, string | undefined>>

export interface Decision {
  readonly verdict: 'allow' | 'warn' | 'throttle' | 'kill'
  readonly reason: string
  /** `run_cap | daily_alarm | monthly_cap | killed | loop | budget …`: goes into `x-tokenfuse-reason`. */
  readonly code: string
  readonly budget: string | undefined
  readonly spentNano: Nano | undefined
  readonly limitNano: Nano | undefined
  readonly remainingNano: Nano | undefined
  readonly retryAfterMs: number | undefined
}

/** One call's money and tokens, to be counted once. Only read during `settle`: whoever settles many may reuse one. */
export interface Settlement {
  /** `Call.key`, or its hash; a key that was settled before changes nothing. */
  readonly key: string | CallKey
  readonly subject: SubjectView
  readonly pico: number | bigint
  readonly tokens: number
  /** When the call ended, for the period it belongs to. */
  readonly timeMs: number
}

/** A budget crossed one of its marks because of a settlement. */
export interface BudgetCrossing {
  readonly budget: BudgetDefinition
  /** The scope with its values, e.g. `{ run: 'r1' }`. */
  readonly scope: Scope
  readonly level: 'throttle' | 'exceeded'
  readonly spentNano: Nano
  readonly spentTokens: number
  readonly periodStartMs: number
  readonly periodEndMs: number | undefined
}

export interface BudgetStatus {
  readonly id: string
  readonly scope: Scope
  readonly period: Period
  readonly mode: 'observe' | 'enforce'
  readonly spentNano: Nano
  readonly reservedNano: Nano
  readonly limitNano: Nano | undefined
  readonly spentTokens: number
  readonly limitTokens: number | undefined
  readonly periodStartMs: number
}

export interface KillOrder {
  readonly scope: Scope
  readonly reason: string
  readonly code: string
  readonly actor: string
  readonly untilMs: number | undefined
}
export interface Kill extends KillOrder {
  readonly id: string
  readonly sinceMs: number
}

export interface AuditEntry {
  readonly timeMs: number
  readonly actor: string
  readonly action: string
  readonly detail: Readonly<Record<string, unknown>>
}

export type LedgerEvent =
  | { readonly seq: number; readonly type: 'kill'; readonly kill: Kill }
  | { readonly seq: number; readonly type: 'resume'; readonly id: string }
  | { readonly seq: number; readonly type: 'verdict'; readonly verdict: Verdict }
  | { readonly seq: number; readonly type: 'override'; readonly budget: string; readonly limitUsd: string }

/**
 * What must be shared and must survive: spend per budget and period, reservations, kills. Every method is synchronous
 * and memory-fast; what it changes is on its journal before it returns.
 */
export interface Ledger {
  /** Declares budgets; declaring an id again replaces limits and keeps what was spent. */
  define(budgets: readonly BudgetDefinition[]): void
  /** Counts each call once; says which budgets crossed a mark through it. Call `flush` after the last of a batch. */
  settle(entry: Settlement): readonly BudgetCrossing[]
  /** Calls with these keys (high and low word of each) are settled next. Changes nothing; saves waiting for memory. */
  expect?(keys: Uint32Array, count: number): void
  /** Writes what the batch settled in one append. */
  flush(): void
  /** May this subject make another call? Kills first, then the tightest budget. */
  check(subject: Subject): Decision
  /** As `check`, and holds `estimateNano` back until it is settled or `ttlMs` has passed. */
  reserve(
    subject: Subject,
    estimateNano: Nano,
    ttlMs: number,
  ): { readonly decision: Decision; readonly id: string | undefined }
  /** Gives a reservation back; the real cost comes by `settle`. */
  release(id: string): void
  kill(order: KillOrder): Kill
  resume(id: string, actor: string): boolean
  kills(): readonly Kill[]
  /** Tells listeners about a verdict (SSE, flag files); does not kill by itself. */
  announce(verdict: Verdict): void
  budgets(): readonly BudgetStatus[]
  override(budgetId: string, limitNano: Nano, untilMs: number | undefined, actor: string): boolean
  audit(limit: number): readonly AuditEntry[]
  /** Events after `sinceSeq` that are still held, then live ones. Returns what unsubscribes. */
  watch(sinceSeq: number, listener: (event: LedgerEvent) => void): () => void
  /** Changes with every decision-relevant change. */
  readonly epoch: number
}

export const LEDGER: ServiceName<Ledger> = { name: 'ledger' }

/** How the sidecar is, for health checks and the status page. */
export interface Health {
  /** True from the moment every component has started until shutdown begins. */
  ready(): boolean
  state(): 'starting' | 'ready' | 'stopping'
  /** Uptime and per-component notes; JSON-able. */
  detail(): Readonly<Record<string, unknown>>
}
export const HEALTH: ServiceName<Health> = { name: 'health' }

/** How much memory the process takes and may take; offered by the engine. */
export interface Memory {
  /** Resident set in bytes. */
  rss(): number
  /** What the container or machine allows, in bytes. */
  readonly limit: number
}
export const MEMORY: ServiceName<Memory> = { name: 'memory' }

/** Files of prices that a person keeps beside the configuration. Offered by the engine, because processors do no I/O. */
export interface PriceFiles {
  /** The text of a file, or why there is none. */
  read(path: string): { readonly text: string } | { readonly why: string }
  /**
   * Calls back when the file has changed, has come or has gone, once it has held still for a moment, so that a file
   * that is being written is not read by halves. Returns what stops it.
   */
  watch(path: string, onChange: () => void): () => void
}
export const PRICE_FILES: ServiceName<PriceFiles> = { name: 'price_files' }

/** What whoever prices calls says about itself, for `tokenfuse status`. */
export interface PriceReport {
  readonly book: string
  /** When the facts of the book were last checked, in milliseconds since the epoch. */
  readonly bookAsOfMs: number
  /** Price files whose present content is refused. */
  readonly refusedFiles: number
  readonly unpricedCalls: number
  /** The most frequent kinds of calls without a price, the most frequent first. */
  readonly unpriced: readonly UnpricedKind[]
}
export interface UnpricedKind {
  readonly provider: string
  readonly model: string
  readonly reason: string
  readonly calls: number
}

/** Where those who price calls, one in each pipeline, leave their reports. Offered by the engine. */
export interface PriceBoard {
  /** Returns what takes it off again. */
  add(report: () => PriceReport): () => void
  reports(): readonly PriceReport[]
}
export const PRICE_BOARD: ServiceName<PriceBoard> = { name: 'price_board' }
