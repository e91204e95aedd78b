import { NODE_SDK, PYTHON_SDK, type RecordCase } from './case.ts'

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

/** One run of `agents.mjs`. */
const nodeAgent = (
  group: string,
  dialect: string,
  name: string,
  variant: string,
  packages: readonly string[],
  tool?: RecordCase['tool'],
): RecordCase => ({
  group,
  dialect,
  name,
  runtime: 'node',
  emitter: 'agents.mjs',
  variant,
  packages,
  ...(tool === undefined ? {} : { tool }),
})

/** One run of `agents.py`. */
const agent = (
  group: string,
  dialect: string,
  name: string,
  variant: string,
  packages: readonly string[],
  tool?: RecordCase['tool'],
): RecordCase => ({
  group,
  dialect,
  name,
  runtime: 'python',
  emitter: 'agents.py',
  variant,
  packages: [...PYTHON_SDK, ...packages],
  ...(tool === undefined ? {} : { tool }),
})

const CLAUDE_CODE = '@anthropic-ai/claude-code'
const CLAUDE_KEEPS = /^(claude_code\..*|api_request|tool_result|user_prompt|assistant_response|subagent_completed)$/
const GEMINI_KEEPS = /^(llm_call|tool_call|gemini_cli\.(user_prompt|api_request|api_response|tool_call)|gen_ai\..*)$/
const CODEX_KEEPS = /^(handle_responses|session_task\.turn|codex\.(sse_event|tool_result|user_prompt))$/
const BASH = { command: 'echo sunny', description: 'weather' }

const COPILOT_KEEPS = /./
const WEATHER = { name: 'weather', arguments: { city: 'Berne' } }
const CREWAI = ['crewai', 'openai', 'anthropic']
const OI_CREWAI = [
  ...CREWAI,
  'openinference-instrumentation-crewai',
  'openinference-instrumentation-openai',
  'openinference-instrumentation-anthropic',
]
const TRACELOOP_CREWAI = [
  ...CREWAI,
  'opentelemetry-instrumentation-crewai',
  'opentelemetry-instrumentation-openai',
  'opentelemetry-instrumentation-anthropic',
]
/** Of the Anthropic SDK the last that LlamaIndex can build messages for. */
const LLAMA_INDEX = [
  'llama-index-core',
  'llama-index-llms-openai',
  'llama-index-llms-anthropic',
  'llama-index-embeddings-openai',
  'anthropic<0.80',
]
const OI_LLAMA_INDEX = [...LLAMA_INDEX, 'openinference-instrumentation-llama-index']
const TRACELOOP_LLAMA_INDEX = [...LLAMA_INDEX, 'opentelemetry-instrumentation-llamaindex']
const AUTOGEN = ['autogen-core', 'autogen-agentchat', 'autogen-ext[openai]']
const LIVEKIT = ['livekit-agents', 'livekit-plugins-openai', 'livekit-plugins-anthropic']

const OI_CLAUDE_AGENT = ['claude-agent-sdk', 'openinference-instrumentation-claude-agent-sdk']
const ECHO = { name: 'Bash', arguments: BASH }
const MASTRA = ['@mastra/core', '@mastra/observability', '@mastra/otel-exporter', '@ai-sdk/openai', '@ai-sdk/anthropic']
const GENKIT = ['genkit', '@genkit-ai/google-genai', '@genkit-ai/anthropic', '@genkit-ai/compat-oai']
/** It imports names that the second major of the SDK has no longer. */
const LANGSMITH = [
  'langsmith',
  'openai',
  '@anthropic-ai/sdk',
  '@opentelemetry/context-async-hooks@1',
  '@opentelemetry/sdk-trace-base@1',
  '@opentelemetry/exporter-trace-otlp-proto@0.57.2',
]

