import { LRUCache } from 'lru-cache'
import type { Call } from '../../genai/call.ts'
import { combine, hashText } from '../../genai/hash.ts'
import { type Pico, parseUsd } from '../../genai/money.ts'
import type { Step } from '../../genai/step.ts'
import { totalInput, totalOutput } from '../../genai/usage.ts'
import { attributeKey } from '../../otlp/attributes.ts'
import type { Batch } from '../../pipeline/batch.ts'
import type { Processor } from '../../pipeline/component.ts'
import type { Host } from '../../pipeline/host.ts'
import type { MetricChild, MetricFamily } from '../../pipeline/telemetry/metrics.ts'
import type { Config } from './config.ts'
import { cycleVerdict } from './evidence.ts'
import { exactCycle } from './exact-cycle.ts'
import { runKey } from './run-key.ts'
import { RunState } from './run-state.ts'

const VERDICT = attributeKey('tokenfuse.verdict')
const REASON = attributeKey('tokenfuse.verdict.reason')
const DETECTOR = attributeKey('tokenfuse.verdict.detector')
const TOOL_HASHES_MAX = 10_000

/** Watches the tool calls of every run; says when one spins. Reports only: what follows is policy. */
export class LoopDetector implements Processor {
  private readonly settings: Config
  private readonly host: Host
  private readonly minWasted: Pico
  private readonly runs: LRUCache<string, RunState>
  private readonly toolHashes = new Map<string, number>()
  private readonly verdicts: MetricFamily
  private readonly evicted: MetricChild

  constructor(settings: Config, host: Host) {
    this.settings = settings
    this.host = host
    this.minWasted = parseUsd(settings.min_wasted_usd) ?? 0
    this.verdicts = host.metrics.counter('tokenfuse_loop_detector_verdicts_total', 'Verdicts by detector and level.', [
      'detector',
      'level',
    ])
    this.evicted = host.metrics
      .counter('tokenfuse_loop_detector_runs_evicted_total', 'Runs forgotten because more than max_runs were active.')
      .child()
    this.runs = new LRUCache({
      max: settings.max_runs,
      dispose: (_run, _key, why) => why === 'evict' && this.evicted.add(1),
    })
    host.metrics.observe('gauge', 'tokenfuse_loop_detector_runs', 'Runs watched now.', [], () => [
      { labels: [], value: this.runs.size },
    ])
  }

  async start(): Promise<void> {}
  async shutdown(): Promise<void> {}

  process(batch: Batch): void {
    if (batch.steps.length === 0 && batch.calls.length === 0) return
    // In order of time, so that money spent before a call is on its run's account before the call is looked at.
    const calls = batch.calls.length > 1 ? batch.calls.toSorted((a, b) => a.endMs - b.endMs) : batch.calls
    const steps = batch.steps.length > 1 ? batch.steps.toSorted((a, b) => a.endMs - b.endMs) : batch.steps
    let c = 0
    for (const step of steps) {
      for (; c < calls.length && (calls[c] as Call).endMs <= step.endMs; c++) this.spend(calls[c] as Call)
      if (step.kind === 'tool') this.look(batch, step)
      else if (step.kind === 'user_turn') this.runs.get(runKey(step.tags, step.agentId))?.reset()
    }
    for (; c < calls.length; c++) this.spend(calls[c] as Call)
  }

  private spend(call: Call): void {
    if (call.bill !== 'billed') return
    const run = this.runOf(runKey(call.tags, call.agentId), call.endMs)
    run.costPico += Number(call.cost?.pico ?? 0)
    run.tokens += totalInput(call.usage) + totalOutput(call.usage)
  }

  private look(batch: Batch, step: Step): void {
    const run = this.runOf(runKey(step.tags, step.agentId), step.endMs)
    const { bytes, span } = step.ids
    const fresh = run.add({
      fingerprint: this.fingerprint(step),
      tool: step.name,
      startMs: step.startMs,
      spanHigh: span < 0 ? 0 : word(bytes, span),
      spanLow: span < 0 ? 0 : word(bytes, span + 4),
    })
    if (!fresh || !this.settings.exact_cycle.enabled) return
    const cycle = exactCycle(run, this.settings.exact_cycle)
    if (cycle === undefined) {
      run.level = 'none'
      return
    }
    if (run.level === cycle.level || run.level === 'critical') return
    run.level = cycle.level
    const verdict = cycleVerdict(run, step, cycle, this.settings, this.minWasted, this.host.clock.now())
    batch.verdicts.push(verdict)
    this.verdicts.child(verdict.detector, verdict.level).add(1)
    batch.items.addString(step.item, VERDICT, verdict.level)
    batch.items.addString(step.item, REASON, verdict.reason)
    batch.items.addString(step.item, DETECTOR, verdict.detector)
  }

  private runOf(key: string, timeMs: number): RunState {
    let run = this.runs.get(key)
    if (run === undefined || timeMs - run.lastSeenMs > this.settings.idle_ttl) {
      run = new RunState()
      run.lastSeenMs = timeMs
      this.runs.set(key, run)
    }
    if (timeMs > run.lastSeenMs) run.lastSeenMs = timeMs
    return run
  }

  /** Tool, arguments and outcome in one number; an error counts by its class. What is not recorded equals nothing. */
  private fingerprint(step: Step): number {
    const outcome = step.errorClass ?? step.resultHash
    if (step.argsHash === undefined || outcome === undefined) return Number.NaN
    return combine(combine(this.toolHash(step.name), step.argsHash), outcome)
  }

  private toolHash(name: string): number {
    let hash = this.toolHashes.get(name)
    if (hash === undefined) {
      if (this.toolHashes.size >= TOOL_HASHES_MAX) this.toolHashes.clear()
      hash = hashText(name)
      this.toolHashes.set(name, hash)
    }
    return hash
  }
}

/** Four bytes, big-endian, as a span id is written. */
function word(bytes: Uint8Array, at: number): number {
  return (
    (((bytes[at] as number) << 24) |
      ((bytes[at + 1] as number) << 16) |
      ((bytes[at + 2] as number) << 8) |
      (bytes[at + 3] as number)) >>>
    0
  )
}
