/** Calls remembered per run: more than two repetitions of the longest cycle, with room for calls that arrive late. */
export const RING = 48
export const PERIOD_MAX = 12

/** One tool call, as far as a run remembers it. */
export interface ToolCall {
  /** What it was and what came of it; NaN when that is not recorded, which equals nothing. */
  readonly fingerprint: number
  readonly tool: string
  readonly startMs: number
  readonly spanHigh: number
  readonly spanLow: number
}

/**
 * The last calls of one run in the order in which they began, and for every lag how many calls in a row equal the one so
 * many places before: a cycle of period p came c times exactly when that count has reached p * (c - 1).
 *
 * A call that arrives in order costs one comparison per lag. One that arrives late is put in its place and the counts
 * are worked out anew.
 */
export class RunState {
  /** Money of the run so far. */
  costPico = 0
  tokens = 0
  /** Calls ever seen, resent ones not counted. */
  calls = 0
  /** What was last said about it. */
  level: 'none' | 'warn' | 'critical' = 'none'
  lastSeenMs = 0
  length = 0
  readonly matches = new Uint16Array(PERIOD_MAX + 1)
  readonly fingerprints = new Float64Array(RING)
  readonly startsMs = new Float64Array(RING)
  readonly costsPico = new Float64Array(RING)
  readonly tokensAt = new Float64Array(RING)
  readonly spans = new Uint32Array(RING * 2)
  readonly tools: string[] = []

  /** False when the very span is known already: exporters resend. */
  add(call: ToolCall): boolean {
    for (let i = 0; i < this.length; i++) {
      if (
        this.spans[i * 2] === call.spanHigh &&
        this.spans[i * 2 + 1] === call.spanLow &&
        (call.spanHigh !== 0 || call.spanLow !== 0)
      )
        return false
    }
    if (this.length === RING) this.dropFirst()
    let at = this.length
    while (at > 0 && (this.startsMs[at - 1] as number) > call.startMs) at--
    const inOrder = at === this.length
    if (!inOrder) this.openAt(at)
    this.length++
    this.fingerprints[at] = call.fingerprint
    this.startsMs[at] = call.startMs
    this.costsPico[at] = this.costPico
    this.tokensAt[at] = this.tokens
    this.spans[at * 2] = call.spanHigh
    this.spans[at * 2 + 1] = call.spanLow
    this.tools[at] = call.tool
    this.calls++
    if (inOrder) this.count(at)
    else this.recount()
    return true
  }

  /** A user spoke: what was said before is no repetition of what comes now. */
  reset(): void {
    this.length = 0
    this.matches.fill(0)
    this.level = 'none'
  }

  private count(at: number): void {
    for (let lag = 1; lag <= PERIOD_MAX; lag++) {
      const equal = at >= lag && this.fingerprints[at] === this.fingerprints[at - lag]
      this.matches[lag] = equal ? (this.matches[lag] as number) + 1 : 0
    }
  }

  private recount(): void {
    this.matches.fill(0)
    for (let at = 0; at < this.length; at++) this.count(at)
  }

  private openAt(at: number): void {
    this.fingerprints.copyWithin(at + 1, at, this.length)
    this.startsMs.copyWithin(at + 1, at, this.length)
    this.costsPico.copyWithin(at + 1, at, this.length)
    this.tokensAt.copyWithin(at + 1, at, this.length)
    this.spans.copyWithin((at + 1) * 2, at * 2, this.length * 2)
    this.tools.splice(at, 0, '')
  }

  private dropFirst(): void {
    this.fingerprints.copyWithin(0, 1, this.length)
    this.startsMs.copyWithin(0, 1, this.length)
    this.costsPico.copyWithin(0, 1, this.length)
    this.tokensAt.copyWithin(0, 1, this.length)
    this.spans.copyWithin(0, 2, this.length * 2)
    this.tools.shift()
    this.length--
  }
}
