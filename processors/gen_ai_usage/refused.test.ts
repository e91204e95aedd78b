import type { Call } from '../../genai/call.ts'
import { Pipeline } from '../../pipeline/pipeline.ts'
import { MemoryDisk } from '../../pipeline/queue/testing/memory-disk.ts'
import { testHost } from '../../test/support/host.ts'
import { attributes, encodeRequest } from '../../test/support/oracle.ts'
import { type SpanSpec, traceRequest } from '../../test/support/spans.ts'
import { factory } from './index.ts'
import { agent, chat, GRACE_MS, run } from './testing/runs.ts'

/** A pipeline whose queue takes nothing while it is full. */
function start(signal: 'traces' | 'logs' = 'traces') {
  const host = testHost()
  const taken: Call[] = []
  const queue = { full: false }
  const pipeline = new Pipeline({
    id: signal,
    signal,
    processors: [{ id: 'g', processor: factory.create({ max_entries: 4096, rollup_grace: GRACE_MS }, host) }],
    enforcers: [],
    sink: {
      admits: () => true,
      append({ calls }) {
        if (queue.full) return 'full'
        taken.push(...calls)
        return undefined
      },
    },
    metrics: host.metrics,
    log: host.log,
  })
  const send = (body: Buffer) => pipeline.consume(body).outcome
  return {
    host,
    queue,
    taken,
    pipeline,
    send,
    /** Refused first, then taken; what was taken of it, with the span. */
    twice(...spans: SpanSpec[]) {
      const before = taken.length
      queue.full = true
      expect(send(traceRequest(spans))).toMatchObject({ kind: 'refused' })
      expect(send(traceRequest(spans))).toMatchObject({ kind: 'refused' })
      queue.full = false
      expect(send(traceRequest(spans))).toMatchObject({ kind: 'accepted' })
      return taken.slice(before).map(({ spanId, bill, usage }) => [spanId.slice(-1), bill, usage.input])
    },
  }
}

const usage = (input: number, more: object = {}) => ({ attributes: { 'gen_ai.usage.input_tokens': input, ...more } })

test('what was refused is billed when it comes again, and once', () => {
  const { twice, send, taken } = start()
  expect(twice(chat('1', '9'))).toEqual([['1', 'billed', 1000]])
  expect(taken.at(-1)?.flags).toEqual(['sent_again'])
  send(traceRequest([chat('1', '9')]))
  expect(taken.at(-1)?.bill).toBe('duplicate')
})

test('with a response id too, and beside another instrumentation of the same trace', () => {
  const { twice, send, taken } = start()
  const id = { 'gen_ai.response.id': 'r1' }
  const call = chat('1', '9', usage(30, id))
  expect(twice(call)).toEqual([['1', 'billed', 30]])
  send(traceRequest([chat('2', '8', { ...usage(30, id), trace: 'bb' })]))
  expect(taken.at(-1)?.bill).toBe('duplicate')
  const other = { 'gen_ai.response.id': 'r2' }
  expect(twice(chat('3', '9', usage(40, other)), chat('4', '7', usage(40, other)))).toEqual([
    ['3', 'billed', 40],
    ['4', 'duplicate', 40],
  ])
})

test('calls in each other, and calls without usage, are decided again as they were', () => {
  const { twice } = start()
  expect(twice(chat('2', '1'), chat('1', ''), agent('5', { parent: '6' }), chat('7', '5', usage(70)))).toEqual([
    ['2', 'billed', 1000],
    ['1', 'rollup', 1000],
    ['5', 'rollup', 1000],
    ['7', 'billed', 70],
  ])
  const silent = {
    'gen_ai.operation.name': 'chat',
    'gen_ai.request.model': 'gpt-4o',
  }
  expect(twice({ id: '8', attributes: silent })).toEqual([['8', 'billed', undefined]])
})

