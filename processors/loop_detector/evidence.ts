import type { Pico } from '../../genai/money.ts'
import { usdString } from '../../genai/money.ts'
import type { Step } from '../../genai/step.ts'
import type { Verdict, VerdictAction } from '../../genai/verdict.ts'
import type { Config } from './config.ts'
import type { Cycle } from './exact-cycle.ts'
import type { RunState } from './run-state.ts'

const TOOLS_MAX = 12

/** The verdict on a cycle, with everything that somebody who doubts it would ask for. */
export function cycleVerdict(
  run: RunState,
  step: Step,
  cycle: Cycle,
  settings: Config,
  minWasted: Pico,
  timeMs: number,
): Verdict {
  const wasted = Math.max(0, run.costPico - (run.costsPico[cycle.onset] ?? 0))
  const tools = [...new Set(run.tools.slice(run.length - cycle.period, run.length))].slice(0, TOOLS_MAX)
  const action: VerdictAction =
    cycle.level === 'critical' && wasted >= Number(minWasted) ? settings.on_critical : 'signal'
  const what = cycle.period === 1 ? `the call ${tools[0]}` : `a cycle of ${cycle.period} calls (${tools.join(', ')})`
  return {
    timeMs,
    kind: 'loop',
    level: cycle.level,
    action,
    detector: 'exact_cycle',
    reason: `${what} came ${cycle.repeats} times with the same arguments and the same result`,
    scope: scopeOf(step),
    run: step.tags.run,
    agent: step.tags.agent,
    spanId: step.spanId,
    spanTimeMs: step.startMs,
    evidence: {
      period: cycle.period,
      repeats: cycle.repeats,
      tools,
      calls: run.calls,
      calls_since_onset: run.length - cycle.onset,
      onset_span_id: spanId(run, cycle.onset),
      onset_time: new Date(run.startsMs[cycle.onset] ?? 0).toISOString(),
      last_span_id: step.spanId,
      usd_since_onset: usdString(Math.round(wasted)),
      tokens_since_onset: run.tokens - (run.tokensAt[cycle.onset] ?? 0),
      fingerprints: Array.from(run.fingerprints.slice(run.length - cycle.period, run.length), (f) => f.toString(16)),
      threshold: cycle.period === 1 ? settings.exact_cycle.critical_period_1 : settings.exact_cycle.critical,
      reset_by: 'a call with another tool, other arguments or another result, or a user turn',
    },
    liftedBy: 'tokenfuse resume, or a new run',
  }
}

function scopeOf(step: Step): Record<string, string> {
  return step.tags.run === undefined ? { agent: step.tags.agent ?? '' } : { run: step.tags.run }
}

const spanId = (run: RunState, at: number): string =>
  [run.spans[at * 2] ?? 0, run.spans[at * 2 + 1] ?? 0].map((word) => word.toString(16).padStart(8, '0')).join('')
