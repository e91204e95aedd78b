import type { Tags } from '../../genai/call.ts'
import type { ItemBatch } from '../../otlp/batch.ts'
import type { FieldReader } from '../../otlp/field-reader.ts'
import { isSame } from '../../otlp/keys.ts'
import type { TagSet } from './tag-sets.ts'

const STRING = 1
const SLOTS = 4096
const LENGTH_MAX = 64

/** What bytes of a span's tags, under its resource, came to. */
interface Known {
  readonly resource: number
  readonly text: DataView
  /** By rule: where its value begins in `text`, and its length; 0 = the span gave none. */
  readonly ats: Int32Array
  readonly lengths: Int32Array
  readonly set: TagSet
  /** The tags of the last run; the next span is mostly of the same. */
  tags: Tags
}

/**
 * Finds the tag set of a span by a glance at the bytes that it is made from, before any of them becomes a string: agent,
 * customer, team and the resource repeat endlessly. Fixed in size: a slot keeps what fell into it last.
 */
export class KnownTags {
  private readonly slots: (Known | undefined)[] = new Array<Known | undefined>(SLOTS).fill(undefined)
  private readonly rules: number
  /** Of the item at hand. */
  private readonly ats: Int32Array
  private readonly lengths: Int32Array
  private resource = 0
  private slot = -1

  /** @param rules how many; the first one, the run, does not count here */
  constructor(rules: number) {
    this.rules = rules
    this.ats = new Int32Array(rules)
    this.lengths = new Int32Array(rules)
  }

  /** The last call of `find` left behind where its item belongs; undefined when it has values that are not plain text. */
  find(reader: FieldReader, items: ItemBatch, own: readonly number[], resource: number): Known | undefined {
    const { ats, lengths, rules } = this
    const { hitType, hitAt, hitLen, hitKey } = items.index
    const { view } = items
    let hash = Math.imul(resource, 0x45ebca6b)
    this.slot = -1
    for (let r = 1; r < rules; r++) {
      const hit = reader.hit(r)
      lengths[r] = 0
      if (hit < 0) continue
      const length = hitLen[hit] as number
      if (hitType[hit] !== STRING || length < 4 || length > LENGTH_MAX || hitKey[hit] === own[r]) return undefined
      const at = hitAt[hit] as number
      ats[r] = at
      lengths[r] = length
      hash = Math.imul(hash ^ view.getInt32(at, true) ^ (r << 8), 0x4c9e2d51)
      hash = Math.imul(hash ^ (hash >>> 15) ^ view.getInt32(at + length - 4, true) ^ length, 0x1b873593)
    }
    this.resource = resource
    this.slot = (hash ^ (hash >>> 16)) & (SLOTS - 1)
    const known = this.slots[this.slot]
    return known !== undefined && known.resource === resource && this.fits(known, view) ? known : undefined
  }

  private fits(known: Known, view: DataView): boolean {
    const { ats, lengths, rules } = this
    for (let r = 1; r < rules; r++) {
      const length = lengths[r] as number
      if (known.lengths[r] !== length) return false
      if (length > 0 && !isSame(known.text, known.ats[r] as number, view, ats[r] as number, length)) return false
    }
    return true
  }

  /** Remembers what the item that `find` did not know came to. */
  keep(items: ItemBatch, set: TagSet, tags: Tags): void {
    if (this.slot < 0) return
    const { bytes } = items
    const parts: Uint8Array[] = []
    const ats = new Int32Array(this.rules)
    let size = 0
    for (let r = 1; r < this.rules; r++) {
      ats[r] = size
      const at = this.ats[r] as number
      const length = this.lengths[r] as number
      if (length === 0) continue
      parts.push(bytes.subarray(at, at + length))
      size += length
    }
    const copy = Buffer.concat(parts)
    const text = new DataView(copy.buffer, copy.byteOffset, copy.length)
    this.slots[this.slot] = { resource: this.resource, text, ats, lengths: this.lengths.slice(), set, tags }
  }
}
