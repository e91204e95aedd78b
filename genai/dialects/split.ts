import type { RareMeter, Usage } from '../usage.ts'
import type { Convention } from './dialect.ts'
import { FLAG } from './flags.ts'
import type { RawUsage } from './raw-usage.ts'

/** What decided about the convention of one call. */
export type Basis = 'none' | 'row' | 'proof' | 'learned' | 'provider' | 'assumed'

const positive = (count: number): number => Math.max(count, 0)

/** Cache reads and writes of all kinds, the writes' total counted once beside its parts. */
export function cachedOf(raw: RawUsage): number {
  const parts = positive(raw.cacheWrite5m) + positive(raw.cacheWrite1h)
  const whole = positive(raw.cacheWrite)
  return positive(raw.cacheRead) + Math.max(whole, parts)
}

/** What the total has beyond input and output, where a dialect writes a part of it nowhere else. */
export function fillRest(raw: RawUsage, rest: 'reasoning' | 'cache'): boolean {
  const { input, output, total } = raw
  const more = total - input - output - positive(raw.toolInput)
  if (input < 0 || output < 0 || more <= 0) return false
  if (rest === 'reasoning' && raw.reasoning < 0) raw.reasoning = more
  else if (rest === 'cache' && raw.cacheRead < 0 && raw.cacheWrite < 0) raw.cacheRead = more
  else return false
  return true
}

/** Whether the numbers themselves say that input leaves the cached part out: no inclusive input could be like this. */
export function provesExclusive(raw: RawUsage, cached: number): boolean {
  if (raw.input < cached) return true
  return raw.total >= 0 && raw.output >= 0 && raw.total === raw.input + raw.output + cached
}

/** Whether the numbers say that reasoning stands beside output; `inside` wins where a total shows it. */
export function reasoningStandsOutside(raw: RawUsage, row: boolean): boolean {
  const { input, output, reasoning, total } = raw
  if (output < 0) return row
  if (reasoning > output) return true
  if (total >= 0 && input >= 0) {
    const plain = input + output + positive(raw.toolInput)
    if (total === plain + reasoning) return true
    if (total === plain) return false
  }
  return row
}

/** Whether a total is what none of the ways to add up its parts comes to. */
function totalMismatches(raw: RawUsage, cached: number): boolean {
  const { input, output, total } = raw
  if (total <= 0 || input < 0 || output < 0) return false
  let rest = total - input - output
  if (rest === 0) return false
  const tool = positive(raw.toolInput)
  const reasoning = positive(raw.reasoning)
  // Each of the three may stand beside the totals or in them.
  for (let mask = 1; mask < 8; mask++) {
    rest = total - input - output
    if ((mask & 1) !== 0) rest -= cached
    if ((mask & 2) !== 0) rest -= reasoning
    if ((mask & 4) !== 0) rest -= tool
    if (rest === 0) return false
  }
  return true
}

/** Notes of the last {@link splitUsage}. */
export let splitFlags = 0

/**
 * Takes overlapping totals apart into disjoint buckets.
 *
 * @param convention of `input`; only asked when something was cached
 */
export function splitUsage(raw: RawUsage, convention: Convention, reasoningOutside: boolean): Usage {
  const parts = positive(raw.cacheWrite5m) + positive(raw.cacheWrite1h)
  let flags = raw.total > 0 && totalMismatches(raw, cachedOf(raw)) ? FLAG.total_mismatch : 0
  let write = raw.cacheWrite
  if (parts > 0 && write >= 0) {
    if (write < parts) flags |= FLAG.clamped
    write = write > parts ? write - parts : -1
  }
  const usage: Usage = {
    input: undefined,
    cacheRead: count(raw.cacheRead),
    cacheWrite: count(write),
    cacheWrite5m: count(raw.cacheWrite5m),
    cacheWrite1h: count(raw.cacheWrite1h),
    output: undefined,
    reasoning: count(raw.reasoning),
    other: undefined,
  }
  if (raw.input >= 0) {
    const rest = convention === 'exclusive' ? raw.input : raw.input - cachedOf(raw)
    if (rest < 0) flags |= FLAG.clamped
    usage.input = positive(rest)
  }
  if (raw.output >= 0) {
    if (raw.reasoning > 0 && reasoningOutside) {
      flags |= FLAG.reasoning_outside_output
      usage.output = raw.output
    } else usage.output = positive(raw.output - positive(raw.reasoning))
  } else if (raw.input >= 0) flags |= FLAG.output_missing
  if (raw.inputAudio > 0 || raw.inputImage > 0 || raw.outputAudio > 0 || raw.outputImage > 0)
    flags |= splitModalities(raw, usage, convention)
  if (raw.extraInput > 0) usage.input = (usage.input ?? 0) + raw.extraInput
  if (raw.extraOutput > 0) usage.output = (usage.output ?? 0) + raw.extraOutput
  if (raw.webSearches > 0) usage.other = { ...usage.other, web_searches: raw.webSearches }
  if (raw.toolInput > 0) usage.other = { ...usage.other, input_tool: raw.toolInput }
  splitFlags = flags
  return usage
}

const count = (value: number): number | undefined => (value < 0 ? undefined : value)

/** Audio and image tokens are parts of input and output; what is left is text. */
function splitModalities(raw: RawUsage, usage: Usage, convention: Convention): number {
  let flags = splitCachedModality(raw, usage, 'cacheReadAudio', 'inputAudio', 'cache_read_audio')
  flags |= splitCachedModality(raw, usage, 'cacheReadImage', 'inputImage', 'cache_read_image')
  const take = (amount: number, meter: RareMeter, side: 'input' | 'output'): void => {
    if (amount <= 0) return
    const rest = (usage[side] ?? 0) - amount
    if (rest < 0) flags |= FLAG.clamped
    usage[side] = positive(rest)
    usage.other = { ...usage.other, [meter]: amount }
  }
  const fresh = (whole: number, cached: number): number =>
    convention === 'exclusive' ? whole : whole - Math.min(positive(cached), whole)
  take(fresh(raw.inputAudio, raw.cacheReadAudio), 'input_audio', 'input')
  take(fresh(raw.inputImage, raw.cacheReadImage), 'input_image', 'input')
  take(raw.outputAudio, 'output_audio', 'output')
  take(raw.outputImage, 'output_image', 'output')
  return flags
}

/** A modality's cache reads are parts of both all cache reads and the modality. */
function splitCachedModality(
  raw: RawUsage,
  usage: Usage,
  part: 'cacheReadAudio' | 'cacheReadImage',
  modality: 'inputAudio' | 'inputImage',
  meter: RareMeter,
): number {
  const amount = raw[part]
  if (amount <= 0) return 0
  const rest = (usage.cacheRead ?? 0) - amount
  usage.cacheRead = positive(rest)
  usage.other = { ...usage.other, [meter]: amount }
  return rest < 0 || amount > raw[modality] ? FLAG.clamped : 0
}
