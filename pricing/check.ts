import type { Card, Conditions } from './card.ts'
import { METERS } from './compile.ts'
import { parseRational } from './rational.ts'
import { isZone } from './windows.ts'

/** What is wrong with a card, and where in it. */
export interface CardComplaint {
  readonly path: readonly (string | number)[]
  readonly message: string
}

export const CARD_KEYS: readonly string[] = [
  'id',
  'model',
  'aliases',
  'from',
  'to',
  'when',
  'windows',
  'bands',
  'rates',
  'fees',
  'minimums',
  'cache',
  'free',
  'source',
  'also',
  'amortised',
  'unverified',
]
const CONDITION_KEYS: readonly string[] = ['tier', 'speed', 'geo', 'endpoint', 'region']
const WINDOW_KEYS: readonly string[] = ['start', 'end', 'days', 'except', 'zone']
const CACHE_KEYS: readonly string[] = ['min_tokens', 'ttl', 'automatic']
const TTL = /^\d+[mh]$/
const DATE = /^\d{4}-\d{2}-\d{2}(?:T\d{2}:\d{2}(?::\d{2})?Z)?$/
const TIME = /^(?:[01]\d|2[0-3]):[0-5]\d$|^24:00$/

type Json = Readonly<Record<string, unknown>>
const isObject = (v: unknown): v is Json => typeof v === 'object' && v !== null && !Array.isArray(v)
const isText = (v: unknown): v is string => typeof v === 'string' && v.trim() !== ''

/** Decodes one card of a book or of a user; all complaints at once. */
export function checkCard(value: unknown): readonly CardComplaint[] {
  if (!isObject(value)) return [{ path: [], message: 'a card is an object' }]
  return [
    ...unknownKeys(value, CARD_KEYS, []),
    ...(['id', 'model', 'source'] as const).flatMap((k) =>
      isText(value[k]) ? [] : [{ path: [k], message: 'expected a name' }],
    ),
    ...texts(value['aliases'], ['aliases']),
    ...dates(value),
    ...conditions(value['when']),
    ...windows(value['windows']),
    ...bands(value['bands']),
    ...prices(value),
    ...cache(value['cache']),
  ]
}

/** Pairs of cards of one model that would both hold at the same time under the same conditions. */
export function overlaps(cards: readonly Card[]): readonly (readonly [Card, Card])[] {
  const groups = Map.groupBy(
    cards,
    (c) => `${c.model.toLowerCase()} ${JSON.stringify(c.when ?? {})} ${JSON.stringify(c.windows ?? [])}`,
  )
  return [...groups.values()].flatMap((group) => {
    const sorted = group.toSorted((a, b) => start(a) - start(b))
    return sorted.slice(1).flatMap((card, i) => {
      const before = sorted[i] as Card
      return end(before) > start(card) ? [[before, card] as const] : []
    })
  })
}

const start = (card: Card): number => (card.from === undefined ? Number.NEGATIVE_INFINITY : Date.parse(card.from))
const end = (card: Card): number => (card.to === undefined ? Number.POSITIVE_INFINITY : Date.parse(card.to))

function unknownKeys(value: Json, known: readonly string[], path: readonly (string | number)[]): CardComplaint[] {
  return Object.keys(value).flatMap((k) =>
    known.includes(k) ? [] : [{ path: [...path, k], message: `unknown key; known are ${known.join(', ')}` }],
  )
}

function texts(value: unknown, path: readonly string[]): CardComplaint[] {
  if (value === undefined) return []
  return Array.isArray(value) && value.every(isText) ? [] : [{ path, message: 'expected a list of names' }]
}

function dates(value: Json): CardComplaint[] {
  const bad = (['from', 'to'] as const).filter((k) => value[k] !== undefined && !isDate(value[k]))
  const out: CardComplaint[] = bad.map((k) => ({
    path: [k],
    message: 'expected a date, 2026-07-30, or an instant in UTC, 2026-07-30T19:00Z',
  }))
  if (
    out.length === 0 &&
    isText(value['from']) &&
    isText(value['to']) &&
    Date.parse(value['from']) >= Date.parse(value['to'])
  ) {
    out.push({ path: ['to'], message: 'ends before it begins' })
  }
  return out
}

const isDate = (v: unknown): boolean => typeof v === 'string' && DATE.test(v) && !Number.isNaN(Date.parse(v))

function conditions(value: unknown): CardComplaint[] {
  if (value === undefined) return []
  if (!isObject(value)) return [{ path: ['when'], message: 'expected an object' }]
  const lists = CONDITION_KEYS.flatMap((k) => texts(value[k], ['when', k]))
  const endpoint = (value as Conditions).endpoint
  const odd = Array.isArray(endpoint) && endpoint.some((e) => e !== 'global' && e !== 'regional')
  return [
    ...unknownKeys(value, CONDITION_KEYS, ['when']),
    ...lists,
    ...(odd ? [{ path: ['when', 'endpoint'], message: 'expected global or regional' }] : []),
  ]
}

