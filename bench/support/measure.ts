/**
 * Side-by-side measurement. These machines are shared: an absolute time says little, so every contestant is run in turn,
 * round after round, and what is quoted is the median over rounds of the ratio within a round.
 */
export interface Contestant {
  readonly name: string
  /** Does `batch` pieces of work. */
  run(): void
  /** Pieces of work per run (spans, calls …). */
  readonly batch: number
}

export interface Measured {
  readonly name: string
  /** Median CPU time (user and system, garbage collection included) per piece of work, in ns. */
  readonly ns: number
  /** Median over rounds of how many times as long as the first contestant it took. */
  readonly ratio: number
}

const cpuNs = (): number => {
  const { user, system } = process.cpuUsage()
  return (user + system) * 1000
}

/** @param roundMs how long each contestant runs per round; CPU time has a grain of microseconds, so not below 20. */
export function compare(contestants: readonly Contestant[], rounds = 15, roundMs = 60): readonly Measured[] {
  const times: number[][] = contestants.map(() => [])
  for (const contestant of contestants) once(contestant, Math.max(1500, roundMs * 4))
  for (let round = 0; round < rounds; round++) {
    for (const [i, contestant] of contestants.entries()) times[i]?.push(once(contestant, roundMs))
  }
  const first = times[0] ?? []
  return contestants.map(({ name }, i) => ({
    name,
    ns: median(times[i] ?? []),
    ratio: median((times[i] ?? []).map((ns, round) => ns / (first[round] ?? Number.NaN))),
  }))
}

/**
 * Asking for the CPU time is a system call of microseconds, as dear as a small request: it is asked after every so many
 * runs, a number that doubles until a stretch takes a millisecond.
 */
function once({ run, batch }: Contestant, ms: number): number {
  const from = cpuNs()
  let runs = 0
  let stretch = 1
  let spent = 0
  do {
    for (let i = 0; i < stretch; i++) run()
    runs += stretch
    const now = cpuNs() - from
    if (now - spent < 1e6) stretch *= 2
    spent = now
  } while (spent < ms * 1e6)
  return spent / (runs * batch)
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b)
  const middle = sorted.length >> 1
  return sorted.length % 2 === 1
    ? (sorted[middle] ?? Number.NaN)
    : ((sorted[middle - 1] ?? 0) + (sorted[middle] ?? 0)) / 2
}

/** Left column left-aligned, the others right. */
export function table(rows: readonly (readonly string[])[]): string {
  const widths = (rows[0] ?? []).map((_, c) => Math.max(...rows.map((row) => (row[c] ?? '').length)))
  return `${rows.map((row) => row.map((cell, c) => (c === 0 ? cell.padEnd(widths[c] ?? 0) : cell.padStart(widths[c] ?? 0))).join('  ')).join('\n')}\n`
}
