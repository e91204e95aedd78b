import type { Call } from '../../genai/call.ts'
import { usdString } from '../../genai/money.ts'
import type { Step } from '../../genai/step.ts'
import type { Batch } from '../../pipeline/batch.ts'
import type { Config } from './config.ts'
import type { Detector } from './detectors.ts'
import { levelOf } from './finding.ts'
import { ownKey, parentKey } from './identity.ts'
import * as layout from './layout.ts'
import { RecentMap } from './recent-map.ts'
import type { Run } from './run.ts'
import { Slab } from './slab.ts'
import { Slots } from './slots.ts'
import type { Verdicts } from './verdicts.ts'

const { DOUBLE, WORD } = layout

/** What is counted of a whole run, all its agents together. */
const PLACE = { pico: 0, modelCalls: 2, toolCalls: 3, agentSpans: 4, agentsActive: 5, depth: 6, told: 7 } as const
const WORDS = 8
const CLIMB_MAX = 64
/** Two bits each in `told`. */
const TOLD = { fan_out: 0, depth: 2, model_calls: 4, tool_calls: 6 } as const

type Told = keyof typeof TOLD

interface Limit {
  readonly detector: Detector
  readonly told: Told
  readonly warn: number
  readonly critical: number
}

/** Made for verdicts only: a run that is over a limit is looked at with each of its calls. */
const SAID: Readonly<Record<Told, (count: number) => string>> = {
  fan_out: (count) => `${count} agents in one run`,
  depth: (count) => `agents nested ${count} deep`,
  model_calls: (count) => `${count} model calls in one run`,
  tool_calls: (count) => `${count} tool calls in one run`,
}

const orNever = (n: number): number => (n === 0 ? Number.POSITIVE_INFINITY : n)

/** Below this nothing needs to be said. */
const fewestOf = (enabled: boolean, warn: number, critical: number): number =>
  enabled ? Math.min(orNever(warn), orNever(critical)) : Number.POSITIVE_INFINITY

/** Whole runs: what they spend, how many agents they start, how deep those are nested, flat limits. */
export class Families {
  private readonly settings: Config
  private readonly verdicts: Verdicts
  private readonly limits: Readonly<Record<Told, Limit>>
  private readonly fewest: { readonly modelCalls: number; readonly toolCalls: number; readonly agents: number }
  private readonly slots: Slots
  private readonly slab = new Slab(WORDS)
  /** From a span to how many agents are nested below it, for spans that have not arrived themselves. */
  private readonly heights: RecentMap
  /** From an agent's span that has arrived to the span around it. */
  private readonly passed: RecentMap
  private isNested = false
  private round = 0
  private lastKey = -1
  private lastRound = -1
  /** The run at hand. */
  private words: Uint32Array = new Uint32Array(0)
  private doubles: Float64Array = new Float64Array(0)
  private base = 0

  constructor(settings: Config, verdicts: Verdicts) {
    this.settings = settings
    this.verdicts = verdicts
    const { caps, fan_out: fanOut, depth } = settings
    this.limits = {
      fan_out: { detector: 'fan_out', told: 'fan_out', warn: fanOut.warn, critical: fanOut.critical },
      depth: { detector: 'depth', told: 'depth', warn: depth.warn, critical: depth.critical },
      model_calls: {
        detector: 'caps',
        told: 'model_calls',
        warn: caps.warn_model_calls,
        critical: caps.max_model_calls,
      },
      tool_calls: { detector: 'caps', told: 'tool_calls', warn: caps.warn_tool_calls, critical: caps.max_tool_calls },
    }
    this.fewest = {
      modelCalls: fewestOf(caps.enabled, caps.warn_model_calls, caps.max_model_calls),
      toolCalls: fewestOf(caps.enabled, caps.warn_tool_calls, caps.max_tool_calls),
      agents: fewestOf(fanOut.enabled, fanOut.warn, fanOut.critical),
    }
    this.slots = new Slots(settings.max_runs, () => {})
    this.heights = new RecentMap(settings.max_runs)
    this.passed = new RecentMap(settings.max_runs)
  }

  beginRound(): void {
    this.round = (this.round + 1) | 0
  }

  /** A billed model call. */
  spend(batch: Batch, call: Call, key: number, pico: number): void {
    this.at(key)
    const { doubles } = this
    const at = this.base >> 1
    doubles[at] = (doubles[at] as number) + pico
    if (call.correctionOf !== undefined) return
    const count = this.increase(PLACE.modelCalls)
    if (count >= this.fewest.modelCalls) this.check(batch, call, this.limits.model_calls, count)
  }

  /** A tool call, counted once. */
  tool(batch: Batch, step: Step, key: number): void {
    this.at(key)
    const count = this.increase(PLACE.toolCalls)
    if (count >= this.fewest.toolCalls) this.check(batch, step, this.limits.tool_calls, count)
    if (this.isNested) this.nest(step)
  }

