import type { Meter } from '../../genai/usage.ts'
import type { BandEdge, Card, Conditions, RateText } from '../../pricing/card.ts'
import type { SeedModel, SeedPrice, SeedRate } from './seed-format.ts'

/** Prices per million tokens, by the seed's key. */
const TOKEN_KEYS: Readonly<Record<string, Meter>> = {
  input_mtok: 'input',
  cache_read_mtok: 'cache_read',
  cache_write_mtok: 'cache_write',
  cache_write_1h_mtok: 'cache_write_1h',
  output_mtok: 'output',
  output_reasoning_mtok: 'reasoning',
  input_audio_mtok: 'input_audio',
  input_image_mtok: 'input_image',
  input_video_mtok: 'input_video',
  cache_audio_read_mtok: 'cache_read_audio',
  cache_image_read_mtok: 'cache_read_image',
  output_audio_mtok: 'output_audio',
  output_image_mtok: 'output_image',
}
/** Prices per unit: the meter, and by how much the seed's price is to be divided. */
const UNIT_KEYS: Readonly<Record<string, readonly [Meter, string]>> = {
  web_searches_kcount: ['web_searches', '1000'],
  storage_searches_kcount: ['storage_searches', '1000'],
  requests_kcount: ['requests', '1000'],
  audio_hours: ['seconds', '3600'],
  input_audio_hours: ['seconds', '3600'],
  input_mchars: ['characters', '1000000'],
  input_document_kpages: ['pages', '1000'],
}
/** What calls have no meter for yet: annotated pages, citations, output video, text messages. A card of these alone is left out. */
export const UNMETERED: readonly string[] = [
  'input_annotated_document_kpages',
  'output_citation_mtok',
  'output_video_mtok',
  'input_text_messages_kcount',
]

/** All cards of one model: what it cost when, in which hours, at which tier. */
export function cardsOf(provider: string, model: SeedModel, source: string, name: ModelName): Card[] {
  const base = model.prices.filter((p) => p.when === undefined)
  const dated = completed(base.filter((p) => p.window === undefined))
  const cards = dated.map((p, i) => card(provider, name, p, source, { from: p.from, to: dated[i + 1]?.from }))
  const windowed = base.filter((p) => p.window !== undefined)
  const latest = dated.at(-1)?.from
  for (const p of windowed) cards.push(card(provider, name, p, source, { from: latest, window: p.window }))
  return [...cards, ...variants(provider, model, dated, source, name)].filter((c) => c !== undefined)
}

/**
 * Where a later price has a meter more and everything else is as before, the earlier one had merely been read less
 * completely: they are one price.
 */
function completed(dated: readonly SeedPrice[]): SeedPrice[] {
  const out: SeedPrice[] = []
  for (const price of dated) {
    const before = out.at(-1)
    if (before !== undefined && isSubset(before.rates, price.rates))
      out[out.length - 1] = { ...before, rates: price.rates }
    else out.push(price)
  }
  return out
}

const isSubset = (part: SeedPrice['rates'], whole: SeedPrice['rates']): boolean =>
  Object.keys(part).length > 0 &&
  Object.entries(part).every(([k, rate]) => JSON.stringify(rate) === JSON.stringify(whole[k]))

export interface ModelName {
  readonly model: string
  readonly aliases: readonly string[]
  readonly endpoint?: 'global' | 'regional' | undefined
}

interface Extra {
  readonly from?: string | undefined
  readonly to?: string | undefined
  readonly window?: readonly [string, string] | undefined
  readonly when?: Conditions | undefined
}

/**
 * Prices for a tier or speed name only what differs from the standard price, and carry the day on which somebody first
 * looked, not the day on which they began: they are taken to hold for as long as the standard price they belong to.
 */
function variants(
  provider: string,
  model: SeedModel,
  dated: readonly SeedPrice[],
  source: string,
  name: ModelName,
): (Card | undefined)[] {
  const groups = Map.groupBy(
    model.prices.filter((p) => conditionOf(p.when) !== undefined),
    (p) => JSON.stringify(conditionOf(p.when)),
  )
  return [...groups.values()].flatMap((group) => {
    const sorted = group.toSorted((a, b) => (a.from ?? '').localeCompare(b.from ?? ''))
    return sorted.flatMap((p, i) => {
      const at = dated.findLastIndex((d) => (d.from ?? '') <= (p.from ?? '9999'))
      const standard = dated[p.from === undefined ? dated.length - 1 : at]
      if (standard === undefined) return []
      const from = i === 0 ? standard.from : p.from
      const to = sorted[i + 1]?.from ?? dated[dated.indexOf(standard) + 1]?.from
      return [
        card(provider, name, { rates: { ...standard.rates, ...p.rates } }, source, {
          from,
          to,
          when: conditionOf(p.when),
        }),
      ]
    })
  })
}

/** `fast` is the newer name of `priority`; `default` is the standard price; routes and search types are not on spans. */
function conditionOf(when: SeedPrice['when']): Conditions | undefined {
  if (when?.['processing'] === 'batch') return { tier: ['batch'] }
  if (when?.['service_tier'] === 'flex') return { tier: ['flex'] }
  if (when?.['service_tier'] === 'priority') return { tier: ['priority'] }
  return when?.['speed'] === 'fast' ? { speed: ['fast'] } : undefined
}

