import { constants, type ServerHttp2Session } from 'node:http2'
import type { Clock } from '../../../pipeline/host.ts'
import type { Keepalive } from '../config-grpc.ts'

/** A client may break the rules twice; the third time it is sent away. As in grpc-go. */
const STRIKES_MAX = 2
/** Without `permit_without_stream`, this is how rarely a client with no calls may ping. As in grpc-go. */
const IDLE_PING_MS = 7_200_000
/** How long a peer may take to hear a GOAWAY. */
const FAREWELL_MS = 250
const TOO_MANY_PINGS = Buffer.from('too_many_pings')

/** Watches one connection: pings it, limits its pings, and ends it by age or for want of calls. */
export class SessionKeeper {
  private readonly session: ServerHttp2Session
  private readonly clock: Clock
  private readonly config: Keepalive
  private readonly timers = new Map<string, () => void>()
  private open = 0
  private lastSeen: number
  private lastPing = Number.NEGATIVE_INFINITY
  private strikes = 0
  private leaving = false

  constructor(session: ServerHttp2Session, config: Keepalive, clock: Clock, random: () => number) {
    this.session = session
    this.config = config
    this.clock = clock
    this.lastSeen = clock.monotonic()
    const { time, max_connection_age: age } = config.server_parameters
    if (time > 0) this.watch(time)
    // Spread by a tenth, so that connections made together do not all come back together.
    if (age > 0) this.timer('age', age * (0.9 + 0.2 * random()), () => this.retire())
    if (config.enforcement_policy !== undefined) session.on('ping', () => this.pinged())
    session.on('close', () => this.cancelAll())
    this.restIdle()
  }

  /** A call begins; false when it comes too late, and must be refused unseen. */
  began(): boolean {
    if (this.leaving) return false
    this.open++
    this.lastSeen = this.clock.monotonic()
    this.strikes = 0
    this.cancel('idle')
    return true
  }

  ended(): void {
    this.open--
    this.lastSeen = this.clock.monotonic()
    if (this.open === 0) this.restIdle()
  }

  /**
   * Says GOAWAY and ends when the calls under way are answered. It names the last call that was begun here: those that
   * crossed it on the wire are refused untouched, and clients send them again by themselves. The connection stays open a
   * little longer: closed at once, what is still coming in would reset it, and the peer might lose the GOAWAY with it.
   */
  leave(): void {
    const { session } = this
    if (this.leaving || session.destroyed) return
    this.leaving = true
    session.goaway(constants.NGHTTP2_NO_ERROR)
    this.timer('farewell', FAREWELL_MS, () => {
      if (this.open === 0) session.destroy()
      else session.close()
    })
  }

  private retire(): void {
    this.leave()
    const grace = this.config.server_parameters.max_connection_age_grace
    if (grace > 0) this.timer('grace', grace, () => this.session.destroy())
  }

  private restIdle(): void {
    const idle = this.config.server_parameters.max_connection_idle
    if (idle > 0 && !this.session.destroyed) this.timer('idle', idle, () => this.leave())
  }

  /** A peer that went away without a word would be kept for ever. */
  private watch(after: number): void {
    this.timer('time', after, () => {
      const { time, timeout } = this.config.server_parameters
      const silent = this.clock.monotonic() - this.lastSeen
      if (silent < time) return this.watch(time - silent)
      if (this.session.destroyed) return
      this.timer('timeout', timeout, () => this.session.destroy())
      this.session.ping(() => {
        this.cancel('timeout')
        this.lastSeen = this.clock.monotonic()
        if (!this.session.destroyed) this.watch(time)
      })
    })
  }

  private pinged(): void {
    const policy = this.config.enforcement_policy
    if (policy === undefined) return
    const now = this.clock.monotonic()
    const least = this.open === 0 && !policy.permit_without_stream ? IDLE_PING_MS : policy.min_time
    if (now - this.lastPing < least) this.strikes++
    this.lastPing = now
    if (this.strikes <= STRIKES_MAX || this.session.destroyed) return
    this.session.goaway(constants.NGHTTP2_ENHANCE_YOUR_CALM, 0, TOO_MANY_PINGS)
    this.session.destroy(undefined, constants.NGHTTP2_ENHANCE_YOUR_CALM)
  }

  private timer(name: string, ms: number, fn: () => void): void {
    this.cancel(name)
    this.timers.set(name, this.clock.after(ms, fn))
  }

  private cancel(name: string): void {
    this.timers.get(name)?.()
    this.timers.delete(name)
  }

  private cancelAll(): void {
    for (const cancel of this.timers.values()) cancel()
    this.timers.clear()
  }
}
