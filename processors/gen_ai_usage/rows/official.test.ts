import type { AttributeValues } from '../../../test/support/spans.ts'
import { BESIDE, CACHED, check, EXCLUSIVE, INCLUSIVE, SUBTRACTED, semconv, type Want } from '../testing/rows.ts'

describe('official SDKs', () => {
  const sdk = 'com.anthropic.sdk.typescript'
  check(
    'Anthropic SDK: writes by time to live',
    {
      scope: sdk,
      attributes: semconv(
        'anthropic',
        'claude-sonnet-4-5',
        {
          input_tokens: 91660,
          output_tokens: 1200,
          'cache_read.input_tokens': 84562,
          'cache_write.input_tokens': 7096,
        },
        { 'anthropic.usage.cache_creation.ephemeral_1h_input_tokens': 7096 },
      ),
    },
    { in: 2, cr: 84562, cw: 7096, out: 1200, dialect: 'anthropic_sdk', flags: [] },
  )
  check(
    'Anthropic SDK on a cloud',
    {
      scope: 'com.anthropic.sdk.python.bedrock',
      attributes: semconv('aws.bedrock', 'claude-sonnet-4-5', CACHED),
    },
    { ...INCLUSIVE, dialect: 'anthropic_sdk' },
  )
  check(
    'Anthropic SDK: compaction is added',
    {
      scope: sdk,
      attributes: semconv(
        'anthropic',
        'claude-opus-5',
        { input_tokens: 5000, output_tokens: 200 },
        {
          'anthropic.usage.compaction.input_tokens': 180000,
          'anthropic.usage.compaction.output_tokens': 3000,
        },
      ),
    },
    { in: 185000, out: 3200 },
  )
  check(
    'Anthropic SDK: a stream that was cut',
    {
      scope: sdk,
      attributes: semconv('anthropic', 'claude-opus-5', { input_tokens: 5000 }),
    },
    { in: 5000, flags: ['output_missing'] },
  )
  check(
    'Anthropic SDK: counting tokens is free',
    {
      scope: sdk,
      name: 'anthropic.messages.count_tokens',
      attributes: { 'gen_ai.request.model': 'claude-opus-5', 'anthropic.message.count_tokens.input_tokens': 900 },
    },
    { bill: undefined },
  )
  check(
    'Anthropic SDK: the tool runner repeats',
    {
      scope: sdk,
      name: 'anthropic.messages.tool_runner',
      attributes: {
        'gen_ai.request.model': 'claude-opus-5',
        'gen_ai.usage.input_tokens': 5,
        'gen_ai.usage.output_tokens': 1,
      },
    },
    { bill: 'rollup', in: 5, out: 1 },
  )
  check(
    'Claude platform',
    {
      scope: 'com.anthropic.claude-platform',
      resource: { 'service.name': 'claude-platform' },
      attributes: semconv('anthropic', 'claude-opus-5', CACHED),
    },
    { ...INCLUSIVE, dialect: 'anthropic_platform' },
  )
  check(
    'OpenTelemetry openai v2',
    {
      scope: 'opentelemetry.instrumentation.openai_v2',
      attributes: semconv('openai', 'gpt-5', CACHED),
    },
    { ...INCLUSIVE, dialect: 'otel_openai' },
  )
  check(
    'OpenTelemetry google-genai: thoughts are in the output',
    {
      scope: 'opentelemetry.instrumentation.google_genai',
      attributes: semconv('gcp.gemini', 'gemini-2.5-pro', {
        input_tokens: 10,
        output_tokens: 850,
        'reasoning.output_tokens': 800,
      }),
    },
    { in: 10, out: 50, rs: 800, dialect: 'otel_google_genai', flags: [] },
  )
  check(
    'OpenTelemetry openai-agents',
    {
      scope: 'opentelemetry.instrumentation.openai_agents',
      attributes: semconv('openai', 'gpt-5', { input_tokens: 5, output_tokens: 1 }),
    },
    { in: 5, out: 1, dialect: 'otel_openai_agents' },
  )
  check(
    'opentelemetry.util.genai.handler',
    {
      scope: 'opentelemetry.util.genai.handler',
      attributes: semconv('openai', 'gpt-5', CACHED),
    },
    { ...INCLUSIVE, dialect: 'otel_genai' },
  )
  check(
    'Mistral',
    {
      scope: 'mistralai_sdk_tracer',
      attributes: semconv('mistral_ai', 'mistral-large', { input_tokens: 5, output_tokens: 1 }),
    },
    { in: 5, out: 1, dialect: 'mistral_sdk' },
  )
})

