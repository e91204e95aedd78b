import type { ExportResult } from '../component.ts'
import type { Disk } from './disk.ts'
import { Bench, type FakeExporter, seeded } from './testing/harness.ts'
import { MemoryDisk } from './testing/memory-disk.ts'

/*
 * Whole histories of one directory: several runs with limits, settings, senders, far ends, disk faults and endings (in
 * good order, killed, without power) drawn from a seed; then a healthy run that finishes the work. Whatever was
 * acknowledged must have reached each far end or its dead letter file.
 */
const SEEDS = 60
const EXPORTERS = ['a', 'b'] as const
const FAST = { enabled: true, initialMs: 100, maxMs: 500, multiplier: 1.5, randomization: 0.5, maxElapsedMs: undefined }

class History {
  readonly random: () => number
  readonly disk = new MemoryDisk()
  readonly ack: 'written' | 'fsync'
  readonly acknowledged: string[] = []
  readonly offered = new Set<string>()
  readonly got: Readonly<Record<string, Set<string>>> = { a: new Set(), b: new Set() }
  private next = 0

  constructor(seed: number) {
    this.random = seeded(seed)
    this.ack = this.random() < 0.5 ? 'written' : 'fsync'
  }

  upTo(n: number): number {
    return Math.floor(this.random() * n)
  }

  async play(): Promise<string[]> {
    const runs = 1 + this.upTo(5)
    for (let run = 0; run < runs; run++) await this.troubledRun()
    return this.healthyRun()
  }

  private async troubledRun(): Promise<void> {
    const chance = this.random() * 0.15
    this.disk.fault = () => (this.random() >= chance ? undefined : this.random() < 0.5 ? 'fail' : 'partly')
    const mount = this.disk.mounted()
    try {
      const { bench, exporters } = this.open(mount.disk)
      exporters.forEach((exporter, i) => {
        this.makeMoody(exporter, EXPORTERS[i] ?? '')
      })
      bench.log.start()
      await this.offer(bench, this.upTo(60))
      await bench.pass(this.random() * 500, 20)
      if (this.random() < 0.3) await bench.shutdown(500)
      for (const exporter of exporters) exporter.answer = () => new Promise(() => undefined)
    } catch (error) {
      // Only opening may fail; then the process does not start.
      expect(String(error)).toMatch(/EIO|ENOSPC/)
    }
    mount.kill()
    if (this.ack === 'fsync' && this.random() < 0.6) this.disk.powerLoss()
  }

  private async healthyRun(): Promise<string[]> {
    this.disk.fault = () => undefined
    const { bench, exporters } = this.open(this.disk)
    exporters.forEach((exporter, i) => {
      exporter.answer = (ids) => this.take(EXPORTERS[i] ?? '', ids)
    })
    bench.log.start()
    await bench.pass(3000, 50)
    await bench.shutdown(500)
    return EXPORTERS.flatMap((id) => {
      expect(bench.metric('otelcol_exporter_queue_size', id, 'traces')).toBe(0)
      const dead = new Set(bench.dead(id).flatMap(({ ids }) => ids))
      for (const one of [...(this.got[id] ?? []), ...dead])
        if (!this.offered.has(one)) throw new Error(`${one} was made up`)
      return this.acknowledged.filter((one) => this.got[id]?.has(one) !== true && !dead.has(one))
    })
  }

  private open(disk: Disk): { bench: Bench; exporters: FakeExporter[] } {
    const options = {
      ack: this.ack,
      random: this.random,
      hotBytes: 100 + this.upTo(3000),
      segmentBytes: 300 + this.upTo(3000),
      maxBytes: 8000 + this.upTo(20_000),
    }
    const bench = new Bench(options, this.disk, disk)
    const settings = {
      flushMs: this.upTo(50),
      consumers: 1 + this.upTo(4),
      maxBytes: 200 + this.upTo(2000),
      retry: FAST,
    }
    const exporters = EXPORTERS.map((id, i) => bench.attach(id, settings, i === 0 ? 'bytes' : 'everything'))
    return { bench, exporters }
  }

  private makeMoody(exporter: FakeExporter, id: string): void {
    const busy = this.random() * 0.9
    const bad = this.random() * 0.1
    const poison = new Map<string, boolean>()
    exporter.answer = (ids): ExportResult => {
      if (this.random() < busy) return { kind: 'retry', reason: 'busy' }
      for (const one of ids) if (!poison.has(one)) poison.set(one, this.random() < bad)
      return ids.some((one) => poison.get(one) === true) ? { kind: 'rejected', reason: 'poison' } : this.take(id, ids)
    }
  }

  private take(exporter: string, ids: readonly string[]): ExportResult {
    for (const id of ids) this.got[exporter]?.add(id)
    return { kind: 'ok' }
  }

  private async offer(bench: Bench, batches: number): Promise<void> {
    for (let b = 0; b < batches; b++) {
      const ids = Array.from({ length: 1 + this.upTo(5) }, () => `s${this.next++}`)
      for (const id of ids) this.offered.add(id)
      const answer = bench.append(ids, this.upTo(200))
      if (answer === undefined) this.acknowledged.push(...ids)
      else if (answer !== 'full') answer.then(() => this.acknowledged.push(...ids)).catch(() => undefined)
      if (answer === 'full' || this.random() < 0.3) await bench.pass(30, 10)
    }
  }
}

test(`in ${SEEDS} histories full of faults, nothing that was acknowledged is lost`, async () => {
  let acknowledged = 0
  for (let seed = 1; seed <= SEEDS; seed++) {
    const history = new History(seed)
    expect([seed, await history.play()]).toEqual([seed, []])
    acknowledged += history.acknowledged.length
  }
  expect(acknowledged).toBeGreaterThan(SEEDS * 30)
}, 60_000)
