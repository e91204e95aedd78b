import { BESIDE, CACHED, check, EXCLUSIVE, INCLUSIVE, semconv } from '../testing/rows.ts'

describe('gateways', () => {
  check(
    'LiteLLM legacy: empty strings are unknown',
    {
      scope: 'litellm',
      name: 'litellm_request',
      attributes: {
        'gen_ai.operation.name': 'acompletion',
        'gen_ai.request.model': 'gpt-5',
        'gen_ai.usage.input_tokens': 9,
        'gen_ai.usage.output_tokens': '',
        'gen_ai.usage.total_tokens': '',
      },
    },
    { in: 9, dialect: 'litellm', flags: ['output_missing', 'value_ignored'] },
  )
  check(
    'LiteLLM legacy: written onto the proxy’s own span',
    {
      scope: 'litellm',
      name: 'Received Proxy Server Request',
      attributes: {
        'gen_ai.operation.name': 'completion',
        'gen_ai.request.model': 'gpt-5',
        'gen_ai.usage.input_tokens': 9,
        'gen_ai.usage.output_tokens': 3,
      },
    },
    { in: 9, out: 3 },
  )
  check(
    'LiteLLM 2',
    {
      scope: 'litellm',
      attributes: semconv(
        'anthropic',
        'claude-opus-5',
        { ...CACHED, 'cache_creation.input_tokens': 60 },
        { 'litellm.call_id': 'c', 'litellm.cost.total': { double: 0.01 } },
      ),
    },
    { in: 40, cr: 1000, cw: 60, out: 20 },
  )
  check(
    'LiteLLM: an answer from its cache',
    {
      scope: 'litellm',
      attributes: semconv('openai', 'gpt-5', { input_tokens: 9, output_tokens: 3 }, { 'litellm.cache_hit': true }),
    },
    { bill: 'not_billable', in: 9, out: 3, flags: ['cached_replay'] },
  )
  check(
    'OpenRouter',
    {
      scope: 'openrouter',
      name: 'LLM Generation',
      attributes: {
        'gen_ai.request.model': 'anthropic/claude-opus-5',
        'gen_ai.usage.input_tokens': 1160,
        'gen_ai.usage.input_tokens.cached': 1000,
        'gen_ai.usage.input_tokens.cache_creation': 60,
        'gen_ai.usage.output_tokens': 50,
        'gen_ai.usage.output_tokens.reasoning': 30,
        'gen_ai.usage.total_cost': { double: 0.01 },
      },
    },
    { in: 100, cr: 1000, cw: 60, out: 20, rs: 30, dialect: 'openrouter' },
  )
  check(
    'OpenRouter: attempts are no calls',
    {
      scope: 'openrouter',
      name: 'provider attempt 1: x',
      attributes: { 'gen_ai.request.model': 'm', 'trace.metadata.openrouter.provider_name': 'x' },
    },
    { bill: undefined },
  )
})

describe('others', () => {
  check(
    'Sentry',
    {
      attributes: {
        'gen_ai.operation.name': 'chat',
        'gen_ai.system': 'anthropic',
        'gen_ai.request.model': 'claude-opus-5',
        'gen_ai.usage.input_tokens': 1160,
        'gen_ai.usage.input_tokens.cached': 1000,
        'gen_ai.usage.input_tokens.cache_write': 60,
        'gen_ai.usage.output_tokens': 20,
      },
    },
    { in: 100, cr: 1000, cw: 60, out: 20, dialect: 'sentry' },
  )
  check(
    'Genkit',
    {
      scope: 'genkit-tracer',
      attributes: {
        'genkit:metadata:subtype': 'model',
        'genkit:name': 'googleai/gemini-2.5-pro',
        'genkit:output':
          '{"message":{},"usage":{"inputTokens":10,"outputTokens":50,"thoughtsTokens":800,"totalTokens":860}}',
      },
    },
    { in: 10, out: 50, rs: 800, dialect: 'genkit' },
  )
  check(
    'LiveKit',
    {
      scope: 'livekit-agents',
      name: 'llm_request',
      attributes: { 'gen_ai.request.model': 'gpt-5', 'gen_ai.usage.input_tokens': 9, 'gen_ai.usage.output_tokens': 3 },
    },
    { in: 9, out: 3, dialect: 'livekit' },
  )
  check(
    'MLflow',
    {
      scope: 'mlflow',
      attributes: {
        'mlflow.spanType': '"CHAT_MODEL"',
        'mlflow.llm.model': 'gpt-5',
        'mlflow.chat.tokenUsage': '{"input_tokens": 9, "output_tokens": 3, "total_tokens": 12}',
      },
    },
    { in: 9, out: 3, dialect: 'mlflow' },
  )
  check(
    'Weave names',
    {
      attributes: semconv('openai', 'gpt-5', {
        prompt_tokens: 1100,
        completion_tokens: 20,
        'prompt_tokens_details.cached_tokens': 1000,
      }),
    },
    INCLUSIVE,
  )
  check(
    'ruby_llm leaves the cache out for everybody',
    { scope: 'OpenTelemetry::Instrumentation::RubyLLM', attributes: semconv('openai', 'gpt-5', BESIDE) },
    { ...EXCLUSIVE, dialect: 'ruby_llm' },
  )
  check(
    'Copilot: chat',
    {
      scope: 'copilot-chat',
      resource: { 'service.name': 'copilot-chat' },
      attributes: semconv('github', 'claude-opus-5', { ...CACHED, 'cache_creation.input_tokens': 60 }),
    },
    { in: 40, cr: 1000, cw: 60, out: 20, dialect: 'copilot' },
  )
  check(
    'Copilot: the agent',
    {
      scope: 'copilot-chat',
      resource: { 'service.name': 'copilot-chat' },
      attributes: semconv('github', 'claude-opus-5', CACHED, {
        'gen_ai.operation.name': 'invoke_agent',
        'github.copilot.nano_aiu': 5,
      }),
    },
    { bill: 'rollup', ...INCLUSIVE },
  )
  check(
    'a plugin of opencode',
    {
      scope: 'opencode',
      attributes: semconv(
        'anthropic',
        'claude-opus-5',
        { ...CACHED, 'cache_write.input_tokens': 60 },
        { 'opencode.llm.cost.total': { double: 0.1 } },
      ),
    },
    { in: 40, cr: 1000, cw: 60, out: 20, dialect: 'opencode_plugin' },
  )
  check(
    'the proxy',
    { scope: 'tokenfuse.llm_proxy', attributes: semconv('openai', 'gpt-5', CACHED) },
    { ...INCLUSIVE, dialect: 'tokenfuse_proxy' },
  )
})
