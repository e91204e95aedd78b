import type { AttributeValues } from '../../../test/support/spans.ts'
import { BESIDE, check, EXCLUSIVE, INCLUSIVE, oi, SUBTRACTED, semconv, type Want } from '../testing/rows.ts'

describe('OpenInference', () => {
  const counts = { prompt: 1100, completion: 20, 'prompt_details.cache_read': 1000 }
  const ask = (scope: string, values: AttributeValues, want: Want, more: AttributeValues = {}) =>
    check(
      `${scope} ${JSON.stringify(more)}`,
      { scope, attributes: oi('claude-sonnet-4-5', values, { 'llm.provider': 'anthropic', ...more }) },
      want,
    )
  for (const lib of ['anthropic', 'litellm', 'langchain', 'google_genai', 'openai', 'openai_agents', 'strands_agents'])
    ask(`openinference.instrumentation.${lib}`, counts, { ...INCLUSIVE, dialect: 'openinference' })
  ask(
    'openinference.instrumentation.bedrock',
    { prompt: 100, completion: 20, total: 1120, 'prompt_details.cache_read': 1000 },
    { ...INCLUSIVE, dialect: 'openinference_bedrock' },
  )
  ask('openinference.instrumentation.bedrock', { ...counts, total: 1120 }, { ...INCLUSIVE }, { 'llm.provider': 'aws' })
  ask(
    '@arizeai/openinference-instrumentation-bedrock',
    { prompt: 1600, completion: 20, 'prompt_details.cache_read': 1000 },
    { ...EXCLUSIVE },
  )
  ask(
    '@arizeai/openinference-instrumentation-bedrock',
    { prompt: 100, completion: 20, total: 1120 },
    { in: 100, cr: 1000, out: 20, flags: ['cache_unsplit'] },
    { converse: 'js' },
  )
  check(
    'Claude Agent SDK: the agent is the only one that has usage',
    {
      scope: 'openinference.instrumentation.claude_agent_sdk',
      attributes: oi(
        'claude-sonnet-4-5',
        { prompt: 1600, completion: 20, total: 1620, 'prompt_details.cache_read': 1000 },
        { 'openinference.span.kind': 'AGENT', 'llm.cost.total': { double: 0.5 } },
      ),
    },
    { in: 600, cr: 1000, out: 20, dialect: 'openinference_claude_agent', flags: ['rollup_billed'] },
  )
  check(
    'Envoy AI Gateway: cache_creation',
    {
      scope: 'envoyproxy/ai-gateway',
      attributes: oi('claude-sonnet-4-5', {
        prompt: 1160,
        completion: 20,
        'prompt_details.cache_read': 1000,
        'prompt_details.cache_creation': 60,
        'prompt_details.cache_input': 100,
      }),
    },
    { in: 100, cr: 1000, cw: 60, out: 20, dialect: 'envoy_ai_gateway' },
  )
  check(
    'written in two vocabularies: one is read',
    {
      scope: 'openinference.instrumentation.openai',
      attributes: oi(
        'gpt-4o',
        { prompt: 9, completion: 3 },
        { 'gen_ai.usage.input_tokens': 9, 'gen_ai.usage.output_tokens': 3 },
      ),
    },
    { in: 9, out: 3, flags: [] },
  )
  check(
    'two vocabularies that disagree are noted',
    {
      scope: 'openinference.instrumentation.openai',
      attributes: oi(
        'gpt-4o',
        { prompt: 9, completion: 3 },
        { 'gen_ai.usage.input_tokens': 8, 'gen_ai.usage.output_tokens': 3 },
      ),
    },
    { in: 9, out: 3, flags: ['dup_vocab'] },
  )
  for (const kind of ['AGENT', 'CHAIN', 'TOOL'])
    check(
      `smolagents: counts on ${kind} repeat`,
      {
        scope: 'openinference.instrumentation.smolagents',
        attributes: oi('gpt-4o', { prompt: 9, completion: 3 }, { 'openinference.span.kind': kind }),
      },
      { bill: 'rollup', in: 9, out: 3 },
    )
})

describe('OpenLIT', () => {
  const ask = (scope: string, provider: string, want: Want, more: AttributeValues = {}) =>
    check(
      `${scope} ${provider} ${JSON.stringify(more)}`,
      { scope, attributes: semconv(provider, 'm', BESIDE, more) },
      want,
    )
  ask('openlit.instrumentation.anthropic', 'anthropic', EXCLUSIVE)
  ask('openlit.instrumentation.bedrock', 'aws.bedrock', EXCLUSIVE)
  ask('openlit.otel.tracing', 'anthropic', EXCLUSIVE)
  for (const lib of ['openai', 'langchain', 'litellm', 'vertexai', 'claude_agent_sdk'])
    ask(`openlit.instrumentation.${lib}`, 'anthropic', SUBTRACTED)
  ask(
    'openlit.instrumentation.openai',
    'openai',
    { ...SUBTRACTED, flags: ['has_usage_cost'] },
    { 'gen_ai.usage.cost': { double: 0 } },
  )
})

describe('LangSmith', () => {
  const run = (kind: string, more: AttributeValues) => ({
    'langsmith.span.kind': kind,
    'gen_ai.system': 'langchain',
    ...more,
  })
  check(
    'llm with details',
    {
      scope: 'langsmith',
      attributes: run('llm', {
        'gen_ai.request.model': 'claude-sonnet-4-5',
        'gen_ai.usage.input_tokens': 1100,
        'gen_ai.usage.output_tokens': 50,
        'gen_ai.usage.total_tokens': 1150,
        'gen_ai.usage.input_token_details':
          '{"cache_read": 900, "cache_creation": 0, "ephemeral_1h_input_tokens": 100}',
        'gen_ai.usage.output_token_details': '{"reasoning": 30}',
      }),
    },
    { in: 100, cr: 900, cw: 100, out: 20, rs: 30, dialect: 'langsmith', flags: ['recovered_blob'] },
  )
  check(
    'usage_metadata only',
    {
      scope: 'langsmith',
      attributes: run('llm', {
        'gen_ai.request.model': 'gpt-5',
        'langsmith.usage_metadata':
          '{"input_tokens":1100,"output_tokens":50,"total_tokens":1150,"input_token_details":{"cache_read":1000},"output_token_details":{"reasoning":30}}',
      }),
    },
    { in: 100, cr: 1000, out: 20, rs: 30 },
  )
  check(
    'a chain without a model has no usage of its own',
    {
      scope: 'langsmith',
      attributes: run('chain', { 'gen_ai.usage.input_tokens': 5, 'gen_ai.usage.output_tokens': 1 }),
    },
    { bill: 'rollup', in: 5, out: 1 },
  )
})
