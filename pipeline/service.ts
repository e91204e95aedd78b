import { join } from 'node:path'
import { protoToJson } from '../otlp/json/index.ts'
import type { Component, Consumers, Exporter, Signal } from './component.ts'
import type { PipelineConfig, ServiceConfig } from './config/service-config.ts'
import { type Edges, Hosts } from './hosts.ts'
import { Pipeline } from './pipeline.ts'
import { priceBoard } from './price-board.ts'
import { type Log, nodeDisk, openLog, queueSettingsOf } from './queue/index.ts'
import { FanIn } from './receiving.ts'
import { nodePriceFiles } from './runtime/price-files.ts'
import { HEALTH, type Health, MEMORY, PRICE_BOARD, PRICE_FILES } from './services.ts'
import { registerProcessMetrics } from './telemetry/process-metrics.ts'
import type { Registry } from './telemetry/registry.ts'
import { type MetricsServer, serveMetrics } from './telemetry/server.ts'
import { Ticker } from './ticker.ts'

const MIB = 1024 * 1024
/** Records kept in memory beside the log, over all pipelines: what a short hiccup of an exporter never needs to read back. */
const HOT_BYTES = 24 * MIB
const PLACES_INTERVAL_MS = 1000
const DEAD_LETTER_BYTES = 64 * MIB

/** A whole sidecar, built and not yet started. */
export interface Service extends Component {
  readonly metrics: Registry
  readonly health: Health
}

interface Named<C extends Component> {
  readonly id: string
  readonly component: C
}

/** How long shutdown waits for exporters to take what is queued; the rest stays on disk. */
export interface ServiceOptions {
  readonly drainMs: number
}

/**
 * Builds everything that a configuration names: extensions first (they offer services), then exporters, pipelines and
 * receivers. Creating touches no network. Starts in that order, so that nothing is accepted before everything behind it
 * runs, and stops in reverse.
 */
export function buildService(config: ServiceConfig, edges: Edges, options: ServiceOptions): Service {
  const hosts = new Hosts(edges, config.service.data_directory)
  const state = { value: 'starting' as ReturnType<Health['state']> }
  const health = healthOf(state, edges, config)
  hosts.provide(HEALTH, health)
  hosts.provide(MEMORY, edges.memory)
  hosts.provide(PRICE_FILES, nodePriceFiles(edges.clock))
  hosts.provide(PRICE_BOARD, priceBoard())
  registerProcessMetrics(hosts.metrics, edges.clock, process)

  const extensions = config.service.extensions.flatMap((id) => {
    const entry = config.extensions.get(id)
    return entry === undefined ? [] : [{ id, component: entry.factory.create(entry.config, hosts.of(id)) }]
  })
  const exporters = new Map(used(config, 'exporters').map((id) => [id, createExporter(config, hosts, id)]))
  const built = config.pipelines.map((pipeline) => buildPipeline(pipeline, config, edges, hosts, exporters))
  const receivers = used(config, 'receivers').flatMap((id) => {
    const entry = config.receivers.get(id)
    return entry === undefined
      ? []
      : [{ id, component: entry.factory.create(entry.config, hosts.of(id), consumersOf(id, built, hosts)) }]
  })
  const exporterList = [...exporters].map(([id, component]) => ({ id, component }))
  const processors = built.flatMap((p) => p.processors)
  const queues = built.map((p) => ({
    id: `queue of ${p.config.id}`,
    component: queueComponent(p.log, options.drainMs),
  }))
  const own = { id: 'service.telemetry', component: telemetryComponent(config, hosts.metrics, edges) }
  const order: readonly Named<Component>[] = [
    own,
    ...extensions,
    ...exporterList,
    ...queues,
    ...processors,
    ...built.map(({ config: { id }, pipeline }) => ({ id: `pipeline ${id}`, component: new Ticker(pipeline, edges) })),
    ...receivers,
  ]
  return { metrics: hosts.metrics, health, ...lifecycle(order, state, edges) }
}

interface BuiltPipeline {
  readonly config: PipelineConfig
  readonly pipeline: Pipeline
  readonly log: Log
  readonly processors: readonly Named<Component>[]
}

function buildPipeline(
  pipeline: PipelineConfig,
  config: ServiceConfig,
  edges: Edges,
  hosts: Hosts,
  exporters: ReadonlyMap<string, Exporter>,
): BuiltPipeline {
  const processors = pipeline.processors.flatMap((id) => {
    const entry = config.processors.get(id)
    return entry === undefined ? [] : [{ id, processor: entry.factory.create(entry.config, hosts.of(id)) }]
  })
  const log = openPipelineLog(pipeline, config, edges, hosts)
  const enforcers: Exporter[] = []
  for (const id of pipeline.exporters) {
    const exporter = exporters.get(id)
    if (exporter === undefined) continue
    log.attach({
      id,
      exporter,
      settings: queueSettingsOf(config.exporters.get(id)?.config),
      reads: exporter.reads ?? 'everything',
    })
    if (exporter.enforce !== undefined) enforcers.push(exporter)
  }
  return {
    config: pipeline,
    log,
    pipeline: new Pipeline({
      id: pipeline.id,
      signal: pipeline.signal,
      processors,
      enforcers,
      sink: log,
      metrics: hosts.metrics,
      log: edges.log.child(`pipeline ${pipeline.id}`),
    }),
    processors: processors.map(({ id, processor }) => ({ id, component: processor })),
  }
}

