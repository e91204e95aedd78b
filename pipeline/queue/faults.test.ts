import type { ExportResult } from '../component.ts'
import type { Ack } from './log.ts'
import { Bench, type FakeExporter, seeded } from './testing/harness.ts'
import { type Fault, MemoryDisk } from './testing/memory-disk.ts'

const FAST = { enabled: true, initialMs: 100, maxMs: 500, multiplier: 1.5, randomization: 0.5, maxElapsedMs: undefined }
const SETTINGS = { flushMs: 20, consumers: 3, maxBytes: 600, retry: FAST }

/** A far end with moods; what it rejects it rejects for good. */
function moody(exporter: FakeExporter, random: () => number, weights: { retry: number; rejected: number }): void {
  const poison = new Map<string, boolean>()
  exporter.answer = (ids): ExportResult => {
    if (random() < weights.retry) return { kind: 'retry', reason: 'busy' }
    for (const id of ids) if (!poison.has(id)) poison.set(id, random() < weights.rejected)
    return ids.some((id) => poison.get(id)) ? { kind: 'rejected', reason: 'poison' } : { kind: 'ok' }
  }
}

class Accounts {
  readonly acknowledged: string[] = []
  readonly offered = new Set<string>()
  private next = 0

  /** Offers batches to the log, and notes which were acknowledged. */
  async offer(bench: Bench, batches: number, random: () => number): Promise<void> {
    for (let b = 0; b < batches; b++) {
      const ids = Array.from({ length: 1 + Math.floor(random() * 4) }, () => `s${this.next++}`)
      for (const id of ids) this.offered.add(id)
      const answer = bench.append(ids, 20)
      if (answer === 'full') continue
      if (answer === undefined) this.acknowledged.push(...ids)
      else
        answer.then(
          () => this.acknowledged.push(...ids),
          () => undefined,
        )
      if (random() < 0.3) await bench.pass(20, 10)
    }
    await bench.pass(20, 10)
  }

  /** Every acknowledged id is with the far end or in the dead letter file, and nothing is there that nobody sent. */
  check(got: readonly string[], dead: readonly string[]): void {
    const ended = new Set([...got, ...dead])
    expect(this.acknowledged.filter((id) => !ended.has(id))).toEqual([])
    expect([...ended].filter((id) => !this.offered.has(id))).toEqual([])
  }
}

const deadOf = (bench: Bench, name: string): string[] => bench.dead(name).flatMap(({ ids }) => ids)

for (const [name, weights] of Object.entries({
  'always takes': { retry: 0, rejected: 0 },
  'is often busy': { retry: 0.5, rejected: 0 },
  'rejects some': { retry: 0, rejected: 0.05 },
  'rejects most': { retry: 0, rejected: 0.7 },
  'does all of it': { retry: 0.3, rejected: 0.1 },
})) {
  test(`every id ends at a far end that ${name}, or in the dead letter file`, async () => {
    for (const ack of ['memory', 'written', 'fsync'] as const) {
      for (let seed = 1; seed <= 5; seed++) {
        const random = seeded(seed)
        const bench = new Bench({ ack, random, hotBytes: 500, segmentBytes: 1000 })
        const exporters = ['a', 'b'].map((id) => bench.attach(id, SETTINGS))
        for (const exporter of exporters) moody(exporter, random, weights)
        const accounts = new Accounts()
        bench.log.start()
        await accounts.offer(bench, 60, random)
        await bench.pass(30_000, 50)
        expect(accounts.acknowledged).toHaveLength(accounts.offered.size)
        exporters.forEach((exporter, i) => {
          const id = ['a', 'b'][i] as string
          accounts.check(exporter.got, deadOf(bench, id))
          expect(bench.metric('otelcol_exporter_queue_size', id, 'traces')).toBe(0)
          const sent = bench.metric('otelcol_exporter_sent_spans', id, 'traces')
          const failed = bench.metric('otelcol_exporter_send_failed_spans', id, 'traces')
          expect(sent + failed).toBe(accounts.offered.size)
        })
      }
    }
  })
}

