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
  /** How the package recognises it: `=exact`, `^prefix`, `$suffix`, `*part`. */
  readonly match: readonly string[]
  readonly prices: readonly SeedPrice[]
  readonly refs?: readonly string[]
}

export const MATCH_MARKS: Readonly<Record<string, string>> = {
  equals: '=',
  starts_with: '^',
  ends_with: '$',
  contains: '*',
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

/** JSON lines: the package, then each provider followed by its models, so that one price changed is one line changed. */
export function formatSeed(seed: Seed): string {
  const { providers, ...head } = seed
  const rows = providers.flatMap(({ models, ...provider }) => [{ provider }, ...models])
  return [head, ...rows].map((row) => `${JSON.stringify(row)}\n`).join('')
}

export function parseSeed(text: string): Seed {
  const [head, ...rows] = text
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as unknown)
  const providers: { id: string; urls: readonly string[]; models: SeedModel[] }[] = []
  for (const row of rows as (SeedModel | { provider: Omit<SeedProvider, 'models'> })[]) {
    if ('provider' in row) providers.push({ ...row.provider, models: [] })
    else providers.at(-1)?.models.push(row)
  }
  return { ...(head as Omit<Seed, 'providers'>), providers }
}
