import type { ClientRequest, Agent as HttpAgent, IncomingMessage, ServerResponse } from 'node:http'
import { request as httpRequest } from 'node:http'
import { type Agent as HttpsAgent, request as httpsRequest } from 'node:https'
import type { Writable } from 'node:stream'
import type { Clock, Logger } from '../../pipeline/host.ts'
import type { Decision, Ledger, Subject } from '../../pipeline/services.ts'
import { type AnswerReader, unreadable } from './answer.ts'
import { type AnswerBody, EventStream, WholeAnswer } from './answer-body.ts'
import type { SpanEmitter } from './emitter.ts'
import { completeUsage } from './estimate.ts'
import { isEventStream, isJson, requestHeaders, responseHeaders } from './headers.ts'
import type { Identity } from './identity.ts'
import type { ProxyMetrics } from './metrics.ts'
import { INTERNAL, refusedBy, shapeOf, silent, unreachable } from './problems.ts'
import { type Problem, refusal, streamError } from './refuse.ts'
import { passBody, passBodyAskingForUsage, requestFields } from './request-body.ts'
import type { Api, Form } from './route.ts'
import { encodeCall } from './span.ts'
import type { Cuttable, StreamGuard } from './stream-guard.ts'
import type { Upstream } from './upstreams.ts'
import { AnthropicReader } from './usage-anthropic.ts'
import { OpenAiReader } from './usage-openai.ts'

/** How long a client that left right before the usage came may keep the provider's connection open. */
const LAST_WORD_MS = 2000

/** What all exchanges of one proxy share. */
export interface Shared {
  readonly clock: Clock
  readonly log: Logger
  readonly serviceName: string
  readonly idleTimeoutMs: number
  readonly httpAgent: HttpAgent
  readonly httpsAgent: HttpsAgent
  readonly emitter: SpanEmitter
  readonly metrics: ProxyMetrics
  readonly ledger: Ledger | undefined
  /** Absent when streams are not to be cut. */
  readonly guard: StreamGuard | undefined
  /** Everything that is not over, or whose client is still connected. */
  readonly inFlight: Set<Exchange>
}

/** One request, as the proxy found it. */
export interface Incoming {
  readonly req: IncomingMessage
  readonly res: ServerResponse
  readonly upstream: Upstream
  /** Path and query at the upstream. */
  readonly path: string
  readonly api: Api
  readonly identity: Identity
  readonly reservation: string | undefined
  readonly requestId: string
}

/**
 * One request on its way to a provider and back. What it used is settled once, and before the client can know that the
 * answer is over: then the next call of the same run finds this one counted.
 */
export class Exchange implements Cuttable {
  readonly subject: Subject
  private readonly shared: Shared
  private readonly in: Incoming
  private readonly reader: AnswerReader
  private readonly request = requestFields()
  private readonly startMs: number
  private body: AnswerBody | undefined = undefined
  private outgoing: ClientRequest | undefined = undefined
  private answer: IncomingMessage | undefined = undefined
  private wasSent = false
  private hidesUsage = false
  private status: number | undefined = undefined
  private isStream = false
  private isSettled = false
  /** Nothing that still arrives matters any more. */
  private isOver = false

  constructor(shared: Shared, incoming: Incoming) {
    this.shared = shared
    this.in = incoming
    this.subject = incoming.identity.subject
    this.reader = readerFor(incoming.upstream, incoming.api.form)
    this.startMs = shared.clock.now()
  }

  start(): void {
    const { req, res, api, upstream } = this.in
    this.shared.inFlight.add(this)
    this.shared.metrics.inFlight.add(1)
    res.on('close', () => {
      if (!res.writableFinished) this.safely(() => this.clientLeft())
      this.leave()
    })
    const open = (length: number | undefined): Writable | undefined =>
      this.isOver ? undefined : this.safely(() => this.open(length))
    const asks =
      upstream.dialect === 'openai' && upstream.injectUsage && (api.form === 'chat' || api.form === 'completions')
    if (asks && req.headers['content-encoding'] === undefined) {
      passBodyAskingForUsage(req, this.request, open, () => {
        this.hidesUsage = true
      })
    } else passBody(req, this.request, open)
    if (api.billable) this.shared.guard?.add(this)
  }

