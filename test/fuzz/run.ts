/**
 * A fuzzing campaign: `npm run fuzz -- [--minutes 10] [--seed N] [--report FILE]`. Inputs come from the recorded payloads, the
 * generated ones and the corpus; each is made from its number alone, so that `--seed N --minutes 0` repeats it. What breaks an
 * invariant is written to test/fuzz/corpus, where the tests find it from then on. Exit code 1 when something was found.
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { Found, type Round, round, type Targets } from './campaign.ts'
import { Live } from './live.ts'
import { liveRound } from './live-round.ts'
import { reportOf } from './report.ts'
import { documents, generated, kept, recorded } from './seeds.ts'
import { inProcess } from './target.ts'

/** After so many inputs in this process one goes to the sidecar. */
const LIVE_EVERY = 8

const { values } = parseArgs({
  options: {
    minutes: { type: 'string', default: '10' },
    seed: { type: 'string' },
    report: { type: 'string' },
  },
})
const first = Number(values.seed ?? Math.floor(Math.random() * 1e9))
const directory = mkdtempSync(join(tmpdir(), 'tokenfuse-fuzz-'))
const target = (name: string) => inProcess(join(directory, name))
const targets: Targets = { wild: await target('wild'), pair: [await target('one'), await target('other')] }
const beside = await target('beside')
const live = await Live.start()
const seeds = [...recorded(), ...generated(), ...kept()]
const json = documents()
const counts = new Map<string, number>()
const found: string[] = []
const began = performance.now()
const until = began + Number(values.minutes) * 60_000

const count = ({ kind, signal, outcome }: Round): void => {
  const key = `${kind}, ${signal}, ${outcome}`
  counts.set(key, (counts.get(key) ?? 0) + 1)
}

function keep(error: unknown): void {
  if (!(error instanceof Found)) throw error
  found.push(error.message)
  process.stdout.write(`${error.message}\n`)
  for (const [i, bytes] of error.inputs.entries()) {
    const name = `${error.signal}-found-${first + found.length}-${i}.bin`
    writeFileSync(join(import.meta.dirname, 'corpus', name), bytes)
  }
}

let number = first
do {
  try {
    count(
      number % LIVE_EVERY === 0 ? await liveRound(number, seeds, json, beside, live) : round(number, seeds, targets),
    )
  } catch (error) {
    keep(error)
  }
  number++
} while (performance.now() < until)
const residentMib = await live.finish().catch((error: unknown) => {
  found.push(`at the end: ${error instanceof Error ? error.message : String(error)}`)
  return Number.NaN
})
for (const part of [targets.wild, ...targets.pair, beside]) await part.stop()
rmSync(directory, { recursive: true, force: true })
const report = reportOf({
  ...{ first, last: number - 1, minutes: (performance.now() - began) / 60_000, counts, found },
  ...{ sent: live.sent, residentMib, seeds: seeds.length },
})
process.stdout.write(report)
if (values.report !== undefined) writeFileSync(values.report, report)
process.exitCode = found.length === 0 ? 0 : 1
