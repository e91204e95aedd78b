import type { MetricChild, MetricFamily } from './metrics.ts'

/** The value of every label of the child that takes what is beyond a bound. */
export const OTHER = '__other__'

/** One label set with its value, as another exposition may repeat it. */
export interface Reading {
  readonly labels: readonly string[]
  readonly value: number
}

class Child implements MetricChild {
  value = 0
  readonly labels: readonly string[]
  constructor(labels: readonly string[]) {
    this.labels = labels
  }
  add(n: number): void {
    this.value += n
  }
  set(n: number): void {
    this.value = n
  }
}

/**
 * All label sets of one name. Beyond its bound every further label set shares one child whose labels are all `__other__`,
 * so that sums stay exact while memory does not grow.
 */
export class Family implements MetricFamily {
  readonly type: 'counter' | 'gauge'
  readonly name: string
  readonly help: string
  readonly labels: readonly string[]
  /** Asked at every scrape. */
  readonly readers: (() => Iterable<Reading>)[] = []
  private readonly children = new Map<string, Child>()
  private readonly childrenMax: number
  private readonly onOverflow: () => void

  constructor(
    type: Family['type'],
    name: string,
    help: string,
    labels: readonly string[],
    childrenMax: number,
    onOverflow: () => void,
  ) {
    this.type = type
    this.name = name
    this.help = help
    this.labels = labels
    this.childrenMax = childrenMax
    this.onOverflow = onOverflow
  }

  child(...labelValues: string[]): Child {
    if (labelValues.length !== this.labels.length) {
      throw new Error(`${this.name} has ${this.labels.length} labels, got ${labelValues.length} values`)
    }
    const known = this.children.get(keyOf(labelValues))
    if (known !== undefined) return known
    if (this.children.size < this.childrenMax) return this.add(labelValues)
    this.onOverflow()
    const other = this.labels.map(() => OTHER)
    return this.children.get(keyOf(other)) ?? this.add(other)
  }

  /** Children first, then what readers say; equal label sets are added up, because a series may appear only once. */
  *readings(onError: () => void): Iterable<Reading> {
    if (this.readers.length === 0) return yield* this.children.values()
    const merged = new Map<string, { labels: readonly string[]; value: number }>()
    const take = ({ labels, value }: Reading): void => {
      const known = merged.get(keyOf(labels))
      if (known === undefined) merged.set(keyOf(labels), { labels, value })
      else known.value += value
    }
    for (const child of this.children.values()) take(child)
    for (const read of this.readers) {
      try {
        for (const reading of read()) take(reading)
      } catch {
        onError()
      }
    }
    yield* merged.values()
  }

  private add(labelValues: readonly string[]): Child {
    const child = new Child([...labelValues])
    this.children.set(keyOf(labelValues), child)
    return child
  }
}

// U+FFFF is not a character, so no label value has one by accident.
const keyOf = (values: readonly string[]): string => values.join('\uffff')