function card(provider: string, name: ModelName, price: SeedPrice, source: string, extra: Extra): Card | undefined {
  const tokens = Object.entries(price.rates).filter(([key]) => TOKEN_KEYS[key] !== undefined)
  const { edges, columns } = bandsOf(tokens.map(([, rate]) => rate))
  const rates = renameWrites(
    name.model,
    Object.fromEntries(tokens.map(([key, rate]) => [TOKEN_KEYS[key] as Meter, columns(rate)])),
  )
  const fees = feesOf(price)
  const isUnmetered = Object.keys(price.rates).some((k) => UNMETERED.includes(k))
  const isEmpty = tokens.length === 0 && Object.keys(fees).length === 0
  if (isEmpty && isUnmetered) return undefined
  const isFree =
    isEmpty ||
    (Object.keys(fees).length === 0 && Object.values(rates).every((r) => typeof r === 'string' && Number(r) === 0))
  const when = conditionsOf(name, extra)
  return {
    id: cardId(provider, name, extra),
    model: name.model,
    ...(name.aliases.length === 0 ? {} : { aliases: name.aliases }),
    ...(extra.from === undefined ? {} : { from: extra.from }),
    ...(extra.to === undefined ? {} : { to: extra.to }),
    ...(when === undefined ? {} : { when }),
    ...(extra.window === undefined ? {} : { windows: [{ start: extra.window[0], end: extra.window[1] }] }),
    ...(edges.length === 0 ? {} : { bands: edges }),
    ...(tokens.length === 0 || isFree ? {} : { rates }),
    ...(Object.keys(fees).length === 0 ? {} : { fees }),
    ...(isFree ? { free: true as const } : {}),
    source,
  }
}

function conditionsOf(name: ModelName, extra: Extra): Conditions | undefined {
  if (name.endpoint === undefined) return extra.when
  return { ...extra.when, endpoint: [name.endpoint] }
}

function cardId(provider: string, name: ModelName, extra: Extra): string {
  const parts = [extra.when?.tier?.[0], extra.when?.speed?.[0], name.endpoint, extra.window?.[0].replace(':', '')]
  const suffix = parts.filter((p) => p !== undefined).map((p) => `/${p}`)
  return `${provider}/${name.model}${extra.from === undefined ? '' : `@${extra.from}`}${suffix.join('')}`
}

/**
 * The seed's tiers fire when total input is greater than `start`. A start of 199,999 is how it says "200,000 or more",
 * which is how the provider publishes it.
 */
function bandsOf(rates: readonly SeedRate[]): { edges: BandEdge[]; columns: (rate: SeedRate) => RateText } {
  const starts = [...new Set(rates.flatMap((r) => (typeof r === 'string' ? [] : r.tiers.map((t) => t.start))))].sort(
    (a, b) => a - b,
  )
  const columns = (rate: SeedRate): RateText => {
    if (typeof rate === 'string') return rate
    return [rate.base, ...starts.map((start) => rate.tiers.findLast((t) => t.start <= start)?.price ?? rate.base)]
  }
  return { edges: starts.map((s) => (s % 1000 === 999 ? { gte: s + 1 } : { gt: s })), columns }
}

/** Claude's plain write price is that of the five-minute cache; elsewhere there is one price whatever the time. */
function renameWrites(model: string, rates: Record<string, RateText>): Record<string, RateText> {
  const { cache_write, ...rest } = rates
  if (cache_write === undefined || !(model.includes('claude') || 'cache_write_1h' in rates)) return rates
  return Object.fromEntries(
    Object.entries(rates).map(([k, v]) => [k === 'cache_write' ? 'cache_write_5m' : k, v]),
  ) satisfies typeof rest
}

function feesOf(price: SeedPrice): Record<string, string> {
  const out: Record<string, string> = {}
  for (const [key, rate] of Object.entries(price.rates)) {
    const unit = UNIT_KEYS[key]
    if (unit !== undefined && typeof rate === 'string') out[unit[0]] = divided(rate, unit[1])
  }
  return out
}

/** Powers of ten shift the point; hours stay a fraction, since most hourly prices have no exact price per second. */
function divided(price: string, by: string): string {
  if (by === '3600') return `${price}/3600`
  const shift = by.length - 1
  const [whole = '0', fraction = ''] = price.split('.')
  const digits = whole.padStart(shift + 1, '0') + fraction
  const point = digits.length - fraction.length - shift
  return `${digits.slice(0, point)}.${digits.slice(point)}`.replace(/0+$/, '').replace(/\.$/, '')
}

/** Every id the seed recognises exactly. Its prefixes and parts count as ids too; longer ones are never guessed. */
export function aliasesOf(model: SeedModel): string[] {
  const exact = model.match.filter((m) => m.startsWith('=')).map((m) => m.slice(1))
  const loose = model.match.filter((m) => !m.startsWith('=')).map((m) => trimmed(m.slice(1)))
  return [...new Set([...exact, ...loose])].filter((id) => id.length > 2)
}

const trimmed = (part: string): string => part.replace(/[-@:.]+$/, '').replace(/-(?:20\d{0,2}|0)$/, '')
