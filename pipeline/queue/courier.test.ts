import { jsonToProto, protoToJson } from '../../otlp/json/index.ts'
import type { ExportResult } from '../component.ts'
import { Bench, type FakeExporter, settle } from './testing/harness.ts'
import { idsIn } from './testing/requests.ts'

const RETRY: ExportResult = { kind: 'retry', reason: 'HTTP 503' }
const OK: ExportResult = { kind: 'ok' }

/** Times of all attempts in ms since the first, for a far end that answers like this and is then well. */
async function attemptTimes(answers: ExportResult[], settings = {}, random = 0.5): Promise<number[]> {
  const bench = new Bench({ random: () => random })
  const times: number[] = []
  bench.attach('x', { flushMs: 0, ...settings }).answer = () => {
    times.push(bench.clock.now())
    return answers.shift() ?? OK
  }
  bench.log.start()
  bench.append(['a'])
  await bench.pass(400_000, 250)
  return times.map((time) => time - (times[0] ?? 0))
}

test('waits grow by half from 5 s up to 30 s, and never end', async () => {
  const times = await attemptTimes(Array.from({ length: 14 }, () => RETRY))
  // Seen on a grid of 250 ms.
  const waits = times.slice(1).map((time, i) => time - (times[i] ?? 0))
  expect(waits.slice(0, 7)).toEqual([5000, 7500, 11250, 17000, 25500, 30000, 30000])
  expect(times.length).toBe(15)
})

test('waits are spread by half around their length', async () => {
  expect(await attemptTimes([RETRY], {}, 0)).toEqual([0, 2500])
  expect(await attemptTimes([RETRY], {}, 0.999999)).toEqual([0, 7500])
})

test('the far end may ask for a longer wait, not for a shorter one', async () => {
  expect(await attemptTimes([{ ...RETRY, afterMs: 60_000 }])).toEqual([0, 60_000])
  expect(await attemptTimes([{ ...RETRY, afterMs: 100 }])).toEqual([0, 5000])
})

const NEVER: ExportResult[] = Array.from({ length: 100 }, () => RETRY)

test('gives up only when it was told when to, and then keeps a dead letter', async () => {
  const bench = new Bench()
  const retry = {
    enabled: true,
    initialMs: 5000,
    maxMs: 30_000,
    multiplier: 1.5,
    randomization: 0.5,
    maxElapsedMs: 20_000,
  }
  bench.attach('x', { flushMs: 0, retry }).answer = () => RETRY
  bench.log.start()
  bench.append(['a', 'b'])
  await bench.pass(30_000)
  expect(bench.dead('x')).toEqual([{ ids: ['a', 'b'], reason: 'gave up after max_elapsed_time: HTTP 503' }])
  expect(bench.metric('otelcol_exporter_send_failed_spans', 'x', 'traces')).toBe(2)
  expect(bench.metric('otelcol_exporter_queue_size', 'x', 'traces')).toBe(0)
})

test('with retrying off, one attempt decides', async () => {
  const bench = new Bench()
  const retry = {
    enabled: false,
    initialMs: 5000,
    maxMs: 30_000,
    multiplier: 1.5,
    randomization: 0.5,
    maxElapsedMs: undefined,
  }
  const exporter = bench.attach('x', { flushMs: 0, retry })
  exporter.answer = () => RETRY
  bench.log.start()
  bench.append(['a'])
  await bench.pass(60_000)
  expect(exporter.attempts).toHaveLength(1)
  expect(bench.dead('x')[0]?.ids).toEqual(['a'])
})

/** Sends batches of ids to a far end that rejects every request with a poisoned one in it. */
async function poisoned(
  batches: string[][],
  isPoison: (id: string) => boolean,
): Promise<{ bench: Bench; exporter: FakeExporter; dead: string[] }> {
  const bench = new Bench()
  const exporter = bench.attach('x', { consumers: 1 })
  exporter.answer = (ids) => (ids.some(isPoison) ? { kind: 'rejected', reason: 'HTTP 400: bad span' } : OK)
  bench.log.start()
  for (const batch of batches) bench.append(batch)
  await bench.pass(500)
  return { bench, exporter, dead: bench.dead('x').flatMap(({ ids }) => ids) }
}

const batchesOf = (count: number, size: number): string[][] =>
  Array.from({ length: count }, (_, b) => Array.from({ length: size }, (_, i) => `${b}.${i}`))

