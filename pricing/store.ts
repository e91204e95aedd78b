import type { CostLayer } from '../genai/call.ts'
import type { BookFile, Card, Modifier, Source } from './card.ts'

/** Cards of one layer by provider and by every id they answer to. Indexed provider by provider, on first use. */
export class CardStore {
  readonly layer: CostLayer
  private readonly files: ReadonlyMap<string, readonly BookFile[]>
  private readonly indexes = new Map<string, ReadonlyMap<string, readonly Card[]>>()

  constructor(layer: CostLayer, files: readonly BookFile[]) {
    this.layer = layer
    this.files = Map.groupBy(files, (file) => file.provider)
  }

  find(provider: string, id: string): readonly Card[] | undefined {
    let index = this.indexes.get(provider)
    if (index === undefined) {
      index = indexOf((this.files.get(provider) ?? []).flatMap((file) => file.cards))
      this.indexes.set(provider, index)
    }
    return index.get(id)
  }

  has(provider: string): boolean {
    return this.files.has(provider)
  }

  modifiers(provider: string): readonly Modifier[] {
    return (this.files.get(provider) ?? []).flatMap((file) => file.modifiers ?? [])
  }

  source(provider: string, name: string): Source | undefined {
    for (const file of this.files.get(provider) ?? []) {
      const found = file.sources[name]
      if (found !== undefined) return found
    }
    return undefined
  }
}

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
