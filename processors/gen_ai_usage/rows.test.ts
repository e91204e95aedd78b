import { testHost } from '../../test/support/host.ts'
import { type AttributeValues, runner, type SpanSpec, traceRequest } from '../../test/support/spans.ts'
import { factory } from './index.ts'

/** One span as each dialect writes it, and what it must be understood as: its own attributes on the way out. */

const settings = { max_entries: 4096, rollup_grace: 60_000, signal_of_record: {} }

const SHORT: Readonly<Record<string, string>> = {
  'tokenfuse.dialect': 'dialect',
  'tokenfuse.bill.status': 'bill',
  'tokenfuse.usage.input_uncached_tokens': 'in',
  'tokenfuse.usage.cache_read_tokens': 'cr',
  'tokenfuse.usage.cache_write_tokens': 'cw',
  'tokenfuse.usage.output_tokens': 'out',
  'tokenfuse.usage.reasoning_tokens': 'rs',
  'tokenfuse.usage.flags': 'flags',
}

function understood(span: SpanSpec): Record<string, unknown> {
  const run = runner([factory.create(settings, testHost())])
  const attributes = run(traceRequest([span])).attributes[0] ?? {}
  return Object.fromEntries(
    Object.entries(attributes).flatMap(([key, value]) => (SHORT[key] === undefined ? [] : [[SHORT[key], value]])),
  )
}

interface Want {
  readonly dialect?: string
  readonly bill?: string | undefined
  readonly in?: number
  readonly cr?: number
  readonly cw?: number
  readonly out?: number
  readonly rs?: number
  /** Not compared when left out. */
  readonly flags?: readonly string[]
}

/** Nothing that is not wanted may be there, flags aside. */
function check(title: string, span: SpanSpec, want: Want): void {
  test(title, () => {
    const { flags, ...got } = understood(span)
    const { flags: wantFlags, ...rest } = want
    expect(got).toEqual({ bill: 'billed', dialect: got['dialect'], ...rest })
    if (wantFlags !== undefined) expect(flags ?? []).toEqual(wantFlags)
  })
}

const semconv = (provider: string, model: string, usage: AttributeValues, more: AttributeValues = {}) => ({
  'gen_ai.operation.name': 'chat',
  'gen_ai.provider.name': provider,
  'gen_ai.request.model': model,
  ...Object.fromEntries(Object.entries(usage).map(([key, value]) => [`gen_ai.usage.${key}`, value])),
  ...more,
})
const oi = (model: string, counts: AttributeValues, more: AttributeValues = {}) => ({
  'openinference.span.kind': 'LLM',
  'llm.model_name': model,
  ...Object.fromEntries(Object.entries(counts).map(([key, value]) => [`llm.token_count.${key}`, value])),
  ...more,
})
/** 1100 tokens of input, 1000 of them cached, 20 of output. */
const CACHED = { input_tokens: 1100, output_tokens: 20, 'cache_read.input_tokens': 1000 }
/** The same from who leaves the cache out. */
const BESIDE = { input_tokens: 1600, output_tokens: 20, 'cache_read.input_tokens': 1000 }
const INCLUSIVE: Want = { in: 100, cr: 1000, out: 20 }
const EXCLUSIVE: Want = { in: 1600, cr: 1000, out: 20 }
const inclusive = { in: 600, cr: 1000, out: 20 }

