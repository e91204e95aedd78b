import type { Call } from '../../genai/call.ts'
import type { Pico } from '../../genai/money.ts'
import type { Scope, Verdict } from '../../genai/verdict.ts'
import { attributeKey } from '../../otlp/attributes.ts'
import type { Batch } from '../../pipeline/batch.ts'
import type { Processor } from '../../pipeline/component.ts'
import type { Host } from '../../pipeline/host.ts'
import { type BudgetDefinition, LEDGER, type Ledger, type Settlement } from '../../pipeline/services.ts'
import type { MetricChild } from '../../pipeline/telemetry/metrics.ts'
import { bundledBook } from '../../pricing/book/index.ts'
import { UpperBound } from '../../pricing/bound.ts'
import { BatchKeys } from './batch-keys.ts'
import { type BudgetConfig, type Config, nanoOf } from './config.ts'
import { Subjects } from './subjects.ts'
import { crossingVerdict, unpricedVerdict } from './verdicts.ts'

const VERDICT = attributeKey('tokenfuse.verdict')
const REASON = attributeKey('tokenfuse.verdict.reason')
const DETECTOR = attributeKey('tokenfuse.verdict.detector')
type Writable<T> = { -readonly [K in keyof T]: T[K] }

/** Models without a price that are named in the log, and runs that were told about one. */
const NAMED_MAX = 200
const TOLD_MAX = 10_000

/** Settles every billed call once and says which budgets that used up. Counting and remembering is the ledger's work. */
export class Budget implements Processor {
  private readonly config: Config
  private readonly host: Host
  private readonly unpriced: MetricChild
  private readonly estimated: MetricChild
  private bound: UpperBound | undefined
  private ledger: Ledger | undefined
  private readonly named = new Set<string>()
  private readonly told = new Set<string>()
  private readonly keys: BatchKeys
  private readonly subjects = new Subjects()
  /** The settlement in hand, one object for all of them. */
  private readonly entry: Writable<Settlement> = { key: '', subject: {}, pico: 0, tokens: 0, timeMs: 0 }

  constructor(config: Config, host: Host) {
    this.config = config
    this.host = host
    this.keys = new BatchKeys(host)
    this.unpriced = host.metrics.counter(UNPRICED_TOTAL.name, UNPRICED_TOTAL.description).child()
    this.estimated = host.metrics.counter(ESTIMATED_TOTAL.name, ESTIMATED_TOTAL.description).child()
  }

  async start(): Promise<void> {
    const ledger = this.host.service(LEDGER)
    if (ledger === undefined) {
      throw new Error(
        `${this.host.id} needs a ledger to count in: add "ledger:" to extensions and [ledger] to service.extensions`,
      )
    }
    ledger.define(this.config.budgets.map((budget) => definitionOf(budget, this.config.mode)))
    this.ledger = ledger
  }

  async shutdown(): Promise<void> {
    this.ledger?.flush()
  }

  process(batch: Batch): void {
    const ledger = this.ledger
    if (ledger === undefined || batch.calls.length === 0) return
    const before = batch.verdicts.length
    const { calls } = batch
    const { keys } = this
    keys.clear()
    for (let i = 0; i < calls.length; i++) if (calls[i]?.bill === 'billed') keys.add(calls[i] as Call)
    if (keys.count > 1) ledger.expect?.(keys.words, keys.count)
    for (let i = 0, n = 0; i < calls.length; i++) {
      const call = calls[i] as Call
      if (call.bill === 'billed') this.settle(ledger, batch, call, n++)
    }
    ledger.flush()
    if (batch.verdicts.length > before) annotate(batch, before)
  }