describe('OpenLLMetry', () => {
  const py = (lib: string, provider: string, usage: AttributeValues, want: Want, more: AttributeValues = {}) =>
    check(`${lib} ${provider}`, { scope: lib, attributes: semconv(provider, 'm', usage, more) }, want)
  py('opentelemetry.instrumentation.anthropic', 'anthropic', CACHED, { ...INCLUSIVE, dialect: 'openllmetry_anthropic' })
  py(
    '@traceloop/instrumentation-anthropic',
    'anthropic',
    { ...CACHED, input_tokens: 100 },
    { ...INCLUSIVE, dialect: 'openllmetry_js_anthropic' },
  )
  py('opentelemetry.instrumentation.bedrock', 'aws.bedrock', BESIDE, { ...EXCLUSIVE, dialect: 'openllmetry_bedrock' })
  py('@traceloop/instrumentation-bedrock', 'aws.bedrock', CACHED, { ...INCLUSIVE, dialect: 'openllmetry_js_bedrock' })
  py('opentelemetry.instrumentation.llamaindex', 'anthropic', BESIDE, {
    ...EXCLUSIVE,
    dialect: 'openllmetry_llamaindex',
  })
  py('opentelemetry.instrumentation.llamaindex', 'openai', BESIDE, { ...SUBTRACTED })
  for (const lib of ['openai.v1', 'groq', 'mistralai', 'writer', 'langchain'])
    py(`opentelemetry.instrumentation.${lib}`, 'openai', CACHED, { ...INCLUSIVE, dialect: 'openllmetry' })
  py(
    'opentelemetry.instrumentation.google_generativeai',
    'gcp.gemini',
    { input_tokens: 10, output_tokens: 850, reasoning_tokens: 800 },
    { in: 10, out: 850, rs: 800, dialect: 'openllmetry_google', flags: ['reasoning_outside_output'] },
  )
  py(
    'opentelemetry.instrumentation.vertexai',
    'gcp.vertex_ai',
    { input_tokens: 10, output_tokens: 5 },
    { in: 10, out: 5, dialect: 'openllmetry_google' },
    { 'llm.usage.total_tokens': 15 },
  )
  check(
    'the oldest names',
    {
      scope: 'opentelemetry.instrumentation.openai.v1',
      attributes: {
        'llm.request.type': 'chat',
        'llm.request.model': 'gpt-4',
        'llm.usage.prompt_tokens': 9,
        'llm.usage.completion_tokens': 3,
        'llm.usage.total_tokens': 12,
      },
    },
    { in: 9, out: 3, dialect: 'openllmetry', flags: [] },
  )
  check(
    'underscored cache keys',
    {
      scope: 'opentelemetry.instrumentation.openai.v1',
      attributes: {
        'llm.request.type': 'chat',
        'gen_ai.request.model': 'gpt-4',
        'gen_ai.usage.prompt_tokens': 1100,
        'gen_ai.usage.completion_tokens': 20,
        'gen_ai.usage.cache_read_input_tokens': 1000,
      },
    },
    INCLUSIVE,
  )
  for (const kind of ['workflow', 'task', 'agent'])
    check(
      `${kind} repeats`,
      {
        scope: 'opentelemetry.instrumentation.crewai',
        attributes: {
          'traceloop.span.kind': kind,
          'gen_ai.request.model': 'gpt-4',
          'gen_ai.usage.input_tokens': 9,
          'gen_ai.usage.output_tokens': 3,
        },
      },
      { bill: 'rollup', in: 9, out: 3, dialect: 'openllmetry_crewai' },
    )
})
