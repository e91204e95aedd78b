import * as layout from './layout.ts'
import { mix } from './mix.ts'
import type { Run } from './run.ts'
import { KIND, type Tools } from './tools.ts'

const { RING, UNKNOWN } = layout

/**
 * The tool calls of one run that are looked at together, the newest first: those since the user last spoke, up to a given
 * one. Calls that one model answer asked for together count once if they are the same or came to the same: the model did
 * not know yet.
 */
export class History {
  length = 0
  readonly positions = new Int32Array(RING)
  readonly calls = new Uint32Array(RING)
  readonly outcomes = new Uint32Array(RING)
  readonly tools = new Uint16Array(RING)
  private readonly registry: Tools
  private run: Run

  constructor(registry: Tools, run: Run) {
    this.registry = registry
    this.run = run
  }

  /** Valid until the window of the run moves on: only what all detectors compare is copied. */
  load(run: Run, newest: number): void {
    this.run = run
    let n = 0
    for (let position = newest; position >= 0 && run.isInTurn(position); position--) {
      this.positions[n] = position
      this.calls[n] = run.callAt(position)
      this.outcomes[n] = run.outcomeAt(position)
      this.tools[n] = run.toolAt(position)
      if (n === 0 || !this.isOneOf(run, position, n)) n++
    }
    this.length = n
  }

  private isOneOf(run: Run, position: number, at: number): boolean {
    const later = at - 1
    if (!run.isSameAnswer(position, this.positions[later] as number)) return false
    const call = this.calls[at] as number
    const outcome = this.outcomes[at] as number
    if (call === 0 && outcome === 0) return this.tools[at] === this.tools[later]
    return (call !== 0 && call === this.calls[later]) || (outcome !== 0 && outcome === this.outcomes[later])
  }

  isError(at: number): boolean {
    return this.run.isErrorAt(this.positions[at] as number)
  }
  /** Whether its tool is of a kind. */
  is(at: number, kind: number): boolean {
    return (this.registry.kindOf(this.tools[at] as number) & kind) !== 0
  }
  exactOf(at: number): number {
    return this.run.exactAt(this.positions[at] as number)
  }
  /** Tokens that its result added to the context, UNKNOWN = not known. */
  resultOf(at: number): number {
    return this.run.resultAt(this.positions[at] as number)
  }
  /** Tokens of the model's answer that asked for it, UNKNOWN = not known. */
  outputOf(at: number): number {
    return this.run.outputAt(this.positions[at] as number)
  }
  idleMsOf(at: number): number {
    return this.run.idleMsAt(this.positions[at] as number)
  }
  hasContent(at: number): boolean {
    return this.calls[at] !== 0 && this.outcomes[at] !== 0
  }

  /** The same call with the same outcome; what is not recorded is the same as nothing. */
  isSame(a: number, b: number): boolean {
    if (this.calls[a] === 0 || this.calls[a] !== this.calls[b]) return false
    if (this.outcomes[a] !== 0) return this.outcomes[a] === this.outcomes[b]
    return this.outcomes[b] === 0 && this.isError(a) === this.isError(b) && this.isSameResultSize(a, b)
  }

  /** The same call where no outcome is recorded, and none is known to differ. */
  isSameBlindly(a: number, b: number): boolean {
    if (this.calls[a] === 0 || this.calls[a] !== this.calls[b]) return false
    if (this.outcomes[a] !== 0 || this.outcomes[b] !== 0 || this.isError(a) !== this.isError(b)) return false
    const result = this.resultOf(a)
    const other = this.resultOf(b)
    return result === UNKNOWN || other === UNKNOWN || result === other
  }

  isSameResultSize(a: number, b: number): boolean {
    const size = this.resultOf(a)
    return size !== UNKNOWN && size === this.resultOf(b)
  }
  isSameOutputSize(a: number, b: number): boolean {
    const size = this.outputOf(a)
    return size !== UNKNOWN && size === this.outputOf(b)
  }

  /** What a call stands for when going in circles: an error for its class, anything else for itself; 0 = not known. */
  gistOf(at: number): number {
    const outcome = this.outcomes[at] as number
    if (outcome === 0 || this.isError(at)) return outcome
    const call = this.calls[at] as number
    return call === 0 ? 0 : mix(call, outcome)
  }

  /** The newest call failed; here its tool had got over such a failure. A tool that runs anything must have run the same. */
  isOvercomeAt(at: number): boolean {
    if (!this.isError(0) || this.isError(at) || this.tools[at] !== this.tools[0]) return false
    return !this.is(0, KIND.generic) || (this.calls[0] !== 0 && this.calls[at] === this.calls[0])
  }

  /** Whether a call brought something new by itself: a change that succeeded and had not been made before. */
  isNewChange(at: number): boolean {
    if (this.isError(at) || !this.is(at, KIND.acting | KIND.generic)) return false
    const call = this.calls[at] as number
    if (call === 0) return this.is(at, KIND.acting)
    for (let older = at + 1; older < this.length; older++) if (this.calls[older] === call) return false
    return true
  }
}
