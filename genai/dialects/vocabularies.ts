/** Where one way of writing usage keeps each part. Aliases in order of precedence: the first one present is read. */
export interface Vocabulary {
  readonly id: string
  readonly input: readonly string[]
  readonly output: readonly string[]
  /** Only ever a check, never a quantity. */
  readonly total: readonly string[]
  readonly cacheRead: readonly string[]
  readonly cacheWrite: readonly string[]
  readonly cacheWrite5m: readonly string[]
  readonly cacheWrite1h: readonly string[]
  readonly reasoning: readonly string[]
  readonly inputAudio: readonly string[]
  readonly outputAudio: readonly string[]
  readonly inputImage: readonly string[]
  readonly outputImage: readonly string[]
  /** Parts of both the cache reads and their modality. */
  readonly cacheReadAudio: readonly string[]
  readonly cacheReadImage: readonly string[]
  /** Prompt tokens of tool use that stand beside `input` (Gemini). */
  readonly toolInput: readonly string[]
  /** Billed on top of the totals. */
  readonly extraInput: readonly string[]
  readonly extraOutput: readonly string[]
}

const NONE: readonly string[] = []
const EMPTY = {
  total: NONE,
  cacheRead: NONE,
  cacheWrite: NONE,
  cacheWrite5m: NONE,
  cacheWrite1h: NONE,
  reasoning: NONE,
  inputAudio: NONE,
  outputAudio: NONE,
  inputImage: NONE,
  outputImage: NONE,
  cacheReadAudio: NONE,
  cacheReadImage: NONE,
  toolInput: NONE,
  extraInput: NONE,
  extraOutput: NONE,
}

/**
 * The ways usage is written, tried in this order when the dialect does not name one. A span is read in one of them
 * only: instrumentations that write two write the same numbers twice.
 *
 * Names: OpenTelemetry GenAI conventions 1.26 to the separate repository (`cache_creation` became `cache_write`), and
 * the spellings that instrumentations in the wild use beside them.
 */
