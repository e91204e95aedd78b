const NANOS: Readonly<Record<string, bigint>> = {
  ns: 1n,
  us: 1_000n,
  µs: 1_000n,
  ms: 1_000_000n,
  s: 1_000_000_000n,
  m: 60_000_000_000n,
  h: 3_600_000_000_000n,
  d: 86_400_000_000_000n,
}
const NANOS_PER_MS = 1_000_000n
const UNITS = 'ns|us|µs|ms|s|m|h|d'
export const DURATION_PATTERN = `^(0|(\\d+(\\.\\d+)?(${UNITS}))+)$`
const WHOLE = new RegExp(DURATION_PATTERN)
const PIECE = new RegExp(`(\\d+)(?:\\.(\\d+))?(${UNITS})`, 'g')
const LENGTH_MAX = 64
/** A hundred years: anything longer is a slip of the unit. */
export const DURATION_MAX_MS = 36_525 * 86_400_000

/** Milliseconds of `300ms`, `1m30s`, `1.5h`, `35d` or `0`; undefined for anything else. */
export function parseDuration(text: string): number | undefined {
  if (text.length > LENGTH_MAX || !WHOLE.test(text)) return undefined
  let nanos = 0n
  for (const [, whole = '', fraction = '', unit = ''] of text.matchAll(PIECE)) {
    const scale = NANOS[unit] ?? 0n
    nanos += BigInt(whole) * scale + (BigInt(fraction || '0') * scale) / 10n ** BigInt(fraction.length)
  }
  // In two steps, so that whole milliseconds stay whole up to the limit.
  return Number(nanos / NANOS_PER_MS) + Number(nanos % NANOS_PER_MS) / 1e6
}

/**
 * A short way to write it: `35d`, `1m30s`, `1ms500us`. `parseDuration` gives the same number back, for whole
 * milliseconds, and for parts of them under a day.
 */
export function formatDuration(ms: number): string {
  const whole = Math.trunc(ms)
  let nanos = BigInt(whole) * NANOS_PER_MS + BigInt(Math.round((ms - whole) * 1e6))
  if (nanos === 0n) return '0s'
  let text = ''
  for (const unit of ['d', 'h', 'm', 's', 'ms', 'us', 'ns']) {
    const scale = NANOS[unit] ?? 1n
    // Days only when nothing else is left: `26h` reads better than `1d2h`.
    if (unit === 'd' && nanos % scale !== 0n) continue
    if (nanos >= scale) text += `${nanos / scale}${unit}`
    nanos %= scale
  }
  return text
}
