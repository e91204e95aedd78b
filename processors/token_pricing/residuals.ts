import type { Call } from '../../genai/call.ts'
import { usdNumber } from '../../genai/money.ts'
import type { Host } from '../../pipeline/host.ts'
import type { MetricChild, MetricFamily } from '../../pipeline/telemetry/metrics.ts'
import type { PricedCost } from '../../pricing/cost.ts'

export interface ResidualSettings {
  /** Of the list price, 0.05 = 5 %. */
  readonly alarm_ratio: number
  /** How many bills make one measurement. */
  readonly calls: number
}

interface Tally {
  readonly ratio: MetricChild
  calls: number
  billed: number
  list: number
  warnedMs: number
}

/** Label sets that get a series of their own; later ones share `__other__`, and raise no alarm. */
const LIMIT = 200
const OTHER = '__other__'
const LENGTH = 128
const QUIET_MS = 3_600_000

/**
 * What providers billed against what our list says. The two drift apart when prices are stale; a model whose bills
 * differ by more than a set fraction over a set number of calls is warned about, at most once an hour.
 */
export class Residuals {
  private readonly host: Host
  private readonly settings: ResidualSettings
  private readonly usd: MetricFamily
  private readonly ratio: MetricFamily
  private readonly sums = new Map<string, MetricChild>()
  private readonly tallies = new Map<string, Map<string, Tally>>()
  private size = 0

  constructor(settings: ResidualSettings, host: Host) {
    this.settings = settings
    this.host = host
    this.usd = host.metrics.gauge('tokenfuse_reported_residual_usd', RESIDUAL_HELP, ['provider'])
    this.ratio = host.metrics.gauge('tokenfuse_reported_residual_ratio', RATIO_HELP, ['provider', 'model'])
  }

  /** Of a call whose bill its provider reported, and whose list price we know. */
  count(call: Call, cost: PricedCost): void {
    if (cost.pico === undefined || cost.listPico === undefined) return
    const billed = usdNumber(cost.pico)
    const list = usdNumber(cost.listPico)
    this.sumOf(call.provider).add(billed - list)
    const tally = this.tallyOf(call.provider, call.model ?? '')
    if (tally === undefined) return
    tally.calls++
    tally.billed += billed
    tally.list += list
    if (tally.calls >= this.settings.calls) this.close(call, cost, tally)
  }

  private close(call: Call, cost: PricedCost, tally: Tally): void {
    const { calls, billed, list } = tally
    tally.calls = 0
    tally.billed = 0
    tally.list = 0
    if (!(list > 0)) return
    const ratio = (billed - list) / list
    tally.ratio.set(ratio)
    const now = this.host.clock.now()
    if (Math.abs(ratio) <= this.settings.alarm_ratio || now < tally.warnedMs + QUIET_MS) return
    tally.warnedMs = now
    this.host.log.warn('bills differ from our list price: the price card may be stale', {
      provider: cut(call.provider),
      model: cut(call.model ?? ''),
      card: cost.card,
      book: cost.bookVersion,
      calls,
      billed_beyond_list: `${(ratio * 100).toFixed(1)} %`,
    })
  }

  private sumOf(provider: string): MetricChild {
    const known = this.sums.get(provider)
    if (known !== undefined) return known
    const isOwn = this.sums.size < LIMIT
    const child = this.usd.child(isOwn ? cut(provider) : OTHER)
    if (isOwn) this.sums.set(provider, child)
    return child
  }

  private tallyOf(provider: string, model: string): Tally | undefined {
    const known = this.tallies.get(provider)?.get(model)
    if (known !== undefined || this.size >= LIMIT) return known
    this.size++
    const ratio = this.ratio.child(cut(provider), cut(model))
    const tally = { ratio, calls: 0, billed: 0, list: 0, warnedMs: Number.NEGATIVE_INFINITY }
    const models = this.tallies.get(provider) ?? new Map<string, Tally>()
    this.tallies.set(provider, models.set(model, tally))
    return tally
  }
}

const cut = (text: string): string => (text.length > LENGTH ? text.slice(0, LENGTH) : text)

const RESIDUAL_HELP =
  'What providers billed beyond (or, negative, below) our list price for the calls whose bill they reported.'
const RATIO_HELP = 'The same as a fraction of our list price, over the last full set of calls of a model.'
