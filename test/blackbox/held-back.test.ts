import { eventually, type RunningSidecar, startSidecar } from '../support/sidecar.ts'

const TRACE = '5b8efff798038103d269b633813fc60d'
const AGENT_ID = 'eee19b7ec3c1b175'

/** A span of an agent, or of a call below it, with usage of its own. */
const spanOf = (operation: 'invoke_agent' | 'chat', spanId: string, parentSpanId = '') => ({
  resourceSpans: [
    {
      resource: { attributes: [{ key: 'service.name', value: { stringValue: 'remote' } }] },
      scopeSpans: [
        {
          scope: { name: 'by-hand' },
          spans: [
            {
              traceId: TRACE,
              spanId,
              parentSpanId,
              name: `${operation} planner`,
              kind: 3,
              startTimeUnixNano: '1763900000000000000',
              endTimeUnixNano: '1763900001000000000',
              attributes: [
                { key: 'gen_ai.operation.name', value: { stringValue: operation } },
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
})
/** An agent that alone reports what its run used, and nothing below it that does. */
const AGENT = spanOf('invoke_agent', AGENT_ID)
const CHILD = spanOf('chat', 'eee19b7ec3c1b176', AGENT_ID)

const GRACE = 'processors: { gen_ai_usage: { rollup_grace: 4s } }'
const GRACE_MS = 4000

async function post(sidecar: RunningSidecar, body: object): Promise<void> {
  const answer = await fetch(`${sidecar.http}/v1/traces`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  })
  expect(answer.status).toBe(200)
}

/** What became of each span, each once: what was delivered when the process was killed may be delivered again. */
const billsOf = (sidecar: RunningSidecar): readonly string[] => {
  const said = (line: Record<string, unknown>): string =>
    `${String(line['span_id']).slice(-1)} ${String(line['flags']).includes('correction') ? 'correction' : line['bill']}`
  return [...new Set(sidecar.lines('calls.jsonl').map(said))].sort()
}

async function spent(sidecar: RunningSidecar): Promise<string | undefined> {
  const { budgets } = (await (await fetch(`${sidecar.control}/v1/budgets`)).json()) as {
    budgets: { id: string; spent_usd: string }[]
  }
  return budgets.find((budget) => budget.id === 'month')?.spent_usd
}

const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms))

test('a roll-up that still waits when the sidecar stops is billed, priced and tagged', async () => {
  const sidecar = await startSidecar()
  await post(sidecar, AGENT)
  await sidecar.stop()
  const calls = sidecar.lines('calls.jsonl')
  expect(calls.map(({ bill }) => bill)).toEqual(['rollup', 'billed'])
  expect(calls[1]).toMatchObject({ agent: 'planner', cost: { usd: '0.0035' }, flags: ['rollup_billed'] })
  // What only forwards bytes has seen the span once.
  expect(sidecar.lines('telemetry.jsonl')).toHaveLength(1)
  sidecar.remove()
}, 60_000)

test('kill -9: a roll-up that was acknowledged is billed once, after its grace, by whoever comes after', async () => {
  const first = await startSidecar(GRACE)
  await post(first, AGENT)
  await first.stop('SIGKILL')
  const second = await startSidecar(GRACE, first.directory)
  const [line] = await eventually(() => {
    const billed = second.lines('calls.jsonl').filter(({ bill }) => bill === 'billed')
    return billed.length > 0 && billed
  }, 'the call of the roll-up')
  expect(line).toMatchObject({ agent: 'planner', cost: { usd: '0.0035' }, flags: ['rollup_billed'] })
  // The sender that is not sure sends again, and the process is killed again: when the place of the exporter is written,
  // so that nothing is delivered twice.
  await post(second, AGENT)
  await pause(1500)
  await second.stop('SIGKILL')
  const third = await startSidecar(GRACE, first.directory)
  await pause(GRACE_MS + 2000)
  expect(await spent(third)).toBe('0.0035')
  await third.stop()
  expect(third.lines('calls.jsonl').filter(({ bill }) => bill === 'billed')).toHaveLength(1)
  third.remove()
}, 60_000)

test('kill -9: what comes below the roll-up afterwards is billed in its place', async () => {
  const first = await startSidecar(GRACE)
  await post(first, AGENT)
  await first.stop('SIGKILL')
  const second = await startSidecar(GRACE, first.directory)
  await post(second, CHILD)
  await second.stop('SIGKILL')
  const third = await startSidecar(GRACE, first.directory)
  await pause(GRACE_MS + 2000)
  expect(await spent(third)).toBe('0.0035')
  await third.stop()
  expect(billsOf(third)).toEqual(['5 rollup', '6 billed'])
  third.remove()
}, 60_000)

test('kill -9: what comes below it when it was billed already corrects that', async () => {
  const first = await startSidecar(GRACE)
  await post(first, AGENT)
  await first.stop('SIGKILL')
  const second = await startSidecar(GRACE, first.directory)
  await eventually(() => billsOf(second).includes('5 billed'), 'the call of the roll-up')
  await post(second, CHILD)
  await pause(500)
  expect(await spent(second)).toBe('0.0035')
  await second.stop()
  expect(billsOf(second)).toEqual(['5 billed', '5 correction', '5 rollup', '6 billed'])
  second.remove()
}, 60_000)
