/**
 * The sidecar's own counters: plain numbers in memory, rendered only when somebody scrapes. A child (one label set) is
 * resolved once and kept by whoever counts, so that counting is one addition.
 */
export interface MetricChild {
  add(n: number): void
  set(n: number): void
  readonly value: number
}

export interface MetricFamily {
  readonly name: string
  /** The child for these label values, in the order in which the labels were declared. */
  child(...labelValues: string[]): MetricChild
}

export interface MetricRegistry {
  counter(name: string, help: string, labels?: readonly string[]): MetricFamily
  gauge(name: string, help: string, labels?: readonly string[]): MetricFamily
  /** A gauge or counter whose values are asked for at scrape time. */
  observe(
    type: 'counter' | 'gauge',
    name: string,
    help: string,
    labels: readonly string[],
    read: () => Iterable<{ readonly labels: readonly string[]; readonly value: number }>,
  ): void
}
