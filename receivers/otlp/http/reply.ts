import { encodeResponse, encodeStatus, httpStatusOf } from '../../../otlp/status.ts'
import type { Signal } from '../../../pipeline/component.ts'
import { type Answer, CODE } from '../answer.ts'
import { MEDIA_TYPE, type Media } from './media.ts'

export interface Reply {
  readonly status: number
  /** Flat name-value list. */
  readonly headers: string[]
  readonly body: Buffer
}

/** An answer as HTTP, in the encoding of the request; of `signal` only success depends. */
export function replyOf(answer: Answer, media: Media, signal: Signal): Reply {
  const json = media === 'json'
  if (answer.kind !== 'error') {
    const body = encodeResponse(signal, answer.kind === 'partial' ? answer : undefined, json)
    return { status: 200, headers: headersFor(media, body), body }
  }
  const status = answer.http ?? httpStatusOf(answer.code)
  const body = encodeStatus({ code: answer.code, message: answer.message, retryAfterMs: answer.retryAfterMs }, json)
  const headers = headersFor(media, body)
  // Only where trying again can help, and in whole seconds: never earlier than asked for.
  if (answer.retryAfterMs !== undefined && answer.code === CODE.unavailable) {
    headers.push('Retry-After', String(Math.ceil(answer.retryAfterMs / 1000)))
  }
  return { status, headers, body }
}

const headersFor = (media: Media, body: Buffer): string[] => [
  ...['Content-Type', MEDIA_TYPE[media]],
  ...['Content-Length', String(body.length)],
]
