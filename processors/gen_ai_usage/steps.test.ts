import type { Step } from '../../genai/step.ts'
import { testHost } from '../../test/support/host.ts'
import { runner, type SpanSpec, traceRequest } from '../../test/support/spans.ts'
import { factory } from './index.ts'

const settings = { max_entries: 4096, rollup_grace: 60_000, signal_of_record: {} }
const start = () => {
  const run = runner([factory.create(settings, testHost())])
  return (...spans: SpanSpec[]): readonly Step[] => run(traceRequest(spans)).steps
}

const tool = (id: string, more: SpanSpec = {}): SpanSpec => ({
  id,
  start: 0,
  end: 100,
  ...more,
  attributes: { 'gen_ai.operation.name': 'execute_tool', 'gen_ai.tool.name': 'search', ...more.attributes },
})
const mcp = (id: string, more: SpanSpec = {}): SpanSpec =>
  tool(id, { ...more, attributes: { 'mcp.method.name': 'tools/call', ...more.attributes } })

const framework = tool('1', { attributes: { 'gen_ai.tool.call.arguments': '{"q":1}' } })
const client = mcp('2', { parent: '1', start: 5, end: 95 })
const server = mcp('3', { parent: '2', start: 10, end: 90 })

test('a tool span, the MCP client below it and the server below that are one call, in whatever order', () => {
  for (const order of [
    [server, client, framework],
    [framework, client, server],
    [client, framework, server],
  ]) {
    const together = start()(...order)
    expect(together.map((s) => s.name)).toEqual(['search'])
    // The outer one knows the arguments.
    expect(together[0]?.argsHash).toBeDefined()
    const feed = start()
    expect(order.flatMap((span) => feed(span))).toHaveLength(1)
  }
})

test('MCP spans without a common parent are joined by session and request', () => {
  const session = { 'mcp.session.id': 's', 'jsonrpc.request.id': '7' }
  const feed = start()
  const a = mcp('2', { parent: 'a0', attributes: session })
  const b = mcp('3', { parent: 'b0', attributes: session, start: 10, end: 90 })
  expect(feed(a, b)).toHaveLength(1)
  expect(feed(mcp('4', { parent: 'c0', attributes: { ...session, 'jsonrpc.request.id': '8' } }))).toHaveLength(1)
})

test('the id of a tool call joins spans that overlap, not what comes after', () => {
  const id = { 'gen_ai.tool.call.id': 'call_0' }
  const args = (q: number) => ({ 'gen_ai.tool.call.arguments': `{"q":${q}}` })
  const feed = start()
  expect(feed(tool('1', { attributes: id }), tool('2', { attributes: id, start: 10, end: 20 }))).toHaveLength(1)
  // A server that calls every tool call the same is no reason to miss a loop.
  expect(feed(tool('3', { attributes: id, start: 200, end: 300 }))).toHaveLength(1)
  expect(feed(tool('4', { attributes: id, start: 400, end: 500 }))).toHaveLength(1)
  // Nor are parallel calls of other arguments one.
  const wide = { start: 600, end: 900 }
  const parallel = [1, 2].map((q) => tool(`5${q}`, { attributes: { ...id, ...args(q) }, ...wide }))
  expect(feed(...parallel)).toHaveLength(2)
})

test('a span that is sent again is no second step; tools within tools are two', () => {
  const feed = start()
  expect(feed(tool('1'), tool('1'))).toHaveLength(1)
  expect(feed(tool('1'))).toHaveLength(0)
  expect(feed(tool('2', { parent: '1' }))).toHaveLength(1)
})