  /** The first sign of life of one agent in a run. */
  firstOf(batch: Batch, subject: Call | Step, key: number): void {
    this.at(key)
    this.fanOut(batch, subject, this.increase(PLACE.agentsActive))
  }

  /** The span of an agent, counted once. */
  agent(batch: Batch, step: Step, key: number): void {
    const own = ownKey(step.ids)
    if (own !== 0 && this.passed.get(own) !== undefined) return
    this.at(key)
    this.fanOut(batch, step, this.increase(PLACE.agentSpans))
    const parent = parentKey(step.ids)
    if (own !== 0) this.passed.set(own, parent)
    const height = (own === 0 ? 0 : (this.heights.get(own) ?? 0)) + 1
    const { enabled } = this.settings.depth
    const count = this.climb(parent, height)
    if (!enabled || count <= this.word(PLACE.depth)) return
    this.setWord(PLACE.depth, count)
    this.check(batch, step, this.limits.depth, count)
  }

  /** A span that may stand between an agent and one that it called. */
  nest(step: Step): void {
    if (!this.isNested) return
    const height = this.heights.get(ownKey(step.ids))
    if (height !== undefined) this.climb(parentKey(step.ids), height)
  }

  /**
   * Charges a tool call with what was spent since the one before. An agent of which no model call is known is charged
   * with what its whole run spends: its calls are there, only without its name.
   */
  charge(run: Run, key: number, position: number): void {
    if (run.get(WORD.modelCalls) === 0) {
      this.at(key)
      const spent = this.doubles[this.base >> 1] as number
      const seen = run.double(DOUBLE.rootSeen)
      if (run.get(WORD.calls) > 1) run.setDouble(DOUBLE.pico, run.double(DOUBLE.pico) + Math.max(0, spent - seen))
      run.setDouble(DOUBLE.rootSeen, spent)
    }
    const pico = run.double(DOUBLE.pico)
    const tokens = run.double(DOUBLE.tokens)
    const isNewest = position === run.length - 1
    if (isNewest) {
      const before = run.double(DOUBLE.chargedTokens)
      const spent = Math.max(0, pico - run.double(DOUBLE.chargedPico))
      const charged = run.charge(position, spent, Math.max(0, tokens - before))
      run.setDouble(DOUBLE.chargedPico, pico)
      run.setDouble(DOUBLE.chargedTokens, before + charged)
    }
  }

  private climb(from: number, height: number): number {
    let best = height
    let key = from
    for (let i = 0; i < CLIMB_MAX && key !== 0; i++) {
      this.isNested = true
      if (best > (this.heights.get(key) ?? 0)) this.heights.set(key, best)
      // An agent that arrived before what it called: go on from there.
      const around = this.passed.get(key)
      if (around === undefined) return best
      best++
      key = around
    }
    return best
  }

  private fanOut(batch: Batch, subject: Call | Step, count: number): void {
    if (count >= this.fewest.agents) this.check(batch, subject, this.limits.fan_out, count)
  }

  private check(batch: Batch, subject: Call | Step, limit: Limit, count: number): void {
    const { detector, warn, critical } = limit
    const level = levelOf(count, orNever(warn), orNever(critical))
    if (level === undefined) return
    const shift = TOLD[limit.told]
    const told = (this.word(PLACE.told) >>> shift) & 3
    const now = level === 'critical' ? 2 : 1
    if (told >= now) return
    this.setWord(PLACE.told, (this.word(PLACE.told) & ~(3 << shift)) | (now << shift))
    const pico = this.doubles[this.base >> 1] as number
    this.verdicts.tell(batch, subject, {
      ...{ detector, level, reason: SAID[limit.told](count), wastedPico: pico },
      evidence: {
        ...{ count, threshold: level === 'critical' ? critical : warn, last_span_id: subject.spanId },
        usd_of_run: usdString(Math.round(pico)),
        reset_by: 'a new run',
      },
    })
  }

  /** Moves the window to a run. */
  private at(key: number): void {
    if (key === this.lastKey && this.round === this.lastRound) return
    const slot = this.place(key)
    this.lastKey = key
    this.lastRound = this.round
    this.words = this.slab.chunk(slot)
    this.doubles = this.slab.doubles(slot)
    this.base = this.slab.base(slot)
  }

  private place(key: number): number {
    let slot = this.slots.find(key)
    if (slot < 0) {
      slot = this.slots.add(key, this.round)
      this.slab.chunk(slot)
      this.slab.clear(slot)
    } else this.slots.touch(slot, this.round)
    return slot
  }

  private word(place: number): number {
    return this.words[this.base + place] as number
  }
  private setWord(place: number, value: number): void {
    this.words[this.base + place] = value
  }
  private increase(place: number): number {
    const { words } = this
    const at = this.base + place
    const count = (words[at] as number) + 1
    words[at] = count
    return count
  }
}
