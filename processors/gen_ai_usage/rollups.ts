import type { Call } from '../../genai/call.ts'
import type { LocalSpans } from './local-spans.ts'
import type { Seen } from './seen.ts'
import { BILLED, DECIDED, WAITS, WRAPS } from './span-bits.ts'
import { keyHigh, keyLow, spanKey, useTrace } from './span-keys.ts'

/** What is known of agents and workflows that report usage of their own. */
export class Rollups {
  /** The key of the last one that was asked for. */
  low = 0
  high = 0
  private readonly spans: Seen
  private readonly local: LocalSpans

  constructor(spans: Seen, local: LocalSpans) {
    this.spans = spans
    this.local = local
  }

  /** A roll-up is noted and, when nothing below it had usage so far, its key is left for whoever waits for that. */
  fateOf(call: Call): 'waits' | 'rollup' | 'duplicate' {
    const { local, spans } = this
    if (local.has[call.item] === 0) return 'rollup'
    this.low = local.low[call.item] as number
    this.high = local.high[call.item] as number
    const slot = spans.slot(this.low, this.high)
    const state = spans.state(slot)
    const isNew = (state & DECIDED) === 0
    const waits = isNew && (state & WRAPS) === 0
    spans.set(slot, state | DECIDED | (waits ? WAITS : 0), 0)
    return waits ? 'waits' : isNew ? 'rollup' : 'duplicate'
  }

  /**
   * Whether a roll-up that waited is still the only one to report its usage; it is billed then.
   *
   * @param serial of the batch that bills it
   */
  claim(low: number, high: number, serial: number): boolean {
    const slot = this.spans.slot(low, high)
    const state = this.spans.state(slot)
    if ((state & WRAPS) !== 0) return false
    this.spans.set(slot, state | DECIDED | BILLED, serial)
    return true
  }

  /** One that waited when an earlier run was killed: it was seen, and the span around it wraps something with usage. */
  recall({ ids: { bytes, trace, span, parent } }: Call): void {
    if (trace < 0 || span < 0) return
    const { spans } = this
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length)
    useTrace(view, trace)
    if (parent >= 0) {
      spanKey(view, parent)
      const around = spans.slot(keyLow, keyHigh)
      spans.set(around, spans.state(around) | WRAPS, 0)
    }
    spanKey(view, span)
    this.low = keyLow
    this.high = keyHigh
    spans.set(spans.slot(keyLow, keyHigh), DECIDED | WAITS, 0)
  }
}
