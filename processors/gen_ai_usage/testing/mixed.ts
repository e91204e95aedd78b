import type { AttributeValues, SpanSpec } from '../../../test/support/spans.ts'

/** Traces of one agent run as several instrumentations at once would write them. */

const hex = (random: () => number, digits: number): string => {
  let text = ''
  for (let i = 0; i < digits; i += 4)
    text += Math.floor(random() * 65536)
      .toString(16)
      .padStart(4, '0')
  return text
}

const usage = (input: number, output: number, cached: number): AttributeValues => ({
  'gen_ai.usage.input_tokens': input,
  'gen_ai.usage.output_tokens': output,
  'gen_ai.usage.cache_read.input_tokens': cached,
})

/** The spans of one model call, innermost first; all of them report it. */
type Shape = (random: () => number, parent: string, trace: string, at: number) => SpanSpec[]

const span = (
  random: () => number,
  trace: string,
  parent: string,
  at: number,
  scope: string,
  attributes: AttributeValues,
): SpanSpec => ({ trace, parent, id: hex(random, 16), scope, start: at, end: at + 900, attributes })

const numbers = (random: () => number): readonly [number, number, number] => {
  const cached = Math.floor(random() * 5000)
  return [cached + 1 + Math.floor(random() * 5000), 1 + Math.floor(random() * 900), cached]
}

const SHAPES: readonly Shape[] = [
  // One official span.
  (random, parent, trace, at) => [
    span(random, trace, parent, at, 'opentelemetry.instrumentation.openai_v2', {
      'gen_ai.operation.name': 'chat',
      'gen_ai.provider.name': 'openai',
      'gen_ai.request.model': 'gpt-4o',
      'gen_ai.response.id': `chatcmpl-${hex(random, 16)}`,
      ...usage(...numbers(random)),
    }),
  ],
  // The Anthropic SDK below a framework's chat, with a span of no interest between them.
  (random, parent, trace, at) => {
    const [input, output, cached] = numbers(random)
    const id = `msg_${hex(random, 16)}`
    const outer = span(random, trace, parent, at, 'pydantic-ai', {
      'gen_ai.operation.name': 'chat',
      'gen_ai.request.model': 'claude-sonnet-4-5',
      ...(random() < 0.5 ? { 'gen_ai.response.id': id } : {}),
      ...usage(input, output, cached),
    })
    const http = span(random, trace, outer.id ?? '', at, 'http', { 'http.route': '/v1/messages' })
    const inner = span(random, trace, http.id ?? '', at, 'com.anthropic.sdk.python', {
      'gen_ai.operation.name': 'chat',
      'gen_ai.provider.name': 'anthropic',
      'gen_ai.request.model': 'claude-sonnet-4-5',
      'gen_ai.response.id': id,
      ...usage(input, output, cached),
    })
    return [inner, http, outer]
  },
  // OpenInference in the agent, the gateway's own span in a trace of its own: only the response id joins them.
  (random, parent, trace, at) => {
    const [input, output] = numbers(random)
    const id = `gen-${hex(random, 16)}`
    return [
      span(random, trace, parent, at, 'openinference.instrumentation.openai', {
        'openinference.span.kind': 'LLM',
        'llm.model_name': 'gpt-4o',
        'llm.token_count.prompt': input,
        'llm.token_count.completion': output,
        'gen_ai.response.id': id,
      }),
      span(random, hex(random, 32), hex(random, 16), at, 'openrouter', {
        'gen_ai.operation.name': 'chat',
        'gen_ai.request.model': 'gpt-4o',
        'gen_ai.usage.input_tokens': input,
        'gen_ai.usage.output_tokens': output,
        'gen_ai.response.id': id,
      }),
    ]
  },
  // The Vercel AI SDK 7: agent, step, chat.
  (random, parent, trace, at) => {
    const [input, output, cached] = numbers(random)
    const tokens = usage(input, output, cached)
    const agent = span(random, trace, parent, at, 'gen_ai', {
      'gen_ai.operation.name': 'invoke_agent',
      'gen_ai.request.model': 'gpt-4o',
      ...tokens,
    })
    const step = span(random, trace, agent.id ?? '', at, 'gen_ai', { 'gen_ai.operation.name': 'agent_step' })
    const chat = span(random, trace, step.id ?? '', at, 'gen_ai', {
      'gen_ai.operation.name': 'chat',
      'gen_ai.provider.name': 'openai',
      'gen_ai.request.model': 'gpt-4o',
      ...tokens,
    })
    return [chat, step, agent]
  },
  // Bedrock by OpenLLMetry, exclusive.
  (random, parent, trace, at) => [
    span(random, trace, parent, at, 'opentelemetry.instrumentation.bedrock', {
      'gen_ai.operation.name': 'chat',
      'gen_ai.system': 'aws_bedrock',
      'gen_ai.request.model': 'anthropic.claude-sonnet-4-5-v1:0',
      ...usage(...numbers(random)),
    }),
  ],
  // Client, proxy and the proxy's SDK: one call in three processes.
  (random, parent, trace, at) => {
    const [input, output, cached] = numbers(random)
    const id = random() < 0.5 ? { 'gen_ai.response.id': `chatcmpl-${hex(random, 16)}` } : {}
    const one = (scope: string, above: string): SpanSpec =>
      span(random, trace, above, at, scope, {
        'gen_ai.operation.name': 'chat',
        'gen_ai.provider.name': 'openai',
        'gen_ai.request.model': 'gpt-4o',
        ...id,
        ...usage(input, output, cached),
      })
    const client = one('client', parent)
    const server = span(random, trace, client.id ?? '', at, 'http', { 'http.route': '/v1' })
    const gateway = one('litellm', server.id ?? '')
    const sdk = one('opentelemetry.instrumentation.openai_v2', gateway.id ?? '')
    return [sdk, gateway, server, client]
  },
  // A tool and a web request.
  (random, parent, trace, at) => [
    span(random, trace, parent, at, 'agent', { 'gen_ai.operation.name': 'execute_tool', 'gen_ai.tool.name': 'search' }),
    span(random, trace, parent, at, 'http', { 'http.route': '/' }),
  ],
]

