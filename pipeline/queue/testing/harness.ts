import type { Delivery, ExportResult } from '../../component.ts'
import { type ManualClock, manualClock } from '../../runtime/manual-clock.ts'
import { createRegistry } from '../../telemetry/registry.ts'
import type { Disk } from '../disk.ts'
import type { Log, LogOptions } from '../log.ts'
import { openLog } from '../open.ts'
import { type QueueSettings, WIRE_SETTINGS } from '../settings.ts'
import { MemoryDisk } from './memory-disk.ts'
import { idsIn, request } from './requests.ts'

/** Lets everything happen that waits for nothing but promises. */
export const settle = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))

/** The same numbers for the same seed (mulberry32). */
export function seeded(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let t = Math.imul(state ^ (state >>> 15), 1 | state)
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296
  }
}

/** Stands in for a far end: answers as told and remembers what it took, and every attempt. */
export class FakeExporter {
  readonly got: string[] = []
  readonly attempts: string[][] = []
  answer: (ids: readonly string[], delivery: Delivery) => ExportResult | Promise<ExportResult> = () => ({ kind: 'ok' })

  async export(delivery: Delivery): Promise<ExportResult> {
    const ids = idsIn(delivery.bytes)
    this.attempts.push(ids)
    const result = await this.answer(ids, delivery)
    // Whatever memory a delivery is in, it is the exporter's until the export is over.
    if (idsIn(delivery.bytes).join() !== ids.join()) throw new Error('a delivery changed under way')
    if (result.kind === 'ok') this.got.push(...ids)
    return result
  }
}

export interface Line {
  readonly level: string
  readonly message: string
  readonly fields: Readonly<Record<string, unknown>>
}

/** A log on a disk in memory, with time that stands still, and all that a test wants to look at. */
export class Bench {
  readonly clock: ManualClock = manualClock()
  readonly disk: MemoryDisk
  readonly registry = createRegistry()
  readonly lines: Line[] = []
  readonly log: Log

  /** `mounted`: what the log is given for a disk, if not `disk` itself. */
  constructor(options: Partial<LogOptions> = {}, disk = new MemoryDisk(), mounted: Disk = disk) {
    this.disk = disk
    const line =
      (level: string) =>
      (message: string, fields = {}): void =>
        void this.lines.push({ level, message, fields })
    this.log = openLog({
      pipeline: 'traces',
      signal: 'traces',
      directory: '/q/traces',
      ack: 'written',
      maxBytes: 1_000_000,
      segmentBytes: 10_000,
      hotBytes: 100_000,
      fsyncIntervalMs: 5,
      placesIntervalMs: 1000,
      deadLetterBytes: 1_000_000,
      disk: mounted,
      clock: this.clock,
      random: () => 0.5,
      log: { debug: line('debug'), info: line('info'), warn: line('warn'), error: line('error') },
      metrics: this.registry,
      toJson: (_, bytes) => Buffer.from(JSON.stringify({ resourceSpans: idsIn(bytes) })),
      ...options,
    })
  }

  attach(
    id: string,
    settings: Partial<QueueSettings> = {},
    reads: 'bytes' | 'everything' = 'everything',
  ): FakeExporter {
    const exporter = new FakeExporter()
    this.log.attach({ id, exporter, settings: { ...WIRE_SETTINGS, ...settings }, reads })
    return exporter
  }

  /** A metric by the values of its labels, in the order in which they were declared. */
  metric(name: string, ...labels: string[]): number {
    const found = this.registry.read(name)?.readings.find((reading) => reading.labels.join() === labels.join())
    return found?.value ?? 0
  }

  append(ids: readonly string[], padding = 0): undefined | Promise<void> | 'full' {
    return this.log.append({
      signal: 'traces',
      bytes: request(ids, padding),
      items: ids.length,
      calls: [],
      verdicts: [],
    })
  }

  /** Moves time on in steps, and lets follow what follows. */
  async pass(ms: number, step = 100): Promise<void> {
    await settle()
    for (let passed = 0; passed < ms; passed += step) {
      this.clock.advance(Math.min(step, ms - passed))
      await settle()
    }
  }

  /** Ends the log while time goes on. */
  async shutdown(drainMs = 1000): Promise<void> {
    const ended = this.log.shutdown(drainMs)
    await this.pass(drainMs)
    await ended
  }

  /** All ids in an exporter's dead letter file, with their reasons. */
  dead(exporter: string): { ids: string[]; reason: string }[] {
    const path = `/q/traces/dead-letter/${encodeURIComponent(exporter)}.otlp.jsonl`
    const text = [`${path}.1`, path].map((name) => this.disk.files.get(name)?.bytes.toString() ?? '').join('')
    return text.split('\n').flatMap((line) => {
      const letter = parsed(line)
      return letter === undefined ? [] : [{ ids: letter.resourceSpans, reason: letter.tokenfuse_dead_letter.reason }]
    })
  }
}

interface Letter {
  readonly tokenfuse_dead_letter: { readonly reason: string }
  readonly resourceSpans: string[]
}

/** Undefined for an empty line, and for the half one that a crash leaves. */
function parsed(line: string): Letter | undefined {
  try {
    return JSON.parse(line) as Letter
  } catch {
    return undefined
  }
}
