import type { Call } from '../../genai/call.ts'
import type { Step } from '../../genai/step.ts'
import type { KeyTable } from '../../otlp/keys.ts'
import type { Batch } from '../../pipeline/batch.ts'
import type { Processor } from '../../pipeline/component.ts'
import type { Host } from '../../pipeline/host.ts'
import { Ahead, DO } from './ahead.ts'
import { FINISH_REASONS, HTTP_STATUS, LOOP_KEY } from './chats.ts'
import type { Config } from './config.ts'
import { Conversations } from './conversations.ts'
import { Episodes } from './episode.ts'
import { Families } from './families.ts'
import { findLoop } from './find.ts'
import { History } from './history.ts'
import { ownKey, parentKey } from './identity.ts'
import * as layout from './layout.ts'
import { ModelCalls } from './model-calls.ts'
import { Orphans } from './orphans.ts'
import type { Run } from './run.ts'
import { Runs } from './runs.ts'
import { Profiles } from './thresholds.ts'
import { toTicks } from './ticks.ts'
import { KIND, Tools } from './tools.ts'
import { Verdicts } from './verdicts.ts'

const { DOUBLE, SEEN, TOOL_CALL, TOOL_CALL_WORDS, UNKNOWN_COUNT, WORD } = layout

/** So many calls behind a late one are looked at again. */
const LATE_MAX = 12
/** The type of an AnyValue that can be a status. */
const INT = 3

/** Watches what every agent does; says when one spins. Reports only: what follows is policy. */
export class LoopDetector implements Processor {
  readonly wants: readonly string[] = [...FINISH_REASONS, ...HTTP_STATUS, LOOP_KEY, 'tokenfuse.verdict']
  private readonly settings: Config
  private readonly tools: Tools
  private readonly ahead: Ahead
  private readonly runs: Runs
  private readonly history: History
  private readonly profiles: Profiles
  private readonly verdicts: Verdicts
  private readonly episodes: Episodes
  private readonly modelCalls: ModelCalls
  private readonly families: Families
  private readonly conversations: Conversations
  private readonly orphans: Orphans
  private statusKeys: readonly number[] = []
  private readonly smallResult: number
  /** No threshold is below this. */
  private readonly fewest: number

  constructor(settings: Config, host: Host) {
    const { metrics } = host
    this.settings = settings
    const evicted = metrics.counter(EVICTED_TOTAL.name, EVICTED_TOTAL.description).child()
    this.runs = new Runs(settings.max_runs, settings.idle_ttl, settings.user_turn_gap, () => evicted.add(1))
    this.tools = new Tools(settings)
    this.history = new History(this.tools, this.runs.window)
    this.profiles = new Profiles(settings)
    this.fewest = this.profiles.fewest()
    this.smallResult = settings.barren_search.max_result_tokens
    this.verdicts = new Verdicts(settings, host)
    this.ahead = new Ahead(this.tools, this.verdicts)
    this.episodes = new Episodes(this.verdicts, this.tools)
    this.modelCalls = new ModelCalls(settings, this.verdicts)
    this.families = new Families(settings, this.verdicts)
    this.conversations = new Conversations(settings, this.verdicts)
    this.orphans = new Orphans(this.runs, settings.max_runs)
    metrics.observe('gauge', RUNS.name, RUNS.description, [], () => [{ labels: [], value: this.runs.size }])
  }

  async start(): Promise<void> {}
  async shutdown(): Promise<void> {}

  bind(keys: KeyTable): void {
    this.ahead.bind(keys)
    this.statusKeys = HTTP_STATUS.map((name) => keys.idOf(name)).filter((key) => key >= 0)
    this.verdicts.bind(keys)
  }

  process(batch: Batch): void {
    const { calls, steps } = batch
    if (calls.length === 0 && steps.length === 0) return
    const { ahead } = this
    this.runs.beginRound()
    this.families.beginRound()
    ahead.begin()
    while (ahead.next(batch)) {
      this.runs.fetch(ahead.agentRuns, ahead.count)
      for (let n = 0; n < ahead.count; n++) this.take(batch, n)
    }
  }

  /** The next call or step, that which was read ahead as number `n`. */
  private take(batch: Batch, n: number): void {
    const what = this.ahead.what[n]
    const index = this.ahead.index[n] as number
    if (what === DO.call) this.call(batch, batch.calls[index] as Call, n)
    else if (what === DO.tool) this.tool(batch, batch.steps[index] as Step, n)
    else if (what === DO.step) this.step(batch, batch.steps[index] as Step, n)
  }

