import type { Host } from '../../pipeline/host.ts'
import type { MetricChild, MetricFamily } from '../../pipeline/telemetry/metrics.ts'

/** Label sets that get a series of their own; later ones share `__other__`. */
const LIMIT = 200
const LENGTH = 128
/** Kinds of unpriced calls that are told in the log, once each; the counter has all of them. */
const TOLD = 20

/** Counts by provider, model and reason. Names come from senders, so both their number and their length are bounded. */
export class UnpricedCounter {
  private readonly family: MetricFamily
  private readonly children = new Map<string, Map<string, Map<string, MetricChild>>>()
  private other: MetricChild | undefined
  private readonly host: Host
  private size = 0

  constructor(family: MetricFamily, host: Host) {
    this.family = family
    this.host = host
  }

  count(provider: string, model: string, reason: string): void {
    this.childOf(provider, model, reason).add(1)
  }

  private childOf(provider: string, model: string, reason: string): MetricChild {
    const known = this.children.get(provider)?.get(model)?.get(reason)
    if (known !== undefined) return known
    if (this.size >= LIMIT) return this.rest()
    this.size++
    if (this.size <= TOLD) {
      const fields = { provider: cut(provider), model: cut(model), reason: cut(reason) }
      this.host.log.warn('calls without a price: their cost is unknown, which is not 0', fields)
    }
    const child = this.family.child(cut(provider), cut(model), cut(reason))
    const models = at(this.children, provider, () => new Map<string, Map<string, MetricChild>>())
    at(models, model, () => new Map<string, MetricChild>()).set(reason, child)
    return child
  }

  private rest(): MetricChild {
    this.other ??= this.family.child('__other__', '__other__', '__other__')
    return this.other
  }
}

const cut = (text: string): string => (text.length > LENGTH ? text.slice(0, LENGTH) : text)

function at<V>(map: Map<string, V>, key: string, make: () => V): V {
  const known = map.get(key)
  if (known !== undefined) return known
  const made = make()
  map.set(key, made)
  return made
}
