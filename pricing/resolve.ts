import {
  type Discount,
  endpointOfRegion,
  missingCondition,
  type Slice,
  slicesOf,
  speedOf,
  tierOf,
  type Wanted,
} from './conditions.ts'
import { type Found, Lookup } from './lookup.ts'
import { type Provider, providerOf } from './providers.ts'
import type { CardStore } from './store.ts'
import { isInside } from './windows.ts'

/** What a price depends on besides time and usage. All as the span says it. */
export interface PriceKey {
  readonly provider: string
  readonly requestModel: string | undefined
  readonly responseModel: string | undefined
  readonly serviceTier: string | undefined
  readonly speed: string | undefined
  readonly inferenceGeo: string | undefined
  readonly region: string | undefined
}

export interface ResolveOptions {
  /** Azure deployments, inference profiles and other private names: to `model`, or `provider/model`. */
  readonly aliases: Readonly<Record<string, string>>
  /** Providers whose calls cost nothing, besides those that run locally anyway. */
  readonly freeProviders: ReadonlySet<string>
  /** Providers, or some of their models, that are paid by the month. */
  readonly subscriptions: readonly Subscription[]
  /** Bedrock ids without a geography do not say which endpoint answered. */
  readonly bedrockEndpoint: 'regional' | 'global'
  /** Whether a nearby price may stand in, marked as an estimate. */
  readonly estimate: boolean
  /** Negotiated discounts on whatever list price applies. */
  readonly discounts: readonly Discount[]
}

/** Paid by the month; absent models: all of the provider's. */
export interface Subscription {
  readonly provider: string
  /** Model ids as calls name them. */
  readonly models?: readonly string[] | undefined
}

type Answer =
  | { readonly kind: 'cards'; readonly slices: readonly Slice[] }
  | { readonly kind: 'free'; readonly reason: string }
  | { readonly kind: 'unpriced'; readonly reason: string }
export type Resolution = Answer & {
  /** Somebody else's bill, or a monthly fee, pays for it. */
  readonly paidBy: 'subscription' | undefined
}

/** Takes the call, not its time: a double that is handed over is an object of its own. */
export function sliceAt(slices: readonly Slice[], call: { readonly endMs: number }): Slice | undefined {
  for (let i = 0; i < slices.length; i++) {
    const slice = slices[i] as Slice
    const { from, to, windows } = slice.card
    if (call.endMs >= from && call.endMs < to && (windows === undefined || isInside(windows, call.endMs))) return slice
  }
  return undefined
}

export class Resolver {
  private readonly stores: readonly CardStore[]
  private readonly options: ResolveOptions
  private readonly lookup: Lookup

  constructor(stores: readonly CardStore[], options: ResolveOptions) {
    this.stores = stores
    this.options = options
    this.lookup = new Lookup(stores, options.aliases, options.estimate)
  }

  resolve(key: PriceKey): Resolution {
    const models = [key.responseModel, key.requestModel].filter((m) => m !== undefined && m.trim() !== '') as string[]
    const provider = providerOf(key.provider)
    const paidBy = this.isSubscribed(provider.id, models) ? 'subscription' : undefined
    return { ...this.answer(key, provider, models), paidBy }
  }

  private isSubscribed(provider: string, models: readonly string[]): boolean {
    return this.options.subscriptions.some(
      (s) => s.provider === provider && (s.models === undefined || models.some((m) => s.models?.includes(m))),
    )
  }

  private answer(key: PriceKey, provider: Provider, models: readonly string[]): Answer {
    const free = this.freeReason(provider.kind, provider.id, models)
    if (free !== undefined) return { kind: 'free', reason: free }
    if (models.length === 0) return { kind: 'unpriced', reason: 'no_model' }
    const found = this.lookup.find(provider.id, models, key.region)
    return typeof found === 'string' ? { kind: 'unpriced', reason: found } : this.slices(found, key)
  }

  private freeReason(kind: string, id: string, models: readonly string[]): string | undefined {
    // Ollama's cloud models run elsewhere, on a subscription.
    if (kind === 'local') return models.some((m) => /[:-]cloud$/i.test(m)) ? undefined : 'local'
    if (this.options.freeProviders.has(id)) return 'free_provider'
    // Only the model that answered counts: a free route that is full falls back to one that is billed.
    return id === 'openrouter' && models[0]?.toLowerCase().endsWith(':free') ? 'free_route' : undefined
  }

  private slices(found: Found, key: PriceKey): Answer {
    if (found.id.addsSearch && !this.options.estimate) return { kind: 'unpriced', reason: 'no_rate:search_plugin' }
    const wanted = this.wanted(found, key)
    const slices = this.slicesFor(found, wanted)
    const gap = missingCondition(wanted, slices)
    if (gap !== undefined && this.options.estimate) {
      slices.push(...this.slicesFor({ ...found, estimate: gap }, { ...wanted, tier: 'standard', speed: 'standard' }))
    }
    if (slices.length === 0) return { kind: 'unpriced', reason: gap ?? 'no_matching_price' }
    return { kind: 'cards', slices }
  }

  private slicesFor(found: Found, wanted: Wanted): Slice[] {
    return this.stores.flatMap((store) => {
      const cards = found.cards.filter((c) => c.store === store).map((c) => c.card)
      return slicesOf(cards, store, found, wanted, this.options.discounts)
    })
  }

  private wanted(found: Found, key: PriceKey): Wanted {
    const isBedrock = found.provider === 'aws.bedrock'
    const region = key.region?.trim().toLowerCase() || found.id.region
    const endpoint = isBedrock ? found.id.endpoint : endpointOfRegion(found.provider, region)
    return {
      tier: tierOf(key.serviceTier),
      speed: speedOf(key.speed),
      geo: key.inferenceGeo?.trim().toLowerCase(),
      region,
      endpoint: endpoint ?? (isBedrock ? this.options.bedrockEndpoint : 'global'),
      isAssumed: endpoint === undefined,
    }
  }
}
