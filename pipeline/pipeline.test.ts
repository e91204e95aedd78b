import { testHost } from '../test/support/host.ts'
import { decodeRequest, encodeRequest } from '../test/support/oracle.ts'
import type { Outcome, Signal } from './component.ts'
import { Pipeline } from './pipeline.ts'
import type { Accepted } from './queue/index.ts'
import { FanIn } from './receiving.ts'

const id = (size: number, fill = 7): Buffer => Buffer.alloc(size, fill)

interface Spec {
  readonly trace?: number
  readonly span?: number
  readonly parent?: number
}

/** One span per entry with ids of so many bytes, named by its number; the first two share a scope. */
function spans(...specs: readonly Spec[]): Buffer {
  const all = specs.map(({ trace = 16, span = 8, parent = 0 }, i) => ({
    ...{ traceId: id(trace), spanId: id(span), parentSpanId: id(parent), name: `span-${i}` },
  }))
  const resource = (list: object[]) => ({ resource: {}, scopeSpans: [{ scope: { name: 's' }, spans: list }] })
  return encodeRequest('traces', { resourceSpans: [resource(all.slice(0, 2)), resource(all.slice(2))] })
}

function logs(...traces: readonly number[]): Buffer {
  const logRecords = traces.map((size, i) => ({ traceId: id(size), spanId: id(8), severityText: `log-${i}` }))
  return encodeRequest('logs', { resourceLogs: [{ scopeLogs: [{ logRecords }] }] })
}

function metrics(): Buffer {
  const gauge = { dataPoints: [{ asInt: 1 }] }
  return encodeRequest('metrics', { resourceMetrics: [{ scopeMetrics: [{ metrics: [{ name: 'm', gauge }] }] }] })
}

function pipeline(signal: Signal, answer: 'full' | undefined | Promise<void> = undefined) {
  const host = testHost()
  const accepted: Accepted[] = []
  const sink = {
    admits: () => true,
    append: (batch: Accepted) => {
      if (answer !== 'full') accepted.push(batch)
      return answer
    },
  }
  const options = { id: signal, signal, processors: [], enforcers: [], sink, metrics: host.metrics, log: host.log }
  const fanIn = new FanIn('otlp', signal, [new Pipeline(options)], host.metrics)
  return {
    host,
    accepted,
    consume: (body: Buffer, borrowed?: boolean): Outcome | Promise<Outcome> => fanIn.consume(body, 'http', borrowed),
  }
}

const namesIn = (batch: Accepted | undefined, pattern: RegExp): string[] =>
  JSON.stringify(decodeRequest(batch?.signal ?? 'traces', batch?.bytes ?? Buffer.alloc(0))).match(pattern) ?? []

test('an id of a wrong length costs its span, and the sender is told how many', () => {
  const check = (body: Buffer, rejected: number, kept: readonly string[]) => {
    const { consume, accepted, host } = pipeline('traces')
    expect(consume(body)).toMatchObject({ kind: 'partial', rejected, message: expect.stringContaining('id of') })
    expect(namesIn(accepted[0], /span-\d/g)).toEqual(kept)
    expect(accepted[0]?.items).toBe(kept.length)
    expect(host.metric('otelcol_receiver_accepted_spans', 'otlp', 'http')).toBe(kept.length)
    expect(host.metric('otelcol_receiver_failed_spans', 'otlp', 'http')).toBe(rejected)
  }
  check(spans({}, { trace: 5 }, {}), 1, ['span-0', 'span-2'])
  check(spans({ span: 7 }, { trace: 17 }, { parent: 1 }, {}), 3, ['span-3'])
  check(spans({}, {}, { span: 16 }), 1, ['span-0', 'span-1'])
})

test('nothing good in it: the whole request is invalid, and counted as one that failed', () => {
  const { consume, accepted } = pipeline('traces')
  expect(consume(spans({ trace: 1 }, { span: 3 }))).toMatchObject({ kind: 'invalid' })
  expect(accepted).toEqual([])
})

test('log records likewise; empty ids are no ids', () => {
  const { consume, accepted } = pipeline('logs')
  expect(consume(logs(16, 3, 0))).toMatchObject({ kind: 'partial', rejected: 1 })
  expect(namesIn(accepted[0], /log-\d/g)).toEqual(['log-0', 'log-2'])
})

test('a queue that is full refuses all of it, and one that fails as well: the sender comes back with everything', async () => {
  expect(pipeline('traces', 'full').consume(spans({}, { trace: 5 }))).toMatchObject({ kind: 'refused' })
  const failing = pipeline('traces', Promise.reject(new Error('no space')))
  expect(await failing.consume(spans({}, { trace: 5 }))).toMatchObject({ kind: 'refused' })
  const later = pipeline('traces', Promise.resolve())
  expect(await later.consume(spans({}, { trace: 5 }))).toMatchObject({ kind: 'partial', rejected: 1 })
})

test('bytes that cannot be decoded stay a mistake of the whole request, whatever its ids', () => {
  const { consume, accepted } = pipeline('traces')
  const cut = spans({}, { trace: 5 })
  expect(consume(cut.subarray(0, cut.length - 1))).toMatchObject({ kind: 'invalid' })
  expect(consume(Buffer.concat([cut, Buffer.from([0x0b])]))).toMatchObject({ kind: 'invalid' })
  expect(accepted).toEqual([])
})

test('a batch that is not taken is taken back by every processor, and one that fails to keeps none from it', async () => {
  for (const answer of ['full', undefined] as const) {
    const host = testHost()
    const undone: string[] = []
    const processor = (id: string, fails = false) => ({
      id,
      processor: {
        start: async () => undefined,
        shutdown: async () => undefined,
        process: () => undefined,
        undo() {
          undone.push(id)
          if (fails) throw new Error('a bug')
        },
      },
    })
    const sink = { admits: () => true, append: () => answer }
    const processors = [processor('a', true), processor('b')]
    const options = { id: 'traces', signal: 'traces' as const, processors, enforcers: [], sink }
    new Pipeline({ ...options, metrics: host.metrics, log: host.log }).consume(spans({}))
    expect(undone).toEqual(answer === 'full' ? ['a', 'b'] : [])
    expect(host.lines.map(({ message }) => message)).toEqual(
      answer === 'full' ? ['processor a failed to take back a batch'] : [],
    )
  }
})

test('what a receiver only lends is only lent to the queue as well', () => {
  for (const signal of ['traces', 'logs', 'metrics'] as const) {
    const body = signal === 'traces' ? spans({}, {}) : signal === 'logs' ? logs(16) : metrics()
    const { consume, accepted } = pipeline(signal)
    consume(body)
    consume(body, true)
    expect(accepted.map(({ borrowed, bytes }) => [borrowed, bytes === body])).toEqual([
      [false, true],
      [true, true],
    ])
  }
})
