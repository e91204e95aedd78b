import type { Convention, Dialect } from '../../genai/dialects/table.ts'
import type { RareMeter, Usage } from '../../genai/usage.ts'
import type { FieldReader } from '../../otlp/field-reader.ts'
import { VOCABULARY_FIELDS, type VocabularyFields } from './fields.ts'

/** What one span says it used, taken apart. */
export interface ReadUsage {
  readonly usage: Usage
  readonly flags: readonly string[]
  /** False when the span gives neither input nor output. */
  readonly known: boolean
}

const NOTHING: ReadUsage = { usage: {}, flags: [], known: false }
const NO_FLAGS: readonly string[] = []

/**
 * Reads usage in one vocabulary and splits its overlapping totals into disjoint buckets.
 *
 * Whether `input` contains cache reads and writes is said by the dialect's row, unless the numbers prove otherwise:
 * input smaller than its supposed parts, or a total that only adds up when they are added, cannot be inclusive. Proof
 * beats the row and is flagged.
 */
export function readUsage(reader: FieldReader, dialect: Dialect, provider: string): ReadUsage {
  const vocabulary = chooseVocabulary(reader, dialect)
  if (vocabulary === undefined) return NOTHING
  const input = reader.count(vocabulary.input)
  const output = reader.count(vocabulary.output)
  const flags: string[] = []
  const usage: Usage = {
    input: undefined,
    cacheRead: reader.count(vocabulary.cacheRead),
    cacheWrite: reader.count(vocabulary.cacheWrite),
    cacheWrite5m: reader.count(vocabulary.cacheWrite5m),
    cacheWrite1h: reader.count(vocabulary.cacheWrite1h),
    output: undefined,
    reasoning: reader.count(vocabulary.reasoning),
    other: undefined,
  }
  splitCacheWrites(usage, flags)
  const total = reader.count(vocabulary.total)
  if (input !== undefined)
    splitInput(usage, input, output, total, dialect.input?.[provider] ?? dialect.input?.['*'], flags)
  if (output !== undefined) splitOutput(usage, input, output, total, dialect.reasoningOutside === true, flags)
  else if (input !== undefined) flags.push('output_missing')
  splitModalities(reader, vocabulary, usage, flags)
  addExtras(reader, vocabulary, usage)
  return { usage, flags: flags.length === 0 ? NO_FLAGS : flags, known: input !== undefined || output !== undefined }
}

function chooseVocabulary(reader: FieldReader, dialect: Dialect): VocabularyFields | undefined {
  let first: VocabularyFields | undefined
  for (let v = 0; v < VOCABULARY_FIELDS.length; v++) {
    const vocabulary = VOCABULARY_FIELDS[v] as VocabularyFields
    if (!reader.has(vocabulary.input) && !reader.has(vocabulary.output)) continue
    if (reader.count(vocabulary.input) === undefined && reader.count(vocabulary.output) === undefined) continue
    if (vocabulary.id === dialect.vocabulary) return vocabulary
    first ??= vocabulary
  }
  return first
}

/** A total of cache writes beside its parts by time to live: keeps the parts and what they do not explain. */
function splitCacheWrites(usage: Usage, flags: string[]): void {
  if (usage.cacheWrite5m === undefined && usage.cacheWrite1h === undefined) return
  const parts = (usage.cacheWrite5m ?? 0) + (usage.cacheWrite1h ?? 0)
  if (usage.cacheWrite === undefined) return
  const rest = usage.cacheWrite - parts
  if (rest < 0) flags.push('clamped')
  usage.cacheWrite = rest > 0 ? rest : undefined
}

function splitInput(
  usage: Usage,
  input: number,
  output: number | undefined,
  total: number | undefined,
  row: Convention | undefined,
  flags: string[],
): void {
  const cached =
    (usage.cacheRead ?? 0) + (usage.cacheWrite ?? 0) + (usage.cacheWrite5m ?? 0) + (usage.cacheWrite1h ?? 0)
  if (cached === 0) {
    usage.input = input
    return
  }
  const proven = input < cached || (total !== undefined && output !== undefined && total === input + output + cached)
  const exclusive = proven || row === 'exclusive'
  if (proven && row === 'inclusive') flags.push('convention_contradicted')
  if (!proven && row === undefined) flags.push('convention_assumed')
  usage.input = exclusive ? input : input - cached
}

function splitOutput(
  usage: Usage,
  input: number | undefined,
  output: number,
  total: number | undefined,
  rowOutside: boolean,
  flags: string[],
): void {
  const reasoning = usage.reasoning ?? 0
  if (reasoning === 0) {
    usage.output = output
    return
  }
  const proven =
    reasoning > output || (total !== undefined && input !== undefined && total === input + output + reasoning)
  if (proven || rowOutside) {
    flags.push('reasoning_outside_output')
    usage.output = output
  } else {
    usage.output = output - reasoning
  }
}

/** Audio and image tokens are parts of input and output; what is left is text. */
function splitModalities(reader: FieldReader, v: VocabularyFields, usage: Usage, flags: string[]): void {
  const take = (field: number, meter: RareMeter, side: 'input' | 'output'): void => {
    const count = reader.count(field)
    if (count === undefined || count === 0) return
    const rest = (usage[side] ?? 0) - count
    if (rest < 0) flags.push('clamped')
    usage[side] = Math.max(0, rest)
    usage.other = { ...usage.other, [meter]: count }
  }
  take(v.inputAudio, 'input_audio', 'input')
  take(v.inputImage, 'input_image', 'input')
  take(v.outputAudio, 'output_audio', 'output')
  take(v.outputImage, 'output_image', 'output')
}

/** Usage that is billed but left out of the totals (Anthropic's compaction). */
function addExtras(reader: FieldReader, v: VocabularyFields, usage: Usage): void {
  const input = reader.count(v.extraInput)
  if (input !== undefined) usage.input = (usage.input ?? 0) + input
  const output = reader.count(v.extraOutput)
  if (output !== undefined) usage.output = (usage.output ?? 0) + output
}
