import type { Call } from '../../genai/call.ts'
import type { Delivery, ExportResult } from '../../pipeline/component.ts'
import { WIRE_SETTINGS } from '../../pipeline/queue/settings.ts'
import { Bench } from '../../pipeline/queue/testing/harness.ts'
import { MemoryDisk } from '../../pipeline/queue/testing/memory-disk.ts'
import { attributes, encodeRequest } from '../../test/support/oracle.ts'
import type { SpanSpec } from '../../test/support/spans.ts'
import { factory } from './index.ts'
import { feeder } from './testing/golden.ts'
import { agent, chat, GRACE_MS, run } from './testing/runs.ts'

const tokens = (calls: readonly Call[]): number => calls.reduce((sum, call) => sum + (call.usage.input ?? 0), 0)

test('a roll-up that waited when the process was killed is billed once by the next run, by the same key', () => {
  const unharmed = run(new MemoryDisk())
  unharmed.send(agent('1', { attributes: { 'gen_ai.response.id': 'r1', 'gen_ai.agent.id': 'a1' } }))
  unharmed.pass(GRACE_MS)

  const disk = new MemoryDisk()
  const first = run(disk)
  first.send(agent('1', { attributes: { 'gen_ai.response.id': 'r1', 'gen_ai.agent.id': 'a1' } }))
  first.pass(20_000)
  first.kill()
  const second = run(disk, 30_000)
  second.pass(29_000)
  expect(second.calls()).toEqual([])
  second.pass(1000)
  expect(second.bills()).toEqual([['1', 'billed']])
  const [was] = unharmed.billed()
  const [is] = second.billed()
  const told = ({ key, usage, flags, model, provider, agentId, traceId, spanId, startMs, endMs, item }: Call) => [
    ...[key, usage, flags, model, provider, agentId, traceId, spanId, startMs, endMs, item],
  ]
  expect(is && told(is)).toEqual(was && told(was))
  second.pass(10 * GRACE_MS)
  expect(second.billed()).toHaveLength(1)
  // Billed is billed, whatever comes after it.
  second.kill()
  const third = run(disk, 900_000)
  third.pass(10 * GRACE_MS)
  expect(third.calls()).toEqual([])
})

test('whose grace was over while nothing ran still waits for those who come back', () => {
  const disk = new MemoryDisk()
  const first = run(disk)
  first.send(agent('1'), agent('2'))
  first.kill()
  const second = run(disk, 1_000_000)
  second.pass(4000)
  second.send(chat('3', '1'))
  expect(second.bills()).toEqual([['3', 'billed']])
  second.pass(1000)
  expect(second.bills()).toEqual([
    ['3', 'billed'],
    ['2', 'billed'],
  ])
})

test('what came below it before the kill, or comes after it, is billed in its place', () => {
  const disk = new MemoryDisk()
  const first = run(disk)
  first.send(agent('1'), agent('2'), agent('5'))
  first.send(chat('3', '1'))
  first.kill()
  const second = run(disk, 10_000)
  // Through a span without usage, which alone knows its parent.
  second.send({ id: '6', parent: '5' }, chat('7', '6'))
  second.send(chat('4', '2'))
  second.pass(10 * GRACE_MS)
  expect(second.bills()).toEqual([
    ['7', 'billed'],
    ['4', 'billed'],
  ])
  second.kill()
  const third = run(disk, 2_000_000)
  third.pass(10 * GRACE_MS)
  expect(third.calls()).toEqual([])
})

test('what comes below it once it was billed is corrected, in the run that billed it', () => {
  const disk = new MemoryDisk()
  const first = run(disk)
  first.send(agent('1'))
  first.kill()
  const second = run(disk, 10_000)
  second.pass(GRACE_MS)
  second.send(chat('2', '1', { attributes: { 'gen_ai.usage.input_tokens': 700 } }))
  expect(second.bills()).toEqual([
    ['1', 'billed'],
    ['2', 'billed'],
    ['1', 'correction'],
  ])
  expect(tokens(second.billed())).toBe(700)
})

