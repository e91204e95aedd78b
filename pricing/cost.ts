import type { Cost, CostLayer, CostLine, CostStatus } from '../genai/call.ts'
import { addPico, type Pico, usdString } from '../genai/money.ts'
import { totalInput, type Usage } from '../genai/usage.ts'
import { bandOf, type CompiledCard } from './compile.ts'
import { priceLines } from './lines.ts'

const NONE: readonly string[] = Object.freeze([])
const NO_LINES: readonly CostLine[] = Object.freeze([])

/** What a call cost and why. The lines are worked out when somebody asks; they always sum to `pico`. */
export class PricedCost implements Cost {
  readonly status: CostStatus
  readonly pico: Pico | undefined
  readonly card: string | undefined
  readonly bookVersion: string
  readonly layer: CostLayer
  readonly reason: string | undefined
  readonly flags: readonly string[]
  /** What our own prices say; differs from `pico` only when the provider reported a bill. */
  readonly listPico: Pico | undefined
  readonly priceCard: CompiledCard | undefined
  private readonly usage: Usage | undefined

  constructor(fields: CostFields) {
    this.status = fields.status
    this.pico = fields.pico
    this.card = fields.priceCard?.id
    this.bookVersion = fields.bookVersion
    this.layer = fields.layer
    this.reason = fields.reason
    this.flags = fields.flags ?? NONE
    this.listPico = fields.listPico
    this.priceCard = fields.priceCard
    this.usage = fields.usage
  }

  get lines(): readonly CostLine[] {
    if (this.pico === undefined || this.status === 'free') return NO_LINES
    const list = this.listLines()
    if (this.status !== 'reported') return list
    const sum = list.reduce<Pico>((total, line) => addPico(total, line.pico), 0)
    return BigInt(sum) === BigInt(this.pico) ? list : [...list, residual(this.pico, sum)]
  }

  private listLines(): readonly CostLine[] {
    if (this.priceCard === undefined || this.usage === undefined) return NO_LINES
    return priceLines(this.usage, this.priceCard, bandOf(this.priceCard, totalInput(this.usage)))?.lines ?? NO_LINES
  }
}

export interface CostFields {
  readonly status: CostStatus
  readonly pico: Pico | undefined
  readonly priceCard: CompiledCard | undefined
  readonly bookVersion: string
  readonly layer: CostLayer
  readonly reason: string | undefined
  readonly flags: readonly string[] | undefined
  readonly listPico: Pico | undefined
  readonly usage: Usage | undefined
}

/** What the bill says beyond, or below, the list price: plugins, routing, promotions, or a stale card. */
function residual(billed: Pico, list: Pico): CostLine {
  const rest = addPico(billed, typeof list === 'number' ? -list : -list)
  return { meter: 'billed_beyond_list', quantity: 1, unit: 'call', unitPriceUsd: usdString(rest), pico: rest }
}