test('one poisoned span costs itself and few attempts, not its batch nor its neighbours', async () => {
  const batches = batchesOf(16, 64)
  for (const poison of ['0.0', '7.13', '15.63']) {
    const { exporter, dead, bench } = await poisoned(batches, (id) => id === poison)
    expect(dead).toEqual([poison])
    expect([...exporter.got].sort()).toEqual(
      batches
        .flat()
        .filter((id) => id !== poison)
        .sort(),
    )
    expect(exporter.attempts.length).toBeLessThanOrEqual(1 + 2 * (4 + 6))
    expect(bench.metric('otelcol_exporter_sent_spans', 'x', 'traces')).toBe(1023)
    expect(bench.metric('tokenfuse_exporter_dead_lettered_items_total', 'x', 'traces')).toBe(1)
  }
})

test('several poisoned spans are each found', async () => {
  const batches = batchesOf(4, 32)
  const poison = new Set(['0.3', '0.4', '2.31', '3.0'])
  const { exporter, dead } = await poisoned(batches, (id) => poison.has(id))
  expect([...dead].sort()).toEqual([...poison].sort())
  expect(exporter.got).toHaveLength(124)
})

test('a far end that rejects everything is not hammered: few attempts, then whole requests are set aside', async () => {
  const batches = batchesOf(8, 1000)
  const { bench, exporter, dead } = await poisoned(batches, () => true)
  expect(exporter.attempts.length).toBeLessThan(40)
  expect([...dead].sort()).toEqual(batches.flat().sort())
  const before = exporter.attempts.length
  bench.append(['later', 'later2'])
  await bench.pass(300)
  expect(exporter.attempts.length).toBe(before + 1)
  exporter.answer = () => OK
  bench.append(['well'])
  await bench.pass(300)
  expect(exporter.got).toEqual(['well'])
})

test('an exporter that throws loses only what it threw on', async () => {
  const bench = new Bench()
  const exporter = bench.attach('x')
  exporter.answer = (ids) => {
    if (ids.includes('bug')) throw new Error('oops')
    return OK
  }
  bench.log.start()
  bench.append(['a', 'bug', 'b'])
  await bench.pass(500)
  expect(exporter.got).toEqual(['a', 'b'])
  expect(bench.dead('x')).toEqual([{ ids: ['bug'], reason: 'the exporter failed: oops' }])
})

test('partial success is counted and said, and never sent again', async () => {
  const bench = new Bench()
  const exporter = bench.attach('x')
  exporter.answer = () => ({ kind: 'ok', rejected: 1, message: 'too old' })
  bench.log.start()
  bench.append(['a', 'b', 'c'])
  await bench.pass(60_000)
  expect(exporter.attempts).toHaveLength(1)
  expect(bench.metric('otelcol_exporter_sent_spans', 'x', 'traces')).toBe(2)
  expect(bench.metric('tokenfuse_exporter_partial_rejected_items_total', 'x', 'traces')).toBe(1)
  expect(bench.lines.filter(({ level }) => level === 'warn')).toHaveLength(1)
})

test('an outage is said once, and its end too', async () => {
  const bench = new Bench()
  const answers = NEVER.slice(0, 6)
  bench.attach('x').answer = () => answers.shift() ?? OK
  bench.log.start()
  bench.append(['a'])
  await bench.pass(200_000, 1000)
  expect(bench.lines.map(({ level, fields }) => [level, fields['exporter']])).toEqual([
    ['warn', 'x'],
    ['info', 'x'],
  ])
  expect(bench.metric('tokenfuse_exporter_retries_total', 'x', 'traces')).toBe(6)
})

test('while dead letters cannot be written, what they would hold stays in the queue', async () => {
  const bench = new Bench()
  bench.attach('x', { flushMs: 0 }).answer = () => ({ kind: 'rejected', reason: 'no' })
  bench.log.start()
  bench.disk.fault = (_, operation, path) =>
    path.includes('dead-letter') && operation === 'append' ? 'partly' : undefined
  bench.append(['a'])
  await bench.pass(20_000)
  expect(bench.metric('otelcol_exporter_queue_size', 'x', 'traces')).toBe(1)
  expect(bench.metric('tokenfuse_queue_disk_errors_total', 'traces', 'dead_letter')).toBeGreaterThan(1)
  bench.disk.fault = () => undefined
  await bench.pass(40_000)
  expect(bench.dead('x')).toEqual([{ ids: ['a'], reason: 'no' }])
  expect(bench.metric('otelcol_exporter_queue_size', 'x', 'traces')).toBe(0)
})

