import { attributes, encodeRequest } from '../../test/support/oracle.ts'
import { sequence } from '../payloads.ts'

/** `one-each`: every run makes one call. `borderline`: repeats as often as it may, again and again. */
export type Behaviour = 'healthy' | 'spinning' | 'borderline' | 'blind' | 'one-each'

/** Agents that work at the same time. */
const AGENTS = 100
const TOOLS = ['search', 'read_file', 'run_tests', 'edit_file', 'list_dir', 'fetch_url']
const START_NS = 1_763_900_000_000_000_000n
/** From call to call of one agent. */
const STEP_NS = 4_000_000_000n

/**
 * One request of a hundred agents at work, each with its trace, conversation and name: a model call, the tool call that
 * it asked for, and so on. Requests of increasing number continue the same runs.
 */
export function runsPayload(count: number, behaviour: Behaviour, number: number, jitter: number): Buffer {
  const random = sequence(number + 7)
  const spans = Array.from({ length: count >> 1 }, (_, i) => turn(random, behaviour, number * (count >> 1) + i)).flat()
  const order = spans.map((span, i) => ({ span, at: i + random() * jitter * AGENTS }))
  if (jitter > 0) order.sort((a, b) => a.at - b.at)
  return encodeRequest('traces', {
    resourceSpans: [
      {
        resource: { attributes: attributes({ 'service.name': 'agents' }) },
        scopeSpans: [{ scope: { name: 'bench' }, spans: order.map(({ span }) => span) }],
      },
    ],
  })
}

const hex = (n: number, bytes: number): Buffer => Buffer.from(n.toString(16).padStart(bytes * 2, '0'), 'hex')

function turn(random: () => number, behaviour: Behaviour, n: number): object[] {
  const agent = behaviour === 'one-each' ? n : n % AGENTS
  const step = behaviour === 'one-each' ? 0 : Math.floor(n / AGENTS)
  const start = START_NS + BigInt(step) * STEP_NS
  const who = { 'gen_ai.conversation.id': `conversation-${agent}`, 'gen_ai.agent.name': `agent-${agent % 50}` }
  const at = (from: bigint, to: bigint) => ({ startTimeUnixNano: String(from), endTimeUnixNano: String(to) })
  const ids = (kind: number) => ({ traceId: hex(agent + 1, 16), spanId: hex(n * 2 + kind + 1, 8), kind: 3 })
  return [
    { ...ids(0), ...at(start, start + 3_000_000_000n), name: 'chat', attributes: chat(random, step, who), status: {} },
    {
      ...ids(1),
      ...at(start + 3_001_000_000n, start + 3_900_000_000n),
      ...{ name: 'execute_tool', attributes: tool(random, behaviour, step, who), status: {} },
    },
  ]
}

function chat(random: () => number, step: number, who: Readonly<Record<string, string>>): object {
  return attributes({
    'gen_ai.operation.name': 'chat',
    'gen_ai.provider.name': 'openai',
    'gen_ai.request.model': 'gpt-4o',
    'gen_ai.usage.input_tokens': 500 + step * 300 + Math.floor(random() * 100),
    'gen_ai.usage.output_tokens': 20 + Math.floor(random() * 200),
    'gen_ai.response.finish_reasons': ['tool_calls'],
    ...who,
  })
}

function tool(random: () => number, behaviour: Behaviour, step: number, who: Readonly<Record<string, string>>): object {
  const name = behaviour === 'spinning' ? 'run_tests' : (TOOLS[Math.floor(random() * TOOLS.length)] ?? '')
  const what = behaviour === 'spinning' ? 1 : behaviour === 'borderline' ? Math.floor(step / 2) % 9 : random()
  const content = {
    'gen_ai.tool.call.arguments': `{"path":"/srv/app/file-${what}.ts"}`,
    'gen_ai.tool.call.result': `{"ok":true,"lines":${behaviour === 'borderline' ? step : what}}`,
  }
  return attributes({
    'gen_ai.operation.name': 'execute_tool',
    'gen_ai.tool.name': name,
    ...(behaviour === 'blind' ? {} : content),
    ...who,
  })
}
