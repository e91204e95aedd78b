import type { CallRole, CostLayer, CostStatus } from '../genai/call.ts'
import { addPico, type Pico, parseUsd, usdString } from '../genai/money.ts'
import { COMMON_METERS, type CommonMeter, RARE_METERS, type Usage } from '../genai/usage.ts'
import type { PricedCost } from './cost.ts'
import type { PriceQuery, Pricer } from './pricer.ts'

/** A call as it was once priced: a line of the `file` exporter's `format: calls`. */
export interface PastCall {
  readonly key: string
  readonly provider: string
  readonly model: string
  readonly bill: string
  readonly isCorrection: boolean
  readonly query: PriceQuery
  readonly status: CostStatus | undefined
  readonly layer: CostLayer | undefined
  /** Free by a setting: a subscription, a provider of one's own, one's own key. */
  readonly isPaidOtherwise: boolean
  readonly pico: Pico | undefined
  readonly card: string | undefined
  readonly bookVersion: string | undefined
}

export type CorrectionReason = 'now_priced' | 'price_changed' | 'other_card'

/** What has to be added to the books so that a call costs what it should have; nothing is ever changed in place. */
export interface Correction {
  /** The same for the same call and the same book, so that it is counted once. */
  readonly key: string
  readonly correctionOf: string
  readonly endMs: number
  readonly provider: string
  readonly model: string
  readonly reason: CorrectionReason
  /** Earlier corrections included; undefined = it had no cost. */
  readonly oldPico: Pico | undefined
  readonly newPico: Pico
  readonly delta: Pico
  readonly oldCard: string | undefined
  readonly newCard: string | undefined
  readonly oldBook: string | undefined
  readonly newBook: string
}

export type Repriced =
  | { readonly kind: 'same' | 'reported' | 'not_billed' }
  /** It was priced by a contract, prices or settings of one's own, which are not at hand now: its cost stands. */
  | { readonly kind: 'not_comparable' }
  | { readonly kind: 'corrected'; readonly correction: Correction }

/**
 * Prices a past call again, at its own time. A bill that the provider reported stands, and so does a cost where no price
 * is known now. `corrected` is what earlier corrections have added.
 */
export function reprice(call: PastCall, pricer: Pricer, corrected: Pico | undefined): Repriced {
  if (call.bill !== 'billed' || call.isCorrection) return { kind: 'not_billed' }
  if (call.status === 'reported') return { kind: 'reported' }
  const cost = pricer.price(call.query)
  const { layer } = call
  const old = corrected === undefined ? call.pico : addPico(call.pico ?? 0, corrected)
  if (old === cost.pico) return { kind: 'same' }
  if ((layer === 'contract' || layer === 'user') && cost.layer !== layer) return { kind: 'not_comparable' }
  if (call.isPaidOtherwise || cost.pico === undefined) return { kind: 'not_comparable' }
  return { kind: 'corrected', correction: correctionOf(call, cost, cost.pico, old) }
}

function correctionOf(call: PastCall, cost: PricedCost, now: Pico, old: Pico | undefined): Correction {
  const book = cost.bookVersion
  return {
    key: `${call.key}#reprice:${book}`,
    correctionOf: call.key,
    endMs: call.query.endMs,
    provider: call.provider,
    model: call.model,
    reason: reasonOf(call, cost, old),
    oldPico: old,
    newPico: now,
    delta: addPico(now, negated(old ?? 0)),
    oldCard: call.card,
    newCard: cost.card,
    oldBook: call.bookVersion,
    newBook: book,
  }
}

function reasonOf(call: PastCall, cost: PricedCost, old: Pico | undefined): CorrectionReason {
  if (old === undefined) return 'now_priced'
  return call.card === cost.card ? 'price_changed' : 'other_card'
}

const negated = (pico: Pico): Pico => (pico === 0 ? 0 : typeof pico === 'number' ? -pico : -pico)

