import type { CallRole } from '../genai/call.ts'
import type { Pico } from '../genai/money.ts'
import { totalInput, totalOutput, type Usage } from '../genai/usage.ts'
import type { Book, BookFile } from './card.ts'
import { type Band, bandOf } from './compile.ts'
import type { Discount, Slice } from './conditions.ts'
import { Basis, PricedCost } from './cost.ts'
import { priceLines } from './lines.ts'
import { ResolutionMemo } from './memo.ts'
import { providerOf } from './providers.ts'
import { type PriceKey, type Resolution, Resolver, type Subscription, sliceAt } from './resolve.ts'
import { CardStore } from './store.ts'

/** One provider call as far as its price goes; a `Call` is one. */
export interface PriceQuery extends PriceKey {
  /** Milliseconds since the epoch, when the call ended. */
  readonly endMs: number
  readonly usage: Usage
  readonly reportedPico: Pico | undefined
  readonly reportedIsBilled: boolean
  readonly isByok: boolean
  /** Absent: the usage is complete as given. */
  readonly role?: CallRole
}

export interface PricerOptions {
  readonly book: Book
  /** Already opened, so that a new pricer over the same book need not read its cards again. */
  readonly bookStore?: CardStore | undefined
  /** Negotiated net prices; they win over everything but a provider's own bill. */
  readonly contract?: readonly BookFile[] | undefined
  readonly discounts?: readonly Discount[] | undefined
  /** The user's own prices, before the book's. */
  readonly user?: readonly BookFile[] | undefined
  /** Tells one set of the user's prices from the next; part of the book version that costs name. */
  readonly edition?: string | undefined
  readonly aliases?: Readonly<Record<string, string>> | undefined
  readonly freeProviders?: readonly string[] | undefined
  /** Paid by the month: a call costs nothing more, and its list price is kept beside it. */
  readonly subscriptions?: readonly Subscription[] | undefined
  readonly bedrockEndpoint?: 'regional' | 'global' | undefined
  readonly estimate?: boolean | undefined
}

/** Prices calls by layers, first hit wins: the provider's own bill, contract, user, book, and, when asked for, estimates. */
export class Pricer {
  readonly bookVersion: string
  readonly bookAsOfMs: number
  private readonly memo: ResolutionMemo
  private readonly estimates: boolean
  /** Costs without money, one per reason. Reasons are few: they come from code, tiers and meters. */
  private readonly unpricedCosts = new Map<string, PricedCost>()
  private readonly freeBases = new Map<string, Basis>()

  constructor(options: PricerOptions) {
    this.bookVersion =
      options.edition === undefined ? options.book.version : `${options.book.version}+${options.edition}`
    this.bookAsOfMs = Date.parse(options.book.asOf)
    this.estimates = options.estimate ?? false
    const stores = [
      new CardStore('contract', byProvider(options.contract ?? [])),
      new CardStore('user', byProvider(options.user ?? [])),
      options.bookStore ?? new CardStore('book', options.book.files),
    ]
    const resolver = new Resolver(stores, {
      aliases: options.aliases ?? {},
      freeProviders: new Set((options.freeProviders ?? []).map((p) => providerOf(p).id)),
      subscriptions: (options.subscriptions ?? []).map((s) => ({ ...s, provider: providerOf(s.provider).id })),
      bedrockEndpoint: options.bedrockEndpoint ?? 'regional',
      estimate: this.estimates,
      discounts: (options.discounts ?? []).map((d) => ({ ...d, provider: providerOf(d.provider).id })),
    })
    this.memo = new ResolutionMemo((key) => resolver.resolve(key))
  }

  /** `into`: a cost that nobody looks at any more and that may become this one. */
  price(query: PriceQuery, into?: PricedCost): PricedCost {
    const resolution = this.memo.get(query)
    if (query.reportedIsBilled && query.reportedPico !== undefined)
      return this.reported(query, query.reportedPico, resolution)
    if (resolution.paidBy !== undefined) return this.paidOtherwise(resolution.paidBy, this.list(query, resolution))
    // With the user's own key the reseller bills nothing; the upstream provider does, on another invoice.
    if (query.isByok && providerOf(query.provider).id === 'openrouter')
      return this.paidOtherwise('byok', this.list(query, resolution))
    return this.list(query, resolution, into)
  }

