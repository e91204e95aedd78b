import type { Host, ServiceName } from '../../pipeline/host.ts'

/**
 * Which sources have sent the signal that they are billed from. Spans and log records run through pipelines of their own;
 * this is what those have in common.
 */
export class SignalsSeen {
  private readonly seen = new Set<number>()

  /** @param dialect its place in the table */
  note(dialect: number): void {
    this.seen.add(dialect)
  }
  get size(): number {
    return this.seen.size
  }
  has(dialect: number): boolean {
    return this.seen.has(dialect)
  }
}

const NAME: ServiceName<SignalsSeen> = { name: 'gen_ai_usage.signals_seen' }

/** One for the whole sidecar, made by the first processor that asks. */
export function signalsSeen(host: Host): SignalsSeen {
  const known = host.service(NAME)
  if (known !== undefined) return known
  const made = new SignalsSeen()
  host.provide(NAME, made)
  return made
}
