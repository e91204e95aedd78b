import type { Host } from '../../pipeline/host.ts'
import type { UnpricedKind } from '../../pipeline/services.ts'
import type { MetricChild, MetricFamily } from '../../pipeline/telemetry/metrics.ts'

/** Label sets that get a series of their own; later ones share `__other__`. */
const LIMIT = 200
const LENGTH = 128
/** Kinds of unpriced calls that are told in the log, once each; the counter has all of them. */
const TOLD = 20

interface Kind {
  readonly provider: string
  readonly model: string
  readonly reason: string
  calls: number
  readonly metric: MetricChild
}

/** Counts by provider, model and reason. Names come from senders, so both their number and their length are bounded. */
export class UnpricedCounter {
  private readonly family: MetricFamily
  private readonly kinds = new Map<string, Map<string, Map<string, Kind>>>()
  private readonly all: Kind[] = []
  private other: Kind | undefined
  private readonly host: Host

  constructor(family: MetricFamily, host: Host) {
    this.family = family
    this.host = host
  }

  count(provider: string, model: string, reason: string): void {
    const kind = this.kindOf(provider, model, reason)
    kind.calls++
    kind.metric.add(1)
  }

  /** How many calls had no price since the start. */
  get calls(): number {
    return this.all.reduce((sum, kind) => sum + kind.calls, this.other?.calls ?? 0)
  }

  /** The most frequent kinds first. */
  top(limit: number): readonly UnpricedKind[] {
    return this.all
      .toSorted((a, b) => b.calls - a.calls)
      .slice(0, limit)
      .map(({ provider, model, reason, calls }) => ({ provider, model, reason, calls }))
  }

  private kindOf(provider: string, model: string, reason: string): Kind {
    const known = this.kinds.get(provider)?.get(model)?.get(reason)
    if (known !== undefined) return known
    if (this.all.length >= LIMIT) {
      this.other ??= this.newKind(OTHER, OTHER, OTHER)
      return this.other
    }
    const kind = this.newKind(cut(provider), cut(model), cut(reason))
    if (this.all.push(kind) <= TOLD) {
      const { provider, model, reason } = kind
      this.host.log.warn('calls without a price: their cost is unknown, which is not 0', { provider, model, reason })
    }
    const models = at(this.kinds, provider, () => new Map<string, Map<string, Kind>>())
    at(models, model, () => new Map<string, Kind>()).set(reason, kind)
    return kind
  }

  private newKind(provider: string, model: string, reason: string): Kind {
    return { provider, model, reason, calls: 0, metric: this.family.child(provider, model, reason) }
  }
}

const OTHER = '__other__'
const cut = (text: string): string => (text.length > LENGTH ? text.slice(0, LENGTH) : text)

function at<V>(map: Map<string, V>, key: string, make: () => V): V {
  const known = map.get(key)
  if (known !== undefined) return known
  const made = make()
  map.set(key, made)
  return made
}
