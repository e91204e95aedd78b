// Turns the data module of the PyPI release of genai-prices into seed.jsonl. The PyPI releases are newer than the npm
// ones and carry what npm lacks: batch, flex, priority and fast prices. See README.md for when and how to run it.
//
//   node tools/prices/seed.ts <genai_prices/data.py> <version>
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type Literal, type LiteralObject, parsePython } from './python-literal.ts'
import {
  formatSeed,
  MATCH_MARKS,
  type Seed,
  type SeedModel,
  type SeedPrice,
  type SeedProvider,
  type SeedRate,
} from './seed-format.ts'

const isObject = (v: Literal | undefined): v is LiteralObject =>
  typeof v === 'object' && v !== null && !Array.isArray(v)
const list = (v: Literal | undefined): readonly Literal[] =>
  Array.isArray(v) ? v : v === undefined || v === null ? [] : [v]
const text = (v: Literal | undefined): string => (typeof v === 'string' ? v : '')
const pad = (v: Literal | undefined): string => String(v).padStart(2, '0')

function matches(clause: Literal | undefined): string[] {
  if (!isObject(clause)) return []
  const nested = clause.or_ ?? clause.and_
  if (nested !== undefined) return list(nested).flatMap(matches)
  return Object.entries(MATCH_MARKS).flatMap(([kind, mark]) =>
    clause[kind] === undefined ? [] : [mark + text(clause[kind])],
  )
}

function rate(value: Literal): SeedRate {
  if (!isObject(value)) throw new Error(`a rate must be a Decimal or TieredPrices: ${JSON.stringify(value)}`)
  if (value.$ === 'Decimal') return text(value['0'])
  const tiers = list(value.tiers).map((t) => {
    if (!isObject(t)) throw new Error('a tier must be a Tier')
    return { start: Number(t.start), price: text((t.price as LiteralObject)['0']) }
  })
  return { base: text((value.base as LiteralObject)['0']), tiers }
}

function rates(prices: Literal | undefined): Record<string, SeedRate> {
  if (!isObject(prices)) return {}
  return Object.fromEntries(Object.entries(prices).flatMap(([k, v]) => (k === '$' || v === null ? [] : [[k, rate(v)]])))
}

function price(entry: Literal, when?: Readonly<Record<string, string>>): SeedPrice {
  if (!isObject(entry)) throw new Error('a price must be an object')
  if (entry.$ === 'ModelPrice') return { rates: rates(entry) }
  const c = isObject(entry.constraint) ? entry.constraint : {}
  const d = isObject(c.start_date) ? c.start_date : undefined
  const time = (t: Literal | undefined): string => (isObject(t) ? `${pad(t['0'])}:${pad(t['1'] ?? 0)}` : '')
  return {
    ...(d === undefined ? {} : { from: `${d['0']}-${pad(d['1'])}-${pad(d['2'])}` }),
    ...(c.start_time === undefined ? {} : { window: [time(c.start_time), time(c.end_time)] as const }),
    ...(when === undefined ? {} : { when }),
    rates: rates(entry.prices),
  }
}

const urls = (comment: string): string[] =>
  [...new Set(comment.match(/https?:\/\/[^\s)'"`,;]+/g) ?? [])].map((u) => u.replace(/[.:]+$/, ''))

function model(m: Literal): SeedModel {
  if (!isObject(m)) throw new Error('a model must be a ModelInfo')
  const variants = list(m.price_variants).map((v) =>
    price(v, (v as LiteralObject).when as Readonly<Record<string, string>>),
  )
  const refs = urls(text(m.price_comments)).slice(0, 2)
  return {
    id: text(m.id),
    match: matches(m.match),
    prices: [...list(m.prices).map((p) => price(p)), ...variants],
    ...(refs.length === 0 ? {} : { refs }),
  }
}

function provider(p: Literal): SeedProvider {
  if (!isObject(p)) throw new Error('a provider must be a Provider')
  return { id: text(p.id), urls: list(p.pricing_urls).map(text), models: list(p.models).map(model) }
}

const [file, version] = process.argv.slice(2)
if (file === undefined || version === undefined) {
  process.stderr.write('usage: node tools/prices/seed.ts <genai_prices/data.py> <version>\n')
  process.exit(2)
}
const source = readFileSync(file, 'utf8')
const marker = 'providers: list[Provider] = '
const data = parsePython(source, source.indexOf(marker) + marker.length)
const checked = [
  ...source.matchAll(/(?:checked|verified|listed)[^.]{0,60}? on (20\d\d-\d\d-\d\d)|checked (20\d\d-\d\d-\d\d)/gi),
]
const asOf =
  checked
    .map((m) => m[1] ?? m[2] ?? '')
    .sort()
    .at(-1) ?? ''
const seed: Seed = {
  package: 'genai-prices (PyPI)',
  version,
  license: 'MIT',
  asOf,
  providers: list(data).map(provider),
}
writeFileSync(join(import.meta.dirname, 'seed.jsonl'), formatSeed(seed))
