import type { Host, Logger, ServiceName } from '../../pipeline/host.ts'
import { type ManualClock, manualClock } from '../../pipeline/runtime/manual-clock.ts'
import type { MetricFamily, MetricRegistry } from '../../pipeline/telemetry/metrics.ts'

export interface LogLine {
  readonly level: string
  readonly message: string
  readonly fields: unknown
}

export interface TestHost extends Host {
  readonly clock: ManualClock
  readonly lines: LogLine[]
  /** The value of one child, 0 when it was never touched. */
  metric(name: string, ...labels: string[]): number
}

/** A host that keeps what it is told: time by hand, logs in a list, metrics to ask for. */
export function testHost(id = 'test', dataDir = ''): TestHost {
  const lines: LogLine[] = []
  const values = new Map<string, number>()
  const services = new Map<string, unknown>()
  const clock = manualClock()
  const logger: Logger = {
    debug: (message, fields) => lines.push({ level: 'debug', message, fields }),
    info: (message, fields) => lines.push({ level: 'info', message, fields }),
    warn: (message, fields) => lines.push({ level: 'warn', message, fields }),
    error: (message, fields) => lines.push({ level: 'error', message, fields }),
  }
  const family = (name: string): MetricFamily => ({
    name,
    child(...labels) {
      const key = JSON.stringify([name, ...labels])
      return {
        add: (n) => values.set(key, (values.get(key) ?? 0) + n),
        set: (n) => values.set(key, n),
        get value() {
          return values.get(key) ?? 0
        },
      }
    },
  })
  const observers = new Map<string, () => Iterable<{ readonly labels: readonly string[]; readonly value: number }>>()
  const metrics: MetricRegistry = {
    counter: family,
    gauge: family,
    observe: (_type, name, _help, _labels, read) => observers.set(name, read),
  }
  return {
    id,
    clock,
    random: () => 0.5,
    log: logger,
    metrics,
    dataDir,
    lines,
    service: <T>(name: ServiceName<T>) => services.get(name.name) as T | undefined,
    provide: (name, service) => void services.set(name.name, service),
    metric(name, ...labels) {
      const observed = observers.get(name)
      if (observed !== undefined) {
        for (const { labels: have, value } of observed())
          if (JSON.stringify(have) === JSON.stringify(labels)) return value
      }
      return values.get(JSON.stringify([name, ...labels])) ?? 0
    },
  }
}
