/**
 * Runs real instrumentations against the stand-in provider and writes what they emit into the golden folders of
 * `processors/gen_ai_usage/testdata/`, so that drift shows as a diff.
 *
 *   node tools/record/main.ts --npm DIR --python DIR [--only NAME] [--check]
 *
 * --check writes nothing and fails where a library emits something else than what was recorded.
 *
 * --npm is a folder with a `node_modules` that has the packages of `cases.ts`, --python one with a virtual environment per
 * group of cases; see README.md for how to make both. Neither is part of this repository's own dependencies.
 */
import { spawn } from 'node:child_process'
import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { parseArgs } from 'node:util'
import { startProvider } from '../../examples/provider/server.ts'
import { decodeRequest } from '../../test/support/oracle.ts'
import { otlpSink, type SinkRequest } from '../../test/support/otlp-sink.ts'
import { type RecordCase, TOOL_USAGE, USAGE } from './case.ts'
import { CASES } from './cases.ts'
import { merged } from './merged.ts'
import { startMoreApis, toolOnce } from './more-apis.ts'
import { TIME_KEYS, tidied } from './tidied.ts'

const { values } = parseArgs({
  options: {
    npm: { type: 'string' },
    python: { type: 'string' },
    only: { type: 'string' },
    check: { type: 'boolean', default: false },
  },
})
const here = import.meta.dirname
const testdata = join(here, '../../processors/gen_ai_usage/testdata')
const TIMEOUT_MS = 60_000

const chosen = CASES.filter(
  ({ dialect, name }) => values.only === undefined || `${dialect}/${name}`.includes(values.only),
)
const tools = { node: values.npm, python: values.python }
let failed = 0
for (const each of chosen) {
  const where = tools[each.runtime]
  if (where === undefined) continue
  const problem = await record(each, where)
  process.stdout.write(
    `${problem === undefined ? 'recorded' : 'FAILED  '} ${each.dialect}/${each.name}${problem ?? ''}\n`,
  )
  if (problem !== undefined) failed++
}
process.exitCode = failed === 0 ? 0 : 1

async function record(each: RecordCase, where: string): Promise<string | undefined> {
  const tool = toolOnce(each.tool)
  const provider = await startProvider({
    respond: ({ api, body }) =>
      api !== 'count_tokens' && tool.isDue(JSON.stringify(body))
        ? { toolCalls: tool.calls, usage: TOOL_USAGE }
        : { text: 'It is sunny.', usage: USAGE },
    nowS: () => 1_763_900_000,
  })
  const sink = await otlpSink()
  const more = await startMoreApis(tool)
  try {
    const output = await emit(each, where, { PROVIDER_URL: provider.url, MORE_URL: more.url }, sink.url)
    const all = sink.requests.flatMap(decoded)
    const requests = each.keeps === undefined ? all : merged(all, each.keeps)
    if (requests.length === 0) return `: nothing was emitted\n${output.slice(-800)}`
    return keep(each, await versionsOf(each, where), tidied(requests))
  } finally {
    await provider.stop()
    await more.stop()
    await sink.close()
  }
}

/** A request of spans or log records as an object; nothing for everything else that is sent to the sink. */
function decoded({ path, headers, body }: SinkRequest): object[] {
  const signal = /\/(traces|logs)$/.exec(path)?.[1] as 'traces' | 'logs' | undefined
  if (signal === undefined) return []
  if ((headers['content-type'] ?? '').includes('json')) return [JSON.parse(body.toString()) as object]
  return [decodeRequest(signal, body)]
}

/** Writes the folder, or says how it differs from what is there. */
function keep(each: RecordCase, packages: object, { requests }: { readonly requests: unknown }): string | undefined {
  const folder = join(testdata, each.dialect, each.name)
  const file = join(folder, 'in.json')
  if (!values.check) {
    mkdirSync(folder, { recursive: true })
    writeFileSync(file, `${JSON.stringify({ evidence: 'recorded', packages, requests }, null, 1)}\n`)
    return undefined
  }
  const before = JSON.parse(readFileSync(file, 'utf8')) as { readonly packages: object; readonly requests: unknown }
  const differs = difference(before.requests, requests)
  if (differs === undefined) return undefined
  const was = before.packages as Readonly<Record<string, string>>
  const moved = Object.entries(packages)
    .filter(([name, version]) => was[name] !== version)
    .map(([name, version]) => `${name} ${was[name] ?? 'none'} -> ${String(version)}`)
  return `: drift (${moved.length === 0 ? 'same versions' : moved.join(', ')})\n    ${differs}`
}

