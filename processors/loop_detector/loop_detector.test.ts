import { testHost } from '../../test/support/host.ts'
import { settingsOf } from '../../test/support/settings.ts'
import { type AttributeValues, runner, type SpanSpec, traceRequest } from '../../test/support/spans.ts'
import { factory as tags } from '../business_tags/index.ts'
import { factory as usage } from '../gen_ai_usage/index.ts'
import { factory } from './index.ts'

const base = { on_critical: 'kill', min_wasted_usd: '0', max_runs: 100 }

function detector(config: object = {}) {
  const host = testHost()
  const run = runner([
    usage.create(settingsOf(usage), host),
    tags.create({ tags: {}, max_value_length: 256 }, host),
    factory.create(settingsOf(factory, { ...base, ...config }), host),
  ])
  return { host, send: (spans: readonly SpanSpec[]) => run(traceRequest(spans)) }
}

let clock = 0
/** `a=x` is tool a with arguments x; `a=x!boom` failed with boom; `a` has neither arguments nor result. */
function call(text: string, extra: AttributeValues = {}, span: SpanSpec = {}): SpanSpec {
  const [tool = '', rest] = text.split('=')
  const [args = '', error] = (rest ?? '').split('!')
  clock += 1000
  const content: AttributeValues =
    rest === undefined
      ? {}
      : { 'gen_ai.tool.call.arguments': args, 'gen_ai.tool.call.result': error ?? `result of ${args}` }
  return {
    start: clock,
    end: clock + 100,
    error: error !== undefined,
    ...span,
    attributes: {
      'gen_ai.operation.name': 'execute_tool',
      'gen_ai.tool.name': tool,
      'gen_ai.agent.name': 'agent',
      ...content,
      ...extra,
    },
  }
}

/** The verdicts that a row of calls gets, as `level@number of the call`. */
function verdicts(calls: string, config: object = {}): string[] {
  const { send } = detector(config)
  return calls.split(' ').flatMap((text, i) =>
    send([call(text)])
      .verdicts.filter((v) => v.detector === 'exact_cycle')
      .map((v) => `${v.level}@${i + 1}`),
  )
}

test('a call repeated with the same outcome warns and then is critical, once each', () => {
  expect(verdicts('a=1 a=1 a=1 a=1 a=1 a=1')).toEqual(['warn@3', 'critical@4'])
  expect(verdicts('x=0 a=1 b=2 a=1 b=2 a=1 b=2 a=1 b=2')).toEqual(['critical@6'])
  const twelve = Array.from({ length: 12 }, (_, i) => `t${i}=1`).join(' ')
  expect(verdicts(`${twelve} ${twelve} ${twelve}`)).toEqual(['critical@30'])
})

test('what is no exact repetition is left alone', () => {
  expect(verdicts('a=1 a=2 a=3 a=4 a=5 a=6')).toEqual([])
  expect(verdicts('a=1 b=1 c=1 a=1 c=1 b=1 a=1 a=1 b=1')).toEqual([])
  // Missing arguments and results are not equal arguments and results.
  expect(verdicts('a a a a a a a a')).toEqual([])
})

test('an error that only differs in its numbers is the same error', () => {
  expect(
    verdicts('sh=x!line_12:_not_found sh=x!line_9913:_not_found sh=x!line_7:_not_found sh=x!line_8:_not_found'),
  ).toEqual(['warn@3', 'critical@4'])
  expect(verdicts('sh=x!not_found sh=x!denied sh=x!timeout sh=x!not_found')).toEqual([])
})

test('a verdict carries its evidence, and stands on the span that tipped the scale', () => {
  const { send, host } = detector()
  for (const text of ['a=1', 'b=2', 'a=1', 'b=2', 'a=1']) send([call(text)])
  const out = send([call('b=2', {}, { trace: 'cafe', id: '77' })])
  expect(out.verdicts).toEqual([])
  const { send: again } = detector()
  const spans = ['a=1', 'b=2', 'a=1', 'b=2', 'a=1', 'b=2'].map((text, i) =>
    call(text, {}, { trace: 'cafe', id: `${70 + i}` }),
  )
  const { verdicts: found, attributes } = again(spans)
  expect(found).toHaveLength(1)
  expect(found[0]).toMatchObject({
    kind: 'loop',
    level: 'critical',
    action: 'kill',
    detector: 'exact_cycle',
    scope: { run: 'cafe'.padStart(32, '0') },
    agent: 'agent',
    spanId: '75'.padStart(16, '0'),
    evidence: {
      period: 2,
      repeats: 3,
      tools: ['b', 'a'],
      calls_since_onset: 4,
      onset_span_id: '72'.padStart(16, '0'),
      usd_since_onset: '0',
    },
  })
  expect(attributes[5]).toMatchObject({ 'tokenfuse.verdict': 'critical', 'tokenfuse.verdict.detector': 'exact_cycle' })
  expect(attributes[4]?.['tokenfuse.verdict']).toBeUndefined()
  expect(host.metric('tokenfuse_loop_detector_verdicts_total', 'exact_cycle', 'critical')).toBe(0)
})

test('over pennies nothing is stopped', () => {
  const { send } = detector({ min_wasted_usd: '0.05' })
  const found = ['a=1', 'a=1', 'a=1', 'a=1'].flatMap((text) => send([call(text)]).verdicts)
  expect(found.map((v) => [v.level, v.action])).toEqual([
    ['warn', 'signal'],
    ['critical', 'signal'],
  ])
})

test('resent, late and interleaved calls change nothing', () => {
  const levels = (spans: readonly SpanSpec[]) => {
    const { send } = detector()
    return spans.flatMap((span) => send([span]).verdicts.map((v) => v.level))
  }
  const loop = ['a=1', 'b=1', 'a=1', 'b=1', 'a=1', 'b=1'].map((text, i) => call(text, {}, { id: `${100 + i}` }))
  expect(levels(loop)).toEqual(['critical'])
  const [one, two, three, four, five, six] = loop as [SpanSpec, SpanSpec, SpanSpec, SpanSpec, SpanSpec, SpanSpec]
  expect(levels([one, one, two, two, one])).toEqual([])
  expect(levels([two, one, four, three, six, five])).toEqual(['critical'])
  const other = ['p=1', 'q=2', 'r=3', 's=4', 't=5', 'u=6'].map((text) => call(text, { 'gen_ai.agent.id': 'second' }))
  expect(levels(loop.flatMap((span, i) => [span, other[i] as SpanSpec]))).toEqual(['critical'])
})

test('the oldest idle run is forgotten at max_runs, and counted', () => {
  const { send, host } = detector({ max_runs: 2 })
  for (const run of ['1', '2', '3']) send([call('a=1', { 'tokenfuse.run.id': run })])
  expect(host.metric('tokenfuse_loop_detector_runs_evicted_total')).toBe(1)
  expect(host.metric('tokenfuse_loop_detector_runs')).toBe(2)
})
