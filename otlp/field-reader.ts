import type { ItemBatch } from './batch.ts'
import type { ItemIndex } from './item-index.ts'
import type { KeyTable } from './keys.ts'

const STRING = 1
const BOOL = 2
const INT = 3
const DOUBLE = 4

/**
 * Reads an item's attributes by meaning instead of by name. A field is a list of attribute names in order of
 * precedence; which of an item's attributes serves which field is found by going through the attributes once, however
 * many spellings a field has. Of a repeated key the first one counts.
 *
 * Fields are numbers (positions in the list given); one reader serves item after item.
 */
export class FieldReader {
  private readonly hits: Int32Array
  private readonly ranks: Uint8Array
  /** The serial of the item that gave a field its hit: what stands there from an earlier one need not be wiped. */
  private readonly stamps: Int32Array
  private serial = 0
  /** By key number: where its (field, rank) pairs begin in `uses`. A key may serve several fields. */
  private readonly useFrom: Int32Array
  private readonly uses: Int16Array
  private readonly fieldKeys: readonly (readonly number[])[]
  private batch: ItemBatch | undefined = undefined
  private item = -1

  /** @param fields spellings of each field, best first; names that the table does not have are ignored. */
  constructor(table: KeyTable, fields: readonly (readonly string[])[]) {
    this.hits = new Int32Array(fields.length)
    this.ranks = new Uint8Array(fields.length)
    this.stamps = new Int32Array(fields.length)
    this.fieldKeys = fields.map((names) => names.map((name) => table.idOf(name)))
    const pairs = new Map<number, number[]>()
    for (const [field, keys] of this.fieldKeys.entries()) {
      for (const [rank, key] of keys.entries()) if (key >= 0) pairs.set(key, [...(pairs.get(key) ?? []), field, rank])
    }
    this.useFrom = new Int32Array(table.size + 1)
    const uses: number[] = []
    for (let key = 0; key < table.size; key++) {
      this.useFrom[key] = uses.length
      uses.push(...(pairs.get(key) ?? []))
    }
    this.useFrom[table.size] = uses.length
    this.uses = Int16Array.from(uses)
  }

  load(batch: ItemBatch, item: number): void {
    this.batch = batch
    this.item = item
    this.serial = (this.serial + 1) | 0
    const { index } = batch
    this.take(index, index.itemHitFrom[item] as number, index.itemHitTo[item] as number)
  }

  private take(index: ItemIndex, from: number, to: number): void {
    const { uses, useFrom, ranks, hits, stamps, serial } = this
    const hitKey = index.hitKey
    for (let h = from; h < to; h++) {
      const key = hitKey[h] as number
      const end = useFrom[key + 1] as number
      for (let u = useFrom[key] as number; u < end; u += 2) {
        const field = uses[u] as number
        const rank = uses[u + 1] as number
        if (stamps[field] !== serial || rank < (ranks[field] as number)) {
          stamps[field] = serial
          ranks[field] = rank
          hits[field] = h
        }
      }
    }
  }

  has(field: number): boolean {
    return this.stamps[field] === this.serial
  }

  /** A bool, or one written as text; undefined for everything else. */
  flag(field: number): boolean | undefined {
    if (this.stamps[field] !== this.serial || this.batch === undefined) return undefined
    const hit = this.hits[field] as number
    const { index } = this.batch
    if (index.hitType[hit] === BOOL) return index.hitNum[hit] === 1
    const text = this.batch.textOf(hit)?.toLowerCase()
    return text === 'true' ? true : text === 'false' ? false : undefined
  }

  /** The hit that serves a field, -1 = absent. */
  hit(field: number): number {
    return this.stamps[field] === this.serial ? (this.hits[field] as number) : -1
  }

  /** A string value that is not empty. */
  text(field: number): string | undefined {
    if (this.stamps[field] !== this.serial || this.batch === undefined) return undefined
    const text = this.batch.textOf(this.hits[field] as number)
    return text === undefined || text === '' ? this.nextText(field) : text
  }

  /**
   * A count: a whole number of 0 or more, whatever type it was sent as. Senders write strings, doubles, "" and NaN; what
   * is no count is absent, never 0.
   */
  count(field: number): number | undefined {
    if (this.stamps[field] !== this.serial || this.batch === undefined) return undefined
    const count = countOf(this.batch, this.hits[field] as number)
    return count === undefined ? this.nextCount(field) : count
  }

  /** A finite number: an int, a double, or one written as text. */
  number(field: number): number | undefined {
    if (this.stamps[field] !== this.serial || this.batch === undefined) return undefined
    const hit = this.hits[field] as number
    const { index } = this.batch
    if (index.hitType[hit] === STRING) {
      const text = (this.batch.textOf(hit) ?? '').trim()
      const value = text === '' ? Number.NaN : Number(text)
      return Number.isFinite(value) ? value : undefined
    }
    const value = index.hitNum[hit] as number
    const type = index.hitType[hit]
    return (type === INT || type === DOUBLE) && Number.isFinite(value) ? value : undefined
  }

  // The best spelling is there but says nothing: the others are asked, one by one. Rare, so not worth a table.

  private nextText(field: number): string | undefined {
    for (const key of this.fieldKeys[field] ?? []) {
      const hit = this.batch?.find(this.item, key) ?? -1
      const text = hit < 0 ? undefined : this.batch?.textOf(hit)
      if (text !== undefined && text !== '') return text
    }
    return undefined
  }

  private nextCount(field: number): number | undefined {
    if (this.batch === undefined) return undefined
    for (const key of this.fieldKeys[field] ?? []) {
      const hit = this.batch.find(this.item, key)
      const count = hit < 0 ? undefined : countOf(this.batch, hit)
      if (count !== undefined) return count
    }
    return undefined
  }
}

function countOf(batch: ItemBatch, hit: number): number | undefined {
  const { index } = batch
  switch (index.hitType[hit]) {
    case INT:
    case DOUBLE: {
      const value = index.hitNum[hit] as number
      return Number.isSafeInteger(value) && value >= 0 ? value : undefined
    }
    case STRING: {
      const text = batch.textOf(hit) ?? ''
      const value = /^\s*\d{1,16}(\.0+)?\s*$/.test(text) ? Number(text) : Number.NaN
      return Number.isSafeInteger(value) ? value : undefined
    }
    default:
      return undefined
  }
}