test('a roll-up that waits since a batch that was refused is billed once', () => {
  const { twice, host, pipeline, taken } = start()
  expect(twice(agent('1'))).toEqual([['1', 'duplicate', 1000]])
  host.clock.advance(GRACE_MS)
  void pipeline.tick(host.clock.now())
  void pipeline.tick(host.clock.now())
  expect(taken.filter(({ bill }) => bill === 'billed').map(({ spanId }) => spanId.slice(-1))).toEqual(['1'])
})

test('corrections, and roll-ups whose grace was over, go with the next batch', () => {
  const { twice, send, queue, host, pipeline, taken } = start()
  send(traceRequest([chat('1', '', usage(90)), agent('5', { trace: 'bb' })]))
  expect(twice(chat('2', '1', usage(70)))).toEqual([
    ['2', 'billed', 70],
    ['1', 'billed', -90],
  ])
  host.clock.advance(GRACE_MS)
  queue.full = true
  send(traceRequest([chat('7', '8', { trace: 'cc' })]))
  queue.full = false
  expect(taken.some(({ spanId, bill }) => spanId.endsWith('5') && bill === 'billed')).toBe(false)
  // Though nothing comes.
  void pipeline.tick(host.clock.now())
  const [late, ...more] = taken.filter(({ spanId, bill }) => spanId.endsWith('5') && bill === 'billed')
  expect([late?.flags, more]).toEqual([['rollup_billed', 'sent_again'], []])
})

test('a running total moves only with what was taken', () => {
  const { twice } = start()
  const total = (id: string, n: number, input: number): SpanSpec => ({
    id,
    parent: 'f',
    scope: 'holmesgpt',
    name: 'gen_ai.chat',
    start: n * 1000,
    end: n * 1000 + 500,
    attributes: {
      'gen_ai.request.model': 'gpt-4o',
      'gen_ai.usage.input_tokens': input,
      'gen_ai.usage.output_tokens': input / 10,
      'holmesgpt.iteration': n,
    },
  })
  expect(twice(total('1', 1, 1000))).toEqual([['1', 'billed', 1000]])
  expect(twice(total('2', 2, 2500), total('3', 3, 3000))).toEqual([
    ['2', 'billed', 1500],
    ['3', 'billed', 500],
  ])
})

test('log events, by request id and by their bytes', () => {
  const { send, queue, taken } = start('logs')
  const event = (more: Record<string, string>) =>
    encodeRequest('logs', {
      resourceLogs: [
        {
          resource: { attributes: attributes({ 'service.name': 'claude-code' }) },
          scopeLogs: [
            {
              logRecords: [
                {
                  attributes: attributes({
                    'event.name': 'api_request',
                    model: 'claude-sonnet-4-5',
                    input_tokens: 10,
                    output_tokens: 5,
                    ...more,
                  }),
                },
              ],
            },
          ],
        },
      ],
    })
  for (const body of [event({ request_id: 'req_1' }), event({})]) {
    queue.full = true
    send(body)
    queue.full = false
    for (const want of ['billed', 'duplicate']) {
      send(body)
      expect(taken.at(-1)?.bill).toBe(want)
      expect(taken.at(-1)?.flags.includes('sent_again')).toBe(want === 'billed')
    }
  }
})

test('a disk that fails is such a refusal', async () => {
  const disk = new MemoryDisk()
  const { send, bills } = run(disk)
  disk.fault = (_, operation) => (operation === 'append' ? 'fail' : undefined)
  expect(await send(chat('1', '9'), agent('2'))).toMatchObject({ kind: 'refused' })
  disk.fault = () => undefined
  expect(await send(chat('1', '9'), agent('2'))).toEqual({ kind: 'accepted' })
  // The harness counts what was handed to the queue, the refused batch too; what was taken back in there is no call.
  expect(bills().filter(([id]) => id === '1')).toEqual([
    ['1', 'superseded'],
    ['1', 'billed'],
  ])
})
