import type { Call } from '../../genai/call.ts'
import type { Step } from '../../genai/step.ts'
import type { Batch } from '../../pipeline/batch.ts'
import { evidenceOf, reasonOf } from './evidence.ts'
import { othersOf } from './find.ts'
import type { Finding } from './finding.ts'
import type { History } from './history.ts'
import * as layout from './layout.ts'
import type { Run } from './run.ts'
import type { Thresholds } from './thresholds.ts'
import type { Tools } from './tools.ts'
import type { Verdicts } from './verdicts.ts'

const { DOUBLE, SEEN, WORD } = layout

const WARNED = 1
const CRITICAL = 2
const LEVELS = 3
const ACTED = 4
const QUIET_SHIFT = 8
/** Calls without a finding after which a loop is over, and the next one is told anew. */
const QUIET_MAX = 12

/** Tells a loop once as a warning and once as critical, and once more when by then it has cost enough to be acted upon. */
export class Episodes {
  private readonly verdicts: Verdicts
  private readonly tools: Tools

  constructor(verdicts: Verdicts, tools: Tools) {
    this.verdicts = verdicts
    this.tools = tools
  }

  /** A call that no detector minded. */
  quiet(run: Run): void {
    const state = run.get(WORD.episode)
    if (state === 0) return
    const calls = (state >>> QUIET_SHIFT) + 1
    run.set(WORD.episode, calls >= QUIET_MAX ? 0 : (state & 0xff) | (calls << QUIET_SHIFT))
  }

  /** Whether a finding could still change anything: a loop is told once, and once more when it is to be acted upon. */
  mayTell(run: Run, subject: Call | Step): boolean {
    const state = run.get(WORD.episode)
    if ((state & LEVELS) < CRITICAL) return true
    return (state & ACTED) === 0 && this.acted(run, subject) !== 0
  }

  /** A call that looks like the loop that was told. */
  goesOn(run: Run): void {
    run.set(WORD.episode, run.get(WORD.episode) & 0xff)
  }

  found(batch: Batch, run: Run, history: History, t: Thresholds, finding: Finding, subject: Call | Step): void {
    const state = run.get(WORD.episode) & 0xff
    if (finding.level === 'warn') {
      run.set(WORD.episode, Math.max(state, WARNED))
      if (state !== 0) return
      begin(run, finding)
    } else if ((state & LEVELS) < CRITICAL) {
      begin(run, finding)
      run.set(WORD.episode, CRITICAL | this.acted(run, subject))
    } else {
      run.set(WORD.episode, state)
      if ((state & ACTED) !== 0 || this.acted(run, subject) === 0) return
      run.set(WORD.episode, CRITICAL | ACTED)
    }
    this.verdicts.tell(batch, subject, {
      detector: finding.detector,
      level: finding.level,
      reason: reasonOf(history, this.tools, finding),
      wastedPico: wastedOf(run),
      evidence: {
        ...evidenceOf(run, history, this.tools, finding, subject),
        also: othersOf(history, t, (run.get(WORD.seen) & SEEN.inputs) !== 0, finding),
      },
    })
  }

  private acted(run: Run, subject: Call | Step): number {
    return this.verdicts.actionOf(subject.tags.agent, wastedOf(run)) === 'signal' ? 0 : ACTED
  }
}

const wastedOf = (run: Run): number => run.double(DOUBLE.pico) - run.double(DOUBLE.onsetPico)

/** Remembers where the loop began, so that its cost is known however long it goes on. */
function begin(run: Run, { onset }: Finding): void {
  let pico = run.double(DOUBLE.pico)
  let tokens = run.double(DOUBLE.tokens)
  for (let i = run.length - 1; i >= onset; i--) {
    pico -= run.picoAt(i)
    tokens -= run.tokensAt(i)
  }
  run.setDouble(DOUBLE.onsetPico, Math.max(0, pico))
  run.setDouble(DOUBLE.onsetTokens, Math.max(0, tokens))
  run.setDouble(DOUBLE.onsetMs, run.startMsAt(onset))
  run.set(WORD.onsetSpanHigh, run.spanHighAt(onset))
  run.set(WORD.onsetSpanLow, run.spanLowAt(onset))
  run.set(WORD.onsetCalls, run.get(WORD.calls) - (run.length - onset))
}
