import type { DatabaseSync } from 'node:sqlite'
import { COLUMNS, type ColumnKind } from './columns.ts'
import { VERDICT_COLUMNS } from './rows.ts'

export interface OpenOptions {
  readonly file: string
  readonly synchronous: 'normal' | 'full'
  readonly busyTimeoutMs: number
  /** Eight hex digits that tell the files of several sidecars apart; kept from then on. */
  readonly storeId: string
}

/** SQLite's own limit on the parts of a UNION is 500. */
export const VIEW_DAYS_MAX = 400
const CACHE_KIB = 8192
const WAL_BYTES_MAX = 64 * 1024 * 1024

// `cost_pico` has no type on purpose: an amount beyond 2^63 is kept as text, which a column of integers would turn into
// a float.
const SQL_TYPE: Readonly<Record<ColumnKind, string>> = {
  ...{ text: 'TEXT', integer: 'INTEGER', real: 'REAL', boolean: 'INTEGER', pico: '', usd: 'TEXT' },
}

const KEEPING = `
  CREATE TABLE IF NOT EXISTS store (id TEXT NOT NULL);
  CREATE TABLE IF NOT EXISTS verdict (${VERDICT_COLUMNS.map((name) => `${name} ${name.endsWith('_ms') ? 'INTEGER' : 'TEXT'}`).join(', ')},
    UNIQUE (time_ms, kind, detector, level, action, scope, span_id));
  CREATE TABLE IF NOT EXISTS sealed_part (day TEXT, hour INTEGER, part INTEGER, upto INTEGER, rows INTEGER, file TEXT,
    PRIMARY KEY (day, hour, part));
  CREATE TABLE IF NOT EXISTS sealed_day (day TEXT PRIMARY KEY, upto INTEGER);
`

/** Sets up a connection that writes. Idempotent. */
export function prepare(db: DatabaseSync, options: OpenOptions): void {
  db.exec(`PRAGMA busy_timeout = ${options.busyTimeoutMs}`)
  db.exec('PRAGMA journal_mode = WAL')
  db.exec(`PRAGMA synchronous = ${options.synchronous}`)
  db.exec(`PRAGMA cache_size = -${CACHE_KIB}`)
  db.exec(`PRAGMA journal_size_limit = ${WAL_BYTES_MAX}`)
  transaction(db, () => {
    db.exec(KEEPING)
    db.prepare('INSERT INTO store SELECT ? WHERE NOT EXISTS (SELECT * FROM store)').run(options.storeId)
    extendOldTables(db)
    refreshView(db)
  })
}

/** Runs `work` in one transaction that takes the write lock at once, so that it cannot fail half way for want of it. */
export function transaction<T>(db: DatabaseSync, work: () => T): T {
  db.exec('BEGIN IMMEDIATE')
  try {
    const result = work()
    db.exec('COMMIT')
    return result
  } catch (error) {
    // After some errors (a full disk, say) SQLite has already rolled back, and says so by refusing to do it again.
    if (db.isTransaction) db.exec('ROLLBACK')
    throw error
  }
}

export const tableOf = (day: string): string => `llm_call_${day}`

/** Days that have a table, oldest first. */
export function daysOf(db: DatabaseSync): readonly string[] {
  const rows = db
    .prepare("SELECT substr(name, 10) AS day FROM sqlite_master WHERE type = 'table' AND name GLOB ? ORDER BY 1")
    .all(`llm_call_${'[0-9]'.repeat(8)}`)
  return rows.map((row) => String(row['day']))
}

/**
 * `version` is the rowid: it grows with every insert and every change, which is how sealing finds what is new. Keys are
 * random, and a unique index on them alone would touch a page of its own for every call; behind the minute they come
 * almost in order.
 */
export function createDay(db: DatabaseSync, day: string): void {
  const columns = COLUMNS.map(({ name, kind }) => `${name} ${SQL_TYPE[kind]}`)
  db.exec(
    `CREATE TABLE ${tableOf(day)} (version INTEGER PRIMARY KEY, call_key TEXT NOT NULL, minute INTEGER NOT NULL,
      hour INTEGER NOT NULL, time_ms INTEGER NOT NULL, ${columns.join(', ')}, UNIQUE (minute, call_key))`,
  )
  refreshView(db)
}

export function dropDay(db: DatabaseSync, day: string): void {
  transaction(db, () => {
    db.exec(`DROP TABLE ${tableOf(day)}`)
    db.prepare('DELETE FROM sealed_day WHERE day = ?').run(day)
    refreshView(db)
  })
}

/** The one name to ask: all days that exist. */
export function refreshView(db: DatabaseSync): void {
  db.exec('DROP VIEW IF EXISTS llm_call')
  const names = ['version', 'call_key', 'hour', 'time_ms', ...COLUMNS.map(({ name }) => name)].join(', ')
  const days = daysOf(db).slice(-VIEW_DAYS_MAX)
  // Without any day the view still has its columns, so that a question asked too early is answered with no rows.
  const none = `SELECT ${names
    .split(', ')
    .map((name) => `NULL AS ${name}`)
    .join(', ')} WHERE 0`
  const parts = days.map((day) => `SELECT ${names} FROM ${tableOf(day)}`)
  db.exec(`CREATE VIEW llm_call AS ${parts.length === 0 ? none : parts.join(' UNION ALL ')}`)
}

/** Tables made by an earlier release lack the columns that were added since. */
function extendOldTables(db: DatabaseSync): void {
  for (const day of daysOf(db)) {
    const have = new Set(
      db
        .prepare(`PRAGMA table_info(${tableOf(day)})`)
        .all()
        .map((row) => row['name']),
    )
    for (const { name, kind } of COLUMNS) {
      if (!have.has(name)) db.exec(`ALTER TABLE ${tableOf(day)} ADD COLUMN ${name} ${SQL_TYPE[kind]}`)
    }
  }
}

/** Bytes that data takes, without pages that are free to be used again. */
export function usedBytes(db: DatabaseSync): number {
  const pragma = (name: string): number => Number(Object.values(db.prepare(`PRAGMA ${name}`).get() ?? {})[0] ?? 0)
  return (pragma('page_count') - pragma('freelist_count')) * pragma('page_size')
}

/** Above every version that was ever given out, also to rows that are sealed and gone. */
export function nextVersion(db: DatabaseSync): number {
  const highest = [
    ...daysOf(db).map((day) => `SELECT max(version) AS v FROM ${tableOf(day)}`),
    'SELECT max(upto) AS v FROM sealed_part',
  ].map((sql) => Number(db.prepare(sql).get()?.['v'] ?? 0))
  return Math.max(0, ...highest) + 1
}