  private step(batch: Batch, step: Step, n: number): void {
    const key = this.ahead.agentRuns[n] as number
    if (step.kind === 'agent') this.agent(batch, step, key, this.ahead.roots[n] as number)
    else if (step.kind === 'user_turn') this.userTurn(key, step.startMs)
    else this.families.nest(step)
  }

  private userTurn(key: number, timeMs: number): void {
    this.runs.of(key, timeMs).beginTurn(toTicks(timeMs))
  }

  private agent(batch: Batch, step: Step, key: number, root: number): void {
    if (this.orphans.any) this.adopt(batch, step, ownKey(step.ids), key)
    this.families.agent(batch, step, root)
    // An agent that nobody called was called by the user: what comes after it is another turn.
    if (step.ids.parent < 0 && step.endMs > 0) this.userTurn(key, step.endMs)
  }

  private adopt(batch: Batch, subject: Call | Step, around: number, owner: number): void {
    const moved = this.orphans.adopt(around, owner, subject.startMs)
    if (moved === 0) return
    const run = this.runs.of(owner, subject.startMs)
    for (let at = run.length - moved; at < run.length; at++) this.lookAt(batch, run, at, subject, false)
  }

  private call(batch: Batch, call: Call, n: number): void {
    const { ahead } = this
    const key = ahead.agentRuns[n] as number
    const root = ahead.roots[n] as number
    const pico = ahead.pico[n] as number
    const isBilled = call.bill === 'billed'
    if (isBilled) this.families.spend(batch, call, root, pico)
    if (this.orphans.any && call.ids.bytes === batch.items.bytes) this.adopt(batch, call, parentKey(call.ids), key)
    const run = this.runs.ofFetched(n, key, ahead.endMs[n] as number)
    if (run.isNew) this.families.firstOf(batch, call, root)
    if (isBilled) {
      run.setDouble(DOUBLE.pico, run.double(DOUBLE.pico) + pico)
      run.setDouble(DOUBLE.tokens, run.double(DOUBLE.tokens) + (ahead.tokens[n] as number))
    }
    if (call.correctionOf === undefined && call.role === 'inference') this.chat(batch, call, run, n)
  }

  private chat(batch: Batch, call: Call, run: Run, n: number): void {
    const { ahead } = this
    const input = ahead.inputs[n] as number
    if (input !== UNKNOWN_COUNT) run.set(WORD.seen, run.get(WORD.seen) | SEEN.inputs)
    let status = 0
    if (call.errorType === undefined) {
      const start = toTicks(ahead.startMs[n] as number)
      const end = toTicks(ahead.endMs[n] as number)
      const first = run.insertChat(start, end, input, ahead.outputs[n] as number, ahead.isFinal[n] === 1)
      if (first < 0) return
      this.lookFrom(batch, run, first, call, true)
    } else if (call.item >= 0 && call.ids.bytes === batch.items.bytes) status = this.statusOf(batch, call.item)
    this.modelCalls.seen(batch, call, run, status, ahead.pico[n] as number, ahead.outputs[n] as number)
  }

  private statusOf({ items }: Batch, item: number): number {
    for (const key of this.statusKeys) {
      const hit = items.find(item, key)
      if (hit >= 0 && items.index.hitType[hit] === INT) return items.index.hitNum[hit] as number
    }
    return 0
  }

  private tool(batch: Batch, step: Step, n: number): void {
    const { ahead } = this
    const { toolCalls } = ahead
    const call = n * TOOL_CALL_WORDS
    const root = ahead.roots[n] as number
    const guess = ahead.agentRuns[n] as number
    const startMs = ahead.startMs[n] as number
    const key = this.orphans.keyOf(step, guess, toolCalls, call)
    const run = key === guess ? this.runs.ofFetched(n, key, startMs) : this.runs.of(key, startMs)
    if (startMs === 0 && run.length > 0) toolCalls[call + TOOL_CALL.start] = run.startAt(run.length - 1)
    const isNew = run.isNew
    const position = run.insert(toolCalls, call)
    if (position < 0) return
    if (isNew) this.families.firstOf(batch, step, root)
    run.set(WORD.seen, run.get(WORD.seen) | (ahead.seen[n] as number))
    this.families.tool(batch, step, root)
    this.families.charge(run, root, position)
    this.conversations.seen(batch, step, ahead.conversations[n] as number, toolCalls, call)
    if (run.mayRepeat || position < run.length - 1) this.lookFrom(batch, run, position, step, false)
    else this.lookAtNew(batch, run, position, step)
  }