describe('conventions 1.26 to the separate repository', () => {
  const old = { 'gen_ai.system': 'openai', 'gen_ai.request.model': 'gpt-4o' }
  check(
    '1.26: prompt and completion, no operation',
    { attributes: { ...old, 'gen_ai.usage.prompt_tokens': 9, 'gen_ai.usage.completion_tokens': 3 } },
    { in: 9, out: 3, dialect: 'otel_genai' },
  )
  check(
    '1.27: input and output',
    {
      attributes: {
        ...old,
        'gen_ai.operation.name': 'chat',
        'gen_ai.usage.input_tokens': 9,
        'gen_ai.usage.output_tokens': 3,
      },
    },
    { in: 9, out: 3 },
  )
  check(
    '1.40: cache_read and cache_creation',
    {
      attributes: semconv('openai', 'gpt-5', { ...CACHED, 'cache_creation.input_tokens': 50 }),
    },
    { in: 50, cr: 1000, cw: 50, out: 20 },
  )
  check(
    '1.41: reasoning',
    {
      attributes: semconv('openai', 'gpt-5', { input_tokens: 5, output_tokens: 50, 'reasoning.output_tokens': 30 }),
    },
    { in: 5, out: 20, rs: 30, flags: [] },
  )
  check(
    'genai repository: cache_write',
    {
      attributes: semconv('anthropic', 'claude-sonnet-4-5', { ...CACHED, 'cache_write.input_tokens': 60 }),
    },
    { in: 40, cr: 1000, cw: 60, out: 20 },
  )
  check(
    'genai repository: modalities, of which the text is cached',
    {
      attributes: semconv('openai', 'gpt-4o', {
        input_tokens: 300,
        output_tokens: 7,
        'cache_read.input_tokens': 40,
        'text.input_tokens': 100,
        'text.cache_read.input_tokens': 40,
        'image.input_tokens': 200,
      }),
    },
    { in: 60, cr: 40, out: 7 },
  )
  check(
    'modalities, of which the image is cached',
    {
      attributes: semconv('openai', 'gpt-4o', {
        input_tokens: 300,
        output_tokens: 7,
        'cache_read.input_tokens': 150,
        'image.input_tokens': 200,
        'image.cache_read.input_tokens': 150,
      }),
    },
    { in: 100, cr: 0, out: 7, flags: ['convention_provider_default'] },
  )
})

