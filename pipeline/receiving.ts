import type { Consumer, Outcome, Signal } from './component.ts'
import type { Pipeline } from './pipeline.ts'
import type { MetricChild, MetricFamily, MetricRegistry } from './telemetry/metrics.ts'

/** What the collector calls the items of each signal in its metric names. */
export const ITEM_NAME: Readonly<Record<Signal, string>> = {
  traces: 'spans',
  logs: 'log_records',
  metrics: 'metric_points',
}

/** Per transport; a receiver has two or three. */
interface Counters {
  readonly accepted: MetricChild
  readonly refused: MetricChild
  readonly failed: MetricChild
}

/**
 * The pipelines of one signal that take from one receiver, as that receiver sees them. Counts items as the collector
 * does: accepted, refused (the sender should come back) and failed (bad bytes), by receiver and transport.
 */
export class FanIn implements Consumer {
  private readonly receiver: string
  private readonly pipelines: readonly Pipeline[]
  private readonly families: Readonly<Record<keyof Counters, MetricFamily>>
  private readonly byTransport = new Map<string, Counters>()

  constructor(receiver: string, signal: Signal, pipelines: readonly Pipeline[], metrics: MetricRegistry) {
    this.receiver = receiver
    this.pipelines = pipelines
    const items = ITEM_NAME[signal]
    const labels = ['receiver', 'transport']
    this.families = {
      accepted: metrics.counter(
        `otelcol_receiver_accepted_${items}`,
        `Number of ${items} accepted into the pipelines.`,
        labels,
      ),
      refused: metrics.counter(
        `otelcol_receiver_refused_${items}`,
        `Number of ${items} refused; senders may try again.`,
        labels,
      ),
      failed: metrics.counter(
        `otelcol_receiver_failed_${items}`,
        `Number of ${items} that failed inside the sidecar.`,
        labels,
      ),
    }
  }

  admit(bytes: number): Extract<Outcome, { kind: 'refused' }> | undefined {
    for (const pipeline of this.pipelines) {
      const refusal = pipeline.admit(bytes)
      if (refusal !== undefined) return refusal
    }
    return undefined
  }

  consume(body: Buffer, transport: string, borrowed = false): Outcome | Promise<Outcome> {
    const counters = this.counters(transport)
    let items = 0
    const outcomes: (Outcome | Promise<Outcome>)[] = []
    for (const pipeline of this.pipelines) {
      const processed = pipeline.consume(body, borrowed)
      items = processed.items
      outcomes.push(processed.outcome)
    }
    const first = outcomes[0]
    if (outcomes.length === 1 && first !== undefined && !(first instanceof Promise))
      return count(counters, items, first)
    return Promise.all(outcomes).then((all) => count(counters, items, worst(all)))
  }

  private counters(transport: string): Counters {
    let counters = this.byTransport.get(transport)
    if (counters === undefined) {
      const child = (family: MetricFamily): MetricChild => family.child(this.receiver, transport)
      counters = {
        accepted: child(this.families.accepted),
        refused: child(this.families.refused),
        failed: child(this.families.failed),
      }
      this.byTransport.set(transport, counters)
    }
    return counters
  }
}

function count(counters: Counters, items: number, outcome: Outcome): Outcome {
  if (outcome.kind === 'accepted') counters.accepted.add(items)
  else if (outcome.kind === 'refused') counters.refused.add(items)
  else if (outcome.kind === 'invalid') counters.failed.add(items)
  else {
    counters.accepted.add(items - outcome.rejected)
    counters.failed.add(outcome.rejected)
  }
  return outcome
}

const RANK: Readonly<Record<Outcome['kind'], number>> = { refused: 3, invalid: 2, partial: 1, accepted: 0 }

/** One sender gets one answer: the most severe. A retry then repeats the batch where it was taken; billing is idempotent. */
function worst(outcomes: readonly Outcome[]): Outcome {
  return outcomes.reduce<Outcome>((a, b) => (RANK[b.kind] > RANK[a.kind] ? b : a), { kind: 'accepted' })
}
