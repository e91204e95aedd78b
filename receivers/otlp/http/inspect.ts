import type { IncomingMessage } from 'node:http'
import { type Answer, answerOf, CODE, type Failure, failure, tooLarge } from '../answer.ts'
import { type Encoding, encodingNamed } from '../encoding/decode.ts'
import { type Media, mediaOf } from './media.ts'
import type { Route, Routes } from './routes.ts'

export interface Rules {
  readonly routes: Routes
  /** Content codings that are accepted besides none. */
  readonly encodings: ReadonlySet<string>
  /** Bytes. */
  readonly limit: number
  readonly allow: 'POST' | 'POST, OPTIONS'
}

/** What the headers of a request say, before its body is read. */
export type Inspected =
  | { readonly kind: 'go'; readonly media: Media; readonly route: Route; readonly encoding: Encoding }
  | { readonly kind: 'preflight' }
  | { readonly kind: 'refused'; readonly media: Media; readonly answer: Answer; readonly headers?: readonly string[] }

export function inspect(req: IncomingMessage, rules: Rules): Inspected {
  const { headers, method = '', url = '' } = req
  const media = mediaOf(headers['content-type'])
  const refused = (answer: Answer, more?: readonly string[]): Inspected => ({
    ...{ kind: 'refused', media: media ?? 'json', answer },
    ...(more === undefined ? {} : { headers: more }),
  })
  const route = rules.routes.find(url)
  if (route === undefined) return refused(failure(CODE.unimplemented, `nothing is served at ${url}`, 404))
  if (method === 'OPTIONS' && rules.allow !== 'POST') return { kind: 'preflight' }
  if (method !== 'POST') return refused(notPost(method), ['Allow', rules.allow])
  if (media === undefined) return refused(UNKNOWN_MEDIA)
  const encoding = encodingOf(headers['content-encoding'], rules.encodings)
  if (encoding === undefined) return refused(unknownEncoding(headers['content-encoding']))
  const length = Number(headers['content-length'] ?? 0)
  if (length > rules.limit) return refused(tooLarge(rules.limit))
  const refusal = route.consumer.admit(length)
  return refusal === undefined ? { kind: 'go', media, route, encoding } : refused(answerOf(refusal))
}

function encodingOf(header: string | undefined, accepted: ReadonlySet<string>): Encoding | undefined {
  if (header === undefined) return 'identity'
  const name = header.trim().toLowerCase()
  const known = name === 'identity' || accepted.has(name === 'x-gzip' ? 'gzip' : name)
  return known ? encodingNamed(name) : undefined
}

const notPost = (method: string): Failure => failure(CODE.unimplemented, `${method} is not supported, only POST`, 405)
const unknownEncoding = (name: string | undefined): Failure =>
  failure(CODE.invalidArgument, `unsupported Content-Encoding: ${name}`)
const UNKNOWN_MEDIA: Failure = failure(
  CODE.invalidArgument,
  'unsupported Content-Type; send application/x-protobuf or application/json',
  415,
)
