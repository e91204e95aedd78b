import { QUEUE_METRICS } from './index.ts'
import { Bench } from './testing/harness.ts'
import { MemoryDisk } from './testing/memory-disk.ts'

const ids = (from: number, to: number): string[] => Array.from({ length: to - from }, (_, i) => `s${from + i}`)

test('what is appended is delivered, merged, after the flush time at the latest', async () => {
  const bench = new Bench()
  const exporter = bench.attach('otlp_http')
  bench.log.start()
  expect(bench.append(['a', 'b'])).toBeUndefined()
  bench.append(['c'])
  await bench.pass(199)
  expect(exporter.attempts).toEqual([])
  await bench.pass(1)
  expect(exporter.attempts).toEqual([['a', 'b', 'c']])
  expect(bench.metric('otelcol_exporter_sent_spans', 'otlp_http', 'traces')).toBe(3)
  expect(bench.metric('otelcol_exporter_queue_size', 'otlp_http', 'traces')).toBe(0)
})

test('a request leaves as soon as it is large enough, and is not made larger', async () => {
  const bench = new Bench()
  const exporter = bench.attach('otlp_http', { maxBytes: 1000 })
  bench.log.start()
  for (let i = 0; i < 5; i++) bench.append([`s${i}`], 300)
  await bench.pass(0)
  expect(exporter.attempts).toEqual([
    ['s0', 's1'],
    ['s2', 's3'],
  ])
  await bench.pass(200)
  expect(exporter.got).toEqual(ids(0, 5))
})

test('items count as well as bytes', async () => {
  const bench = new Bench()
  const exporter = bench.attach('otlp_http', { minItems: 3, maxItems: 3 })
  bench.log.start()
  bench.append(['a', 'b'])
  bench.append(['c', 'd'])
  await bench.pass(0)
  expect(exporter.attempts).toEqual([['a', 'b']])
  await bench.pass(200)
  expect(exporter.attempts).toEqual([
    ['a', 'b'],
    ['c', 'd'],
  ])
})

test('a slow exporter delays no other, and gets everything in the end', async () => {
  const bench = new Bench({ hotBytes: 2000 })
  const fast = bench.attach('fast', { flushMs: 0 })
  const dead = bench.attach('dead', { flushMs: 0, maxBytes: 2000 })
  dead.answer = () => ({ kind: 'retry', reason: 'connection refused' })
  bench.log.start()
  for (let i = 0; i < 200; i++) {
    bench.append([`s${i}`], 100)
    await bench.pass(0)
  }
  expect(fast.got).toEqual(ids(0, 200))
  expect(bench.metric('otelcol_exporter_queue_size', 'fast', 'traces')).toBe(0)
  expect(bench.metric('otelcol_exporter_queue_size', 'dead', 'traces')).toBe(200)
  dead.answer = () => ({ kind: 'ok' })
  await bench.pass(60_000)
  expect([...dead.got].sort()).toEqual([...ids(0, 200)].sort())
  expect(bench.metric('otelcol_exporter_queue_size', 'dead', 'traces')).toBe(0)
})

test('exporters that are sent the same records share the bytes and the compression', async () => {
  const bench = new Bench()
  const bytes: Buffer[] = []
  const compressed: Buffer[] = []
  for (const name of ['a', 'b']) {
    bench.attach(name).answer = async (_, delivery) => {
      bytes.push(delivery.bytes)
      compressed.push(await delivery.compressed('gzip', 1))
      return { kind: 'ok' }
    }
  }
  bench.log.start()
  bench.append(['x'])
  bench.append(['y'])
  await bench.pass(200)
  expect(bytes).toHaveLength(2)
  expect(bytes[0]).toBe(bytes[1])
  expect(compressed[0]).toBe(compressed[1])
})

for (const ack of ['memory', 'written', 'fsync'] as const) {
  test(`a full log (${ack}) refuses, says how full it is, and takes again when there is room`, async () => {
    const bench = new Bench({ ack, maxBytes: 20_000 })
    const exporter = bench.attach('otlp_http', { flushMs: 0 })
    exporter.answer = () => ({ kind: 'retry', reason: 'down' })
    bench.log.start()
    const accepted: string[] = []
    for (let i = 0; i < 100; i++) {
      const result = bench.append([`s${i}`], 500)
      if (result === 'full') break
      await bench.pass(5)
      await result
      accepted.push(`s${i}`)
    }
    expect(accepted.length).toBeGreaterThan(10)
    expect(accepted.length).toBeLessThan(40)
    expect(bench.log.admits(2000)).toBe(false)
    expect(bench.metric('otelcol_exporter_enqueue_failed_spans', 'otlp_http', 'traces')).toBe(1)
    const size = bench.metric('otelcol_exporter_queue_size', 'otlp_http', 'traces')
    expect(size / bench.metric('otelcol_exporter_queue_capacity', 'otlp_http', 'traces')).toBeGreaterThan(0.9)
    exporter.answer = () => ({ kind: 'ok' })
    await bench.pass(60_000)
    expect([...exporter.got].sort()).toEqual([...accepted].sort())
    expect(bench.log.admits(2000)).toBe(true)
    const result = bench.append(['last'], 500)
    expect(result).not.toBe('full')
    await bench.pass(100)
    expect(exporter.got.at(-1)).toBe('last')
  })
}

