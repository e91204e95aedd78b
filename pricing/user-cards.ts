import type { BookFile, Card, Source } from './card.ts'
import { type CardComplaint, checkCard, overlaps } from './check.ts'
import { TOKEN_METERS } from './compile.ts'
import { exactText, type FxRate, inUsd } from './currency.ts'
import { providerOf } from './providers.ts'
import { parseRational, type Rational, times } from './rational.ts'

/** What a user wrote as prices, ready for a layer, or everything that is wrong with it by index and path. */
export interface UserCards {
  readonly files: readonly BookFile[]
  readonly complaints: readonly CardComplaint[]
}

export interface UserCardOptions {
  /** Rates of exchange for cards in other currencies than USD. */
  readonly fx?: readonly FxRate[] | undefined
  /** Sources that cards name by `source`; a card without one comes from the configuration. */
  readonly sources?: Readonly<Record<string, Source>> | undefined
}

/**
 * Reads cards that a person wrote: as in the book, with a `provider`; id and source may be left out. Prices may be
 * numbers or strings; a number is taken as the decimal that was typed. Two things are only here: `currency`, and
 * `capacity`, which is paid by the hour and shared out among tokens.
 */
export function decodeUserCards(
  layer: 'contract' | 'user',
  values: readonly unknown[],
  options: UserCardOptions = {},
): UserCards {
  const sources = { ...options.sources, config: CONFIG }
  const decoded = values.map((value) => decode(layer, value, { fx: options.fx ?? [], sources }))
  const complaints = decoded.flatMap(({ complaints }, i) =>
    complaints.map((c) => ({ path: [i, ...c.path], message: c.message })),
  )
  if (complaints.length > 0) return { files: [], complaints }
  const index = new Map(decoded.flatMap(({ cards }, i) => cards.map((card) => [card, i] as const)))
  const files = [...Map.groupBy(decoded, (d) => d.provider)].map(([provider, group]) => ({
    provider,
    sources,
    cards: group.flatMap((d) => d.cards),
  }))
  return { files, complaints: files.flatMap((file) => doubled(file, index)) }
}

const CONFIG: Source = { url: 'configuration', checked: '' }

interface Context {
  readonly fx: readonly FxRate[]
  readonly sources: Readonly<Record<string, Source>>
}

interface Decoded {
  readonly provider: string
  /** Several when rates of exchange change in its time. */
  readonly cards: readonly Card[]
  readonly complaints: readonly CardComplaint[]
}

type Json = Readonly<Record<string, unknown>>
const isObject = (v: unknown): v is Json => typeof v === 'object' && v !== null && !Array.isArray(v)

function decode(layer: string, value: unknown, context: Context): Decoded {
  if (!isObject(value)) return { provider: '', cards: [], complaints: [{ path: [], message: 'expected a price card' }] }
  const { provider, currency, capacity, ...rest } = value
  const named = typeof provider === 'string' ? providerOf(provider).id : ''
  const since = rest['from'] === undefined ? '' : `@${String(rest['from'])}`
  const card: Json = {
    ...rest,
    id: `${layer}:${named}/${String(rest['model'])}${since}`,
    source: rest['source'] ?? 'config',
    ...(capacity === undefined ? amounts(rest, 'rates') : { rates: shares(capacity), amortised: true }),
    ...amounts(rest, 'fees'),
  }
  const complaints = [
    ...(named === '' ? [{ path: ['provider'], message: 'expected the name of who bills' }] : []),
    ...capacityComplaints(capacity, rest),
    ...currencyComplaints(currency, context.fx),
    ...(Object.hasOwn(context.sources, String(card['source'])) ? [] : [NO_SOURCE]),
    ...checkCard(card),
  ].filter((c) => c.path[0] !== 'id')
  if (complaints.length > 0) return { provider: named, cards: [], complaints }
  const checked = card as unknown as Card
  const isForeign = typeof currency === 'string' && currency !== 'USD'
  return { provider: named, cards: isForeign ? inUsd(checked, currency, context.fx) : [checked], complaints }
}

const NO_SOURCE: CardComplaint = { path: ['source'], message: 'no such name under sources' }

function amounts(card: Json, key: 'rates' | 'fees'): Json {
  const group = card[key]
  if (!isObject(group)) return {}
  return { [key]: Object.fromEntries(Object.entries(group).map(([meter, price]) => [meter, asText(price)])) }
}

const asText = (price: unknown): unknown => {
  if (Array.isArray(price)) return price.map(asText)
  return typeof price === 'number' ? String(price) : price
}

/** USD per million tokens, whatever tokens they are. */
function shares(capacity: unknown): Readonly<Record<string, string>> {
  const perHour = isObject(capacity) ? positive(capacity['usd_per_hour']) : undefined
  const tokens = isObject(capacity) ? positive(capacity['tokens_per_hour']) : undefined
  if (perHour === undefined || tokens === undefined) return {}
  const rate = exactText(times({ num: perHour.num * MILLION, den: perHour.den }, { num: tokens.den, den: tokens.num }))
  return Object.fromEntries([...TOKEN_METERS].map((meter) => [meter, rate]))
}

const MILLION = 1_000_000n

function positive(value: unknown): Rational | undefined {
  const text = asText(value)
  const amount = typeof text === 'string' ? parseRational(text) : undefined
  return amount !== undefined && amount.num > 0n ? amount : undefined
}

function capacityComplaints(capacity: unknown, card: Json): CardComplaint[] {
  if (capacity === undefined) return []
  if (card['rates'] !== undefined)
    return [{ path: ['capacity'], message: 'stands in place of rates; remove one of the two' }]
  const isGood = isObject(capacity) && Object.keys(capacity).length === 2 && Object.keys(shares(capacity)).length > 0
  return isGood ? [] : [{ path: ['capacity'], message: 'expected usd_per_hour and tokens_per_hour, both above 0' }]
}

function currencyComplaints(currency: unknown, fx: readonly FxRate[]): CardComplaint[] {
  if (currency === undefined || currency === 'USD' || fx.some((rate) => rate.currency === currency)) return []
  return [{ path: ['currency'], message: 'no rate of exchange for this currency; add one under fx' }]
}

const doubled = (file: BookFile, index: ReadonlyMap<Card, number>): CardComplaint[] =>
  overlaps(file.cards).map(([a, b]) => ({
    path: [index.get(b) ?? 0],
    message: `holds at the same time as cards[${index.get(a)}] for the same model; set from and to`,
  }))
