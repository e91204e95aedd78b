import { RawUsage } from './raw-usage.ts'

/** Blobs longer than this are not parsed: they hold messages, and parsing them would cost more than all the rest. */
export const BLOB_BYTES_MAX = 64 * 1024

/** How the JSON of a blob is read. */
export type BlobShape = 'provider_usage' | 'ai_provider_metadata' | 'details' | 'buckets' | 'adk_response'

type Json = Readonly<Record<string, unknown>>
const isObject = (value: unknown): value is Json => typeof value === 'object' && value !== null && !Array.isArray(value)

/** The object in a JSON text; undefined for everything else. */
export function parseBlob(text: string): Json | undefined {
  try {
    const value: unknown = JSON.parse(text)
    return isObject(value) ? value : undefined
  } catch {
    return undefined
  }
}

function countAt(json: unknown, ...names: readonly string[]): number {
  if (!isObject(json)) return -1
  for (const name of names) {
    const value = json[name]
    if (typeof value === 'number' && Number.isSafeInteger(value) && value >= 0) return value
  }
  return -1
}

const child = (json: unknown, ...names: readonly string[]): unknown =>
  isObject(json) ? names.map((name) => json[name]).find(isObject) : undefined

/** What a blob gave: nothing, parts, or parts that overlap although its kind says they do not. */
export type Filled = 'nothing' | 'parts' | 'overlapping'

/** Fills what the attributes left open. */
export function fillFromBlob(shape: BlobShape, json: Json, raw: RawUsage): Filled {
  const found = new RawUsage()
  let overlapping = false
  if (shape === 'buckets') overlapping = readBuckets(json, found)
  else if (shape === 'ai_provider_metadata') readProviderMetadata(json, found)
  else if (shape === 'adk_response') readGemini(child(json, 'usage_metadata', 'usageMetadata'), found)
  else readProviderUsage(json, found)
  if (shape === 'details') readDetails(json, found)
  if (!merge(raw, found)) return 'nothing'
  return overlapping ? 'overlapping' : 'parts'
}

function merge(raw: RawUsage, found: RawUsage): boolean {
  let gave = false
  for (const part of PARTS) {
    if (raw[part] >= 0 || found[part] < 0) continue
    raw[part] = found[part]
    gave = true
  }
  return gave
}

const PARTS = [
  'input',
  'output',
  'total',
  'cacheRead',
  'cacheWrite',
  'cacheWrite5m',
  'cacheWrite1h',
  'reasoning',
  'inputAudio',
  'outputAudio',
  'webSearches',
  'toolInput',
] as const satisfies readonly (keyof RawUsage)[]

/** The usage object of a provider's own answer: OpenAI (both APIs), Anthropic, Bedrock. */
function readProviderUsage(json: Json, raw: RawUsage): void {
  raw.input = countAt(json, 'input_tokens', 'prompt_tokens', 'inputTokens')
  raw.output = countAt(json, 'output_tokens', 'completion_tokens', 'outputTokens')
  raw.total = countAt(json, 'total_tokens', 'totalTokens')
  const input = child(json, 'input_tokens_details', 'prompt_tokens_details')
  const output = child(json, 'output_tokens_details', 'completion_tokens_details')
  const cached = countAt(input, 'cached_tokens')
  raw.cacheRead = cached >= 0 ? cached : countAt(json, 'cache_read_input_tokens', 'cacheReadInputTokens')
  const written = countAt(input, 'cache_write_tokens')
  raw.cacheWrite = written >= 0 ? written : countAt(json, 'cache_creation_input_tokens', 'cacheWriteInputTokens')
  const byTtl = child(json, 'cache_creation')
  raw.cacheWrite5m = countAt(byTtl, 'ephemeral_5m_input_tokens')
  raw.cacheWrite1h = countAt(byTtl, 'ephemeral_1h_input_tokens')
  raw.reasoning = countAt(output, 'reasoning_tokens', 'thinking_tokens')
  raw.inputAudio = countAt(input, 'audio_tokens')
  raw.outputAudio = countAt(output, 'audio_tokens')
  raw.webSearches = countAt(child(json, 'server_tool_use'), 'web_search_requests')
}

