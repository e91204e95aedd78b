import { addPico, normalPico, type Pico } from '../genai/money.ts'
import { quantityOf, type Usage } from '../genai/usage.ts'
import type { Book } from './card.ts'
import { bandOf, compileCard, METERS, TOKEN_METERS } from './compile.ts'
import { timeOf } from './currency.ts'
import { MAKERS, priceLists, providerOf } from './providers.ts'
import { type Rational, rationalOf, rounded, times } from './rational.ts'

/** The dearest rate of each meter, in pico-USD. */
type Dearest = ReadonlyMap<string, Rational>

/**
 * What a call can cost at the most when nobody knows its price: every token at the dearest rate that its provider asks for
 * any model, whatever the tier. For budgets that would rather stop early than late; never a cost.
 */
export class UpperBound {
  private readonly book: Book
  /** By provider; made when first asked for. Providers without prices share those of all makers. */
  private readonly dearest = new Map<string, Dearest>()

  constructor(book: Book) {
    this.book = book
  }

  /** Undefined when the call counts nothing that anybody bills by. */
  of(provider: string, usage: Usage): Pico | undefined {
    const rates = this.ratesOf(providerOf(provider).id)
    let total: Pico | undefined
    for (const meter of METERS) {
      const quantity = quantityOf(usage, meter)
      if (quantity === undefined || !(quantity > 0 && quantity < Number.POSITIVE_INFINITY)) continue
      const rate = rates.get(meter) ?? (TOKEN_METERS.has(meter) ? rates.get(sideOf(meter)) : undefined)
      const exact = rationalOf(quantity)
      if (rate === undefined || exact === undefined) continue
      total = addPico(total ?? 0, normalPico(rounded(times(exact, rate))))
    }
    return total
  }

  private ratesOf(provider: string): Dearest {
    const own = priceLists(provider).filter((name) => this.book.files[name] !== undefined)
    const key = own.length === 0 ? '' : provider
    const known = this.dearest.get(key)
    if (known !== undefined) return known
    const rates = dearestOf(this.book, own.length === 0 ? MAKERS : own)
    this.dearest.set(key, rates)
    return rates
  }
}

const sideOf = (meter: string): string => (meter.startsWith('output') || meter === 'reasoning' ? 'output' : 'input')

function dearestOf(book: Book, providers: readonly string[]): Dearest {
  const out = new Map<string, Rational>()
  const now = Date.parse(book.asOf)
  const cards = providers.flatMap((name) => book.files[name]?.().cards ?? [])
  for (const card of cards) {
    // What is no longer sold, or a share of what is paid anyway, bounds nothing.
    if (card.amortised === true || timeOf(card.to, Number.POSITIVE_INFINITY) <= now) continue
    const compiled = compileCard(card, [], [])
    const { rates } = bandOf(compiled, Number.MAX_SAFE_INTEGER)
    for (const [meter, rate] of rates) if (isMore(rate.value, out.get(meter))) out.set(meter, rate.value)
  }
  return out
}

const isMore = (a: Rational, b: Rational | undefined): boolean => b === undefined || a.num * b.den > b.num * a.den
