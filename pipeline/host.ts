import type { MetricRegistry } from './telemetry/metrics.ts'

/** Time as an argument: simulations and tests bring their own. */
export interface Clock {
  /** Milliseconds since the epoch. */
  now(): number
  /** Milliseconds that never run backwards. */
  monotonic(): number
  /** Runs `fn` once after `ms`; returns what cancels it. Never keeps the process alive. */
  after(ms: number, fn: () => void): () => void
}

export interface Logger {
  debug(message: string, fields?: Readonly<Record<string, unknown>>): void
  info(message: string, fields?: Readonly<Record<string, unknown>>): void
  warn(message: string, fields?: Readonly<Record<string, unknown>>): void
  error(message: string, fields?: Readonly<Record<string, unknown>>): void
}

/** What the engine hands a component, and all it may touch besides its own arguments. */
export interface Host {
  /** Full id, e.g. `otlp_http/langfuse`. */
  readonly id: string
  readonly clock: Clock
  /** Uniform in [0, 1). */
  random(): number
  readonly log: Logger
  readonly metrics: MetricRegistry
  /** Directory for what must survive; relative paths in a config are relative to the working directory. */
  readonly dataDir: string
  /** The service that an extension offers under this name (see services.ts); undefined when none is configured. */
  service<T>(name: ServiceName<T>): T | undefined
  /** Extensions call it in `create`, so that others find the service in their `start`. */
  provide<T>(name: ServiceName<T>, service: T): void
}

/** A typed name, so that `service(LEDGER)` yields a Ledger. */
export interface ServiceName<T> {
  readonly name: string
  /** Never present; carries the type. */
  readonly type?: T
}