/** Coding agents as programs, and agent frameworks that were recorded after those of `cases.ts`. */
export const AGENT_CASES: readonly RecordCase[] = [
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
  program('copilot', 'copilot', 'recorded-openai', 'copilot-openai', '@github/copilot', COPILOT_KEEPS, {
    name: 'bash',
    arguments: BASH,
  }),
  program('copilot', 'copilot', 'recorded-anthropic', 'copilot-anthropic', '@github/copilot', COPILOT_KEEPS, {
    name: 'bash',
    arguments: BASH,
  }),
  agent('crewai', 'openinference', 'crewai-openai', 'oi-crewai/openai', OI_CREWAI, WEATHER),
  agent('crewai', 'openllmetry_crewai', 'openai', 'traceloop-crewai/openai', TRACELOOP_CREWAI, WEATHER),
  agent('crewai', 'openllmetry_crewai', 'anthropic', 'traceloop-crewai/anthropic', TRACELOOP_CREWAI, WEATHER),
  agent('crewai', 'openllmetry_crewai', 'alone', 'traceloop-crewai/openai/alone', TRACELOOP_CREWAI, WEATHER),
  agent('llamaindex', 'openinference', 'llamaindex-openai', 'oi-llamaindex/openai/agent', OI_LLAMA_INDEX, WEATHER),
  agent(
    'llamaindex',
    'openinference',
    'llamaindex-anthropic',
    'oi-llamaindex/anthropic/agent',
    OI_LLAMA_INDEX,
    WEATHER,
  ),
  agent('llamaindex', 'openinference', 'llamaindex-stream', 'oi-llamaindex/anthropic/stream', OI_LLAMA_INDEX),
  agent('llamaindex', 'openinference', 'llamaindex-embed', 'oi-llamaindex/openai/embed', OI_LLAMA_INDEX),
  agent(
    'llamaindex',
    'openllmetry_llamaindex',
    'anthropic',
    'traceloop-llamaindex/anthropic/agent',
    TRACELOOP_LLAMA_INDEX,
    WEATHER,
  ),
  agent(
    'llamaindex',
    'openllmetry_llamaindex',
    'anthropic-chat',
    'traceloop-llamaindex/anthropic/chat',
    TRACELOOP_LLAMA_INDEX,
  ),
  agent(
    'llamaindex',
    'openllmetry_llamaindex',
    'anthropic-stream',
    'traceloop-llamaindex/anthropic/stream',
    TRACELOOP_LLAMA_INDEX,
  ),
  agent('autogen', 'autogen', 'agentchat', 'autogen/openai', AUTOGEN, { ...WEATHER, name: 'weather_later' }),
  agent(
    'autogen',
    'openinference',
    'autogen',
    'autogen/openai/oi',
    [...AUTOGEN, 'openinference-instrumentation-autogen-agentchat'],
    { ...WEATHER, name: 'weather_later' },
  ),
  agent('livekit', 'livekit', 'openai', 'livekit/openai', LIVEKIT, WEATHER),
  agent('livekit', 'livekit', 'anthropic', 'livekit/anthropic', LIVEKIT, WEATHER),
  agent('claudeagent', 'openinference_claude_agent', 'client', 'claude-agent/oi/client', OI_CLAUDE_AGENT, ECHO),
  agent('claudeagent', 'openinference_claude_agent', 'query', 'claude-agent/oi/query', OI_CLAUDE_AGENT, ECHO),
  agent(
    'claudeagent',
    'logfire_claude_agent',
    'client',
    'claude-agent/logfire/client',
    ['claude-agent-sdk', 'logfire'],
    ECHO,
  ),
  agent('mlflow', 'mlflow', 'openai', 'mlflow/openai', ['mlflow', 'openai']),
  agent('mlflow', 'mlflow', 'anthropic', 'mlflow/anthropic', ['mlflow', 'anthropic']),
  agent('mistral', 'mistral_sdk', 'recorded-chat', 'mistral/mistral', ['mistralai']),
  agent('mistral', 'mistral_sdk', 'stream', 'mistral/mistral/stream', ['mistralai']),
  agent('mistral', 'mistral_sdk', 'embed', 'mistral/mistral/embed', ['mistralai']),
  agent('litellm', 'litellm', 'v2-openai', 'litellm/openai', ['litellm']),
  agent('litellm', 'litellm', 'v2-anthropic-stream', 'litellm/anthropic/stream', ['litellm']),
  agent('litellm', 'litellm', 'v2-embed', 'litellm/openai/embed', ['litellm']),
  nodeAgent('mastra', 'mastra', 'openai', 'mastra/openai', MASTRA, WEATHER),
  nodeAgent('mastra', 'mastra', 'anthropic', 'mastra/anthropic', MASTRA, WEATHER),
  nodeAgent('mastra', 'mastra', 'anthropic-stream', 'mastra/anthropic/stream', MASTRA),
  nodeAgent('adkjs', 'google_adk', 'typescript-2', 'adk/google', [...NODE_SDK, '@google/adk'], WEATHER),
  nodeAgent('genkit', 'genkit', 'google', 'genkit/google', GENKIT, WEATHER),
  nodeAgent('genkit', 'genkit', 'anthropic', 'genkit/anthropic', GENKIT, WEATHER),
  nodeAgent('genkit', 'genkit', 'anthropic-stream', 'genkit/anthropic/stream', GENKIT),
  nodeAgent('genkit', 'genkit', 'openai', 'genkit/openai', GENKIT, WEATHER),
  nodeAgent('langsmith', 'langsmith', 'js-openai', 'langsmith/openai', LANGSMITH),
  nodeAgent('langsmith', 'langsmith', 'js-anthropic', 'langsmith/anthropic', LANGSMITH),
]
