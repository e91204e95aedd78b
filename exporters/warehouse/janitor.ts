import { DatabaseSync } from 'node:sqlite'
import type { Compression } from './parquet.ts'
import { dayOfMs } from './rows.ts'
import { daysOf, dropDay, type OpenOptions, prepare, tableOf, transaction, usedBytes } from './schema.ts'
import { dropOldFiles, forgetParts, removeLeftovers, sealedUpto, sealHours } from './seal.ts'

const DAY_MS = 86_400_000
/** What a pass that was called for size leaves, as a part of the limit: less, and it would be called for again at once. */
const KEEP = 0.9
const DELETE_ROWS = 2000
/** Verdicts are few; should a detector go wild, the oldest go. */
const VERDICTS_MAX = 100_000

export interface JanitorOptions extends OpenOptions {
  readonly nowMs: number
  readonly retentionDays: number
  readonly maxBytes: number
  readonly parquet:
    | {
        readonly directory: string
        readonly compression: Compression
        readonly sealDelayMs: number
        /** 0 = for ever. */
        readonly retentionDays: number
      }
    | undefined
}

export interface JanitorReport {
  readonly sealedFiles: number
  readonly sealedRows: number
  readonly droppedDays: number
  readonly deletedRows: number
  readonly usedBytes: number
}

/** One pass: seal what is finished, drop what is old, and make room when there is too much. Throws what went wrong. */
export function clean(options: JanitorOptions): JanitorReport {
  const db = new DatabaseSync(options.file)
  try {
    prepare(db, options)
    const sealed = seal(db, options, options.nowMs - (options.parquet?.sealDelayMs ?? 0))
    const dropped = dropOldDays(db, options)
    dropOldVerdicts(db, options)
    const trimmed = usedBytes(db) > options.maxBytes ? trim(db, options) : undefined
    db.exec('PRAGMA wal_checkpoint(TRUNCATE)')
    return {
      sealedFiles: sealed.files + (trimmed?.sealed.files ?? 0),
      sealedRows: sealed.rows + (trimmed?.sealed.rows ?? 0),
      droppedDays: dropped + (trimmed?.days ?? 0),
      deletedRows: trimmed?.rows ?? 0,
      usedBytes: usedBytes(db),
    }
  } finally {
    db.close()
  }
}

function seal(db: DatabaseSync, { parquet, nowMs }: JanitorOptions, beforeMs: number): { files: number; rows: number } {
  if (parquet === undefined) return { files: 0, rows: 0 }
  removeLeftovers(db, parquet.directory)
  const sealed = sealHours(db, { directory: parquet.directory, compression: parquet.compression, beforeMs })
  if (parquet.retentionDays > 0) {
    const firstDay = dayOfMs(nowMs - parquet.retentionDays * DAY_MS)
    dropOldFiles(parquet.directory, firstDay)
    forgetParts(db, firstDay)
  }
  return sealed
}

/** With files, a day goes only when all of it is in them. */
function mayDrop(db: DatabaseSync, day: string, { parquet }: JanitorOptions): boolean {
  return parquet === undefined || maxVersion(db, day) <= sealedUpto(db, day)
}

function dropOldDays(db: DatabaseSync, options: JanitorOptions): number {
  const firstDay = dayOfMs(options.nowMs - options.retentionDays * DAY_MS)
  const old = daysOf(db).filter((day) => day < firstDay && mayDrop(db, day, options))
  for (const day of old) dropDay(db, day)
  return old.length
}

function dropOldVerdicts(db: DatabaseSync, { nowMs, retentionDays }: JanitorOptions): void {
  transaction(db, () => {
    db.prepare('DELETE FROM verdict WHERE time_ms < ?').run(nowMs - (retentionDays + 1) * DAY_MS)
    db.prepare(
      'DELETE FROM verdict WHERE rowid <= (SELECT rowid FROM verdict ORDER BY rowid DESC LIMIT 1 OFFSET ?)',
    ).run(VERDICTS_MAX)
  })
}

/** Too much data: everything there is goes to files at once, then the oldest goes until there is room. */
function trim(
  db: DatabaseSync,
  options: JanitorOptions,
): { sealed: { files: number; rows: number }; days: number; rows: number } {
  const sealed = seal(db, options, Number.POSITIVE_INFINITY)
  const target = options.maxBytes * KEEP
  let days = 0
  let rows = 0
  for (const day of daysOf(db)) {
    if (usedBytes(db) <= target) break
    const isLast = day === daysOf(db).at(-1)
    if (!isLast && mayDrop(db, day, options)) {
      dropDay(db, day)
      days++
    } else rows += deleteOldest(db, day, options, target)
  }
  return { sealed, days, rows }
}

function deleteOldest(db: DatabaseSync, day: string, options: JanitorOptions, target: number): number {
  const upto = options.parquet === undefined ? maxVersion(db, day) : sealedUpto(db, day)
  const remove = db.prepare(
    `DELETE FROM ${tableOf(day)} WHERE version <= (SELECT max(version) FROM
      (SELECT version FROM ${tableOf(day)} WHERE version <= ? ORDER BY version LIMIT ${DELETE_ROWS}))`,
  )
  let rows = 0
  while (usedBytes(db) > target) {
    const { changes } = remove.run(upto)
    if (Number(changes) === 0) break
    rows += Number(changes)
  }
  return rows
}

function maxVersion(db: DatabaseSync, day: string): number {
  return Number(db.prepare(`SELECT max(version) AS v FROM ${tableOf(day)}`).get()?.['v'] ?? 0)
}
