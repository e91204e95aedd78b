import { components } from '../../cmd/components.ts'
import { ItemBatch } from '../../otlp/batch.ts'
import { KeyTable } from '../../otlp/keys.ts'
import type { Batch } from '../../pipeline/batch.ts'
import type { Processor } from '../../pipeline/component.ts'
import { loadConfig } from '../../pipeline/config/service.ts'
import { Hosts } from '../../pipeline/hosts.ts'
import { systemClock } from '../../pipeline/runtime/clock.ts'
import { createLogger } from '../../pipeline/runtime/logger.ts'
import { MEMORY } from '../../pipeline/services.ts'

const CONFIG = `
receivers: { otlp: { protocols: { http: } } }
processors:
  memory_limiter: { limit_percentage: 80 }
  gen_ai_usage:
  token_pricing:
  business_tags:
  loop_detector: { on_critical: kill, min_wasted_usd: 0.05 }
  budget: { budgets: [ { id: run-cap, scope: [run], limit_usd: 500000, period: lifetime, on_exceed: kill }, { id: month, limit_usd: 9000000, period: month, on_exceed: kill } ] }
exporters: { debug: }
extensions: { ledger: }
service:
  extensions: [ledger]
  pipelines: { traces: { receivers: [otlp], processors: [memory_limiter, gen_ai_usage, token_pricing, business_tags, loop_detector, budget], exporters: [debug] } }
`

/** As the pipeline does: one buffer, used over and over. */
let room = Buffer.allocUnsafe(1024 * 1024)
function scratch(bytes: number): Buffer {
  if (bytes > room.length) room = Buffer.allocUnsafe(bytes)
  return room.subarray(0, bytes)
}

export interface Bench {
  /** Names of the processors in pipeline order. */
  readonly names: readonly string[]
  /** What a pipeline does with one request up to the queue, with the first `count` processors. */
  process(request: Buffer, count: number): Buffer
  /** The scan alone. */
  scan(request: Buffer): number
  readonly items: ItemBatch
  stop(): Promise<void>
}

/** The processors of the example configuration as the engine builds them, with everything they keep in `directory`. */
export async function benchProcessors(directory: string): Promise<Bench> {
  const loaded = loadConfig(
    { configs: [`yaml:${CONFIG}`], sets: [`service.data_directory=${directory}`] },
    components,
    { readFile: () => '', env: {} },
  )
  if (!loaded.ok) throw new Error(loaded.problems.map((p) => p.message).join('\n'))
  const log = createLogger({
    level: 'error',
    encoding: 'console',
    clock: systemClock,
    write: (line) => void process.stderr.write(line),
  })
  const memory = { rss: () => 0, limit: 1 }
  const hosts = new Hosts({ clock: systemClock, random: Math.random, log, memory }, directory)
  hosts.provide(MEMORY, memory)
  const extensions = [...loaded.config.extensions.values()].map((e) => e.factory.create(e.config, hosts.of(e.id)))
  const processors: Processor[] = [...loaded.config.processors.values()].map((p) =>
    p.factory.create(p.config, hosts.of(p.id)),
  )
  for (const component of [...extensions, ...processors]) await component.start()
  const keys = new KeyTable(['tokenfuse.*', 'gen_ai.usage.cost', ...processors.flatMap((p) => p.wants ?? [])])
  for (const processor of processors) processor.bind?.(keys)
  const items = new ItemBatch(keys)
  return {
    names: [...loaded.config.processors.keys()],
    items,
    process(request, count) {
      items.load(request, 'traces')
      const batch: Batch = { signal: 'traces', items, calls: [], steps: [], verdicts: [] }
      for (let p = 0; p < count; p++) processors[p]?.process(batch)
      return items.spliced(scratch)
    },
    scan(request) {
      items.load(request, 'traces')
      return items.count
    },
    async stop() {
      for (const component of [...processors, ...extensions]) await component.shutdown()
    },
  }
}
