import { id, pieces, type ReplyUsage, type Settled } from './script.ts'

/** Bodies and events as api.openai.com writes them. */

const cached = (usage: ReplyUsage): number => usage.cacheRead ?? 0
const written = (usage: ReplyUsage): number => (usage.cacheWrite5m ?? 0) + (usage.cacheWrite1h ?? 0)
const inputTotal = (usage: ReplyUsage): number => usage.input + cached(usage) + written(usage)
const outputTotal = (usage: ReplyUsage): number => usage.output + (usage.reasoning ?? 0)

export function chatUsage(usage: ReplyUsage): Record<string, unknown> {
  return {
    prompt_tokens: inputTotal(usage),
    completion_tokens: outputTotal(usage),
    total_tokens: inputTotal(usage) + outputTotal(usage),
    prompt_tokens_details: {
      cached_tokens: cached(usage),
      audio_tokens: 0,
      ...(written(usage) === 0 ? {} : { cache_write_tokens: written(usage) }),
    },
    completion_tokens_details: {
      reasoning_tokens: usage.reasoning ?? 0,
      audio_tokens: 0,
      accepted_prediction_tokens: 0,
      rejected_prediction_tokens: 0,
    },
  }
}

function chatToolCalls(settled: Settled): Record<string, unknown>[] {
  return settled.toolCalls.map((call) => ({
    id: call.id,
    type: 'function',
    function: { name: call.name, arguments: JSON.stringify(call.arguments) },
  }))
}

const finishReason = (settled: Settled): string => (settled.toolCalls.length > 0 ? 'tool_calls' : 'stop')

export function chatBody(settled: Settled): Record<string, unknown> {
  const calls = chatToolCalls(settled)
  const message = {
    role: 'assistant',
    content: settled.text === '' ? null : settled.text,
    ...(calls.length === 0 ? {} : { tool_calls: calls }),
    refusal: null,
    annotations: [],
  }
  return {
    id: settled.id,
    object: 'chat.completion',
    created: settled.createdS,
    model: settled.model,
    choices: [{ index: 0, message, logprobs: null, finish_reason: finishReason(settled) }],
    ...(settled.reply.withholdUsage === true ? {} : { usage: chatUsage(settled.usage) }),
    service_tier: settled.reply.serviceTier ?? 'default',
    system_fingerprint: 'fp_50cad350e4',
  }
}

/** The events of a chat stream; usage only when the client asked for it, in a chunk without choices. */
export function chatEvents(settled: Settled): readonly string[] {
  const options = settled.request.body['stream_options'] as { include_usage?: unknown } | undefined | null
  const includesUsage = options?.include_usage === true && settled.reply.withholdUsage !== true
  const chunk = (choices: readonly unknown[], usage: unknown): string =>
    data({
      id: settled.id,
      object: 'chat.completion.chunk',
      created: settled.createdS,
      model: settled.model,
      service_tier: settled.reply.serviceTier ?? 'default',
      system_fingerprint: 'fp_50cad350e4',
      choices,
      ...(includesUsage ? { usage } : {}),
    })
  const choice = (delta: unknown, finish: string | null = null): string =>
    chunk([{ index: 0, delta, logprobs: null, finish_reason: finish }], null)
  return [
    choice({ role: 'assistant', content: '', refusal: null }),
    ...pieces(settled.text, settled.reply.chunks ?? 4).map((content) => choice({ content })),
    ...chatToolCalls(settled).map((call, index) => choice({ tool_calls: [{ index, ...call }] })),
    choice({}, finishReason(settled)),
    ...(includesUsage ? [chunk([], chatUsage(settled.usage))] : []),
    'data: [DONE]\n\n',
  ]
}

export function responsesBody(settled: Settled, status = 'completed'): Record<string, unknown> {
  const { usage } = settled
  const isDone = status === 'completed'
  return {
    id: settled.id,
    object: 'response',
    created_at: settled.createdS,
    status,
    background: false,
    error: null,
    incomplete_details: null,
    instructions: null,
    max_output_tokens: null,
    model: settled.model,
    output: isDone ? outputItems(settled) : [],
    parallel_tool_calls: true,
    previous_response_id: null,
    service_tier: isDone ? (settled.reply.serviceTier ?? 'default') : 'auto',
    store: true,
    temperature: 1,
    tools: [],
    usage:
      !isDone || settled.reply.withholdUsage === true
        ? null
        : {
            input_tokens: inputTotal(usage),
            input_tokens_details: { cached_tokens: cached(usage), cache_write_tokens: written(usage) },
            output_tokens: outputTotal(usage),
            output_tokens_details: { reasoning_tokens: usage.reasoning ?? 0 },
            total_tokens: inputTotal(usage) + outputTotal(usage),
          },
    user: null,
    metadata: {},
  }
}

