import { OTHER } from './family.ts'

/** Longer values are cut, so that no sender decides how long the page is. */
const VALUE_CHARS_MAX = 128
const NONE = 0
const REST = 1

/**
 * The values of one label as small numbers: 0 is "none", 1 is `__other__`, the first `max` distinct values get their own.
 * A value whose last series is gone gives its number back.
 */
export class BoundedLabel {
  readonly name: string
  /** Numbers are below this. */
  readonly space: number
  /** Lookups that found no room. */
  overflow = 0
  private readonly max: number
  private readonly ids = new Map<string, number>()
  private readonly values: string[] = ['', OTHER]
  private readonly users: number[] = [0, 0]
  private readonly free: number[] = []

  constructor(name: string, max: number) {
    this.name = name
    this.max = max
    this.space = max + 2
  }

  idOf(value: string | undefined): number {
    if (value === undefined || value === '') return NONE
    const cut = value.length > VALUE_CHARS_MAX ? value.slice(0, VALUE_CHARS_MAX) : value
    const known = this.ids.get(cut)
    if (known !== undefined) return known
    if (cut === OTHER) return REST
    if (this.ids.size >= this.max) {
      this.overflow++
      return REST
    }
    const id = this.free.pop() ?? this.values.length
    this.ids.set(cut, id)
    this.values[id] = cut
    this.users[id] = 0
    return id
  }

  textOf(id: number): string {
    return this.values[id] ?? OTHER
  }

  retain(id: number): void {
    this.users[id] = (this.users[id] ?? 0) + 1
  }

  /** Call after the last `retain` was undone, or for an id that was never retained. */
  release(id: number): void {
    const left = Math.max(0, (this.users[id] ?? 0) - 1)
    this.users[id] = left
    if (left > 0 || id <= REST) return
    const value = this.values[id]
    if (value !== undefined && this.ids.delete(value)) this.free.push(id)
  }
}