test('the span around it that comes after the kill wraps it, and the same span sent again is a duplicate', () => {
  const disk = new MemoryDisk()
  const first = run(disk)
  first.send(agent('2', { parent: '1' }))
  first.kill()
  const second = run(disk, 10_000)
  second.send(agent('1'))
  second.send(agent('2', { parent: '1' }))
  second.pass(10 * GRACE_MS)
  expect(second.bills()).toEqual([
    ['1', 'rollup'],
    ['2', 'duplicate'],
    ['2', 'billed'],
  ])
})

test('nothing waits twice over many kills, and the end of a run leaves nothing behind', async () => {
  const disk = new MemoryDisk()
  const sent = Array.from({ length: 9 }, (_, i) => (i + 1).toString())
  for (const [i, id] of sent.entries()) {
    const one = run(disk, i * 1000)
    one.send(agent(id))
    one.kill()
  }
  const last = run(disk, 20_000)
  await last.drain()
  expect(last.bills()).toEqual(sent.map((id) => [id, 'billed']))
  last.kill()
  const next = run(disk, 30_000)
  next.pass(10 * GRACE_MS)
  expect(next.calls()).toEqual([])
})

const request: SpanSpec = {
  id: '1',
  name: 'claude_code.llm_request',
  scope: 'com.anthropic.claude_code.tracing',
  attributes: { model: 'claude-sonnet-4-5', input_tokens: 10, output_tokens: 5 },
}
const event = encodeRequest('logs', {
  resourceLogs: [
    {
      resource: { attributes: attributes({ 'service.name': 'claude-code' }) },
      scopeLogs: [
        {
          scope: { name: 'com.anthropic.claude_code.events' },
          logRecords: [
            {
              attributes: attributes({
                'event.name': 'api_request',
                model: 'claude-sonnet-4-5',
                input_tokens: 10,
                output_tokens: 5,
              }),
            },
          ],
        },
      ],
    },
  ],
})

test('a span that waits for a record of its source in its other signal waits again', () => {
  const disk = new MemoryDisk()
  const first = run(disk)
  first.send(request)
  first.kill()
  const second = run(disk, 10_000)
  second.pass(GRACE_MS)
  expect(second.billed().map(({ flags }) => flags.at(-1))).toEqual(['only_signal'])
})

test('and no longer when such a record came before the kill', () => {
  const disk = new MemoryDisk()
  const first = run(disk)
  first.send(request)
  const logs = feeder(factory.create({ max_entries: 4096 }, first.host))
  expect(logs(event, 'logs').calls.map(({ bill }) => bill)).toEqual(['billed'])
  first.pass(1000)
  first.kill()
  const second = run(disk, 10_000)
  second.pass(10 * GRACE_MS)
  expect(second.calls()).toEqual([])
})

const iteration = (n: number, input: number, output: number): SpanSpec => ({
  id: (0x20 + n).toString(16),
  parent: 'ff',
  name: 'gen_ai.chat',
  scope: 'holmesgpt',
  start: n * 1000,
  end: n * 1000 + 500,
  attributes: {
    'gen_ai.system': 'litellm',
    'gen_ai.request.model': 'gpt-4o',
    'gen_ai.usage.input_tokens': input,
    'gen_ai.usage.output_tokens': output,
    'holmesgpt.iteration': n,
  },
})

test('a running total goes on where it was, and what is sent again counts nothing', () => {
  const disk = new MemoryDisk()
  const first = run(disk)
  first.send(iteration(1, 1000, 50))
  first.send(iteration(2, 2500, 120), agent('1'))
  first.kill()
  const second = run(disk, 10_000)
  second.send(iteration(2, 2500, 120))
  second.send(iteration(3, 3000, 150), iteration(1, 1000, 50))
  expect(second.calls().map(({ spanId, bill, usage }) => [spanId.slice(-2), bill, usage.input])).toEqual([
    ['22', 'duplicate', 2500],
    ['23', 'billed', 500],
    ['21', 'duplicate', 1000],
  ])
  second.kill()
  // A day later it is another run.
  const third = run(disk, 2 * 86_400_000)
  third.send(iteration(4, 3500, 160))
  expect(third.calls().find(({ spanId }) => spanId.endsWith('24'))?.usage.input).toBe(3500)
})

