import type { ItemBatch } from '../../otlp/batch.ts'
import type { FieldReader } from '../../otlp/field-reader.ts'

const STRING = 1
const SLOTS = 1024
const LENGTH_MAX = 64

/**
 * Strings of attribute values, remembered by a glance at their bytes. One provider, model or agent name comes thousands of
 * times: to compare it with what stood in its slot last, four bytes at a time, is cheaper than to hash it. Fixed in size:
 * a slot holds the last text that fell into it.
 */
export class Texts {
  private readonly kept = new DataView(new ArrayBuffer(SLOTS * LENGTH_MAX))
  private readonly lengths = new Uint8Array(SLOTS)
  private readonly strings: string[] = Array.from({ length: SLOTS }, () => '')
  private view: DataView = new DataView(new ArrayBuffer(0))

  /** To be called with every batch. */
  enter({ view }: ItemBatch): void {
    this.view = view
  }

  /** A field's string value that is not empty. */
  of(reader: FieldReader, items: ItemBatch, field: number): string | undefined {
    const hit = reader.hit(field)
    if (hit < 0) return undefined
    const text = this.at(items, hit)
    return text === undefined || text === '' ? reader.text(field) : text
  }

  private at(items: ItemBatch, hit: number): string | undefined {
    const { index } = items
    if (index.hitType[hit] !== STRING) return undefined
    const length = index.hitLen[hit] as number
    if (length < 4 || length > LENGTH_MAX) return items.textOf(hit)
    const at = index.hitAt[hit] as number
    const { view, kept } = this
    const last = view.getInt32(at + length - 4, true)
    const glance = Math.imul(view.getInt32(at, true) ^ Math.imul(last, 0x1b873593) ^ length, 0x4c9e2d51)
    const slot = ((glance ^ (glance >>> 15)) >>> 4) & (SLOTS - 1)
    const from = slot * LENGTH_MAX
    if (this.lengths[slot] === length && kept.getInt32(from + length - 4, true) === last) {
      let i = 0
      while (i < length - 4 && kept.getInt32(from + i, true) === view.getInt32(at + i, true)) i += 4
      if (i >= length - 4) return this.strings[slot] as string
    }
    const text = items.textOf(hit) ?? ''
    this.lengths[slot] = length
    for (let i = 0; i < length; i++) kept.setUint8(from + i, view.getUint8(at + i))
    this.strings[slot] = text
    return text
  }
}
