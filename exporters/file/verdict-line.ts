import type { Verdict } from '../../genai/verdict.ts'

const time = (ms: number): string => new Date(ms).toISOString()

/** One line of `format: verdicts`. Other programs read these names. */
export function verdictLine(verdict: Verdict): Readonly<Record<string, unknown>> {
  return {
    time: time(verdict.timeMs),
    run: verdict.run,
    agent: verdict.agent,
    kind: verdict.kind,
    level: verdict.level,
    action: verdict.action,
    detector: verdict.detector,
    reason: verdict.reason,
    span_id: verdict.spanId,
    span_time: time(verdict.spanTimeMs),
    evidence: verdict.evidence,
  }
}