test('dead letters are bounded: the oldest go, and are counted', async () => {
  const bench = new Bench({ deadLetterBytes: 4000 })
  bench.attach('x', { flushMs: 0 }).answer = () => ({ kind: 'rejected', reason: 'no' })
  bench.log.start()
  for (let i = 0; i < 100; i++) {
    bench.append([`s${i}`])
    await settle()
  }
  const dead = bench.dead('x').flatMap(({ ids }) => ids)
  expect(dead.length).toBeGreaterThan(10)
  expect(dead.length).toBeLessThan(40)
  expect(dead.at(-1)).toBe('s99')
  expect(bench.metric('tokenfuse_exporter_dead_letter_dropped_bytes_total', 'x', 'traces')).toBeGreaterThan(1000)
  expect(bench.metric('tokenfuse_exporter_dead_lettered_items_total', 'x', 'traces')).toBe(100)
})

test('a dead letter is one line of OTLP/JSON that can be sent again; what is no OTLP is kept as it is', async () => {
  const bench = new Bench({ toJson: (signal, bytes) => Buffer.from(protoToJson(signal, bytes)) })
  bench.attach('otlp_http/far', { flushMs: 0 }).answer = () => ({ kind: 'rejected', reason: 'HTTP 400 "no"' })
  bench.log.start()
  bench.append(['a'])
  await bench.pass(100)
  const garbage = Buffer.from([0x0a, 0x7f, 1])
  bench.log.append({ signal: 'traces', bytes: garbage, items: 1, calls: [], verdicts: [] })
  await bench.pass(100)
  const file = bench.disk.files.get('/q/traces/dead-letter/otlp_http%2Ffar.otlp.jsonl')
  const [first = '', second = ''] = file?.bytes.toString().split('\n') ?? []
  expect(idsIn(jsonToProto('traces', Buffer.from(first)))).toEqual(['a'])
  const note = { exporter: 'otlp_http/far', signal: 'traces', items: 1, reason: 'HTTP 400 "no"' }
  expect(JSON.parse(first)).toMatchObject({ tokenfuse_dead_letter: note })
  expect(JSON.parse(second)).toMatchObject({
    // The test's far end fails on it.
    tokenfuse_dead_letter: {
      items: 1,
      reason: expect.stringContaining('malformed'),
      base64: garbage.toString('base64'),
    },
  })
})

test('of a metrics request, whole metrics are set aside', async () => {
  const field = (tag: number, ...parts: Buffer[]): Buffer => {
    const body = Buffer.concat(parts)
    return Buffer.concat([Buffer.from([tag, body.length]), body])
  }
  // A gauge with that many empty data points.
  const metric = (name: string, points: number): Buffer =>
    field(0x12, field(0x0a, Buffer.from(name)), field(0x2a, ...Array.from({ length: points }, () => field(0x0a))))
  const bytes = field(0x0a, field(0x12, metric('good', 2), metric('bad', 3), metric('fine', 1)))
  const bench = new Bench({ signal: 'metrics' })
  const taken: number[] = []
  bench.attach('x', { flushMs: 0 }).answer = (_, delivery) => {
    if (delivery.bytes.includes('bad')) return { kind: 'rejected', reason: 'bad' }
    taken.push(delivery.items)
    return { kind: 'ok' }
  }
  bench.log.start()
  bench.log.append({ signal: 'metrics', bytes, items: 6, calls: [], verdicts: [] })
  await bench.pass(100)
  expect(taken).toEqual([2, 1])
  expect(bench.metric('otelcol_exporter_sent_metric_points', 'x', 'metrics')).toBe(3)
  expect(bench.metric('otelcol_exporter_send_failed_metric_points', 'x', 'metrics')).toBe(3)
})

test('half a dead letter spoils no other one, in this run and in the next', async () => {
  const bench = new Bench()
  bench.attach('x', { flushMs: 0 }).answer = () => ({ kind: 'rejected', reason: 'no' })
  bench.log.start()
  const failing = new Set(['append', 'truncate'])
  bench.disk.fault = (_, operation, path) =>
    path.includes('dead-letter') && failing.delete(operation) ? (operation === 'append' ? 'partly' : 'fail') : undefined
  bench.append(['a'])
  await bench.pass(10_000)
  expect(bench.dead('x').map(({ ids }) => ids)).toEqual([['a']])
  await bench.shutdown()
  const file = bench.disk.files.get('/q/traces/dead-letter/x.otlp.jsonl')
  if (file !== undefined) file.bytes = Buffer.concat([file.bytes, Buffer.from('{"half')])
  const next = new Bench({}, bench.disk)
  next.attach('x', { flushMs: 0 }).answer = () => ({ kind: 'rejected', reason: 'no' })
  next.log.start()
  next.append(['b'])
  await next.pass(100)
  expect(next.dead('x').map(({ ids }) => ids)).toEqual([['a'], ['b']])
})
