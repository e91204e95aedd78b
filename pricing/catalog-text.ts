import type { Meter } from '../genai/usage.ts'
import type { BookChange } from './book-diff.ts'
import type { BandEdge, Card, Conditions, DailyWindow, RateText, Source } from './card.ts'
import type { CatalogEntry } from './catalog.ts'
import { UNITS } from './lines.ts'

/** Which set of prices a listing is of. */
export interface Listed {
  readonly version: string
  readonly asOf: string
}

const SHOWN: readonly Meter[] = ['input', 'cache_read', 'cache_write_5m', 'output']

/** One line a card: the four prices that most people look for, in USD per million tokens. */
export function listText(entries: readonly CatalogEntry[], listed: Listed): string {
  const rows = entries.map(({ provider, card }) => [
    provider,
    card.model,
    card.from ?? '',
    card.to ?? '',
    conditionsText(card),
    ...SHOWN.map((meter) => shortRate(card.rates?.[meter])),
    otherText(card),
  ])
  const head = ['PROVIDER', 'MODEL', 'FROM', 'TO', 'ONLY', 'INPUT', 'CACHE READ', 'WRITE 5M', 'OUTPUT', 'ALSO']
  const checked = listed.asOf === '' ? '' : `, facts checked until ${listed.asOf}`
  return `${rows.length === 0 ? '' : table([head, ...rows])}${rows.length} cards; USD per million tokens; book ${listed.version}${checked}\n`
}

const shortRate = (rate: RateText | undefined): string => {
  if (rate === undefined) return ''
  if (rate === null) return 'unknown'
  return typeof rate === 'string' ? rate : rate.map((r) => r ?? 'unknown').join(' / ')
}

function otherText(card: Card): string {
  const rates = Object.keys(card.rates ?? {}).filter((meter) => !SHOWN.includes(meter as Meter))
  const words = [...rates, ...Object.keys(card.fees ?? {})]
  return [...(card.free === true ? ['free'] : []), ...(card.unverified === true ? ['unverified'] : []), ...words].join(
    ' ',
  )
}

function conditionsText(card: Card): string {
  const { when, windows } = card
  const named = Object.entries(when ?? {}).map(([name, values]) => `${name} ${(values as readonly string[]).join('|')}`)
  return [...named, ...(windows ?? []).map(windowText)].join(', ')
}

function windowText({ start, end, days, except, zone }: DailyWindow): string {
  const on = days === undefined ? '' : ` on weekdays ${days.join('')}`
  const but = except === undefined || except.length === 0 ? '' : ` but ${except.join(' ')}`
  return `${start}-${end} ${zone ?? 'UTC'}${on}${but}`
}

/** A card in words: every unit written out, every source with its day. */
export function cardText({ provider, card, sources, modifiers }: CatalogEntry): string {
  const only = conditionsText(card)
  const columns = ['', ...(card.bands ?? []).map((edge) => ` with ${edgeText(edge)} input tokens`)]
  return [
    card.id,
    `  billed by ${provider}, model ${card.model}`,
    ...(card.aliases === undefined ? [] : [`  also known as ${card.aliases.join(', ')}`]),
    `  holds ${card.from === undefined ? 'since ever' : `from ${card.from}`}${card.to === undefined ? '' : ` until ${card.to}`}, UTC`,
    ...(only === '' ? [] : [`  only for ${only}`]),
    ...(card.free === true ? ['  costs nothing'] : []),
    ...Object.entries(card.rates ?? {}).flatMap(([meter, rate]) => rateLines(meter, rate, columns)),
    ...Object.entries(card.fees ?? {}).map(
      ([meter, fee]) => `  ${meter}: ${fee} USD per ${UNITS[meter as Meter] ?? meter}`,
    ),
    ...(card.amortised === true ? ['  amortised: a share of what is paid anyway'] : []),
    ...(card.unverified === true ? ['  unverified: the source could not confirm it'] : []),
    // What a reseller charges for tools stands with the maker's cards, not with its own.
    ...modifiers
      .filter((m) => m.fees === undefined)
      .map(
        (m) =>
          `  ${m.id}: × ${m.multiply} for ${whenText(m.when)}${m.meters === undefined ? '' : `, on ${m.meters.join(', ')}`}`,
      ),
    ...cacheLines(card),
    ...sources.map((s) => `  source: ${sourceText(s)}`),
    '',
  ].join('\n')
}

