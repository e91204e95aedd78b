/** What a script says about one call, and what it is told. The wire forms are in openai.ts and anthropic.ts. */

export type ProviderApi = 'chat' | 'responses' | 'embeddings' | 'messages' | 'count_tokens'

export interface ProviderRequest {
  /** Counts from 1, in order of arrival. */
  readonly number: number
  readonly api: ProviderApi
  readonly path: string
  readonly headers: Readonly<Record<string, string | string[] | undefined>>
  readonly body: Readonly<Record<string, unknown>>
  readonly stream: boolean
  readonly model: string
}

/** Disjoint, as it would be billed; each API writes its own totals from it. */
export interface ReplyUsage {
  /** Neither read from nor written to the cache. */
  readonly input: number
  readonly cacheRead?: number
  readonly cacheWrite5m?: number
  readonly cacheWrite1h?: number
  /** Visible output. */
  readonly output: number
  readonly reasoning?: number
  readonly webSearches?: number
}

export interface ReplyToolCall {
  readonly name: string
  readonly arguments: Readonly<Record<string, unknown>>
}

export interface Reply {
  readonly text?: string
  readonly toolCalls?: readonly ReplyToolCall[]
  /** Default: about what the texts would come to. */
  readonly usage?: ReplyUsage
  /** Answer a stream without ever saying what it used. */
  readonly withholdUsage?: boolean
  /** Before the first byte. */
  readonly delayMs?: number
  /** How many pieces the text is streamed in; default 4. */
  readonly chunks?: number
  /** Before every piece. */
  readonly chunkDelayMs?: number
  /** Break the connection after this many pieces. */
  readonly breakAfterChunks?: number
  /** An error, 400 or above. */
  readonly status?: number
  readonly errorType?: string
  readonly errorMessage?: string
  readonly model?: string
  readonly serviceTier?: string
  readonly headers?: Readonly<Record<string, string>>
}

export type Script = (request: ProviderRequest) => Reply | Promise<Reply>

/** A reply with nothing left open. */
export interface Settled {
  readonly request: ProviderRequest
  readonly reply: Reply
  readonly id: string
  readonly text: string
  readonly toolCalls: readonly (ReplyToolCall & { readonly id: string })[]
  readonly usage: ReplyUsage
  readonly model: string
  readonly createdS: number
}

/** Ids look like the provider's and follow from the number of the request, so that two runs are alike. */
export function settle(request: ProviderRequest, reply: Reply, createdS: number): Settled {
  const text = reply.text ?? ''
  const toolCalls = (reply.toolCalls ?? []).map((call, i) => ({
    ...call,
    id: id(CALL_PREFIX[request.api], request.number * 16 + i, 24),
  }))
  return {
    request,
    reply,
    id: id(ID_PREFIX[request.api], request.number, request.api === 'responses' ? 48 : 24),
    text,
    toolCalls,
    usage: reply.usage ?? {
      input: tokensIn(JSON.stringify(request.body)),
      output: tokensIn(text + JSON.stringify(reply.toolCalls ?? '')),
    },
    model: reply.model ?? request.model,
    createdS,
  }
}

const ID_PREFIX: Readonly<Record<ProviderApi, string>> = {
  chat: 'chatcmpl-',
  responses: 'resp_',
  embeddings: 'embd-',
  messages: 'msg_01',
  count_tokens: 'cnt_',
}
const CALL_PREFIX: Readonly<Record<ProviderApi, string>> = {
  chat: 'call_',
  responses: 'call_',
  embeddings: '',
  messages: 'toolu_01',
  count_tokens: '',
}

/** A fixed scramble of a number, in the alphabet of provider ids. */
export function id(prefix: string, seed: number, length: number): string {
  let state = (seed * 2654435761 + 12345) >>> 0
  let out = prefix
  for (let i = 0; i < length; i++) {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0
    out += ALPHABET[(state >>> 16) % ALPHABET.length]
  }
  return out
}
const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789'

export const tokensIn = (text: string): number => Math.max(1, Math.ceil(text.length / 4))

/** The text in `count` pieces, none of them empty unless the text is. */
export function pieces(text: string, count: number): readonly string[] {
  if (text === '') return []
  const size = Math.max(1, Math.ceil(text.length / Math.max(1, count)))
  const out: string[] = []
  for (let at = 0; at < text.length; at += size) out.push(text.slice(at, at + size))
  return out
}
