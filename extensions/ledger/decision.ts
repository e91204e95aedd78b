import { addPico, usdString } from '../../genai/money.ts'
import type { Decision, Kill, Subject } from '../../pipeline/services.ts'
import { type Budget, type Counter, codeOf, EXCEEDED, THROTTLE } from './budget.ts'

type Verdict = Decision['verdict']
const RANK: Readonly<Record<Verdict, number>> = { allow: 0, warn: 1, throttle: 2, kill: 3 }

export const MIN_RETRY_MS = 1_000
export const MAX_RETRY_MS = 60_000

const UNLIMITED: Decision = {
  verdict: 'allow',
  reason: 'no budget applies',
  code: 'allow',
  budget: undefined,
  spentNano: undefined,
  limitNano: undefined,
  remainingNano: undefined,
  retryAfterMs: undefined,
}

/** How one budget stands towards one more call. */
interface Standing {
  readonly verdict: Verdict
  readonly budget: Budget
  readonly counter: Counter | undefined
  readonly why: string
  /** Pico-USD that a call may still spend; undefined when this budget stops nothing over money. */
  readonly remaining: bigint | undefined
  readonly retryAfterMs: number | undefined
}

/** A kill outranks every budget. One that was ordered over a budget shows the amounts of that budget. */
export function killed(kill: Kill, decision: Decision): Decision {
  const shown = kill.actor === `budget:${decision.budget}` ? decision : UNLIMITED
  const reason = `stopped: ${kill.reason} (${kill.id})`
  return { ...shown, verdict: 'kill', reason, code: kill.code, retryAfterMs: undefined }
}

/**
 * The strictest verdict of all budgets that are about the subject. The amounts are those of the budget that has least
 * left among the ones that stop calls, so that whoever cuts a stream at `remainingNano` never cuts for a budget that
 * only observes.
 */
export function decide(budgets: Iterable<Budget>, subject: Subject, nowMs: number): Decision {
  let strictest: Standing | undefined
  let binding: Standing | undefined
  for (const budget of budgets) {
    const standing = stand(budget, subject, nowMs)
    if (standing === undefined) continue
    if (strictest === undefined || RANK[standing.verdict] > RANK[strictest.verdict]) strictest = standing
    if (isTighter(standing, binding)) binding = standing
  }
  if (strictest === undefined) return UNLIMITED
  return describe(strictest, RANK[strictest.verdict] > RANK.warn ? strictest : (binding ?? strictest))
}

const isTighter = (a: Standing, b: Standing | undefined): boolean =>
  a.remaining !== undefined && (b?.remaining === undefined || a.remaining < b.remaining)

function describe(strictest: Standing, shown: Standing): Decision {
  const { budget, counter } = shown
  return {
    verdict: strictest.verdict,
    reason: strictest.verdict === 'allow' ? 'within budget' : reasonOf(strictest),
    code: strictest.verdict === 'allow' ? 'allow' : codeOf(strictest.budget.definition),
    budget: budget.definition.id,
    spentNano: toNano(BigInt(counter?.spent ?? 0)),
    limitNano: budget.limits.pico === undefined ? undefined : toNano(budget.limits.pico),
    remainingNano: shown.remaining === undefined ? undefined : toNano(shown.remaining),
    retryAfterMs: strictest.retryAfterMs,
  }
}

/** Rounds towards spending less: what is left is never shown larger than it is. */
export const toNano = (pico: bigint): bigint => pico / 1_000n

function reasonOf({ budget, counter, why }: Standing): string {
  const { definition, limits } = budget
  const of = definition.scope.map((name, i) => `${name}=${counter?.values[i] ?? ''}`).join(' ')
  const money = limits.pico === undefined ? '' : `, $${usdString(counter?.spent ?? 0)} of $${usdString(limits.pico)}`
  const tokens = limits.tokens === undefined ? '' : `, ${counter?.tokens ?? 0} of ${limits.tokens} tokens`
  return `budget ${definition.id}${of === '' ? '' : ` (${of})`} ${why}${money}${tokens}`
}

function stand(budget: Budget, subject: Subject, nowMs: number): Standing | undefined {
  const key = budget.keyOf(subject)
  if (key === undefined) return undefined
  budget.refresh(nowMs)
  const counter = budget.tableAt(nowMs).counters.get(key)
  const { mode, onExceed } = budget.definition
  const stops = mode === 'enforce' && onExceed === 'kill'
  const remaining = stops ? leftOf(budget, counter) : undefined
  const make = (verdict: Verdict, why: string, retryAfterMs?: number): Standing => ({
    verdict,
    budget,
    counter,
    why,
    remaining,
    retryAfterMs,
  })
  if (isUsedUp(budget, counter)) return exceeded(budget, counter, nowMs, make)
  if (remaining !== undefined && remaining <= 0n) return make('throttle', 'is held by calls under way', MIN_RETRY_MS)
  if (counter !== undefined && budget.isThrottled(counter, counter.reserved)) {
    if (mode === 'observe') return make('warn', 'is nearly used up')
    return paced(counter, nowMs, make, 'is nearly used up')
  }
  return make('allow', '')
}