  /** Ends it because the ledger says so. Whole answers are left to finish: they are paid for, and end by themselves. */
  cut(decision: Decision): void {
    const problem = refusedBy(decision)
    const isWhole = this.status === undefined ? this.request.get('stream') !== true : !this.isStream
    if (problem === undefined || isWhole || this.isSettled || this.isOver) return
    this.shared.metrics.cut(problem.code)
    this.stop(problem)
  }

  /** Ends it whatever it is. */
  stop(problem: Problem): void {
    if (this.isOver) return
    this.abandon(problem.code)
    this.tell(problem)
  }

  /** A fault of ours in the middle of a call costs that call, not the process. */
  private safely<T>(work: () => T): T | undefined {
    try {
      return work()
    } catch (error) {
      this.shared.log.error('a call failed inside the proxy', { error: String(error) })
      this.stop(INTERNAL)
      return undefined
    }
  }

  private open(contentLength: number | undefined): Writable {
    const { req, upstream, path, api, identity } = this.in
    const isTls = upstream.url.protocol === 'https:'
    const headers = requestHeaders(req.headers, upstream, api.billable ? identity : undefined)
    if (contentLength !== undefined) headers['content-length'] = contentLength
    else if (req.headers['transfer-encoding'] !== undefined) headers['transfer-encoding'] = 'chunked'
    const outgoing = (isTls ? httpsRequest : httpRequest)({
      method: req.method,
      hostname: upstream.url.hostname.replace(/^\[|\]$/g, ''),
      port: upstream.url.port === '' ? (isTls ? 443 : 80) : Number(upstream.url.port),
      path,
      headers,
      agent: isTls ? this.shared.httpsAgent : this.shared.httpAgent,
    })
    outgoing.setTimeout(this.shared.idleTimeoutMs, () => this.failed('timeout', silent(upstream.name)))
    outgoing.on('finish', () => {
      this.wasSent = true
    })
    outgoing.on('response', (answer) => this.safely(() => this.answered(answer)))
    outgoing.on('error', (error) => {
      // A provider may answer and hang up before it has read everything: then its answer counts.
      if (this.status === undefined) this.failed('connect', unreachable(upstream.name, error.message))
    })
    this.outgoing = outgoing
    return outgoing
  }

  private answered(answer: IncomingMessage): void {
    if (this.isOver) return
    const { res, api } = this.in
    this.answer = answer
    this.status = answer.statusCode ?? 502
    this.isStream = api.billable && isEventStream(answer.headers)
    this.body = this.isStream
      ? new EventStream(this.reader, () => this.hidesUsage)
      : new WholeAnswer(api.billable && isJson(answer.headers) ? this.reader : undefined)
    res.writeHead(this.status, responseHeaders(answer.headers, this.isStream))
    // What streams is to be seen as it comes; whole answers send their head with their first bytes.
    if (this.isStream) res.flushHeaders()
    answer.on('data', (chunk: Buffer) => this.safely(() => this.pass(answer, chunk)))
    answer.on('end', () => this.safely(() => this.finished()))
    answer.on('error', (error) => this.failed('cut_off', unreachable(this.in.upstream.name, error.message)))
  }

  private pass(answer: IncomingMessage, chunk: Buffer): void {
    const { res } = this.in
    if (this.isOver || this.body === undefined) return
    const ready = this.body.push(chunk)
    if (this.reader.complete) this.settle(undefined)
    if (res.destroyed) {
      if (this.isSettled) this.abandonQuietly()
    } else if (!this.write(ready)) {
      answer.pause()
      res.once('drain', () => answer.resume())
    }
  }

  private write(ready: readonly Buffer[]): boolean {
    const { res } = this.in
    let hasRoom = true
    if (ready.length > 1) res.cork()
    for (const bytes of ready) hasRoom = res.write(bytes)
    if (ready.length > 1) res.uncork()
    return hasRoom
  }

  private finished(): void {
    if (this.isOver || this.body === undefined) return
    this.isOver = true
    const ready = this.body.end()
    this.settle(undefined)
    if (this.in.res.destroyed) {
      this.leave()
      return
    }
    this.write(ready)
    this.in.res.end()
  }

  private failed(kind: 'connect' | 'timeout' | 'cut_off', problem: Problem): void {
    this.safely(() => this.upstreamFailed(kind, problem))
  }

  /** The provider is not there, or went away in the middle of its answer. */
  private upstreamFailed(kind: 'connect' | 'timeout' | 'cut_off', problem: Problem): void {
    if (this.isOver) return
    this.shared.metrics.upstreamError(this.in.upstream.name, kind)
    this.abandon(problem.code, kind !== 'connect')
    if (this.in.res.headersSent) this.in.res.destroy()
    else this.tell(problem)
  }

