import type { AttributeValues, SpanSpec } from '../../test/support/spans.ts'
import { sidecar, spansOf, times } from './testing/agent.ts'

/** What model calls and whole runs tell without any repeated tool call: retries, growth, speed, fan-out, depth, caps. */

let serial = 0
const chat = (ms: number, attributes: AttributeValues = {}, span: SpanSpec = {}): SpanSpec => ({
  ...{ id: `c${(++serial).toString(16)}`, start: ms, end: ms + 400, ...span },
  attributes: {
    'gen_ai.operation.name': 'chat',
    'gen_ai.provider.name': 'openai',
    'gen_ai.request.model': 'gpt-4o',
    'gen_ai.usage.output_tokens': 10,
    'gen_ai.agent.name': 'agent',
    ...attributes,
  },
})
const agentSpan = (id: string, parent: string | undefined, name = `agent ${id}`): SpanSpec => ({
  ...{ id, start: 0, end: 60_000, ...(parent === undefined ? {} : { parent }) },
  attributes: { 'gen_ai.operation.name': 'invoke_agent', 'gen_ai.agent.name': name },
})

function said(detector: string, spans: readonly SpanSpec[], config: object = {}): readonly string[] {
  const { send } = sidecar(config)
  return spans.flatMap((span, i) =>
    send([span])
      .verdicts.filter((v) => v.detector === detector)
      .map((v) => `${v.level}@${i + 1}`),
  )
}
const many = (n: number, make: (i: number) => SpanSpec): SpanSpec[] => Array.from({ length: n }, (_, i) => make(i))

test('retry_storm: 5 failed attempts within a minute warn, 15 are critical', () => {
  const failed = (gapMs: number, more: AttributeValues) => (i: number) =>
    chat(i * gapMs, { 'error.type': '429', ...more }, { error: true })
  expect(said('retry_storm', many(4, failed(1000, {})))).toEqual([])
  expect(said('retry_storm', many(20, failed(1000, {})))).toEqual(['warn@5', 'critical@15'])
  expect(said('retry_storm', many(20, failed(20_000, {})))).toEqual([])
  const status = (code: number) => ({ 'error.type': 'failed', 'http.response.status_code': code })
  expect(said('retry_storm', many(6, failed(1000, status(503))))).toEqual(['warn@5'])
  expect(said('retry_storm', many(20, failed(1000, status(400))))).toEqual([])
  expect(said('retry_storm', many(20, failed(1000, { 'error.type': 'content_policy' })))).toEqual([])
  expect(said('retry_storm', many(6, failed(1000, { 'error.type': 'RateLimitError' })))).toEqual(['warn@5'])
})

test('retry_storm: attempts that a client made by itself count', () => {
  const resent = (i: number) => chat(i * 1000, { 'http.request.resend_count': 3, 'gen_ai.usage.input_tokens': 5 })
  expect(said('retry_storm', many(5, resent))).toEqual(['warn@2', 'critical@5'])
  const outage = { 'error.type': '500', 'http.request.resend_count': 5 }
  expect(
    said(
      'retry_storm',
      many(3, (i) => chat(i * 1000, outage, { error: true })),
    ),
  ).toEqual(['warn@1', 'critical@3'])
})

test('context_growth: exactly the same step six times warns, where tool calls are not recorded', () => {
  const grows = (step: (i: number) => number) => (i: number) =>
    chat(i * 2000, { 'gen_ai.usage.input_tokens': 1000 + step(i), 'gen_ai.usage.output_tokens': 50 })
  expect(
    said(
      'context_growth',
      many(
        6,
        grows((i) => i * 120),
      ),
    ),
  ).toEqual([])
  expect(
    said(
      'context_growth',
      many(
        20,
        grows((i) => i * 120),
      ),
    ),
  ).toEqual(['warn@7'])
  expect(
    said(
      'context_growth',
      many(
        20,
        grows((i) => i * i * 12),
      ),
    ),
  ).toEqual([])
  expect(
    said(
      'context_growth',
      many(
        9,
        grows((i) => i * 120),
      ),
      { context_growth: { critical: 8 } },
    ),
  ).toEqual([...['warn@7', 'critical@9']])
})

test('velocity: a ceiling of calls and of money within a minute', () => {
  const cheap = (i: number) => chat(i * 10, { 'gen_ai.usage.input_tokens': 10 + i })
  expect(said('velocity', many(30, cheap), { velocity: { model_calls_per_minute: 31 } })).toEqual([])
  expect(said('velocity', many(30, cheap), { velocity: { model_calls_per_minute: 30 } })).toEqual(['warn@30'])
  // 2.50 USD a million input tokens of gpt-4o: 0.25 USD a call.
  const dear = (i: number) => chat(i * 1000, { 'gen_ai.usage.input_tokens': 100_000 + i })
  expect(said('velocity', many(10, dear), { velocity: { usd_per_minute: '1.00' } })).toEqual(['warn@4'])
})

