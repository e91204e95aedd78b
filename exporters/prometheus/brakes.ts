import type { Verdict } from '../../genai/verdict.ts'
import type { Ledger } from '../../pipeline/services.ts'
import { BoundedLabel } from '../../pipeline/telemetry/bounded-label.ts'
import type { ExposedFamily } from '../../pipeline/telemetry/exposition.ts'
import { SeriesTable } from '../../pipeline/telemetry/series-table.ts'

const NAMES_MAX = 100

const table = (...names: readonly string[]): SeriesTable<{ n: number }> =>
  new SeriesTable(
    names.map((name) => ({ name, bound: new BoundedLabel(name, NAMES_MAX) })),
    NAMES_MAX * 2,
    () => ({ n: 0 }),
  )

/** How often something was noticed, and how often it was stopped. */
export class Brakes {
  private readonly loops = table('detector', 'level')
  private readonly kills = table('reason')
  private unwatch: (() => void) | undefined

  /**
   * With a ledger its kill orders are counted, which includes those that a person or the proxy gave. Without one, the
   * verdicts that ask for a kill are all there is to know.
   */
  watch(ledger: Ledger | undefined, now: () => number): void {
    let isLive = false
    this.unwatch = ledger?.watch(0, (event) => {
      if (isLive && event.type === 'kill') this.kills.at([event.kill.code], now()).n++
    })
    // What the ledger still held from before was told within `watch`, and is not new.
    isLive = true
  }

  count(verdict: Verdict, nowMs: number): void {
    if (verdict.kind === 'loop') this.loops.at([verdict.detector, verdict.level], nowMs).n++
    if (verdict.action === 'kill' && this.unwatch === undefined) this.kills.at([verdict.detector], nowMs).n++
  }

  stop(): void {
    this.unwatch?.()
  }

  *families(): Iterable<ExposedFamily> {
    yield {
      ...{ name: 'tokenfuse_loop_verdicts_total', type: 'counter', help: 'Verdicts that a run is looping.' },
      samples: samplesOf(this.loops),
    }
    yield {
      ...{ name: 'tokenfuse_kills_total', type: 'counter', help: 'Kill orders, by their reason code.' },
      samples: samplesOf(this.kills),
    }
  }
}

const samplesOf = (counts: SeriesTable<{ n: number }>): ExposedFamily['samples'] =>
  [...counts].map(({ labels, counted }) => ({ suffix: '', labels, value: counted.n }))
