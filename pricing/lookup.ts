import type { Card } from './card.ts'
import { type ModelId, modelIdOf, routingPrefix } from './ids.ts'
import { MAKERS, priceLists, providerOf } from './providers.ts'
import type { CardStore } from './store.ts'

/** All cards of one model, whatever their dates and conditions. */
export interface Found {
  /** Whose list it is. */
  readonly provider: string
  /** Who sends the bill. */
  readonly seller: string
  readonly id: ModelId
  readonly cards: readonly { readonly card: Card; readonly store: CardStore }[]
  readonly flags: readonly string[]
  readonly estimate: string | undefined
}

/** Finds the model that a call names: by alias, exactly, by a plainer spelling, and by family only when allowed. */
export class Lookup {
  private readonly stores: readonly CardStore[]
  private readonly aliases: ReadonlyMap<string, string>
  private readonly isFamilyAllowed: boolean

  constructor(stores: readonly CardStore[], aliases: Readonly<Record<string, string>>, isFamilyAllowed: boolean) {
    this.stores = stores
    this.aliases = new Map(Object.entries(aliases).map(([from, to]) => [from.trim().toLowerCase(), to]))
    this.isFamilyAllowed = isFamilyAllowed
  }

  /** Explicit aliases first, then the model that answered, then the one asked for. */
  find(provider: string, models: readonly string[], region?: string): Found | string {
    for (const model of models.toReversed()) {
      const target = this.aliases.get(model.trim().toLowerCase())
      if (target !== undefined) return this.findAlias(provider, target) ?? 'alias_without_price'
    }
    let reason = 'unknown_model'
    for (const [i, model] of models.entries()) {
      if (i > 0 && !isSnapshotOf(models[0] ?? '', model)) break
      const found = provider === '' ? this.findUnnamed(model) : this.findThere(provider, model, region)
      if (typeof found === 'object')
        return i === 0 ? found : { ...found, flags: [...found.flags, 'priced_by_request_model'] }
      reason = found ?? reason
    }
    if (this.isFamilyAllowed) {
      for (const model of models) {
        const found = this.findFamily(provider, model)
        if (found !== undefined) return found
      }
    }
    const isKnown = provider === '' || priceLists(provider).some((p) => this.stores.some((s) => s.has(p)))
    return isKnown ? reason : 'unknown_provider'
  }

  private findAlias(provider: string, target: string): Found | undefined {
    const prefix = routingPrefix(target)
    const named = prefix === undefined ? undefined : providerOf(prefix[0])
    const direct = provider === '' ? undefined : this.findAt(provider, target, [])
    if (typeof direct === 'object') return direct
    const found =
      prefix !== undefined && named?.kind === 'billing'
        ? this.findAt(named.id, prefix[1], [])
        : this.findUnnamed(target)
    return typeof found === 'object' ? found : undefined
  }

  /** A span without a usable provider: a routing prefix names one, else exactly one maker must know the id. */
  private findUnnamed(model: string): Found | string {
    const prefix = routingPrefix(model)
    const named = prefix === undefined ? undefined : providerOf(prefix[0])
    if (prefix !== undefined && named?.kind === 'billing') {
      const found = this.findAt(named.id, prefix[1], ['provider_inferred'])
      if (typeof found === 'object') return found
    }
    const hits = MAKERS.map((maker) => this.findAt(maker, model, ['provider_inferred'], [maker])).filter(
      (f) => typeof f === 'object',
    )
    if (hits.length > 1) return 'ambiguous_provider'
    // Bedrock knows Claude by its bare name too, so it is asked only about ids that no maker knows.
    const found = hits[0] ?? this.findAt('aws.bedrock', model, ['provider_inferred'])
    return typeof found === 'object' ? found : 'unknown_model'
  }

