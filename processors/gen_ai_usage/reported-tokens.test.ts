import { testHost } from '../../test/support/host.ts'
import { attributes, encodeRequest } from '../../test/support/oracle.ts'
import { ReportedTokens } from './reported-tokens.ts'

const DELTA = 1
const CUMULATIVE = 2
const sum = (name: string, temporality: number, points: readonly [Record<string, string>, number | bigint][]) => ({
  name,
  sum: {
    aggregationTemporality: temporality,
    isMonotonic: true,
    dataPoints: points.map(([labels, value]) => ({
      attributes: attributes(labels),
      ...(typeof value === 'bigint' ? { asInt: Number(value) } : { asDouble: value }),
    })),
  },
})
const request = (...metrics: object[]): Buffer =>
  encodeRequest('metrics', {
    resourceMetrics: [{ resource: { attributes: attributes({ 'service.name': 'a' }) }, scopeMetrics: [{ metrics }] }],
  })

function start() {
  const host = testHost()
  const reported = new ReportedTokens(host.metrics)
  return {
    read: (...metrics: object[]) => reported.read(request(...metrics)),
    raw: (bytes: Buffer) => reported.read(bytes),
    of: (metric: string, kind: string) => host.metric('tokenfuse_gen_ai_reported_tokens_total', metric, kind),
    cumulative: (metric: string) => host.metric('tokenfuse_gen_ai_cumulative_points_total', metric),
  }
}

test('Claude Code: disjoint kinds, since the last report', () => {
  const { read, of, cumulative } = start()
  const name = 'claude_code.token.usage'
  const report = sum(name, DELTA, [
    [{ type: 'input', model: 'm' }, 2],
    [{ type: 'cacheRead', model: 'm' }, 84562n],
    [{ type: 'unheard of' }, 7],
    [{ type: 'output' }, Number.NaN],
  ])
  read(report, sum('claude_code.cost.usage', DELTA, [[{}, 5]]))
  read(report)
  expect([of(name, 'input'), of(name, 'cache_read'), of(name, 'output')]).toEqual([4, 169124, 0])
  expect(cumulative(name)).toBe(0)
})

test('cumulative counters are flagged, and only what they grow by counts', () => {
  const { read, of, cumulative } = start()
  const name = 'gemini_cli.token.usage'
  const at = (value: number, session = 's') => read(sum(name, CUMULATIVE, [[{ type: 'thought', session }, value]]))
  // What it stood at before is not known to be new; a fall is a restart.
  for (const value of [100, 130, 130, 150, 20]) at(value)
  at(1000, 'another')
  expect([of(name, 'reasoning'), cumulative(name)]).toEqual([70, 6])
})

test('histograms by their sum, and counters whose name says what they count', () => {
  const { read, of } = start()
  const name = 'gen_ai.client.token.usage'
  read(
    {
      name,
      histogram: {
        aggregationTemporality: DELTA,
        dataPoints: [{ attributes: attributes({ 'gen_ai.token.type': 'input' }), count: 2, sum: 300 }],
      },
    },
    sum('gen_ai.client.inference.usage.output_tokens', DELTA, [[{}, 9]]),
  )
  expect(of(name, 'input')).toBe(300)
  expect(of('gen_ai.client.inference.usage.output_tokens', 'output')).toBe(9)
})

test('broken bytes end the reading and nothing else', () => {
  const { raw, of } = start()
  const name = 'claude_code.token.usage'
  const bytes = request(sum(name, DELTA, [[{ type: 'input' }, 2]]))
  for (let end = 0; end < bytes.length; end++) raw(bytes.subarray(0, end))
  for (let at = 0; at < bytes.length; at++) raw(Buffer.from(bytes.map((byte, i) => (i === at ? byte ^ 0xff : byte))))
  expect(of(name, 'input')).toBeGreaterThanOrEqual(0)
})
