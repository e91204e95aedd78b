import { normalPico, type Pico } from '../genai/money.ts'
import type { RareMeter, Usage } from '../genai/usage.ts'
import type { PricedCost } from './cost.ts'
import type { PriceQuery } from './pricer.ts'
import { parseRational, rationalOf, rounded, times } from './rational.ts'

/** One line of `tokenfuse price`, decoded. */
export interface PriceRecord {
  readonly id: unknown
  readonly query: PriceQuery
  /** How the usage had to be understood. */
  readonly flags: readonly string[]
}

export type Decoded = PriceRecord | { readonly id: unknown; readonly error: string }

type Json = Readonly<Record<string, unknown>>
const isObject = (v: unknown): v is Json => typeof v === 'object' && v !== null && !Array.isArray(v)

/** Thrown and caught inside this file only. */
class BadRecord extends Error {}

export function decodeRecord(value: unknown): Decoded {
  if (!isObject(value)) return { id: null, error: 'expected a JSON object' }
  const id = value['id'] ?? null
  try {
    const { usage, flags } = decodeUsage(value['usage'])
    return { id, query: queryOf(value, usage), flags }
  } catch (error) {
    if (error instanceof BadRecord) return { id, error: error.message }
    throw error
  }
}

function queryOf(value: Json, usage: Usage): PriceQuery {
  const model = text(value, 'model')
  const requestModel = text(value, 'request_model')
  if (model === undefined && requestModel === undefined) throw new BadRecord('model: expected a model id')
  const reportedPico = amount(value['reported_cost_usd'])
  return {
    provider: text(value, 'provider') ?? '',
    responseModel: model,
    requestModel,
    serviceTier: text(value, 'service_tier'),
    speed: text(value, 'speed'),
    inferenceGeo: text(value, 'inference_geo'),
    region: text(value, 'region'),
    endMs: instant(value['at']),
    usage,
    reportedPico,
    reportedIsBilled: reportedPico !== undefined,
    isByok: isTrue(value['is_byok']) || (isObject(value['usage']) && isTrue(value['usage']['is_byok'])),
  }
}

function text(value: Json, key: string): string | undefined {
  const found = value[key]
  if (found === undefined || found === null) return undefined
  if (typeof found !== 'string') throw new BadRecord(`${key}: expected a string`)
  return found
}

const INSTANT = /^\d{4}-\d{2}-\d{2}[Tt ]\d{2}:\d{2}:\d{2}(?:\.\d+)?(?:[Zz]|[+-]\d{2}:\d{2})$/

function instant(value: unknown): number {
  const ms = typeof value === 'string' && INSTANT.test(value) ? Date.parse(value) : Number.NaN
  if (Number.isNaN(ms)) throw new BadRecord('at: expected an RFC 3339 time such as 2026-11-20T08:30:00Z')
  return ms
}

/** A bill in USD as a number or a decimal string, to the nearest pico-USD. */
function amount(value: unknown): Pico | undefined {
  if (value === undefined || value === null) return undefined
  const exact =
    typeof value === 'number' ? rationalOf(value) : typeof value === 'string' ? parseRational(value) : undefined
  if (exact === undefined || exact.num < 0n) throw new BadRecord('reported_cost_usd: expected an amount of USD')
  return normalPico(rounded(times(exact, { num: 10n ** 12n, den: 1n })))
}

function isTrue(value: unknown): boolean {
  if (value === undefined || typeof value === 'boolean' || value === null) return value === true
  if (value === 0 || value === 1) return value === 1
  throw new BadRecord('is_byok: expected true or false')
}

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

type TokenKey = (typeof TOKEN_KEYS)[number]