  private list(query: PriceQuery, resolution: Resolution, into?: PricedCost): PricedCost {
    if (resolution.kind === 'unpriced') return this.unpriced(resolution.reason)
    if (resolution.kind === 'free') return this.free(resolution.reason, undefined)
    const slice = sliceAt(resolution.slices, query)
    if (slice === undefined) return this.unpriced('no_price_at_date')
    if (slice.card.card.free === true) return this.free('free_model', slice)
    const { usage } = query
    const band = bandOf(slice.card, slice.card.edges.length === 0 ? 0 : totalInput(usage))
    if (slice.estimate === undefined && !isOutputUnknown(query, slice)) {
      quickTotal(usage, band)
      const pico = quick[0] as number
      if (pico > 0) {
        const basis = this.basisOf(slice)
        return into === undefined ? new PricedCost(basis, pico, pico, usage) : into.become(basis, quick, usage)
      }
    }
    return this.careful(query, slice, band)
  }

  private careful(query: PriceQuery, slice: Slice, band: Band): PricedCost {
    const lines = priceLines(query.usage, slice.card, band)
    if (lines === undefined) return this.unpriced('bad_usage')
    const gaps = [
      ...(slice.estimate === undefined ? [] : [slice.estimate]),
      ...lines.missingFees.map((m) => `no_rate:${m}`),
    ]
    if (isOutputUnknown(query, slice)) gaps.push('output_unknown')
    const missing = lines.missing[0]
    if (missing !== undefined) return this.unpriced(`no_rate:${missing}`)
    if (lines.lines.length === 0 && !isCounted(query.usage)) return this.unpriced('no_usage')
    if (gaps[0] !== undefined && !this.estimates) return this.unpriced(gaps[0])
    const isPlain = lines.flags.length === 0 && gaps.length === 0
    const basis = isPlain ? this.basisOf(slice) : this.newBasis(slice, [...slice.flags, ...lines.flags], gaps)
    return new PricedCost(basis, lines.total, lines.total, query.usage)
  }

  /** Of the common case: everything about the call is as the card has it. */
  private basisOf(slice: Slice): Basis {
    slice.basis ??= this.newBasis(slice, slice.flags, [])
    return slice.basis
  }

  private newBasis(slice: Slice, flags: readonly string[], gaps: readonly string[]): Basis {
    return new Basis({
      status: gaps.length === 0 ? 'priced' : 'estimated',
      priceCard: slice.card,
      bookVersion: this.bookVersion,
      layer: gaps.length === 0 ? slice.layer : 'estimate',
      reason: gaps.length > 0 ? gaps.join(',') : flags.length > 0 ? flags.join(',') : undefined,
      flags,
    })
  }

  private reported(query: PriceQuery, pico: Pico, resolution: Resolution): PricedCost {
    const list = this.list(query, resolution)
    const { basis } = list
    if (query.isByok) return new PricedCost(this.reportedBasis(list, true), pico, list.pico, query.usage)
    basis.reported ??= this.reportedBasis(list, false)
    return new PricedCost(basis.reported, pico, list.pico, query.usage)
  }

  private reportedBasis(list: PricedCost, isByok: boolean): Basis {
    return new Basis({
      status: 'reported',
      priceCard: list.pico === undefined ? undefined : list.priceCard,
      bookVersion: this.bookVersion,
      layer: 'reported',
      reason: list.pico === undefined ? `list_price_unknown:${list.reason}` : undefined,
      flags: isByok ? [...list.flags, 'byok'] : list.flags,
    })
  }

