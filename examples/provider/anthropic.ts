import { id, pieces, type ReplyUsage, type Settled } from './script.ts'

/** Bodies and events as api.anthropic.com writes them. */

/** Cached input stands beside `input_tokens` and is not part of it. */
function usageOf(usage: ReplyUsage, serviceTier: string): Record<string, unknown> {
  const fiveMinutes = usage.cacheWrite5m ?? 0
  const oneHour = usage.cacheWrite1h ?? 0
  return {
    input_tokens: usage.input,
    cache_creation_input_tokens: fiveMinutes + oneHour,
    cache_read_input_tokens: usage.cacheRead ?? 0,
    cache_creation: { ephemeral_5m_input_tokens: fiveMinutes, ephemeral_1h_input_tokens: oneHour },
    output_tokens: usage.output + (usage.reasoning ?? 0),
    output_tokens_details: usage.reasoning === undefined ? null : { thinking_tokens: usage.reasoning },
    service_tier: serviceTier,
    inference_geo: 'not_available',
    speed: 'standard',
    server_tool_use:
      usage.webSearches === undefined ? null : { web_search_requests: usage.webSearches, web_fetch_requests: 0 },
  }
}

const stopReason = (settled: Settled): string => (settled.toolCalls.length > 0 ? 'tool_use' : 'end_turn')

export function messageBody(settled: Settled): Record<string, unknown> {
  const text = settled.text === '' ? [] : [{ type: 'text', text: settled.text }]
  const tools = settled.toolCalls.map((call) => ({
    type: 'tool_use',
    id: call.id,
    name: call.name,
    input: call.arguments,
  }))
  return {
    id: settled.id,
    type: 'message',
    role: 'assistant',
    model: settled.model,
    content: [...text, ...tools],
    stop_reason: stopReason(settled),
    stop_sequence: null,
    ...(settled.reply.withholdUsage === true
      ? {}
      : { usage: usageOf(settled.usage, settled.reply.serviceTier ?? 'standard') }),
  }
}

export function messageEvents(settled: Settled): readonly string[] {
  const whole = usageOf(settled.usage, settled.reply.serviceTier ?? 'standard')
  const started = {
    ...messageBody(settled),
    content: [],
    stop_reason: null,
    usage: { ...whole, output_tokens: 1, output_tokens_details: null },
  }
  const text = pieces(settled.text, settled.reply.chunks ?? 4).map((piece) => ({ type: 'text_delta', text: piece }))
  const blocks = [
    ...(text.length === 0 ? [] : [block(0, { type: 'text', text: '' }, text)]),
    ...settled.toolCalls.map((call, i) =>
      block(text.length === 0 ? i : i + 1, { type: 'tool_use', id: call.id, name: call.name, input: {} }, [
        { type: 'input_json_delta', partial_json: '' },
        { type: 'input_json_delta', partial_json: JSON.stringify(call.arguments) },
      ]),
    ),
  ]
  return [
    { type: 'message_start', message: started },
    { type: 'ping' },
    ...blocks.flat(),
    {
      type: 'message_delta',
      delta: { stop_reason: stopReason(settled), stop_sequence: null },
      usage: {
        input_tokens: whole['input_tokens'],
        cache_creation_input_tokens: whole['cache_creation_input_tokens'],
        cache_read_input_tokens: whole['cache_read_input_tokens'],
        output_tokens: whole['output_tokens'],
        output_tokens_details: whole['output_tokens_details'],
        server_tool_use: whole['server_tool_use'],
      },
    },
    { type: 'message_stop' },
  ].map((event) => `event: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`)
}

function block(index: number, start: unknown, deltas: readonly unknown[]): { type: string }[] {
  return [
    { type: 'content_block_start', index, content_block: start },
    ...deltas.map((delta) => ({ type: 'content_block_delta', index, delta })),
    { type: 'content_block_stop', index },
  ] as { type: string }[]
}

export function anthropicHeaders(number: number): Record<string, string> {
  return {
    'request-id': id('req_01', number, 22),
    'anthropic-organization-id': '00000000-0000-4000-8000-000000000000',
    'anthropic-ratelimit-requests-limit': '4000',
    'anthropic-ratelimit-requests-remaining': '3999',
  }
}

export function anthropicError(type: string, message: string, number: number): Record<string, unknown> {
  return { type: 'error', error: { type, message }, request_id: id('req_01', number, 22) }
}
