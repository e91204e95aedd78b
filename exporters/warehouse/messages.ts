import type { JanitorReport } from './janitor.ts'
import type { Row, VerdictRow } from './rows.ts'
import type { OpenOptions } from './schema.ts'

/** What the writing thread is started with. */
export interface WriterTask {
  readonly open: OpenOptions
  readonly maxBytes: number
}

export interface WriteRequest {
  readonly id: number
  readonly rows: readonly Row[]
  readonly verdicts: readonly VerdictRow[]
}

export interface WriteReply {
  readonly id: number
  /** Undefined: committed. */
  readonly failure: { readonly kind: 'retry' | 'rejected'; readonly reason: string } | undefined
  readonly usedBytes: number
  /** Where a database that could not be read was moved to, in favour of a new one. */
  readonly setAside: string | undefined
}

export type JanitorReply =
  | { readonly ok: true; readonly report: JanitorReport }
  | { readonly ok: false; readonly reason: string }
