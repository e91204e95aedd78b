/**
 * What one provider call consumed, in disjoint buckets: no token is in two of them, so the price of a call is the sum
 * of quantity times rate. `undefined` means unknown and is never the same as 0.
 *
 * Instrumentations report overlapping totals ("input, of which cached"); `gen_ai_usage` takes them apart.
 */
export interface Usage {
  /** Input tokens that were neither read from nor written to a cache, of no special modality. */
  input?: number | undefined
  cacheRead?: number | undefined
  /** Cache writes whose time to live is not known. */
  cacheWrite?: number | undefined
  cacheWrite5m?: number | undefined
  cacheWrite1h?: number | undefined
  /** Visible output tokens, of no special modality. */
  output?: number | undefined
  /** Hidden reasoning ("thinking") tokens; billed as output unless the card says otherwise. */
  reasoning?: number | undefined
  /** Everything rarer: other modalities and units that are not tokens. */
  other?: Partial<Record<RareMeter, number>> | undefined
}

/** The meters of the common case, in the order in which cost lines are written. */
export const COMMON_METERS = [
  'input',
  'cache_read',
  'cache_write',
  'cache_write_5m',
  'cache_write_1h',
  'output',
  'reasoning',
] as const

/** Meters that few calls have. Token meters first, then units of their own. */
export const RARE_METERS = [
  'input_audio',
  'input_image',
  'input_video',
  'input_tool',
  'cache_read_audio',
  'cache_read_image',
  'output_audio',
  'output_image',
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
] as const

export type CommonMeter = (typeof COMMON_METERS)[number]
export type RareMeter = (typeof RARE_METERS)[number]
/** Every disjoint thing that can be counted and priced. */
export type Meter = CommonMeter | RareMeter

/** The quantity of one meter; `undefined` when the call does not say. */
export function quantityOf(usage: Usage, meter: Meter): number | undefined {
  switch (meter) {
    case 'input':
      return usage.input
    case 'cache_read':
      return usage.cacheRead
    case 'cache_write':
      return usage.cacheWrite
    case 'cache_write_5m':
      return usage.cacheWrite5m
    case 'cache_write_1h':
      return usage.cacheWrite1h
    case 'output':
      return usage.output
    case 'reasoning':
      return usage.reasoning
    default:
      return usage.other?.[meter]
  }
}

/** Total input tokens including cache reads and writes: what context bands are chosen by. Unknown parts count as 0. */
export function totalInput(usage: Usage): number {
  const o = usage.other
  const rare =
    o === undefined
      ? 0
      : (o.input_audio ?? 0) +
        (o.input_image ?? 0) +
        (o.input_video ?? 0) +
        (o.input_tool ?? 0) +
        (o.cache_read_audio ?? 0) +
        (o.cache_read_image ?? 0)
  return (
    (usage.input ?? 0) +
    (usage.cacheRead ?? 0) +
    (usage.cacheWrite ?? 0) +
    (usage.cacheWrite5m ?? 0) +
    (usage.cacheWrite1h ?? 0) +
    rare
  )
}

/** Total output tokens including reasoning. Unknown parts count as 0. */
export function totalOutput(usage: Usage): number {
  const o = usage.other
  const rare = o === undefined ? 0 : (o.output_audio ?? 0) + (o.output_image ?? 0)
  return (usage.output ?? 0) + (usage.reasoning ?? 0) + rare
}
