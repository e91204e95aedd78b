import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Clock } from '../../../pipeline/host.ts'
import type { Account } from '../admission.ts'
import { type Answer, answerOf, CODE, type Failure, failure, tooLarge } from '../answer.ts'
import { type Encoding, encodingNamed } from '../encoding/decode.ts'
import { FULL, gather, type Intake } from '../intake.ts'
import type { Cors } from './cors.ts'
import { type Media, mediaOf } from './media.ts'
import { type Reply, replyOf } from './reply.ts'
import type { Route, Routes } from './routes.ts'

/** What all exchanges of a server share. */
export interface Door {
  readonly clock: Clock
  readonly intake: Intake
  readonly routes: Routes
  readonly cors: Cors | undefined
  /** Bytes. */
  readonly limit: number
  readonly encodings: ReadonlySet<string>
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
  private route: Route | undefined
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
    const { req, door } = this
    const media = mediaOf(req.headers['content-type'])
    this.media = media ?? 'json'
    this.route = door.routes.find(req.url ?? '')
    if (this.route === undefined) return this.refuse(failure(CODE.unimplemented, `nothing is served at ${req.url}`, 404))
    if (req.method !== 'POST') return this.notPost(req.method ?? '')
    if (media === undefined) return this.refuse(UNKNOWN_MEDIA)
    const encoding = this.encoding()
    if (encoding === undefined) {
      return this.refuse(failure(CODE.invalidArgument, `unsupported Content-Encoding: ${req.headers['content-encoding']}`))
    }
    const refusal = this.refusal(this.route)
    if (refusal !== undefined) return this.refuse(refusal)
    if (waits) this.res.writeContinue()
    this.receive(this.route, encoding)
  }

  private encoding(): Encoding | undefined {
    const header = this.req.headers['content-encoding']
    if (header === undefined) return 'identity'
    const name = header.trim().toLowerCase()
    const accepted = name === 'identity' || this.door.encodings.has(name === 'x-gzip' ? 'gzip' : name)
    return accepted ? encodingNamed(name) : undefined
  }

  /** What can be said before the body is read. */
  private refusal(route: Route): Answer | undefined {
    const length = Number(this.req.headers['content-length'] ?? 0)
    if (length > this.door.limit) return tooLarge(this.door.limit)
    const refused = route.consumer.admit(length)
    return refused === undefined ? undefined : answerOf(refused)
  }

  private receive(route: Route, encoding: Encoding): void {
    const { req, door, account } = this
    const chunks: Buffer[] = []
    let size = 0
    req.on('data', (chunk: Buffer) => {
      if (this.answered) return
      size += chunk.length
      if (size > door.limit) return this.refuse(tooLarge(door.limit))
      if (!account.take(chunk.length)) return this.refuse(FULL)
      chunks.push(chunk)
    })
    req.on('end', () => {
      if (this.answered) return
      const body = gather(chunks, size)
      const json = this.media === 'json'
      const answer = door.intake.take({ ...route, body, encoding: size === 0 ? 'identity' : encoding, json, limit: door.limit, account })
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
    const reply = this.closing(answer)
    reply.headers.push(...more)
    const length = Number(req.headers['content-length'] ?? 0)
    const known = req.headers['transfer-encoding'] === undefined && length <= DRAIN_MAX && req.headers.expect === undefined
    if (known) {
      res.writeHead(reply.status, reply.headers)
      res.end(reply.body)
      return
    }
    reply.headers.push('Connection', 'close')
    res.writeHead(reply.status, reply.headers)
    if (reply.body.length > 0 && req.method !== 'HEAD') res.write(reply.body)
    else res.flushHeaders()
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

  /** Ends the accounts of this exchange; its reply follows at once. */
  private closing(answer: Answer): Reply {
    const { door, req } = this
    this.answered = true
    this.account.close()
    door.intake.count(answer)
    const reply = replyOf(answer, this.media, this.route?.signal ?? 'traces')
    if (door.cors !== undefined) reply.headers.push(...door.cors.headers(req.headers.origin))
    if (door.headers.length > 0) reply.headers.push(...door.headers)
    if (door.stopping || !door.keepAlive) reply.headers.push('Connection', 'close')
    return reply
  }

  private notPost(method: string): void {
    const { door, req } = this
    const allow = door.cors === undefined ? 'POST' : 'POST, OPTIONS'
    if (method !== 'OPTIONS' || door.cors === undefined) {
      return this.refuse(failure(CODE.unimplemented, `${method} is not supported, only POST`, 405), ['Allow', allow])
    }
    const asked = req.headers['access-control-request-method']
    const headers = door.cors.preflight(req.headers.origin, asked, req.headers['access-control-request-headers'])
    this.answered = true
    this.res.writeHead(204, ['Allow', allow, ...headers])
    this.res.end()
  }
}

const UNKNOWN_MEDIA: Failure = failure(
  CODE.invalidArgument,
  'unsupported Content-Type; send application/x-protobuf or application/json',
  415,
)
