import type { BookFile, Card } from './card.ts'
import { type CardComplaint, checkCard, overlaps } from './check.ts'
import { providerOf } from './providers.ts'

/** What a user wrote as prices, ready for a layer, or everything that is wrong with it by index and path. */
export interface UserCards {
  readonly files: readonly BookFile[]
  readonly complaints: readonly CardComplaint[]
}

/**
 * Reads cards that a person wrote: as in the book, with a `provider`, without id and source. Prices may be numbers or
 * strings; a number is taken as the decimal that was typed.
 */
export function decodeUserCards(layer: 'contract' | 'user', values: readonly unknown[]): UserCards {
  const decoded = values.map((value) => decode(layer, value))
  const complaints = decoded.flatMap(({ complaints }, i) =>
    complaints.map((c) => ({ path: [i, ...c.path], message: c.message })),
  )
  if (complaints.length > 0) return { files: [], complaints }
  const cards = decoded.flatMap(({ provider, card }) => (card === undefined ? [] : [{ provider, card }]))
  const groups = [...Map.groupBy(cards, (c) => c.provider)]
  const files = groups.map(([provider, group]) => ({ provider, sources: CONFIG, cards: group.map((c) => c.card) }))
  return {
    files,
    complaints: files.flatMap((file) =>
      doubled(
        file,
        cards.map((c) => c.card),
      ),
    ),
  }
}

const CONFIG = { config: { url: 'configuration', checked: '' } }

interface Decoded {
  readonly provider: string
  readonly card: Card | undefined
  readonly complaints: readonly CardComplaint[]
}

function decode(layer: string, value: unknown): Decoded {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    return { provider: '', card: undefined, complaints: [{ path: [], message: 'expected a price card' }] }
  }
  const { provider, ...rest } = value as Readonly<Record<string, unknown>>
  const named = typeof provider === 'string' ? providerOf(provider).id : ''
  const since = rest['from'] === undefined ? '' : `@${String(rest['from'])}`
  const card: Readonly<Record<string, unknown>> = {
    ...rest,
    id: `${layer}:${named}/${String(rest['model'])}${since}`,
    source: 'config',
    ...amounts(rest, 'rates'),
    ...amounts(rest, 'fees'),
  }
  const missing = named === '' ? [{ path: ['provider'], message: 'expected the name of who bills' }] : []
  const complaints = [...missing, ...checkCard(card)].filter((c) => c.path[0] !== 'id')
  return { provider: named, card: complaints.length === 0 ? (card as unknown as Card) : undefined, complaints }
}

function amounts(card: Readonly<Record<string, unknown>>, key: 'rates' | 'fees'): Readonly<Record<string, unknown>> {
  const group = card[key]
  if (typeof group !== 'object' || group === null) return {}
  return { [key]: Object.fromEntries(Object.entries(group).map(([meter, price]) => [meter, asText(price)])) }
}

const asText = (price: unknown): unknown => {
  if (Array.isArray(price)) return price.map(asText)
  return typeof price === 'number' ? String(price) : price
}

const doubled = (file: BookFile, all: readonly Card[]): CardComplaint[] =>
  overlaps(file.cards).map(([a, b]) => ({
    path: [all.indexOf(b)],
    message: `holds at the same time as cards[${all.indexOf(a)}] for the same model; set from and to`,
  }))
