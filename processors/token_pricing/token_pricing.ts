import type { Call } from '../../genai/call.ts'
import { usdNumber, usdString } from '../../genai/money.ts'
import { attributeKey, encodedString } from '../../otlp/attributes.ts'
import type { ItemBatch } from '../../otlp/batch.ts'
import type { KeyTable } from '../../otlp/keys.ts'
import type { Batch } from '../../pipeline/batch.ts'
import type { Processor } from '../../pipeline/component.ts'
import type { Host } from '../../pipeline/host.ts'
import type { MetricChild, MetricFamily } from '../../pipeline/telemetry/metrics.ts'
import { bundledBook } from '../../pricing/book/index.ts'
import type { PricedCost } from '../../pricing/cost.ts'
import { Pricer } from '../../pricing/pricer.ts'
import { decodeUserCards } from '../../pricing/user-cards.ts'
import type { Config } from './config.ts'
import { UnpricedCounter } from './unpriced.ts'

const COST_USD = attributeKey('tokenfuse.cost.usd')
const USAGE_COST = attributeKey('gen_ai.usage.cost')
const CARD = attributeKey('tokenfuse.price.card')
const REASON = attributeKey('tokenfuse.cost.reason')
const STATUS_KEY = 'tokenfuse.cost.status'
const STATUS: Readonly<Record<PricedCost['status'], Uint8Array>> = {
  priced: encodedString(STATUS_KEY, 'priced'),
  reported: encodedString(STATUS_KEY, 'reported'),
  free: encodedString(STATUS_KEY, 'free'),
  estimated: encodedString(STATUS_KEY, 'estimated'),
  unpriced: encodedString(STATUS_KEY, 'unpriced'),
}
const LAYER: Readonly<Record<PricedCost['layer'], Uint8Array>> = {
  reported: encodedString('tokenfuse.cost.layer', 'reported'),
  contract: encodedString('tokenfuse.cost.layer', 'contract'),
  user: encodedString('tokenfuse.cost.layer', 'user'),
  book: encodedString('tokenfuse.cost.layer', 'book'),
  estimate: encodedString('tokenfuse.cost.layer', 'estimate'),
  none: encodedString('tokenfuse.cost.layer', 'none'),
}

/** Puts a cost on every billed call and on the span it came from. */
export class TokenPricing implements Processor {
  /** On spans that another sidecar has priced already; nothing is written twice. */
  readonly wants = [STATUS_KEY]
  private readonly host: Host
  private readonly pricer: Pricer
  private readonly book: Uint8Array
  private readonly unpriced: UnpricedCounter
  private readonly residual: MetricFamily
  private readonly residuals = new Map<string, MetricChild>()
  private statusKey = -1

  constructor(config: Config, host: Host) {
    this.host = host
    this.pricer = pricerOf(config)
    this.book = encodedString('tokenfuse.price.book', this.pricer.bookVersion)
    const { metrics } = host
    this.unpriced = new UnpricedCounter(
      metrics.counter('tokenfuse_unpriced_calls_total', UNPRICED_HELP, ['provider', 'model', 'reason']),
    )
    this.residual = metrics.gauge('tokenfuse_reported_residual_usd', RESIDUAL_HELP, ['provider'])
    metrics.observe('gauge', 'tokenfuse_price_book_age_seconds', AGE_HELP, [], () => [
      { labels: [], value: Math.max(0, (host.clock.now() - this.pricer.bookAsOfMs) / 1000) },
    ])
  }

  async start(): Promise<void> {}
  async shutdown(): Promise<void> {}

  bind(table: KeyTable): void {
    this.statusKey = table.idOf(STATUS_KEY)
  }

  /**
   * Roll-ups, duplicates and free calls get no cost at all: whoever adds up the cost of spans would count the money
   * twice. A cost that is already there is kept.
   */
  process(batch: Batch): void {
    for (const call of batch.calls) {
      if (call.bill !== 'billed' || call.cost !== undefined) continue
      const cost = this.pricer.price(call.endMs > 0 ? call : this.timed(call))
      call.cost = cost
      this.count(call, cost)
      if (call.item >= 0 && batch.items.find(call.item, this.statusKey) < 0)
        annotate(batch.items, call, cost, this.book)
    }
  }

  /** A sender that gives no end time gets the price of its start, else of now. */
  private timed(call: Call): Call {
    call.endMs = call.startMs > 0 ? call.startMs : this.host.clock.now()
    call.flags = [...call.flags, 'end_time_assumed']
    return call
  }

  private count(call: Call, cost: PricedCost): void {
    if (cost.pico === undefined) this.unpriced.count(call.provider, call.model ?? '', cost.reason ?? '')
    else if (cost.status === 'reported' && cost.listPico !== undefined) {
      this.residualOf(call.provider).add(usdNumber(cost.pico) - usdNumber(cost.listPico))
    }
  }

  private residualOf(provider: string): MetricChild {
    let child = this.residuals.get(provider)
    if (child !== undefined) return child
    child = this.residual.child(this.residuals.size < PROVIDER_LIMIT ? provider : '__other__')
    if (this.residuals.size < PROVIDER_LIMIT) this.residuals.set(provider, child)
    return child
  }
}

const PROVIDER_LIMIT = 200
const UNPRICED_HELP = 'Billed calls without a cost, because no price is known for them.'
const RESIDUAL_HELP =
  'What providers billed beyond (or, negative, below) our list price for the calls whose bill they reported.'
const AGE_HELP = 'Time since the prices in the bundled book were last checked.'

function pricerOf(config: Config): Pricer {
  return new Pricer({
    book: bundledBook,
    contract: decodeUserCards('contract', config.contract.cards).files,
    user: decodeUserCards('user', config.cards).files,
    discounts: config.contract.discounts.map((d) => ({
      provider: d.provider,
      models: d.models.length === 0 ? undefined : d.models,
      percentOff: d.percent_off,
    })),
    aliases: config.aliases,
    freeProviders: config.free_providers,
    bedrockEndpoint: config.bedrock_endpoint,
    estimate: config.estimate,
  })
}

function annotate(items: ItemBatch, call: Call, cost: PricedCost, book: Uint8Array): void {
  const { item } = call
  items.addEncoded(item, STATUS[cost.status])
  if (cost.reason !== undefined) items.addString(item, REASON, cost.reason)
  if (cost.pico === undefined) return
  items.addString(item, COST_USD, usdString(cost.pico))
  if (!call.flags.includes('has_usage_cost')) items.addDouble(item, USAGE_COST, usdNumber(cost.pico))
  items.addEncoded(item, LAYER[cost.layer])
  if (cost.card !== undefined) items.addString(item, CARD, cost.card)
  items.addEncoded(item, book)
}
