import { attributes, encodeRequest } from '../test/support/oracle.ts'

/** A small deterministic generator, so that every run measures the same bytes. */
export function sequence(seed: number): () => number {
  let state = seed >>> 0
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0
    return state / 2 ** 32
  }
}

const MODELS = [
  ['openai', 'gpt-4o', 'gpt-4o-2024-08-06'],
  ['openai', 'gpt-4o-mini', 'gpt-4o-mini-2024-07-18'],
  ['anthropic', 'claude-sonnet-4-5', 'claude-sonnet-4-5-20250929'],
  ['anthropic', 'claude-haiku-4-5', 'claude-haiku-4-5-20251001'],
  ['openai', 'gpt-5', 'gpt-5-2025-08-07'],
] as const
const TOOLS = ['search', 'read_file', 'run_tests', 'edit_file', 'list_dir', 'fetch_url']

const bytes = (random: () => number, n: number): Uint8Array =>
  Uint8Array.from({ length: n }, () => Math.floor(random() * 256))
const hex = (random: () => number, n: number): string => Buffer.from(bytes(random, n)).toString('hex')
const pick = <T>(random: () => number, list: readonly T[]): T => list[Math.floor(random() * list.length)] as T

export type Mix = 'mixed' | 'content' | 'plain'

function llmSpan(random: () => number, content: boolean): object {
  const [provider, requested, answered] = pick(random, MODELS)
  const input = 500 + Math.floor(random() * 20000)
  const text = content ? 'Lorem ipsum dolor sit amet, consectetur adipiscing elit. '.repeat(70) : ''
  return attributes({
    'gen_ai.operation.name': 'chat',
    'gen_ai.provider.name': provider,
    'gen_ai.request.model': requested,
    'gen_ai.response.model': answered,
    'gen_ai.response.id': `chatcmpl-${hex(random, 12)}`,
    'gen_ai.usage.input_tokens': input,
    'gen_ai.usage.output_tokens': 20 + Math.floor(random() * 900),
    'gen_ai.usage.cache_read.input_tokens': Math.floor(input * random()),
    'gen_ai.request.temperature': { double: 0.2 },
    'gen_ai.request.max_tokens': 4096,
    'gen_ai.request.top_p': { double: 0.95 },
    'gen_ai.response.finish_reasons': ['stop'],
    'gen_ai.conversation.id': `conv-${Math.floor(random() * 50)}`,
    'gen_ai.agent.name': `agent-${Math.floor(random() * 8)}`,
    'gen_ai.agent.id': `agent-id-${Math.floor(random() * 8)}`,
    'server.address': 'api.openai.com',
    'server.port': 443,
    'gen_ai.output.type': 'text',
    'user.id': `user-${Math.floor(random() * 40)}`,
    'tenant.id': `tenant-${Math.floor(random() * 20)}`,
    'app.feature': 'assistant',
    ...(content ? { 'gen_ai.input.messages': text, 'gen_ai.output.messages': text } : {}),
  })
}

function toolSpan(random: () => number): object {
  return attributes({
    'gen_ai.operation.name': 'execute_tool',
    'gen_ai.tool.name': pick(random, TOOLS),
    'gen_ai.tool.call.id': `call_${hex(random, 8)}`,
    'gen_ai.tool.type': 'function',
    'gen_ai.tool.call.arguments': `{"path":"/srv/app/file-${Math.floor(random() * 900)}.ts"}`,
    'gen_ai.tool.call.result': `{"ok":true,"lines":${Math.floor(random() * 900)}}`,
    'gen_ai.conversation.id': `conv-${Math.floor(random() * 50)}`,
    'gen_ai.agent.name': `agent-${Math.floor(random() * 8)}`,
    'code.function.name': 'dispatch',
    'thread.id': Math.floor(random() * 64),
    'user.id': `user-${Math.floor(random() * 40)}`,
    'app.feature': 'assistant',
  })
}

function webSpan(random: () => number): object {
  return attributes({
    'http.request.method': 'GET',
    'http.response.status_code': 200,
    'url.full': `https://inventory.internal/items/${Math.floor(random() * 100000)}`,
    'server.address': 'inventory.internal',
    'server.port': 8443,
    'network.protocol.version': '1.1',
    'user_agent.original': 'inventory-client/4.2.1 (linux)',
    'http.route': '/items/{id}',
    'client.address': '10.2.33.4',
    'network.peer.address': '10.9.8.7',
    'thread.id': Math.floor(random() * 64),
    'thread.name': 'worker',
  })
}

/** One trace request of `count` spans: 30 % model calls, 30 % tools, 40 % web (`mixed`); model calls with long texts; or no model at all. */
export function tracePayload(count: number, mix: Mix, seed: number): Buffer {
  const random = sequence(seed)
  const trace = bytes(random, 16)
  let now = 1_763_900_000_000_000_000n + BigInt(seed) * 1_000_000n
  const spans = Array.from({ length: count }, (_, i) => {
    const kind = mix === 'content' ? 0 : mix === 'plain' ? 2 : i % 10 < 3 ? 0 : i % 10 < 6 ? 1 : 2
    now += BigInt(Math.floor(random() * 2_000_000))
    return {
      traceId: i % 8 === 0 ? bytes(random, 16) : trace,
      spanId: bytes(random, 8),
      parentSpanId: bytes(random, 8),
      name: kind === 0 ? 'chat gpt-4o' : kind === 1 ? 'execute_tool search' : 'GET /items/{id}',
      kind: kind === 1 ? 1 : 3,
      startTimeUnixNano: String(now),
      endTimeUnixNano: String(now + 850_000_000n),
      attributes: kind === 0 ? llmSpan(random, mix === 'content') : kind === 1 ? toolSpan(random) : webSpan(random),
      status: {},
      flags: 257,
    }
  })
  return encodeRequest('traces', {
    resourceSpans: [
      {
        resource: {
          attributes: attributes({
            'service.name': 'support-agent',
            'service.version': '3.1.4',
            'service.instance.id': hex(random, 16),
            'deployment.environment.name': 'production',
            'telemetry.sdk.language': 'python',
            'telemetry.sdk.name': 'opentelemetry',
            'telemetry.sdk.version': '1.39.0',
            'k8s.pod.name': 'support-agent-6d5f7c9b8-x2x7p',
            'k8s.namespace.name': 'agents',
          }),
        },
        scopeSpans: [{ scope: { name: 'opentelemetry.instrumentation.openai_v2', version: '2.3b0' }, spans }],
      },
    ],
  })
}
