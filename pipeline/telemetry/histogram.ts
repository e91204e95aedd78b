import { type Exemplar, type Sample, valueText, withLabel } from './exposition.ts'

/** A cumulative histogram with an exemplar per bucket. Counting is one search over a dozen bounds and one addition. */
export class Histogram {
  private readonly bounds: readonly number[]
  private readonly counts: Float64Array
  private readonly exemplars: (Exemplar | undefined)[] = []
  private sum = 0

  constructor(bounds: readonly number[]) {
    this.bounds = bounds
    this.counts = new Float64Array(bounds.length + 1)
  }

  observe(value: number, exemplar?: Exemplar): void {
    let bucket = 0
    while (bucket < this.bounds.length && value > (this.bounds[bucket] as number)) bucket++
    this.counts[bucket] = (this.counts[bucket] as number) + 1
    this.sum += value
    if (exemplar !== undefined) this.exemplars[bucket] = exemplar
  }

  get count(): number {
    return this.counts.reduce((a, b) => a + b, 0)
  }

  /** Buckets, then sum and count. `sum` replaces the sum of doubles where an exact one is known. */
  *samples(labels: string, sum: number | string = this.sum): Iterable<Sample> {
    let below = 0
    for (let bucket = 0; bucket < this.counts.length; bucket++) {
      below += this.counts[bucket] as number
      const le = valueText(this.bounds[bucket] ?? Number.POSITIVE_INFINITY)
      yield { suffix: '_bucket', labels: withLabel(labels, 'le', le), value: below, exemplar: this.exemplars[bucket] }
    }
    yield { suffix: '_sum', labels, value: sum }
    yield { suffix: '_count', labels, value: below }
  }
}
