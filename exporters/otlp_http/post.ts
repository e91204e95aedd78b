import type { Agent, IncomingMessage } from 'node:http'
import { request as tlsRequest } from 'node:https'
import type { Clock } from '../../pipeline/host.ts'

// An `import` of node:http asks for all it exports, its WebSocket too, and so loads a whole second HTTP client: measured
// on Node 24, 14 MB and most of the start-up time.
const { request: plainRequest } = process.getBuiltinModule('node:http')

/** Longer answers are cut: whoever sends them is not read to the end on our memory. */
const ANSWER_MAX = 64 * 1024

export interface Post {
  readonly url: URL
  readonly agent: Agent
  readonly headers: Readonly<Record<string, string | number>>
  readonly body: Buffer
  readonly timeoutMs: number
  readonly clock: Clock
}

export interface Answer {
  readonly status: number
  readonly statusText: string
  readonly contentType: string
  readonly retryAfter: string | undefined
  readonly body: Buffer
}

/**
 * One POST. Rejects when no answer came. A kept connection that the far end closed in the very moment we used it says
 * nothing about the far end, so then, and only then, the request is made once more on another one.
 */
export async function post(options: Post): Promise<Answer> {
  try {
    return await attempt(options)
  } catch (error) {
    if (!(error instanceof StaleConnection)) throw error
    return await attempt(options)
  }
}

class StaleConnection extends Error {}

function attempt({ url, agent, headers, body, timeoutMs, clock }: Post): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const make = url.protocol === 'https:' ? tlsRequest : plainRequest
    const request = make(url, { method: 'POST', agent, headers: { ...headers, 'content-length': body.length } })
    const cancel = clock.after(timeoutMs, () => request.destroy(new Error(`no answer within ${timeoutMs} ms`)))
    request.on('response', (response) => {
      read(response).then((bytes) => {
        cancel()
        resolve(answerOf(response, bytes))
      })
    })
    request.on('error', (error: Error & { code?: string }) => {
      cancel()
      const stale = request.reusedSocket && (error.code === 'ECONNRESET' || error.code === 'EPIPE')
      reject(stale ? new StaleConnection(error.message) : error)
    })
    request.end(body)
  })
}

/** What there is of a body: the status is the answer, so one that breaks off is no failure. */
function read(response: IncomingMessage): Promise<Buffer> {
  return new Promise((resolve) => {
    const chunks: Buffer[] = []
    let size = 0
    const done = (): void => resolve(Buffer.concat(chunks).subarray(0, ANSWER_MAX))
    response.on('data', (chunk: Buffer) => {
      chunks.push(chunk)
      size += chunk.length
      if (size > ANSWER_MAX) response.destroy()
    })
    response.on('close', done)
    response.on('error', done)
  })
}

const answerOf = (response: IncomingMessage, body: Buffer): Answer => ({
  status: response.statusCode ?? 0,
  statusText: response.statusMessage ?? '',
  contentType: response.headers['content-type'] ?? '',
  retryAfter: response.headers['retry-after'],
  body,
})
