import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { USAGE } from './cases.ts'

/** Stand-ins for the APIs that `examples/provider` has not: Gemini's and Bedrock's, with the usage of every other case. */

const TEXT = 'It is sunny.'
const inclusive = USAGE.input + USAGE.cacheRead

/** Cached input is in the prompt, thoughts are beside the candidates. */
const gemini = {
  candidates: [{ content: { role: 'model', parts: [{ text: TEXT }] }, finishReason: 'STOP', index: 0 }],
  usageMetadata: {
    promptTokenCount: inclusive,
    candidatesTokenCount: USAGE.output,
    thoughtsTokenCount: USAGE.reasoning,
    cachedContentTokenCount: USAGE.cacheRead,
    totalTokenCount: inclusive + USAGE.output + USAGE.reasoning,
    promptTokensDetails: [{ modality: 'TEXT', tokenCount: inclusive }],
  },
  modelVersion: 'gemini-2.5-pro',
  responseId: 'gemini-response-1',
}

/** Cached input is beside the input, and in the total. */
const converse = {
  output: { message: { role: 'assistant', content: [{ text: TEXT }] } },
  stopReason: 'end_turn',
  usage: {
    inputTokens: USAGE.input,
    outputTokens: USAGE.output + USAGE.reasoning,
    totalTokens: inclusive + USAGE.output + USAGE.reasoning,
    cacheReadInputTokens: USAGE.cacheRead,
    cacheWriteInputTokens: 0,
  },
  metrics: { latencyMs: 1 },
}

const invoke = {
  id: 'msg_bdrk_1',
  type: 'message',
  role: 'assistant',
  model: 'claude-sonnet-4-5-20250929',
  content: [{ type: 'text', text: TEXT }],
  stop_reason: 'end_turn',
  usage: {
    input_tokens: USAGE.input,
    output_tokens: USAGE.output + USAGE.reasoning,
    cache_read_input_tokens: USAGE.cacheRead,
    cache_creation_input_tokens: 0,
  },
}

function answerTo(path: string): object | undefined {
  if (path.includes(':streamGenerateContent') || path.includes(':generateContent')) return gemini
  if (path.endsWith('/converse')) return converse
  return path.endsWith('/invoke') ? invoke : undefined
}

const INVOKE_HEADERS = {
  'x-amzn-bedrock-input-token-count': String(USAGE.input),
  'x-amzn-bedrock-output-token-count': String(USAGE.output + USAGE.reasoning),
  'x-amzn-bedrock-cache-read-input-token-count': String(USAGE.cacheRead),
  'x-amzn-bedrock-cache-write-input-token-count': '0',
}

export async function startMoreApis(): Promise<{ readonly url: string; stop(): Promise<void> }> {
  const server: Server = createServer((req, res) => {
    req.resume()
    const path = decodeURIComponent((req.url ?? '').split('?', 1)[0] ?? '')
    const body = answerTo(path)
    if (body === undefined) {
      res.writeHead(404).end()
      return
    }
    const sse = path.includes(':stream')
    res.writeHead(200, {
      'content-type': sse ? 'text/event-stream' : 'application/json',
      ...(body === invoke ? INVOKE_HEADERS : {}),
    })
    res.end(sse ? `data: ${JSON.stringify(body)}\n\n` : JSON.stringify(body))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  return {
    url: `http://127.0.0.1:${port}`,
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}