test('everything that was not delivered is there for the next run, in order', async () => {
  const disk = new MemoryDisk()
  const first = new Bench({}, disk)
  first.attach('a', { flushMs: 0, consumers: 1 })
  const down = first.attach('b', { flushMs: 0, consumers: 1 })
  down.answer = () => ({ kind: 'retry', reason: 'down' })
  first.log.start()
  for (let i = 0; i < 50; i++) first.append([`s${i}`], 400)
  await first.pass(1000)
  await first.shutdown()
  const second = new Bench({}, disk)
  const a = second.attach('a', { flushMs: 0, consumers: 1 })
  const b = second.attach('b', { flushMs: 0, consumers: 1 })
  second.log.start()
  second.append(['new'])
  await second.pass(10_000)
  expect(a.got).toEqual(['new'])
  expect(b.got).toEqual([...ids(0, 50), 'new'])
  expect([...disk.files.keys()].filter((name) => name.endsWith('.wal')).length).toBeLessThanOrEqual(1)
})

test('shutdown sends what is there without gathering', async () => {
  const bench = new Bench()
  const exporter = bench.attach('otlp_http')
  bench.log.start()
  bench.append(['a'])
  await bench.log.shutdown(1000)
  expect(exporter.got).toEqual(['a'])
  expect(bench.append(['b'])).toBe('full')
})

test('shutdown does not wait for a far end that is down: the disk keeps it', async () => {
  const bench = new Bench()
  bench.attach('otlp_http').answer = () => ({ kind: 'retry', reason: 'down' })
  bench.log.start()
  bench.append(['a'])
  await bench.log.shutdown(1_000_000)
  await bench.log.shutdown(1_000_000)
})

test('shutdown ends at its deadline when a request never ends, and before start', async () => {
  const disk = new MemoryDisk()
  const bench = new Bench({}, disk)
  bench.attach('otlp_http').answer = () => new Promise(() => undefined)
  bench.log.start()
  bench.append(['a'])
  await bench.shutdown(5000)
  const next = new Bench({}, disk)
  const exporter = next.attach('otlp_http')
  await next.log.shutdown(1000)
  expect(exporter.attempts).toEqual([])
})

test('a log in memory tries until the deadline and says loudly what it lost', async () => {
  const bench = new Bench({ ack: 'memory' })
  const exporter = bench.attach('otlp_http')
  exporter.answer = () => ({ kind: 'retry', reason: 'down' })
  bench.log.start()
  bench.append(['a', 'b'])
  await bench.pass(300)
  bench.append(['c'])
  await bench.shutdown(20_000)
  expect(exporter.attempts.length).toBeGreaterThan(3)
  expect(bench.metric('tokenfuse_exporter_undelivered_items_total', 'otlp_http', 'traces')).toBe(3)
  expect(bench.lines.filter(({ level, message }) => level === 'error' && message.includes('lost'))).toHaveLength(1)
  expect([...bench.disk.files.keys()]).toEqual([])
})

test('a new exporter begins with what is accepted from then on; one that left and came back goes on where it was', async () => {
  const disk = new MemoryDisk()
  const run = async (names: string[], id: string): Promise<Record<string, string[]>> => {
    const bench = new Bench({}, disk)
    const exporters = names.map((name) => bench.attach(name))
    bench.log.start()
    bench.append([id])
    const far = exporters.find((_, i) => names[i] === 'down')
    if (far !== undefined && id === '1') far.answer = () => ({ kind: 'retry', reason: 'down' })
    await bench.pass(300)
    await bench.shutdown()
    return Object.fromEntries(exporters.map((exporter, i) => [names[i], exporter.got]))
  }
  expect(await run(['a', 'down'], '1')).toEqual({ a: ['1'], down: [] })
  expect(await run(['a', 'b'], '2')).toEqual({ a: ['2'], b: ['2'] })
  // The file that held '1' was only kept for the exporter that left; what is still there it gets.
  const back = await run(['a', 'b', 'down'], '3')
  expect(back['a']).toEqual(['3'])
  expect(back['down']?.at(-1)).toBe('3')
})

test('two processes cannot use one directory', () => {
  const disk = new MemoryDisk()
  const first = new Bench({}, disk)
  expect(() => new Bench({}, disk)).toThrow('in use by another process')
  expect(first.append(['a'])).toBeUndefined()
})

test('a log of another format is left alone', () => {
  const disk = new MemoryDisk()
  disk.files.set('/q/traces/0000000000000000.wal', {
    bytes: Buffer.from([0x54, 0x46, 0x52, 9, 1, 2, 3]),
    synced: 7,
    named: true,
  })
  expect(() => new Bench({}, disk)).toThrow('log format 9')
  expect(disk.locked.size).toBe(0)
})

test('every metric that the queue registers is declared', async () => {
  const bench = new Bench()
  bench.attach('x')
  bench.log.start()
  bench.append(['a'])
  await bench.pass(300)
  const exposed = bench.registry.render('text')
  const names = [...exposed.matchAll(/^# TYPE (\S+)/gm)].map(([, name = '']) => name.replace(/_total$/, ''))
  const declared = QUEUE_METRICS.map(({ name }) => name.replace(/_total$/, ''))
  expect(names.filter((name) => !declared.includes(name) && !name.startsWith('tokenfuse_telemetry_'))).toEqual([])
  expect(names.length).toBeGreaterThan(15)
})

test('a new exporter is known from the first moment: a crash right after loses nothing for it', async () => {
  const disk = new MemoryDisk()
  const first = new Bench({}, disk)
  first.attach('a')
  first.log.start()
  first.append(['1'])
  await first.pass(300)
  await first.shutdown()
  const second = new Bench({}, disk)
  for (const id of ['a', 'b']) second.attach(id)
  second.log.start()
  second.append(['2'])
  disk.kill()
  const third = new Bench({}, disk)
  third.attach('a')
  const b = third.attach('b')
  third.log.start()
  await third.pass(300)
  expect(b.got).toEqual(['2'])
})
