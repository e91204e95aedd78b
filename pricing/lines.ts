import type { CostLine } from '../genai/call.ts'
import { addPico, normalPico, type Pico } from '../genai/money.ts'
import { type Meter, quantityOf, type Usage } from '../genai/usage.ts'
import { type Band, type CompiledCard, METERS, type Rate, TOKEN_METERS } from './compile.ts'
import { decimalString, rationalOf, rounded, times } from './rational.ts'

/** One call taken apart by the careful way: every quantity with its rate, and what could not be priced. */
export interface Priced {
  readonly lines: readonly CostLine[]
  readonly total: Pico
  readonly flags: readonly string[]
  /** Tokens and media that the card ought to price and does not: the total would be wrong without them. */
  readonly missing: readonly Meter[]
  /** Extra charges without a known price: the total is a lower bound. */
  readonly missingFees: readonly Meter[]
}

/** Charged on top of whatever the call itself is billed by. */
const EXTRA_CHARGES: ReadonlySet<Meter> = new Set([
  'web_searches',
  'storage_searches',
  'attachment_searches',
  'code_sessions',
  'session_hours',
  'cache_storage_token_hours',
])

export const UNITS: Readonly<Partial<Record<Meter, string>>> = {
  web_searches: 'search',
  storage_searches: 'search',
  attachment_searches: 'search',
  code_sessions: 'session',
  session_hours: 'hour',
  images: 'image',
  seconds: 'second',
  characters: 'character',
  requests: 'request',
  pages: 'page',
  cache_storage_token_hours: 'token-hour',
}

/** Undefined when a quantity is not a count at all (negative, NaN). */
export function priceLines(usage: Usage, card: CompiledCard, band: Band): Priced | undefined {
  const lines: CostLine[] = []
  const flags: string[] = []
  const unpriced: Meter[] = []
  let total: Pico = 0
  for (const meter of METERS) {
    const quantity = meter === 'requests' ? requestsOf(usage, card, flags) : quantityOf(usage, meter)
    if (quantity === undefined || quantity === 0) continue
    if (!(quantity > 0 && quantity < Number.POSITIVE_INFINITY)) return undefined
    const rate = band.rates.get(meter)
    if (rate === undefined) {
      unpriced.push(meter)
      continue
    }
    const line = lineOf(meter, billedQuantity(meter, quantity, usage, card, flags), rate)
    lines.push(line)
    if (rate.flag !== undefined) flags.push(rate.flag)
    total = addPico(total, line.pico)
  }
  return { lines, total, flags, ...sortOut(unpriced, lines, flags) }
}

/** Some providers bill at least so much of a thing for each request. */
function billedQuantity(meter: Meter, quantity: number, usage: Usage, card: CompiledCard, flags: string[]): number {
  const least = (card.card.minimums?.[meter] ?? 0) * (usage.other?.requests ?? 1)
  if (quantity >= least) return quantity
  flags.push(`${meter}_minimum`)
  return least
}

/** A call is one request, whether or not its usage says so. */
function requestsOf(usage: Usage, card: CompiledCard, flags: string[]): number | undefined {
  const given = usage.other?.requests
  if (given !== undefined || !card.billsRequests) return given
  flags.push('one_request_assumed')
  return 1
}

/**
 * Tokens, images, seconds and characters are bases to bill by, and a provider bills by those that its card names: once
 * one of them is priced, the others describe the call and are not charged.
 */
function sortOut(
  unpriced: readonly Meter[],
  lines: readonly CostLine[],
  flags: string[],
): Pick<Priced, 'missing' | 'missingFees'> {
  const byTokens = lines.some((line) => line.unit === 'token')
  const byMedia = lines.some((line) => MEDIA.has(line.unit))
  const missing: Meter[] = []
  const missingFees: Meter[] = []
  for (const meter of unpriced) {
    if (EXTRA_CHARGES.has(meter)) missingFees.push(meter)
    else if (TOKEN_METERS.has(meter) ? byMedia && !byTokens : byTokens || byMedia) flags.push(`${meter}_not_billed`)
    else if (meter !== 'requests') missing.push(meter)
  }
  return { missing, missingFees }
}

const MEDIA: ReadonlySet<string> = new Set(['image', 'second', 'character', 'page'])

function lineOf(meter: Meter, quantity: number, rate: Rate): CostLine {
  return {
    meter,
    quantity,
    unit: TOKEN_METERS.has(meter) ? 'token' : (UNITS[meter] ?? meter),
    unitPriceUsd: decimalString({ num: rate.value.num, den: rate.value.den * PICO }),
    pico: amount(quantity, rate),
  }
}

const PICO = 10n ** 12n

/** Exact; the one rounding of a line happens here, and only when its price has digits below a pico-USD. */
function amount(quantity: number, rate: Rate): Pico {
  const product = quantity * rate.pico
  if (Number.isSafeInteger(quantity) && Number.isSafeInteger(product)) return product
  const exact = rationalOf(quantity)
  return exact === undefined ? 0 : normalPico(rounded(times(exact, rate.value)))
}
