/** What the generator knows about a published price table, whichever package it came from. */
export interface Seed {
  readonly package: string
  readonly version: string
  readonly license: string
  /** Newest date that the package itself mentions having checked a price. */
  readonly asOf: string
  readonly providers: readonly SeedProvider[]
}

export interface SeedProvider {
  readonly id: string
  readonly urls: readonly string[]
  readonly models: readonly SeedModel[]
}

export interface SeedModel {
  readonly id: string
  readonly match: readonly SeedMatch[]
  readonly prices: readonly SeedPrice[]
  readonly refs?: readonly string[]
}

/** How the package recognises a model: exact ids, and prefixes or parts that it looks for. */
export interface SeedMatch {
  readonly kind: 'equals' | 'starts_with' | 'ends_with' | 'contains'
  readonly text: string
}

export interface SeedPrice {
  /** First day it holds, UTC. */
  readonly from?: string
  /** Daily window in UTC, `HH:MM`. */
  readonly window?: readonly [string, string]
  /** Request context: `service_tier`, `processing`, `speed` … Such a price overrides only what it names. */
  readonly when?: Readonly<Record<string, string>>
  readonly rates: Readonly<Record<string, SeedRate>>
}

/** A decimal string, or a base with the prices that hold when total input is greater than each start. */
export type SeedRate =
  | string
  | { readonly base: string; readonly tiers: readonly { readonly start: number; readonly price: string }[] }

/** JSON with one model per line, so that a change of one price is a change of one line. */
export function formatSeed(seed: Seed): string {
  const { providers, ...head } = seed
  const lines = providers.map(
    (p) =>
      `{"id":${JSON.stringify(p.id)},"urls":${JSON.stringify(p.urls)},"models":[\n${p.models.map((m) => JSON.stringify(m)).join(',\n')}\n]}`,
  )
  return `${JSON.stringify(head).slice(0, -1)},"providers":[\n${lines.join(',\n')}\n]}\n`
}
