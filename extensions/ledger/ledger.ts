import { hashKey } from '../../genai/call-key.ts'
import { PICO_PER_NANO, type Pico, usdString } from '../../genai/money.ts'
import type { Verdict } from '../../genai/verdict.ts'
import type { Clock, Logger } from '../../pipeline/host.ts'
import type {
  AuditEntry,
  BudgetCrossing,
  BudgetDefinition,
  BudgetStatus,
  Decision,
  Kill,
  KillOrder,
  Ledger,
  LedgerEvent,
  Nano,
  Settlement,
  Subject,
  SubjectView,
} from '../../pipeline/services.ts'
import type { Audit } from './audit.ts'
import type { Counter } from './budget.ts'
import { decide, freePico, killed, MIN_RETRY_MS, pace } from './decision.ts'
import { Events } from './events.ts'
import type { Journal } from './journal.ts'
import { storeDefinition } from './records.ts'
import { Reservations } from './reservations.ts'
import type { LedgerState } from './state.ts'
import { fullest } from './status.ts'

/** A whole day: timers further off are set anew when this one runs out. */
const LONGEST_TIMER_MS = 86_400_000
const MAX_REASON = 1_000
const NO_CROSSINGS: readonly BudgetCrossing[] = []
const STATUS_MAX = 1_000
const NOBODY: SubjectView = {}

export interface LedgerParts {
  readonly state: LedgerState
  readonly journal: Journal
  readonly audit: Audit
  readonly clock: Clock
  readonly log: Logger
  readonly maxKills: number
  /** Told of each kill, with its code. */
  readonly onKill: (code: string) => void
}

/** How settlements fared since the start. */
export interface SettleCounts {
  counted: number
  duplicate: number
  misdated: number
  invalid: number
}

/**
 * The ledger of one machine: everything is in memory, and every change is in the journal before it can be acted on.
 * Each change is first applied and then appended, so that a snapshot taken while appending already has it.
 */
export class EmbeddedLedger implements Ledger {
  readonly counts: SettleCounts = { counted: 0, duplicate: 0, misdated: 0, invalid: 0 }
  readonly state: LedgerState
  readonly reservations: Reservations
  private readonly parts: LedgerParts
  private readonly clock: Clock
  private readonly events: Events
  private changes = 0
  /** The settlement in hand, one object for all of them. */
  private readonly own = { key: { high: 0, low: 0 }, subject: NOBODY, pico: 0 as Pico, tokens: 0, timeMs: 0, nowMs: 0 }
  private flushPlanned = false
  private cancelExpiry: (() => void) | undefined

  constructor(parts: LedgerParts) {
    this.parts = parts
    this.state = parts.state
    this.clock = parts.clock
    this.events = new Events(parts.log)
    this.reservations = new Reservations(parts.clock)
  }

  get epoch(): number {
    return this.changes
  }

  /** Reads what is on disk. Throws when the directory cannot be used. */
  open(): void {
    this.parts.journal.open()
    this.parts.audit.open()
    // Both go on from the time of day, so that no number repeats after a restart.
    this.state.seq = Math.max(this.state.seq, this.clock.now())
    this.changes = this.state.seq
    this.state.deactivate()
    this.state.forget(this.clock.now())
    this.parts.journal.append({ t: 'o' })
    this.expireKills()
  }

  close(): void {
    this.cancelExpiry?.()
    this.cancelExpiry = undefined
    this.reservations.releaseAll()
    this.parts.journal.close()
    this.parts.audit.close()
  }

  define(budgets: readonly BudgetDefinition[]): void {
    this.state.define(budgets)
    this.parts.journal.append({ t: 'd', budgets: budgets.map(storeDefinition) })
    this.flush()
    this.changes++
  }

  expect(keys: Uint32Array, count: number): void {
    this.state.seen.touch(keys, count)
  }

