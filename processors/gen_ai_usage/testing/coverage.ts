import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { vendorOfModel } from '../../../genai/dialects/providers.ts'
import { DIALECTS } from '../../../genai/dialects/table.ts'
import type { Usage } from '../../../genai/usage.ts'

const root = join(import.meta.dirname, '..', 'testdata')
const GAP = '–'

/** As it stands in a folder's `out.json`. */
interface Understood {
  readonly dialect: string
  readonly provider: string
  readonly model?: string
  readonly role: string
  readonly bill: string
  readonly usage: Usage
  readonly flags?: readonly string[]
}

/** What can go wrong with a call, and how a golden folder shows that it did not. */
const TRAPS: readonly { readonly title: string; of(call: Understood): boolean }[] = [
  { title: 'call', of: ({ bill, usage }) => bill === 'billed' && Object.keys(usage).length > 0 },
  { title: 'cache read', of: ({ usage }) => (usage.cacheRead ?? 0) > 0 },
  {
    title: 'cache write',
    of: ({ usage: { cacheWrite = 0, cacheWrite5m = 0, cacheWrite1h = 0 } }) =>
      cacheWrite + cacheWrite5m + cacheWrite1h > 0,
  },
  { title: 'reasoning', of: ({ usage }) => (usage.reasoning ?? 0) > 0 },
  { title: 'wrapped', of: ({ bill }) => bill === 'rollup' },
  { title: 'seen twice', of: ({ bill }) => bill === 'duplicate' },
  {
    title: 'no usage',
    of: ({ flags = [] }) => flags.includes('usage_missing') || flags.includes('output_missing'),
  },
  { title: 'agent alone', of: ({ flags = [] }) => flags.includes('rollup_billed') },
  { title: 'not text', of: ({ role, usage }) => role !== 'inference' || usage.other !== undefined },
]

interface Row {
  readonly dialect: string
  readonly provider: string
  /** By trap: the folder that shows it, recorded ones first. */
  readonly folders: (string | undefined)[]
}

/** Which dialect, provider and trap is checked by which golden folder, as a Markdown table. */
export function coverageTable(): string {
  const rows = new Map<string, Row>()
  const rowOf = (dialect: string, provider: string): Row => {
    const key = `${dialect}|${provider}`
    const row = rows.get(key) ?? { dialect, provider, folders: TRAPS.map(() => undefined) }
    rows.set(key, row)
    return row
  }
  for (const { path, calls } of folders()) {
    for (const call of calls) {
      const row = rowOf(call.dialect, providerOf(call))
      for (const [t, trap] of TRAPS.entries()) if (trap.of(call)) row.folders[t] ??= path
    }
  }
  for (const { id, input = {} } of DIALECTS) {
    for (const provider of Object.keys(input)) if (provider !== '*') rowOf(id, provider)
    if (![...rows.values()].some(({ dialect }) => dialect === id)) rowOf(id, '')
  }
  const order = (row: Row): string => `${String(placeOf(row.dialect)).padStart(3, '0')} ${row.provider}`
  const sorted = [...rows.values()].sort((a, b) => (order(a) < order(b) ? -1 : 1))
  return table([
    ['dialect', 'provider', ...TRAPS.map(({ title }) => title)],
    ...sorted.map(({ dialect, provider, folders: found }) => [
      `\`${dialect}\``,
      provider === '' ? 'not named' : provider,
      ...found.map((path) => (path === undefined ? GAP : `[${evidenceOf(path)}](testdata/${path})`)),
    ]),
  ])
}

/** Where a framework hides it, the model tells who answered. */
function providerOf({ provider, model = '' }: Understood): string {
  const vendor = provider === '' ? vendorOfModel(model) : provider
  return vendor === 'gateway' ? '' : vendor
}

const placeOf = (dialect: string): number => DIALECTS.findIndex(({ id }) => id === dialect)
const read = (path: string, file: string): unknown => JSON.parse(readFileSync(join(root, path, file), 'utf8'))
const evidenceOf = (path: string): string => (read(path, 'in.json') as { evidence: string }).evidence

function folders(): { readonly path: string; readonly calls: readonly Understood[] }[] {
  const paths = readdirSync(root, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .flatMap(({ name }) => readdirSync(join(root, name)).map((one) => `${name}/${one}`))
  const rank = (path: string): string => `${evidenceOf(path) === 'recorded' ? 0 : 1} ${path}`
  return paths
    .sort((a, b) => (rank(a) < rank(b) ? -1 : 1))
    .map((path) => ({ path, calls: (read(path, 'out.json') as { calls: Understood[] }).calls }))
}

const table = (rows: readonly (readonly string[])[]): string =>
  rows.map((row, i) => `| ${row.join(' | ')} |\n${i === 0 ? `|${row.map(() => ' --- ').join('|')}|\n` : ''}`).join('')
