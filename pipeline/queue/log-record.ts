import type { Call } from '../../genai/call.ts'
import type { Verdict } from '../../genai/verdict.ts'
import type { Kept, Slab } from './arena.ts'
import { type Derived, decodeDerived, NOTHING_DERIVED } from './call-codec.ts'
import { errorText } from './disk.ts'

/** Rough size of a Call with its strings and cost, for keeping memory within its bound. */
const CALL_BYTES = 600
const NO_BYTES = Buffer.alloc(0)

/**
 * One accepted batch. What was understood of it is at hand when it was accepted by this process, and is decoded when
 * somebody asks when it comes from disk: exporters that forward bytes never do.
 */
export class LogRecord {
  /** Position of its first byte in the log. */
  readonly at: number
  /** Position behind its last byte. */
  readonly end: number
  /** Counts the batches of this log from 0. */
  readonly seq: number
  /** Spans, log records or metric data points. */
  readonly items: number
  private content: Derived | undefined
  private readonly section: Buffer | undefined
  private readonly version: number
  private kept: Kept

  constructor(
    place: { readonly at: number; readonly end: number; readonly seq: number },
    items: number,
    bytes: Buffer,
    content: Derived | { readonly section: Buffer; readonly version: number },
  ) {
    this.at = place.at
    this.end = place.end
    this.seq = place.seq
    this.items = items
    this.kept = { bytes, slab: undefined }
    const encoded = 'section' in content
    this.content = encoded ? undefined : content
    this.section = encoded ? content.section : undefined
    this.version = encoded ? content.version : 0
  }

  get bytes(): Buffer {
    return this.kept.bytes
  }
  /** The shared memory that `bytes` are in; undefined when they have memory of their own. */
  get slab(): Slab | undefined {
    return this.kept.slab
  }
  get calls(): readonly Call[] {
    return this.derived().calls
  }
  get verdicts(): readonly Verdict[] {
    return this.derived().verdicts
  }

  /** Why calls and verdicts could not be read, after somebody tried; the bytes can be delivered all the same. */
  unreadable: string | undefined = undefined

  /** Memory that it holds, roughly. */
  get weight(): number {
    return this.end - this.at + (this.content === undefined ? 0 : this.content.calls.length * CALL_BYTES)
  }

  /** From now on the record is over this copy of its bytes. */
  keepIn(kept: Kept): void {
    this.kept = kept
  }

  /** The same record over a copy of its bytes, so that what they were part of can go. */
  movedTo(bytes: Buffer): LogRecord {
    const content = this.content ?? { section: Buffer.from(this.section ?? NO_BYTES), version: this.version }
    return new LogRecord(this, this.items, bytes, content)
  }

  private derived(): Derived {
    this.content ??= this.decode()
    return this.content
  }

  private decode(): Derived {
    if (this.section === undefined) return NOTHING_DERIVED
    try {
      return decodeDerived(this.section, this.version)
    } catch (error) {
      this.unreadable = errorText(error)
      return NOTHING_DERIVED
    }
  }
}
