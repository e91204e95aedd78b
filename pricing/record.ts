import { normalPico, type Pico } from '../genai/money.ts'
import type { Usage } from '../genai/usage.ts'
import type { PricedCost } from './cost.ts'
import type { PriceQuery } from './pricer.ts'
import { parseRational, rationalOf, rounded, times } from './rational.ts'
import { BadRecord, decodeUsage } from './record-usage.ts'

/** One line of `tokenfuse price`, decoded. */
export interface PriceRecord {
  readonly id: unknown
  readonly query: PriceQuery
  /** How the usage had to be understood. */
  readonly flags: readonly string[]
}

export type Decoded = PriceRecord | { readonly id: unknown; readonly error: string }

type Json = Readonly<Record<string, unknown>>
const isObject = (v: unknown): v is Json => typeof v === 'object' && v !== null && !Array.isArray(v)

export function decodeRecord(value: unknown): Decoded {
  if (!isObject(value)) return { id: null, error: 'expected a JSON object' }
  const id = value['id'] ?? null
  try {
    const { usage, flags } = decodeUsage(value['usage'])
    return { id, query: queryOf(value, usage), flags }
  } catch (error) {
    if (error instanceof BadRecord) return { id, error: error.message }
    throw error
  }
}

function queryOf(value: Json, usage: Usage): PriceQuery {
  const model = text(value, 'model')
  const requestModel = text(value, 'request_model')
  if (model === undefined && requestModel === undefined) throw new BadRecord('model: expected a model id')
  const reportedPico = amount(value['reported_cost_usd'])
  return {
    provider: text(value, 'provider') ?? '',
    responseModel: model,
    requestModel,
    serviceTier: text(value, 'service_tier'),
    speed: text(value, 'speed'),
    inferenceGeo: text(value, 'inference_geo'),
    region: text(value, 'region'),
    endMs: instant(value['at']),
    usage,
    reportedPico,
    reportedIsBilled: reportedPico !== undefined,
    isByok: isTrue(value['is_byok']) || (isObject(value['usage']) && isTrue(value['usage']['is_byok'])),
  }
}

function text(value: Json, key: string): string | undefined {
  const found = value[key]
  if (found === undefined || found === null) return undefined
  if (typeof found !== 'string') throw new BadRecord(`${key}: expected a string`)
  return found
}

const INSTANT = /^\d{4}-\d{2}-\d{2}[Tt ]\d{2}:\d{2}:\d{2}(?:\.\d+)?(?:[Zz]|[+-]\d{2}:\d{2})$/

function instant(value: unknown): number {
  const ms = typeof value === 'string' && INSTANT.test(value) ? Date.parse(value) : Number.NaN
  if (Number.isNaN(ms)) throw new BadRecord('at: expected an RFC 3339 time such as 2026-11-20T08:30:00Z')
  return ms
}

/** A bill in USD as a number or a decimal string, to the nearest pico-USD. */
function amount(value: unknown): Pico | undefined {
  if (value === undefined || value === null) return undefined
  const exact =
    typeof value === 'number' ? rationalOf(value) : typeof value === 'string' ? parseRational(value) : undefined
  if (exact === undefined || exact.num < 0n) throw new BadRecord('reported_cost_usd: expected an amount of USD')
  return normalPico(rounded(times(exact, { num: 10n ** 12n, den: 1n })))
}

function isTrue(value: unknown): boolean {
  if (value === undefined || typeof value === 'boolean' || value === null) return value === true
  if (value === 0 || value === 1) return value === 1
  throw new BadRecord('is_byok: expected true or false')
}

/** The answer to one line, keys in the documented order. */
export function encodeCost(record: PriceRecord, cost: PricedCost, usd: (pico: Pico) => string): object {
  return {
    id: record.id,
    status: cost.status,
    cost_usd: cost.pico === undefined ? null : usd(cost.pico),
    // Somebody else pays: what it would have cost here.
    ...(cost.status === 'free' && cost.listPico !== undefined && cost.listPico > 0
      ? { list_cost_usd: usd(cost.listPico) }
      : {}),
    lines: cost.lines.map((line) => ({
      meter: line.meter,
      quantity: line.quantity,
      unit: line.unit,
      unit_price_usd: line.unitPriceUsd,
      cost_usd: usd(line.pico),
    })),
    card: cost.card ?? null,
    book_version: cost.bookVersion,
    layer: cost.layer,
    flags: [...record.flags, ...cost.flags],
    ...(cost.reason === undefined || cost.status === 'priced' ? {} : { reason: cost.reason }),
  }
}
