/** What the stand-in provider says that each call used; each API writes its own totals from it. */
export const USAGE = { input: 100, cacheRead: 1000, cacheWrite5m: 0, output: 20, reasoning: 30 }

/** What it used of a call that asks for the case's tool: writes to the cache, where the answer after it reads from it. */
export const TOOL_USAGE = { input: 200, cacheRead: 0, cacheWrite5m: 700, output: 40, reasoning: 0 }

export interface RecordCase {
  /** The golden folder: `testdata/<dialect>/<name>`. */
  readonly dialect: string
  readonly name: string
  readonly runtime: 'node' | 'python'
  /** File in `emitters/`. */
  readonly emitter: string
  /** Handed to the emitter as `CASE`. */
  readonly variant?: string
  readonly env?: Readonly<Record<string, string>>
  /** To be installed for it. */
  readonly packages: readonly string[]
  /** The environment it runs in, since packages pin each other; a folder under the one that is given. */
  readonly group?: string
  /** Called once by the model before it answers. */
  readonly tool?: { readonly name: string; readonly arguments: Readonly<Record<string, unknown>> }
  /**
   * A program writes spans and events by the hundred, in batches by the clock: kept are those with one of these names (as a
   * regular expression), with the spans above them, in one request per signal.
   */
  readonly keeps?: RegExp
}

const NODE_SDK = [
  '@opentelemetry/sdk-trace-node',
  '@opentelemetry/exporter-trace-otlp-proto',
  '@opentelemetry/resources',
]
const PYTHON_SDK = ['opentelemetry-sdk', 'opentelemetry-exporter-otlp-proto-http']
const node = (dialect: string, name: string, variant: string, ...packages: string[]): RecordCase => ({
  dialect,
  name,
  runtime: 'node',
  emitter: 'node.mjs',
  variant,
  packages: [...NODE_SDK, ...packages],
})
const python = (group: string, dialect: string, name: string, variant: string, ...packages: string[]): RecordCase => ({
  group,
  dialect,
  name,
  runtime: 'python',
  emitter: 'python.py',
  variant,
  packages: [...PYTHON_SDK, ...packages],
})

/** One run of `frameworks.py`. */
const framework = (
  group: string,
  dialect: string,
  name: string,
  variant: string,
  ...packages: string[]
): RecordCase => ({
  group,
  dialect,
  name,
  runtime: 'python',
  emitter: 'frameworks.py',
  variant,
  packages: [...PYTHON_SDK, ...packages],
})
/** One run of `ai.mjs`, in a folder per major of the Vercel AI SDK. */
const other = (group: string, dialect: string, name: string, variant: string, ...packages: string[]): RecordCase => ({
  group,
  dialect,
  name,
  runtime: 'node',
  emitter: 'ai.mjs',
  variant,
  packages: [...NODE_SDK, ...packages],
})
/** One run of a coding agent by `programs.mjs`, in a folder of its own. */
const program = (
  group: string,
  dialect: string,
  name: string,
  variant: string,
  pkg: string,
  keeps: RegExp,
  tool?: RecordCase['tool'],
): RecordCase => ({
  group,
  dialect,
  name,
  runtime: 'node',
  emitter: 'programs.mjs',
  variant,
  packages: [pkg],
  keeps,
  ...(tool === undefined ? {} : { tool }),
})
const AI = { 4: ['ai@4', 1], 5: ['ai@5', 2], 6: ['ai@6', 3] } as const
const aiSdk = (major: 4 | 5 | 6, dialect: string, name: string, variant: string): RecordCase => {
  const [ai, packages] = AI[major]
  const vendor = variant.split('-')[1]
  const from = vendor === 'responses' || vendor === 'embed' ? 'openai' : vendor
  return other(`ai${major}`, dialect, `v${major}-${name}`, variant, ai, `@ai-sdk/${from}@${packages}`)
}

const CLAUDE_CODE = '@anthropic-ai/claude-code'
const CLAUDE_KEEPS = /^(claude_code\..*|api_request|tool_result|user_prompt|assistant_response|subagent_completed)$/
const GEMINI_KEEPS = /^(llm_call|tool_call|gemini_cli\.(user_prompt|api_request|api_response|tool_call)|gen_ai\..*)$/
const CODEX_KEEPS = /^(handle_responses|session_task\.turn|codex\.(sse_event|tool_result|user_prompt))$/
const BASH = { command: 'echo sunny', description: 'weather' }