  /** Nothing on this bill: a subscription or the user's own key pays. What it would have cost is kept. */
  private paidOtherwise(reason: 'byok' | 'subscription', list: PricedCost): PricedCost {
    return new PricedCost(this.freeBasis(reason, undefined), 0, list.pico, undefined)
  }

  private free(reason: string, slice: Slice | undefined): PricedCost {
    if (slice === undefined) return new PricedCost(this.freeBasis(reason, undefined), 0, 0, undefined)
    slice.basis ??= this.freeBasis(reason, slice)
    return new PricedCost(slice.basis, 0, 0, undefined)
  }

  private freeBasis(reason: string, slice: Slice | undefined): Basis {
    const known = slice === undefined ? this.freeBases.get(reason) : undefined
    if (known !== undefined) return known
    const basis = new Basis({
      status: 'free',
      priceCard: slice?.card,
      bookVersion: this.bookVersion,
      layer: slice?.layer ?? 'book',
      reason,
      flags: reason === 'byok' || reason === 'subscription' ? [reason] : undefined,
    })
    if (slice === undefined) this.freeBases.set(reason, basis)
    return basis
  }

  private unpriced(reason: string): PricedCost {
    let cost = this.unpricedCosts.get(reason)
    if (cost === undefined) {
      const basis = new Basis({
        status: 'unpriced',
        priceCard: undefined,
        bookVersion: this.bookVersion,
        layer: 'none',
        reason,
        flags: undefined,
      })
      cost = new PricedCost(basis, undefined, undefined, undefined)
      if (this.unpricedCosts.size < REASON_LIMIT) this.unpricedCosts.set(reason, cost)
    }
    return cost
  }
}

const REASON_LIMIT = 1_000

/** Where `quickTotal` leaves its result: a double that a function returns is an object of its own. */
const quick = new Float64Array(1)

/**
 * The common case: whole tokens, whole pico-USD per token, no assumption to note. NaN, 0 or less means: take the
 * careful way. All terms are positive, so when their sum is a safe integer each of them was exact.
 */
function quickTotal(usage: Usage, band: Band): void {
  quick[0] = Number.NaN
  if (usage.other !== undefined) return
  const rates = band.common
  let sum = 0
  if (usage.input !== undefined && usage.input !== 0) sum += term(usage.input, rates.input)
  if (usage.cacheRead !== undefined && usage.cacheRead !== 0) sum += term(usage.cacheRead, rates.cache_read)
  if (usage.cacheWrite !== undefined && usage.cacheWrite !== 0) sum += term(usage.cacheWrite, rates.cache_write)
  if (usage.cacheWrite5m !== undefined && usage.cacheWrite5m !== 0)
    sum += term(usage.cacheWrite5m, rates.cache_write_5m)
  if (usage.cacheWrite1h !== undefined && usage.cacheWrite1h !== 0)
    sum += term(usage.cacheWrite1h, rates.cache_write_1h)
  if (usage.output !== undefined && usage.output !== 0) sum += term(usage.output, rates.output)
  if (usage.reasoning !== undefined && usage.reasoning !== 0) sum += term(usage.reasoning, rates.reasoning)
  if (Number.isSafeInteger(sum)) quick[0] = sum
}

const term = (quantity: number, rate: number): number =>
  quantity > 0 && Number.isInteger(quantity) ? quantity * rate : Number.NaN

/** A model that writes, on a card that charges for it, and nobody says how much it wrote. */
function isOutputUnknown(query: PriceQuery, slice: Slice): boolean {
  const { usage } = query
  if (query.role !== 'inference' || usage.output !== undefined || usage.reasoning !== undefined) return false
  return slice.card.billsOutput && totalOutput(usage) === 0
}

/** Whether anything at all was counted; zero counts. */
const isCounted = (usage: Usage): boolean =>
  Object.entries(usage).some(([name, value]) => name !== 'other' && value !== undefined) ||
  Object.keys(usage.other ?? {}).length > 0

const byProvider = (files: readonly BookFile[]): Readonly<Record<string, () => BookFile>> =>
  Object.fromEntries(files.map((file) => [file.provider, () => file]))