  settle(entry: Settlement): readonly BudgetCrossing[] {
    if (!isExact(entry.pico)) {
      this.counts.invalid++
      this.parts.log.error('a settlement without an exact amount was refused', {
        key: typeof entry.key === 'string' ? entry.key : undefined,
        pico: String(entry.pico),
      })
      return NO_CROSSINGS
    }
    const nowMs = this.clock.now()
    const { key, subject, pico } = entry
    const own = this.own
    own.key = typeof key === 'string' ? hashKey(key) : key
    own.subject = subject
    own.pico = pico
    own.tokens = Number.isSafeInteger(entry.tokens) ? entry.tokens : 0
    own.timeMs = Number.isFinite(entry.timeMs) ? entry.timeMs : 0
    own.nowMs = nowMs
    const { outcome, crossings } = this.state.settle(own)
    this.counts[outcome]++
    if (outcome === 'duplicate') return NO_CROSSINGS
    this.parts.journal.settled(own, this.state.scopeKeys)
    this.planFlush()
    for (const crossing of crossings) this.noteCrossing(crossing, nowMs)
    return crossings
  }

  /** Whoever settles without flushing loses nothing over it but a moment. */
  private planFlush(): void {
    if (this.flushPlanned) return
    this.flushPlanned = true
    this.clock.after(MIN_RETRY_MS, () => {
      this.flushPlanned = false
      this.flush()
    })
  }

  private noteCrossing(crossing: BudgetCrossing, now: number): void {
    this.changes++
    const { budget, level, scope, spentNano, spentTokens } = crossing
    this.record(now, 'ledger', `budget_${level}`, {
      budget: budget.id,
      scope,
      spent_usd: usd(spentNano),
      spent_tokens: spentTokens,
      limit_usd: usd(budget.limitNano),
      limit_tokens: budget.limitTokens,
      on_exceed: budget.onExceed,
      mode: budget.mode,
    })
  }

  flush(): void {
    this.parts.journal.flush()
  }

  check(subject: Subject): Decision {
    const now = this.clock.now()
    const kill = this.state.kills.match(subject, now)
    const decision = decide(this.state.active, subject, now)
    return kill === undefined ? decision : killed(kill, decision)
  }

  /** The last one to fit gets what is left, when that is less than it estimated. */
  reserve(subject: Subject, estimateNano: Nano, ttlMs: number): { decision: Decision; id: string | undefined } {
    const decision = this.check(subject)
    if (decision.verdict === 'kill' || decision.verdict === 'throttle') return { decision, id: undefined }
    if (this.reservations.isFull) return { decision: { ...decision, ...TOO_MANY }, id: undefined }
    const now = this.clock.now()
    const free = freePico(this.state.active, subject, now)
    const wanted = estimateNano > 0n ? estimateNano * BigInt(PICO_PER_NANO) : 0n
    const pico = free !== undefined && free < wanted ? free : wanted
    const counters = this.countersOf(subject, now)
    const id = this.reservations.hold(pico, counters, ttlMs)
    return { decision, id }
  }

  /** The counters that a call of this subject would be counted into; opens them. */
  private countersOf(subject: Subject, now: number): readonly Counter[] {
    this.state.makeRoom(now)
    const counters: Counter[] = []
    for (const budget of this.state.active) {
      const key = budget.keyOf(subject)
      if (key === undefined) continue
      const table = budget.tableAt(now)
      const counter = this.state.counter(budget, table, key, subject)
      pace(budget, counter, table.end, now)
      counters.push(counter)
    }
    return counters
  }

  release(id: string): void {
    this.reservations.release(id)
  }

  kill(order: KillOrder): Kill {
    const now = this.clock.now()
    const seq = this.nextSeq()
    const { scope, code, actor, untilMs } = order
    const kill: Kill = {
      scope: { ...scope },
      reason: order.reason.slice(0, MAX_REASON),
      code,
      actor,
      untilMs,
      id: `kill-${seq.toString(36)}`,
      sinceMs: now,
    }
    this.makeRoomForKill()
    this.state.kills.add(kill)
    this.write({ t: 'k', kill, seq })
    this.record(now, kill.actor, 'kill', {
      id: kill.id,
      scope: kill.scope,
      reason: kill.reason,
      code,
      until_ms: untilMs,
    })
    this.parts.onKill(code)
    this.emit({ seq, type: 'kill', kill })
    if (untilMs !== undefined) this.expireKills()
    return kill
  }

