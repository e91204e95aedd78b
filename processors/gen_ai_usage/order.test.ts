import type { Usage } from '../../genai/usage.ts'
import { testHost } from '../../test/support/host.ts'
import { traceRequest } from '../../test/support/spans.ts'
import { factory } from './index.ts'
import { feeder, pricedFeeder } from './testing/golden.ts'
import { disordered, mixedSpans } from './testing/mixed.ts'

/** A generator with a seed, so that a failure can be had again. */
function sequence(seed: number): () => number {
  let state = seed >>> 0
  return () => {
    state = (Math.imul(state ^ (state >>> 15), 0x2c1b3c6d) + 0x9e3779b9) >>> 0
    let x = state
    x = Math.imul(x ^ (x >>> 16), 0x45d9f3b)
    return ((x ^ (x >>> 16)) >>> 0) / 2 ** 32
  }
}

const PARTS = ['input', 'cacheRead', 'output', 'reasoning'] as const satisfies readonly (keyof Usage)[]

/** Requests can be strung together: a batch is the bytes of its spans' own requests. */
function totals(batches: readonly (readonly Buffer[])[], make = feeder) {
  const host = testHost()
  const settings = { max_entries: 65_536, rollup_grace: 60_000, signal_of_record: {} }
  const feed = make(factory.create(settings, host))
  const sums = { input: 0, cacheRead: 0, output: 0, reasoning: 0, calls: 0, corrections: 0 }
  for (const batch of batches) {
    for (const call of feed(Buffer.concat(batch), 'traces').calls) {
      if (call.bill !== 'billed') continue
      for (const part of PARTS) sums[part] += call.usage[part] ?? 0
      sums.calls += call.correctionOf === undefined ? 1 : -1
      if (call.correctionOf !== undefined) sums.corrections++
    }
  }
  return { sums, late: host.metric('tokenfuse_gen_ai_late_evidence_total') }
}

test('shuffled, resent and batched at random, mixed dialects come to the same totals as in order and once', () => {
  const seed = Math.trunc(Number(process.env['SEED'] ?? 20_261_123))
  const random = sequence(seed)
  const spans = mixedSpans(20_000, random).map((span) => traceRequest([span]))
  const { corrections: _, ...inOrder } = totals([spans.slice(0, 7000), spans.slice(7000)]).sums
  const { sums, late } = totals(disordered(spans, 3000, random))
  const { corrections, ...shuffled } = sums
  expect({ seed, ...shuffled }).toEqual({ seed, ...inOrder })
  expect(inOrder.calls).toBeGreaterThan(4000)
  // The disorder was real: spans were billed before what they wrap arrived, and each was taken back.
  expect(corrections).toBeGreaterThan(50)
  expect(late).toBe(0)
})

test('the same where calls have prices: what was billed around a call often stands for it, and is not taken back', () => {
  const seed = Math.trunc(Number(process.env['SEED'] ?? 20_261_126))
  const random = sequence(seed)
  const spans = mixedSpans(8000, random).map((span) => traceRequest([span]))
  const { corrections: _, ...inOrder } = totals([spans.slice(0, 3000), spans.slice(3000)], pricedFeeder).sums
  const disorder = disordered(spans, 3000, random)
  const { sums, late } = totals(disorder, pricedFeeder)
  const { corrections, ...shuffled } = sums
  expect({ seed, ...shuffled }).toEqual({ seed, ...inOrder })
  expect(late).toBe(0)
  expect(corrections).toBeLessThan(totals(disorder).sums.corrections)
})
