/** CPU time of the detector alone, per span, and the memory of a run. */
import { ItemBatch } from '../../otlp/batch.ts'
import { KeyTable } from '../../otlp/keys.ts'
import type { Batch } from '../../pipeline/batch.ts'
import type { Processor } from '../../pipeline/component.ts'
import { factory as tags } from '../../processors/business_tags/index.ts'
import { factory as usage } from '../../processors/gen_ai_usage/index.ts'
import { factory as loops } from '../../processors/loop_detector/index.ts'
import { testHost } from '../../test/support/host.ts'
import { settingsOf } from '../../test/support/settings.ts'
import { tracePayload } from '../payloads.ts'
import { table } from '../support/measure.ts'
import { type Behaviour, runsPayload } from './traffic.ts'

const SPANS_PER_BATCH = 512
const BATCHES = 160
const ROUNDS = 15

const detector = (): Processor => loops.create(settingsOf(loops), testHost())

/** The processors in front of it, and the detector, over batches as the pipeline hands them on. */
function pipeline() {
  const before = [usage.create(settingsOf(usage), testHost()), tags.create(settingsOf(tags), testHost())]
  const subject = detector()
  const keys = new KeyTable(['tokenfuse.*', ...[...before, subject].flatMap((p) => p.wants ?? [])])
  for (const processor of [...before, subject]) processor.bind?.(keys)
  const items = new ItemBatch(keys)
  return {
    subject,
    upTo(request: Buffer): Batch {
      items.load(request, 'traces')
      const batch: Batch = { signal: 'traces', items, calls: [], steps: [], verdicts: [] }
      for (const processor of before) processor.process(batch)
      return batch
    },
  }
}

interface Spent {
  readonly perSpan: number
  readonly perCall: number
  readonly verdicts: number
}

/** The clock stands still while the processors in front work, so that the detector finds the batch as warm as it will be. */
function once(requests: readonly Buffer[]): Spent {
  const { subject, upTo } = pipeline()
  let us = 0
  let spans = 0
  let calls = 0
  let verdicts = 0
  for (const request of requests) {
    const batch = upTo(request)
    const from = process.cpuUsage()
    subject.process(batch)
    const { user, system } = process.cpuUsage(from)
    us += user + system
    spans += batch.items.count
    calls += batch.calls.length + batch.steps.length
    verdicts += batch.verdicts.length
  }
  return { perSpan: (us * 1000) / spans, perCall: (us * 1000) / calls, verdicts }
}

/** The fastest round: what other programs on the machine take away only ever adds. */
function spent(requests: readonly Buffer[]): Spent {
  const rounds = Array.from({ length: ROUNDS }, () => once(requests))
  return {
    perSpan: Math.min(...rounds.map((round) => round.perSpan)),
    perCall: Math.min(...rounds.map((round) => round.perCall)),
    verdicts: rounds[0]?.verdicts ?? 0,
  }
}

const BEHAVIOURS: readonly (readonly [string, Behaviour, number])[] = [
  ['healthy, in order', 'healthy', 0],
  ['healthy, shuffled within 16 spans', 'healthy', 16],
  ['spinning, in order', 'spinning', 0],
  ['spinning, shuffled within 16 spans', 'spinning', 16],
  ['always just below the thresholds', 'borderline', 0],
  ['no content at all, healthy', 'blind', 0],
]

export function cost(): void {
  const rows = [['what arrives', 'ns/span', 'ns per model or tool call', 'verdicts']]
  for (const [name, behaviour, jitter] of BEHAVIOURS) {
    const requests = Array.from({ length: BATCHES }, (_, i) => runsPayload(SPANS_PER_BATCH, behaviour, i, jitter))
    rows.push(row(name, spent(requests)))
  }
  const mixed = Array.from({ length: BATCHES }, (_, i) => tracePayload(SPANS_PER_BATCH, 'mixed', i + 1))
  rows.push(row('mixed with other spans, as in bench/codec', spent(mixed)))
  process.stdout.write(`${table(rows)}\n${memory(100_000)}`)
}

const row = (name: string, { perSpan, perCall, verdicts }: Spent): string[] => [
  ...[name, perSpan.toFixed(0), perCall.toFixed(0), String(verdicts)],
]

/** What the process holds more after so many runs of one call each than without the detector. */
function memory(runs: number): string {
  const bytes = heldAfter(runs, true) - heldAfter(runs, false)
  return `memory: ${(bytes / runs).toFixed(0)} bytes a run with ${runs} runs, ${(bytes / 2 ** 20).toFixed(0)} MiB\n`
}

function heldAfter(runs: number, isWatched: boolean): number {
  const { subject, upTo } = pipeline()
  const before = held()
  for (let i = 0; i < runs / 500; i++) {
    const batch = upTo(runsPayload(1000, 'one-each', i, 0))
    if (isWatched) subject.process(batch)
  }
  const bytes = held() - before
  // Used once more, so that they cannot be collected earlier.
  upTo(runsPayload(2, 'one-each', runs, 0))
  void subject.shutdown()
  return bytes
}

function held(): number {
  globalThis.gc?.()
  globalThis.gc?.()
  const { heapUsed, arrayBuffers } = process.memoryUsage()
  return heapUsed + arrayBuffers
}