function windows(value: unknown): CardComplaint[] {
  if (value === undefined) return []
  if (!Array.isArray(value)) return [{ path: ['windows'], message: 'expected a list' }]
  return value.flatMap((w: unknown, i) => {
    const isTime = (v: unknown): boolean => typeof v === 'string' && TIME.test(v)
    if (!isObject(w) || !isTime(w['start']) || !isTime(w['end']))
      return [{ path: ['windows', i], message: 'expected start and end as HH:MM' }]
    return [...unknownKeys(w, WINDOW_KEYS, ['windows', i]), ...windowDays(w, ['windows', i])]
  })
}

function windowDays(window: Json, path: readonly (string | number)[]): CardComplaint[] {
  const { days, except, zone } = window
  const isList = (v: unknown, isGood: (item: unknown) => boolean): boolean =>
    v === undefined || (Array.isArray(v) && v.every(isGood))
  const isWeekday = (d: unknown): boolean => Number.isInteger(d) && Number(d) >= 1 && Number(d) <= 7
  const complaints: CardComplaint[] = []
  if (!isList(days, isWeekday))
    complaints.push({ path: [...path, 'days'], message: 'expected weekdays from 1 (Monday) to 7' })
  if (!isList(except, (d) => isDate(d) && String(d).length === 10))
    complaints.push({ path: [...path, 'except'], message: 'expected dates such as 2026-10-01' })
  if (zone !== undefined && !(isText(zone) && isZone(zone)))
    complaints.push({ path: [...path, 'zone'], message: 'expected a time zone such as Asia/Shanghai' })
  return complaints
}

function bands(value: unknown): CardComplaint[] {
  if (value === undefined) return []
  if (!Array.isArray(value)) return [{ path: ['bands'], message: 'expected a list' }]
  const edges = value.map((b: unknown) => (isObject(b) ? (b['gt'] ?? b['gte']) : undefined))
  const isRising = edges.every(
    (e, i) => Number.isSafeInteger(e) && Number(e) > 0 && (i === 0 || Number(e) > Number(edges[i - 1])),
  )
  const isSingle = value.every((b: unknown) => isObject(b) && Object.keys(b).length === 1)
  return isRising && isSingle
    ? []
    : [{ path: ['bands'], message: 'expected rising edges, each { gt: n } or { gte: n }' }]
}

function prices(value: Json): CardComplaint[] {
  const { rates, fees, free } = value
  if (rates === undefined && fees === undefined && free !== true)
    return [{ path: [], message: 'names no price: rates, fees, or free: true' }]
  const columns = Array.isArray(value['bands']) ? value['bands'].length + 1 : 1
  return [...group(rates, 'rates', columns), ...group(fees, 'fees', 1), ...minimums(value['minimums'])]
}

function cache(value: unknown): CardComplaint[] {
  if (value === undefined) return []
  if (!isObject(value)) return [{ path: ['cache'], message: 'expected an object' }]
  const { min_tokens, ttl, automatic } = value
  const isGood =
    (min_tokens === undefined || (Number.isSafeInteger(min_tokens) && Number(min_tokens) > 0)) &&
    (ttl === undefined || (Array.isArray(ttl) && ttl.every((t) => typeof t === 'string' && TTL.test(t)))) &&
    (automatic === undefined || automatic === true)
  return [
    ...unknownKeys(value, CACHE_KEYS, ['cache']),
    ...(isGood ? [] : [{ path: ['cache'], message: 'expected min_tokens, ttl such as ["5m", "1h"], automatic: true' }]),
  ]
}

function minimums(value: unknown): CardComplaint[] {
  if (value === undefined) return []
  if (!isObject(value)) return [{ path: ['minimums'], message: 'expected an object' }]
  return Object.entries(value).flatMap(([meter, least]) =>
    METERS.includes(meter as never) && typeof least === 'number' && least > 0 && Number.isFinite(least)
      ? []
      : [{ path: ['minimums', meter], message: 'expected a meter and a number above 0' }],
  )
}

function group(value: unknown, name: string, columns: number): CardComplaint[] {
  if (value === undefined) return []
  if (!isObject(value)) return [{ path: [name], message: 'expected an object' }]
  return Object.entries(value).flatMap(([meter, rate]) => {
    if (!METERS.includes(meter as never))
      return [{ path: [name, meter], message: `unknown meter; known are ${METERS.join(', ')}` }]
    const isList = Array.isArray(rate)
    if (isList && rate.length !== columns)
      return [{ path: [name, meter], message: `expected ${columns} prices, one per band` }]
    const isPrice = (v: unknown): boolean => (v === null && name === 'rates') || isAmount(v)
    return (isList ? rate : [rate]).every(isPrice)
      ? []
      : [{ path: [name, meter], message: 'expected a decimal string such as "2.5", not negative' }]
  })
}

function isAmount(value: unknown): boolean {
  const amount = typeof value === 'string' ? parseRational(value) : undefined
  return amount !== undefined && amount.num >= 0n
}
