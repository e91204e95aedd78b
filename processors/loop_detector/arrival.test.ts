import type { SpanSpec } from '../../test/support/spans.ts'
import { sidecar, spansOf, type Turn, times } from './testing/agent.ts'

/** However spans arrive — twice, late, mixed with others', child before parent, without ids — the same is said. */

const healthy = (n: number): Turn[] => times(n, (i) => ({ tool: 'read', args: `file ${i}`, result: `text ${i}` }))
const loop = (n: number): Turn[] => times(n, () => ({ tool: 'lookup', args: '7', result: 'not there', size: 90 }))

const criticals = (spans: readonly SpanSpec[], batch = 1): string[] => {
  const { send } = sidecar()
  const found: string[] = []
  for (let i = 0; i < spans.length; i += batch)
    for (const v of send(spans.slice(i, i + batch)).verdicts) if (v.level === 'critical') found.push(v.detector)
  return found
}

function shuffled(spans: readonly SpanSpec[], within: number): SpanSpec[] {
  let state = 7
  const random = () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0
    return state / 2 ** 32
  }
  return spans
    .map((span, i) => ({ span, at: i + random() * within }))
    .toSorted((a, b) => a.at - b.at)
    .map(({ span }) => span)
}

test('spans sent again count once, however often and late', () => {
  const three = spansOf([...healthy(3), ...loop(3), ...healthy(2)])
  expect(criticals([...three, ...three, ...three])).toEqual([])
  expect(criticals(three.flatMap((span) => [span, span]))).toEqual([])
  expect(criticals(spansOf(loop(4)).flatMap((span) => [span, span]))).toEqual(['exact_cycle'])
})

test('late spans are put in their place', () => {
  const cycle = times(5, () => ['a', 'b', 'c'].map((args) => ({ tool: 'open', args, result: `text ${args}` })))
  for (const within of [2, 4, 8, 16]) {
    expect(criticals(shuffled(spansOf(cycle), within))).toHaveLength(1)
    expect(criticals(shuffled(spansOf(healthy(40)), within))).toEqual([])
  }
  expect(criticals(spansOf(cycle).toReversed())).toHaveLength(1)
})

test('late spans are judged by sizes, too, where nothing else is recorded', () => {
  const blind = times(12, () => ({ tool: 'deploy', failed: true, size: 33, output: 20 }))
  for (const within of [0, 4, 8, 16]) expect(criticals(shuffled(spansOf(blind), within))).toHaveLength(1)
  expect(criticals(spansOf(blind).toReversed())).toHaveLength(1)
})

test('a whole batch that comes long after newer ones is judged as if it had come in time', () => {
  const spans = spansOf([...loop(5), ...healthy(28)])
  expect(criticals([...spans.slice(10), ...spans.slice(0, 10)])).toEqual(['exact_cycle'])
})

test('two agents of one trace are two, by id, name or conversation', () => {
  const names = [
    [{ 'gen_ai.agent.id': 'one' }, { 'gen_ai.agent.id': 'two' }],
    [{ 'gen_ai.agent.name': 'one' }, { 'gen_ai.agent.name': 'two' }],
    [{ 'gen_ai.conversation.id': 'one' }, { 'gen_ai.conversation.id': 'two' }],
  ] as const
  for (const [one, two] of names) {
    const mixed = (a: Turn[], b: Turn[]) => {
      const other = spansOf(b, two)
      return spansOf(a, one).flatMap((span, i) => [span, ...other.slice(i, i + 1)])
    }
    expect(criticals(mixed(loop(3), loop(3)))).toEqual([])
    expect(criticals(mixed(loop(4), healthy(4)))).toEqual(['exact_cycle'])
  }
})

test('tool calls that do not say whose they are belong to the agent around them, which arrives last', () => {
  const bare = (turns: readonly Turn[], parent: string, name: string): SpanSpec[] => [
    ...spansOf(turns, { 'gen_ai.agent.name': name }, { parent }).map((span) => {
      const { 'gen_ai.agent.name': agent, ...rest } = span.attributes ?? {}
      return rest['gen_ai.tool.name'] === undefined ? span : { ...span, attributes: rest }
    }),
    {
      ...{ id: parent, start: 0, end: 100_000 },
      attributes: { 'gen_ai.operation.name': 'invoke_agent', 'gen_ai.agent.name': name },
    },
  ]
  const one = bare(loop(3), 'a1', 'one')
  const two = bare(loop(3), 'a2', 'two')
  expect(criticals(one.flatMap((span, i) => [span, ...two.slice(i, i + 1)]))).toEqual([])
  expect(criticals(bare(loop(5), 'a3', 'one'))).toEqual(['exact_cycle'])
  // Nothing but tool calls, then the agent.
  const toolsFirst = bare(loop(5), 'a4', 'one').filter(
    (span) => span.attributes?.['gen_ai.provider.name'] === undefined,
  )
  expect(criticals(toolsFirst)).toEqual(['exact_cycle'])
})

test('a run of another name is another run, and a new trace of the same conversation is not', () => {
  const inRun = (run: string, n: number) => spansOf(loop(n), { 'tokenfuse.run.id': run })
  expect(criticals([...inRun('one', 3), ...inRun('two', 3)])).toEqual([])
  const inTrace = (trace: string, from: number) =>
    spansOf(loop(4), { 'gen_ai.conversation.id': 'talk' }, { trace }).slice(from, from + 4)
  expect(criticals([...inTrace('a', 0), ...inTrace('b', 4)])).toEqual(['exact_cycle'])
})

test('a user turn starts afresh: a final answer, a pause, another question', () => {
  const spans = spansOf(loop(4), { 'gen_ai.conversation.id': 'talk' })
  const reply = (at: number): SpanSpec => ({
    ...{ id: 'fe', start: at, end: at + 200 },
    attributes: {
      ...spans[0]?.attributes,
      'gen_ai.usage.input_tokens': 2000,
      'gen_ai.response.finish_reasons': ['stop'],
    },
  })
  const later = (span: SpanSpec, ms: number) => ({ ...span, start: (span.start ?? 0) + ms, end: (span.end ?? 0) + ms })
  const half = spans.slice(0, 4)
  const rest = spans.slice(4)
  expect(criticals([...half, ...rest])).toEqual(['exact_cycle'])
  expect(criticals([...half, reply(4000), ...rest.map((span) => later(span, 20_000))])).toEqual([])
  // At once it is the agent talking to itself.
  expect(criticals([...half, reply(4000), ...rest.map((span) => later(span, 250))])).toEqual(['exact_cycle'])
})

test('what is missing is not alike by being missing', () => {
  const silent = times(30, (i) => ({ tool: 'act', size: 100 + i * 3, output: 20 + i }))
  expect(criticals(spansOf(silent))).toEqual([])
  const noInputs = spansOf(silent).map(({ attributes = {}, ...span }) => {
    const { 'gen_ai.usage.input_tokens': input, ...rest } = attributes
    return { ...span, attributes: rest }
  })
  expect(criticals(noInputs)).toEqual([])
  expect(criticals(spansOf(silent).filter((_, i) => i % 2 === 1))).toEqual([])
})
