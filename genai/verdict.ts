export type VerdictKind = 'loop' | 'budget' | 'manual' | 'anomaly'
export type VerdictLevel = 'warn' | 'critical'
export type VerdictAction = 'signal' | 'throttle' | 'kill'

/** Whom a verdict or a kill concerns: every named key must match. `{ all: 'true' }` is everybody. */
export type Scope = Readonly<Record<string, string>>

/** Who, how sure, what follows, why, with the evidence, since when, until when, and what lifts it. */
export interface Verdict {
  readonly timeMs: number
  readonly kind: VerdictKind
  readonly level: VerdictLevel
  readonly action: VerdictAction
  /** `exact_cycle`, `run_cap` … */
  readonly detector: string
  /** One sentence for a person. */
  readonly reason: string
  /** E.g. `{ run: '4f…' }`, `{ budget: 'month', tenant: 'acme' }`. */
  readonly scope: Scope
  readonly run: string | undefined
  readonly agent: string | undefined
  /** The span that tipped the scale; '' when none did. */
  readonly spanId: string
  readonly spanTimeMs: number
  /** Machine-readable; numbers, strings and lists of them only. */
  readonly evidence: Readonly<Record<string, unknown>>
  /** Until when it holds; absent = until lifted. */
  readonly untilMs?: number | undefined
  /** What lifts it, in words: "a user turn", "tokenfuse resume <id>", "the next period". */
  readonly liftedBy: string
}
