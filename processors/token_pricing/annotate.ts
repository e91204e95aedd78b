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
  const { basis, pico, listPico } = cost
  const signal = items.signal === 'traces' ? 0 : 1
  basis.encoded ??= encodedOf(basis, pico !== undefined)
  const isListed = listPico === undefined || listPico === pico
  const hasUsageCost = call.flags.length > 0 && call.flags.includes('has_usage_cost')
  if (isListed && !hasUsageCost && typeof pico === 'number' && pico >= 0) {
    addPlain(items, item, basis, pico, signal)
    return
  }
  items.addFields(item, basis.encoded[signal] as Uint8Array)
  if (pico === undefined) return
  addUsd(items, item, pico)
  // A bill of the provider's, a subscription, or one's own key: what our list says beside it.
  if (!isListed) items.addString(item, LIST_USD, usdString(listPico))
  if (!hasUsageCost) addUsageCost(items, item, pico)
}

/**
 * What all calls priced alike say, encoded by the first of them: for spans and for log records. Behind them is room for
 * the same with amounts, by length of their text; see `addPlain`.
 */
function encodedOf(basis: Basis, isPriced: boolean): readonly Uint8Array[] {
  const { status, reason, layer, priceCard, bookVersion } = basis
  const pieces = [encodedString(STATUS_KEY, status)]
  if (reason !== undefined) pieces.push(encodedString('tokenfuse.cost.reason', reason))
  if (isPriced) {
    pieces.push(encodedString('tokenfuse.cost.layer', layer))
    if (priceCard !== undefined) pieces.push(encodedString('tokenfuse.price.card', priceCard.id))
    pieces.push(encodedString('tokenfuse.price.book', bookVersion))
  }
  const room = new Array<Uint8Array>(2 * (TEXT_MAX + 1)).fill(NOT_YET)
  return [encodedFields('traces', pieces), encodedFields('logs', pieces), ...room]
}

const NOT_YET = new Uint8Array(0)

/** The usual call: all that it says is one piece, ready but for the amount, which is written into it. */
function addPlain(items: ItemBatch, item: number, basis: Basis, pico: number, signal: 0 | 1): void {
  const from = writeDigits(pico)
  const length = digitsEnd - from
  const n = 2 + signal * (TEXT_MAX + 1) + length
  let fields = basis.encoded?.[n] ?? NOT_YET
  if (fields.length === 0) fields = makePlain(basis, n, signal, length)
  const end = fields.length - usageCost.length - 2
  const at = end - length
  for (let i = 0; i < length; i++) fields[at + i] = digits[from + i] as number
  usageCostView.setFloat64(usageCost.length - 8, pico / 1e12, true)
  for (let i = 1; i <= 8; i++) fields[fields.length - i] = usageCost[usageCost.length - i] as number
  items.addFields(item, fields)
}

function makePlain(basis: Basis, n: number, signal: 0 | 1, length: number): Uint8Array {
  const amounts = encodedFields(signal === 0 ? 'traces' : 'logs', [USD_BY_LENGTH[length] as Uint8Array, usageCost])
  const fields = Buffer.concat([basis.encoded?.[signal] ?? NOT_YET, amounts])
  basis.encoded = basis.encoded?.with(n, fields)
  return fields
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
  const from = writeDigits(pico)
  const length = digitsEnd - from
  const attribute = USD_BY_LENGTH[length] as Uint8Array
  const at = attribute.length - length
  for (let i = 0; i < length; i++) attribute[at + i] = digits[from + i] as number
  items.addEncoded(item, attribute)
}

let digitsEnd = 0

/** Writes an amount into `digits`, from where it says to `digitsEnd`. */
function writeDigits(pico: number): number {
  const whole = Math.floor(pico / 1e12)
  const rest = pico - whole * 1e12
  const high = Math.floor(rest / 1e6)
  digitsEnd = writeFraction(high, rest - high * 1e6)
  return POINT - writeWhole(whole)
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
