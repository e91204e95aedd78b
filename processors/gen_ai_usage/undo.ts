import type { Call } from '../../genai/call.ts'
import type { Batch } from '../../pipeline/batch.ts'
import type { Billing } from './billing.ts'
import { undoEvent } from './log-calls.ts'
import type { RunningTotals } from './running-totals.ts'

/**
 * Takes back what was decided of a batch that was not taken, so that its spans and events are new when they come again.
 *
 * @returns what the batch had beside its items: corrections, and roll-ups whose grace was over. Nobody sends those again
 */
export function undo({ items, calls }: Batch, billing: Billing, totals: RunningTotals): readonly Call[] {
  totals.undo(billing.serial)
  const owed: Call[] = []
  for (let c = calls.length - 1; c >= 0; c--) {
    const call = calls[c] as Call
    if (call.item < 0) {
      if (!call.flags.includes('sent_again')) call.flags = [...call.flags, 'sent_again']
      owed.unshift(call)
    } else if (call.signal === 'log') undoEvent(billing, call, items)
    else if (call.signal === 'span') billing.undo(call)
    // Whoever still has it must not take it for billed.
    if (call.item >= 0 && call.bill === 'billed') call.bill = 'superseded'
  }
  return owed
}
