import type { AttributeValues } from '../../../test/support/spans.ts'
import { BESIDE, CACHED, check, EXCLUSIVE, INCLUSIVE, SUBTRACTED, semconv } from '../testing/rows.ts'

describe('Pydantic AI, Logfire, ADK, Strands', () => {
  check(
    'Pydantic: chat',
    {
      scope: 'pydantic-ai',
      name: 'chat claude',
      attributes: semconv(
        'anthropic',
        'claude-opus-5',
        { ...CACHED, 'details.cache_read_tokens': 1000, 'details.cache_write_tokens': 0 },
        { 'operation.cost': { double: 0.1 } },
      ),
    },
    { ...INCLUSIVE, cw: 0, dialect: 'pydantic_ai' },
  )
  check(
    'Pydantic: the agent adds up under names of its own',
    {
      scope: 'pydantic-ai',
      name: 'agent run',
      attributes: {
        'gen_ai.aggregated_usage.input_tokens': 9,
        'gen_ai.aggregated_usage.output_tokens': 3,
        'gen_ai.agent.name': 'a',
        model_name: 'gpt-5',
      },
    },
    { bill: undefined },
  )
  check(
    'Pydantic: an older agent',
    {
      scope: 'pydantic-ai',
      name: 'agent run',
      attributes: { 'gen_ai.usage.input_tokens': 9, 'gen_ai.usage.output_tokens': 3, model_name: 'gpt-5' },
    },
    { bill: 'rollup', in: 9, out: 3 },
  )
  check(
    'Logfire: partial usage is nobody’s',
    {
      scope: 'logfire.claude_agent_sdk',
      attributes: semconv('anthropic', 'claude-opus-5', { 'partial.input_tokens': 5, 'partial.output_tokens': 1 }),
    },
    { bill: 'not_billable', flags: ['partial_usage'] },
  )
  check(
    'Logfire: the root of the Claude Agent SDK',
    {
      scope: 'logfire.claude_agent_sdk',
      attributes: semconv(
        'anthropic',
        'claude-opus-5',
        { input_tokens: 41000, output_tokens: 900, 'cache_read.input_tokens': 40000 },
        { 'gen_ai.operation.name': 'invoke_agent', 'operation.cost': { double: 0.12 } },
      ),
    },
    { in: 1000, cr: 40000, out: 900, flags: ['rollup_billed'] },
  )
  check(
    'Logfire: the raw usage has the times to live',
    {
      scope: 'logfire.anthropic',
      attributes: semconv('anthropic', 'claude-opus-5', {
        input_tokens: 1160,
        output_tokens: 20,
        raw: '{"input_tokens":100,"output_tokens":20,"cache_read_input_tokens":1000,"cache_creation_input_tokens":60,"cache_creation":{"ephemeral_5m_input_tokens":0,"ephemeral_1h_input_tokens":60}}',
      }),
    },
    { in: 100, cr: 1000, cw: 60, out: 20, dialect: 'logfire' },
  )
  check(
    'Logfire: compaction in the raw usage',
    {
      scope: 'logfire.anthropic',
      attributes: semconv('anthropic', 'claude-opus-5', {
        input_tokens: 100,
        output_tokens: 20,
        raw: '{"input_tokens":100,"output_tokens":20,"iterations":[{"type":"compaction","input_tokens":1000,"output_tokens":30},{"type":"message","input_tokens":100,"output_tokens":20}]}',
      }),
    },
    { in: 1100, out: 50 },
  )
  const adk = (more: AttributeValues) => ({
    scope: 'gcp.vertex.agent',
    name: 'call_llm',
    attributes: {
      'gen_ai.system': 'gcp.vertex.agent',
      'gen_ai.request.model': 'gemini-2.5-pro',
      'gcp.vertex.agent.invocation_id': 'i',
      ...more,
    },
  })
  check(
    'ADK: thoughts and cache in the blob',
    adk({
      'gen_ai.usage.input_tokens': 1000,
      'gen_ai.usage.output_tokens': 50,
      'gcp.vertex.agent.llm_response':
        '{"content":{"parts":[]},"usage_metadata":{"prompt_token_count":1000,"candidates_token_count":50,"cached_content_token_count":400,"thoughts_token_count":800,"total_token_count":1850}}',
    }),
    { in: 600, cr: 400, out: 50, rs: 800, dialect: 'google_adk' },
  )
  check(
    'ADK: the same in a blob that is too long to be parsed',
    adk({
      'gen_ai.usage.input_tokens': 1000,
      'gen_ai.usage.output_tokens': 50,
      'gcp.vertex.agent.llm_response': `{"content":"${'x'.repeat(70_000)}","usage_metadata":{"prompt_token_count":1000,"candidates_token_count":50,"cached_content_token_count":400,"thoughts_token_count":800,"total_token_count":1850}}`,
    }),
    { in: 600, cr: 400, out: 50, rs: 800 },
  )
  check(
    'ADK 2.4: reasoning key, output that contains it by its total',
    adk({
      'gen_ai.usage.input_tokens': 1000,
      'gen_ai.usage.output_tokens': 850,
      'gen_ai.usage.reasoning.output_tokens': 800,
      'gcp.vertex.agent.llm_response': '{"usage_metadata":{"total_token_count":1850}}',
    }),
    { in: 1000, out: 50, rs: 800 },
  )
  check(
    'ADK 1: experimental reasoning',
    adk({
      'gen_ai.usage.input_tokens': 1000,
      'gen_ai.usage.output_tokens': 850,
      'gen_ai.usage.experimental.reasoning_tokens': 800,
    }),
    { in: 1000, out: 850, rs: 800 },
  )
  const strands = (model: string, total: number | undefined) => ({
    scope: 'strands.telemetry.tracer',
    attributes: {
      'gen_ai.operation.name': 'chat',
      'gen_ai.system': 'strands-agents',
      'gen_ai.request.model': model,
      'gen_ai.usage.prompt_tokens': 1600,
      'gen_ai.usage.input_tokens': 1600,
      'gen_ai.usage.completion_tokens': 20,
      'gen_ai.usage.output_tokens': 20,
      'gen_ai.usage.cache_read_input_tokens': 1000,
      'gen_ai.usage.cache_write_input_tokens': 0,
      ...(total === undefined ? {} : { 'gen_ai.usage.total_tokens': total }),
    },
  })
  check('Strands on Bedrock', strands('us.anthropic.claude-sonnet-4-5-v1:0', 2620), {
    ...EXCLUSIVE,
    cw: 0,
    dialect: 'strands',
  })
  check('Strands on Anthropic', strands('claude-sonnet-4-5', 1620), { ...EXCLUSIVE, cw: 0 })
  check('Strands on OpenAI', strands('gpt-5', 1620), { ...SUBTRACTED, cw: 0 })
  check('Strands on Anthropic through LiteLLM', strands('anthropic/claude-sonnet-4-5', 1620), { ...SUBTRACTED, cw: 0 })
})

