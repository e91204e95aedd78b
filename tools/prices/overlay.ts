import type { Meter } from '../../genai/usage.ts'
import type { CacheRules, Card, Modifier, RateText, Source } from '../../pricing/card.ts'

/** Our own corrections and additions for one provider: facts, each with where it was read. */
export interface Overlay {
  readonly sources?: Readonly<Record<string, Source>>
  /** Seed models that the provider does not sell, or that `cards` below say better. */
  readonly drop?: readonly string[]
  readonly aliases?: Readonly<Record<string, readonly string[]>>
  readonly patches?: readonly Patch[]
  readonly cards?: readonly Card[]
  readonly modifiers?: readonly Modifier[]
}

/** Adds prices to cards that have none for these meters, or marks them. */
export interface Patch {
  /** Model ids; one that ends in `*` means all that begin so. */
  readonly models: readonly string[]
  /** Of these, only the cards with these ids. */
  readonly ids?: readonly string[]
  /** Replaces what the card says. */
  readonly set?: Readonly<Partial<Record<Meter, RateText>>>
  readonly rates?: Readonly<Partial<Record<Meter, RateText>>>
  /** One rate as a multiple of another, where the provider publishes it as one: `["cache_write_1h", "input", "2"]`. */
  readonly derive?: readonly (readonly [Meter, Meter, string])[]
  readonly fees?: Readonly<Partial<Record<Meter, string>>>
  /** Replaces what the card says. */
  readonly setFees?: Readonly<Partial<Record<Meter, string>>>
  readonly minimums?: Readonly<Partial<Record<Meter, number>>>
  readonly cache?: CacheRules
  readonly unverified?: true
  readonly source: string
}

export function applyOverlay(cards: readonly Card[], overlay: Overlay): Card[] {
  const dropped = new Set(overlay.drop ?? [])
  const kept = cards.filter((c) => !dropped.has(c.model)).map((c) => withAliases(c, overlay))
  return [...patched(kept, overlay), ...(overlay.cards ?? [])]
}

export const patched = (cards: readonly Card[], overlay: Overlay): Card[] =>
  cards.map((c) =>
    (overlay.patches ?? []).reduce(
      (card, patch) => (concerns(patch, card) && patch.ids?.includes(card.id) !== false ? apply(card, patch) : card),
      c,
    ),
  )

export const concerns = (patch: { readonly models: readonly string[] }, card: Card): boolean =>
  patch.models.some((m) => (m.endsWith('*') ? card.model.startsWith(m.slice(0, -1)) : m === card.model))

function withAliases(card: Card, overlay: Overlay): Card {
  const more = overlay.aliases?.[card.model]
  return more === undefined ? card : { ...card, aliases: [...new Set([...(card.aliases ?? []), ...more])] }
}

function apply(card: Card, patch: Patch): Card {
  const derived = Object.fromEntries(
    (patch.derive ?? []).flatMap(([to, from, by]) => {
      const rate = card.rates?.[from]
      return rate === undefined ? [] : [[to, multiplied(rate, by)]]
    }),
  )
  const rates = { ...derived, ...patch.rates, ...card.rates, ...patch.set }
  const fees = { ...patch.fees, ...card.fees, ...patch.setFees }
  const { source, ...rest } = card
  return {
    ...rest,
    ...(Object.keys(rates).length === 0 || card.free ? {} : { rates }),
    ...(Object.keys(fees).length === 0 || card.free ? {} : { fees }),
    ...(patch.minimums === undefined ? {} : { minimums: patch.minimums }),
    ...(patch.cache === undefined ? {} : { cache: patch.cache }),
    ...(patch.unverified === true ? { unverified: true as const } : {}),
    source,
    also: [...new Set([...(card.also ?? []), patch.source])],
  }
}

function multiplied(rate: RateText, by: string): RateText {
  if (rate === null) return null
  return typeof rate === 'string' ? decimalTimes(rate, by) : rate.map((r) => (r === null ? null : decimalTimes(r, by)))
}

/** Exact product of two plain decimals. */
function decimalTimes(a: string, b: string): string {
  const [x, y] = [a, b].map((t) => t.split('.'))
  const digits = (x?.[1]?.length ?? 0) + (y?.[1]?.length ?? 0)
  const product = (BigInt(x?.join('') ?? '0') * BigInt(y?.join('') ?? '0')).toString().padStart(digits + 1, '0')
  if (digits === 0) return product
  return `${product.slice(0, -digits)}.${product.slice(-digits)}`.replace(/0+$/, '').replace(/\.$/, '')
}
