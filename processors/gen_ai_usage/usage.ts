import { BLOB_BYTES_MAX, fillFromBlob, parseBlob } from '../../genai/dialects/blobs.ts'
import { FLAG } from '../../genai/dialects/flags.ts'
import { RawUsage } from '../../genai/dialects/raw-usage.ts'
import { reasoningStandsOutside, splitFlags, splitUsage } from '../../genai/dialects/split.ts'
import type { Usage } from '../../genai/usage.ts'
import type { ItemBatch } from '../../otlp/batch.ts'
import type { FieldReader } from '../../otlp/field-reader.ts'
import { type Conventions, conventionFlags } from './conventions.ts'
import { type BoundDialect, VOCABULARY_FIELDS, type VocabularyFields } from './fields.ts'

const STRING = 1
/** Names too plain to be believed of any but the program that is known to write them. */
const NATIVE_ONLY = ['flat', 'counts']
const COMMON = VOCABULARY_FIELDS.filter(({ id }) => !NATIVE_ONLY.includes(id))

/** Reads one item's usage in one vocabulary, and what only stands in a raw blob. One reader serves item after item. */
export class UsageReader {
  readonly raw = new RawUsage()
  /** Notes on the item at hand. */
  flags = 0
  private overlapping = false
  private blobbed = false
  private vocabulary: VocabularyFields | undefined = undefined
  private underscored: Uint8Array = new Uint8Array(0)

  /** @param underscored 1 for keys whose spelling tells that a provider's own numbers were copied. */
  bind(underscored: Uint8Array): void {
    this.underscored = underscored
  }

  /** Whether the item gives input or output. */
  read(reader: FieldReader, items: ItemBatch, bound: BoundDialect): boolean {
    const { raw } = this
    raw.clear()
    this.flags = 0
    this.overlapping = false
    this.blobbed = false
    this.vocabulary = choose(reader, bound.vocabulary)
    if (this.vocabulary !== undefined) fill(reader, this.vocabulary, raw)
    for (let b = 0; b < bound.blobs.length; b++) {
      const blob = bound.blobs[b] as BoundDialect['blobs'][number]
      const hit = reader.hit(blob.field)
      if (hit >= 0 && (raw.cacheRead < 0 || raw.cacheWrite5m < 0 || raw.reasoning < 0)) {
        this.readBlob(items, hit, blob.shape)
      }
    }
    return raw.known
  }

  private readBlob(items: ItemBatch, hit: number, shape: BoundDialect['blobs'][number]['shape']): void {
    const { hitType, hitLen } = items.index
    const tooLong = (hitLen[hit] as number) > BLOB_BYTES_MAX
    const json = hitType[hit] === STRING && !tooLong ? parseBlob(items.rawOf(hit).toString()) : undefined
    if (json === undefined) {
      this.flags |= FLAG.blob_unreadable
      return
    }
    const bare = !this.raw.known
    const filled = fillFromBlob(shape, json, this.raw)
    if (filled === 'nothing') return
    // Where the blob is how the dialect writes usage, there was nothing to recover.
    if (!bare || shape === 'adk_response') this.flags |= FLAG.recovered_blob
    this.blobbed = shape === 'buckets'
    this.overlapping = filled === 'overlapping'
  }

  /** The item's usage in disjoint buckets. `read` comes first. */
  split(
    reader: FieldReader,
    items: ItemBatch,
    bound: BoundDialect,
    learned: Conventions,
    provider: string,
    named: boolean,
  ): Usage {
    const { raw } = this
    const { dialect } = bound
    if (this.blobbed) {
      const usage = splitUsage(raw, this.overlapping ? 'inclusive' : 'exclusive', !this.overlapping)
      this.flags |= splitFlags & ~FLAG.reasoning_outside_output
      return usage
    }
    const convention = learned.resolve(dialect, provider, named, raw, this.isUnderscored(reader, items))
    this.flags |= conventionFlags
    const outside =
      raw.reasoning > 0 &&
      reasoningStandsOutside(
        raw,
        dialect.reasoningOutside === true || (dialect.reasoningOutside?.includes(provider) ?? false),
      )
    const usage = splitUsage(raw, convention, outside)
    this.flags |= splitFlags
    return usage
  }

  private isUnderscored(reader: FieldReader, items: ItemBatch): boolean {
    const { vocabulary } = this
    if (vocabulary === undefined) return false
    const read = reader.hit(vocabulary.cacheRead)
    const hit = read >= 0 ? read : reader.hit(vocabulary.cacheWrite)
    return hit >= 0 && this.underscored[items.index.hitKey[hit] as number] === 1
  }
}

const says = (reader: FieldReader, v: VocabularyFields): boolean =>
  (reader.has(v.input) && reader.count(v.input) !== undefined) ||
  (reader.has(v.output) && reader.count(v.output) !== undefined)

/** The dialect's own, else the first one that says something. */
function choose(reader: FieldReader, native: VocabularyFields | undefined): VocabularyFields | undefined {
  if (native !== undefined && says(reader, native)) return native
  for (let v = 0; v < COMMON.length; v++) {
    const vocabulary = COMMON[v] as VocabularyFields
    if (says(reader, vocabulary)) return vocabulary
  }
  return undefined
}

const count = (reader: FieldReader, field: number): number => (reader.has(field) ? (reader.count(field) ?? -1) : -1)

function fill(reader: FieldReader, v: VocabularyFields, raw: RawUsage): void {
  raw.input = count(reader, v.input)
  raw.output = count(reader, v.output)
  raw.total = count(reader, v.total)
  raw.cacheRead = count(reader, v.cacheRead)
  raw.cacheWrite = count(reader, v.cacheWrite)
  raw.cacheWrite5m = count(reader, v.cacheWrite5m)
  raw.cacheWrite1h = count(reader, v.cacheWrite1h)
  raw.reasoning = count(reader, v.reasoning)
  raw.inputAudio = count(reader, v.inputAudio)
  raw.outputAudio = count(reader, v.outputAudio)
  raw.inputImage = count(reader, v.inputImage)
  raw.outputImage = count(reader, v.outputImage)
  raw.extraInput = count(reader, v.extraInput)
  raw.extraOutput = count(reader, v.extraOutput)
}