export const VOCABULARIES: readonly Vocabulary[] = [
  {
    id: 'gen_ai',
    input: ['gen_ai.usage.input_tokens', 'gen_ai.usage.prompt_tokens'],
    output: ['gen_ai.usage.output_tokens', 'gen_ai.usage.completion_tokens'],
    total: ['gen_ai.usage.total_tokens', 'llm.usage.total_tokens'],
    cacheRead: [
      'gen_ai.usage.cache_read.input_tokens',
      'gen_ai.usage.cache_read_input_tokens',
      'gen_ai.usage.cache_read_tokens',
      'gen_ai.usage.input_tokens.cached',
      'gen_ai.usage.cached_tokens',
      'gen_ai.usage.prompt_tokens_details.cached_tokens',
      'gen_ai.usage.input_tokens_details.cached_tokens',
      'gen_ai.usage.details.cache_read_tokens',
      'gen_ai.usage.details.cache_read_input_tokens',
    ],
    cacheWrite: [
      'gen_ai.usage.cache_write.input_tokens',
      'gen_ai.usage.cache_creation.input_tokens',
      'gen_ai.usage.cache_creation_input_tokens',
      'gen_ai.usage.cache_write_input_tokens',
      'gen_ai.usage.cache_write_tokens',
      'gen_ai.usage.input_tokens.cache_write',
      'gen_ai.usage.input_tokens.cache_creation',
      'gen_ai.usage.details.cache_write_tokens',
      'gen_ai.usage.details.cache_creation_input_tokens',
    ],
    cacheWrite5m: [
      'anthropic.usage.cache_creation.ephemeral_5m_input_tokens',
      'gen_ai.usage.cache_creation.5m_input_tokens',
    ],
    cacheWrite1h: [
      'anthropic.usage.cache_creation.ephemeral_1h_input_tokens',
      'gen_ai.usage.cache_creation.1h_input_tokens',
    ],
    reasoning: [
      'gen_ai.usage.reasoning.output_tokens',
      'gen_ai.usage.reasoning_tokens',
      'gen_ai.usage.output_tokens.reasoning',
      'gen_ai.usage.completion_tokens_details.reasoning_tokens',
      'gen_ai.usage.output_tokens_details.reasoning_tokens',
      'gen_ai.usage.experimental.reasoning_tokens',
      'gen_ai.usage.details.reasoning_tokens',
    ],
    inputAudio: [
      'gen_ai.usage.audio.input_tokens',
      'gen_ai.usage.audio_input_tokens',
      'gen_ai.usage.details.input_audio_tokens',
    ],
    outputAudio: [
      'gen_ai.usage.audio.output_tokens',
      'gen_ai.usage.audio_output_tokens',
      'gen_ai.usage.details.output_audio_tokens',
    ],
    inputImage: ['gen_ai.usage.image.input_tokens'],
    outputImage: ['gen_ai.usage.image.output_tokens'],
    cacheReadAudio: ['gen_ai.usage.audio.cache_read.input_tokens'],
    cacheReadImage: ['gen_ai.usage.image.cache_read.input_tokens'],
    toolInput: NONE,
    extraInput: ['anthropic.usage.compaction.input_tokens'],
    extraOutput: ['anthropic.usage.compaction.output_tokens'],
  },
  {
    ...EMPTY,
    id: 'openinference',
    input: ['llm.token_count.prompt'],
    output: ['llm.token_count.completion'],
    total: ['llm.token_count.total'],
    cacheRead: ['llm.token_count.prompt_details.cache_read'],
    cacheWrite: ['llm.token_count.prompt_details.cache_write', 'llm.token_count.prompt_details.cache_creation'],
    reasoning: ['llm.token_count.completion_details.reasoning'],
    inputAudio: ['llm.token_count.prompt_details.audio'],
    outputAudio: ['llm.token_count.completion_details.audio'],
  },
  {
    ...EMPTY,
    id: 'llm_usage',
    input: ['llm.usage.prompt_tokens'],
    output: ['llm.usage.completion_tokens'],
    total: ['llm.usage.total_tokens'],
    cacheRead: ['llm.usage.cache_read_input_tokens'],
    cacheWrite: ['llm.usage.cache_creation_input_tokens'],
    reasoning: ['llm.usage.reasoning_tokens'],
  },
  {
    ...EMPTY,
    id: 'ai_sdk',
    input: ['ai.usage.inputTokens', 'ai.usage.promptTokens', 'ai.usage.tokens'],
    output: ['ai.usage.outputTokens', 'ai.usage.completionTokens'],
    total: ['ai.usage.totalTokens'],
    cacheRead: ['ai.usage.inputTokenDetails.cacheReadTokens', 'ai.usage.cachedInputTokens'],
    cacheWrite: ['ai.usage.inputTokenDetails.cacheWriteTokens'],
    reasoning: ['ai.usage.outputTokenDetails.reasoningTokens', 'ai.usage.reasoningTokens'],
  },
  {
    // Claude Code: Anthropic's own flat counters.
    ...EMPTY,
    id: 'flat',
    input: ['input_tokens'],
    output: ['output_tokens'],
    cacheRead: ['cache_read_tokens'],
    cacheWrite: ['cache_creation_tokens'],
    cacheWrite5m: ['cache_creation_5m_tokens'],
    cacheWrite1h: ['cache_creation_1h_tokens'],
  },
  {
    // Codex: of one call in its events (`tool_token_count` is the total), of all calls of a turn on the span that also
    // names the model.
    ...EMPTY,
    id: 'counts',
    input: ['input_token_count', 'codex.turn.token_usage.input_tokens'],
    output: ['output_token_count', 'codex.turn.token_usage.output_tokens'],
    total: ['total_token_count', 'tool_token_count', 'codex.turn.token_usage.total_tokens'],
    cacheRead: ['cached_token_count', 'codex.turn.token_usage.cached_input_tokens'],
    cacheWrite: ['cache_write_token_count', 'codex.turn.token_usage.cache_write_input_tokens'],
    reasoning: ['reasoning_token_count', 'codex.turn.token_usage.reasoning_output_tokens'],
  },
  {
    // Gemini CLI: the counters of the Gemini API.
    ...EMPTY,
    id: 'gemini_counts',
    input: ['input_token_count'],
    output: ['output_token_count'],
    total: ['total_token_count'],
    cacheRead: ['cached_content_token_count', 'cached_token_count'],
    reasoning: ['thoughts_token_count', 'reasoning_token_count'],
    toolInput: ['tool_token_count'],
  },
]
