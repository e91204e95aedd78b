import { startSidecar } from '../support/sidecar.ts'

const counter = (name: string, kinds: Readonly<Record<string, number>>) => ({
  name,
  sum: {
    aggregationTemporality: 1,
    isMonotonic: true,
    dataPoints: Object.entries(kinds).map(([type, asDouble]) => ({
      attributes: [{ key: 'type', value: { stringValue: type } }],
      timeUnixNano: '1763900000000000000',
      asDouble,
    })),
  },
})

test('the example configuration counts what agents report of their tokens, forwards it as it came, and bills nothing', async () => {
  const sidecar = await startSidecar()
  const metrics = [counter('claude_code.token.usage', { input: 12, output: 300, cacheRead: 84_562 })]
  const answer = await fetch(`${sidecar.http}/v1/metrics`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ resourceMetrics: [{ resource: {}, scopeMetrics: [{ scope: { name: 'a' }, metrics }] }] }),
  })
  expect(answer.status).toBe(200)
  const own = await (await fetch(sidecar.own)).text()
  const read = (kind: string): string | undefined =>
    new RegExp(`tokenfuse_gen_ai_reported_tokens_total\\{[^}]*kind="${kind}"[^}]*\\} (\\S+)`).exec(own)?.[1]
  expect(['input', 'output', 'cache_read'].map(read)).toEqual(['12', '300', '84562'])
  await sidecar.stop()
  expect(JSON.stringify(sidecar.lines('telemetry.jsonl'))).toContain('claude_code.token.usage')
  expect(sidecar.lines('calls.jsonl')).toEqual([])
  sidecar.remove()
}, 60_000)
