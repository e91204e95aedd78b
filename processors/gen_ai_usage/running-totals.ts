import { Call } from '../../genai/call.ts'
import type { Cumulative } from '../../genai/dialects/dialect.ts'
import { FLAG } from '../../genai/dialects/flags.ts'
import { DIALECTS } from '../../genai/dialects/table.ts'
import { RARE_METERS, totalInput, totalOutput, type Usage } from '../../genai/usage.ts'
import type { HeldCall, HeldChanges } from '../../pipeline/component.ts'
import type { Clock } from '../../pipeline/host.ts'
import type { ScopeState } from './recognise.ts'

/** Marks a total among what is kept through a crash. */
export const TOTAL_NOTE = 'running_total'
/** Runs that were quiet for longer before a restart are over. */
const RECALLED_MS = 86_400_000
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
 * - The first one of a run is billed whole. The queue keeps them through a crash; of more than 4096 the one that was not
 *   met for longest is forgotten.
 */
export class RunningTotals {
  private readonly configured: ReadonlyMap<string, Cumulative>
  /** In order of their last use. */
  private readonly totals = new Map<string, Total>()
  /** Keys of those that changed, and ids of those that went, since whoever keeps them asked; undefined until then. */
  private news: { readonly changed: Set<string>; readonly gone: string[] } | undefined

  private readonly clock: Clock
  /** What the batch with this serial number changed, and how it was before. */
  private serial = 0
  private before: [string, Total | undefined][] = []

  /** @param configured by scope name */
  constructor(clock: Clock, configured: Readonly<Record<string, Cumulative>> = {}) {
    this.clock = clock
    this.configured = new Map(Object.entries(configured))
  }

  /**
   * Takes a call's own usage out of a running total, where it reports one. Once for each span.
   *
   * @param dialect its place in the table
   * @param notes of the call so far
   * @param serial of the batch
   * @returns the notes of the call
   */
  settle(call: Call, dialect: number, scope: ScopeState, notes: number, serial: number): number {
    const over = (this.configured.size > 0 ? this.configured.get(scope.name) : undefined) ?? OVER[dialect]
    if (over === undefined || call.bill === 'duplicate') return notes
    if (serial !== this.serial) this.before = []
    this.serial = serial
    return this.difference(call, keyOf(call, over, scope.key), notes & ~FLAG.cumulative_suspect)
  }

  private difference(call: Call, key: string, notes: number): number {
    const total: Total = { timeMs: call.endMs > 0 ? call.endMs : call.startMs, usage: call.usage }
    const last = this.totals.get(key)
    if (last !== undefined && isOld(total, last)) {
      call.bill = call.bill === 'billed' ? 'duplicate' : call.bill
      return notes | FLAG.running_total_late
    }
    this.before.push([key, last])
    this.remember(key, total)
    if (last === undefined || falls(last.usage, total.usage)) return notes
    call.usage = grownBy(last.usage, total.usage)
    const isWhole = tokens(call.usage) === tokens(total.usage) - tokens(last.usage)
    return notes | FLAG.running_total | (isWhole ? 0 : FLAG.clamped)
  }

  private remember(key: string, total: Total): void {
    this.totals.delete(key)
    this.totals.set(key, total)
    this.news?.changed.add(key)
    if (this.totals.size <= TOTALS_MAX) return
    for (const oldest of this.totals.keys()) {
      this.totals.delete(oldest)
      this.news?.changed.delete(oldest)
      this.news?.gone.push(idOf(oldest))
      return
    }
  }

  /** That batch was not taken: its calls come again. */
  undo(serial: number): void {
    if (serial !== this.serial) return
    for (const [key, total] of this.before.reverse()) {
      if (total === undefined) this.totals.delete(key)
      else this.totals.set(key, total)
    }
    this.before = []
  }

  /** What changed since it was asked last. */
  changes(): HeldChanges | undefined {
    const { changed, gone } = this.news ?? { changed: new Set(this.totals.keys()), gone: [] }
    if (this.news !== undefined && changed.size === 0 && gone.length === 0) return undefined
    this.news = { changed: new Set(), gone: [] }
    if (changed.size === 0 && gone.length === 0) return undefined
    return { held: [...changed].map((key) => heldTotal(key, this.totals.get(key))), done: gone }
  }

  /** Totals of an earlier run. */
  recall(held: readonly HeldCall[]): void {
    this.news ??= { changed: new Set(), gone: [] }
    for (const { id, call, note } of held) {
      if (note !== TOTAL_NOTE) continue
      if (this.clock.now() - call.endMs > RECALLED_MS) this.news.gone.push(id)
      else this.totals.set(keyOfId(id), { timeMs: call.endMs, usage: call.usage })
    }
  }
}

const ID_START = 'total '
const idOf = (key: string): string => ID_START + key
const keyOfId = (id: string): string => id.slice(ID_START.length)

function heldTotal(key: string, total: Total | undefined): HeldCall {
  const call = new Call('span', -1, { bytes: Buffer.alloc(0), trace: -1, span: -1, parent: -1 })
  call.endMs = total?.timeMs ?? 0
  call.usage = total?.usage ?? {}
  return { id: idOf(key), call, dueMs: call.endMs, note: TOTAL_NOTE, onlyStored: true }
}

/** From before the last one, or the last one again: what was billed before a restart may be sent once more. */
const isOld = (total: Total, last: Total): boolean =>
  total.timeMs > 0 &&
  (total.timeMs < last.timeMs || (total.timeMs === last.timeMs && tokens(total.usage) === tokens(last.usage)))

function keyOf(call: Call, over: Cumulative, scope: string): string {
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
