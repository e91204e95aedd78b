import type { Clock, Host, Logger, ServiceName } from './host.ts'
import { createRegistry, type Registry } from './telemetry/registry.ts'

/** What the engine needs of the outside world; a simulation brings its own. */
export interface Edges {
  readonly clock: Clock
  random(): number
  readonly log: Logger & { child(component: string): Logger }
  readonly memory: { rss(): number; readonly limit: number }
}

/** Makes the hosts of all components: one registry and one set of services between them, a name and a log for each. */
export class Hosts {
  readonly metrics: Registry = createRegistry()
  private readonly edges: Edges
  private readonly dataDir: string
  private readonly services = new Map<string, unknown>()

  constructor(edges: Edges, dataDir: string) {
    this.edges = edges
    this.dataDir = dataDir
  }

  of(id: string): Host {
    const { clock, random, log } = this.edges
    return {
      id,
      clock,
      random,
      log: log.child(id),
      metrics: this.metrics,
      dataDir: this.dataDir,
      service: (name) => this.service(name),
      provide: (name, service) => this.provide(name, service),
    }
  }

  service<T>(name: ServiceName<T>): T | undefined {
    return this.services.get(name.name) as T | undefined
  }

  provide<T>(name: ServiceName<T>, service: T): void {
    if (this.services.has(name.name))
      throw new Error(`two extensions offer the service "${name.name}"; configure only one`)
    this.services.set(name.name, service)
  }
}
