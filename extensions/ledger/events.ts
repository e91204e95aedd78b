import type { Logger } from '../../pipeline/host.ts'
import type { LedgerEvent } from '../../pipeline/services.ts'

/** Events held for whoever comes back after a broken connection. */
const KEPT = 10_000

type Listener = (event: LedgerEvent) => void

/** The last events, and whoever wants the next ones. */
export class Events {
  private readonly ring: LedgerEvent[] = []
  private first = 0
  private readonly listeners = new Set<Listener>()
  private readonly log: Logger

  constructor(log: Logger) {
    this.log = log
  }

  push(event: LedgerEvent): void {
    if (this.ring.length < KEPT) this.ring.push(event)
    else {
      this.ring[this.first] = event
      this.first = (this.first + 1) % KEPT
    }
    for (const listener of [...this.listeners]) this.tell(listener, event)
  }

  watch(sinceSeq: number, listener: Listener): () => void {
    for (let i = 0; i < this.ring.length; i++) {
      const event = this.ring[(this.first + i) % KEPT]
      if (event !== undefined && event.seq > sinceSeq) this.tell(listener, event)
    }
    // Wrapped, so that the same function may listen twice and stop once.
    const own: Listener = (event) => listener(event)
    this.listeners.add(own)
    return () => void this.listeners.delete(own)
  }

  private tell(listener: Listener, event: LedgerEvent): void {
    try {
      listener(event)
    } catch (error) {
      this.log.error('a listener of ledger events failed', { error: String(error), event: event.type })
    }
  }
}
