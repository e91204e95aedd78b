import { DatabaseSync, type SQLInputValue, type StatementSync } from 'node:sqlite'
import { usdString } from '../../genai/money.ts'
import { type Cell, COLUMNS, cellIndex, USAGE_COLUMNS } from './columns.ts'
import { dayOfMs, minuteOfMs, type Row, UNTIMED, VERDICT_COLUMNS, type VerdictRow } from './rows.ts'
import { createDay, daysOf, nextVersion, type OpenOptions, prepare, tableOf, transaction, usedBytes } from './schema.ts'

const INT64_MAX = 2n ** 63n - 1n
const TRACE = cellIndex('trace_id')
const SPAN = cellIndex('span_id')
const BILL = cellIndex('bill_status')
const USAGE = USAGE_COLUMNS.map(({ name }) => cellIndex(name))
/** Exact amounts can be beyond what a JavaScript number reads back; their decimal text stands beside them. */
const COMPARED = COLUMNS.map(({ kind }, index) => ({ kind, index })).filter(({ kind }) => kind !== 'pico')

/** How far apart two reports of one call may say that it ended. */
const APART_MS = 2000

/** Weaker evidence never replaces stronger: a call that was billed stays billed when it is seen again. */
const RANK: Readonly<Record<string, number>> = { duplicate: 0, rollup: 1, not_billable: 1, billed: 2, superseded: 3 }

interface DayTable {
  readonly insert: StatementSync
  readonly update: StatementSync
  readonly select: StatementSync
}

/** A day's table and the minute in it. */
interface Place {
  readonly table: DayTable
  readonly minute: number
}

type Params = SQLInputValue[]

/** The database as the one thread that writes sees it. */
export class Store {
  private readonly db: DatabaseSync
  private readonly tables = new Map<string, DayTable>()
  private readonly verdicts: StatementSync
  private version: number
  private days: Set<string> = new Set()

  /** Opens or creates the file. Throws what SQLite says when it cannot be had. */
  constructor(options: OpenOptions) {
    this.db = new DatabaseSync(options.file)
    try {
      prepare(this.db, options)
      this.version = nextVersion(this.db)
      this.verdicts = this.db.prepare(
        `INSERT OR REPLACE INTO verdict (${VERDICT_COLUMNS.join(', ')}) VALUES (${marks(VERDICT_COLUMNS.length)})`,
      )
    } catch (error) {
      this.db.close()
      throw error
    }
  }

  /** Writes all or nothing. The same rows written again change nothing. */
  write(rows: readonly Row[], verdicts: readonly VerdictRow[]): void {
    transaction(this.db, () => {
      // Asked every time, because the janitor drops days through a connection of its own.
      this.days = new Set(daysOf(this.db))
      for (const row of rows) this.put(row)
      for (const verdict of verdicts) this.verdicts.run(...verdict)
    })
  }

  usedBytes(): number {
    return usedBytes(this.db)
  }

  /** The first thing that SQLite finds damaged; undefined when all is well. Reads the whole file. */
  damage(): string | undefined {
    const found = String(Object.values(this.db.prepare('PRAGMA quick_check(1)').get() ?? {})[0])
    return found === 'ok' ? undefined : found
  }

  close(): void {
    this.db.close()
  }

  private put(row: Row): void {
    const values = COLUMNS.map(({ kind }, i) => bound(kind, row.cells[i] ?? null))
    const home = { table: this.table(row.day), minute: row.minute }
    const place = this.placeOf(row) ?? home
    if (place !== home || !this.insert(home, row.key, row, values)) this.merge(place, home, row, values)
  }

  private insert({ table, minute }: Place, key: string, row: Row, values: Params): boolean {
    return Number(table.insert.run(this.version++, key, minute, row.hour, row.timeMs, ...values).changes) === 1
  }

  /** Another row has the key of this one. */
  private merge(place: Place, home: Place, row: Row, values: Params): void {
    const known = place.table.select.get(place.minute, row.key) ?? {}
    if (isSameSpan(known, values) || isSameCall(known, values)) this.replace(place, row.key, known, row, values)
    // One answer reported by two spans of which one is not billed, or a server that gives every answer the same id.
    else this.putUnder(`${row.key}~${values[TRACE] ?? ''}/${values[SPAN] ?? ''}`, home, row, values)
  }

