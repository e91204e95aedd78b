import { jsonToProto, OtlpJsonError } from '../../otlp/json/index.ts'
import type { Consumer, Consumers, Signal } from '../../pipeline/component.ts'
import type { Host } from '../../pipeline/host.ts'
import type { MetricChild } from '../../pipeline/telemetry/metrics.ts'
import type { Account, Admission } from './admission.ts'
import { type Answer, answerOf, CODE, type Failure, failure, outcomeLabel, STOPPING, tooLarge } from './answer.ts'
import { BodyError } from './encoding/body-error.ts'
import { decode, type Encoding } from './encoding/decode.ts'
import { isShared, ROOM_MAX, sharedRoom } from './encoding/shared-room.ts'
import { textOf } from './errors.ts'

/** A request whose body has arrived. */
export interface Arrived {
  readonly signal: Signal
  readonly consumer: Consumer
  readonly body: Buffer
  readonly encoding: Encoding
  readonly json: boolean
  /** Bytes, also after decompression. */
  readonly limit: number
  readonly account: Account
}

export const FULL: Failure = {
  kind: 'error',
  code: CODE.unavailable,
  message: 'too many requests are on their way in; see admission.request_limit_mib',
  retryAfterMs: 1000,
}

/** What both protocols do with a body: unpack it, turn JSON into protobuf, hand it on, and put the outcome into words. */
export class Intake {
  readonly next: Consumers
  readonly transport: 'grpc' | 'http'
  readonly admission: Admission
  private readonly host: Host
  private readonly requests: Readonly<Record<ReturnType<typeof outcomeLabel>, MetricChild>>
  private closed = false

  constructor(host: Host, next: Consumers, transport: 'grpc' | 'http', admission: Admission) {
    this.host = host
    this.next = next
    this.transport = transport
    this.admission = admission
    const family = host.metrics.counter(REQUESTS.name, REQUESTS.description, REQUESTS.labels)
    const child = (outcome: string): MetricChild => family.child(host.id, transport, outcome)
    this.requests = { success: child('success'), refused: child('refused'), failure: child('failure') }
  }

  count(answer: Answer): void {
    this.requests[outcomeLabel(answer)].add(1)
  }

  /** From now on nothing is handed on, not even what the thread pool is still unpacking. */
  close(): void {
    this.closed = true
  }

  /** Never throws and never rejects. Synchronous whenever it can be: a promise costs as much as a small request itself. */
  take(arrived: Arrived): Answer | Promise<Answer> {
    try {
      const plain = decode(arrived.encoding, arrived.body, arrived.limit)
      if (!isLater(plain)) return this.unpacked(arrived, plain)
      return plain.then((later) => this.unpacked(arrived, later)).catch((error: unknown) => this.fault(error))
    } catch (error) {
      return this.fault(error)
    }
  }

  private unpacked(arrived: Arrived, plain: Buffer | BodyError): Answer | Promise<Answer> {
    if (this.closed) return STOPPING
    if (plain instanceof BodyError) {
      return plain.kind === 'too_large' ? tooLarge(arrived.limit) : failure(CODE.invalidArgument, plain.message)
    }
    if (plain !== arrived.body && !arrived.account.take(plain.length)) return FULL
    const proto = arrived.json ? fromJson(arrived.signal, plain) : plain
    if (!Buffer.isBuffer(proto)) return proto
    const outcome = arrived.consumer.consume(proto, this.transport, isShared(proto))
    return isLater(outcome) ? outcome.then(answerOf, (error: unknown) => this.fault(error)) : answerOf(outcome)
  }

  /** A bug of ours. Not retryable: the same bytes would only hit it again. */
  private fault(error: unknown): Answer {
    this.host.log.error('a request could not be processed because of a fault inside the sidecar', {
      error: error instanceof Error ? (error.stack ?? error.message) : textOf(error),
    })
    return failure(CODE.internal, 'internal error')
  }
}

export const REQUESTS = {
  name: 'otelcol_receiver_requests',
  description: 'Requests answered, by outcome: success, refused (may be sent again), failure.',
  labels: ['receiver', 'transport', 'outcome'],
} as const

const isLater = <T>(value: T | Promise<T>): value is Promise<T> =>
  typeof value === 'object' && value !== null && 'then' in value

function fromJson(signal: Signal, body: Buffer): Buffer | Failure {
  // Some senders post nothing at all where they have nothing to say.
  if (body.length === 0) return body
  try {
    return jsonToProto(signal, body)
  } catch (error) {
    if (error instanceof OtlpJsonError) return failure(CODE.invalidArgument, error.message)
    throw error
  }
}

/**
 * One buffer for a body that came in pieces; a small piece is copied, as it would keep the socket's whole slab alive.
 *
 * @param passing it is read through before anything else arrives, so that shared memory will do: nothing to be unpacked
 */
export function gather(chunks: readonly Buffer[], size: number, passing: boolean): Buffer {
  const [only] = chunks
  if (chunks.length === 1 && only !== undefined && only.buffer.byteLength <= 2 * size) return only
  if (!passing || size > ROOM_MAX) return Buffer.concat(chunks, size)
  const body = sharedRoom(size)
  let at = 0
  for (const chunk of chunks) {
    body.set(chunk, at)
    at += chunk.length
  }
  return body
}
