import type { Call } from '../../genai/call.ts'
import type { Step } from '../../genai/step.ts'
import type { Finding } from './finding.ts'
import type { History } from './history.ts'
import { DOUBLE, SEEN, UNKNOWN, WORD } from './layout.ts'
import type { Run } from './run.ts'
import type { Tools } from './tools.ts'

const TOOLS_MAX = 12

/** One sentence for a person. */
export function reasonOf(history: History, tools: Tools, finding: Finding): string {
  const names = toolsOf(history, tools, finding)
  const { period } = finding
  const who = names.length === 1 ? `the tool ${names[0]}` : `${period} calls (${names.join(', ')})`
  return `${who} ${finding.what}`
}

/** Everything that somebody who doubts a verdict would ask for; numbers, strings and lists of them. */
export function evidenceOf(run: Run, history: History, tools: Tools, finding: Finding, subject: Call | Step) {
  const { period, repeats, threshold, window } = finding
  const seen = run.get(WORD.seen)
  const last = run.length - 1
  return {
    ...{ period, repeats, threshold, window },
    tools: toolsOf(history, tools, finding),
    calls: run.get(WORD.calls),
    model_calls: run.get(WORD.modelCalls),
    calls_since_onset: run.get(WORD.calls) - run.get(WORD.onsetCalls),
    tokens_since_onset: Math.round(run.double(DOUBLE.tokens) - run.double(DOUBLE.onsetTokens)),
    onset_span_id: hex(run.get(WORD.onsetSpanHigh)) + hex(run.get(WORD.onsetSpanLow)),
    onset_time: new Date(run.double(DOUBLE.onsetMs)).toISOString(),
    last_span_id: subject.spanId,
    last_time: new Date(last < 0 ? subject.startMs : run.startMsAt(last)).toISOString(),
    fingerprints: fingerprintsOf(history, period),
    result_tokens: sizesOf(history, period),
    arguments_recorded: (seen & SEEN.arguments) !== 0,
    results_recorded: (seen & SEEN.results) !== 0,
    reset_by: RESETS[finding.detector] ?? RESET_BY_CHANGE,
  }
}

const RESET_BY_CHANGE = 'another tool, other arguments or another outcome; a user turn'
const RESETS: Readonly<Partial<Record<Finding['detector'], string>>> = {
  repeated_error: 'a success, or another error; a user turn',
  failing_tool: 'calls that succeed; a user turn',
  same_result: 'another result; a user turn',
  same_args: 'other arguments; a user turn',
  barren_search: 'a search that finds something, or another tool; a user turn',
  size_cycle: 'another tool, or an outcome of another size; a user turn',
}

/** Names of the tools that take part, each once, the newest first. */
function toolsOf(history: History, tools: Tools, { period, window, detector }: Finding): readonly string[] {
  const names = new Set<string>()
  const isOneTool = period === 1
  const to = detector === 'circling' ? window : period
  for (let at = 0; at < Math.min(to, history.length) && names.size < TOOLS_MAX; at++) {
    names.add(tools.nameOf(history.tools[at] as number))
    if (isOneTool) break
  }
  return [...names]
}

const hex = (word: number): string => word.toString(16).padStart(8, '0')

/** Of each call of the newest round: its arguments, and its outcome; zeros = not recorded. */
function fingerprintsOf(history: History, period: number): readonly string[] {
  return Array.from({ length: Math.min(period, history.length) }, (_, at) =>
    [history.calls[at], history.outcomes[at]].map((word) => hex(word ?? 0)).join(':'),
  )
}

function sizesOf(history: History, period: number): readonly number[] {
  return Array.from({ length: Math.min(period, history.length) }, (_, at) => history.resultOf(at)).filter(
    (size) => size !== UNKNOWN,
  )
}
