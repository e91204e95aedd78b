import type { Call } from '../../genai/call.ts'
import type { KeyTable } from '../../otlp/keys.ts'
import type { Batch } from '../../pipeline/batch.ts'
import type { Processor } from '../../pipeline/component.ts'
import type { Host } from '../../pipeline/host.ts'
import { PRICE_BOARD, type PriceReport } from '../../pipeline/services.ts'
import { annotate, STATUS_KEY } from './annotate.ts'
import type { Config } from './config.ts'
import { Prices } from './prices.ts'
import { Residuals } from './residuals.ts'
import { UnpricedCounter } from './unpriced.ts'

/** Puts a cost on every billed call and on the span it came from. */
export class TokenPricing implements Processor {
  /** On spans that another sidecar has priced already; nothing is written twice. */
  readonly wants = [STATUS_KEY]
  private readonly host: Host
  private readonly prices: Prices
  private readonly unpriced: UnpricedCounter
  private readonly residuals: Residuals
  private statusKey = -1
  private takeDown: (() => void) | undefined

  constructor(config: Config, host: Host) {
    this.host = host
    this.prices = new Prices(config, host)
    this.residuals = new Residuals(config.residual, host)
    const { metrics } = host
    this.unpriced = new UnpricedCounter(
      metrics.counter('tokenfuse_unpriced_calls_total', UNPRICED_HELP, ['provider', 'model', 'reason']),
      host,
    )
    metrics.observe('gauge', 'tokenfuse_price_book_age_seconds', AGE_HELP, [], () => [
      { labels: [], value: Math.max(0, (host.clock.now() - this.prices.pricer.bookAsOfMs) / 1000) },
    ])
  }

  async start(): Promise<void> {
    this.prices.start()
    this.takeDown = this.host.service(PRICE_BOARD)?.add(() => this.report())
  }
  async shutdown(): Promise<void> {
    this.takeDown?.()
    this.prices.stop()
  }

  private report(): PriceReport {
    const { pricer, refusedFiles } = this.prices
    return {
      book: pricer.bookVersion,
      bookAsOfMs: pricer.bookAsOfMs,
      refusedFiles,
      unpricedCalls: this.unpriced.calls,
      unpriced: this.unpriced.top(SHOWN),
    }
  }

  bind(table: KeyTable): void {
    this.statusKey = table.idOf(STATUS_KEY)
  }

  /**
   * Roll-ups, duplicates and free calls get no cost at all: whoever adds up the cost of spans would count the money
   * twice. A cost that is already there is kept. One pricer serves the whole batch, whatever files change meanwhile.
   */
  process(batch: Batch): void {
    const { calls, items } = batch
    const { pricer } = this.prices
    for (let i = 0; i < calls.length; i++) {
      const call = calls[i] as Call
      if (call.bill !== 'billed' || call.cost !== undefined) continue
      const cost = pricer.price(call.endMs > 0 ? call : this.timed(call))
      call.cost = cost
      if (cost.pico === undefined) this.unpriced.count(call.provider, call.model ?? '', cost.reason ?? '')
      else if (call.reportedIsBilled) this.residuals.count(call, cost)
      if (call.item >= 0 && items.find(call.item, this.statusKey) < 0) annotate(items, call, cost)
    }
  }

  /** A sender that gives no end time gets the price of its start, else of now. */
  private timed(call: Call): Call {
    call.endMs = call.startMs > 0 ? call.startMs : this.host.clock.now()
    call.flags = [...call.flags, 'end_time_assumed']
    return call
  }
}

/** Kinds of unpriced calls that `tokenfuse status` is told about. */
const SHOWN = 20
const UNPRICED_HELP = 'Billed calls without a cost, because no price is known for them.'
const AGE_HELP = 'Time since the prices in the bundled book were last checked.'