describe('operations', () => {
  const ask = (operation: string, want: Want, more: AttributeValues = {}) =>
    check(
      operation,
      {
        attributes: semconv(
          'openai',
          'gpt-4o',
          { input_tokens: 9, output_tokens: 3 },
          { 'gen_ai.operation.name': operation, ...more },
        ),
      },
      want,
    )
  const CALL = { in: 9, out: 3 }
  const FREE = { bill: 'not_billable', in: 9, out: 3 }
  const ROLLUP = { bill: 'rollup', in: 9, out: 3 }
  for (const operation of [
    'chat',
    'text_completion',
    'generate_content',
    'embeddings',
    'rerank',
    'retrieval',
    'completion',
    'acompletion',
    'generate',
    'responses',
    'chat.completions',
    'llm_call',
    'model_request',
    'text',
    'image',
    'audio',
    'speech_to_text',
    'text_to_speech',
    'something_new',
  ])
    ask(operation, CALL)
  for (const operation of ['fetch_response', 'create_agent', 'search_memory', 'update_memory', 'list_memory_stores'])
    ask(operation, FREE)
  for (const operation of [
    'invoke_agent',
    'invoke_workflow',
    'plan',
    'agent_step',
    'execute_event_loop_cycle',
    'step',
    'task',
    'chain',
    'agent_call',
    'user_prompt',
    'schedule_tool_calls',
    'guardrail.run',
    'guard',
    'execute_tool',
    'tool_call',
    'invoke_swarm',
    'invoke_graph',
  ])
    ask(operation, ROLLUP)
  check(
    'a rerank without units costs nothing that we know',
    {
      attributes: { 'gen_ai.operation.name': 'rerank', 'gen_ai.request.model': 'rerank-v3' },
    },
    { bill: 'not_billable' },
  )
  check(
    'tool attributes make a tool even without an operation',
    {
      attributes: { 'gen_ai.tool.name': 'search', 'gen_ai.request.model': 'm', 'gen_ai.usage.input_tokens': 4 },
    },
    { bill: 'rollup', in: 4 },
  )
})

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
  py('opentelemetry.instrumentation.llamaindex', 'openai', BESIDE, { ...inclusive })
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
    { in: 100, out: 20, flags: ['total_mismatch'] },
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
    { ...EXCLUSIVE, dialect: 'openinference_claude_agent', flags: ['rollup_billed'] },
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
    ask(`openlit.instrumentation.${lib}`, 'anthropic', inclusive)
  ask(
    'openlit.instrumentation.openai',
    'openai',
    { ...inclusive, flags: ['has_usage_cost'] },
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

describe('Vercel AI SDK', () => {
  const ai = (id: string, more: AttributeValues) => ({
    'ai.operationId': id,
    'operation.name': id,
    'ai.model.id': 'm',
    ...more,
  })
  const anthropic = { 'ai.model.provider': 'anthropic.messages' }
  check(
    '4: exclusive, the cache in the metadata',
    {
      scope: 'ai',
      attributes: ai('ai.generateText.doGenerate', {
        ...anthropic,
        'ai.usage.promptTokens': 1600,
        'ai.usage.completionTokens': 20,
        'ai.response.providerMetadata': '{"anthropic":{"cacheCreationInputTokens":60,"cacheReadInputTokens":1000}}',
      }),
    },
    { in: 1600, cr: 1000, cw: 60, out: 20, dialect: 'ai_sdk', flags: ['recovered_blob'] },
  )
  check(
    '5: exclusive, writes in the metadata',
    {
      scope: 'ai',
      attributes: ai('ai.streamText.doStream', {
        ...anthropic,
        'ai.usage.inputTokens': 1600,
        'ai.usage.outputTokens': 20,
        'ai.usage.totalTokens': 1620,
        'ai.usage.cachedInputTokens': 1000,
        'ai.response.providerMetadata':
          '{"anthropic":{"usage":{"input_tokens":1600,"cache_creation_input_tokens":60,"cache_creation":{"ephemeral_5m_input_tokens":0,"ephemeral_1h_input_tokens":60},"cache_read_input_tokens":1000,"service_tier":"priority"},"cacheCreationInputTokens":60}}',
      }),
    },
    { in: 1600, cr: 1000, cw: 60, out: 20, dialect: 'ai_sdk' },
  )
  check(
    '5 on Bedrock',
    {
      scope: 'ai',
      attributes: ai('ai.generateText.doGenerate', {
        'ai.model.provider': 'amazon-bedrock',
        'ai.usage.inputTokens': 1600,
        'ai.usage.outputTokens': 20,
        'ai.usage.cachedInputTokens': 1000,
        'ai.response.providerMetadata':
          '{"bedrock":{"usage":{"cacheReadInputTokens":1000,"cacheWriteInputTokens":60}}}',
      }),
    },
    { in: 1600, cr: 1000, cw: 60, out: 20 },
  )
  check(
    '5: OpenAI',
    {
      scope: 'ai',
      attributes: ai('ai.generateText.doGenerate', {
        'ai.model.provider': 'openai.responses',
        'ai.usage.inputTokens': 1100,
        'ai.usage.outputTokens': 50,
        'ai.usage.cachedInputTokens': 1000,
        'ai.usage.reasoningTokens': 30,
      }),
    },
    { in: 100, cr: 1000, out: 20, rs: 30 },
  )
  check(
    '5: Google leaves thoughts out of the output',
    {
      scope: 'ai',
      attributes: ai('ai.generateText.doGenerate', {
        'ai.model.provider': 'google.generative-ai',
        'ai.usage.inputTokens': 10,
        'ai.usage.outputTokens': 50,
        'ai.usage.reasoningTokens': 30,
      }),
    },
    { in: 10, out: 50, rs: 30, flags: ['reasoning_outside_output'] },
  )
  check(
    '4: Google, thoughts in the metadata',
    {
      scope: 'ai',
      attributes: ai('ai.generateText.doGenerate', {
        'ai.model.provider': 'google.generative-ai',
        'ai.usage.promptTokens': 10,
        'ai.usage.completionTokens': 50,
        'ai.response.providerMetadata':
          '{"google":{"usageMetadata":{"promptTokenCount":10,"candidatesTokenCount":50,"thoughtsTokenCount":800,"totalTokenCount":860}}}',
      }),
    },
    { in: 10, out: 50, rs: 800, flags: ['reasoning_outside_output', 'recovered_blob'] },
  )
  const six = {
    ...anthropic,
    'ai.usage.inputTokens': 1160,
    'ai.usage.outputTokens': 50,
    'ai.usage.inputTokenDetails.noCacheTokens': 100,
    'ai.usage.inputTokenDetails.cacheReadTokens': 1000,
    'ai.usage.inputTokenDetails.cacheWriteTokens': 60,
    'ai.usage.outputTokenDetails.reasoningTokens': 30,
  }
  check(
    '6: inclusive',
    { scope: 'ai', attributes: ai('ai.generateText.doGenerate', six) },
    { in: 100, cr: 1000, cw: 60, out: 20, rs: 30, dialect: 'ai_sdk_6', flags: [] },
  )
  check(
    '6 under a tracer of the program',
    { scope: 'my-app', attributes: ai('ai.generateText.doGenerate', six) },
    { in: 100, cr: 1000, cw: 60, out: 20, rs: 30, dialect: 'ai_sdk_6', flags: [] },
  )
  check(
    '6: Google',
    {
      scope: 'ai',
      attributes: ai('ai.generateText.doGenerate', {
        'ai.model.provider': 'google.generative-ai',
        'ai.usage.inputTokens': 10,
        'ai.usage.outputTokens': 80,
        'ai.usage.outputTokenDetails.textTokens': 50,
        'ai.usage.outputTokenDetails.reasoningTokens': 30,
      }),
    },
    { in: 10, out: 50, rs: 30, flags: [] },
  )
  for (const id of [
    'ai.generateText',
    'ai.streamText',
    'ai.generateObject',
    'ai.streamObject',
    'ai.embed',
    'ai.embedMany',
  ])
    check(
      `${id} repeats`,
      { scope: 'ai', attributes: ai(id, { 'ai.usage.inputTokens': 10, 'ai.usage.outputTokens': 2 }) },
      { bill: 'rollup', in: 10, out: 2 },
    )
  check('embeddings', { scope: 'ai', attributes: ai('ai.embed.doEmbed', { 'ai.usage.tokens': 10 }) }, { in: 10 })
  check(
    '4: NaN is unknown',
    {
      scope: 'ai',
      attributes: ai('ai.generateText.doGenerate', {
        'ai.usage.promptTokens': { double: Number.NaN },
        'ai.usage.completionTokens': { double: Number.NaN },
      }),
    },
    { flags: ['usage_missing', 'value_ignored'] },
  )
  check(
    '7: chat',
    {
      scope: 'gen_ai',
      attributes: semconv('anthropic', 'claude-opus-5', { ...CACHED, 'cache_creation.input_tokens': 60 }),
    },
    { in: 40, cr: 1000, cw: 60, out: 20, dialect: 'ai_sdk_otel', flags: [] },
  )
  for (const operation of ['invoke_agent', 'agent_step'])
    check(
      `7: ${operation} repeats`,
      { scope: 'gen_ai', attributes: semconv('openai', 'gpt-5', CACHED, { 'gen_ai.operation.name': operation }) },
      { bill: 'rollup', ...INCLUSIVE },
    )
})

describe('Langfuse', () => {
  const of = (type: string, details: string, more: AttributeValues = {}) => ({
    scope: 'langfuse-sdk',
    attributes: {
      'langfuse.observation.type': type,
      'langfuse.observation.model.name': 'gpt-5',
      'langfuse.observation.usage_details': details,
      ...more,
    },
  })
  check(
    'disjoint',
    of('generation', '{"input":100,"input_cached_tokens":1000,"output":20,"output_reasoning_tokens":30,"total":1150}'),
    { in: 100, cr: 1000, out: 20, rs: 30, dialect: 'langfuse', flags: [] },
  )
  check(
    'overlapping, by the total',
    of('generation', '{"input":1100,"input_cached_tokens":1000,"output":20,"total":1120}'),
    INCLUSIVE,
  )
  check(
    'times to live',
    of(
      'generation',
      '{"input":1,"input_cache_creation_5m":20,"input_cache_creation_1h":30,"cache_read_input_tokens":5,"output":2}',
    ),
    { in: 1, cr: 5, cw: 50, out: 2 },
  )
  check(
    'as OpenAI answers',
    of(
      'generation',
      '{"prompt_tokens":1100,"completion_tokens":50,"total_tokens":1150,"prompt_tokens_details":{"cached_tokens":1000},"completion_tokens_details":{"reasoning_tokens":30}}',
    ),
    { in: 100, cr: 1000, out: 20, rs: 30 },
  )
  check(
    'as Anthropic answers',
    of(
      'generation',
      '{"input_tokens":1600,"output_tokens":20,"cache_read_input_tokens":1000,"cache_creation_input_tokens":60}',
    ),
    { in: 1600, cr: 1000, cw: 60, out: 20 },
  )
  check('generations of Python 3.3 and before are called spans', of('span', '{"input":9,"output":3}'), {
    in: 9,
    out: 3,
  })
  check('an agent repeats', of('agent', '{"input":9,"output":3}'), { bill: 'rollup', in: 9, out: 3 })
})

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
  check('Strands on OpenAI', strands('gpt-5', 1620), { ...inclusive, cw: 0 })
  check('Strands on Anthropic through LiteLLM', strands('anthropic/claude-sonnet-4-5', 1620), { ...inclusive, cw: 0 })
})

