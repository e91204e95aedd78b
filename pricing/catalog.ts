import type { Book, BookFile, Card, Modifier, Source } from './card.ts'
import { checkCard, overlaps } from './check.ts'
import { timeOf } from './currency.ts'
import { Lookup } from './lookup.ts'
import { providerOf } from './providers.ts'
import { CardStore } from './store.ts'

/** One card with everything that a reader of it wants to know. */
export interface CatalogEntry {
  readonly provider: string
  readonly card: Card
  /** The card's own source first. */
  readonly sources: readonly Source[]
  readonly modifiers: readonly Modifier[]
}

export interface Selection {
  readonly provider?: string | undefined
  /** A part of a model's id or alias. */
  readonly model?: string | undefined
  /** Only cards that hold at this time, in milliseconds since the epoch. */
  readonly atMs?: number | undefined
}

export const filesOf = (book: Book): readonly BookFile[] => Object.values(book.files).map((load) => load())

/** Cards in the order of provider and id. */
export function select(files: readonly BookFile[], { provider, model, atMs }: Selection): readonly CatalogEntry[] {
  const named = provider === undefined ? undefined : providerOf(provider).id
  const part = model?.toLowerCase()
  return files
    .filter((file) => named === undefined || file.provider === named)
    .flatMap((file) =>
      file.cards
        .filter((card) => part === undefined || namesOf(card).some((name) => name.includes(part)))
        .filter((card) => atMs === undefined || holdsAt(card, atMs))
        .map((card) => entryOf(file, card)),
    )
}

/** The cards of the one model that a call with this id would be priced by; the reason when there is none. */
export function findModel(
  files: readonly BookFile[],
  provider: string,
  model: string,
): readonly CatalogEntry[] | string {
  const store = new CardStore('book', Object.fromEntries(files.map((file) => [file.provider, () => file])))
  const found = new Lookup([store], {}, false).find(providerOf(provider).id, [model])
  if (typeof found === 'string') return found
  const file = files.find((f) => f.provider === found.provider)
  return file === undefined ? 'unknown_provider' : found.cards.map(({ card }) => entryOf(file, card))
}

export const holdsAt = (card: Card, timeMs: number): boolean =>
  timeOf(card.from, Number.NEGATIVE_INFINITY) <= timeMs && timeMs < timeOf(card.to, Number.POSITIVE_INFINITY)

const namesOf = (card: Card): string[] => [card.model, ...(card.aliases ?? [])].map((name) => name.toLowerCase())

function entryOf(file: BookFile, card: Card): CatalogEntry {
  return {
    provider: file.provider,
    card,
    sources: [card.source, ...(card.also ?? [])].flatMap((name) => file.sources[name] ?? []),
    modifiers: (file.modifiers ?? []).filter((m) => m.models?.includes(card.model) !== false && !repeats(m, card)),
  }
}

/** A card written for a condition already contains what the modifier would do. */
const repeats = (modifier: Modifier, card: Card): boolean =>
  Object.keys(modifier.when).some((condition) => card.when !== undefined && condition in card.when)

/** Everything that makes a file of the book unfit: malformed cards, two that hold at once, sources that are missing. */
export function faultsOf(file: BookFile): readonly string[] {
  const named = [
    ...file.cards.flatMap((card) => [card.source, ...(card.also ?? [])].map((source) => [card.id, source] as const)),
    ...(file.modifiers ?? []).map((m) => [m.id, m.source] as const),
  ]
  return [
    ...file.cards.flatMap((card) => checkCard(card).map((c) => `${card.id} ${c.path.join('.')}: ${c.message}`)),
    ...overlaps(file.cards).map(([a, b]) => `${a.id} and ${b.id} hold at the same time`),
    ...named
      .filter(([, source]) => !isComplete(file.sources[source]))
      .map(([id, source]) => `${id}: source "${source}" has no address, or no day on which it was checked`),
    ...[...Map.groupBy(file.cards, (card) => card.id)]
      .filter(([, group]) => group.length > 1)
      .map(([id]) => `${id} is there twice`),
  ]
}

const isComplete = (source: Source | undefined): boolean =>
  source !== undefined && /^https?:\/\/\S/.test(source.url) && /^\d{4}-\d{2}-\d{2}$/.test(source.checked)