function openPipelineLog(pipeline: PipelineConfig, config: ServiceConfig, edges: Edges, hosts: Hosts): Log {
  const { queue } = config.service
  const share = config.pipelines.length
  return openLog({
    pipeline: pipeline.id,
    signal: pipeline.signal,
    directory: join(queue.directory, pipeline.id.replace('/', '-')),
    ack: queue.ack,
    maxBytes: Math.floor((queue.max_size_mib * MIB) / share),
    segmentBytes: queue.segment_size_mib * MIB,
    hotBytes: Math.floor(HOT_BYTES / share),
    fsyncIntervalMs: queue.fsync_interval,
    placesIntervalMs: PLACES_INTERVAL_MS,
    deadLetterBytes: DEAD_LETTER_BYTES,
    disk: nodeDisk,
    clock: edges.clock,
    random: edges.random,
    log: edges.log.child(`queue ${pipeline.id}`),
    metrics: hosts.metrics,
    toJson: (signal, bytes) => Buffer.from(protoToJson(signal, bytes)),
  })
}

function createExporter(config: ServiceConfig, hosts: Hosts, id: string): Exporter {
  const entry = config.exporters.get(id)
  if (entry === undefined) throw new Error(`exporter ${id} is not configured`)
  return entry.factory.create(entry.config, hosts.of(id))
}

/** Ids that some pipeline uses, each once. */
function used(config: ServiceConfig, kind: 'receivers' | 'exporters'): readonly string[] {
  return [...new Set(config.pipelines.flatMap((pipeline) => pipeline[kind]))]
}

function consumersOf(receiver: string, built: readonly BuiltPipeline[], hosts: Hosts): Consumers {
  const consumers: Partial<Record<Signal, FanIn>> = {}
  for (const signal of ['traces', 'logs', 'metrics'] as const) {
    const mine = built.filter((p) => p.config.signal === signal && p.config.receivers.includes(receiver))
    if (mine.length === 0) continue
    consumers[signal] = new FanIn(
      receiver,
      signal,
      mine.map((p) => p.pipeline),
      hosts.metrics,
    )
  }
  return consumers
}

function queueComponent(log: Log, drainMs: number): Component {
  return {
    async start() {
      log.start()
    },
    shutdown: () => log.shutdown(drainMs),
  }
}

function telemetryComponent(config: ServiceConfig, metrics: Registry, edges: Edges): Component {
  const settings = config.service.telemetry.metrics
  let server: MetricsServer | undefined
  return {
    async start() {
      if (settings.level === 'none') return
      const onError = (error: unknown): void =>
        edges.log.error('own metrics could not be served', { error: String(error) })
      const render = (format: Parameters<Registry['render']>[0]): string =>
        metrics.render(format, !settings.without_type_suffix)
      server = await serveMetrics({ endpoint: settings.endpoint, path: '/metrics', render, onError })
    },
    async shutdown() {
      await server?.close()
      server = undefined
    },
  }
}

function healthOf(state: { readonly value: ReturnType<Health['state']> }, edges: Edges, config: ServiceConfig): Health {
  const startedMs = edges.clock.now()
  return {
    ready: () => state.value === 'ready',
    state: () => state.value,
    detail: () => ({
      uptime_seconds: Math.round((edges.clock.now() - startedMs) / 1000),
      pipelines: config.pipelines.map((pipeline) => pipeline.id),
    }),
  }
}

/** Starts in order; a start that fails stops what had started and rejects. Stops in reverse, and every part though one fails. */
function lifecycle(
  order: readonly Named<Component>[],
  state: { value: ReturnType<Health['state']> },
  edges: Edges,
): Component {
  let stopping: Promise<void> | undefined
  const stop = async (parts: readonly Named<Component>[]): Promise<void> => {
    for (const { id, component } of parts.toReversed()) {
      try {
        await component.shutdown()
      } catch (error) {
        edges.log.error(`${id} did not shut down cleanly`, { error: String(error) })
      }
    }
  }
  return {
    async start() {
      for (const [i, { id, component }] of order.entries()) {
        try {
          await component.start()
        } catch (error) {
          state.value = 'stopping'
          await stop(order.slice(0, i + 1))
          throw new Error(`${id}: ${error instanceof Error ? error.message : String(error)}`)
        }
      }
      state.value = 'ready'
    },
    shutdown() {
      state.value = 'stopping'
      stopping ??= stop(order)
      return stopping
    },
  }
}
