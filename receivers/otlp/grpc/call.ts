import { constants, type IncomingHttpHeaders, type OutgoingHttpHeaders, type ServerHttp2Stream } from 'node:http2'
import type { Consumer, Signal } from '../../../pipeline/component.ts'
import type { Clock } from '../../../pipeline/host.ts'
import type { Account } from '../admission.ts'
import { type Answer, answerOf, CODE, type Failure, failure } from '../answer.ts'
import { type Encoding, encodingNamed } from '../encoding/decode.ts'
import { FULL, type Intake } from '../intake.ts'
import { MessageReader } from './message-reader.ts'
import { isGrpc, timeoutMs } from './metadata.ts'
import { ACCEPTED, reply } from './reply.ts'

/** What all calls of a server share. */
export interface Desk {
  readonly clock: Clock
  readonly intake: Intake
  /** Bytes. */
  readonly limit: number
}

const METHODS: Readonly<Record<string, Signal>> = {
  '/opentelemetry.proto.collector.trace.v1.TraceService/Export': 'traces',
  '/opentelemetry.proto.collector.logs.v1.LogsService/Export': 'logs',
  '/opentelemetry.proto.collector.metrics.v1.MetricsService/Export': 'metrics',
}

/** A call that names no deadline, or a later one, has this long. */
const CALL_MS_MAX = 300_000
/** What a sender may still have on its way when it is answered early; beyond it the stream is reset. */
const DRAIN_MAX = 1024 * 1024
const DRAIN_MS = 5000

/** One unary call. */
export class Call {
  private readonly desk: Desk
  private readonly stream: ServerHttp2Stream
  private readonly account: Account
  private readonly reader: MessageReader
  private signal: Signal = 'traces'
  private over = false
  /** The body is with the intake; the account stays open until that has answered. */
  private arrived = false
  private cancelDeadline = (): void => {}

  constructor(desk: Desk, stream: ServerHttp2Stream, keeper: { ended(): void }) {
    this.desk = desk
    this.stream = stream
    stream.on('close', () => {
      keeper.ended()
      this.closed()
    })
    this.account = desk.intake.admission.open()
    this.reader = new MessageReader(desk.limit)
    // A stream that the peer resets is no fault of ours; without a listener it would end the process.
    stream.on('error', () => {})
  }

  begin(headers: IncomingHttpHeaders): void {
    const wrong = notGrpc(headers)
    if (wrong !== undefined) this.refuseHttp(wrong)
    else this.beginExport(headers)
  }

  private beginExport(headers: IncomingHttpHeaders): void {
    const { desk } = this
    const path = headers[':path'] ?? ''
    const signal = Object.hasOwn(METHODS, path) ? METHODS[path] : undefined
    const consumer = signal === undefined ? undefined : desk.intake.next[signal]
    const timeout = timeoutMs(one(headers['grpc-timeout'])) ?? CALL_MS_MAX
    if (signal === undefined || consumer === undefined) {
      this.refuse(failure(CODE.unimplemented, `unknown service or method ${path}`))
    } else if (Number.isNaN(timeout)) this.refuse(failure(CODE.internal, 'malformed grpc-timeout'))
    else {
      this.signal = signal
      this.cancelDeadline = desk.clock.after(Math.min(timeout, CALL_MS_MAX), () => this.refuse(TOO_LATE))
      this.receive(consumer, one(headers['grpc-encoding']) ?? 'identity')
    }
  }

  private receive(consumer: Consumer, encoding: string): void {
    const { stream, reader, account } = this
    stream.on('data', (chunk: Buffer) => {
      if (this.over) return
      const asked = reader.length !== undefined
      const wrong = reader.push(chunk) ?? (asked ? undefined : this.admitted(consumer, encoding))
      if (wrong !== undefined) this.refuse(wrong)
      else if (!account.take(chunk.length)) this.refuse(FULL)
    })
    stream.on('end', () => {
      if (!this.over) this.hand(consumer, encoding)
    })
  }

  /** Once, as soon as the message's length is known. */
  private admitted(consumer: Consumer, encoding: string): Answer | undefined {
    const { length, compressed } = this.reader
    if (length === undefined) return undefined
    if (compressed && encoding === 'identity') {
      return failure(CODE.internal, 'the message is flagged as compressed, but there is no grpc-encoding')
    }
    if (compressed && !ACCEPTED.includes(encoding)) {
      return failure(
        CODE.unimplemented,
        `grpc-encoding ${encoding} is not supported; use one of ${ACCEPTED.join(', ')}`,
      )
    }
    const refused = consumer.admit(length)
    return refused === undefined ? undefined : answerOf(refused)
  }

  private hand(consumer: Consumer, encoding: string): void {
    const { desk, signal, account, reader } = this
    const body = reader.finish()
    if (!Buffer.isBuffer(body)) {
      this.refuse(body)
      return
    }
    this.arrived = true
    // Only known encodings get here with the flag set, see `admitted`.
    const packed: Encoding = (reader.compressed ? encodingNamed(encoding) : undefined) ?? 'identity'
    const { limit } = desk
    const answer = desk.intake.take({ signal, consumer, body, encoding: packed, json: false, limit, account })
    if ('then' in answer) void answer.then((later) => this.answer(later))
    else this.answer(answer)
  }

  private answer(answer: Answer): void {
    // Past its deadline the sender has been answered already; the account still had to wait for the outcome.
    this.account.close()
    if (this.over) return
    this.finish(answer)
  }

  private refuse(answer: Answer): void {
    if (this.over) return
    if (!this.arrived) this.account.close()
    this.finish(answer)
    this.drain()
  }

  private finish(answer: Answer): void {
    this.over = true
    this.cancelDeadline()
    this.desk.intake.count(answer)
    reply(this.stream, answer, this.signal)
  }

  /** Whoever speaks no gRPC gets plain HTTP. */
  private refuseHttp(headers: OutgoingHttpHeaders): void {
    this.over = true
    this.desk.intake.count(failure(CODE.unimplemented, ''))
    this.stream.respond(headers, { endStream: true })
    this.drain()
  }

  /** Takes in and forgets what the sender had on its way, for a while. */
  private drain(): void {
    const { stream } = this
    let left = DRAIN_MAX
    const cancel = this.desk.clock.after(DRAIN_MS, () => stream.close(constants.NGHTTP2_NO_ERROR))
    stream.on('close', cancel)
    stream.on('data', (chunk: Buffer) => {
      left -= chunk.length
      if (left < 0) stream.close(constants.NGHTTP2_NO_ERROR)
    })
  }

  /** The stream is gone, answered or not. */
  private closed(): void {
    this.over = true
    this.cancelDeadline()
    if (!this.arrived) this.account.close()
  }
}

/** The status and headers for who speaks no gRPC. */
function notGrpc(headers: IncomingHttpHeaders): OutgoingHttpHeaders | undefined {
  if (headers[':method'] !== 'POST') return { ':status': 405, allow: 'POST' }
  return isGrpc(headers['content-type']) ? undefined : { ':status': 415 }
}

const TOO_LATE: Failure = failure(CODE.deadlineExceeded, 'the deadline passed before the call was complete')

const one = (header: string | string[] | undefined): string | undefined => (Array.isArray(header) ? header[0] : header)