/** One line, keys in this order; amounts are exact decimal strings, null = no cost. */
export function correctionLine(c: Correction): Readonly<Record<string, unknown>> {
  const usd = (pico: Pico | undefined): string | null => (pico === undefined ? null : usdString(pico))
  return {
    key: c.key,
    correction_of: c.correctionOf,
    end_time: new Date(c.endMs).toISOString(),
    provider: c.provider,
    model: c.model,
    reason: c.reason,
    delta_usd: usdString(c.delta),
    old_usd: usd(c.oldPico),
    new_usd: usdString(c.newPico),
    old_card: c.oldCard ?? null,
    new_card: c.newCard ?? null,
    old_book: c.oldBook ?? null,
    new_book: c.newBook,
  }
}

type Json = Readonly<Record<string, unknown>>
const isObject = (v: unknown): v is Json => typeof v === 'object' && v !== null && !Array.isArray(v)
const text = (v: unknown): string | undefined => (typeof v === 'string' ? v : undefined)

/** Undefined when the line is not a call, or says neither when it was nor what it is known by. */
export function decodePastCall(line: unknown): PastCall | undefined {
  if (!isObject(line) || !isObject(line['usage'])) return undefined
  const key = text(line['key'])
  const endMs = Date.parse(text(line['end_time']) ?? text(line['time']) ?? '')
  const usage = decodeMeters(line['usage'])
  if (key === undefined || Number.isNaN(endMs) || usage === undefined) return undefined
  const cost = isObject(line['cost']) ? line['cost'] : {}
  const usd = text(cost['usd'])
  const query: PriceQuery = {
    provider: text(line['provider']) ?? '',
    requestModel: text(line['request_model']),
    responseModel: text(line['response_model']),
    serviceTier: text(line['service_tier']),
    speed: text(line['speed']),
    inferenceGeo: text(line['inference_geo']),
    region: text(line['region']),
    endMs,
    usage,
    reportedPico: undefined,
    reportedIsBilled: false,
    isByok: line['is_byok'] === true,
    ...(isRole(line['role']) ? { role: line['role'] } : {}),
  }
  return {
    key,
    provider: query.provider,
    model: query.responseModel ?? query.requestModel ?? '',
    bill: text(line['bill']) ?? 'billed',
    isCorrection: line['correction_of'] !== undefined,
    query,
    status: text(cost['status']) as CostStatus | undefined,
    layer: text(cost['layer']) as CostLayer | undefined,
    isPaidOtherwise: cost['status'] === 'free' && PAID_OTHERWISE.has(text(cost['reason']) ?? ''),
    pico: usd === undefined ? undefined : parseUsd(usd),
    card: text(cost['card']),
    bookVersion: text(cost['book_version']),
  }
}

const PAID_OTHERWISE: ReadonlySet<string> = new Set(['subscription', 'free_provider', 'byok'])

const isRole = (v: unknown): v is CallRole =>
  v === 'inference' || v === 'embeddings' || v === 'rerank' || v === 'image' || v === 'audio'

const FIELD: Readonly<Record<CommonMeter, keyof Omit<Usage, 'other'>>> = {
  input: 'input',
  cache_read: 'cacheRead',
  cache_write: 'cacheWrite',
  cache_write_5m: 'cacheWrite5m',
  cache_write_1h: 'cacheWrite1h',
  output: 'output',
  reasoning: 'reasoning',
}

/** Disjoint meters by their names, as the exporter writes them. */
function decodeMeters(value: Json): Usage | undefined {
  const known: readonly string[] = [...COMMON_METERS, ...RARE_METERS]
  const isCount = ([name, n]: [string, unknown]): boolean =>
    known.includes(name) && typeof n === 'number' && n >= 0 && Number.isFinite(n)
  if (!Object.entries(value).every(isCount)) return undefined
  const common = COMMON_METERS.flatMap((m) => (value[m] === undefined ? [] : [[FIELD[m], value[m]]]))
  const rare = RARE_METERS.flatMap((m) => (value[m] === undefined ? [] : [[m, value[m]]]))
  const other = rare.length === 0 ? {} : { other: Object.fromEntries(rare) as Usage['other'] }
  return { ...(Object.fromEntries(common) as Usage), ...other }
}
