import type { AttributeValues } from '../../../test/support/spans.ts'
import { CACHED, check, INCLUSIVE, semconv, type Want } from '../testing/rows.ts'

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
    'more cached than there is, of a provider that includes it',
    { input_tokens: 10, output_tokens: 3, 'cache_read.input_tokens': 1000 },
    { in: 10, cr: 1000, out: 3 },
  )
  ask(
    'a total that nothing adds up to',
    { input_tokens: 10, output_tokens: 3, total_tokens: 99 },
    { in: 10, out: 3, flags: ['total_mismatch'] },
  )
})
