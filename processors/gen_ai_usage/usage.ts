import type { Convention, Dialect } from '../../genai/dialects/table.ts'
import { VOCABULARIES, type Vocabulary } from '../../genai/dialects/vocabularies.ts'
import type { RareMeter, Usage } from '../../genai/usage.ts'
import type { AttributesReader } from '../../otlp/attributes-reader.ts'
import type { KeyTable } from '../../otlp/keys.ts'

type BoundVocabulary = Readonly<Record<Exclude<keyof Vocabulary, 'id'>, readonly number[]>> & { readonly id: string }

/** Every attribute that usage may stand in. */
export const USAGE_KEYS: readonly string[] = VOCABULARIES.flatMap((v) =>
  Object.values(v).flatMap((keys: string | readonly string[]) => (typeof keys === 'string' ? [] : keys)),
)

export function bindVocabularies(keys: KeyTable): readonly BoundVocabulary[] {
  const ids = (names: readonly string[]): number[] => names.map((name) => keys.idOf(name))
  return VOCABULARIES.map((v) => ({
    id: v.id,
    input: ids(v.input),
    output: ids(v.output),
    total: ids(v.total),
    cacheRead: ids(v.cacheRead),
    cacheWrite: ids(v.cacheWrite),
    cacheWrite5m: ids(v.cacheWrite5m),
    cacheWrite1h: ids(v.cacheWrite1h),
    reasoning: ids(v.reasoning),
    inputAudio: ids(v.inputAudio),
    outputAudio: ids(v.outputAudio),
    inputImage: ids(v.inputImage),
    outputImage: ids(v.outputImage),
    extraInput: ids(v.extraInput),
    extraOutput: ids(v.extraOutput),
  }))
}

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
export function readUsage(
  reader: AttributesReader,
  vocabularies: readonly BoundVocabulary[],
  dialect: Dialect,
  provider: string,
): ReadUsage {
  const vocabulary = chooseVocabulary(reader, vocabularies, dialect)
  if (vocabulary === undefined) return NOTHING
  const input = reader.firstCount(vocabulary.input)
  const output = reader.firstCount(vocabulary.output)
  const flags: string[] = []
  const usage: Usage = {
    input: undefined,
    cacheRead: reader.firstCount(vocabulary.cacheRead),
    cacheWrite: reader.firstCount(vocabulary.cacheWrite),
    cacheWrite5m: reader.firstCount(vocabulary.cacheWrite5m),
    cacheWrite1h: reader.firstCount(vocabulary.cacheWrite1h),
    output: undefined,
    reasoning: reader.firstCount(vocabulary.reasoning),
    other: undefined,
  }
  splitCacheWrites(usage, flags)
  const total = reader.firstCount(vocabulary.total)
  if (input !== undefined)
    splitInput(usage, input, output, total, dialect.input?.[provider] ?? dialect.input?.['*'], flags)
  if (output !== undefined) splitOutput(usage, input, output, total, dialect.reasoningOutside === true, flags)
  else if (input !== undefined) flags.push('output_missing')
  splitModalities(reader, vocabulary, usage, flags)
  addExtras(reader, vocabulary, usage)
  return { usage, flags: flags.length === 0 ? NO_FLAGS : flags, known: input !== undefined || output !== undefined }
}

function chooseVocabulary(
  reader: AttributesReader,
  vocabularies: readonly BoundVocabulary[],
  dialect: Dialect,
): BoundVocabulary | undefined {
  const speaks = (v: BoundVocabulary): boolean =>
    reader.firstCount(v.input) !== undefined || reader.firstCount(v.output) !== undefined
  for (const v of vocabularies) if (v.id === dialect.vocabulary && speaks(v)) return v
  for (const v of vocabularies) if (speaks(v)) return v
  return undefined
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
function splitModalities(reader: AttributesReader, v: BoundVocabulary, usage: Usage, flags: string[]): void {
  const take = (keys: readonly number[], meter: RareMeter, side: 'input' | 'output'): void => {
    const count = reader.firstCount(keys)
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
function addExtras(reader: AttributesReader, v: BoundVocabulary, usage: Usage): void {
  const input = reader.firstCount(v.extraInput)
  if (input !== undefined) usage.input = (usage.input ?? 0) + input
  const output = reader.firstCount(v.extraOutput)
  if (output !== undefined) usage.output = (usage.output ?? 0) + output
}