describe('Microsoft, Mastra', () => {
  for (const [provider, want] of [
    ['anthropic', EXCLUSIVE],
    ['aws.bedrock', EXCLUSIVE],
    ['openai', SUBTRACTED],
  ] as const)
    check(
      `Agent Framework on ${provider}`,
      { scope: 'agent_framework', attributes: semconv(provider, 'm', BESIDE) },
      { ...want, dialect: 'agent_framework' },
    )
  check(
    'Agent Framework: the agent',
    {
      scope: 'agent_framework',
      attributes: semconv('microsoft.agent_framework', 'm', BESIDE, { 'gen_ai.operation.name': 'invoke_agent' }),
    },
    { bill: 'rollup', ...SUBTRACTED },
  )
  check(
    'Extensions.AI',
    { scope: 'Experimental.Microsoft.Extensions.AI', attributes: semconv('openai', 'gpt-5', CACHED) },
    { ...INCLUSIVE, dialect: 'extensions_ai' },
  )
  check(
    'Semantic Kernel before 1.38',
    {
      scope: 'semantic_kernel.utils.telemetry.model_diagnostics.decorators',
      attributes: semconv(
        'openai',
        'gpt-5',
        { input_tokens: 9, output_tokens: 3 },
        { 'gen_ai.operation.name': 'chat.completions' },
      ),
    },
    { in: 9, out: 3, dialect: 'semantic_kernel' },
  )
  check(
    'Mastra',
    {
      scope: '@mastra/otel-exporter',
      attributes: semconv(
        'anthropic',
        'claude-opus-5',
        {
          input_tokens: 1160,
          output_tokens: 50,
          'cache_read.input_tokens': 1000,
          'cache_creation.input_tokens': 60,
          'cache_creation.5m_input_tokens': 20,
          'cache_creation.1h_input_tokens': 40,
          reasoning_tokens: 30,
        },
        { 'mastra.span.type': 'model_inference' },
      ),
    },
    { in: 100, cr: 1000, cw: 60, out: 20, rs: 30, dialect: 'mastra' },
  )
})
