import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { setTimeout } from 'node:timers/promises'
import { anthropicError, anthropicHeaders, messageBody, messageEvents } from './anthropic.ts'
import {
  chatBody,
  chatEvents,
  embeddingsBody,
  openAiError,
  openAiHeaders,
  responsesBody,
  responsesEvents,
} from './openai.ts'
import {
  type ProviderApi,
  type ProviderRequest,
  type Reply,
  type Script,
  type Settled,
  settle,
  tokensIn,
} from './script.ts'

const BODY_BYTES_MAX = 64 * 1024 * 1024
/** Requests remembered; older ones are only counted. */
const REQUESTS_MAX = 1000

export interface ProviderOptions {
  readonly respond: Script
  readonly host?: string
  /** 0 takes a free one. */
  readonly port?: number
  /** Seconds since the epoch, for `created` fields. */
  readonly nowS?: () => number
}

/** A provider that answers by a script, and tells what it was asked. */
export interface Provider {
  /** Without a path: append `/v1` for OpenAI clients. */
  readonly url: string
  readonly port: number
  /** Calls that arrived, whatever became of them. */
  readonly count: number
  readonly requests: readonly ProviderRequest[]
  /** Numbers of the calls whose client left before the answer was complete. */
  readonly cut: readonly number[]
  stop(): Promise<void>
}

/** The open server keeps the process alive, not what it waits for. */
const sleep = (ms: number): Promise<void> => setTimeout(ms, undefined, { ref: false })

const PATHS: Readonly<Record<string, ProviderApi>> = {
  '/v1/chat/completions': 'chat',
  '/v1/responses': 'responses',
  '/v1/embeddings': 'embeddings',
  '/v1/messages': 'messages',
  '/v1/messages/count_tokens': 'count_tokens',
}

export async function startProvider(options: ProviderOptions): Promise<Provider> {
  const state = { count: 0, requests: [] as ProviderRequest[], cut: [] as number[] }
  const nowS = options.nowS ?? (() => Math.floor(Date.now() / 1000))
  const server = createServer((req, res) => {
    serve(req, res).catch((error: unknown) => {
      if (res.headersSent) res.destroy()
      else sendJson(res, 500, {}, openAiError('server_error', String(error)))
    })
  })

  async function serve(req: IncomingMessage, res: ServerResponse): Promise<void> {
    const path = (req.url ?? '').split('?', 1)[0] ?? ''
    const api = req.method === 'POST' ? PATHS[path] : undefined
    if (api === undefined)
      return sendJson(res, 404, {}, openAiError('invalid_request_error', `Unknown request URL: ${path}`))
    const number = ++state.count
    res.on('close', () => {
      if (!res.writableFinished) state.cut.push(number)
    })
    const body = await readJson(req)
    if (body === undefined)
      return sendError(res, api, number, {
        status: 400,
        errorMessage: 'We could not parse the JSON body of your request.',
      })
    const { model, stream } = body
    const request = { number, api, path, headers: req.headers, body, stream: stream === true, model: String(model) }
    state.requests.push(request)
    if (state.requests.length > REQUESTS_MAX) state.requests.shift()
    const reply = await options.respond(request)
    if (reply.delayMs !== undefined) await sleep(reply.delayMs)
    if (reply.status !== undefined && reply.status >= 400) return sendError(res, api, number, reply)
    await answer(res, settle(request, reply, nowS()))
  }

  const port = await listen(server, options.host ?? '127.0.0.1', options.port ?? 0)
  return {
    url: `http://${options.host ?? '127.0.0.1'}:${port}`,
    port,
    get count() {
      return state.count
    },
    requests: state.requests,
    cut: state.cut,
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}

async function answer(res: ServerResponse, settled: Settled): Promise<void> {
  const { request, reply } = settled
  const headers = { ...headersOf(request.api, request.number), ...reply.headers }
  switch (request.api) {
    case 'count_tokens':
      return sendJson(res, 200, headers, {
        input_tokens: settled.reply.usage?.input ?? tokensIn(JSON.stringify(request.body)),
      })
    case 'embeddings':
      return sendJson(res, 200, headers, embeddingsBody(settled))
    case 'chat':
      return request.stream
        ? sendEvents(res, headers, chatEvents(settled), reply)
        : sendJson(res, 200, headers, chatBody(settled))
    case 'responses':
      return request.stream
        ? sendEvents(res, headers, responsesEvents(settled), reply)
        : sendJson(res, 200, headers, responsesBody(settled))
    case 'messages':
      return request.stream
        ? sendEvents(res, headers, messageEvents(settled), reply)
        : sendJson(res, 200, headers, messageBody(settled))
  }
}

async function sendEvents(
  res: ServerResponse,
  headers: Record<string, string>,
  events: readonly string[],
  reply: Reply,
): Promise<void> {
  res.writeHead(200, { ...headers, 'content-type': 'text/event-stream; charset=utf-8', 'cache-control': 'no-cache' })
  for (const [i, event] of events.entries()) {
    if (reply.chunkDelayMs !== undefined) await sleep(reply.chunkDelayMs)
    if (res.destroyed) return
    if (i === reply.breakAfterChunks) {
      res.destroy()
      return
    }
    if (!res.write(event)) await roomAgain(res)
  }
  res.end()
}

const roomAgain = (res: ServerResponse): Promise<void> =>
  new Promise((resolve) => {
    res.once('drain', resolve)
    res.once('close', resolve)
  })

const isAnthropic = (api: ProviderApi): boolean => api === 'messages' || api === 'count_tokens'

const headersOf = (api: ProviderApi, number: number): Record<string, string> =>
  isAnthropic(api) ? anthropicHeaders(number) : openAiHeaders(number)

function sendError(res: ServerResponse, api: ProviderApi, number: number, reply: Reply): void {
  const type = reply.errorType ?? 'invalid_request_error'
  const message = reply.errorMessage ?? 'the script said so'
  const body = isAnthropic(api) ? anthropicError(type, message, number) : openAiError(type, message)
  sendJson(res, reply.status ?? 500, { ...headersOf(api, number), ...reply.headers }, body)
}

function sendJson(res: ServerResponse, status: number, headers: Record<string, string>, body: unknown): void {
  const text = JSON.stringify(body)
  res
    .writeHead(status, { 'content-type': 'application/json', 'content-length': Buffer.byteLength(text), ...headers })
    .end(text)
}

async function readJson(req: IncomingMessage): Promise<Record<string, unknown> | undefined> {
  const parts: Buffer[] = []
  let bytes = 0
  for await (const part of req as AsyncIterable<Buffer>) {
    bytes += part.length
    if (bytes > BODY_BYTES_MAX) return undefined
    parts.push(part)
  }
  try {
    const body: unknown = JSON.parse(Buffer.concat(parts).toString('utf8'))
    return typeof body === 'object' && body !== null ? (body as Record<string, unknown>) : undefined
  } catch {
    return undefined
  }
}

function listen(server: Server, host: string, port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen(port, host, () => resolve((server.address() as AddressInfo).port))
  })
}
