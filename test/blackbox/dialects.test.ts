import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { type RunningSidecar, startSidecar } from '../support/sidecar.ts'

/** What every golden folder holds, through one running sidecar at once: what one dialect says must not colour another. */

const root = join(import.meta.dirname, '../../processors/gen_ai_usage/testdata')
const folders = readdirSync(root).flatMap((dialect) =>
  readdirSync(join(root, dialect)).map((name) => join(dialect, name)),
)

interface Golden {
  readonly calls: readonly Readonly<{
    span?: string
    bill: string
    signal?: string
    usage: Record<string, unknown>
  }>[]
}
type Sums = Record<string, number>

let sidecar: RunningSidecar
beforeAll(async () => {
  sidecar = await startSidecar()
}, 60_000)
afterAll(() => sidecar.remove())

/** Of one folder, under ids that no other folder has. */
function requestsOf(folder: string, k: number): readonly object[] {
  const { requests } = JSON.parse(readFileSync(join(root, folder, 'in.json'), 'utf8')) as { requests: object[] }
  const trace = (k + 1).toString(16).padStart(8, '0')
  const text = JSON.stringify(requests)
    .replace(/("traceId":")[0-9a-f]{8}/g, `$1${trace}`)
    .replace(/("(?:chatcmpl|msg|resp|gen|gemini-response|req|aitxt)[-_][\w-]*)"/g, `$1-${k}"`)
  return JSON.parse(text) as object[]
}

/**
 * Golden files name meters as calls do inside, the file exporter as its readers do. Reasoning counts as the output that it
 * is billed as: of two spans of one call, either may be the one that splits it off.
 */
const NAMES: Readonly<Record<string, string>> = {
  reasoning: 'output',
  cacheRead: 'cache_read',
  cacheWrite: 'cache_write',
  cacheWrite5m: 'cache_write_5m',
  cacheWrite1h: 'cache_write_1h',
}

function add(sums: Sums, usage: Readonly<Record<string, unknown>>): void {
  for (const [meter, n] of Object.entries(usage)) {
    if (typeof n === 'object' && n !== null) add(sums, n as Record<string, unknown>)
    const name = NAMES[meter] ?? meter
    if (typeof n === 'number' && n !== 0) sums[name] = (sums[name] ?? 0) + n
  }
}

test('every golden folder is billed by the running sidecar as by itself', async () => {
  for (const [k, folder] of folders.entries()) {
    for (const request of requestsOf(folder, k)) {
      const path = 'resourceLogs' in request ? '/v1/logs' : '/v1/traces'
      const body = JSON.stringify(request)
      const answer = await fetch(`${sidecar.http}${path}`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body,
      })
      expect([folder, answer.status]).toEqual([folder, 200])
    }
  }
  const ended = await sidecar.stop()
  expect(ended.code).toBe(0)
  const golden = folders.map(
    (folder) => (JSON.parse(readFileSync(join(root, folder, 'out.json'), 'utf8')) as Golden).calls,
  )
  const got: Record<string, Sums> = {}
  for (const line of sidecar.lines('calls.jsonl')) {
    const flags = (line['flags'] ?? []) as string[]
    if (line['bill'] !== 'billed' || line['signal'] !== 'span') continue
    const k = Number.parseInt(String(line['trace_id']).slice(0, 8), 16) - 1
    // What waited is billed when the sidecar stops; a golden folder ends while it waits.
    const isAtOnce = golden[k]?.some(({ span, bill }) => span === line['span_id'] && bill === 'billed')
    if (flags.includes('only_signal') || (flags.includes('rollup_billed') && isAtOnce !== true)) continue
    const folder = folders[k] ?? ''
    got[folder] ??= {}
    add(got[folder], (line['usage'] ?? {}) as Record<string, unknown>)
  }
  const want: Record<string, Sums> = {}
  for (const [k, folder] of folders.entries()) {
    for (const { bill, signal, usage } of golden[k] ?? []) {
      if (bill !== 'billed' || signal === 'log') continue
      want[folder] ??= {}
      add(want[folder], usage)
    }
  }
  expect(got).toEqual(want)
}, 120_000)
