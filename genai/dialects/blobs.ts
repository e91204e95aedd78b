import { RawUsage } from './raw-usage.ts'

/** Blobs longer than this are not parsed: they hold messages, and parsing them would cost more than all the rest. */
export const BLOB_BYTES_MAX = 64 * 1024
/** Of a longer one the usage object alone is looked for; it is never longer than this. */
const OBJECT_BYTES_MAX = 4096

/** How the JSON of a blob is read. */
export type BlobShape =
  | 'provider_usage'
  | 'ai_provider_metadata'
  | 'details'
  | 'input_details'
  | 'output_details'
  | 'buckets'
  | 'adk_response'
  | 'genkit_output'

type Json = Readonly<Record<string, unknown>>
const isObject = (value: unknown): value is Json => typeof value === 'object' && value !== null && !Array.isArray(value)

/** The object in a JSON text, or in Python's way of writing one; undefined for everything else. */
export function parseBlob(text: string): Json | undefined {
  return parsed(text) ?? (text.startsWith("{'") ? parsed(fromPython(text)) : undefined)
}

function parsed(text: string): Json | undefined {
  try {
    const value: unknown = JSON.parse(text)
    return isObject(value) ? value : undefined
  } catch {
    return undefined
  }
}

/** `str(dict)`, which some callbacks write: good enough for counts, and what is still no JSON then stays unread. */
const fromPython = (text: string): string =>
  text
    .replaceAll("'", '"')
    .replace(/\bNone\b/g, 'null')
    .replace(/\bTrue\b/g, 'true')
    .replace(/\bFalse\b/g, 'false')

/** Where the usage object stands in blobs that also hold the answer. */
const USAGE_KEYS: Partial<Record<BlobShape, readonly string[]>> = {
  adk_response: ['usage_metadata', 'usageMetadata'],
  genkit_output: ['usage'],
}

/** Of a blob that is too long to be parsed, its usage object; looked for from the end, where usage stands. */
export function parseLongBlob(shape: BlobShape, bytes: Buffer): Json | undefined {
  for (const key of USAGE_KEYS[shape] ?? []) {
    const at = bytes.lastIndexOf(`"${key}"`)
    const open = at < 0 ? -1 : bytes.indexOf('{', at)
    // Only a colon and space may stand between.
    if (open < 0 || open - at > key.length + 6) continue
    const usage = parsed(balanced(bytes, open))
    if (usage !== undefined) return { [key]: usage }
  }
  return undefined
}

function balanced(bytes: Buffer, open: number): string {
  const end = Math.min(bytes.length, open + OBJECT_BYTES_MAX)
  let depth = 0
  for (let i = open; i < end; i++) {
    if (bytes[i] === 0x7b) depth++
    else if (bytes[i] === 0x7d && --depth === 0) return bytes.toString('utf8', open, i + 1)
  }
  return ''
}

function countAt(json: unknown, ...names: readonly string[]): number {
  if (!isObject(json)) return -1
  for (const name of names) {
    const value = json[name]
    const count = typeof value === 'string' && /^\d{1,16}$/.test(value) ? Number(value) : value
    if (typeof count === 'number' && Number.isSafeInteger(count) && count >= 0) return count
  }
  return -1
}

const child = (json: unknown, ...names: readonly string[]): unknown =>
  isObject(json) ? names.map((name) => json[name]).find(isObject) : undefined
const textAt = (json: unknown, ...names: readonly string[]): string =>
  isObject(json) ? (names.map((name) => json[name]).find((v): v is string => typeof v === 'string') ?? '') : ''

/**
 * What a blob gave: nothing, parts of what the attributes say, or all of the usage: in `disjoint` buckets, with an
 * `exclusive` input beside an output that contains its parts, or in `overlapping` totals.
 */
export type Filled = 'nothing' | 'parts' | 'disjoint' | 'exclusive' | 'overlapping'

/** Fills what the attributes left open. */
export function fillFromBlob(shape: BlobShape, json: Json, raw: RawUsage): Filled {
  const found = new RawUsage()
  const kind = read(shape, json, found)
  return merge(raw, found) ? kind : 'nothing'
}

