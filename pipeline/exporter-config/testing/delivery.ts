import type { Call } from '../../../genai/call.ts'
import type { Verdict } from '../../../genai/verdict.ts'
import type { Delivery, Signal } from '../../component.ts'
import { Payload } from '../../queue/payload.ts'

/** A delivery as the queue makes them, of these bytes. */
export function delivery(
  bytes: Buffer,
  more: { signal?: Signal; items?: number; calls?: readonly Call[]; verdicts?: readonly Verdict[] } = {},
): Delivery {
  const { signal = 'traces', items = 1, calls = [], verdicts = [] } = more
  return new Payload({ signal, bytes, items, calls: () => calls, verdicts: () => verdicts })
}