test('a queue that has no room keeps what waits for it: it is billed by the next run', () => {
  const disk = new MemoryDisk()
  const first = run(disk, 0, 'written', 3000)
  first.send(agent('1'))
  expect(first.pass(GRACE_MS)).toMatchObject({ kind: 'refused' })
  first.kill()
  const second = run(disk, 100_000)
  second.pass(5000)
  expect(second.bills()).toEqual([['1', 'billed']])
})

test('a power loss after an answer costs nothing with `ack: fsync`', async () => {
  const disk = new MemoryDisk()
  const first = run(disk, 0, 'fsync')
  expect(await first.send(agent('1'))).toEqual({ kind: 'accepted' })
  first.kill()
  disk.powerLoss()
  const second = run(disk, 10_000, 'fsync')
  second.pass(GRACE_MS)
  expect(second.bills()).toEqual([['1', 'billed']])
})

test('killed at any operation of the disk: nothing acknowledged is lost, and nothing is billed twice', async () => {
  for (const how of ['fail', 'partly'] as const) {
    for (let n = 1; n < 16; n++) {
      const disk = new MemoryDisk()
      const first = run(disk)
      let left = n
      disk.fault = () => (left-- > 1 ? undefined : left === 0 ? how : 'fail')
      const unanswered: SpanSpec[][] = []
      for (const spans of [[agent('1'), agent('2')], [chat('3', '1')]]) {
        const outcome = await first.send(...spans)
        if (outcome.kind !== 'accepted') unanswered.push(spans)
      }
      if (left > 0) await first.pass(GRACE_MS)
      first.kill()
      disk.fault = () => undefined
      const second = run(disk, 70_000)
      // Senders that were not answered come again.
      for (const spans of unanswered) second.send(...spans)
      second.pass(10 * GRACE_MS)
      second.kill()
      const billed = (await stored(disk)).filter(({ bill }) => bill === 'billed')
      expect([how, n, ...billed.map(({ spanId }) => spanId.slice(-1)).sort()]).toEqual([how, n, '2', '3'])
    }
  }
})

test('killed at any operation of the disk: a running total is billed to its end, whichever call was lost on the way', async () => {
  for (const how of ['fail', 'partly'] as const) {
    for (let n = 1; n < 12; n++) {
      const disk = new MemoryDisk()
      const first = run(disk)
      let left = n
      disk.fault = () => (left-- > 1 ? undefined : left === 0 ? how : 'fail')
      const unanswered: SpanSpec[][] = []
      for (const spans of [[iteration(1, 1000, 50)], [iteration(2, 2500, 120)]]) {
        const outcome = await first.send(...spans)
        if (outcome.kind !== 'accepted') unanswered.push(spans)
      }
      first.kill()
      disk.fault = () => undefined
      const second = run(disk, 70_000)
      for (const spans of unanswered) second.send(...spans)
      second.send(iteration(3, 3000, 150))
      second.kill()
      const byKey = new Map(
        (await stored(disk)).filter(({ bill }) => bill === 'billed').map((call) => [call.key, call]),
      )
      expect([how, n, tokens([...byKey.values()])]).toEqual([how, n, 3000])
    }
  }
})

/** All calls that are in the log, whichever run wrote them. */
async function stored(disk: MemoryDisk): Promise<readonly Call[]> {
  const calls: Call[] = []
  const bench = new Bench({ directory: '/q', segmentBytes: 100_000 }, disk)
  const exporter = {
    async export(delivery: Delivery): Promise<ExportResult> {
      calls.push(...delivery.calls)
      return { kind: 'ok' }
    },
  }
  bench.log.attach({ id: 'x', exporter, settings: { ...WIRE_SETTINGS, flushMs: 0 }, reads: 'everything' })
  bench.log.start()
  await bench.pass(1000)
  return calls
}
