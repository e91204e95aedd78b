import type { Call } from '../../genai/call.ts'
import { FLAG } from '../../genai/dialects/flags.ts'
import { type Cumulative, DIALECTS } from '../../genai/dialects/table.ts'
import { RARE_METERS, totalInput, totalOutput, type Usage } from '../../genai/usage.ts'
import type { ScopeState } from './recognise.ts'

/** Totals remembered; of more than that the one that was not met for longest starts anew. */
const TOTALS_MAX = 4096
const OVER: readonly (Cumulative | undefined)[] = DIALECTS.map(({ cumulative }) => cumulative)

interface Total {
  /** When the call with it ended. */
  readonly timeMs: number
  readonly usage: Usage
}

/**
 * Some sources write on each call what all calls so far have used. What a call used itself is what the total grew by since
 * the call before it: of the same run, scope and model.
 *
 * - A total that falls is a new one: its source began again.
 * - One that is older than the last is no charge: what it counts is in that one.
 * - The first one of a run is billed whole. Totals are forgotten on restart, and when more than 4096 are under way.
 */
export class RunningTotals {
  private readonly configured: ReadonlyMap<string, Cumulative>
  /** In order of their last use. */
  private readonly totals = new Map<string, Total>()

  /** @param configured by scope name */
  constructor(configured: Readonly<Record<string, Cumulative>> = {}) {
    this.configured = new Map(Object.entries(configured))
  }

  /**
   * Takes a call's own usage out of a running total, where it reports one. Once for each span.
   *
   * @param dialect its place in the table
   * @param notes of the call so far
   * @returns the notes of the call
   */
  settle(call: Call, dialect: number, scope: ScopeState, notes: number): number {
    const over = (this.configured.size > 0 ? this.configured.get(scope.name) : undefined) ?? OVER[dialect]
    if (over === undefined || call.bill === 'duplicate') return notes
    return this.difference(call, keyOf(call, over, scope.number), notes & ~FLAG.cumulative_suspect)
  }

  private difference(call: Call, key: string, notes: number): number {
    const total: Total = { timeMs: call.endMs > 0 ? call.endMs : call.startMs, usage: call.usage }
    const last = this.totals.get(key)
    if (last !== undefined && total.timeMs > 0 && total.timeMs < last.timeMs) {
      call.bill = call.bill === 'billed' ? 'duplicate' : call.bill
      return notes | FLAG.running_total_late
    }
    this.remember(key, total)
    if (last === undefined || falls(last.usage, total.usage)) return notes
    call.usage = grownBy(last.usage, total.usage)
    const isWhole = tokens(call.usage) === tokens(total.usage) - tokens(last.usage)
    return notes | FLAG.running_total | (isWhole ? 0 : FLAG.clamped)
  }

  private remember(key: string, total: Total): void {
    this.totals.delete(key)
    this.totals.set(key, total)
    if (this.totals.size <= TOTALS_MAX) return
    for (const oldest of this.totals.keys()) {
      this.totals.delete(oldest)
      return
    }
  }
}

function keyOf(call: Call, over: Cumulative, scope: number): string {
  const { traceId } = call
  const run =
    over === 'conversation' && call.conversation !== undefined
      ? `c ${call.conversation}`
      : over === 'parent'
        ? `p ${traceId} ${call.parentSpanId}`
        : `t ${traceId}`
  return `${run} ${scope} ${call.model ?? ''}`
}

const tokens = (usage: Usage): number => totalInput(usage) + totalOutput(usage)
const falls = (last: Usage, now: Usage): boolean =>
  totalInput(now) < totalInput(last) || totalOutput(now) < totalOutput(last)

/** Bucket by bucket. One that shrinks while the total grows was split another way before: it has grown by nothing. */
function grownBy(last: Usage, now: Usage): Usage {
  const grown = (before: number | undefined, after: number | undefined): number | undefined =>
    after === undefined ? undefined : Math.max(0, after - (before ?? 0))
  const { other } = now
  return {
    input: grown(last.input, now.input),
    cacheRead: grown(last.cacheRead, now.cacheRead),
    cacheWrite: grown(last.cacheWrite, now.cacheWrite),
    cacheWrite5m: grown(last.cacheWrite5m, now.cacheWrite5m),
    cacheWrite1h: grown(last.cacheWrite1h, now.cacheWrite1h),
    output: grown(last.output, now.output),
    reasoning: grown(last.reasoning, now.reasoning),
    other:
      other &&
      Object.fromEntries(RARE_METERS.map((meter) => [meter, grown(last.other?.[meter], other[meter])] as const)),
  }
}
