import { RING, UNKNOWN } from './layout.ts'
import { mix } from './mix.ts'
import type { Run } from './run.ts'
import { KIND, type Tools } from './tools.ts'

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
  readonly exacts = new Uint32Array(RING)
  readonly tools = new Uint16Array(RING)
  readonly errors = new Uint8Array(RING)
  readonly outputs = new Uint16Array(RING)
  readonly results = new Uint16Array(RING)
  readonly idles = new Float64Array(RING)
  readonly kinds = new Uint8Array(RING)
  private readonly registry: Tools

  constructor(registry: Tools) {
    this.registry = registry
  }

  load(run: Run, newest: number): void {
    let n = 0
    for (let position = newest; position >= 0 && run.isInTurn(position); position--) {
      this.read(run, position, n)
      if (n === 0 || !this.isOneOf(run, position, n)) n++
    }
    this.length = n
  }

  private read(run: Run, position: number, at: number): void {
    this.positions[at] = position
    this.calls[at] = run.callAt(position)
    this.outcomes[at] = run.outcomeAt(position)
    this.exacts[at] = run.exactAt(position)
    const tool = run.toolAt(position)
    this.tools[at] = tool
    this.kinds[at] = this.registry.kindOf(tool)
    this.errors[at] = run.isErrorAt(position) ? 1 : 0
    this.outputs[at] = run.outputAt(position)
    this.results[at] = run.resultAt(position)
    this.idles[at] = run.idleMsAt(position)
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
    return this.errors[at] === 1
  }
  is(at: number, kind: number): boolean {
    return ((this.kinds[at] as number) & kind) !== 0
  }
  hasContent(at: number): boolean {
    return this.calls[at] !== 0 && this.outcomes[at] !== 0
  }

  /** The same call with the same outcome; what is not recorded is the same as nothing. */
  isSame(a: number, b: number): boolean {
    if (this.calls[a] === 0 || this.calls[a] !== this.calls[b]) return false
    if (this.outcomes[a] !== 0) return this.outcomes[a] === this.outcomes[b]
    return this.outcomes[b] === 0 && this.errors[a] === this.errors[b] && this.isSameResultSize(a, b)
  }

  /** The same call where no outcome is recorded, and none is known to differ. */
  isSameBlindly(a: number, b: number): boolean {
    if (this.calls[a] === 0 || this.calls[a] !== this.calls[b]) return false
    if (this.outcomes[a] !== 0 || this.outcomes[b] !== 0 || this.errors[a] !== this.errors[b]) return false
    return this.results[a] === UNKNOWN || this.results[b] === UNKNOWN || this.results[a] === this.results[b]
  }

  isSameResultSize(a: number, b: number): boolean {
    return this.results[a] !== UNKNOWN && this.results[a] === this.results[b]
  }
  isSameOutputSize(a: number, b: number): boolean {
    return this.outputs[a] !== UNKNOWN && this.outputs[a] === this.outputs[b]
  }

  /** What a call stands for when going in circles: an error for its class, anything else for itself; 0 = not known. */
  gistOf(at: number): number {
    const outcome = this.outcomes[at] as number
    if (outcome === 0 || this.isError(at)) return outcome
    const call = this.calls[at] as number
    return call === 0 ? 0 : mix(call, outcome)
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
