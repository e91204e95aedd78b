import type { ServerResponse } from 'node:http'
import type { Clock } from '../../pipeline/host.ts'
import type { Ledger, LedgerEvent } from '../../pipeline/services.ts'
import { BadRequest } from './bad-request.ts'
import { eventView, killView, toJson } from './views.ts'

const WATCHERS_MAX = 256
/** A watcher that reads slower than this is cut off; it comes back with its last id and is given what it missed. */
const BACKLOG_MAX = 1024 * 1024
/** Comments keep proxies from closing a silent connection, and find those that are gone. */
const HEARTBEAT_MS = 15_000
/** Past every event: nothing is replayed. */
const NOW = Number.POSITIVE_INFINITY

/** Server-sent events: first the kills in force, then what was missed since the last id, then what happens. */
export class Watchers {
  private readonly ledger: Ledger
  private readonly clock: Clock
  private readonly open = new Map<ServerResponse, () => void>()
  private cancelHeartbeat: (() => void) | undefined

  constructor(ledger: Ledger, clock: Clock) {
    this.ledger = ledger
    this.clock = clock
  }

  get size(): number {
    return this.open.size
  }

  /** Throws when there are too many. `lastId` as the client sent it. */
  add(response: ServerResponse, lastId: string | undefined): void {
    if (this.open.size >= WATCHERS_MAX) {
      throw new BadRequest(503, 'too_many_watchers', `${WATCHERS_MAX} connections already watch`, 'close one of them', {
        'retry-after': '5',
      })
    }
    response.writeHead(200, {
      'content-type': 'text/event-stream',
      'cache-control': 'no-store',
      'x-accel-buffering': 'no',
    })
    response.write(`retry: 2000\n\nevent: kills\ndata: ${toJson(this.ledger.kills().map(killView))}\n\n`)
    const since = /^\d{1,16}$/.test(lastId ?? '') ? Number(lastId) : NOW
    const stop = this.ledger.watch(since, (event) => this.send(response, event))
    this.open.set(response, stop)
    response.on('close', () => this.remove(response))
    this.plan()
  }

  close(): void {
    this.cancelHeartbeat?.()
    for (const [response, stop] of this.open) {
      stop()
      response.end()
    }
    this.open.clear()
  }

  private remove(response: ServerResponse): void {
    this.open.get(response)?.()
    this.open.delete(response)
  }

  private send(response: ServerResponse, event: LedgerEvent): void {
    this.write(response, `id: ${event.seq}\nevent: ${event.type}\ndata: ${toJson(eventView(event))}\n\n`)
  }

  private write(response: ServerResponse, text: string): void {
    response.write(text)
    if (response.writableLength <= BACKLOG_MAX) return
    this.remove(response)
    response.destroy()
  }

  private plan(): void {
    this.cancelHeartbeat ??= this.clock.after(HEARTBEAT_MS, () => {
      this.cancelHeartbeat = undefined
      for (const response of [...this.open.keys()]) this.write(response, ':\n\n')
      if (this.open.size > 0) this.plan()
    })
  }
}
