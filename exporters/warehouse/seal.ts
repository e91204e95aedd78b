import { existsSync, readdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import type { DatabaseSync } from 'node:sqlite'
import { type Compression, STORED_NAMES, type StoredRow, writeParquet } from './parquet.ts'
import { daysOf, tableOf, transaction } from './schema.ts'

const HOUR_MS = 3_600_000
/** Rows of a row group, and so of what memory holds at a time. */
const CHUNK_ROWS = 2000

export interface SealOptions {
  readonly directory: string
  readonly compression: Compression
  /** Hours that ended before this are sealed. */
  readonly beforeMs: number
}

export interface Sealed {
  readonly files: number
  readonly rows: number
}

interface Pending {
  readonly hour: number
  readonly lowest: number
  readonly highest: number
}

/**
 * Writes every finished hour that has rows no file holds yet. A file's name follows from its hour and how many files
 * that hour already has, so a pass that died half way is repeated into the same name and leaves nothing twice. Rows that
 * came or changed after their hour was sealed go to a further file; the highest version of a call is the one that holds.
 */
export function sealHours(db: DatabaseSync, options: SealOptions): Sealed {
  let files = 0
  let rows = 0
  const store = String(db.prepare('SELECT id FROM store').get()?.['id'])
  for (const day of daysOf(db)) {
    const from = sealedUpto(db, day)
    let done = from
    let waiting = Number.POSITIVE_INFINITY
    for (const pending of pendingHours(db, day, from)) {
      if (endOf(day, pending.hour) > options.beforeMs) {
        waiting = Math.min(waiting, pending.lowest)
        continue
      }
      done = Math.max(done, pending.highest)
      const count = sealHour(db, { day, ...pending }, store, options)
      files += count > 0 ? 1 : 0
      rows += count
    }
    // Everything up to here is in a file; the next pass need not look at it again.
    const upto = Math.min(done, waiting - 1)
    if (upto > from) db.prepare('INSERT OR REPLACE INTO sealed_day VALUES (?, ?)').run(day, upto)
  }
  return { files, rows }
}

/** The version up to which every row of a day is in a file. */
export function sealedUpto(db: DatabaseSync, day: string): number {
  return Number(db.prepare('SELECT upto FROM sealed_day WHERE day = ?').get(day)?.['upto'] ?? 0)
}

/** Left by a pass that did not end. Nobody else writes below this directory with our name in it. */
export function removeLeftovers(db: DatabaseSync, directory: string): void {
  const store = String(db.prepare('SELECT id FROM store').get()?.['id'])
  if (!existsSync(directory)) return
  for (const name of readdirSync(directory, { recursive: true, encoding: 'utf8' })) {
    if (/\.parquet\.\d+\.tmp$/.test(name) && name.includes(store)) rmSync(join(directory, name), { force: true })
  }
}

function pendingHours(db: DatabaseSync, day: string, from: number): readonly Pending[] {
  const sql = `SELECT hour, min(version) AS lowest, max(version) AS highest FROM ${tableOf(day)} WHERE version > ? GROUP BY hour ORDER BY hour`
  return db
    .prepare(sql)
    .all(from)
    .map((row) => ({ hour: Number(row['hour']), lowest: Number(row['lowest']), highest: Number(row['highest']) }))
}

function sealHour(
  db: DatabaseSync,
  { day, hour, highest }: Pending & { day: string },
  store: string,
  options: SealOptions,
): number {
  const last = db
    .prepare('SELECT max(part) AS part, max(upto) AS upto FROM sealed_part WHERE day = ? AND hour = ?')
    .get(day, hour)
  const part = last?.['part'] === null ? 0 : Number(last?.['part']) + 1
  const from = Number(last?.['upto'] ?? 0)
  if (highest <= from) return 0
  const file = join(options.directory, partition(day, hour), `${store}-${String(part).padStart(4, '0')}.parquet`)
  const rows = writeParquet(file, chunks(db, day, hour, from, highest), options.compression)
  db.prepare('INSERT INTO sealed_part VALUES (?, ?, ?, ?, ?, ?)').run(day, hour, part, highest, rows, file)
  return rows
}

/** Reads in steps that are transactions of their own, so that writing goes on. A row that moves meanwhile is in the next file. */
function* chunks(
  db: DatabaseSync,
  day: string,
  hour: number,
  from: number,
  upto: number,
): Iterable<readonly StoredRow[]> {
  const select = db.prepare(
    `SELECT ${STORED_NAMES.join(', ')} FROM ${tableOf(day)} WHERE version > ? AND version <= ? AND hour = ? ORDER BY version LIMIT ${CHUNK_ROWS}`,
  )
  for (let at = from; ; ) {
    const rows = select.all(at, upto, hour)
    if (rows.length === 0) return
    yield rows
    at = Number(rows.at(-1)?.['version'])
  }
}

const isoDay = (day: string): string => `${day.slice(0, 4)}-${day.slice(4, 6)}-${day.slice(6)}`
const partition = (day: string, hour: number): string =>
  join(`dt=${isoDay(day)}`, `hour=${String(hour).padStart(2, '0')}`)
const endOf = (day: string, hour: number): number => Date.parse(`${isoDay(day)}T00:00:00Z`) + (hour + 1) * HOUR_MS

/** Deletes the files of days before this one (`YYYYMMDD`), whoever wrote them. */
export function dropOldFiles(directory: string, firstDay: string): void {
  if (!existsSync(directory)) return
  for (const name of readdirSync(directory)) {
    const match = /^dt=(\d{4})-(\d{2})-(\d{2})$/.exec(name)
    if (match !== null && match.slice(1).join('') < firstDay)
      rmSync(join(directory, name), { recursive: true, force: true })
  }
}

/** Forgets which parts were written, for days whose files are gone too. */
export function forgetParts(db: DatabaseSync, firstDay: string): void {
  transaction(db, () => db.prepare('DELETE FROM sealed_part WHERE day < ?').run(firstDay))
}
