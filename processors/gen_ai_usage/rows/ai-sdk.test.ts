import type { AttributeValues } from '../../../test/support/spans.ts'
import { CACHED, check, INCLUSIVE, semconv } from '../testing/rows.ts'

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