export const CASES: readonly RecordCase[] = [
  program('claude', 'claude_code', 'recorded', 'claude-code', CLAUDE_CODE, CLAUDE_KEEPS, {
    name: 'Bash',
    arguments: BASH,
  }),
  program('claude', 'claude_code', 'recorded-traces-only', 'claude-code-traces', CLAUDE_CODE, CLAUDE_KEEPS),
  program('claude', 'claude_code', 'recorded-subagent', 'claude-code', CLAUDE_CODE, CLAUDE_KEEPS, {
    name: 'Agent',
    arguments: { description: 'weather', prompt: 'weather?', subagent_type: 'general-purpose' },
  }),
  program('codex', 'codex', 'recorded', 'codex', '@openai/codex', CODEX_KEEPS, {
    name: 'exec_command',
    arguments: { cmd: 'echo sunny' },
  }),
  program('codex', 'codex', 'recorded-traces-only', 'codex-traces', '@openai/codex', CODEX_KEEPS),
  program('gemini', 'gemini_cli', 'recorded', 'gemini-cli', '@google/gemini-cli', GEMINI_KEEPS, {
    name: 'list_directory',
    arguments: { dir_path: '.' },
  }),
  program('opencode', 'opencode', 'recorded-openai', 'opencode-openai', 'opencode-ai', /^ai\./, {
    name: 'bash',
    arguments: BASH,
  }),
  program('opencode', 'opencode', 'recorded-anthropic', 'opencode-anthropic', 'opencode-ai', /^ai\./, {
    name: 'bash',
    arguments: BASH,
  }),
  ...([4, 5, 6] as const).flatMap((major) => {
    const dialect = major === 6 ? 'ai_sdk_6' : 'ai_sdk'
    return [
      aiSdk(major, dialect, 'recorded-openai', 'ai-openai'),
      aiSdk(major, dialect, 'recorded-openai-responses', 'ai-responses'),
      aiSdk(major, dialect, 'recorded-anthropic', 'ai-anthropic'),
      aiSdk(major, dialect, 'recorded-anthropic-stream', 'ai-anthropic-stream'),
      aiSdk(major, dialect, 'recorded-google', 'ai-google'),
      aiSdk(major, dialect, 'recorded-embed', 'ai-embed'),
    ]
  }),
  other('others', 'langfuse', 'js-openai', 'langfuse', '@langfuse/otel', '@langfuse/openai', 'openai'),
  other(
    'others',
    'openinference_exclusive',
    'js-bedrock-converse',
    'oibedrock-converse',
    '@arizeai/openinference-instrumentation-bedrock',
    '@aws-sdk/client-bedrock-runtime',
  ),
  other(
    'others',
    'openinference_exclusive',
    'js-bedrock-invoke',
    'oibedrock-invoke',
    '@arizeai/openinference-instrumentation-bedrock',
    '@aws-sdk/client-bedrock-runtime',
  ),
  other(
    'others',
    'openllmetry_js_bedrock',
    'converse',
    'traceloopbedrock-converse',
    '@traceloop/instrumentation-bedrock',
    '@aws-sdk/client-bedrock-runtime',
  ),
  other(
    'others',
    'openllmetry_js_bedrock',
    'invoke',
    'traceloopbedrock-invoke',
    '@traceloop/instrumentation-bedrock',
    '@aws-sdk/client-bedrock-runtime',
  ),
  framework('strands', 'strands', 'openai', 'strands-openai', 'strands-agents[openai,anthropic]'),
  framework('strands', 'strands', 'anthropic', 'strands-anthropic', 'strands-agents[openai,anthropic]'),
  framework('strands', 'strands', 'bedrock', 'strands-bedrock', 'strands-agents[openai,anthropic]'),
  framework('adk', 'google_adk', 'python-1', 'adk', 'google-adk<2'),
  framework('adk2', 'google_adk', 'python-2', 'adk', 'google-adk>=2'),
  framework('logfire', 'logfire', 'openai', 'logfire-openai', 'logfire', 'openai'),
  framework('logfire', 'logfire', 'openai-stream', 'logfire-openai-stream', 'logfire', 'openai'),
  framework('logfire', 'logfire', 'anthropic', 'logfire-anthropic', 'logfire', 'anthropic'),
  framework('logfire', 'logfire', 'anthropic-stream', 'logfire-anthropic-stream', 'logfire', 'anthropic'),
  framework('litellm', 'litellm', 'openai', 'litellm-openai', 'litellm'),
  framework('litellm', 'litellm', 'anthropic', 'litellm-anthropic', 'litellm'),
  framework('langsmith', 'langsmith', 'python-openai', 'langsmith-openai', 'langsmith[otel]', 'openai'),
  framework('langsmith', 'langsmith', 'python-anthropic', 'langsmith-anthropic', 'langsmith[otel]', 'anthropic'),
  framework(
    'langchain',
    'openinference',
    'langchain-openai',
    'oi-langchain-openai',
    'openinference-instrumentation-langchain',
    'langchain-openai',
  ),
  framework(
    'langchain',
    'openinference',
    'langchain-anthropic',
    'oi-langchain-anthropic',
    'openinference-instrumentation-langchain',
    'langchain-anthropic',
  ),
  framework(
    'langchain',
    'openllmetry',
    'langchain-openai',
    'traceloop-langchain-openai',
    'opentelemetry-instrumentation-langchain',
    'langchain-openai',
  ),
  framework(
    'langchain',
    'openllmetry',
    'langchain-anthropic',
    'traceloop-langchain-anthropic',
    'opentelemetry-instrumentation-langchain',
    'langchain-anthropic',
  ),
  framework(
    'agents',
    'openinference',
    'openai-agents',
    'oi-agents',
    'openai-agents',
    'openinference-instrumentation-openai-agents',
  ),
  framework(
    'agents',
    'openllmetry',
    'openai-agents',
    'traceloop-agents',
    'openai-agents',
    'opentelemetry-instrumentation-openai-agents',
  ),
  framework(
    'agentframework',
    'agent_framework',
    'openai',
    'agent-framework-openai',
    'agent-framework-core',
    'agent-framework-openai',
  ),
  framework(
    'agentframework',
    'agent_framework',
    'anthropic',
    'agent-framework-anthropic',
    'agent-framework-core',
    'agent-framework-anthropic',
  ),
  framework('sk', 'semantic_kernel', 'openai', 'semantic-kernel', 'semantic-kernel'),
  framework(
    'oi',
    'openinference',
    'google-genai',
    'oi-google',
    'openinference-instrumentation-google-genai',
    'google-genai',
  ),
  framework(
    'otel',
    'otel_google_genai',
    'python',
    'otel-google',
    'opentelemetry-instrumentation-google-genai',
    'google-genai',
  ),
  framework(
    'openllmetry',
    'openllmetry_google',
    'python',
    'traceloop-google',
    'opentelemetry-instrumentation-google-generativeai',
    'google-genai',
  ),
  framework(
    'oi',
    'openinference_bedrock',
    'python-converse',
    'oi-bedrock-converse',
    'openinference-instrumentation-bedrock',
    'boto3',
  ),
  framework(
    'oi',
    'openinference_bedrock',
    'python-invoke',
    'oi-bedrock-invoke',
    'openinference-instrumentation-bedrock',
    'boto3',
  ),
  framework(
    'openllmetry',
    'openllmetry_bedrock',
    'python-converse',
    'traceloop-bedrock-converse',
    'opentelemetry-instrumentation-bedrock',
    'boto3',
  ),
  framework(
    'openllmetry',
    'openllmetry_bedrock',
    'python-invoke',
    'traceloop-bedrock-invoke',
    'opentelemetry-instrumentation-bedrock',
    'boto3',
  ),
  framework(
    'oi',
    'openinference',
    'python-openai-stream',
    'oi-openai-stream',
    'openinference-instrumentation-openai',
    'openai',
  ),
  framework(
    'oi',
    'openinference',
    'python-openai-responses',
    'oi-openai-responses',
    'openinference-instrumentation-openai',
    'openai',
  ),
  framework(
    'oi',
    'openinference',
    'python-anthropic-stream',
    'oi-anthropic-stream',
    'openinference-instrumentation-anthropic',
    'anthropic',
  ),
  framework(
    'openllmetry',
    'openllmetry',
    'python-openai-stream-without-usage',
    'traceloop-openai-stream',
    'opentelemetry-instrumentation-openai',
    'openai',
  ),
  framework(
    'openllmetry',
    'openllmetry',
    'python-openai-responses',
    'traceloop-openai-responses',
    'opentelemetry-instrumentation-openai',
    'openai',
  ),
  framework(
    'openllmetry',
    'openllmetry_anthropic',
    'python-stream',
    'traceloop-anthropic-stream',
    'opentelemetry-instrumentation-anthropic',
    'anthropic',
  ),
  framework('pydantic', 'pydantic_ai', 'google', 'pydantic-google', 'pydantic-ai-slim[google]'),
  framework('pydantic', 'pydantic_ai', 'openai-responses', 'pydantic-responses', 'pydantic-ai-slim[openai]'),
  framework(
    'smol',
    'openinference',
    'smolagents',
    'smolagents',
    'smolagents',
    'openinference-instrumentation-smolagents',
    'openai',
  ),
  framework('openlit2', 'openlit', 'python-openai-new', 'openlit-openai', 'openlit>=1.45', 'openai'),
  framework('openlit2', 'openlit', 'python-anthropic-new', 'openlit-anthropic', 'openlit>=1.45', 'anthropic'),
  framework('openlit2', 'openlit', 'python-bedrock-new', 'openlit-bedrock', 'openlit>=1.45', 'boto3'),

  node('anthropic_sdk', 'typescript', 'anthropic-sdk', '@anthropic-ai/sdk'),
  node('anthropic_sdk', 'typescript-stream', 'anthropic-sdk-stream', '@anthropic-ai/sdk'),
  node('otel_openai', 'js', 'otel-openai', '@opentelemetry/instrumentation-openai', 'openai'),
  node('openinference', 'js-openai', 'oi-openai', '@arizeai/openinference-instrumentation-openai', 'openai'),
  node('openinference', 'js-anthropic', 'oi-anthropic', '@arizeai/openinference-instrumentation-anthropic'),
  node('openllmetry', 'js-openai', 'traceloop-openai', '@traceloop/instrumentation-openai', 'openai'),
  node('ai_sdk_otel', 'openai', 'ai7-openai', 'ai', '@ai-sdk/otel', '@ai-sdk/openai'),
  node('ai_sdk_otel', 'anthropic', 'ai7-anthropic', 'ai', '@ai-sdk/otel', '@ai-sdk/anthropic'),
  node('ai_sdk_6', 'legacy-openai', 'ai7-legacy-openai', 'ai', '@ai-sdk/otel', '@ai-sdk/openai'),
  node('ai_sdk_6', 'legacy-anthropic', 'ai7-legacy-anthropic', 'ai', '@ai-sdk/otel', '@ai-sdk/anthropic'),
  python(
    'openllmetry',
    'openllmetry',
    'python-openai',
    'traceloop-openai',
    'opentelemetry-instrumentation-openai',
    'openai',
  ),
  python(
    'openllmetry',
    'openllmetry_anthropic',
    'python',
    'traceloop-anthropic',
    'opentelemetry-instrumentation-anthropic',
    'anthropic',
  ),
  python(
    'otel',
    'otel_openai',
    'python',
    'otel-openai',
    'opentelemetry-instrumentation-openai-v2==2.3b0',
    'openai',
    'httpx',
  ),
  python('oi', 'openinference', 'python-openai', 'oi-openai', 'openinference-instrumentation-openai', 'openai'),
  python(
    'oi',
    'openinference',
    'python-anthropic',
    'oi-anthropic',
    'openinference-instrumentation-anthropic',
    'anthropic',
  ),
  python(
    'openlit',
    'openlit',
    'python-openai',
    'openlit-openai',
    'openlit==1.34.43',
    'opentelemetry-sdk<1.38',
    'openai',
  ),
  python('openlit', 'openlit', 'python-anthropic', 'openlit-anthropic', 'openlit==1.34.43', 'anthropic'),
  python('pydantic', 'pydantic_ai', 'openai', 'pydantic-openai', 'pydantic-ai-slim[openai]'),
  python('pydantic', 'pydantic_ai', 'anthropic', 'pydantic-anthropic', 'pydantic-ai-slim[anthropic]'),
  python('langfuse', 'langfuse', 'python-openai', 'langfuse-openai', 'langfuse', 'openai'),
  python(
    'oi',
    'openinference',
    'two-instrumentations',
    'two',
    'openinference-instrumentation-openai',
    'opentelemetry-instrumentation-openai',
    'openai',
  ),
]
