import type { OutgoingHttpHeaders, ServerHttp2Stream } from 'node:http2'
import { encodeResponse, encodeStatus } from '../../../otlp/status.ts'
import type { Signal } from '../../../pipeline/component.ts'
import type { Answer, Failure } from '../answer.ts'
import { encodingNamed } from '../encoding/decode.ts'
import { percentEncoded } from './metadata.ts'

/** What a message may be compressed with; the senders that know more names than gzip ask for this list. */
export const ACCEPTED = ['identity', 'gzip', 'deflate', 'zstd', 'snappy'].filter(
  (name) => encodingNamed(name) !== undefined,
)

const HEADERS: OutgoingHttpHeaders = {
  ':status': 200,
  'content-type': 'application/grpc',
  'grpc-accept-encoding': ACCEPTED.join(','),
}
const OK_TRAILERS: OutgoingHttpHeaders = { 'grpc-status': '0' }
/** Uncompressed and empty: what nearly every call is answered with. */
const EMPTY_MESSAGE = Buffer.alloc(5)
/** Peers limit the size of all headers together, often to 8 KiB. */
const MESSAGE_MAX = 1024

export function reply(stream: ServerHttp2Stream, answer: Answer, signal: Signal): void {
  if (stream.destroyed || stream.headersSent) return
  if (answer.kind === 'error') {
    stream.respond({ ...HEADERS, ...failureTrailers(answer) }, { endStream: true })
    return
  }
  stream.respond(HEADERS, { waitForTrailers: true })
  stream.on('wantTrailers', () => stream.sendTrailers(OK_TRAILERS))
  stream.end(answer.kind === 'ok' ? EMPTY_MESSAGE : framed(encodeResponse(signal, answer, false)))
}

function failureTrailers(answer: Failure): OutgoingHttpHeaders {
  const message = answer.message.slice(0, MESSAGE_MAX)
  const trailers = { 'grpc-status': String(answer.code), 'grpc-message': percentEncoded(message) }
  if (answer.retryAfterMs === undefined) return trailers
  const status = encodeStatus({ code: answer.code, message, retryAfterMs: answer.retryAfterMs }, false)
  return { ...trailers, 'grpc-status-details-bin': status.toString('base64').replace(/=+$/, '') }
}

function framed(message: Buffer): Buffer {
  const out = Buffer.alloc(5 + message.length)
  out.writeUInt32BE(message.length, 1)
  message.copy(out, 5)
  return out
}