describe('Microsoft, Mastra', () => {
  for (const [provider, want] of [
    ['anthropic', EXCLUSIVE],
    ['aws.bedrock', EXCLUSIVE],
    ['openai', inclusive],
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
    { bill: 'rollup', ...inclusive },
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
    'opencode',
    {
      scope: 'opencode',
      attributes: semconv(
        'anthropic',
        'claude-opus-5',
        { ...CACHED, 'cache_write.input_tokens': 60 },
        { 'opencode.llm.cost.total': { double: 0.1 } },
      ),
    },
    { in: 40, cr: 1000, cw: 60, out: 20, dialect: 'opencode' },
  )
  check(
    'the proxy',
    { scope: 'tokenfuse.llm_proxy', attributes: semconv('openai', 'gpt-5', CACHED) },
    { ...INCLUSIVE, dialect: 'tokenfuse_proxy' },
  )
})

describe('numbers of other types', () => {
  const ask = (title: string, usage: AttributeValues, want: Want) =>
    check(title, { attributes: semconv('openai', 'gpt-5', usage) }, want)
  ask('strings', { input_tokens: '1100', output_tokens: '20', 'cache_read.input_tokens': '1000' }, INCLUSIVE)
  ask('doubles', { input_tokens: { double: 9 }, output_tokens: { double: 3 } }, { in: 9, out: 3 })
  ask('strings with a fraction of nothing', { input_tokens: '9.0', output_tokens: ' 3 ' }, { in: 9, out: 3 })
  ask(
    'negative is unknown',
    { input_tokens: 9, output_tokens: -3 },
    { in: 9, flags: ['output_missing', 'value_ignored'] },
  )
  ask(
    'NaN is unknown',
    { input_tokens: 9, output_tokens: { double: Number.NaN } },
    { in: 9, flags: ['output_missing', 'value_ignored'] },
  )
  ask('NaN as text', { input_tokens: 9, output_tokens: 'NaN' }, { in: 9, flags: ['output_missing', 'value_ignored'] })
  ask('nothing at all', { input_tokens: '', output_tokens: '' }, { flags: ['usage_missing', 'value_ignored'] })
  ask('zero is zero', { input_tokens: 0, output_tokens: 0 }, { in: 0, out: 0 })
  ask('an array', { input_tokens: 9, output_tokens: ['3'] }, { in: 9, flags: ['output_missing', 'value_ignored'] })
  ask('true', { input_tokens: 9, output_tokens: true }, { in: 9, flags: ['output_missing', 'value_ignored'] })
  ask(
    'more cached than there is, of an inclusive provider',
    { input_tokens: 10, output_tokens: 3, 'cache_read.input_tokens': 1000 },
    { in: 10, cr: 1000, out: 3 },
  )
  ask(
    'a total that nothing adds up to',
    { input_tokens: 10, output_tokens: 3, total_tokens: 99 },
    { in: 10, out: 3, flags: ['total_mismatch'] },
  )
})