  private putUnder(key: string, home: Place, row: Row, values: Params): void {
    if (this.insert(home, key, row, values)) return
    this.replace(home, key, home.table.select.get(home.minute, key) ?? {}, row, values)
  }

  private replace({ table, minute }: Place, key: string, known: Known, row: Row, values: Params): void {
    if (rankOf(values[BILL]) < rankOf(known['bill_status'])) return
    if (COMPARED.every(({ index }) => known[nameOf(index)] === values[index])) return
    table.update.run(this.version++, row.timeMs, ...values, minute, key)
  }

  /**
   * Where a call may already be besides its own day and minute: that of another report of it, a moment earlier or later;
   * any day, when it has no time of its own.
   */
  private placeOf(row: Row): Place | undefined {
    const isUntimed = row.minute === UNTIMED
    const earlier = row.timeMs - APART_MS
    const later = row.timeMs + APART_MS
    if (!isUntimed && minuteOfMs(earlier) === row.minute && minuteOfMs(later) === row.minute) return undefined
    const places = isUntimed
      ? [...this.days].map((day) => ({ day, minute: UNTIMED }))
      : [earlier, later].map((ms) => ({ day: dayOfMs(ms), minute: minuteOfMs(ms) }))
    for (const { day, minute } of places) {
      if (!this.days.has(day) || (day === row.day && minute === row.minute)) continue
      const table = this.table(day)
      if (table.select.get(minute, row.key) !== undefined) return { table, minute }
    }
    return undefined
  }

  private table(day: string): DayTable {
    if (!this.days.has(day)) {
      createDay(this.db, day)
      this.days.add(day)
    }
    let table = this.tables.get(day)
    if (table === undefined) {
      table = this.statements(day)
      this.tables.set(day, table)
    }
    return table
  }

  private statements(day: string): DayTable {
    const names = COLUMNS.map(({ name }) => name)
    const all = ['version', 'call_key', 'minute', 'hour', 'time_ms', ...names]
    const set = ['version', 'time_ms', ...names].map((name) => `${name} = ?`)
    const compared = COMPARED.map(({ index }) => nameOf(index))
    return {
      insert: this.db.prepare(
        `INSERT INTO ${tableOf(day)} (${all.join(', ')}) VALUES (${marks(all.length)}) ON CONFLICT (minute, call_key) DO NOTHING`,
      ),
      update: this.db.prepare(`UPDATE ${tableOf(day)} SET ${set.join(', ')} WHERE minute = ? AND call_key = ?`),
      select: this.db.prepare(`SELECT ${compared.join(', ')} FROM ${tableOf(day)} WHERE minute = ? AND call_key = ?`),
    }
  }
}

type Known = Readonly<Record<string, unknown>>

const marks = (count: number): string => Array.from({ length: count }, () => '?').join(', ')
const nameOf = (index: number): string => COLUMNS[index]?.name ?? ''
const rankOf = (bill: unknown): number => RANK[String(bill)] ?? 0

const isSameSpan = (known: Known, values: Params): boolean =>
  known['span_id'] === values[SPAN] && known['trace_id'] === values[TRACE]

/**
 * Two spans that share a response id report one call when both are billed and agree on the usage. That happens after a
 * restart, when it was forgotten that the first one had been billed.
 */
function isSameCall(known: Known, values: Params): boolean {
  if (known['bill_status'] !== 'billed' || values[BILL] !== 'billed') return false
  return USAGE.every((index) => known[nameOf(index)] === values[index])
}

function bound(kind: (typeof COLUMNS)[number]['kind'], cell: Cell): SQLInputValue {
  if (cell === null || typeof cell === 'string') return cell
  if (kind === 'usd') return usdString(cell)
  if (kind !== 'pico') return typeof cell === 'bigint' ? Number(cell) : cell
  const pico = BigInt(cell)
  return pico <= INT64_MAX && pico >= -INT64_MAX ? pico : String(pico)
}