  /** Azure's data zones and Bedrock's regions: `eu/gpt-5`, `sa-east-1/deepseek.v3.2`, where the price is another there. */
  private findThere(provider: string, model: string, region: string | undefined): Found | string | undefined {
    if (provider === 'anthropic' && BEDROCK_ID.test(model.trim().toLowerCase()))
      return this.findAt('aws.bedrock', model, ['billed_by_aws.bedrock'])
    if (provider !== 'azure.ai.openai' && provider !== 'aws.bedrock') return this.findAt(provider, model, [])
    const id = modelIdOf(model, provider)
    const place = region?.trim().toLowerCase() || id.region || (id.geography === 'us-gov' ? GOVERNMENT : undefined)
    const there = place === undefined ? [] : id.candidates.map((name) => `${place}/${name}`)
    const cards = this.cardsOf(provider, there)
    return cards.length === 0
      ? this.findAt(provider, model, [])
      : { provider, seller: provider, id, cards, flags: [], estimate: undefined }
  }

  private findAt(
    provider: string,
    model: string,
    flags: readonly string[],
    lists = priceLists(provider),
  ): Found | string | undefined {
    const id = modelIdOf(model, provider)
    for (const list of lists) {
      const cards = this.cardsOf(list, id.candidates)
      if (cards.length === 0) continue
      const isOwn = list === provider || (list.startsWith('gcp.') && provider.startsWith('gcp.'))
      const all = isOwn ? flags : [...flags, `list_price_of_${list}`]
      return { provider: list, seller: provider, id, cards, flags: all, estimate: undefined }
    }
    return id.isOpaque ? 'opaque_model_id' : this.findBehindPrefix(provider, model, flags)
  }

  /** `openai/gpt-4o` reported by provider `openai`: the prefix repeats the provider. */
  private findBehindPrefix(provider: string, model: string, flags: readonly string[]): Found | string | undefined {
    const prefix = routingPrefix(model.trim().toLowerCase())
    const named = prefix === undefined ? undefined : providerOf(prefix[0])
    if (prefix === undefined || named === undefined || !priceLists(provider).includes(named.id)) return undefined
    return this.findAt(provider, prefix[1], flags)
  }

  /** Opt-in: the same id with ever fewer parts, `gpt-5.4-2099-preview` by `gpt-5.4`. */
  private findFamily(provider: string, model: string): Found | undefined {
    const parts = model.toLowerCase().split('-')
    for (let n = parts.length - 1; n >= 2; n--) {
      const name = parts.slice(0, n).join('-')
      const found = provider === '' ? this.findUnnamed(name) : this.findAt(provider, name, [])
      if (typeof found === 'object') return { ...found, estimate: `family:${name}` }
    }
    return undefined
  }

  /**
   * The best spelling that any layer knows decides which model it is. Other layers may know it by a plainer one, as long
   * as that is a name of the same model: a price of one's own for `gpt-4o` is meant for its snapshots, but not for a
   * snapshot that has a price of its own.
   */
  private cardsOf(provider: string, spellings: readonly string[]): Found['cards'] {
    const hits = this.stores.flatMap((store) => {
      const at = spellings.findIndex((id) => store.find(provider, id) !== undefined)
      const id = spellings[at]
      return id === undefined ? [] : [{ store, at, id, cards: store.find(provider, id) ?? [] }]
    })
    const best = Math.min(...hits.map((hit) => hit.at))
    const names = new Set(hits.filter((hit) => hit.at === best).flatMap((hit) => hit.cards.flatMap(namesOf)))
    return hits
      .filter((hit) => hit.at === best || names.has(hit.id))
      .flatMap(({ store, cards }) => cards.map((card) => ({ card, store })))
  }
}

/** Both regions of the government's cloud have the same prices. */
const GOVERNMENT = 'us-gov-west-1'
/** Clients of Claude on Bedrock name Anthropic as the provider, but nobody else's ids look like this. */
const BEDROCK_ID = /^(?:(?:global|us-gov|us|eu|apac|jp|au|in|ca)\.)?anthropic\.claude-/

const namesOf = (card: Card): string[] => [card.model, ...(card.aliases ?? [])].map((name) => name.toLowerCase())

/** An unknown answerer is only priced as what was asked for when its id says that it is that; gateways fall back. */
const isSnapshotOf = (answered: string, asked: string): boolean =>
  answered.trim().toLowerCase().startsWith(asked.trim().toLowerCase())