  /** A limit must hold here too; what goes is said loudly, since it lets somebody go on. */
  private makeRoomForKill(): void {
    if (this.state.kills.size < this.parts.maxKills) return
    const oldest = this.state.kills.oldest()
    if (oldest === undefined) return
    this.parts.log.error(`more than ${this.parts.maxKills} kills are in force: the oldest is lifted`, {
      id: oldest.id,
      scope: oldest.scope,
    })
    this.lift(oldest.id, 'ledger', 'displaced')
  }

  resume(id: string, actor: string): boolean {
    return this.lift(id, actor, 'resume')
  }

  private lift(id: string, actor: string, action: string): boolean {
    const kill = this.state.kills.remove(id)
    if (kill === undefined) return false
    const seq = this.nextSeq()
    this.write({ t: 'r', id, seq })
    this.record(this.clock.now(), actor, action, { id, scope: kill.scope, code: kill.code })
    this.emit({ seq, type: 'resume', id })
    return true
  }

  private expireKills(): void {
    this.cancelExpiry?.()
    const now = this.clock.now()
    for (const kill of this.state.kills.expired(now)) this.lift(kill.id, 'ledger', 'expired')
    const next = this.state.kills.nextExpiryMs()
    if (next === undefined) return
    this.cancelExpiry = this.clock.after(Math.min(LONGEST_TIMER_MS, next - now), () => this.expireKills())
  }

  kills(): readonly Kill[] {
    return this.state.kills.live(this.clock.now())
  }

  announce(verdict: Verdict): void {
    this.emit({ seq: this.nextSeq(), type: 'verdict', verdict })
  }

  budgets(): readonly BudgetStatus[] {
    return fullest(this.state.active, STATUS_MAX, this.clock.now())
  }

  /** Also lifts what was killed over this budget, where the new limit is not reached. */
  override(budgetId: string, limitNano: Nano, untilMs: number | undefined, actor: string): boolean {
    const budget = this.state.budgets.get(budgetId)
    if (budget === undefined || !budget.active || limitNano < 0n) return false
    const now = this.clock.now()
    const seq = this.nextSeq()
    budget.setOverride({ limitNano, untilMs })
    this.write({ t: 'l', budget: budgetId, limitNano: limitNano.toString(), untilMs, seq })
    const limitUsd = usdString(limitNano * BigInt(PICO_PER_NANO))
    this.record(now, actor, 'override', { budget: budgetId, limit_usd: limitUsd, until_ms: untilMs })
    this.emit({ seq, type: 'override', budget: budgetId, limitUsd })
    for (const kill of this.kills()) {
      if (kill.actor !== `budget:${budgetId}`) continue
      const counter = budget.find(kill.scope, now)
      if (counter === undefined || !budget.isExceeded(counter)) this.lift(kill.id, actor, 'resume')
    }
    return true
  }

  audit(limit: number): readonly AuditEntry[] {
    return this.parts.audit.last(limit)
  }

  watch(sinceSeq: number, listener: (event: LedgerEvent) => void): () => void {
    return this.events.watch(sinceSeq, listener)
  }

  private nextSeq(): number {
    this.changes++
    return ++this.state.seq
  }

  private write(record: object): void {
    this.parts.journal.append(record)
    this.parts.journal.flushSoon()
  }

  private emit(event: LedgerEvent): void {
    this.events.push(event)
  }

  private record(timeMs: number, actor: string, action: string, detail: AuditEntry['detail']): void {
    this.parts.audit.add({ timeMs, actor, action, detail })
  }
}

const TOO_MANY = {
  verdict: 'throttle',
  reason: 'too many calls are under way',
  code: 'budget',
  retryAfterMs: MIN_RETRY_MS,
} as const

const isExact = (pico: Pico): boolean => typeof pico === 'bigint' || Number.isSafeInteger(pico)

const usd = (nano: Nano | undefined): string | undefined =>
  nano === undefined ? undefined : usdString(nano * BigInt(PICO_PER_NANO))
