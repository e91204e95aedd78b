import * as http from 'node:http'
import * as https from 'node:https'
import { type Place, socketOf } from './place.ts'

export interface HttpRequest {
  readonly method?: string
  readonly path?: string
  readonly headers?: Readonly<Record<string, string>>
  /** Given as a list, it is sent in chunks without a Content-Length. */
  readonly body?: Buffer | string | readonly Buffer[]
  readonly agent?: http.Agent
  readonly timeoutMs?: number
}

export interface HttpAnswer {
  readonly status: number
  readonly headers: http.IncomingHttpHeaders
  readonly body: Buffer
}

/** One request. A response that comes before the body was sent to its end counts like any other. */
export function send(place: Place, request: HttpRequest): Promise<HttpAnswer> {
  const socket = socketOf(place)
  const { method = 'POST', path = '/v1/traces', headers = {}, body, agent, timeoutMs = 20_000 } = request
  const where = 'path' in socket ? { socketPath: socket.path } : socket
  const length =
    body === undefined || Array.isArray(body) ? {} : { 'content-length': String(Buffer.byteLength(body as Buffer)) }
  const options: https.RequestOptions = {
    ...{ ...where, method, path, headers: { ...length, ...headers }, timeout: timeoutMs },
    ...(agent === undefined ? { agent: false } : { agent }),
    ...(place.tls === undefined ? {} : { ...place.tls, servername: 'localhost' }),
  }
  return new Promise((resolve, reject) => {
    const req = (place.tls === undefined ? http : https).request(options)
    let answered = false
    req.on('response', (res) => {
      answered = true
      const chunks: Buffer[] = []
      const done = () => resolve({ status: res.statusCode ?? 0, headers: res.headers, body: Buffer.concat(chunks) })
      res.on('data', (chunk: Buffer) => chunks.push(chunk))
      res.on('end', done)
      res.on('error', (error) => (res.complete ? done() : reject(error)))
    })
    req.on('timeout', () => req.destroy(new Error(`no answer within ${timeoutMs} ms`)))
    req.on('error', (error) => {
      if (!answered) reject(error)
    })
    if (Array.isArray(body)) for (const chunk of body) req.write(chunk)
    req.end(Array.isArray(body) ? undefined : body)
  })
}
