import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Signal } from '../../../pipeline/component.ts'
import type { Clock } from '../../../pipeline/host.ts'
import type { Account } from '../admission.ts'
import { type Answer, tooLarge } from '../answer.ts'
import { FULL, gather, type Intake } from '../intake.ts'
import type { Cors } from './cors.ts'
import { type Inspected, inspect, type Rules } from './inspect.ts'
import type { Media } from './media.ts'
import { type Reply, replyOf } from './reply.ts'

/** What all exchanges of a server share. */
export interface Door extends Rules {
  readonly clock: Clock
  readonly intake: Intake
  readonly cors: Cors | undefined
  /** Flat name-value list for every response. */
  readonly headers: readonly string[]
  readonly keepAlive: boolean
  /** Every connection is closed with its next answer: the server is shutting down. */
  stopping: boolean
  /** Exchanges begun and not yet over. */
  open: number
  /** Called whenever `open` falls to 0. */
  idle(): void
}

/** A refused body of up to this size is read and forgotten, so that the connection can go on. */
const DRAIN_MAX = 256 * 1024
/** Beyond it the connection is closed, but not while the sender is still writing: it would see a reset and not our answer. */
const LINGER_BYTES = 256 * 1024 * 1024
const LINGER_MS = 10_000

/** One request and its response. */
export class Exchange {
  private readonly door: Door
  private readonly req: IncomingMessage
  private readonly res: ServerResponse
  private readonly account: Account
  private media: Media = 'json'
  private signal: Signal = 'traces'
  private answered = false

  constructor(door: Door, req: IncomingMessage, res: ServerResponse) {
    this.door = door
    this.req = req
    this.res = res
    this.account = door.intake.admission.open()
    door.open++
    res.on('close', () => {
      if (--door.open === 0) door.idle()
      if (!this.answered && !req.complete) this.account.close()
    })
  }

  /** `waits`: the sender wants to hear `100 Continue` before it sends the body. */
  begin(waits: boolean): void {
    const found = inspect(this.req, this.door)
    if (found.kind === 'preflight') this.preflight()
    else {
      this.media = found.media
      if (found.kind === 'refused') this.refuse(found.answer, found.headers)
      else {
        if (waits) this.res.writeContinue()
        this.receive(found)
      }
    }
  }

  private receive({ route, encoding }: Extract<Inspected, { kind: 'go' }>): void {
    const { req, door, account } = this
    this.signal = route.signal
    const chunks: Buffer[] = []
    let size = 0
    req.on('data', (chunk: Buffer) => {
      if (this.answered) return
      size += chunk.length
      if (size > door.limit) this.refuse(tooLarge(door.limit))
      else if (!account.take(chunk.length)) this.refuse(FULL)
      else chunks.push(chunk)
    })
    req.on('end', () => {
      if (this.answered) return
      const body = gather(chunks, size, encoding === 'identity')
      const answer = door.intake.take({
        signal: route.signal,
        consumer: route.consumer,
        body,
        encoding: size === 0 ? 'identity' : encoding,
        json: this.media === 'json',
        limit: door.limit,
        account,
      })
      if ('then' in answer) void answer.then((later) => this.answer(later))
      else this.answer(answer)
    })
  }

  private answer(answer: Answer): void {
    const { res } = this
    const reply = this.closing(answer)
    res.writeHead(reply.status, reply.headers)
    res.end(reply.body)
  }

  /** An answer before the body was read to its end. */
  private refuse(answer: Answer, more: readonly string[] = []): void {
    const { req, res } = this
    const { 'content-length': length, 'transfer-encoding': chunked, expect } = req.headers
    const small = Number(length ?? 0) <= DRAIN_MAX && chunked === undefined && expect === undefined
    const reply = this.closing(answer, !small)
    res.writeHead(reply.status, [...reply.headers, ...more])
    if (small) {
      res.end(reply.body)
      return
    }
    if (req.method === 'HEAD') res.flushHeaders()
    else res.write(reply.body)
    this.linger()
  }

  /** Reads on for a while without keeping anything, then closes. */
  private linger(): void {
    const { req, res } = this
    let left = LINGER_BYTES
    const cancel = this.door.clock.after(LINGER_MS, () => req.destroy())
    req.on('data', (chunk: Buffer) => {
      left -= chunk.length
      if (left < 0) req.destroy()
    })
    req.on('end', () => res.end())
    res.on('close', cancel)
  }

  /** Closes the books of this exchange; the reply follows at once. `last`: nothing more on this connection. */
  private closing(answer: Answer, last = false): Reply {
    const { door, req } = this
    this.answered = true
    this.account.close()
    door.intake.count(answer)
    const reply = replyOf(answer, this.media, this.signal)
    if (door.cors !== undefined) reply.headers.push(...door.cors.headers(req.headers.origin))
    if (door.headers.length > 0) reply.headers.push(...door.headers)
    if (last || door.stopping || !door.keepAlive) reply.headers.push('Connection', 'close')
    return reply
  }

  private preflight(): void {
    const { door, req, res } = this
    const { origin, 'access-control-request-method': method, 'access-control-request-headers': asked } = req.headers
    this.answered = true
    res.writeHead(204, ['Allow', door.allow, ...(door.cors?.preflight(origin, method, asked) ?? [])])
    res.end()
  }
}
