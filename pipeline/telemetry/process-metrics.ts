import type { Clock } from '../host.ts'
import type { MetricRegistry } from './metrics.ts'

/** What this module asks the process; `process` itself fits. */
export interface ProcessInfo {
  cpuUsage(): { readonly user: number; readonly system: number }
  memoryUsage(): {
    readonly rss: number
    readonly heapUsed: number
    readonly heapTotal: number
    readonly external: number
  }
}

/**
 * The process under the collector's names, so that dashboards made for a collector show it. Names carry no unit beyond
 * what the collector's own reader gives them (`otelcol_process_uptime` is in seconds, `otelcol_process_memory_rss` in
 * bytes). The Go runtime's total of allocated bytes has no counterpart in V8 and is left out rather than invented.
 */
export function registerProcessMetrics(metrics: MetricRegistry, clock: Clock, info: ProcessInfo): void {
  const startedAt = clock.monotonic()
  // One reading serves the four gauges of a scrape: memoryUsage walks the whole of /proc/self/statm and the heap spaces.
  const memory = cached(clock, () => info.memoryUsage())
  const one = (type: 'counter' | 'gauge', name: string, help: string, read: () => number): void =>
    metrics.observe(type, name, help, [], () => [{ labels: [], value: read() }])

  one(
    'counter',
    'otelcol_process_uptime',
    'Seconds since the sidecar started.',
    () => (clock.monotonic() - startedAt) / 1000,
  )
  one('counter', 'otelcol_process_cpu_seconds', 'CPU time, user and system, of all threads, in seconds.', () => {
    const { user, system } = info.cpuUsage()
    return (user + system) / 1e6
  })
  one('gauge', 'otelcol_process_memory_rss', 'Resident memory of the process in bytes.', () => memory().rss)
  one(
    'gauge',
    'otelcol_process_runtime_heap_alloc_bytes',
    'Bytes in use on the JavaScript heap of the main thread.',
    () => memory().heapUsed,
  )
  one(
    'gauge',
    'otelcol_process_runtime_total_sys_memory_bytes',
    'Bytes reserved for the JavaScript heap and for buffers.',
    () => {
      const { heapTotal, external } = memory()
      return heapTotal + external
    },
  )
}

const FRESH_MS = 50

function cached<T>(clock: Clock, read: () => T): () => T {
  let value: T | undefined
  let readAt = Number.NEGATIVE_INFINITY
  return () => {
    const now = clock.monotonic()
    if (value === undefined || now - readAt > FRESH_MS) {
      value = read()
      readAt = now
    }
    return value
  }
}
