import { startSidecar } from '../support/sidecar.ts'

/** An agent that alone reports what its run used, and nothing below it that does. */
const AGENT = {
  resourceSpans: [
    {
      resource: { attributes: [{ key: 'service.name', value: { stringValue: 'remote' } }] },
      scopeSpans: [
        {
          scope: { name: 'by-hand' },
          spans: [
            {
              traceId: '5b8efff798038103d269b633813fc60d',
              spanId: 'eee19b7ec3c1b175',
              name: 'invoke_agent planner',
              kind: 3,
              startTimeUnixNano: '1763900000000000000',
              endTimeUnixNano: '1763900001000000000',
              attributes: [
                { key: 'gen_ai.operation.name', value: { stringValue: 'invoke_agent' } },
                { key: 'gen_ai.provider.name', value: { stringValue: 'openai' } },
                { key: 'gen_ai.agent.name', value: { stringValue: 'planner' } },
                { key: 'gen_ai.request.model', value: { stringValue: 'gpt-4o' } },
                { key: 'gen_ai.usage.input_tokens', value: { intValue: '1000' } },
                { key: 'gen_ai.usage.output_tokens', value: { intValue: '100' } },
              ],
            },
          ],
        },
      ],
    },
  ],
}

test('a roll-up that still waits when the sidecar stops is billed, priced and tagged', async () => {
  const sidecar = await startSidecar()
  const answer = await fetch(`${sidecar.http}/v1/traces`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(AGENT),
  })
  expect(answer.status).toBe(200)
  await sidecar.stop()
  const calls = sidecar.lines('calls.jsonl')
  expect(calls.map(({ bill }) => bill)).toEqual(['rollup', 'billed'])
  expect(calls[1]).toMatchObject({ agent: 'planner', cost: { usd: '0.0035' }, flags: ['rollup_billed'] })
  // What only forwards bytes has seen the span once.
  expect(sidecar.lines('telemetry.jsonl')).toHaveLength(1)
  sidecar.remove()
}, 60_000)
