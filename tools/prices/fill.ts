import type { Meter } from '../../genai/usage.ts'
import type { BandEdge, Card, RateText, Source } from '../../pricing/card.ts'
import { modelIdOf } from '../../pricing/ids.ts'
import type { CrossSeed } from './cross-check.ts'
import { PAGES } from './pages.ts'

/** What a further collection says of a model, or of one tier of it, where ours say nothing. */
export interface FillRow {
  readonly provider: string
  readonly model: string
  readonly tier?: string
  readonly bands?: readonly BandEdge[]
  readonly rates?: Readonly<Partial<Record<Meter, RateText>>>
  readonly fees?: Readonly<Partial<Record<Meter, string>>>
  /** The provider's page that they read it at. */
  readonly url: string
  /** They name no page, or it could not be read there. */
  readonly unverified?: true
}

export interface Fill {
  readonly package: string
  readonly version: string
  readonly license: string
  readonly asOf: string
  readonly rows: readonly FillRow[]
  /** Begins the names of its sources. */
  readonly mark: string
}

export function parseFill(text: string): Fill {
  const [head, ...rows] = text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as unknown)
  const { urls, ...rest } = head as Omit<Fill, 'rows'> & { readonly urls: readonly string[] }
  const named = (rows as (Omit<FillRow, 'url'> & { readonly url: number })[]).map((row) => ({
    ...row,
    url: urls[row.url] ?? '',
  }))
  return { ...rest, rows: named, mark: 'f' }
}

/** Chat models that the collection which prices are checked against knows, and nobody else. */
export function fillOf(seed: CrossSeed): Fill {
  const { models, ...head } = seed
  const rows = models
    .filter(({ input, output }) => input !== '0' || output !== '0')
    .map(({ provider, model, input, output, cache_read }): FillRow => {
      const cached = cache_read === undefined ? {} : { cache_read }
      return { provider, model, rates: { input, ...cached, output }, url: PAGES[provider] ?? '' }
    })
  return { ...head, rows, mark: 'x' }
}

/** Addresses repeat by the hundred, so they stand once, at the head. */
export function formatFill({ rows, ...head }: Omit<Fill, 'mark'>): string {
  const urls = [...new Set(rows.map((row) => row.url))]
  const lines = [{ ...head, urls }, ...rows.map((row) => ({ ...row, url: urls.indexOf(row.url) }))]
  return lines.map((line) => `${JSON.stringify(line)}\n`).join('')
}

export interface Filled {
  readonly cards: readonly Card[]
  readonly sources: Readonly<Record<string, Source>>
}

/** What needs no row: tiers that a modifier prices, and names that are dropped, or that another's list price answers to. */
export interface Known {
  readonly tiers: ReadonlySet<string>
  readonly elsewhere: ReadonlySet<string>
}

/**
 * Cards for models that nobody else names, and for tiers of models whose standard price agrees with ours. A row never
 * changes a card, and a model whose standard price differs from ours says nothing about its tiers either.
 */
export function filled(provider: string, cards: readonly Card[], known: Known, fill: Fill): Filled {
  const { tiers, elsewhere } = known
  const named = new Map(cards.flatMap((card) => namesOf(card).map((name) => [name, card])))
  const out: Card[] = []
  const sources: Record<string, Source> = {}
  const sourceOf = (row: FillRow): string => {
    const source = { url: row.url, checked: fill.asOf, via: `${fill.package} ${fill.version}, ${fill.license}` }
    const known = Object.keys(sources).find((name) => sources[name]?.url === row.url)
    const name = known ?? `${fill.mark}${Object.keys(sources).length + 1}`
    sources[name] = source
    return name
  }
  const ours = new Map<string, string>()
  for (const row of fill.rows.filter((r) => r.provider === provider)) {
    const id = modelIdOf(row.model, provider)
    const found = id.candidates.map((name) => named.get(name)).find((card) => card !== undefined)
    const isElsewhere = id.candidates.some((name) => elsewhere.has(name))
    const isNew = found === undefined ? !isElsewhere : isOtherPrice(row, found, id.geography, [...cards, ...out])
    if (row.tier === undefined && isNew) {
      named.set(row.model.toLowerCase(), newCard(provider, row, 'pending'))
      ours.set(row.model.toLowerCase(), '')
      out.push(newCard(provider, row, sourceOf(row)))
    } else if (row.tier !== undefined && found !== undefined && !tiers.has(row.tier)) {
      const standard = newest(cards, out, found.model)
      const isDoubled = [...cards, ...out].some(
        (c) => c.model === found.model && c.when?.tier?.includes(row.tier ?? ''),
      )
      if (standard === undefined || isDoubled || standard.free || !agrees(standard, row, fill)) continue
      out.push(tierCard(provider, standard, row, sourceOf(row)))
    }
  }
  return { cards: out, sources }
}

/** A profile of another continent, where the model has one price at home and another there. */
function isOtherPrice(row: FillRow, found: Card, geography: string | undefined, all: readonly Card[]): boolean {
  if (geography === undefined || geography === 'us' || found.model.startsWith(`${geography}.`)) return false
  const home = newest(all, [], found.model)
  const hasEndpoints = all.some((c) => c.model === found.model && c.when?.endpoint !== undefined)
  return home !== undefined && !hasEndpoints && first(home.rates?.input) !== first(row.rates?.input)
}

export const namesOf = (card: Card): string[] => [card.model, ...(card.aliases ?? [])].map((n) => n.toLowerCase())

const newest = (cards: readonly Card[], more: readonly Card[], model: string): Card | undefined =>
  [...cards, ...more].findLast(
    (c) => c.model === model && c.when === undefined && c.windows === undefined && c.to === undefined,
  )

/** Their standard row is looked up again, so that a tier is only believed beside a standard price that we share. */
function agrees(standard: Card, row: FillRow, fill: Fill): boolean {
  const base = fill.rows.find((r) => r.provider === row.provider && r.model === row.model && r.tier === undefined)
  return (
    base !== undefined &&
    first(base.rates?.input) === first(standard.rates?.input) &&
    first(base.rates?.output) === first(standard.rates?.output)
  )
}

const first = (rate: RateText | undefined): string | null | undefined =>
  typeof rate === 'object' && rate !== null ? rate[0] : rate

const newCard = (provider: string, row: FillRow, source: string): Card => ({
  id: `${provider}/${row.model}`,
  model: row.model,
  ...(row.bands === undefined ? {} : { bands: row.bands }),
  ...(row.rates === undefined ? {} : { rates: row.rates }),
  ...(row.fees === undefined ? {} : { fees: row.fees }),
  ...(row.unverified === true ? { unverified: true as const } : {}),
  source,
})

const tierCard = (provider: string, standard: Card, row: FillRow, source: string): Card => ({
  id: `${provider}/${standard.model}${standard.from === undefined ? '' : `@${standard.from}`}/${row.tier}`,
  model: standard.model,
  ...(standard.from === undefined ? {} : { from: standard.from }),
  when: { tier: [row.tier ?? ''] },
  ...(row.bands === undefined ? {} : { bands: row.bands }),
  ...(row.rates === undefined ? {} : { rates: row.rates }),
  ...(standard.fees === undefined ? {} : { fees: standard.fees }),
  source,
})
