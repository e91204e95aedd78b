/** Full processing of a batch against protobufjs decode + encode alone. See README.md. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { oracle } from '../../test/support/oracle.ts'
import { type Mix, tracePayload } from '../payloads.ts'
import { type Contestant, compare, table } from '../support/measure.ts'
import { benchProcessors } from '../support/processors.ts'
import { renewed } from './renewed.ts'

const CASES: readonly (readonly [Mix, number])[] = [
  ['mixed', 512],
  ['content', 128],
  ['plain', 512],
  ['mixed', 1],
  ['mixed', 3],
  ['mixed', 5],
]
/** Requests cycled through, so that no contestant works on what the last one left in the cache alone. */
const REQUESTS = 16
const steps = process.argv.includes('--steps')

const directory = mkdtempSync(join(tmpdir(), 'tokenfuse-bench-'))
const bench = await benchProcessors(directory)
const codec = oracle('traces')
const all = bench.names.length
/** What the goals of a codec were set for: to scan, understand, price and splice. */
const pricing = bench.names.indexOf('token_pricing') + 1

const rows: string[][] = []
for (const [mix, count] of CASES) {
  const requests = Array.from({ length: REQUESTS }, (_, i) => tracePayload(count, mix, i + 1))
  const next = renewed(requests, bench.items)
  const renewal: Contestant = { name: 'renewal', batch: count, run: () => void next() }
  const full: Contestant = { name: 'full processing', batch: count, run: () => void bench.process(next(), all) }
  const priced: Contestant = {
    name: 'usage and prices alone',
    batch: count,
    run: () => void bench.process(next(), pricing),
  }
  const pb: Contestant = {
    name: 'protobufjs decode + encode',
    batch: count,
    run: () => void codec.encode(codec.decode(next())).finish(),
  }
  const floor: Contestant = { name: 'memcpy + alloc', batch: count, run: () => void Buffer.from(next()) }
  const parts: Contestant[] = steps
    ? [
        { name: 'scan', batch: count, run: () => void bench.scan(next()) },
        ...bench.names.map((name, p) => ({
          name: `… + ${name}`,
          batch: count,
          run: () => void bench.process(next(), p + 1),
        })),
      ]
    : []
  const [renewing, ...gross] = compare([renewal, full, priced, pb, floor, ...parts])
  // What it takes to make a request new is nobody's work.
  const measured = gross.map((one) => ({ ...one, ns: one.ns - (renewing?.ns ?? 0) }))
  const [ours, some, theirs, copy] = measured
  if (ours === undefined || some === undefined || theirs === undefined || copy === undefined) continue
  const row = (name: string, { ns }: { readonly ns: number }): string[] => [
    name,
    ns.toFixed(0),
    theirs.ns.toFixed(0),
    `${(theirs.ns / ns).toFixed(1)}x`,
    `${((copy.ns / ns) * 100).toFixed(1)} %`,
    `${(1e3 / ns).toFixed(2)} M`,
  ]
  rows.push(row(`${mix} ${count}`, ours), row(`  ${some.name}`, some))
  for (const part of measured.slice(4)) rows.push([`  ${part.name}`, part.ns.toFixed(0), '', '', '', ''])
}
process.stdout.write(
  table([['batch', 'ours ns/span', 'protobufjs ns/span', 'ratio', 'share of memcpy + alloc', 'spans/s/core'], ...rows]),
)

const plain = tracePayload(64, 'plain', 99)
process.stdout.write(
  `without GenAI spans the same Buffer leaves: ${bench.process(plain, all) === plain ? 'yes' : 'NO'}\n`,
)
await bench.stop()
rmSync(directory, { recursive: true, force: true })
