import type { Call } from '../genai/call.ts'
import type { Step } from '../genai/step.ts'
import { jsonToProto } from '../otlp/json/index.ts'
import type { Batch } from '../pipeline/batch.ts'
import type { Processor, Signal } from '../pipeline/component.ts'
import type { ServiceConfig } from '../pipeline/config/service-config.ts'
import type { Logger } from '../pipeline/host.ts'
import { type Edges, Hosts } from '../pipeline/hosts.ts'
import { type NamedProcessor, Pipeline } from '../pipeline/pipeline.ts'
import { type ManualClock, manualClock } from '../pipeline/runtime/manual-clock.ts'
import { nodePriceFiles } from '../pipeline/runtime/price-files.ts'
import { PRICE_FILES } from '../pipeline/services.ts'

/** Those that understand telemetry. The others act on the world: they keep ledgers, refuse, enforce. */
const REPLAYED = ['gen_ai_usage', 'token_pricing', 'business_tags', 'loop_detector']

type Replayed = Exclude<Signal, 'metrics'>
const ROOTS: Readonly<Record<string, Replayed>> = { resourceSpans: 'traces', resourceLogs: 'logs' }

/** The processors of a configuration over captured telemetry: nothing is received, sent or kept. */
export class ReplayPipelines {
  readonly calls: Call[] = []
  readonly steps: Step[] = []
  items = 0
  private readonly clock: ManualClock
  private readonly pipelines = new Map<Replayed, Pipeline>()
  private readonly processors: NamedProcessor[] = []

  constructor(config: ServiceConfig, log: Logger) {
    this.clock = manualClock(0)
    const edges: Edges = {
      clock: this.clock,
      random: () => 0.5,
      log: { ...log, child: () => log },
      memory: { rss: () => 0, limit: Number.POSITIVE_INFINITY },
    }
    const hosts = new Hosts(edges, '.')
    hosts.provide(PRICE_FILES, nodePriceFiles(this.clock))
    for (const signal of ['traces', 'logs'] as const) {
      const found = config.pipelines.find((pipeline) => pipeline.signal === signal)
      if (found !== undefined) this.pipelines.set(signal, this.pipeline(signal, found.processors, config, hosts, log))
    }
  }

  private pipeline(
    signal: Replayed,
    ids: readonly string[],
    config: ServiceConfig,
    hosts: Hosts,
    log: Logger,
  ): Pipeline {
    const processors = ids.flatMap((id) => {
      const entry = config.processors.get(id)
      if (entry === undefined || !REPLAYED.includes(entry.factory.type)) return []
      return [{ id, processor: entry.factory.create(entry.config, hosts.of(id)) }]
    })
    this.processors.push(...processors)
    processors.push({ id: 'steps', processor: new StepTaker(this.steps) })
    const take = (calls: readonly Call[]): void => void this.calls.push(...calls)
    return new Pipeline({
      id: signal,
      signal,
      processors,
      enforcers: [],
      metrics: hosts.metrics,
      log,
      sink: {
        admits: () => true,
        append({ calls }) {
          take(calls)
          return undefined
        },
      },
    })
  }

  async start(): Promise<void> {
    for (const { processor } of this.processors) await processor.start()
  }

  /** One OTLP/JSON request; what is wrong with it, or undefined. */
  feed(line: string): string | undefined {
    const root = /"(resourceSpans|resourceLogs)"/.exec(line.slice(0, 200))?.[1]
    const signal = root === undefined ? undefined : ROOTS[root]
    const pipeline = signal === undefined ? undefined : this.pipelines.get(signal)
    if (signal === undefined || pipeline === undefined) return 'neither traces nor logs that a pipeline takes'
    let bytes: Buffer
    try {
      bytes = jsonToProto(signal, Buffer.from(line))
    } catch (error) {
      return error instanceof Error ? error.message : String(error)
    }
    this.moveTo(latest(line))
    const { outcome, items } = pipeline.consume(bytes)
    this.items += items
    return !(outcome instanceof Promise) && outcome.kind === 'invalid' ? outcome.message : undefined
  }

  /** Everything that is held back goes, as at the end of a sidecar's life. */
  async end(): Promise<void> {
    for (const pipeline of this.pipelines.values()) await pipeline.drain()
    for (const { processor } of this.processors) await processor.shutdown()
  }

  /** Telemetry arrives when it says that it ended. */
  private moveTo(ms: number): void {
    if (ms > this.clock.now()) this.clock.advance(ms - this.clock.now())
    for (const pipeline of this.pipelines.values()) void pipeline.tick(this.clock.now())
  }
}

/** Stands behind the other processors: steps go no further than those. */
class StepTaker implements Processor {
  private readonly steps: Step[]

  constructor(steps: Step[]) {
    this.steps = steps
  }
  async start(): Promise<void> {}
  async shutdown(): Promise<void> {}
  process(batch: Batch): void {
    this.steps.push(...batch.steps)
  }
}

const TIMES = /"(?:endTimeUnixNano|timeUnixNano)"\s*:\s*"?(\d{16,20})/g

/** The latest time in a request, in milliseconds; 0 when there is none. */
function latest(line: string): number {
  let last = 0
  for (const [, nanos] of line.matchAll(TIMES)) last = Math.max(last, Number(nanos) / 1e6)
  return last
}
