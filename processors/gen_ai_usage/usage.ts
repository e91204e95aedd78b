import {
  BLOB_BYTES_MAX,
  type BlobShape,
  type Filled,
  fillFromBlob,
  parseBlob,
  parseLongBlob,
} from '../../genai/dialects/blobs.ts'
import { FLAG } from '../../genai/dialects/flags.ts'
import { RawUsage } from '../../genai/dialects/raw-usage.ts'
import { fillRest, reasoningStandsOutside, splitFlags, splitUsage } from '../../genai/dialects/split.ts'
import type { Usage } from '../../genai/usage.ts'
import type { ItemBatch } from '../../otlp/batch.ts'
import type { FieldReader } from '../../otlp/field-reader.ts'
import { numbersIn } from '../../otlp/values.ts'
import { type Conventions, conventionFlags, noReading } from './conventions.ts'
import { type BoundDialect, VOCABULARY_FIELDS, type VocabularyFields } from './fields.ts'

const STRING = 1
const KVLIST = 6
/** Names too plain to be believed of any but the program that is known to write them. */
const NATIVE_ONLY = ['flat', 'counts', 'gemini_counts']
const COMMON = VOCABULARY_FIELDS.filter(({ id }) => !NATIVE_ONLY.includes(id))

/** What items of one shape and dialect have in common: which vocabularies could be read, and which blobs are there. */
interface Plan {
  readonly serial: number
  readonly bound: BoundDialect
  /** The dialect's own first. */
  readonly candidates: readonly VocabularyFields[]
  /** Those that have an input to disagree about. */
  readonly rivals: readonly VocabularyFields[]
  readonly blobs: BoundDialect['blobs']
}

/** Reads one item's usage in one vocabulary, and what only stands in a raw blob. One reader serves item after item. */
export class UsageReader {
  readonly raw = new RawUsage()
  /** Notes on the item at hand. */
  flags = 0
  /** What a blob that holds all of the usage says of its totals. */
  private whole: Filled = 'nothing'
  private vocabulary: VocabularyFields | undefined = undefined
  private underscored: Uint8Array = new Uint8Array(0)
  /** By shape of the item. */
  private readonly plans: (Plan | undefined)[] = []

  /** @param underscored 1 for keys whose spelling tells that a provider's own numbers were copied. */
  bind(underscored: Uint8Array): void {
    this.underscored = underscored
  }

  /** Whether the item says anything of its cached part. */
  get knowsCache(): boolean {
    return this.raw.cacheRead >= 0 || this.raw.cacheWrite >= 0
  }

  /** Whether the item gives input or output. */
  read(reader: FieldReader, items: ItemBatch, bound: BoundDialect): boolean {
    const { raw } = this
    raw.clear()
    this.flags = 0
    this.whole = 'nothing'
    const plan = this.planOf(reader, bound)
    this.vocabulary = choose(reader, plan.candidates)
    ignored = false
    if (this.vocabulary !== undefined) fill(reader, this.vocabulary, raw)
    else if (bound.vocabulary !== undefined) this.ignore(reader, bound.vocabulary)
    if (ignored) this.flags |= FLAG.value_ignored
    if (this.vocabulary !== undefined && disagrees(reader, plan.rivals, this.vocabulary, raw))
      this.flags |= FLAG.dup_vocab
    for (let b = 0; b < plan.blobs.length; b++) {
      const blob = plan.blobs[b] as BoundDialect['blobs'][number]
      const hit = reader.hit(blob.field)
      if (hit >= 0 && (raw.cacheRead < 0 || raw.cacheWrite5m < 0 || raw.reasoning < 0)) {
        this.readBlob(items, hit, blob.shape)
      }
    }
    return raw.known
  }

