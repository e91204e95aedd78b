import { testHost } from '../../test/support/host.ts'
import { settingsOf } from '../../test/support/settings.ts'
import { type AttributeValues, runner, type SpanSpec, traceRequest } from '../../test/support/spans.ts'
import { factory as tags } from '../business_tags/index.ts'
import { factory as usage } from '../gen_ai_usage/index.ts'
import { factory } from './index.ts'

/** Runs as they happen, healthy and not, call by call through usage, tags and detector. */
interface Call {
  readonly tool: string
  readonly args: string
  readonly result: string
  readonly failed?: boolean
}

function verdictsOf(calls: readonly Call[], config: object = {}) {
  const host = testHost()
  const send = runner([
    usage.create(settingsOf(usage), host),
    tags.create(settingsOf(tags), host),
    factory.create(settingsOf(factory, { min_wasted_usd: 0, ...config }), host),
  ])
  return calls.flatMap((call, i) =>
    send(traceRequest([span(call, i)])).verdicts.map((v) => ({
      level: v.level,
      detector: v.detector,
      call: i + 1,
      action: v.action,
      evidence: v.evidence,
    })),
  )
}

function span({ tool, args, result, failed = false }: Call, i: number): SpanSpec {
  const attributes: AttributeValues = {
    'gen_ai.operation.name': 'execute_tool',
    'gen_ai.tool.name': tool,
    'gen_ai.tool.call.arguments': args,
    'gen_ai.tool.call.result': result,
    'gen_ai.agent.name': 'agent',
  }
  return { trace: 'f00d', id: (i + 1).toString(16), start: i * 4000, end: i * 4000 + 900, error: failed, attributes }
}

const times = (n: number, make: (i: number) => Call | readonly Call[]): Call[] =>
  Array.from({ length: n }, (_, i) => make(i)).flat()
const critical = (calls: readonly Call[]) => verdictsOf(calls).filter((v) => v.level === 'critical')

const HEALTHY: readonly (readonly [string, readonly Call[]])[] = [
  [
    'polling whose answer changes',
    times(30, (i) => ({ tool: 'job_status', args: '{"job":7}', result: `{"done":${i * 3}}` })),
  ],
  [
    'pagination: the same call, another page each time',
    times(25, (i) => ({ tool: 'scroll_down', args: '{}', result: `page ${i}: ${'x'.repeat(i)}` })),
  ],
  [
    'a batch over files, all of them successful',
    times(60, (i) => ({ tool: 'move_file', args: `{"file":"f${i}"}`, result: `moved f${i}` })),
  ],
  [
    'edit and test in turns, with another result each time',
    times(12, (i) => [
      { tool: 'edit', args: `{"line":${i}}`, result: `edited ${i}` },
      { tool: 'run_tests', args: '{}', result: `${12 - i} failed in ${100 + i} ms`, failed: i < 11 },
    ]),
  ],
  [
    'a few failures of several kinds on the way',
    times(9, (i) => ({
      tool: 'shell',
      args: `cmd ${i}`,
      result: ['no such file', 'permission denied', 'ok', 'done'][i % 4] ?? '',
      failed: i % 4 < 2,
    })),
  ],
  [
    '300 calls, none like another',
    times(300, (i) => ({ tool: ['read', 'search', 'edit'][i % 3] ?? '', args: `a${i}`, result: `r${i * 7}` })),
  ],
]

test.each(HEALTHY)('healthy: %s', (_name, calls) => {
  expect(critical(calls)).toEqual([])
})

test('runaway: other arguments each time, the same error', () => {
  const found = critical(
    times(20, (i) => ({
      tool: 'shell',
      args: `ssh host${i} reboot`,
      result: `connect to port ${2200 + i}: Permission denied`,
      failed: true,
    })),
  )
  expect(found[0]).toMatchObject({ detector: 'repeated_error' })
  expect(found[0]?.call).toBeLessThanOrEqual(8)
})

test('runaway: a cycle of three calls that learns nothing', () => {
  const found = critical(
    times(6, () => ['open', 'find', 'close'].map((tool) => ({ tool, args: '{}', result: `${tool}ed` }))),
  )
  expect(found[0]?.call).toBeLessThanOrEqual(10)
})

test('shadow mode tells what would have happened, and does nothing', () => {
  const calls = times(8, () => ({ tool: 'retry', args: '{}', result: 'no', failed: true }))
  expect(verdictsOf(calls, { mode: 'shadow', on_critical: 'kill' }).map((v) => v.action)).not.toContain('kill')
  expect(verdictsOf(calls, { mode: 'enforce', on_critical: 'kill' }).map((v) => v.action)).toContain('kill')
})
