import type { Budget, Counter, Table } from './budget.ts'

/** How many counters are let go at a time, so that the search is paid once for many new ones. */
const SHARE = 100

interface Eviction {
  /** Counters of ended periods and idle lifetime counters. */
  readonly idle: number
  /** Counters that should have stayed, because even twice the bound was reached. */
  readonly forced: number
}

/**
 * Makes room among the counters: first those of ended periods, oldest first, then lifetime counters that nobody touched
 * for longest. A counter over its limit stays for `protectMs` after its last call, since forgetting it would open the
 * budget again; so does one of a running calendar period, and one that holds a reservation. Only when they alone fill
 * twice the bound does the oldest go all the same.
 */
export function evict(
  budgets: Iterable<Budget>,
  size: number,
  max: number,
  nowMs: number,
  protectMs: number,
): Eviction {
  const want = Math.max(1, Math.floor(max / SHARE))
  const tables = [...budgets].flatMap((budget) => [...budget.tables.values()].map((table) => ({ budget, table })))
  let idle = evictEnded(tables, want, nowMs)
  for (const { budget, table } of bySize(tables)) {
    if (idle >= want) break
    if (table.end === undefined) idle += evictIdle(budget, table, want - idle, nowMs, protectMs)
  }
  if (idle > 0 || size < 2 * max) return { idle, forced: 0 }
  const largest = bySize(tables)[0]
  return { idle: 0, forced: largest === undefined ? 0 : dropFirst(largest.table, want) }
}

interface Owned {
  readonly budget: Budget
  readonly table: Table
}

const bySize = (tables: readonly Owned[]): readonly Owned[] =>
  [...tables].sort((a, b) => b.table.counters.size - a.table.counters.size)

function evictEnded(tables: readonly Owned[], want: number, nowMs: number): number {
  const ended = tables.filter(({ table }) => table.end !== undefined && table.end <= nowMs)
  ended.sort((a, b) => (a.table.end ?? 0) - (b.table.end ?? 0))
  let dropped = 0
  for (const { budget, table } of ended) {
    if (dropped >= want) break
    dropped += dropFirst(table, want - dropped)
    if (table.counters.size === 0) budget.drop(table.start)
  }
  return dropped
}

/** From the front of the line; those that must stay go to its end. */
function evictIdle(budget: Budget, table: Table, want: number, nowMs: number, protectMs: number): number {
  let dropped = 0
  let looks = table.counters.size
  for (const [key, counter] of table.counters) {
    if (looks-- <= 0 || dropped >= want) break
    table.counters.delete(key)
    if (isProtected(budget, counter, nowMs, protectMs)) table.counters.set(key, counter)
    else dropped++
  }
  return dropped
}

const isProtected = (budget: Budget, counter: Counter, nowMs: number, protectMs: number): boolean =>
  counter.reserved !== 0 || (budget.isExceeded(counter) && nowMs - counter.touchedMs < protectMs)

function dropFirst(table: Table, want: number): number {
  let dropped = 0
  for (const key of table.counters.keys()) {
    if (dropped >= want) break
    table.counters.delete(key)
    dropped++
  }
  return dropped
}
