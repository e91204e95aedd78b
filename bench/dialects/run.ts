/** A million spans of mixed dialects, shuffled within five seconds of traffic, a tenth sent again: same totals, time, state. */
import { factory } from '../../processors/gen_ai_usage/index.ts'
import { feeder } from '../../processors/gen_ai_usage/testing/golden.ts'
import { disordered, mixedSpans } from '../../processors/gen_ai_usage/testing/mixed.ts'
import { testHost } from '../../test/support/host.ts'
import { traceRequest } from '../../test/support/spans.ts'
import { sequence } from '../payloads.ts'

const SPANS = Number(process.argv[2] ?? 1_000_000)
/** Spans that arrive within five seconds at 4000 a second. */
const WINDOW = 20_000
const PIECE = 50_000

interface Totals {
  tokens: number
  calls: number
  corrections: number
  items: number
  ns: bigint
}

function runner(): { feed(batch: readonly Buffer[]): void; totals: Totals; state(): number } {
  const host = testHost()
  const settings = { max_entries: 262_144, rollup_grace: 60_000, signal_of_record: {} }
  const feed = feeder(factory.create(settings, host))
  const totals: Totals = { tokens: 0, calls: 0, corrections: 0, items: 0, ns: 0n }
  return {
    totals,
    state: () => host.metric('tokenfuse_gen_ai_state_bytes'),
    feed(batch) {
      const request = Buffer.concat(batch)
      const from = process.hrtime.bigint()
      const { calls } = feed(request, 'traces')
      totals.ns += process.hrtime.bigint() - from
      totals.items += batch.length
      for (const { bill, usage, correctionOf } of calls) {
        if (bill !== 'billed') continue
        totals.tokens += (usage.input ?? 0) + (usage.cacheRead ?? 0) + (usage.output ?? 0)
        totals.calls += correctionOf === undefined ? 1 : -1
        if (correctionOf !== undefined) totals.corrections++
      }
    },
  }
}

const ordered = runner()
const shuffled = runner()
const random = sequence(20_261_123)
for (let done = 0; done < SPANS; done += PIECE) {
  const spans = mixedSpans(PIECE, random).map((span) => traceRequest([span]))
  for (let from = 0; from < spans.length; from += 500) ordered.feed(spans.slice(from, from + 500))
  for (const batch of disordered(spans, WINDOW, random)) shuffled.feed(batch)
}
const same = ordered.totals.tokens === shuffled.totals.tokens && ordered.totals.calls === shuffled.totals.calls
const line = (name: string, { totals, state }: ReturnType<typeof runner>): string =>
  `${name}: ${totals.items} spans, ${totals.calls} calls, ${totals.tokens} tokens, ${totals.corrections} taken back, ` +
  `${(Number(totals.ns) / totals.items).toFixed(0)} ns a span (wall, scan included), ${state()} bytes of state\n`
process.stdout.write(
  `${line('in order, once', ordered)}${line('shuffled, 10 % resent', shuffled)}same totals: ${same}\n`,
)
if (!same) process.exitCode = 1
