import { addPico, type Pico } from '../../genai/money.ts'
import type { Clock } from '../../pipeline/host.ts'
import type { Counter } from './budget.ts'

interface Reservation {
  readonly pico: Pico
  readonly counters: readonly Counter[]
  readonly cancel: () => void
}

const MIN_TTL_MS = 1_000
const MAX_TTL_MS = 3_600_000
/** Calls under way at one time; more are asked to come back later. */
const MAX_OPEN = 100_000

/** What is held back for calls under way. In memory only: after a restart those calls settle like any other. */
export class Reservations {
  private readonly clock: Clock
  private readonly open = new Map<string, Reservation>()
  private last = 0

  constructor(clock: Clock) {
    this.clock = clock
  }

  get size(): number {
    return this.open.size
  }

  get isFull(): boolean {
    return this.open.size >= MAX_OPEN
  }

  hold(pico: Pico, counters: readonly Counter[], ttlMs: number): string {
    const id = `res-${(++this.last).toString(36)}`
    for (const counter of counters) counter.reserved = addPico(counter.reserved, pico)
    const ttl = Math.min(MAX_TTL_MS, Math.max(MIN_TTL_MS, Number.isFinite(ttlMs) ? ttlMs : MIN_TTL_MS))
    this.open.set(id, { pico, counters, cancel: this.clock.after(ttl, () => this.release(id)) })
    return id
  }

  release(id: string): void {
    const reservation = this.open.get(id)
    if (reservation === undefined) return
    this.open.delete(id)
    reservation.cancel()
    for (const counter of reservation.counters) counter.reserved = addPico(counter.reserved, negative(reservation.pico))
  }

  releaseAll(): void {
    for (const id of [...this.open.keys()]) this.release(id)
  }
}

const negative = (pico: Pico): Pico => (typeof pico === 'number' ? 0 - pico : -pico)