test('velocity: a run that drifts away from what its agent usually spends', () => {
  const velocity = { learn_minutes: 20, model_calls_per_minute: 0, usd_per_minute: '0' }
  const perMinute = (tokens: number, from: number, n: number, run: string) =>
    many(n, (i) =>
      chat((from + i) * 60_000, { 'gen_ai.usage.input_tokens': tokens + (i % 5) * 40, 'tokenfuse.run.id': run }),
    )
  const usual = perMinute(1000, 0, 40, 'usual')
  expect(said('velocity', [...usual, ...perMinute(1000, 50, 20, 'like it')], { velocity })).toEqual([])
  const found = said('velocity', [...usual, ...perMinute(60_000, 50, 20, 'runaway')], { velocity })
  expect(found).toHaveLength(1)
  expect(Number(found[0]?.split('@')[1])).toBeLessThanOrEqual(48)
})

test('fan_out: agents within one run', () => {
  const agents = (n: number) => many(n, (i) => agentSpan(`a${i + 100}`, 'f0'))
  const settings = { fan_out: { warn: 5, critical: 8 } }
  expect(said('fan_out', agents(4), settings)).toEqual([])
  expect(said('fan_out', agents(20), settings)).toEqual(['warn@5', 'critical@8'])
  // Sent again they are the same agents.
  expect(said('fan_out', [...agents(4), ...agents(4)], settings)).toEqual([])
  expect(said('fan_out', agents(150))).toEqual(['warn@100'])
  // Agents that only show by their calls.
  const active = many(9, (i) => chat(i * 1000, { 'gen_ai.agent.name': `worker ${i}` }))
  expect(said('fan_out', active, settings)).toEqual(['warn@5', 'critical@8'])
})

test('depth: agents within agents, in whatever order their spans arrive', () => {
  const nested = (n: number) => many(n, (i) => agentSpan(`d${i}`, i === 0 ? undefined : `d${i - 1}`))
  const settings = { depth: { warn: 3, critical: 5 } }
  expect(said('depth', nested(2), settings)).toEqual([])
  expect(said('depth', nested(5), settings)).toEqual(['warn@3', 'critical@5'])
  expect(said('depth', nested(5).toReversed(), settings)).toEqual(['warn@3', 'critical@5'])
  const mixed = [3, 0, 4, 1, 2].map((i) => nested(5)[i] as SpanSpec)
  expect(said('depth', mixed, settings).at(-1)).toBe('critical@5')
  const siblings = many(9, (i) => agentSpan(`e${i}`, 'd0'))
  expect(said('depth', siblings, settings)).toEqual([])
})

test('depth: a tool call that an agent made may stand between it and the one that it called', () => {
  const between: SpanSpec = {
    ...{ id: 'b1', parent: 'b0', start: 10, end: 90 },
    attributes: {
      'gen_ai.operation.name': 'execute_tool',
      'gen_ai.tool.name': 'delegate',
      'gen_ai.agent.name': 'agent b0',
    },
  }
  const spans = [agentSpan('b2', 'b1'), between, agentSpan('b0', undefined)]
  expect(said('depth', spans, { depth: { warn: 2, critical: 3 } })).toEqual(['warn@3'])
})

test('caps: flat limits of a run, each told once, agents counted together', () => {
  const work = times(6, (i) => ({ tool: 'read', args: `${i}`, result: `text ${i}` }))
  const caps = { warn_model_calls: 4, max_model_calls: 6, warn_tool_calls: 3, max_tool_calls: 5 }
  expect(said('caps', spansOf(work), { caps })).toEqual(['warn@6', 'warn@7', 'critical@10', 'critical@11'])
  const two = [
    ...spansOf(work.slice(0, 3), { 'gen_ai.agent.name': 'one' }),
    ...spansOf(work.slice(3), { 'gen_ai.agent.name': 'two' }),
  ]
  expect(said('caps', two, { caps: { max_tool_calls: 6 } })).toEqual(['critical@12'])
  expect(said('caps', spansOf(work), { caps: { ...caps, enabled: false } })).toEqual([])
})

test('whole runs are told of by their run, with what they spent', () => {
  const { send } = sidecar({ on_critical: 'kill', fan_out: { warn: 2, critical: 3 } })
  const spans = many(4, (i) =>
    chat(i * 1000, { 'gen_ai.agent.name': `worker ${i}`, 'gen_ai.usage.input_tokens': 10_000 }),
  )
  const [, critical] = send(spans).verdicts
  expect(critical).toMatchObject({ level: 'critical', action: 'kill', scope: { run: 'aa'.padStart(32, '0') } })
  expect(Number(critical?.evidence['usd_of_run'])).toBeGreaterThan(0.05)
})
