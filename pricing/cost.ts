import type { Cost, CostLayer, CostLine, CostStatus } from '../genai/call.ts'
import { addPico, type Pico, usdString } from '../genai/money.ts'
import { totalInput, type Usage } from '../genai/usage.ts'
import { bandOf, type CompiledCard } from './compile.ts'
import { priceLines } from './lines.ts'

const NONE: readonly string[] = Object.freeze([])
const NO_LINES: readonly CostLine[] = Object.freeze([])

/** How a cost was found. Calls that are priced alike share one, so that a priced call is a small object. */
export class Basis {
  readonly status: CostStatus
  readonly layer: CostLayer
  readonly reason: string | undefined
  readonly flags: readonly string[]
  readonly priceCard: CompiledCard | undefined
  readonly bookVersion: string
  /** Room for whoever writes costs down: its form on the wire, made once. */
  encoded: readonly Uint8Array[] | undefined = undefined
  /** The same where the provider's bill took the place of our price. */
  reported: Basis | undefined = undefined

  constructor(fields: BasisFields) {
    this.status = fields.status
    this.layer = fields.layer
    this.reason = fields.reason
    this.flags = fields.flags ?? NONE
    this.priceCard = fields.priceCard
    this.bookVersion = fields.bookVersion
  }
}

export interface BasisFields {
  readonly status: CostStatus
  readonly layer: CostLayer
  readonly reason: string | undefined
  readonly flags: readonly string[] | undefined
  readonly priceCard: CompiledCard | undefined
  readonly bookVersion: string
}

/** What a call cost and why. The lines are worked out when somebody asks; they always sum to `pico`. */
export class PricedCost implements Cost {
  basis: Basis
  /** NaN when the amount stands in `rare`: a field of doubles alone is written in place. */
  private small = Number.NaN
  /** Only where the amount is none or needs a BigInt, or the list price is another. */
  private rare: { readonly pico: Pico | undefined; readonly list: Pico | undefined } | undefined = undefined
  private usage: Usage | undefined

  constructor(basis: Basis, pico: Pico | undefined, listPico: Pico | undefined, usage: Usage | undefined) {
    this.basis = basis
    if (typeof pico === 'number') this.small = pico
    if (typeof pico !== 'number' || listPico !== pico) this.rare = { pico, list: listPico }
    this.usage = usage
  }

  /** Another call's cost in the same object, for who looks at one at a time: pricing then makes no garbage at all. */
  become(basis: Basis, amount: Float64Array, usage: Usage): this {
    this.basis = basis
    this.small = amount[0] as number
    this.rare = undefined
    this.usage = usage
    return this
  }

  get pico(): Pico | undefined {
    return this.rare === undefined ? this.small : this.rare.pico
  }
  /** What our own prices say; differs from `pico` when the provider reported a bill, or somebody else pays. */
  get listPico(): Pico | undefined {
    return this.rare === undefined ? this.small : this.rare.list
  }

  get status(): CostStatus {
    return this.basis.status
  }
  get layer(): CostLayer {
    return this.basis.layer
  }
  get reason(): string | undefined {
    return this.basis.reason
  }
  get flags(): readonly string[] {
    return this.basis.flags
  }
  get priceCard(): CompiledCard | undefined {
    return this.basis.priceCard
  }
  get card(): string | undefined {
    return this.basis.priceCard?.id
  }
  get bookVersion(): string {
    return this.basis.bookVersion
  }

  get lines(): readonly CostLine[] {
    if (this.pico === undefined || this.status === 'free') return NO_LINES
    const list = this.listLines()
    if (this.status !== 'reported') return list
    const sum = list.reduce<Pico>((total, line) => addPico(total, line.pico), 0)
    return BigInt(sum) === BigInt(this.pico) ? list : [...list, residual(this.pico, sum)]
  }

  private listLines(): readonly CostLine[] {
    const card = this.priceCard
    if (card === undefined || this.usage === undefined) return NO_LINES
    return priceLines(this.usage, card, bandOf(card, totalInput(this.usage)))?.lines ?? NO_LINES
  }
}

/** What the bill says beyond, or below, the list price: plugins, routing, promotions, or a stale card. */
function residual(billed: Pico, list: Pico): CostLine {
  const rest = addPico(billed, typeof list === 'number' ? -list : -list)
  return { meter: 'billed_beyond_list', quantity: 1, unit: 'call', unitPriceUsd: usdString(rest), pico: rest }
}
