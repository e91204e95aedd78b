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
/** Calls that each have a span, a parent and a response id of their own, all remembered: what one of them takes. */
function stateOfACall(calls: number): number {
  const host = testHost()
  const feed = feeder(factory.create({ max_entries: 1_048_576, rollup_grace: 60_000, signal_of_record: {} }, host))
  const before = host.metric('tokenfuse_gen_ai_state_bytes')
  const hex = (n: number): string => n.toString(16).padStart(8, '0')
  for (let from = 0; from < calls; from += 500) {
    const spans = Array.from({ length: 500 }, (_, i) => ({
      trace: hex(from + i).padStart(32, '1'),
      id: hex(from + i).padStart(16, '2'),
      parent: hex(from + i).padStart(16, '3'),
      attributes: {
        'gen_ai.operation.name': 'chat',
        'gen_ai.request.model': 'gpt-4o',
        'gen_ai.response.id': `chatcmpl-${hex(from + i)}`,
        'gen_ai.usage.input_tokens': 10,
        'gen_ai.usage.output_tokens': 1,
      },
    }))
    feed(traceRequest(spans), 'traces')
  }
  return (host.metric('tokenfuse_gen_ai_state_bytes') - before) / calls
}

const perCall = [100_000, 140_000, 260_000].map((calls) => stateOfACall(calls))
const same = ordered.totals.tokens === shuffled.totals.tokens && ordered.totals.calls === shuffled.totals.calls
const line = (name: string, { totals, state }: ReturnType<typeof runner>): string =>
  `${name}: ${totals.items} spans, ${totals.calls} calls, ${totals.tokens} tokens, ${totals.corrections} taken back, ` +
  `${(Number(totals.ns) / totals.items).toFixed(0)} ns a span (wall, scan included), ${state()} bytes of state\n`
process.stdout.write(
  `${line('in order, once', ordered)}${line('shuffled, 10 % resent', shuffled)}same totals: ${same}\n` +
    `state: ${perCall.map((bytes) => bytes.toFixed(0)).join(', ')} bytes a call in flight (100,000, 140,000, 260,000 of them)\n`,
)
if (!same || Math.max(...perCall) > 256) process.exitCode = 1