  /** Looks at the newest tool call if neither it nor its outcome came before: then only failures and sizes may tell. */
  private lookAtNew(batch: Batch, run: Run, at: number, step: Step): void {
    const row = run.physical(at)
    if (run.isErrorIn(row) || run.isPartial(row) || run.resultIn(row) <= this.smallResult)
      this.lookAt(batch, run, at, step, false)
    else this.episodes.quiet(run)
  }

  /**
   * Looks at a tool call, and where it came late at those behind it, which it may have changed: not if there is none like
   * it, for then it only stands between the others. Much later ones are looked at as if they had come in time, and from
   * the newest call on.
   */
  private lookFrom(batch: Batch, run: Run, position: number, subject: Call | Step, isChat: boolean): void {
    const newest = run.length - 1
    if (position < newest && !isChat) {
      const row = run.physical(position)
      if (!this.isRepeating(run, row, 2) && !this.isTelling(run, position, row)) return
    }
    const to = Math.min(newest, position + LATE_MAX)
    for (let at = position; at <= to; at++) this.lookAt(batch, run, at, subject, isChat)
    if (to < newest) this.lookAt(batch, run, newest, subject, isChat)
  }

  private lookAt(batch: Batch, run: Run, at: number, subject: Call | Step, isChat: boolean): void {
    const row = run.physical(at)
    if ((!isChat && this.isRepeating(run, row, this.fewest)) || this.isTelling(run, at, row)) {
      // All was said about it: that it goes on is all there is to see.
      if (!this.episodes.mayTell(run, subject)) {
        this.episodes.goesOn(run)
        return
      }
      this.history.load(run, at)
      const rules = this.profiles.of(this.verdicts.ruleOf(subject.tags.agent), this.tools.ruleOf(run.toolAt(at)))
      const found = findLoop(this.history, rules, (run.get(WORD.seen) & SEEN.inputs) !== 0)
      if (found !== undefined) {
        this.episodes.found(batch, run, this.history, rules, found, subject)
        return
      }
    }
    if (!isChat && at === run.length - 1) this.episodes.quiet(run)
  }

  /** A call that hardly repeats anything, in a run that hardly fails, needs no look. */
  private isRepeating(run: Run, row: number, fewest: number): boolean {
    if (run.occurrences(row) >= fewest) return true
    return run.isErrorIn(row) && bits(run.get(WORD.errors)) >= fewest
  }

  /**
   * Sizes repeat. That of a result is known when the next model call is; it matters where nothing else is recorded, and for
   * searches. Where no model call says what it was given, the sizes of answers are all there is.
   */
  private isTelling(run: Run, at: number, row: number): boolean {
    if (run.isPartial(row)) {
      if (run.sizeOccurrences(row) >= this.fewest) return true
      if ((run.get(WORD.seen) & SEEN.inputs) === 0 && run.answerOccurrences(row) >= this.fewest) return true
    }
    return this.isSmallSearch(run, row) && this.smallSearches(run, at) >= this.settings.barren_search.warn
  }

  private smallSearches(run: Run, newest: number): number {
    const oldest = Math.max(0, newest - this.settings.barren_search.window)
    let count = 0
    for (let at = newest; at >= oldest; at--) if (this.isSmallSearch(run, run.physical(at))) count++
    return count
  }

  private isSmallSearch(run: Run, row: number): boolean {
    return run.resultIn(row) <= this.smallResult && (this.tools.kindOf(run.toolIn(row)) & KIND.search) !== 0
  }
}

/** How many bits are set. */
function bits(word: number): number {
  let count = 0
  for (let rest = word; rest !== 0; rest &= rest - 1) count++
  return count
}

export const EVICTED_TOTAL = {
  name: 'tokenfuse_loop_detector_runs_evicted_total',
  type: 'counter',
  description: 'Runs forgotten because more than max_runs were active.',
} as const
export const RUNS = {
  name: 'tokenfuse_loop_detector_runs',
  type: 'gauge',
  description: 'Agents in runs that are watched now.',
} as const