/** At least `count` spans, in the order in which they ended: children before parents. */
export function mixedSpans(count: number, random: () => number): SpanSpec[] {
  const spans: SpanSpec[] = []
  while (spans.length < count) {
    const trace = hex(random, 32)
    const root = hex(random, 16)
    const calls = 1 + Math.floor(random() * 12)
    for (let c = 0; c < calls; c++) {
      const shape = SHAPES[Math.floor(random() * SHAPES.length)] as Shape
      spans.push(...shape(random, root, trace, c * 1000))
    }
    spans.push({
      trace,
      id: root,
      scope: 'strands.telemetry.tracer',
      start: 0,
      end: calls * 1000,
      attributes: {
        'gen_ai.operation.name': 'invoke_agent',
        'gen_ai.request.model': 'm',
        ...usage(1_000_000, 1000, 0),
      },
    })
  }
  return spans
}

/** As the network and retrying senders may bring them: shuffled within windows, a tenth sent again, in batches of any size. */
export function disordered<T>(spans: readonly T[], window: number, random: () => number): T[][] {
  const keyed = spans.flatMap((each, i) => {
    const once = { each, at: i + random() * window }
    return random() < 0.1 ? [once, { each, at: i + random() * window }] : [once]
  })
  keyed.sort((a, b) => a.at - b.at)
  const batches: T[][] = []
  for (let from = 0; from < keyed.length; ) {
    const size = 1 + Math.floor(random() * 400)
    batches.push(keyed.slice(from, from + size).map(({ each }) => each))
    from += size
  }
  return batches
}
