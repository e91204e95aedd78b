import { usdString } from '../../genai/money.ts'
import { bundledBook } from '../book/index.ts'
import { Pricer } from '../pricer.ts'
import { parseRational, type Rational } from '../rational.ts'
import { decodeRecord, encodeCost } from '../record.ts'

/*
 * What providers publish, call by call, through the same door as `tokenfuse price`. Each row says how the bill is made:
 * `1000*2.5 + 200*15` are tokens and USD per million, a `#` in front means units and USD each. The sum is worked out here
 * with fractions, not by the engine.
 */
export type Row = Readonly<Record<string, unknown>>
interface Answer {
  readonly status: string
  readonly cost_usd: string | null
  readonly flags: readonly string[]
  readonly reason?: string
}

const pricer = new Pricer({ book: bundledBook })

function price(row: Row): Answer {
  const record = decodeRecord({ id: 1, at: '2026-11-20T12:00:00Z', ...row })
  if ('error' in record) throw new Error(record.error)
  return encodeCost(record, pricer.price(record.query), usdString) as Answer
}

function bill(terms: string): string {
  const pico = terms.split('+').reduce<bigint>((sum, term) => sum + amount(term.trim()), 0n)
  return usdString(pico)
}

function amount(term: string): bigint {
  const isUnits = term.startsWith('#')
  const [quantity, rate] = term
    .replace('#', '')
    .split('*')
    .map((part) => parseRational(part.trim())) as [Rational, Rational]
  const num = quantity.num * rate.num * (isUnits ? 10n ** 12n : 10n ** 6n)
  const den = quantity.den * rate.den
  const whole = num / den
  return (num % den) * 2n > den ? whole + 1n : whole
}

export const check = (row: Row, terms: string, ...flags: string[]): void => {
  const answer = price(row)
  expect([row, answer.reason, answer.status, answer.cost_usd]).toEqual([row, answer.reason, 'priced', bill(terms)])
  for (const flag of flags) expect(answer.flags).toContain(flag)
}
export const never = (row: Row, reason: string): void => {
  const answer = price(row)
  expect([row, answer.status, answer.cost_usd, answer.reason]).toEqual([row, 'unpriced', null, reason])
}
export const io = { input_tokens: 1000, output_tokens: 100 }
