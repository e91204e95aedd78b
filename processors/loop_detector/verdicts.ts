import type { Call } from '../../genai/call.ts'
import { type Pico, parseUsd, usdString } from '../../genai/money.ts'
import type { Step } from '../../genai/step.ts'
import type { Verdict, VerdictAction, VerdictLevel } from '../../genai/verdict.ts'
import { attributeKey } from '../../otlp/attributes.ts'
import type { KeyTable } from '../../otlp/keys.ts'
import type { Batch } from '../../pipeline/batch.ts'
import type { Host } from '../../pipeline/host.ts'
import type { MetricFamily } from '../../pipeline/telemetry/metrics.ts'
import type { Config } from './config.ts'
import type { Detector } from './detectors.ts'
import { matches } from './tools.ts'

const VERDICT = attributeKey('tokenfuse.verdict')
const REASON = attributeKey('tokenfuse.verdict.reason')
const DETECTOR = attributeKey('tokenfuse.verdict.detector')
const ACTION = attributeKey('tokenfuse.verdict.action')
const EVIDENCE = attributeKey('tokenfuse.verdict.evidence')
export const VERDICTS_TOTAL = {
  name: 'tokenfuse_loop_detector_verdicts_total',
  type: 'counter',
  description: 'Verdicts by detector and level.',
  labels: ['detector', 'level'],
} as const
const AGENTS_MAX = 10_000

/** A run of which there is no more to say than that its trace has no id is everybody's who sends no ids. */
const isNamed = (run: string | undefined): run is string => run !== undefined && !/^0*$/.test(run)

type AgentRule = Config['agents'][number]

/** What a detector wants to be known. */
export interface Report {
  readonly detector: Detector
  readonly level: VerdictLevel
  readonly reason: string
  /** Spent since it began; what a critical verdict's action depends on. */
  readonly wastedPico: number
  readonly evidence: Readonly<Record<string, unknown>>
}

/** Turns reports into verdicts. Detectors say what they see; what follows from it is decided here, by configuration. */
export class Verdicts {
  private readonly settings: Config
  private readonly host: Host
  private readonly total: MetricFamily
  private readonly ruleByAgent = new Map<string, number>()
  private readonly limits: readonly number[]
  private readonly hasAgents: boolean
  private verdictKey = -1
  private batch: Batch | undefined = undefined
  private annotated = new Set<number>()

  constructor(settings: Config, host: Host) {
    this.settings = settings
    this.host = host
    this.total = host.metrics.counter(VERDICTS_TOTAL.name, VERDICTS_TOTAL.description, VERDICTS_TOTAL.labels)
    const limit = (usd: string | undefined): number => Number(parseUsd(usd ?? settings.min_wasted_usd) ?? 0)
    this.hasAgents = settings.agents.length > 0
    this.limits = [limit(undefined), ...settings.agents.map((agent) => limit(agent.min_wasted_usd))]
  }

  bind(keys: KeyTable): void {
    this.verdictKey = keys.idOf(VERDICT.name)
  }

  /** Number of the entry of `agents` that is about an agent, -1 = none. */
  ruleOf(agent: string | undefined): number {
    if (agent === undefined || !this.hasAgents) return -1
    let rule = this.ruleByAgent.get(agent)
    if (rule === undefined) {
      rule = this.settings.agents.findIndex(({ match }) => matches(match, agent))
      if (this.ruleByAgent.size >= AGENTS_MAX) this.ruleByAgent.clear()
      this.ruleByAgent.set(agent, rule)
    }
    return rule
  }

  isExempt(agent: string | undefined): boolean {
    return this.hasAgents && this.agentRule(agent)?.exempt === true
  }

  /** What a critical verdict would have done to this agent by now. */
  actionOf(agent: string | undefined, wastedPico: number): VerdictAction {
    const rule = this.ruleOf(agent)
    const action = this.agentRule(agent)?.on_critical ?? this.settings.on_critical
    return wastedPico >= (this.limits[rule + 1] ?? 0) ? action : 'signal'
  }

  tell(batch: Batch, subject: Call | Step, report: Report): void {
    const { detector, level, reason, wastedPico, evidence } = report
    const { run, agent } = subject.tags
    // What has no name cannot be stopped, and nothing else must be in its place.
    const would = level === 'critical' && isNamed(run) ? this.actionOf(agent, wastedPico) : 'signal'
    const isShadow = this.settings.mode === 'shadow'
    const verdict: Verdict = {
      timeMs: this.host.clock.now(),
      ...{ kind: 'loop', level, action: isShadow ? 'signal' : would, detector, reason },
      scope: run === undefined ? {} : { run },
      ...{ run, agent, spanId: subject.spanId, spanTimeMs: subject.startMs },
      evidence: {
        ...evidence,
        usd_since_onset: usdString(Math.round(Math.max(0, wastedPico)) as Pico),
        on_critical: this.agentRule(agent)?.on_critical ?? this.settings.on_critical,
        min_wasted_usd: this.agentRule(agent)?.min_wasted_usd ?? this.settings.min_wasted_usd,
        ...(isShadow ? { would } : {}),
      },
      liftedBy: 'tokenfuse resume, or a new run',
    }
    batch.verdicts.push(verdict)
    this.total.child(detector, level).add(1)
    this.annotate(batch, subject, verdict)
  }

  private agentRule(agent: string | undefined): AgentRule | undefined {
    const rule = this.ruleOf(agent)
    return rule < 0 ? undefined : this.settings.agents[rule]
  }

  /** Once per span, and not where another sidecar has done so already. */
  private annotate(batch: Batch, { item, ids }: Call | Step, verdict: Verdict): void {
    const { items } = batch
    if (item < 0 || ids.bytes !== items.bytes || items.find(item, this.verdictKey) >= 0) return
    if (this.batch !== batch) {
      this.batch = batch
      this.annotated = new Set()
    }
    if (this.annotated.has(item)) return
    this.annotated.add(item)
    items.addString(item, VERDICT, verdict.level)
    items.addString(item, REASON, verdict.reason)
    items.addString(item, DETECTOR, verdict.detector)
    items.addString(item, ACTION, verdict.action)
    items.addString(item, EVIDENCE, JSON.stringify(verdict.evidence))
  }
}
