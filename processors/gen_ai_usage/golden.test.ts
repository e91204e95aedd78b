import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { DIALECTS } from '../../genai/dialects/table.ts'
import { testHost } from '../../test/support/host.ts'
import { factory } from './index.ts'
import { describeCall, describeStep, feeder, requestOf } from './testing/golden.ts'

const root = join(import.meta.dirname, 'testdata')
const folders = readdirSync(root, { withFileTypes: true })
  .filter((d) => d.isDirectory())
  .flatMap((d) => readdirSync(join(root, d.name)).map((name) => `${d.name}/${name}`))

interface Input {
  /** `recorded` from a real library by tools/record, or written from its source or documentation. */
  readonly evidence: 'recorded' | 'documented'
  readonly requests: readonly object[]
}

/** `in.json` holds OTLP/JSON requests in order; `out.json` what they must be understood as. UPDATE_GOLDEN=1 rewrites it. */
test.each(folders)('%s is understood as its golden file says', (folder) => {
  const input = JSON.parse(readFileSync(join(root, folder, 'in.json'), 'utf8')) as Input
  const feed = feeder(factory.create({ max_entries: 4096, rollup_grace: 60_000, signal_of_record: {} }, testHost()))
  const calls: object[] = []
  const steps: object[] = []
  for (const json of input.requests) {
    const { bytes, signal } = requestOf(json)
    const batch = feed(bytes, signal)
    calls.push(...batch.calls.map(describeCall))
    steps.push(...batch.steps.map(describeStep))
  }
  const got = { calls, steps }
  const file = join(root, folder, 'out.json')
  if (process.env['UPDATE_GOLDEN'] === '1' || !existsSync(file))
    writeFileSync(file, `${JSON.stringify(got, null, 2)}\n`)
  expect(got).toEqual(JSON.parse(readFileSync(file, 'utf8')))
})

const dialectsIn = (folder: string): string[] =>
  (JSON.parse(readFileSync(join(root, folder, 'out.json'), 'utf8')) as { calls: { dialect: string }[] }).calls.map(
    ({ dialect }) => dialect,
  )

test('what the table calls recorded was recorded, and nothing else', () => {
  const evidenceOf = (folder: string) =>
    (JSON.parse(readFileSync(join(root, folder, 'in.json'), 'utf8')) as Input).evidence
  expect(folders.filter((folder) => !['recorded', 'documented'].includes(evidenceOf(folder)))).toEqual([])
  const recorded = new Set(folders.filter((folder) => evidenceOf(folder) === 'recorded').flatMap(dialectsIn))
  // The proxy's own spans have tests of their own.
  recorded.add('tokenfuse_proxy')
  const wrong = DIALECTS.filter(({ id, evidence }) => (evidence === 'recorded') !== recorded.has(id)).map(
    ({ id }) => id,
  )
  expect(wrong).toEqual([])
})
