import type { ItemBatch } from '../../otlp/batch.ts'
import type { FieldReader } from '../../otlp/field-reader.ts'

const STRING = 1
const SLOTS = 1024
const LENGTH_MAX = 64

/**
 * Strings of attribute values, remembered by a glance at their bytes. One provider, model or agent name comes thousands of
 * times: to compare it with what stood in its slot last is cheaper than to hash it. Fixed in size: a slot holds the last
 * text that fell into it.
 */
export class Texts {
  private readonly bytes = new Uint8Array(SLOTS * LENGTH_MAX)
  private readonly lengths = new Uint8Array(SLOTS)
  private readonly strings: string[] = Array.from({ length: SLOTS }, () => '')

  /** A field's string value that is not empty. */
  of(reader: FieldReader, items: ItemBatch, field: number): string | undefined {
    const hit = reader.hit(field)
    if (hit < 0) return undefined
    const text = this.at(items, hit)
    return text === undefined || text === '' ? reader.text(field) : text
  }

  at(items: ItemBatch, hit: number): string | undefined {
    const { index, bytes } = items
    if (index.hitType[hit] !== STRING) return undefined
    const length = index.hitLen[hit] as number
    if (length === 0 || length > LENGTH_MAX) return items.textOf(hit)
    const at = index.hitAt[hit] as number
    const last = at + length - 1
    const glance =
      (bytes[at] as number) |
      ((bytes[last] as number) << 8) |
      ((bytes[at + (length >> 1)] as number) << 16) |
      ((bytes[last - (length >> 2)] as number) << 24)
    const slot = (Math.imul(glance ^ (length << 3), 0x9e3779b1) >>> 22) & (SLOTS - 1)
    const from = slot * LENGTH_MAX
    const kept = this.bytes
    if (this.lengths[slot] === length) {
      let i = 0
      while (i < length && kept[from + i] === bytes[at + i]) i++
      if (i === length) return this.strings[slot] as string
    }
    const text = items.textOf(hit) ?? ''
    this.lengths[slot] = length
    for (let i = 0; i < length; i++) kept[from + i] = bytes[at + i] as number
    this.strings[slot] = text
    return text
  }
}