function outputItems(settled: Settled): Record<string, unknown>[] {
  const searches = Array.from({ length: settled.usage.webSearches ?? 0 }, (_, i) => ({
    id: id('ws_', settled.request.number * 64 + i, 48),
    type: 'web_search_call',
    status: 'completed',
    action: { type: 'search', query: 'query' },
  }))
  const calls = settled.toolCalls.map((call) => ({
    id: id('fc_', settled.request.number, 48),
    type: 'function_call',
    status: 'completed',
    arguments: JSON.stringify(call.arguments),
    call_id: call.id,
    name: call.name,
  }))
  return [...searches, ...(settled.text === '' ? [] : [messageItem(settled)]), ...calls]
}

function messageItem(settled: Settled): Record<string, unknown> {
  const content = [{ type: 'output_text', annotations: [], logprobs: [], text: settled.text }]
  return {
    id: id('msg_', settled.request.number, 48),
    type: 'message',
    status: 'completed',
    content,
    role: 'assistant',
  }
}

export function responsesEvents(settled: Settled): readonly string[] {
  const item = messageItem(settled)
  const at = { item_id: item['id'], output_index: 0, content_index: 0 }
  const part = { type: 'output_text', annotations: [], logprobs: [], text: '' }
  const hasText = settled.text !== ''
  const events: Record<string, unknown>[] = [
    { type: 'response.created', response: responsesBody(settled, 'in_progress') },
    { type: 'response.in_progress', response: responsesBody(settled, 'in_progress') },
    ...(hasText
      ? [
          {
            type: 'response.output_item.added',
            output_index: 0,
            item: { ...item, status: 'in_progress', content: [] },
          },
          { type: 'response.content_part.added', ...at, part },
        ]
      : []),
    ...pieces(settled.text, settled.reply.chunks ?? 4).map((delta) => ({
      type: 'response.output_text.delta',
      ...at,
      delta,
      logprobs: [],
    })),
    ...(hasText
      ? [
          { type: 'response.output_text.done', ...at, text: settled.text, logprobs: [] },
          { type: 'response.content_part.done', ...at, part: { ...part, text: settled.text } },
          { type: 'response.output_item.done', output_index: 0, item },
        ]
      : []),
    ...outputItems(settled)
      .filter((each) => each['type'] === 'function_call')
      .flatMap((each, i) => [
        {
          type: 'response.output_item.added',
          output_index: i + 1,
          item: { ...each, status: 'in_progress', arguments: '' },
        },
        {
          type: 'response.function_call_arguments.delta',
          item_id: each['id'],
          output_index: i + 1,
          delta: each['arguments'],
        },
        {
          type: 'response.function_call_arguments.done',
          item_id: each['id'],
          output_index: i + 1,
          arguments: each['arguments'],
        },
        { type: 'response.output_item.done', output_index: i + 1, item: each },
      ]),
    { type: 'response.completed', response: responsesBody(settled) },
  ]
  return events.map((event, sequence_number) => `event: ${event['type']}\n${data({ ...event, sequence_number })}`)
}

export function embeddingsBody(settled: Settled): Record<string, unknown> {
  const { input, encoding_format } = settled.request.body
  const vector = Float32Array.from({ length: 8 }, (_, i) =>
    Math.fround(((settled.request.number * 31 + i * 7) % 100) / 100),
  )
  const embedding = encoding_format === 'base64' ? Buffer.from(vector.buffer).toString('base64') : [...vector]
  const total = inputTotal(settled.usage)
  return {
    object: 'list',
    data: (Array.isArray(input) ? input : [input]).map((_, index) => ({ object: 'embedding', index, embedding })),
    model: settled.model,
    usage: { prompt_tokens: total, total_tokens: total },
  }
}

export function openAiHeaders(number: number): Record<string, string> {
  return {
    'openai-organization': 'stand-in',
    'openai-processing-ms': '12',
    'openai-version': '2020-10-01',
    'x-request-id': id('req_', number, 32).toLowerCase(),
    'x-ratelimit-limit-requests': '10000',
    'x-ratelimit-remaining-requests': '9999',
  }
}

export function openAiError(type: string, message: string): Record<string, unknown> {
  return { error: { message, type, param: null, code: null } }
}

const data = (value: unknown): string => `data: ${JSON.stringify(value)}\n\n`
