import { readFile, rename, writeFile } from 'node:fs/promises'
import type { Call } from '../../genai/call.ts'

const HOUR_MS = 3_600_000
const DAY_HOURS = 24
/** Days before the last 24 hours that make the baseline. */
const BASE_DAYS = 7
const HOURS_KEPT = DAY_HOURS * (BASE_DAYS + 1)

/**
 * Spend of the last 24 hours over the mean of 24 hours in the 7 days before: 1.5 is half as much again as usual. Kept
 * here because the alarm must also work where Prometheus keeps no week of history. Money by the hour in which calls
 * ended, for 8 days, in a small file so that a restart does not forget what is usual.
 */
export class DailyRatio {
  private readonly hours = new Map<number, bigint>()
  private readonly file: string
  private isDirty = false

  constructor(file: string) {
    this.file = file
  }

  count(call: Call, nowMs: number): void {
    const pico = call.cost?.pico
    if (call.bill !== 'billed' || pico === undefined) return
    const now = Math.floor(nowMs / HOUR_MS)
    // A sender's clock may be wrong: what claims to end later counts as now, what is too old to matter is left out.
    const hour = call.endMs > 0 ? Math.min(now, Math.floor(call.endMs / HOUR_MS)) : now
    if (hour <= now - HOURS_KEPT) return
    this.hours.set(hour, (this.hours.get(hour) ?? 0n) + BigInt(pico))
    this.isDirty = true
  }

  /** Undefined until there is a full day before the last one to compare with. */
  ratio(nowMs: number): number | undefined {
    const now = Math.floor(nowMs / HOUR_MS)
    for (const hour of this.hours.keys()) if (hour <= now - HOURS_KEPT) this.hours.delete(hour)
    const first = Math.min(...this.hours.keys())
    const baseHours = Math.min(now - DAY_HOURS - first + 1, DAY_HOURS * BASE_DAYS)
    if (!(baseHours >= DAY_HOURS)) return undefined
    let last = 0n
    let base = 0n
    for (const [hour, pico] of this.hours) {
      if (hour > now - DAY_HOURS) last += pico
      else base += pico
    }
    return base <= 0n ? undefined : Number(last) / ((Number(base) / baseHours) * DAY_HOURS)
  }

  /** Reads what an earlier process left; a file that is not there or not ours is as good as none. */
  async load(): Promise<void> {
    let entries: unknown
    try {
      entries = JSON.parse(await readFile(this.file, 'utf8'))
    } catch {
      return
    }
    if (!Array.isArray(entries)) return
    for (const entry of entries.slice(-HOURS_KEPT)) {
      const [hour, pico] = Array.isArray(entry) ? entry : []
      if (Number.isSafeInteger(hour) && typeof pico === 'string' && /^-?\d+$/.test(pico))
        this.hours.set(hour, BigInt(pico))
    }
  }

  /** Writes it when something changed. Rejects when the disk does not take it. */
  async save(): Promise<void> {
    if (!this.isDirty) return
    this.isDirty = false
    const entries = [...this.hours].sort(([a], [b]) => a - b).map(([hour, pico]) => [hour, String(pico)])
    await writeFile(`${this.file}.tmp`, JSON.stringify(entries))
    await rename(`${this.file}.tmp`, this.file)
  }
}
