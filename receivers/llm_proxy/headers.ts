import type { IncomingHttpHeaders, OutgoingHttpHeaders } from 'node:http'
import { type Identity, outgoingContext } from './identity.ts'
import type { Upstream } from './upstreams.ts'

/** Of one connection only (RFC 9110, section 7.6.1), so never forwarded. */
const HOP_BY_HOP = [
  'connection',
  'keep-alive',
  'proxy-authenticate',
  'proxy-authorization',
  'proxy-connection',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
]

function endToEnd(headers: IncomingHttpHeaders): OutgoingHttpHeaders {
  const out: OutgoingHttpHeaders = { ...headers }
  const named = (headers.connection ?? '').split(',').map((name) => name.trim().toLowerCase())
  for (const name of [...HOP_BY_HOP, ...named]) delete out[name]
  return out
}

/** What goes to the provider. Answers are asked for uncompressed, because their usage has to be read. */
export function requestHeaders(
  headers: IncomingHttpHeaders,
  upstream: Upstream,
  identity: Identity | undefined,
): OutgoingHttpHeaders {
  const out = endToEnd(headers)
  for (const name of ['host', 'content-length', 'expect']) delete out[name]
  for (const name of Object.keys(out)) if (name.startsWith('x-tokenfuse-')) delete out[name]
  out['accept-encoding'] = 'identity'
  if (identity !== undefined) setOrDelete(out, outgoingContext(headers, identity))
  return { ...out, ...upstream.headers, host: upstream.url.host }
}

function setOrDelete(out: OutgoingHttpHeaders, values: Readonly<Record<string, string | undefined>>): void {
  for (const [name, value] of Object.entries(values)) {
    if (value === undefined) delete out[name]
    else out[name] = value
  }
}

/** What goes to the client. The length of a stream is not announced: it may end before its time. */
export function responseHeaders(headers: IncomingHttpHeaders, isEventStream: boolean): OutgoingHttpHeaders {
  const out = endToEnd(headers)
  if (isEventStream) delete out['content-length']
  return out
}

/** Server-sent events that can be read and cut. */
export const isEventStream = (headers: IncomingHttpHeaders): boolean =>
  /^text\/event-stream\b/i.test(headers['content-type'] ?? '') && !isEncoded(headers)

export const isJson = (headers: IncomingHttpHeaders): boolean =>
  /^application\/([\w.-]+\+)?json\b/i.test(headers['content-type'] ?? '') && !isEncoded(headers)

const isEncoded = (headers: IncomingHttpHeaders): boolean =>
  !['', 'identity'].includes(headers['content-encoding'] ?? '')
