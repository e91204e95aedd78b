import type { BillStatus } from '../../genai/call.ts'
import type { Notes } from './notes.ts'
import { COMBINED, COUNT, KNOWN, STANDS } from './response-ids.ts'
import type { Seen } from './seen.ts'
import { bytesKey, keyHigh, keyLow } from './span-keys.ts'

/** Log records that have no id: known by all of their bytes. */
export class Records {
  private readonly seen: Seen
  private readonly notes: Notes

  /** @param seen a table that others use too */
  constructor(seen: Seen, notes: Notes) {
    this.seen = seen
    this.notes = notes
  }

  /** Whether exactly these bytes were billed before. */
  decide(bytes: Uint8Array, from: number, length: number): BillStatus {
    bytesKey(bytes, from, length, 1, COMBINED)
    const slot = this.seen.slot(keyLow, keyHigh)
    const state = this.seen.state(slot)
    if ((state & COUNT) !== 0) return 'duplicate'
    this.notes.again = (state & STANDS) !== 0
    this.seen.set(slot, KNOWN | 1, 0)
    return 'billed'
  }

  /** They were not, after all. */
  undo(bytes: Uint8Array, from: number, length: number): void {
    bytesKey(bytes, from, length, 1, COMBINED)
    this.seen.set(this.seen.slot(keyLow, keyHigh), KNOWN | STANDS, 0)
  }
}
