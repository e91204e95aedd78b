import type { Step } from '../../genai/step.ts'
import { parentKey } from './identity.ts'
import { DOUBLE, SEEN, TOOL_CALL, TOOL_CALL_WORDS, WORD } from './layout.ts'
import { RecentMap } from './recent-map.ts'
import type { Run } from './run.ts'
import type { Runs } from './runs.ts'

const SPANS_MAX = 36
const WAITING_MAX = 10_000
const EPISODE_WORDS = [WORD.episode, WORD.onsetSpanHigh, WORD.onsetSpanLow, WORD.onsetCalls] as const

/** Tool calls below one span of which nobody has said yet whose it is. */
interface Waiting {
  /** The run that they were put into for the time being. */
  readonly guess: number
  /** Their span ids, two words each. */
  readonly spans: number[]
}

/**
 * Tool calls that do not say which agent's they are. They belong to whoever made the model calls below the same span, or
 * to the agent whose span that is, which arrives last. Until one of those is known they count as their run's, of no agent
 * in particular; then they move.
 *
 * Costs nothing until the first such call was seen.
 */
export class Orphans {
  private readonly runs: Runs
  /** From the key of a span to the key of the run that its children belong to. */
  private readonly owners: RecentMap
  private waiting = new Map<number, Waiting>()
  /** Whether there was ever such a call. */
  any = false
  private readonly moved = new Uint32Array(TOOL_CALL_WORDS)

  constructor(runs: Runs, max: number) {
    this.runs = runs
    this.owners = new RecentMap(max)
  }

  /** The key of the run that a tool call belongs to, as far as is known; `guess` goes by what it says itself. */
  keyOf(step: Step, guess: number, toolCalls: Uint32Array, at: number): number {
    if (step.agentId !== undefined || step.agent !== undefined) return guess
    const around = parentKey(step.ids)
    if (around === 0) return guess
    this.any = true
    const owner = this.owners.get(around)
    if (owner !== undefined) return owner
    this.wait(around, guess, toolCalls[at + TOOL_CALL.spanHigh] as number, toolCalls[at + TOOL_CALL.spanLow] as number)
    return guess
  }

  /** A span turns out to be around the calls of a run: what waited under it moves there. Returns how many did. */
  adopt(around: number, owner: number, timeMs: number): number {
    if (!this.any || around === 0 || this.owners.get(around) === owner) return 0
    this.owners.set(around, owner)
    const waiting = this.waiting.get(around)
    if (waiting === undefined) return 0
    this.waiting.delete(around)
    return waiting.guess === owner ? 0 : this.move(waiting, owner, timeMs)
  }

  private wait(around: number, guess: number, spanHigh: number, spanLow: number): void {
    let waiting = this.waiting.get(around)
    if (waiting === undefined) {
      if (this.waiting.size >= WAITING_MAX) this.waiting = new Map()
      waiting = { guess, spans: [] }
      this.waiting.set(around, waiting)
    }
    if (waiting.spans.length < SPANS_MAX * 2) waiting.spans.push(spanHigh, spanLow)
  }

  private move({ guess, spans }: Waiting, owner: number, timeMs: number): number {
    const to = this.runs.of(owner, timeMs)
    // Making room for the new run may have been the end of the old one.
    const from = this.runs.peek(guess)
    if (from === undefined) return 0
    to.set(WORD.seen, to.get(WORD.seen) | (from.get(WORD.seen) & (SEEN.arguments | SEEN.results)))
    this.moveEpisode(from, to)
    let moved = 0
    for (let i = from.length - 1; i >= 0; i--) {
      if (!has(spans, from.spanHighAt(i), from.spanLowAt(i))) continue
      from.readInto(this.moved, i)
      from.removeAt(i)
      if (to.insert(this.moved, 0) >= 0) moved++
    }
    return moved
  }

  /** What was told of the calls while they were nobody's is not told again; its cost counts from here. */
  private moveEpisode(from: Run, to: Run): void {
    if (from.get(WORD.episode) === 0 || to.get(WORD.episode) !== 0) return
    for (const word of EPISODE_WORDS) to.set(word, from.get(word))
    to.setDouble(DOUBLE.onsetMs, from.double(DOUBLE.onsetMs))
    to.setDouble(DOUBLE.onsetPico, to.double(DOUBLE.pico))
    to.setDouble(DOUBLE.onsetTokens, to.double(DOUBLE.tokens))
    from.set(WORD.episode, 0)
  }
}

function has(spans: readonly number[], high: number, low: number): boolean {
  for (let i = 0; i < spans.length; i += 2) if (spans[i] === high && spans[i + 1] === low) return true
  return false
}
