import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import {
  type ConditionalPrice,
  findProvider,
  type MatchLogic,
  type ModelInfo,
  type ModelPrice,
} from '@pydantic/genai-prices'
import { MATCH_MARKS, type Seed, type SeedModel, type SeedPrice, type SeedRate } from './seed-format.ts'

/** The npm release of the same price table, as data. It is asked provider by provider: it has no list of them. */
export function npmSeed(providerIds: readonly string[]): Seed {
  const providers = providerIds.flatMap((id) => {
    const provider = findProvider({ providerId: id })
    if (provider?.id !== id) return []
    return [{ id, urls: provider.pricing_urls ?? [], models: provider.models.map(modelOf) }]
  })
  return {
    package: '@pydantic/genai-prices (npm)',
    version: installedVersion(),
    license: 'MIT',
    asOf: NPM_AS_OF,
    providers,
  }
}

/** When npm's newest release, 0.1.8, was published. */
const NPM_AS_OF = '2026-09-23'

function installedVersion(): string {
  const path = createRequire(import.meta.url)
    .resolve('@pydantic/genai-prices')
    .replace(/dist\/.*$/, 'package.json')
  return (JSON.parse(readFileSync(path, 'utf8')) as { version: string }).version
}

function modelOf(model: ModelInfo): SeedModel {
  const prices = Array.isArray(model.prices) ? model.prices.map(conditional) : [{ rates: ratesOf(model.prices) }]
  return { id: model.id, match: matchesOf(model.match), prices }
}

function conditional(price: ConditionalPrice): SeedPrice {
  const c = price.constraint
  if (c?.type === 'start_date') return { from: c.start_date, rates: ratesOf(price.prices) }
  if (c === undefined) return { rates: ratesOf(price.prices) }
  return { window: [c.start_time.slice(0, 5), c.end_time.slice(0, 5)], rates: ratesOf(price.prices) }
}

function matchesOf(clause: MatchLogic): string[] {
  if ('or' in clause) return clause.or.flatMap(matchesOf)
  if ('and' in clause) return clause.and.flatMap(matchesOf)
  return Object.entries(clause).flatMap(([kind, text]) =>
    MATCH_MARKS[kind] === undefined ? [] : [MATCH_MARKS[kind] + String(text)],
  )
}

function ratesOf(prices: ModelPrice): Record<string, SeedRate> {
  return Object.fromEntries(
    Object.entries(prices).flatMap(([key, rate]): [string, SeedRate][] => {
      if (rate === undefined) return []
      if (typeof rate === 'number') return [[key, plain(rate)]]
      return [
        [key, { base: plain(rate.base), tiers: rate.tiers.map((t) => ({ start: t.start, price: plain(t.price) })) }],
      ]
    }),
  )
}

/** npm holds prices as doubles; the shortest spelling of one is what its authors wrote. */
function plain(value: number): string {
  const text = String(value)
  return text.includes('e') ? value.toFixed(20).replace(/0+$/, '') : text
}