/** Inclusive totals to disjoint buckets: a bucket is its total less everything that is a part of it. */
function decodeUsage(value: unknown): { usage: Usage; flags: string[] } {
  if (!isObject(value)) throw new BadRecord('usage: expected an object')
  const flags: string[] = []
  const tokens = Object.fromEntries(TOKEN_KEYS.map((key) => [key, count(value, key, true)])) as Record<
    TokenKey,
    number | undefined
  >
  const rest = (total: TokenKey, ...parts: (number | undefined)[]): number | undefined => {
    const whole = tokens[total]
    if (whole === undefined) return undefined
    const left = parts.reduce<number>((sum, part) => sum - (part ?? 0), whole)
    if (left < 0 && !flags.includes('clamped')) flags.push('clamped', 'usage_inconsistent')
    return Math.max(0, left)
  }
  const cached = { audio: tokens.cache_audio_read_tokens, image: tokens.cache_image_read_tokens }
  const writes = { five: tokens.cache_write_5m_tokens, hour: tokens.cache_write_1h_tokens }
  const other: Partial<Record<RareMeter, number>> = {}
  const set = (meter: RareMeter, quantity: number | undefined): number | undefined => {
    if (quantity !== undefined) other[meter] = quantity
    return quantity
  }
  set('cache_read_audio', cached.audio)
  set('cache_read_image', cached.image)
  const cacheRead = rest('cache_read_tokens', cached.audio, cached.image)
  const cacheWrite = rest('cache_write_tokens', writes.five, writes.hour)
  const inputs = [
    set('input_audio', rest('input_audio_tokens', cached.audio)),
    set('input_image', rest('input_image_tokens', cached.image)),
    set('input_video', tokens.input_video_tokens),
    set('input_tool', tokens.input_tool_tokens),
  ]
  const outputs = [
    set('output_audio', tokens.output_audio_tokens),
    set('output_image', tokens.output_image_tokens),
    tokens.output_reasoning_tokens,
  ]
  for (const meter of COUNTS) set(meter, count(value, meter, false))
  for (const key of Object.keys(value)) if (!KNOWN.has(key)) flags.push(`unknown_usage:${key.slice(0, 64)}`)
  // Some gateways count tokens that a cache takes in both as written and as read: taking them off twice would be wrong.
  const all = tokens.input_tokens ?? 0
  const isCountedTwice = cacheRead !== undefined && cacheRead === cacheWrite && cacheRead <= all && cacheRead * 2 > all
  if (isCountedTwice) flags.push('cache_written_and_read')
  const writtenApart = isCountedTwice ? [] : [cacheWrite, writes.five, writes.hour]
  const usage: Usage = {
    input: rest('input_tokens', cacheRead, cached.audio, cached.image, ...writtenApart, ...inputs),
    cacheRead,
    cacheWrite,
    cacheWrite5m: writes.five,
    cacheWrite1h: writes.hour,
    output: rest('output_tokens', ...outputs),
    reasoning: tokens.output_reasoning_tokens,
    other: Object.keys(other).length === 0 ? undefined : other,
  }
  return { usage, flags }
}

const KNOWN: ReadonlySet<string> = new Set([...TOKEN_KEYS, ...COUNTS, 'is_byok', 'total_tokens'])

function count(value: Json, key: string, isWhole: boolean): number | undefined {
  const found = value[key]
  if (found === undefined || found === null) return undefined
  const isCount = typeof found === 'number' && found >= 0 && Number.isFinite(found)
  if (!isCount || (isWhole && !Number.isSafeInteger(found))) {
    throw new BadRecord(`usage.${key}: expected ${isWhole ? 'a whole number' : 'a number'}, not negative`)
  }
  return found
}

/** The answer to one line, keys in the documented order. */
export function encodeCost(record: PriceRecord, cost: PricedCost, usd: (pico: Pico) => string): object {
  return {
    id: record.id,
    status: cost.status,
    cost_usd: cost.pico === undefined ? null : usd(cost.pico),
    // Somebody else pays: what it would have cost here.
    ...(cost.status === 'free' && cost.listPico !== undefined && cost.listPico > 0
      ? { list_cost_usd: usd(cost.listPico) }
      : {}),
    lines: cost.lines.map((line) => ({
      meter: line.meter,
      quantity: line.quantity,
      unit: line.unit,
      unit_price_usd: line.unitPriceUsd,
      cost_usd: usd(line.pico),
    })),
    card: cost.card ?? null,
    book_version: cost.bookVersion,
    layer: cost.layer,
    flags: [...record.flags, ...cost.flags],
    ...(cost.reason === undefined || cost.status === 'priced' ? {} : { reason: cost.reason }),
  }
}
