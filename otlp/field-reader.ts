import type { ItemBatch } from './batch.ts'
import type { ItemIndex } from './item-index.ts'
import type { KeyTable } from './keys.ts'

const STRING = 1
const BOOL = 2
const INT = 3
const DOUBLE = 4

/** Shapes that are remembered, and attributes of the longest one; another one is worked out anew. */
const SHAPES = 512
const KEYS_MAX = 64

/** The keys and types of an item's attributes in their order. */
export interface Shape {
  /** Its place among those that are remembered. */
  readonly number: number
  /** Another one for whatever comes to be in that place. */
  serial: number
  length: number
  readonly keys: Int32Array
  /** By field: the place of its hit, -1 = none. */
  readonly relative: Int16Array
}

const NO_SHAPE: Shape = { number: SHAPES, serial: 0, length: 0, keys: new Int32Array(0), relative: new Int16Array(0) }

/**
 * Reads an item's attributes by meaning instead of by name. A field is a list of attribute names in order of
 * precedence; which of an item's attributes serves which field is found by going through the attributes once, however
 * many spellings a field has. Of a repeated key the first one counts.
 *
 * Fields are numbers (positions in the list given); one reader serves item after item.
 */
export class FieldReader {
  /** By key number: where its (field, rank) pairs begin in `uses`. A key may serve several fields. */
  private readonly useFrom: Int32Array
  private readonly uses: Int16Array
  private readonly ranks: Uint8Array
  private readonly fieldKeys: readonly (readonly number[])[]
  private readonly shapes: (Shape | undefined)[] = new Array<Shape | undefined>(SHAPES + 1).fill(undefined)
  private shapesMade = 0
  private batch: ItemBatch | undefined = undefined
  private item = -1
  /** Of the item at hand: its first hit, and by field where behind that one its own is; -1 = it has none. */
  private base = 0
  private relative: Int16Array = new Int16Array(0)
  /** Stands for the keys and types of the item's attributes: items with the same ones have the same fields. */
  shape: Shape = NO_SHAPE

  /** @param fields spellings of each field, best first; names that the table does not have are ignored. */
  constructor(table: KeyTable, fields: readonly (readonly string[])[]) {
    this.ranks = new Uint8Array(fields.length)
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
    const { index } = batch
    const from = index.itemHitFrom[item] as number
    const shape = this.shapeOf(index, from, index.itemHitTo[item] as number)
    this.shape = shape
    this.base = from
    this.relative = shape.relative
  }

  /** Instrumentations write the same attributes in the same order, time after time: the last items' fields are known. */
  private shapeOf(index: ItemIndex, from: number, to: number): Shape {
    const { hitKey, hitType } = index
    const length = to - from
    let mixed = length
    for (let h = from; h < to; h++) {
      mixed = Math.imul(mixed ^ (((hitKey[h] as number) << 3) | (hitType[h] as number)), 0x1b873593)
      mixed ^= mixed >>> 15
    }
    const slot = length > KEYS_MAX ? SHAPES : (mixed >>> 4) & (SHAPES - 1)
    const kept = this.shapes[slot]
    if (kept !== undefined && kept.length === length && slot !== SHAPES) {
      const { keys } = kept
      let i = 0
      while (i < length && keys[i] === (((hitKey[from + i] as number) << 3) | (hitType[from + i] as number))) i++
      if (i === length) return kept
    }
    return this.newShape(kept ?? this.addShape(slot), index, from, length)
  }

  private addShape(slot: number): Shape {
    const shape = {
      number: slot,
      serial: 0,
      length: 0,
      keys: new Int32Array(KEYS_MAX),
      relative: new Int16Array(this.fieldKeys.length),
    }
    this.shapes[slot] = shape
    return shape
  }

  private newShape(shape: Shape, index: ItemIndex, from: number, length: number): Shape {
    const { uses, useFrom, ranks } = this
    const { keys, relative } = shape
    shape.serial = ++this.shapesMade
    shape.length = length
    relative.fill(-1)
    for (let i = 0; i < length; i++) {
      const key = index.hitKey[from + i] as number
      if (i < KEYS_MAX) keys[i] = (key << 3) | (index.hitType[from + i] as number)
      const end = useFrom[key + 1] as number
      for (let u = useFrom[key] as number; u < end; u += 2) {
        const field = uses[u] as number
        const rank = uses[u + 1] as number
        if ((relative[field] as number) < 0 || rank < (ranks[field] as number)) {
          ranks[field] = rank
          relative[field] = i
        }
      }
    }
    return shape
  }

  has(field: number): boolean {
    return (this.relative[field] as number) >= 0
  }

  /** A bool, or one written as text; undefined for everything else. */
  flag(field: number): boolean | undefined {
    const hit = this.hit(field)
    if (hit < 0 || this.batch === undefined) return undefined
    const { index } = this.batch
    if (index.hitType[hit] === BOOL) return index.hitNum[hit] === 1
    const text = this.batch.textOf(hit)?.toLowerCase()
    return text === 'true' ? true : text === 'false' ? false : undefined
  }

  /** The hit that serves a field, -1 = absent. */
  hit(field: number): number {
    const at = this.relative[field] as number
    return at < 0 ? -1 : this.base + at
  }

  /** A string value that is not empty. */
  text(field: number): string | undefined {
    const hit = this.hit(field)
    if (hit < 0 || this.batch === undefined) return undefined
    const text = this.batch.textOf(hit)
    return text === undefined || text === '' ? this.nextText(field) : text
  }

  /**
   * A count: a whole number of 0 or more, whatever type it was sent as. Senders write strings, doubles, "" and NaN; what
   * is no count is absent, never 0.
   */
  count(field: number): number | undefined {
    const hit = this.hit(field)
    if (hit < 0 || this.batch === undefined) return undefined
    const count = countOf(this.batch, hit)
    return count === undefined ? this.nextCount(field) : count
  }

  /** A finite number: an int, a double, or one written as text. */
  number(field: number): number | undefined {
    const hit = this.hit(field)
    if (hit < 0 || this.batch === undefined) return undefined
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