/** Where two recordings first differ, and how. Two moments may fall into the same millisecond in one run and not in the next. */
function difference(a: unknown, b: unknown, path = ''): string | undefined {
  if (TIME_KEYS.test(path.slice(path.lastIndexOf('.') + 1))) return undefined
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null)
    return a === b ? undefined : `${path}: ${shown(a, b)} -> ${shown(b, a)}`
  const [one, other] = [a as Record<string, unknown>, b as Record<string, unknown>]
  if (typeof one['key'] === 'string' && one['key'] !== other['key'])
    return `${path}: ${one['key']} -> ${String(other['key'])}`
  for (const key of new Set([...Object.keys(one), ...Object.keys(other)])) {
    const found = difference(one[key], other[key], `${path}${path === '' ? '' : '.'}${String(one['key'] ?? '')}${key}`)
    if (found !== undefined) return found
  }
  return undefined
}

/** The part of a value where another one begins to differ. */
function shown(value: unknown, other: unknown): string {
  const [text, against] = [value, other].map((each) => JSON.stringify(each) ?? 'nothing') as [string, string]
  const at = [...text].findIndex((letter, i) => letter !== against[i])
  return text.slice(Math.max(at - 30, 0), Math.max(at - 30, 0) + 100)
}

/** The versions of what a case needs, as installed. */
async function versionsOf(each: RecordCase, where: string): Promise<Readonly<Record<string, string>>> {
  const names = [...new Set(each.packages.map((name) => name.replace(/(?<=.)[@=<>[].*$/, '')))].filter(
    (name) => !name.startsWith('opentelemetry-exporter'),
  )
  const home = join(where, each.group ?? '')
  if (each.runtime === 'node') return Object.fromEntries(names.map((name) => [name, nodeVersion(home, name)]))
  const ask = 'import sys, importlib.metadata as m\nfor n in sys.argv[1:]: print(n, m.version(n))'
  const said = await run(join(home, 'bin', 'python'), ['-c', ask, ...names], { PATH: process.env['PATH'] ?? '' })
  return Object.fromEntries(
    said
      .trim()
      .split('\n')
      .map((line) => line.split(' ') as [string, string]),
  )
}

function nodeVersion(home: string, name: string): string {
  return (JSON.parse(readFileSync(join(home, 'node_modules', name, 'package.json'), 'utf8')) as { version: string })
    .version
}

/** The emitter runs in a folder of its own beside the packages, since that is where imports are looked for. */
async function emit(
  each: RecordCase,
  where: string,
  apis: Readonly<Record<string, string>>,
  sink: string,
): Promise<string> {
  const file = join(here, 'emitters', each.emitter)
  const home = each.runtime === 'node' ? join(where, each.group ?? '') : tmpdir()
  const folder = mkdtempSync(join(home, 'record-'))
  try {
    const copy = join(folder, each.emitter)
    copyFileSync(file, copy)
    const command = each.runtime === 'node' ? process.execPath : join(where, each.group ?? '', 'bin', 'python')
    return await run(command, [copy], {
      // The Node that this runs on comes first: programs of npm say `env node`.
      PATH: `${dirname(process.execPath)}:${process.env['PATH'] ?? ''}`,
      HOME: folder,
      CASE: each.variant ?? '',
      ...apis,
      OTEL_EXPORTER_OTLP_ENDPOINT: sink,
      OTEL_SERVICE_NAME: 'recorded-agent',
      OTEL_METRICS_EXPORTER: 'none',
      ...each.env,
    })
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

function run(command: string, args: readonly string[], env: Record<string, string>): Promise<string> {
  return new Promise((resolve) => {
    const child = spawn(command, args, { env, timeout: TIMEOUT_MS })
    const chunks: Buffer[] = []
    const keep = (chunk: Buffer): void => void chunks.push(chunk)
    child.stdout.on('data', keep)
    child.stderr.on('data', keep)
    child.on('error', (error) => resolve(String(error)))
    child.on('close', () => resolve(Buffer.concat(chunks).toString()))
  })
}