/** One life of a log on a disk with faults, then a healthy one that finishes the work. Returns the operations of the first. */
async function twoLives(ack: Ack, fault: Fault, ending: 'shutdown' | 'kill' | 'power loss'): Promise<number> {
  const random = seeded(42)
  const disk = new MemoryDisk()
  const accounts = new Accounts()
  const got: string[] = []
  const options = { ack, random, hotBytes: 300, segmentBytes: 700 }
  disk.fault = fault
  try {
    const bench = new Bench(options, disk)
    const exporter = bench.attach('x', SETTINGS)
    moody(exporter, random, { retry: 0.4, rejected: 0.1 })
    bench.log.start()
    await accounts.offer(bench, 15, random)
    await bench.pass(800, 50)
    await accounts.offer(bench, 4, random)
    if (ending === 'shutdown') await bench.shutdown(200)
    got.push(...exporter.got)
  } catch (error) {
    // Only opening may fail, and then nothing was acknowledged.
    expect(String(error)).toContain('EIO')
    expect(accounts.offered.size).toBe(0)
  }
  const operations = disk.operations
  disk.fault = () => undefined
  if (ending === 'power loss') disk.powerLoss()
  else disk.kill()
  const bench = new Bench(options, disk)
  const exporter = bench.attach('x', SETTINGS)
  bench.log.start()
  await bench.pass(3000, 50)
  await bench.shutdown(1000)
  accounts.check([...got, ...exporter.got], deadOf(bench, 'x'))
  expect(bench.metric('otelcol_exporter_queue_size', 'x', 'traces')).toBe(0)
  return operations
}

const FAULTS: Readonly<Record<string, (at: number) => Fault>> = {
  'the n-th operation fails': (at) => (n) => (n === at ? 'fail' : undefined),
  'the n-th operation is done by half': (at) => (n) => (n === at ? 'partly' : undefined),
  'three operations in a row fail': (at) => (n) => (n >= at && n < at + 3 ? 'fail' : undefined),
  'the disk is full from the n-th operation on': (at) => (n, operation) =>
    n >= at && ['append', 'replace', 'open'].includes(operation) ? 'partly' : undefined,
  'the disk is dead from the n-th operation on': (at) => (n) => (n >= at ? 'fail' : undefined),
}

for (const [name, fault] of Object.entries(FAULTS)) {
  for (const [ack, ending] of [
    ['written', 'shutdown'],
    ['written', 'kill'],
    ['fsync', 'power loss'],
  ] as const) {
    test(`nothing acknowledged is lost when ${name} (${ack}, ${ending})`, async () => {
      const operations = await twoLives(ack, () => undefined, ending)
      expect(operations).toBeGreaterThan(30)
      for (let n = 1; n <= operations; n++) await twoLives(ack, fault(n), ending)
    }, 60_000)
  }
}

test('a disk that is full refuses loudly, once, and is used again when there is room', async () => {
  const bench = new Bench()
  const exporter = bench.attach('x', { flushMs: 0 })
  bench.log.start()
  bench.disk.fault = (_, operation) => (operation === 'append' ? 'partly' : undefined)
  for (let i = 0; i < 20; i++) await expect(bench.append(['a'])).rejects.toThrow('ENOSPC')
  expect(bench.lines.map(({ level }) => level)).toEqual(['error'])
  expect(bench.metric('tokenfuse_queue_disk_errors_total', 'traces', 'append')).toBe(20)
  expect(bench.metric('otelcol_exporter_enqueue_failed_spans', 'x', 'traces')).toBe(20)
  bench.disk.fault = () => undefined
  expect(bench.append(['b'])).toBeUndefined()
  await bench.pass(10)
  expect(exporter.got).toEqual(['b'])
  expect(bench.lines.map(({ level }) => level)).toEqual(['error', 'info'])
})