  /** @param n which of the keys is the call's */
  private settle(ledger: Ledger, batch: Batch, call: Call, n: number): void {
    const known = call.cost?.pico
    const { entry, keys } = this
    entry.key = keys.keyOf(n)
    entry.subject = this.subjects.of(call.tags)
    // What is not known to cost anything still has tokens.
    entry.pico = known ?? this.boundOf(call) ?? 0
    entry.tokens = keys.tokensOf(n)
    entry.timeMs = call.endMs
    const crossings = ledger.settle(entry)
    if (crossings.length > 0) {
      const now = this.host.clock.now()
      for (const crossing of crossings) batch.verdicts.push(crossingVerdict(crossing, call, now))
    }
    if (known === undefined) this.noteUnpriced(batch, call, this.host.clock.now())
  }

  /** The call keeps its unknown cost; only the budgets count the bound. */
  private boundOf(call: Call): Pico | undefined {
    if (this.config.unpriced_model !== 'estimate_max') return undefined
    this.bound ??= new UpperBound(bundledBook)
    const pico = this.bound.of(call.provider, call.usage)
    if (pico !== undefined) this.estimated.add(1)
    return pico
  }

  private noteUnpriced(batch: Batch, call: Call, now: number): void {
    this.unpriced.add(1)
    const name = `${call.provider} ${call.model ?? ''}`
    if (this.named.size < NAMED_MAX && !this.named.has(name)) {
      this.named.add(name)
      this.host.log.warn('no price is known for a model, so no budget counts what it costs', {
        provider: call.provider,
        model: call.model,
        reason: call.cost?.reason ?? 'token_pricing does not stand before this processor',
      })
    }
    if (this.config.unpriced_model === 'deny') this.deny(batch, call, now)
  }

  private deny(batch: Batch, call: Call, now: number): void {
    const { run, agent } = call.tags
    const scope: Scope | undefined = run !== undefined ? { run } : agent !== undefined ? { agent } : undefined
    if (scope === undefined) return
    const key = `${run ?? ''}\n${agent ?? ''}`
    if (this.told.has(key)) return
    if (this.told.size >= TOLD_MAX) this.told.clear()
    this.told.add(key)
    batch.verdicts.push(unpricedVerdict(call, scope, this.config.mode, now))
  }
}

export const UNPRICED_TOTAL = {
  name: 'tokenfuse_budget_unpriced_calls_total',
  type: 'counter',
  description: 'Billed calls whose cost is not known: only their tokens count.',
} as const

export const ESTIMATED_TOTAL = {
  name: 'tokenfuse_budget_estimated_calls_total',
  type: 'counter',
  description: 'Billed calls whose cost is not known and that budgets count at an upper bound.',
} as const

/** Names the verdict on the span that caused it; the sternest where there are several. */
function annotate(batch: Batch, from: number): void {
  const done = new Set(batch.verdicts.slice(0, from).map(({ spanId }) => spanId))
  const verdicts = batch.verdicts.slice(from).sort((a, b) => sternness(b) - sternness(a))
  for (const verdict of verdicts) {
    if (verdict.spanId === '' || done.has(verdict.spanId)) continue
    done.add(verdict.spanId)
    const call = batch.calls.find(({ item, spanId }) => item >= 0 && spanId === verdict.spanId)
    if (call === undefined) continue
    batch.items.addString(call.item, VERDICT, verdict.level)
    batch.items.addString(call.item, REASON, verdict.reason)
    batch.items.addString(call.item, DETECTOR, verdict.detector)
  }
}

const STERN: Readonly<Record<Verdict['action'], number>> = { signal: 0, throttle: 1, kill: 2 }
const sternness = (verdict: Verdict): number => STERN[verdict.action] + (verdict.level === 'critical' ? 3 : 0)

function definitionOf(budget: BudgetConfig, mode: Config['mode']): BudgetDefinition {
  return {
    id: budget.id,
    scope: budget.scope,
    period: budget.period,
    timezone: budget.timezone,
    limitNano: budget.limit_usd === undefined ? undefined : nanoOf(budget.limit_usd),
    limitTokens: budget.limit_tokens,
    throttleAt: budget.throttle_at,
    onExceed: budget.on_exceed,
    mode: budget.mode ?? mode,
  }
}
