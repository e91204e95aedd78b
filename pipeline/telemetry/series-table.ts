import type { BoundedLabel } from './bounded-label.ts'
import { labelText } from './exposition.ts'
import { OTHER } from './family.ts'

/** A label of a table. Two labels may share one bound: `gen_ai_request_model` and `model` know the same models. */
export interface TableLabel {
  readonly name: string
  readonly bound: BoundedLabel
}

/** What is counted for one combination of label values. */
export interface Series<T> {
  /** Ready to be written: `{provider="openai",…}`. */
  readonly labels: string
  readonly ids: readonly number[]
  readonly counted: T
  lastMs: number
}

/**
 * Series by label values: one lookup per call finds everything that is counted for it. Beyond `max` combinations the
 * rest share one series whose labels are all `__other__`.
 */
export class SeriesTable<T> {
  private readonly labels: readonly TableLabel[]
  private readonly max: number
  private readonly make: () => T
  private readonly byKey = new Map<number, Series<T>>()
  private rest: Series<T> | undefined
  private readonly ids: number[]

  constructor(labels: readonly TableLabel[], max: number, make: () => T) {
    this.labels = labels
    this.max = max
    this.make = make
    this.ids = labels.map(() => 0)
  }

  get size(): number {
    return this.byKey.size + (this.rest === undefined ? 0 : 1)
  }

  /** What is counted for these values, in the order of the labels. */
  at(values: readonly (string | undefined)[], nowMs: number): T {
    let key = 0
    for (let i = 0; i < this.labels.length; i++) {
      const { bound } = this.labels[i] as TableLabel
      const id = bound.idOf(values[i])
      this.ids[i] = id
      key = key * bound.space + id
    }
    const series = this.byKey.get(key) ?? this.add(key)
    series.lastMs = nowMs
    return series.counted
  }

  *[Symbol.iterator](): Iterator<Series<T>> {
    yield* this.byKey.values()
    if (this.rest !== undefined) yield this.rest
  }

  /** Forgets series that nothing was added to since `sinceMs`. The shared one stays. */
  expire(sinceMs: number): void {
    for (const [key, series] of this.byKey) {
      if (series.lastMs >= sinceMs) continue
      this.byKey.delete(key)
      series.ids.forEach((id, i) => {
        this.labels[i]?.bound.release(id)
      })
    }
  }

  private add(key: number): Series<T> {
    if (this.byKey.size >= this.max) return this.shared()
    const ids = [...this.ids]
    ids.forEach((id, i) => {
      this.labels[i]?.bound.retain(id)
    })
    const series = this.series(
      ids,
      ids.map((id, i) => this.labels[i]?.bound.textOf(id) ?? ''),
    )
    this.byKey.set(key, series)
    return series
  }

  private shared(): Series<T> {
    // The values that were just given a number and have no series keep others from getting one: give the number back.
    this.ids.forEach((id, i) => {
      const bound = this.labels[i]?.bound
      bound?.retain(id)
      bound?.release(id)
    })
    this.rest ??= this.series(
      [],
      this.labels.map(() => OTHER),
    )
    return this.rest
  }

  private series(ids: readonly number[], values: readonly string[]): Series<T> {
    const names = this.labels.map(({ name }) => name)
    return { labels: labelText(names, values), ids, counted: this.make(), lastMs: 0 }
  }
}
