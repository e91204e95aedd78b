import type { Tags } from '../../genai/call.ts'
import { attributeKey, encodedFields, encodedString } from '../../otlp/attributes.ts'
import type { ItemBatch } from '../../otlp/batch.ts'
import type { FieldReader } from '../../otlp/field-reader.ts'
import { isSame } from '../../otlp/keys.ts'
import { ATTRIBUTE } from './sources.ts'
import type { TagSet } from './tag-sets.ts'
import type { TraceRuns } from './traces.ts'

const STRING = 1
const SLOTS = 4096
const LENGTH_MAX = 64
/** Bytes that all entries take together; the pages of those that are never needed are never touched. */
const ROOM = 512 * 1024
const RUN = attributeKey(ATTRIBUTE.run)
const RUN_DIGITS = 32

/*
 * An entry: what the bytes of a span's tags, under its resource, came to.
 *
 *   4   kind of the resource
 *   4   number of the entry
 *   n   by rule, the length of its value; 0 = the span gave none
 *   …   the values
 *   …   the attributes that say the tags, and behind them the one that says the run, when that is a trace
 *
 * Entries stand side by side, so that to compare one and to copy its attributes is two or three lines of memory. As an
 * object each, with a buffer each, they took seven, and waiting for those was half of what tagging a span took.
 */
const NUMBER = 4
const LENGTHS = 8

/**
 * Finds the tag set of a span by a glance at the bytes that it is made from, before any of them becomes a string: agent,
 * customer, team and the resource repeat endlessly. Fixed in size: a slot keeps what fell into it last, and when the room
 * is full all begins anew.
 */
export class KnownTags {
  private readonly slots = new Int32Array(SLOTS)
  private readonly bytes = Buffer.allocUnsafeSlow(ROOM)
  private readonly entries = new DataView(this.bytes.buffer)
  /** Where the next entry goes; 0 says that a slot has none. */
  private end = 4
  private readonly runField: Uint8Array
  // By number of the entry.
  private fields: Uint8Array[] = []
  private fieldsAndRun: Uint8Array[] = []
  /** Where the digits of the run are. */
  private digits: number[] = []
  /** Number of the trace whose digits those are and whose tags are the last ones; 0 = none. */
  private traces: number[] = []
  /** The tags of the last run; the next span is mostly of the same. */
  private tags: Tags[] = []
  private readonly rules: number
  // Of the item at hand.
  private readonly ats: Int32Array
  private readonly lengths: Int32Array
  private kind = 0
  private slot = -1

  /** @param rules how many; the first one, the run, does not count here */
  constructor(rules: number, signal: 'traces' | 'logs') {
    this.rules = rules
    this.ats = new Int32Array(rules)
    this.lengths = new Int32Array(rules)
    this.runField = encodedFields(signal, [encodedString(RUN.name, '0'.repeat(RUN_DIGITS))])
  }

  /**
   * The number of the entry that knows an item, -1 = none does; good until the next `keep`.
   *
   * @param kind of the item's resource
   */
  find(reader: FieldReader, items: ItemBatch, own: readonly number[], kind: number): number {
    const { ats, lengths, rules } = this
    const { hitType, hitAt, hitLen, hitKey } = items.index
    const { view } = items
    let hash = Math.imul(kind, 0x45ebca6b)
    this.slot = -1
    for (let r = 1; r < rules; r++) {
      const hit = reader.hit(r)
      lengths[r] = 0
      if (hit < 0) continue
      const length = hitLen[hit] as number
      if (hitType[hit] !== STRING || length < 4 || length > LENGTH_MAX || hitKey[hit] === own[r]) return -1
      const at = hitAt[hit] as number
      ats[r] = at
      lengths[r] = length
      hash = Math.imul(hash ^ view.getInt32(at, true) ^ (r << 8), 0x4c9e2d51)
      hash = Math.imul(hash ^ (hash >>> 15) ^ view.getInt32(at + length - 4, true) ^ length, 0x1b873593)
    }
    this.kind = kind
    this.slot = (hash ^ (hash >>> 16)) & (SLOTS - 1)
    const entry = this.slots[this.slot] as number
    return entry > 0 && this.fits(entry, view) ? this.entries.getInt32(entry + NUMBER, true) : -1
  }

  private fits(entry: number, view: DataView): boolean {
    const { ats, lengths, rules, entries } = this
    if (entries.getInt32(entry, true) !== this.kind) return false
    let from = entry + LENGTHS + rules
    for (let r = 1; r < rules; r++) {
      const length = lengths[r] as number
      if (entries.getUint8(entry + LENGTHS + r) !== length) return false
      if (length > 0 && !isSame(entries, from, view, ats[r] as number, length)) return false
      from += length
    }
    return true
  }

  /** Tags an item whose run is its trace. */
  tagTraced(n: number, items: ItemBatch, item: number, runs: TraceRuns, slot: number): Tags {
    const trace = runs.numbers[slot] as number
    let tags = this.tags[n] as Tags
    if (this.traces[n] !== trace) {
      tags = tagsOf(runs.texts[slot], tags)
      this.traces[n] = trace
      this.tags[n] = tags
      runs.write(slot, this.entries, this.digits[n] as number)
    }
    items.addFields(item, this.fieldsAndRun[n] as Uint8Array)
    return tags
  }

  /** Tags an item whose run was said, or that has none; the run itself is for the caller to write. */
  tag(n: number, items: ItemBatch, item: number, run: string | undefined): Tags {
    const fields = this.fields[n] as Uint8Array
    if (fields.length > 0) items.addFields(item, fields)
    let tags = this.tags[n] as Tags
    if (tags.run !== run) {
      tags = tagsOf(run, tags)
      this.traces[n] = 0
      this.tags[n] = tags
    }
    return tags
  }

  /** Remembers what the item that `find` did not know came to, unless it has values that are not plain text. */
  keep(items: ItemBatch, set: TagSet, tags: Tags): void {
    if (this.slot < 0) return
    const { bytes, lengths, rules, runField } = this
    const { fields } = set
    const values = lengths.reduce((sum, length) => sum + length, 0)
    const size = LENGTHS + rules + values + fields.length + runField.length
    if (this.end + size > ROOM) this.clear()
    if (this.end + size > ROOM) return
    const entry = this.end
    const n = this.tags.length
    this.entries.setInt32(entry, this.kind, true)
    this.entries.setInt32(entry + NUMBER, n, true)
    bytes.set(lengths, entry + LENGTHS)
    let at = entry + LENGTHS + rules
    for (let r = 1; r < rules; r++) {
      const from = this.ats[r] as number
      const length = lengths[r] as number
      bytes.set(items.bytes.subarray(from, from + length), at)
      at += length
    }
    bytes.set(fields, at)
    bytes.set(runField, at + fields.length)
    const to = at + fields.length + runField.length
    this.fields.push(bytes.subarray(at, at + fields.length))
    this.fieldsAndRun.push(bytes.subarray(at, to))
    this.digits.push(to - RUN_DIGITS)
    this.traces.push(0)
    this.tags.push(tags)
    this.slots[this.slot] = entry
    this.end = (to + 3) & ~3
  }

  private clear(): void {
    this.slots.fill(0)
    this.end = 4
    this.fields = []
    this.fieldsAndRun = []
    this.digits = []
    this.traces = []
    this.tags = []
  }
}

export const tagsOf = (run: string | undefined, tags: Tags): Tags => ({
  run,
  agent: tags.agent,
  workflow: tags.workflow,
  step: tags.step,
  customer: tags.customer,
  businessUnit: tags.businessUnit,
  extra: tags.extra,
})
