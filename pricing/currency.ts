import type { Card, RateText } from './card.ts'
import { decimalString, parseRational, type Rational, times } from './rational.ts'

/** What one unit of a currency is worth, from a day on. */
export interface FxRate {
  /** ISO 4217, `CNY`. */
  readonly currency: string
  /** UTC date; absent = since ever. It holds until the next one of the currency begins. */
  readonly from?: string | undefined
  /** USD per unit, a decimal string. */
  readonly usd: string
}

/**
 * A card in another currency as cards in USD: one for each rate of exchange that falls into its time. Amounts stay
 * exact. Before the first rate there is no price, because none is known.
 */
export function inUsd(card: Card, currency: string, rates: readonly FxRate[]): readonly Card[] {
  const dated = rates
    .filter((rate) => rate.currency === currency)
    .toSorted((a, b) => timeOf(a.from, Number.NEGATIVE_INFINITY) - timeOf(b.from, Number.NEGATIVE_INFINITY))
  return dated.flatMap((rate, i) => {
    const usd = parseRational(rate.usd)
    const from = later(card.from, rate.from)
    const to = earlier(card.to, dated[i + 1]?.from)
    if (usd === undefined || timeOf(from, Number.NEGATIVE_INFINITY) >= timeOf(to, Number.POSITIVE_INFINITY)) return []
    return [converted(card, usd, { id: `${card.id}/${currency}${from === undefined ? '' : `@${from}`}`, from, to })]
  })
}

interface Span {
  readonly id: string
  readonly from: string | undefined
  readonly to: string | undefined
}

function converted(card: Card, usd: Rational, { id, from, to }: Span): Card {
  const { from: _, to: __, rates, fees, ...rest } = card
  return {
    ...rest,
    id,
    ...(from === undefined ? {} : { from }),
    ...(to === undefined ? {} : { to }),
    ...(rates === undefined ? {} : { rates: mapped(rates, (rate) => multiplied(rate, usd)) }),
    ...(fees === undefined ? {} : { fees: mapped(fees, (fee) => product(fee, usd)) }),
  }
}

const mapped = <T, R>(group: Readonly<Partial<Record<string, T>>>, fn: (value: T) => R): Record<string, R> =>
  Object.fromEntries(Object.entries(group).flatMap(([k, v]) => (v === undefined ? [] : [[k, fn(v)]])))

function multiplied(rate: RateText, usd: Rational): RateText {
  if (rate === null) return null
  return typeof rate === 'string' ? product(rate, usd) : rate.map((r) => (r === null ? null : product(r, usd)))
}

function product(text: string, usd: Rational): string {
  const value = parseRational(text)
  return value === undefined ? text : exactText(times(value, usd))
}

/** A decimal where there is one, else the fraction: a rate is never rounded. */
export function exactText(value: Rational): string {
  const decimal = decimalString(value)
  const back = parseRational(decimal)
  return back?.num === value.num && back.den === value.den ? decimal : `${value.num}/${value.den}`
}

export const timeOf = (text: string | undefined, otherwise: number): number =>
  text === undefined ? otherwise : Date.parse(text)

export const later = (a: string | undefined, b: string | undefined): string | undefined =>
  timeOf(a, Number.NEGATIVE_INFINITY) >= timeOf(b, Number.NEGATIVE_INFINITY) ? a : b

export const earlier = (a: string | undefined, b: string | undefined): string | undefined =>
  timeOf(a, Number.POSITIVE_INFINITY) <= timeOf(b, Number.POSITIVE_INFINITY) ? a : b
