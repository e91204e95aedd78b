import { type Pico, usdString } from '../../genai/money.ts'
import { bundledBook } from '../book/index.ts'
import type { PricedCost } from '../cost.ts'
import { type PriceQuery, Pricer, type PricerOptions } from '../pricer.ts'

export const query = (fields: Partial<PriceQuery> & { readonly model?: string }): PriceQuery => {
  const { model, ...rest } = fields
  return {
    provider: 'openai',
    requestModel: undefined,
    responseModel: model,
    serviceTier: undefined,
    speed: undefined,
    inferenceGeo: undefined,
    region: undefined,
    endMs: Date.parse('2026-11-20T12:00:00Z'),
    usage: { input: 1_000_000, output: 1_000_000 },
    reportedPico: undefined,
    reportedIsBilled: false,
    isByok: false,
    ...rest,
  }
}

export const pricer = (options: Partial<PricerOptions> = {}): Pricer => new Pricer({ book: bundledBook, ...options })

/** `0.001234`, or why there is no such figure. */
export const amountOf = (cost: PricedCost): string =>
  cost.pico === undefined ? `${cost.reason}` : usdString(cost.pico)

export const sumOf = (cost: PricedCost): Pico => cost.lines.reduce<bigint>((sum, line) => sum + BigInt(line.pico), 0n)