  /** Of an item of this shape, whatever its values are. */
  private planOf(reader: FieldReader, bound: BoundDialect): Plan {
    const { number, serial } = reader.shape
    const known = this.plans[number]
    if (known !== undefined && known.serial === serial && known.bound === bound) return known
    const native = bound.vocabulary
    const plan: Plan = {
      serial,
      bound,
      candidates: (native === undefined ? COMMON : [native, ...COMMON]).filter(
        (v) => reader.has(v.input) || reader.has(v.output),
      ),
      rivals: COMMON.filter((v) => reader.has(v.input)),
      blobs: bound.blobs.filter(({ field }) => reader.has(field)),
    }
    this.plans[number] = plan
    return plan
  }

  /** Nothing in there is a count: read once for the note, and forgotten. */
  private ignore(reader: FieldReader, vocabulary: VocabularyFields): void {
    fill(reader, vocabulary, this.raw)
    this.raw.clear()
  }

  private readBlob(items: ItemBatch, hit: number, shape: BlobShape): void {
    const json = jsonOf(items, hit, shape)
    if (json === undefined) {
      this.flags |= FLAG.blob_unreadable
      return
    }
    const bare = !this.raw.known
    const filled = fillFromBlob(shape, json, this.raw)
    if (filled === 'nothing') return
    // Where the blob is how the dialect writes usage, there was nothing to recover.
    if (!bare || shape === 'adk_response') this.flags |= FLAG.recovered_blob
    if (filled !== 'parts') this.whole = filled
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
    const { whole } = this
    if (whole !== 'nothing') {
      noReading()
      const usage = splitUsage(raw, whole === 'overlapping' ? 'inclusive' : 'exclusive', whole === 'disjoint')
      this.flags |= splitFlags & ~FLAG.reasoning_outside_output
      return usage
    }
    if (dialect.rest !== undefined && raw.total > 0 && fillRest(raw, dialect.rest) && dialect.rest === 'cache')
      this.flags |= FLAG.cache_unsplit
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

function jsonOf(items: ItemBatch, hit: number, shape: BlobShape): Readonly<Record<string, unknown>> | undefined {
  const { hitType, hitLen } = items.index
  if (hitType[hit] === KVLIST) return numbersIn(items.rawOf(hit))
  if (hitType[hit] !== STRING) return undefined
  const bytes = items.rawOf(hit)
  return (hitLen[hit] as number) > BLOB_BYTES_MAX ? parseLongBlob(shape, bytes) : parseBlob(bytes.toString())
}

const says = (reader: FieldReader, v: VocabularyFields): boolean =>
  (reader.has(v.input) && reader.count(v.input) !== undefined) ||
  (reader.has(v.output) && reader.count(v.output) !== undefined)

/** Whether the same usage stands there in another vocabulary too, with other totals. */
function disagrees(
  reader: FieldReader,
  rivals: readonly VocabularyFields[],
  chosen: VocabularyFields,
  raw: RawUsage,
): boolean {
  for (let v = 0; v < rivals.length; v++) {
    const other = rivals[v] as VocabularyFields
    if (other === chosen) continue
    const input = reader.count(other.input)
    if (input !== undefined && raw.input >= 0 && input !== raw.input) return true
  }
  return false
}

/** The dialect's own, else the first one that says something. */
function choose(reader: FieldReader, candidates: readonly VocabularyFields[]): VocabularyFields | undefined {
  for (let v = 0; v < candidates.length; v++) {
    const vocabulary = candidates[v] as VocabularyFields
    if (says(reader, vocabulary)) return vocabulary
  }
  return undefined
}

/** Whether the item at hand had an attribute for usage that holds no count: "", NaN, a negative number, another type. */
let ignored = false

function count(reader: FieldReader, field: number): number {
  if (!reader.has(field)) return -1
  const value = reader.count(field)
  if (value !== undefined) return value
  ignored = true
  return -1
}

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
  if (raw.inputAudio > 0) raw.cacheReadAudio = count(reader, v.cacheReadAudio)
  if (raw.inputImage > 0) raw.cacheReadImage = count(reader, v.cacheReadImage)
  raw.toolInput = count(reader, v.toolInput)
  raw.extraInput = count(reader, v.extraInput)
  raw.extraOutput = count(reader, v.extraOutput)
}
