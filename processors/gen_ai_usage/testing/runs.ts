import type { Call } from '../../../genai/call.ts'
import { Pipeline } from '../../../pipeline/pipeline.ts'
import type { Accepted, Ack } from '../../../pipeline/queue/index.ts'
import { openLog } from '../../../pipeline/queue/open.ts'
import { WIRE_SETTINGS } from '../../../pipeline/queue/settings.ts'
import type { MemoryDisk } from '../../../pipeline/queue/testing/memory-disk.ts'
import { testHost } from '../../../test/support/host.ts'
import { type SpanSpec, traceRequest } from '../../../test/support/spans.ts'
import { factory } from '../index.ts'

export const GRACE_MS = 60_000
const ID = 'gen_ai_usage'

const usage = (operation: string, more: SpanSpec): SpanSpec => ({
  ...more,
  attributes: {
    'gen_ai.operation.name': operation,
    'gen_ai.provider.name': 'openai',
    'gen_ai.request.model': 'gpt-4o',
    'gen_ai.usage.input_tokens': 1000,
    'gen_ai.usage.output_tokens': 100,
    ...more.attributes,
  },
})
export const agent = (id: string, more: SpanSpec = {}): SpanSpec => usage('invoke_agent', { id, ...more })
export const chat = (id: string, parent: string, more: SpanSpec = {}): SpanSpec =>
  usage('chat', { id, parent, ...more })

/** One run of a sidecar with a disk that outlives it. Killed: nothing of it touches the disk any more. */
export function run(disk: MemoryDisk, startMs = 0, ack: Ack = 'written', maxBytes = 4_000_000) {
  const host = testHost()
  host.clock.advance(startMs)
  const { disk: mounted, kill } = disk.mounted()
  const log = openLog({
    pipeline: 'traces',
    signal: 'traces',
    directory: '/q',
    ack,
    maxBytes,
    segmentBytes: 100_000,
    hotBytes: 100_000,
    fsyncIntervalMs: 0,
    placesIntervalMs: 1000,
    deadLetterBytes: 100_000,
    disk: mounted,
    clock: host.clock,
    random: () => 0.5,
    log: host.log,
    metrics: host.metrics,
    toJson: () => Buffer.alloc(0),
  })
  // Never answers, so that everything stays in the log.
  const exporter = { export: () => new Promise<never>(() => undefined) }
  log.attach({ id: 'x', exporter, settings: WIRE_SETTINGS, reads: 'everything' })
  const taken: Accepted[] = []
  const pipeline = new Pipeline({
    id: 'traces',
    signal: 'traces',
    processors: [{ id: ID, processor: factory.create({ max_entries: 4096, rollup_grace: GRACE_MS }, host) }],
    enforcers: [],
    sink: {
      admits: (bytes) => log.admits(bytes),
      append(batch) {
        const answer = log.append(batch)
        if (answer !== 'full') taken.push(batch)
        return answer
      },
      heldBy: (id) => log.heldBy(id),
      keep: (held) => log.keep(held),
    },
    metrics: host.metrics,
    log: host.log,
  })
  const calls = (): readonly Call[] => taken.flatMap((batch) => batch.calls)
  return {
    host,
    log,
    kill,
    calls,
    send: (...spans: SpanSpec[]) => pipeline.consume(traceRequest(spans)).outcome,
    drain: () => pipeline.drain(),
    pass(ms: number) {
      host.clock.advance(ms)
      return pipeline.tick(host.clock.now())
    },
    /** `bill` of every call, with the span it is of. */
    bills: () =>
      calls().map(({ spanId, bill, correctionOf }) => [spanId.slice(-1), correctionOf ? 'correction' : bill]),
    billed: () => calls().filter(({ bill }) => bill === 'billed'),
  }
}