function read(shape: BlobShape, json: Json, found: RawUsage): Filled {
  switch (shape) {
    case 'buckets':
      return readBuckets(json, found)
    case 'ai_provider_metadata':
      readProviderMetadata(json, found)
      break
    case 'adk_response':
      readGemini(child(json, 'usage_metadata', 'usageMetadata'), found)
      break
    case 'genkit_output':
      readGenkit(child(json, 'usage'), found)
      fillFromProvider(child(child(json, 'raw', 'custom'), 'usage'), found)
      break
    case 'input_details':
      readInputDetails(json, found)
      break
    case 'output_details':
      readOutputDetails(json, found)
      break
    case 'details':
      readProviderUsage(json, found)
      readInputDetails(child(json, 'input_token_details'), found)
      readOutputDetails(child(json, 'output_token_details'), found)
      break
    case 'provider_usage':
      readProviderUsage(json, found)
  }
  return 'parts'
}

function merge(raw: RawUsage, found: RawUsage): boolean {
  let gave = false
  for (const part of PARTS) {
    if (raw[part] >= 0 || found[part] < 0) continue
    raw[part] = found[part]
    gave = true
  }
  for (const note of NOTES) {
    if (raw[note] !== '' || found[note] === '') continue
    raw[note] = found[note]
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
  'inputImage',
  'outputImage',
  'extraInput',
  'extraOutput',
  'webSearches',
  'toolInput',
] as const satisfies readonly (keyof RawUsage)[]
const NOTES = ['serviceTier', 'speed', 'inferenceGeo'] as const satisfies readonly (keyof RawUsage)[]

/** The usage object of a provider's own answer: OpenAI (both APIs), Anthropic, Bedrock, Gemini. */
function readProviderUsage(json: Json, raw: RawUsage): void {
  if ('promptTokenCount' in json || 'prompt_token_count' in json) {
    readGemini(json, raw)
    return
  }
  raw.input = countAt(json, 'input_tokens', 'prompt_tokens', 'inputTokens', 'promptTokens')
  raw.output = countAt(json, 'output_tokens', 'completion_tokens', 'outputTokens', 'completionTokens')
  raw.total = countAt(json, 'total_tokens', 'totalTokens')
  const input = child(json, 'input_tokens_details', 'prompt_tokens_details')
  const output = child(json, 'output_tokens_details', 'completion_tokens_details')
  const cached = countAt(input, 'cached_tokens')
  raw.cacheRead =
    cached >= 0 ? cached : countAt(json, 'cache_read_input_tokens', 'cacheReadInputTokens', 'cached_prompt_tokens')
  const written = countAt(input, 'cache_write_tokens', 'cache_creation_tokens')
  raw.cacheWrite = written >= 0 ? written : countAt(json, 'cache_creation_input_tokens', 'cacheWriteInputTokens')
  const byTtl = child(json, 'cache_creation')
  raw.cacheWrite5m = countAt(byTtl, 'ephemeral_5m_input_tokens')
  const oneHour = countAt(byTtl, 'ephemeral_1h_input_tokens')
  raw.cacheWrite1h = oneHour >= 0 ? oneHour : countAt(json, 'cache_creation_input_tokens_above_1hr')
  raw.reasoning = countAt(output, 'reasoning_tokens', 'thinking_tokens')
  raw.inputAudio = countAt(input, 'audio_tokens')
  raw.outputAudio = countAt(output, 'audio_tokens')
  raw.webSearches = countAt(child(json, 'server_tool_use'), 'web_search_requests')
  raw.serviceTier = textAt(json, 'service_tier')
  raw.speed = textAt(json, 'speed')
  raw.inferenceGeo = textAt(json, 'inference_geo')
  readCompaction(json['iterations'], raw)
}

/** Anthropic lists what a request did in steps; its top-level counts leave the compacting ones out. */
function readCompaction(iterations: unknown, raw: RawUsage): void {
  if (!Array.isArray(iterations)) return
  for (const each of iterations as readonly unknown[]) {
    if (textAt(each, 'type') !== 'compaction') continue
    for (const name of ['input_tokens', 'cache_read_input_tokens', 'cache_creation_input_tokens'])
      raw.extraInput = Math.max(raw.extraInput, 0) + Math.max(countAt(each, name), 0)
    raw.extraOutput = Math.max(raw.extraOutput, 0) + Math.max(countAt(each, 'output_tokens'), 0)
  }
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
  if (raw.serviceTier === '') raw.serviceTier = textAt(openai, 'serviceTier', 'service_tier')
  readGemini(child(child(json, 'google', 'vertex'), 'usageMetadata'), raw)
  // The totals stand on the span, under the conventions of the SDK and not of the provider.
  raw.input = -1
  raw.output = -1
  raw.total = -1
  // Newer versions have added it to the totals already; older ones did not know of it.
  raw.extraInput = -1
  raw.extraOutput = -1
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

/** What the provider's own answer in it says more: the cache of OpenAI, how long writes live. */
function fillFromProvider(json: unknown, raw: RawUsage): void {
  if (!isObject(json)) return
  const more = new RawUsage()
  readProviderUsage(json, more)
  if (raw.cacheRead < 0) raw.cacheRead = more.cacheRead
  if (raw.cacheWrite < 0) raw.cacheWrite = more.cacheWrite
  raw.cacheWrite5m = more.cacheWrite5m
  raw.cacheWrite1h = more.cacheWrite1h
  if (raw.reasoning < 0) raw.reasoning = more.reasoning
  raw.webSearches = more.webSearches
  raw.serviceTier = more.serviceTier
}

function readGenkit(json: unknown, raw: RawUsage): void {
  const custom = child(json, 'custom')
  raw.input = countAt(json, 'inputTokens')
  raw.output = countAt(json, 'outputTokens')
  raw.total = countAt(json, 'totalTokens')
  raw.reasoning = countAt(json, 'thoughtsTokens')
  const cached = countAt(json, 'cachedContentTokens')
  raw.cacheRead = cached >= 0 ? cached : countAt(custom, 'cache_read_input_tokens', 'cacheReadInputTokens')
  raw.cacheWrite = countAt(custom, 'cache_creation_input_tokens', 'cacheCreationInputTokens')
}

/** LangChain's `usage_metadata` and its two details objects. */
function readInputDetails(json: unknown, raw: RawUsage): void {
  if (!isObject(json)) return
  raw.cacheRead = countAt(json, 'cache_read', 'cached_tokens')
  raw.cacheWrite = countAt(json, 'cache_creation', 'cache_write')
  raw.cacheWrite5m = countAt(json, 'ephemeral_5m_input_tokens')
  raw.cacheWrite1h = countAt(json, 'ephemeral_1h_input_tokens', 'ephemeral_1hr_input_tokens')
  raw.inputAudio = countAt(json, 'audio')
  // The integration empties `cache_creation` where it knows the times to live.
  const parts = Math.max(raw.cacheWrite5m, 0) + Math.max(raw.cacheWrite1h, 0)
  if (parts > 0 && raw.cacheWrite === 0) raw.cacheWrite = -1
}

function readOutputDetails(json: unknown, raw: RawUsage): void {
  if (!isObject(json)) return
  raw.reasoning = countAt(json, 'reasoning', 'reasoning_tokens')
  raw.outputAudio = countAt(json, 'audio')
}

/**
 * Langfuse's `usage_details`: disjoint buckets by its own rule, but free-form. A provider's own object is read as such,
 * and a total that already adds up without the cached parts shows that `input` contains them.
 */
function readBuckets(json: Json, raw: RawUsage): Filled {
  if ('prompt_tokens' in json || 'input_tokens' in json || 'promptTokens' in json || 'inputTokens' in json) {
    readProviderUsage(json, raw)
    const { input, output, total, cacheRead, cacheWrite } = raw
    if (total >= 0 && total === input + Math.max(output, 0)) return 'overlapping'
    const own = countAt(json, 'cache_read_input_tokens', 'cache_creation_input_tokens', 'cacheReadInputTokens')
    // Anthropic's and Bedrock's own objects leave the cache out of their input; OpenAI's contains it.
    return own >= 0 && Math.max(cacheRead, cacheWrite) >= 0 ? 'exclusive' : 'overlapping'
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
    ? 'overlapping'
    : 'disjoint'
}

/** What a system on the way reckons a call to have cost, where it writes that as a JSON object; undefined when it does not. */
export const costInBlob = (text: string): number | undefined => costIn(parseBlob(text))

export function costIn(json: Json | undefined): number | undefined {
  const total = json?.['total'] ?? json?.['total_cost'] ?? json?.['totalCost']
  return typeof total === 'number' && Number.isFinite(total) ? total : undefined
}
