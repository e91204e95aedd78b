import type { Call } from '../../genai/call.ts'
import { type Pico, usdNumber, usdString } from '../../genai/money.ts'
import { attributeKey, encodedFields, encodedString } from '../../otlp/attributes.ts'
import type { ItemBatch } from '../../otlp/batch.ts'
import type { Basis, PricedCost } from '../../pricing/cost.ts'

export const STATUS_KEY = 'tokenfuse.cost.status'
const USD_KEY = 'tokenfuse.cost.usd'
const COST_USD = attributeKey(USD_KEY)
const LIST_USD = attributeKey('tokenfuse.cost.list_usd')
const USAGE_COST = attributeKey('gen_ai.usage.cost')

/** Writes a cost on the span that it is of. An unpriced call has a status and a reason only. */
export function annotate(items: ItemBatch, call: Call, cost: PricedCost): void {
  const { item } = call
  const { basis, pico } = cost
  basis.encoded ??= encodedOf(basis, pico !== undefined)
  items.addFields(item, basis.encoded[items.signal === 'traces' ? 0 : 1] as Uint8Array)
  if (pico === undefined) return
  addUsd(items, item, pico)
  // A bill of the provider's, a subscription, or one's own key: what our list says beside it.
  if (cost.listPico !== undefined && cost.listPico !== pico) items.addString(item, LIST_USD, usdString(cost.listPico))
  if (call.flags.length === 0 || !call.flags.includes('has_usage_cost')) addUsageCost(items, item, pico)
}

/** What all calls priced alike say, encoded by the first of them: for spans and for log records. */
function encodedOf(basis: Basis, isPriced: boolean): readonly Uint8Array[] {
  const { status, reason, layer, priceCard, bookVersion } = basis
  const pieces = [encodedString(STATUS_KEY, status)]
  if (reason !== undefined) pieces.push(encodedString('tokenfuse.cost.reason', reason))
  if (isPriced) {
    pieces.push(encodedString('tokenfuse.cost.layer', layer))
    if (priceCard !== undefined) pieces.push(encodedString('tokenfuse.price.card', priceCard.id))
    pieces.push(encodedString('tokenfuse.price.book', bookVersion))
  }
  return [encodedFields('traces', pieces), encodedFields('logs', pieces)]
}

/**
 * The amount is written digit by digit into a ready-made attribute, one for each length of text. Making a string of it,
 * and bytes of the string, took longer than pricing the call.
 */
const TEXT_MAX = 17
const USD_BY_LENGTH = Array.from({ length: TEXT_MAX + 1 }, (_, n) => encodedString(USD_KEY, '0'.repeat(n)))
const POINT = 4
const DOT = 46
const ZERO = 48
/** `9007.199254740992`, the longest that a safe integer of pico-USD can be. */
const digits = new Uint8Array(TEXT_MAX)

export function addUsd(items: ItemBatch, item: number, pico: Pico): void {
  if (typeof pico !== 'number' || pico < 0) {
    items.addString(item, COST_USD, usdString(pico))
    return
  }
  const whole = Math.floor(pico / 1e12)
  const rest = pico - whole * 1e12
  const high = Math.floor(rest / 1e6)
  const from = POINT - writeWhole(whole)
  const to = writeFraction(high, rest - high * 1e6)
  const length = to - from
  const attribute = USD_BY_LENGTH[length] as Uint8Array
  const at = attribute.length - length
  for (let i = 0; i < length; i++) attribute[at + i] = digits[from + i] as number
  items.addEncoded(item, attribute)
}

/** Before the point, at most 9007; returns how many digits. */
function writeWhole(whole: number): number {
  let rest = whole
  let at = POINT
  do {
    const next = (rest / 10) | 0
    digits[--at] = ZERO + rest - next * 10
    rest = next
  } while (rest > 0)
  return POINT - at
}

/** Twelve digits without the zeros at their end; returns where they end. */
function writeFraction(high: number, low: number): number {
  if (high === 0 && low === 0) return POINT
  digits[POINT] = DOT
  writeSix(high, POINT + 1)
  let end = POINT + 7
  if (low !== 0) {
    writeSix(low, end)
    end += 6
  }
  while (digits[end - 1] === ZERO) end--
  return end
}

function writeSix(value: number, at: number): void {
  let rest = value
  for (let i = at + 5; i >= at; i--) {
    const next = (rest / 10) | 0
    digits[i] = ZERO + rest - next * 10
    rest = next
  }
}

/** Key, then AnyValue (field 2) of 9 bytes: its double_value (field 4, fixed64). */
const usageCost = Buffer.concat([USAGE_COST.encoded, Buffer.from([0x12, 9, 0x21]), Buffer.alloc(8)])
const usageCostView = new DataView(usageCost.buffer, usageCost.byteOffset, usageCost.length)

function addUsageCost(items: ItemBatch, item: number, pico: Pico): void {
  usageCostView.setFloat64(usageCost.length - 8, typeof pico === 'number' ? pico / 1e12 : usdNumber(pico), true)
  items.addEncoded(item, usageCost)
}
