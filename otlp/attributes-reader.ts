import type { ItemBatch } from './batch.ts'
import type { KeyTable } from './keys.ts'

/**
 * The wanted attributes of one item at a time, by key number. An item's hits are spread into a table once, so that
 * asking for sixty aliases costs sixty array reads and not sixty searches.
 */
export class AttributesReader {
  private readonly slot: Int32Array
  private readonly stamp: Uint32Array
  private generation = 0
  private batch: ItemBatch | undefined = undefined

  constructor(keys: KeyTable) {
    this.slot = new Int32Array(keys.size)
    this.stamp = new Uint32Array(keys.size)
  }

  load(batch: ItemBatch, item: number): void {
    this.batch = batch
    this.generation = (this.generation + 1) >>> 0
    if (this.generation === 0) this.stamp.fill(0)
    const { index } = batch
    const from = index.itemHitFrom[item] as number
    // Backwards, so that of a repeated key the first one stays.
    for (let h = (index.itemHitTo[item] as number) - 1; h >= from; h--) {
      const key = index.hitKey[h] as number
      this.slot[key] = h
      this.stamp[key] = this.generation
    }
  }

  /** The hit of a key, -1 = absent. Key -1 (nobody wants it) is always absent. */
  hit(key: number): number {
    return key >= 0 && this.stamp[key] === this.generation ? (this.slot[key] as number) : -1
  }

  has(key: number): boolean {
    return this.hit(key) >= 0
  }

  /** A string value that is not empty. */
  text(key: number): string | undefined {
    const hit = this.hit(key)
    if (hit < 0) return undefined
    const text = this.batch?.textOf(hit)
    return text === '' ? undefined : text
  }

  /** The first of several keys that has a non-empty string. */
  firstText(keys: readonly number[]): string | undefined {
    for (const key of keys) {
      const text = this.text(key)
      if (text !== undefined) return text
    }
    return undefined
  }

  /**
   * A count: a whole number of 0 or more, whatever type it was sent as. Senders write strings, doubles, "" and NaN; what
   * is no count is absent, never 0.
   */
  count(key: number): number | undefined {
    const hit = this.hit(key)
    if (hit < 0 || this.batch === undefined) return undefined
    const { index } = this.batch
    switch (index.hitType[hit]) {
      case 1:
        return parseCount(this.batch.textOf(hit) ?? '')
      case 3:
      case 4:
        return asCount(index.hitNum[hit] as number)
      default:
        return undefined
    }
  }

  firstCount(keys: readonly number[]): number | undefined {
    for (let k = 0; k < keys.length; k++) {
      const count = this.count(keys[k] as number)
      if (count !== undefined) return count
    }
    return undefined
  }

  /** A finite number of any type. */
  number(key: number): number | undefined {
    const hit = this.hit(key)
    if (hit < 0 || this.batch === undefined) return undefined
    const { index } = this.batch
    if (index.hitType[hit] === 1) {
      const text = (this.batch.textOf(hit) ?? '').trim()
      const value = text === '' ? Number.NaN : Number(text)
      return Number.isFinite(value) ? value : undefined
    }
    const value = index.hitNum[hit] as number
    return Number.isFinite(value) && index.hitType[hit] !== 2 ? value : undefined
  }
}

const asCount = (value: number): number | undefined => (Number.isSafeInteger(value) && value >= 0 ? value : undefined)

function parseCount(text: string): number | undefined {
  return /^\s*\d{1,16}(\.0+)?\s*$/.test(text) ? asCount(Number(text)) : undefined
}
