import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'
import { type RecordCase, TOOL_USAGE, USAGE } from './case.ts'

/** Stand-ins for the APIs that `examples/provider` has not: Gemini's and Bedrock's, with the usage of every other case. */

const TEXT = 'It is sunny.'
const inclusive = USAGE.input + USAGE.cacheRead

/** Cached input is in the prompt, thoughts are beside the candidates. */
const gemini = {
  candidates: [{ content: { role: 'model', parts: [{ text: TEXT }] as object[] }, finishReason: 'STOP', index: 0 }],
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

type Tool = NonNullable<RecordCase['tool']>

/** What the model calls of a case, and when: once, where it is offered. */
export interface ToolOnce {
  readonly calls: readonly Tool[]
  /** @param request its JSON text */
  isDue(request: string): boolean
}

export function toolOnce(tool: Tool | undefined): ToolOnce {
  let wasCalled = false
  return {
    calls: tool === undefined ? [] : [tool],
    isDue(request) {
      if (wasCalled || tool === undefined || !request.includes(`"name":"${tool.name}"`)) return false
      wasCalled = true
      return true
    },
  }
}

/** Gemini writes its cache without saying so, and what that was is plain input. */
const geminiTool = (calls: readonly Tool[]): typeof gemini => ({
  ...gemini,
  candidates: [
    {
      content: {
        role: 'model',
        parts: calls.map(({ name, arguments: args }) => ({ functionCall: { name, args } })),
      },
      finishReason: 'STOP',
      index: 0,
    },
  ],
  usageMetadata: {
    promptTokenCount: TOOL_USAGE.input,
    candidatesTokenCount: TOOL_USAGE.output,
    thoughtsTokenCount: 0,
    cachedContentTokenCount: 0,
    totalTokenCount: TOOL_USAGE.input + TOOL_USAGE.output,
    promptTokensDetails: [{ modality: 'TEXT', tokenCount: TOOL_USAGE.input }],
  },
  responseId: 'gemini-response-0',
})

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

/** Mistral ends every stream with its usage, without being asked. */
const mistralChunks = [
  { choices: [{ index: 0, delta: { role: 'assistant', content: TEXT }, finish_reason: null }] },
  {
    choices: [{ index: 0, delta: { content: '' }, finish_reason: 'stop' }],
    usage: {
      prompt_tokens: inclusive,
      completion_tokens: USAGE.output + USAGE.reasoning,
      total_tokens: inclusive + USAGE.output + USAGE.reasoning,
      prompt_tokens_details: { cached_tokens: USAGE.cacheRead },
    },
  },
].map((each) => ({
  id: 'mistral-response-1',
  object: 'chat.completion.chunk',
  created: 1_763_900_000,
  model: 'mistral-large-latest',
  ...each,
}))

function answerTo(path: string, body: string, tool: ToolOnce): object | undefined {
  if (path.includes(':streamGenerateContent') || path.includes(':generateContent'))
    return tool.isDue(body) ? geminiTool(tool.calls) : gemini
  if (path.endsWith('/chat/completions')) return mistralChunks
  if (path.endsWith('/converse')) return converse
  return path.endsWith('/invoke') ? invoke : undefined
}

const event = (body: object): string => `data: ${JSON.stringify(body)}\n\n`

const INVOKE_HEADERS = {
  'x-amzn-bedrock-input-token-count': String(USAGE.input),
  'x-amzn-bedrock-output-token-count': String(USAGE.output + USAGE.reasoning),
  'x-amzn-bedrock-cache-read-input-token-count': String(USAGE.cacheRead),
  'x-amzn-bedrock-cache-write-input-token-count': '0',
}

export async function startMoreApis(tool: ToolOnce): Promise<{ readonly url: string; stop(): Promise<void> }> {
  const server: Server = createServer(async (req, res) => {
    const path = decodeURIComponent((req.url ?? '').split('?', 1)[0] ?? '')
    const body = answerTo(path, await text(req), tool)
    if (body === undefined) {
      res.writeHead(404).end()
      return
    }
    const sse = path.includes(':stream') || body === mistralChunks
    res.writeHead(200, {
      'content-type': sse ? 'text/event-stream' : 'application/json',
      ...(body === invoke ? INVOKE_HEADERS : {}),
    })
    res.end(sse ? [body].flat().map(event).join('') : JSON.stringify(body))
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
