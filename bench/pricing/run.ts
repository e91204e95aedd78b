import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { calcPrice } from '@pydantic/genai-prices'
import { buildSync } from 'esbuild'
import { bundledBook } from '../../pricing/book/index.ts'
import { type PriceQuery, Pricer } from '../../pricing/pricer.ts'
import { compare, median, table } from '../support/measure.ts'
import { spanShare } from './spans.ts'

/** What one priced call costs us, side by side with the library that the book is seeded from. See README.md. */
const MIX = [
  { provider: 'openai', model: 'gpt-5', usage: { input: 1200, cacheRead: 800, output: 300, reasoning: 120 } },
  { provider: 'openai', model: 'gpt-4o', usage: { input: 900, output: 150 } },
  {
    provider: 'anthropic',
    model: 'claude-sonnet-4-5-20250929',
    usage: { input: 40, cacheRead: 9000, cacheWrite5m: 700, output: 500 },
  },
  { provider: 'anthropic', model: 'claude-haiku-4-5', usage: { input: 2000, output: 200 } },
  { provider: 'gcp.gemini', model: 'gemini-2.5-pro', usage: { input: 210_000, output: 900 } },
  { provider: 'x_ai', model: 'grok-4.3', usage: { input: 5000, cacheRead: 100, output: 10, reasoning: 400 } },
] as const
const THEIR_PROVIDER: Readonly<Record<string, string>> = { 'gcp.gemini': 'google', x_ai: 'x-ai' }
const WHEN = Date.parse('2026-09-01T12:00:00Z')

const queries: PriceQuery[] = MIX.map(({ provider, model, usage }) => ({
  provider,
  requestModel: model,
  responseModel: model,
  serviceTier: provider === 'openai' ? 'default' : undefined,
  speed: undefined,
  inferenceGeo: undefined,
  region: undefined,
  endMs: WHEN,
  usage,
  reportedPico: undefined,
  reportedIsBilled: false,
  isByok: false,
}))

const theirs = queries.map(({ provider, responseModel, usage }) => ({
  model: responseModel ?? '',
  options: { providerId: THEIR_PROVIDER[provider] ?? provider, timestamp: new Date(WHEN) },
  usage: {
    input_tokens: (usage.input ?? 0) + (usage.cacheRead ?? 0) + (usage.cacheWrite5m ?? 0),
    cache_read_tokens: usage.cacheRead ?? 0,
    cache_write_tokens: usage.cacheWrite5m ?? 0,
    output_tokens: (usage.output ?? 0) + (usage.reasoning ?? 0),
  },
}))

/** As it ships, in one file, and in a process of its own, so that nothing is warm. CPU milliseconds. */
function coldMillis(): { readonly load: number; readonly first: number } {
  const folder = mkdtempSync(join(tmpdir(), 'tokenfuse-bench-'))
  const outfile = join(folder, 'cold.mjs')
  const entry = fileURLToPath(import.meta.resolve('./cold.ts'))
  buildSync({ entryPoints: [entry], outfile, bundle: true, platform: 'node', format: 'esm', target: 'node22' })
  const runs = Array.from({ length: 9 }, () => {
    const { stdout } = spawnSync(process.execPath, [outfile], { encoding: 'utf8' })
    return JSON.parse(stdout) as { load: number; first: number }
  })
  rmSync(folder, { recursive: true })
  return { load: median(runs.map((r) => r.load)), first: median(runs.map((r) => r.first)) }
}

const pricer = new Pricer({ book: bundledBook })
const BATCH = 60
let sink = 0
const ofAll = (work: (i: number) => number): (() => void) => {
  return () => {
    for (let i = 0; i < BATCH; i++) sink += work(i % MIX.length)
  }
}
const results = compare([
  { name: 'priced call', batch: BATCH, run: ofAll((i) => Number(pricer.price(queries[i] as PriceQuery).pico)) },
  {
    name: 'priced call, its lines read',
    batch: BATCH,
    run: ofAll((i) => pricer.price(queries[i] as PriceQuery).lines.length),
  },
  {
    name: 'calcPrice of @pydantic/genai-prices',
    batch: BATCH,
    run: ofAll((i) => {
      const call = theirs[i] as (typeof theirs)[number]
      return calcPrice(call.usage, call.model, call.options)?.total_price ?? Number.NaN
    }),
  },
])
const cold = coldMillis()

/** Bytes of heap that one warm call takes. Too few calls for a collection in between. */
function bytesPerCall(price: (query: PriceQuery) => unknown): number {
  for (let i = 0; i < 100_000; i++) price(queries[i % MIX.length] as PriceQuery)
  const runs = Array.from({ length: 25 }, () => {
    globalThis.gc?.()
    const before = process.memoryUsage().heapUsed
    for (let i = 0; i < 3000; i++) price(queries[i % MIX.length] as PriceQuery)
    return (process.memoryUsage().heapUsed - before) / 3000
  })
  return median(runs)
}
const spare = pricer.price(queries[0] as PriceQuery)
const rows = results.map(({ name, ns, ratio }) => [name, ns.toFixed(0), `${ratio.toFixed(1)} x`])
process.stdout.write(table([['', 'ns of CPU', 'ratio'], ...rows]))
process.stdout.write(
  `\nbook loaded in ${cold.load.toFixed(1)} ms of CPU, first price of a provider in ${cold.first.toFixed(1)} ms\n`,
)
process.stdout.write(
  globalThis.gc === undefined
    ? 'run with --expose-gc to see what a call allocates\n'
    : `look-up and arithmetic allocate ${bytesPerCall((q) => pricer.price(q, spare)).toFixed(0)} bytes a call, the cost that stays on the call ${bytesPerCall((q) => pricer.price(q)).toFixed(0)}\n`,
)
const share = spanShare()
process.stdout.write(
  `token_pricing in a batch of 512 spans, ${share.calls} of them calls: ${share.perSpan.toFixed(0)} ns per span, ${share.perCall.toFixed(0)} ns per call\n`,
)
if (!Number.isFinite(sink)) process.exitCode = 1