/** The Vercel AI SDK's `ai.response.providerMetadata`: one object per provider package. */
function readProviderMetadata(json: Json, raw: RawUsage): void {
  const anthropic = child(json, 'anthropic')
  if (isObject(anthropic)) {
    const usage = child(anthropic, 'usage')
    if (isObject(usage)) readProviderUsage(usage, raw)
    if (raw.cacheWrite < 0) raw.cacheWrite = countAt(anthropic, 'cacheCreationInputTokens')
    if (raw.cacheRead < 0) raw.cacheRead = countAt(anthropic, 'cacheReadInputTokens')
  }
  const bedrock = child(child(json, 'bedrock'), 'usage')
  if (raw.cacheWrite < 0) raw.cacheWrite = countAt(bedrock, 'cacheWriteInputTokens')
  if (raw.cacheRead < 0) raw.cacheRead = countAt(bedrock, 'cacheReadInputTokens')
  const openai = child(json, 'openai', 'azure')
  if (raw.cacheRead < 0) raw.cacheRead = countAt(openai, 'cachedPromptTokens')
  if (raw.reasoning < 0) raw.reasoning = countAt(openai, 'reasoningTokens')
  readGemini(child(child(json, 'google', 'vertex'), 'usageMetadata'), raw)
  // The totals stand on the span, under the conventions of the SDK and not of the provider.
  raw.input = -1
  raw.output = -1
  raw.total = -1
}

function readGemini(json: unknown, raw: RawUsage): void {
  if (!isObject(json)) return
  raw.input = countAt(json, 'prompt_token_count', 'promptTokenCount')
  raw.output = countAt(json, 'candidates_token_count', 'candidatesTokenCount')
  raw.total = countAt(json, 'total_token_count', 'totalTokenCount')
  raw.cacheRead = countAt(json, 'cached_content_token_count', 'cachedContentTokenCount')
  raw.reasoning = countAt(json, 'thoughts_token_count', 'thoughtsTokenCount')
  raw.toolInput = countAt(json, 'tool_use_prompt_token_count', 'toolUsePromptTokenCount')
}

/** LangChain's `input_token_details` and `output_token_details`, alone or within `usage_metadata`. */
function readDetails(json: Json, raw: RawUsage): void {
  const input = child(json, 'input_token_details') ?? json
  const output = child(json, 'output_token_details') ?? json
  raw.cacheRead = countAt(input, 'cache_read')
  raw.cacheWrite = countAt(input, 'cache_creation')
  raw.cacheWrite5m = countAt(input, 'ephemeral_5m_input_tokens')
  raw.cacheWrite1h = countAt(input, 'ephemeral_1h_input_tokens')
  raw.reasoning = countAt(output, 'reasoning')
  if (input !== json) raw.inputAudio = countAt(input, 'audio')
  if (output !== json) raw.outputAudio = countAt(output, 'audio')
}

/**
 * Langfuse's `usage_details`: disjoint buckets by its own rule, but free-form. OpenAI-shaped objects are read as such, and
 * a total that already adds up without the cached parts shows that `input` contains them.
 */
function readBuckets(json: Json, raw: RawUsage): boolean {
  if ('prompt_tokens' in json || 'input_tokens' in json) {
    readProviderUsage(json, raw)
    // Anthropic's own object leaves the cache out of its input; OpenAI's contains it.
    return !('cache_read_input_tokens' in json || 'cache_creation_input_tokens' in json)
  }
  raw.input = countAt(json, 'input')
  raw.output = countAt(json, 'output')
  raw.total = countAt(json, 'total')
  raw.cacheRead = countAt(json, 'input_cached_tokens', 'cache_read_input_tokens', 'input_cache_read', 'cache_read')
  raw.cacheWrite = countAt(json, 'input_cache_creation', 'cache_creation_input_tokens', 'cache_creation')
  raw.cacheWrite5m = countAt(json, 'input_cache_creation_5m')
  raw.cacheWrite1h = countAt(json, 'input_cache_creation_1h')
  raw.reasoning = countAt(json, 'output_reasoning', 'output_reasoning_tokens')
  return raw.total >= 0 && raw.input >= 0 && raw.total === raw.input + Math.max(raw.output, 0)
}