test('agents and workflows are steps with their names, however the dialect says so', () => {
  const names = (scope: string, attributes: SpanSpec['attributes']) =>
    start()({ scope, name: 'n', attributes: attributes ?? {} }).map((s) => [s.kind, s.name])
  expect(names('gen_ai', { 'gen_ai.operation.name': 'invoke_agent', 'gen_ai.agent.name': 'a' })).toEqual([
    ['agent', 'a'],
  ])
  expect(names('x', { 'gen_ai.operation.name': 'invoke_workflow', 'gen_ai.workflow.name': 'w' })).toEqual([
    ['workflow', 'w'],
  ])
  expect(names('traceloop.tracer', { 'traceloop.span.kind': 'workflow', 'traceloop.entity.name': 'w' })).toEqual([
    ['workflow', 'w'],
  ])
  expect(names('traceloop.tracer', { 'traceloop.span.kind': 'tool', 'traceloop.entity.name': 't' })).toEqual([
    ['tool', 't'],
  ])
  expect(names('ai', { 'ai.operationId': 'ai.toolCall', 'ai.toolCall.name': 't', 'ai.toolCall.args': '{}' })).toEqual([
    ['tool', 't'],
  ])
  expect(names('@mastra/x', { 'mastra.span.type': 'workflow_run' })).toEqual([['workflow', 'n']])
})

const agent = (id: string, more: SpanSpec = {}): SpanSpec => ({
  id,
  ...more,
  attributes: { 'gen_ai.operation.name': 'invoke_agent', 'gen_ai.agent.name': `agent-${id}`, ...more.attributes },
})
const chat = (id: string, more: SpanSpec = {}): SpanSpec => ({
  id,
  ...more,
  attributes: { 'gen_ai.operation.name': 'chat', 'gen_ai.request.model': 'm', 'gen_ai.usage.input_tokens': 1 },
})
/** By name: how deep, and in what. */
const nesting = (steps: readonly Step[]) =>
  Object.fromEntries(steps.map(({ name, depth, parent }) => [name, [depth, parent?.name]]))

test('a step knows how many steps are around it, and which is the next one, in whatever order they come', () => {
  const spans = [
    tool('5', { parent: '4', name: 'x', attributes: { 'gen_ai.tool.name': 'read' } }),
    // Spans that are no steps stand between.
    { id: '4', parent: '3', name: 'POST' },
    chat('6', { parent: '3' }),
    agent('3', { parent: '2' }),
    tool('2', { parent: '1', attributes: { 'gen_ai.tool.name': 'delegate' } }),
    agent('1', { parent: '0f' }),
    { id: '0f', name: 'GET /' },
  ]
  const want = {
    read: [3, 'agent-3'],
    'agent-3': [2, 'delegate'],
    delegate: [1, 'agent-1'],
    'agent-1': [0, undefined],
  }
  expect(nesting(start()(...spans))).toEqual(want)
  expect(nesting(start()(...spans.toReversed()))).toEqual(want)
})

test('a way up that leaves the batch says which step is around, and not how deep it is', () => {
  const feed = start()
  expect(nesting(feed(agent('3', { parent: '2' }), tool('5', { parent: '3' })))).toEqual({
    'agent-3': [undefined, undefined],
    search: [undefined, 'agent-3'],
  })
  // Alone, and without a parent.
  expect(nesting(feed(agent('7')))).toEqual({ 'agent-7': [0, undefined] })
  expect(nesting(feed(agent('8', { parent: '7' })))).toEqual({ 'agent-8': [undefined, undefined] })
})

test('spans in a circle are as deep as nobody knows', () => {
  const steps = start()(
    agent('1', { parent: '2' }),
    agent('2', { parent: '1' }),
    { id: '4', parent: '4' },
    agent('3', { parent: '4' }),
  )
  expect(steps.map(({ depth }) => depth)).toEqual([undefined, undefined, undefined])
})

test('the depth stands on the span when that is asked for', () => {
  const spans = [agent('1'), tool('2', { parent: '1' }), tool('3', { parent: '9' }), chat('4', { parent: '1' })]
  const depths = (more: object) =>
    runner([factory.create({ ...settings, ...more }, testHost())])(traceRequest(spans)).attributes.map(
      (one) => one['tokenfuse.step.depth'],
    )
  expect(depths({ step_depth: true })).toEqual([0, 1, undefined, undefined])
  expect(depths({})).toEqual([undefined, undefined, undefined, undefined])
})