  private clientLeft(): void {
    if (this.isOver) return
    if (this.isStream && this.reader.generated && !this.isSettled) {
      // Nothing more is generated and only the usage is still to come: wait for it, so that the call is counted exactly.
      this.answer?.resume()
      this.shared.clock.after(LAST_WORD_MS, () => this.abandonQuietly())
      return
    }
    this.abandonQuietly()
  }

  private abandonQuietly(): void {
    if (!this.isOver) this.abandon('client_disconnected')
  }

  /** `mayHaveCost`: the provider had the call, whatever became of it. */
  private abandon(errorType: string, mayHaveCost = true): void {
    this.isOver = true
    this.outgoing?.destroy()
    this.settle({ errorType, mayHaveCost })
    this.leave()
  }

  private leave(): void {
    if (this.isOver && this.in.res.closed && this.shared.inFlight.delete(this)) this.shared.metrics.inFlight.add(-1)
  }

  /** Says to the client what is wrong, in whatever way is still open. */
  private tell(problem: Problem): void {
    const { res, upstream, api, requestId } = this.in
    const shape = shapeOf(upstream.dialect)
    if (!res.headersSent) {
      const { status, headers, body } = refusal(shape, problem, requestId)
      res.writeHead(status, { ...headers, 'content-length': Buffer.byteLength(body) }).end(body)
    } else if (this.isStream && this.body?.canInsert === true) {
      res.end(streamError(shape, api.form === 'responses', problem, requestId))
    } else res.destroy()
  }

  /** `aborted`: why it ended before its time. */
  private settle(aborted: { readonly errorType: string; readonly mayHaveCost: boolean } | undefined): void {
    if (this.isSettled) return
    this.isSettled = true
    this.shared.guard?.delete(this)
    if (!this.in.api.billable) return
    const { answer, flags } = completeUsage(this.reader.answer(), {
      form: this.in.api.form,
      status: this.status,
      wasAborted: aborted?.mayHaveCost === true,
      wasSent: this.wasSent,
      requestTextBytes: this.request.textBytes,
      answerTextBytes: this.body?.textBytes ?? 0,
    })
    if (flags.includes('usage_missing')) this.shared.metrics.usageMissing(this.in.upstream.name)
    const span = encodeCall(
      {
        upstream: this.in.upstream,
        api: this.in.api,
        identity: this.in.identity,
        requestModel: this.modelAsked(),
        maxTokens: this.maxTokens(),
        isStream: this.isStream,
        resendCount: resendCount(this.in.req),
        startMs: this.startMs,
        endMs: this.shared.clock.now(),
        status: this.status,
        answer,
        errorType: aborted?.errorType ?? answer.errorType ?? failedStatus(this.status),
        flags,
      },
      this.shared.serviceName,
    )
    this.shared.emitter.emit(span, () => this.release())
  }

  private release(): void {
    if (this.in.reservation !== undefined) this.shared.ledger?.release(this.in.reservation)
  }

  private modelAsked(): string | undefined {
    const model = this.request.get('model')
    return typeof model === 'string' && model.length <= 512 ? model : this.in.api.model
  }

  private maxTokens(): number | undefined {
    for (const name of ['max_completion_tokens', 'max_output_tokens', 'max_tokens']) {
      const value = this.request.get(name)
      if (typeof value === 'number' && Number.isSafeInteger(value) && value >= 0) return value
    }
    return undefined
  }
}

function readerFor(upstream: Upstream, form: Form): AnswerReader {
  if (upstream.dialect === 'openai') return new OpenAiReader(form === 'media')
  return upstream.dialect === 'anthropic' ? new AnthropicReader() : unreadable()
}

/** SDKs generated by Stainless say how often they have tried before; AWS's say which attempt this is. */
function resendCount(req: IncomingMessage): number {
  const stainless = Number(req.headers['x-stainless-retry-count'])
  if (Number.isSafeInteger(stainless) && stainless > 0) return stainless
  const attempt = /\battempt=(\d{1,6})\b/.exec(String(req.headers['amz-sdk-request'] ?? ''))
  return attempt === null ? 0 : Math.max(0, Number(attempt[1]) - 1)
}

const failedStatus = (status: number | undefined): string | undefined =>
  status !== undefined && status >= 400 ? String(status) : undefined
