import type { CostLayer } from '../genai/call.ts'
import type { BookFile, Card, Modifier, Source } from './card.ts'

interface ProviderCards {
  readonly file: BookFile | undefined
  readonly byId: ReadonlyMap<string, readonly Card[]>
}

/** Cards of one layer by provider and by every id they answer to. Read provider by provider, on first use. */
export class CardStore {
  readonly layer: CostLayer
  private readonly files: ReadonlyMap<string, () => BookFile>
  private readonly read = new Map<string, ProviderCards>()

  constructor(layer: CostLayer, files: Readonly<Record<string, () => BookFile>>) {
    this.layer = layer
    this.files = new Map(Object.entries(files))
  }

  find(provider: string, id: string): readonly Card[] | undefined {
    return this.cardsOf(provider).byId.get(id)
  }

  has(provider: string): boolean {
    return this.files.has(provider)
  }

  modifiers(provider: string): readonly Modifier[] {
    return this.cardsOf(provider).file?.modifiers ?? []
  }

  source(provider: string, name: string): Source | undefined {
    return this.cardsOf(provider).file?.sources[name]
  }

  private cardsOf(provider: string): ProviderCards {
    const known = this.read.get(provider)
    if (known !== undefined) return known
    const load = this.files.get(provider)
    if (load === undefined) return NO_CARDS
    const file = load()
    const cards = { file, byId: indexOf(file.cards) }
    this.read.set(provider, cards)
    return cards
  }
}

const NO_CARDS: ProviderCards = { file: undefined, byId: new Map() }

/** A model's own id always wins over another model's alias. */
function indexOf(cards: readonly Card[]): ReadonlyMap<string, readonly Card[]> {
  const byModel = Map.groupBy(cards, (card) => card.model.toLowerCase())
  const index = new Map<string, Card[]>(byModel)
  for (const group of byModel.values()) {
    for (const alias of group.flatMap((card) => card.aliases ?? [])) {
      const key = alias.toLowerCase()
      if (!index.has(key)) index.set(key, group)
    }
  }
  return index
}