type Make = (verdict: Verdict, why: string, retryAfterMs?: number) => Standing

function exceeded(budget: Budget, counter: Counter | undefined, nowMs: number, make: Make): Standing {
  const { mode, onExceed } = budget.definition
  if (mode === 'observe' || onExceed === 'alert') return make('warn', 'is used up')
  if (onExceed === 'kill') return make('kill', 'is used up')
  return counter === undefined
    ? make('throttle', 'is used up', MAX_RETRY_MS)
    : paced(counter, nowMs, make, 'is used up')
}

/** A throttled counter lets one call through per interval: slower, not stopped. */
function paced(counter: Counter, nowMs: number, make: Make, why: string): Standing {
  const wait = counter.nextMs - nowMs
  return wait > 0 ? make('throttle', why, clampRetry(wait)) : make('warn', why)
}

const clampRetry = (ms: number): number => Math.min(MAX_RETRY_MS, Math.max(MIN_RETRY_MS, Math.ceil(ms)))

function isUsedUp(budget: Budget, counter: Counter | undefined): boolean {
  if (counter !== undefined) return budget.isExceeded(counter)
  return budget.limits.pico === 0n || budget.limits.tokens === 0
}

function leftOf(budget: Budget, counter: Counter | undefined): bigint | undefined {
  const limit = budget.limits.pico
  if (limit === undefined) return undefined
  const left = counter === undefined ? limit : limit - BigInt(addPico(counter.spent, counter.reserved))
  return left > 0n ? left : 0n
}

/** The least that is left in a budget that stops calls; undefined when none applies. */
export function freePico(budgets: Iterable<Budget>, subject: Subject, nowMs: number): bigint | undefined {
  let least: bigint | undefined
  for (const budget of budgets) {
    if (
      budget.definition.mode !== 'enforce' ||
      budget.definition.onExceed !== 'kill' ||
      budget.keyOf(subject) === undefined
    )
      continue
    const left = leftOf(budget, budget.find(subject, nowMs))
    if (left !== undefined && (least === undefined || left < least)) least = left
  }
  return least
}

/**
 * After a call of a throttled counter: when the next may go. What is left is spread over what is left of the period at
 * the average price of a call so far; a lifetime has no end to spread over, so the wait grows with the share used.
 */
export function pace(budget: Budget, counter: Counter, endMs: number | undefined, nowMs: number): void {
  if (!budget.isThrottled(counter, counter.reserved) && !budget.isExceeded(counter)) return
  counter.nextMs = nowMs + clampRetry(intervalMs(budget, counter, endMs, nowMs))
}

function intervalMs(budget: Budget, counter: Counter, endMs: number | undefined, nowMs: number): number {
  const share = usedShare(budget, counter)
  if (share >= 1) return MAX_RETRY_MS
  if (endMs === undefined) {
    const from = budget.definition.throttleAt ?? 1
    return MIN_RETRY_MS + ((share - from) / (1 - from)) * (MAX_RETRY_MS - MIN_RETRY_MS)
  }
  const perCall = share / Math.max(1, counter.calls)
  return ((endMs - nowMs) * perCall) / (1 - share)
}

/** How much of the limit is used, 1 = all; a float, for pacing and for sorting only. */
export function usedShare(budget: Budget, counter: Counter): number {
  const { pico, tokens } = budget.limits
  const money =
    pico === undefined ? 0 : pico === 0n ? 1 : Number(addPico(counter.spent, counter.reserved)) / Number(pico)
  const count = tokens === undefined ? 0 : tokens === 0 ? 1 : counter.tokens / tokens
  return Math.max(money, count)
}

/** Which marks a counter has passed that were not told yet; marks them as told. */
export function newMark(budget: Budget, counter: Counter): 'throttle' | 'exceeded' | undefined {
  if ((counter.fired & EXCEEDED) === 0 && budget.isExceeded(counter)) {
    counter.fired |= EXCEEDED | THROTTLE
    return 'exceeded'
  }
  if ((counter.fired & THROTTLE) === 0 && budget.isThrottled(counter, 0)) {
    counter.fired |= THROTTLE
    return 'throttle'
  }
  return undefined
}
