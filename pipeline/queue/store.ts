import type { Call } from '../../genai/call.ts'
import type { Verdict } from '../../genai/verdict.ts'
import type { HeldChanges, Signal } from '../component.ts'
import type { LogRecord } from './log-record.ts'

/** One accepted batch on its way into the log. */
export interface Accepted {
  readonly signal: Signal
  /** Export*ServiceRequest. */
  readonly bytes: Buffer
  /** The bytes will be written over once they are appended; absent when they never change. */
  readonly borrowed?: boolean
  readonly items: number
  readonly calls: readonly Call[]
  readonly verdicts: readonly Verdict[]
  /** What changed in what processors hold back; absent when nothing did. */
  readonly held?: readonly Holding[] | undefined
  /** Called when it could not be written, before `append` returns. */
  readonly notTaken?: () => void
}

/** The changes of one processor, by its id. */
export interface Holding {
  readonly processor: string
  readonly changes: HeldChanges
}

/** A stretch of the log that holds no record: damage, the torn end of a crash, or a place where a write failed. */
export interface Hole {
  readonly from: number
  readonly to: number
  /** `torn`: never acknowledged to anybody. `corrupt`: was a record once; `bytes` is what is left of it. */
  readonly kind: 'gap' | 'torn' | 'corrupt'
  readonly bytes?: Buffer
}

/** Reads records in order that are not in memory any more. One per cursor. May throw what the disk throws. */
export interface RecordReader {
  /** What is at or behind `position`; undefined at the end. */
  next(position: number): LogRecord | Hole | undefined
  close(): void
}

/** Where records are: on disk or only in memory. Positions are bytes since the log began, over all its files. */
export interface Store {
  /** Whether records survive this process. */
  readonly durable: boolean
  /** Position behind the last record. */
  readonly tail: number
  /** Sequence number of the next record. */
  readonly nextSeq: number
  /** Bytes taken, including what is delivered but not yet given back. */
  readonly used: number
  /** Bytes that a record of this batch takes, before it is written. */
  sizeOf(batch: Accepted): number
  /** Whether calls and verdicts are written too. May throw what the disk throws; then nothing was appended. */
  append(batch: Accepted, withCalls: boolean): LogRecord
  /** Resolves when everything appended so far is on the medium. */
  sync(): Promise<void>
  /** Gives back what lies before `position`; `eagerly` even the file that is being written to. */
  reclaim(position: number, eagerly: boolean): void
  reader(): RecordReader
  close(): void
}
