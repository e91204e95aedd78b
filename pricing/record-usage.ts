import type { RareMeter, Usage } from '../genai/usage.ts'

type Json = Readonly<Record<string, unknown>>
const isObject = (v: unknown): v is Json => typeof v === 'object' && v !== null && !Array.isArray(v)

/** Thrown here and caught where the record is decoded. */
export class BadRecord extends Error {}

const TOKEN_KEYS = [
  'input_tokens',
  'output_tokens',
  'cache_read_tokens',
  'cache_write_tokens',
  'cache_write_5m_tokens',
  'cache_write_1h_tokens',
  'output_reasoning_tokens',
  'input_audio_tokens',
  'output_audio_tokens',
  'cache_audio_read_tokens',
  'input_image_tokens',
  'output_image_tokens',
  'cache_image_read_tokens',
  'input_video_tokens',
  'cache_video_read_tokens',
  'input_tool_tokens',
] as const
const COUNTS = [
  'web_searches',
  'storage_searches',
  'attachment_searches',
  'code_sessions',
  'session_hours',
  'images',
  'seconds',
  'characters',
  'requests',
  'pages',
  'cache_storage_token_hours',
] as const satisfies readonly RareMeter[]
/** What the other keys leave over, so that it need not be read. */
const REMAINDERS: readonly string[] = [
  'input_text_tokens',
  'cache_text_read_tokens',
  'output_text_tokens',
  'total_tokens',
  'is_byok',
]
const KNOWN: ReadonlySet<string> = new Set([...TOKEN_KEYS, ...COUNTS, ...REMAINDERS])

type TokenKey = (typeof TOKEN_KEYS)[number]
type Rare = Partial<Record<RareMeter, number>>

/** Inclusive totals to disjoint buckets: a bucket is its total less everything that is a part of it. */
export function decodeUsage(value: unknown): { usage: Usage; flags: string[] } {
  if (!isObject(value)) throw new BadRecord('usage: expected an object')
  const flags: string[] = []
  const tokens = Object.fromEntries(TOKEN_KEYS.map((key) => [key, count(value, key, true)])) as Tokens
  const other: Rare = {}
  for (const meter of COUNTS) set(other, meter, count(value, meter, false))
  for (const key of Object.keys(value)) if (!KNOWN.has(key)) flags.push(`unknown_usage:${key.slice(0, 64)}`)
  const usage: Usage = { ...inputs(tokens, other, flags), ...outputs(tokens, other, flags) }
  if (Object.keys(other).length > 0) usage.other = other
  return { usage, flags }
}

type Tokens = Readonly<Record<TokenKey, number | undefined>>

function set(other: Rare, meter: RareMeter, quantity: number | undefined): number | undefined {
  if (quantity !== undefined) other[meter] = quantity
  return quantity
}

function rest(whole: number | undefined, parts: readonly (number | undefined)[], flags: string[]): number | undefined {
  if (whole === undefined) return undefined
  const left = whole - sum(parts)
  if (left < 0 && !flags.includes('clamped')) flags.push('clamped', 'usage_inconsistent')
  return Math.max(0, left)
}

const sum = (parts: readonly (number | undefined)[]): number =>
  parts.reduce<number>((all, part) => all + (part ?? 0), 0)

function inputs(tokens: Tokens, other: Rare, flags: string[]): Usage {
  const { cache_audio_read_tokens: audio, cache_image_read_tokens: image, cache_video_read_tokens: video } = tokens
  const { cache_write_5m_tokens: cacheWrite5m, cache_write_1h_tokens: cacheWrite1h } = tokens
  set(other, 'cache_read_audio', audio)
  set(other, 'cache_read_image', image)
  const cacheRead = rest(tokens.cache_read_tokens, [audio, image], flags)
  const cacheWrite = rest(tokens.cache_write_tokens, [cacheWrite5m, cacheWrite1h], flags)
  set(other, 'input_audio', rest(tokens.input_audio_tokens, [audio], flags))
  set(other, 'input_image', rest(tokens.input_image_tokens, [image], flags))
  set(other, 'input_video', rest(tokens.input_video_tokens, [video], flags))
  set(other, 'input_tool', tokens.input_tool_tokens)
  const all = tokens.input_tokens
  // Some gateways count tokens that a cache takes in both as written and as read: taking them off twice would be wrong.
  const isCountedTwice =
    cacheRead !== undefined && cacheRead === cacheWrite && cacheRead <= (all ?? 0) && cacheRead * 2 > (all ?? 0)
  if (isCountedTwice) flags.push('cache_written_and_read')
  const cached = [cacheRead, audio, image, ...(isCountedTwice ? [] : [cacheWrite, cacheWrite5m, cacheWrite1h])]
  if (all !== undefined && sum(cached) <= all) shareOverlap(sum([...cached, ...media(other)]) - all, other, flags)
  return {
    input: rest(all, [...cached, ...media(other)], flags),
    cacheRead,
    cacheWrite,
    cacheWrite5m,
    cacheWrite1h,
  }
}

const MEDIA = ['input_video', 'input_image', 'input_audio', 'input_tool'] as const
const media = (other: Rare): readonly (number | undefined)[] => MEDIA.map((meter) => other[meter])

/** Cached tokens without a modality that do not fit beside the media are cached tokens of these media. */
function shareOverlap(overlap: number, other: Rare, flags: string[]): void {
  let left = overlap
  for (const meter of MEDIA) {
    const quantity = other[meter]
    if (quantity === undefined || left <= 0) continue
    other[meter] = Math.max(0, quantity - left)
    left -= quantity
    flags.push(`${meter}_in_cache_assumed`)
  }
}

function outputs(tokens: Tokens, other: Rare, flags: string[]): Usage {
  const reasoning = tokens.output_reasoning_tokens
  const parts = [
    set(other, 'output_audio', tokens.output_audio_tokens),
    set(other, 'output_image', tokens.output_image_tokens),
    reasoning,
  ]
  return { output: rest(tokens.output_tokens, parts, flags), reasoning }
}

function count(value: Json, key: string, isWhole: boolean): number | undefined {
  const found = value[key]
  if (found === undefined || found === null) return undefined
  const isCount = typeof found === 'number' && found >= 0 && Number.isFinite(found)
  if (!isCount || (isWhole && !Number.isSafeInteger(found))) {
    throw new BadRecord(`usage.${key}: expected ${isWhole ? 'a whole number' : 'a number'}, not negative`)
  }
  return found
}