function cacheLines({ cache }: Card): string[] {
  if (cache === undefined) return []
  const words = [
    ...(cache.min_tokens === undefined ? [] : [`from ${cache.min_tokens} tokens on`]),
    ...(cache.ttl === undefined ? [] : [`for ${cache.ttl.join(' or ')}`]),
    ...(cache.automatic === true ? ['without being asked'] : []),
  ]
  return [`  caches ${words.join(', ')}`]
}

function rateLines(meter: string, rate: RateText | undefined, columns: readonly string[]): string[] {
  if (rate === undefined) return []
  if (rate === null) return [`  ${meter}: charged, but the price is not known`]
  if (typeof rate === 'string') return [`  ${meter}: ${rate} USD per million tokens`]
  return rate.map(
    (r, i) => `  ${meter}${columns[i] ?? ''}: ${r === null ? 'not known' : `${r} USD per million tokens`}`,
  )
}

const edgeText = (edge: BandEdge): string => ('gt' in edge ? `more than ${edge.gt}` : `${edge.gte} or more`)

const whenText = (when: Conditions): string =>
  Object.entries(when)
    .map(([name, values]) => `${name} ${(values as readonly string[]).join('|')}`)
    .join(', ')

export function sourceText(source: Source): string {
  const via = source.via === undefined ? '' : `, by way of ${source.via}`
  const checked = source.checked === '' ? '' : `, checked ${source.checked}`
  return `${source.url}${checked}${via}${source.note === undefined ? '' : `. ${source.note}`}`
}

export const listJson = (entries: readonly CatalogEntry[]): string => `${JSON.stringify(entries, null, 1)}\n`

/** A file that can be read back: one card a line, with the sources they name. */
export function bookJson(entries: readonly CatalogEntry[], listed: Listed): string {
  const sources: Record<string, Source> = {}
  const cards = entries.map(({ provider, card, sources: own }) => {
    for (const [i, source] of own.entries()) sources[`${provider}/${nameOf(card, i)}`] = source
    const { also, ...rest } = card
    const more = also === undefined ? {} : { also: also.map((name) => `${provider}/${name}`) }
    return JSON.stringify({ provider, ...rest, source: `${provider}/${card.source}`, ...more })
  })
  const head = `{"version":${JSON.stringify(listed.version)},"as_of":${JSON.stringify(listed.asOf)}`
  return `${head},\n"sources":${JSON.stringify(sources, null, 1)},\n"cards":[\n${cards.join(',\n')}\n]}\n`
}

const nameOf = (card: Card, i: number): string => (i === 0 ? card.source : (card.also?.[i - 1] ?? card.source))

export function changeText(change: BookChange): string {
  if (change.kind === 'changed') {
    const { id, field, before, after } = change
    return `~ ${id} ${field}: ${JSON.stringify(before) ?? 'none'} -> ${JSON.stringify(after) ?? 'none'}`
  }
  const { card } = change
  const prices = JSON.stringify({ ...card.rates, ...card.fees })
  return `${change.kind === 'added' ? '+' : '-'} ${card.id} ${card.free === true ? 'free' : prices}`
}

/** Columns as wide as their widest cell. */
export function table(rows: readonly (readonly string[])[]): string {
  const widths = (rows[0] ?? []).map((_, c) => Math.max(...rows.map((row) => (row[c] ?? '').length)))
  return rows
    .map(
      (row) =>
        `${row
          .map((cell, c) => cell.padEnd(widths[c] ?? 0))
          .join('  ')
          .trimEnd()}\n`,
    )
    .join('')
}
