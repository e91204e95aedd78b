import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { round, type Targets } from './campaign.ts'
import { checkPipeline, checkScan } from './invariants.ts'
import { generated, kept, recorded } from './seeds.ts'
import { type InProcess, inProcess } from './target.ts'

/** A short campaign with the same seeds every time; `npm run fuzz` goes on from there. */
let directory: string
let all: InProcess[]
let targets: Targets
beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), 'tokenfuse-fuzz-'))
  const target = (name: string) => inProcess(join(directory, name))
  const [wild, one, other] = [await target('wild'), await target('one'), await target('other')]
  all = [wild, one, other]
  targets = { wild, pair: [one, other] }
})
afterAll(async () => {
  for (const target of all) await target.stop()
  rmSync(directory, { recursive: true, force: true })
})

const seeds = [...recorded(), ...generated(), ...kept()]

test('everything that is kept or recorded holds the invariants as it is', () => {
  for (const { bytes, signal } of seeds) {
    if (signal !== 'metrics') checkScan(bytes, signal)
    checkPipeline(bytes, signal, targets.wild)
  }
})

test('a thousand mutants and rewritings', () => {
  const outcomes = new Map<string, number>()
  for (let number = 0; number < 1000; number++) {
    const { kind, outcome } = round(number, seeds, targets)
    outcomes.set(`${kind} ${outcome}`, (outcomes.get(`${kind} ${outcome}`) ?? 0) + 1)
  }
  // A campaign whose mutants are all refused, or all accepted, looks at nothing.
  expect(outcomes.get('mutant accepted')).toBeGreaterThan(150)
  expect(outcomes.get('mutant invalid')).toBeGreaterThan(100)
  expect(outcomes.get('equivalent alike')).toBeGreaterThan(150)
})
