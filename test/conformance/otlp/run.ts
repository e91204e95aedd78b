import { readFileSync, writeFileSync } from 'node:fs'
import { parseArgs } from 'node:util'
import type { Place } from './client/place.ts'
import type { Context, Launched, LaunchOptions } from './context.ts'
import { SinkFile } from './forwarded.ts'
import { launchProcess } from './process-target.ts'
import { reportOf } from './report.ts'
import { checks, type Result, runCheck } from './suite.ts'

const USAGE = `node test/conformance/otlp/run.ts [options]

Runs 50 checks of OTLP against a collector and prints each by its number.

Against one that runs already:
  --endpoint URL        its OTLP over HTTP, e.g. http://127.0.0.1:4318
  --grpc HOST:PORT      its OTLP over gRPC, e.g. 127.0.0.1:4317
  --ca FILE             certificate authority in PEM, when it serves TLS
  --sink-file FILE      what its file exporter writes, one OTLP/JSON request per line
  --pid PID             its process, to watch its memory
Against one that the suite starts itself, as often as the checks need it:
  --command COMMAND     how to start it; {config} stands for the config file
  --exporter TYPE       its OTLP/HTTP exporter, default otlp_http
Both:
  --max-body BYTES      its limit for HTTP bodies, default 20971520
  --max-message BYTES   its limit for gRPC messages, default 4194304
  --only 1,20-22        only these checks
  --json                the results as one JSON document
  --report FILE         the results as a page of Markdown, besides

Exit code: 0 nothing failed, 1 something failed, 2 wrong usage.
`

const OPTIONS = {
  endpoint: { type: 'string' },
  grpc: { type: 'string' },
  ca: { type: 'string' },
  'sink-file': { type: 'string' },
  pid: { type: 'string' },
  command: { type: 'string' },
  exporter: { type: 'string', default: 'otlp_http' },
  'max-body': { type: 'string', default: String(20 * 1024 * 1024) },
  'max-message': { type: 'string', default: String(4 * 1024 * 1024) },
  only: { type: 'string' },
  json: { type: 'boolean', default: false },
  report: { type: 'string' },
  help: { type: 'boolean', default: false },
} as const

type Values = ReturnType<typeof parse>['values']
const parse = (args: string[]) => parseArgs({ args, options: OPTIONS })

export async function main(args: string[]): Promise<number> {
  let values: Values
  try {
    values = parse(args).values
  } catch (error) {
    process.stderr.write(`${String(error)}\n\n${USAGE}`)
    return 2
  }
  const { endpoint, grpc, command, help } = values
  if (help || (endpoint === undefined && grpc === undefined && command === undefined)) {
    process.stderr.write(USAGE)
    return help ? 0 : 2
  }
  const launch =
    command === undefined
      ? undefined
      : (options: LaunchOptions) => launchProcess({ command, exporter: values.exporter }, options)
  let own: Launched | undefined
  try {
    if (endpoint === undefined && grpc === undefined) own = await launch?.({})

    const results = await runAll(contextOf(values, own, launch), selected(values.only), values.json)
    if (values.report !== undefined) writeFileSync(values.report, reportOf(results))
    return results.some((r) => r.status === 'fail') ? 1 : 0
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`)
    return 1
  } finally {
    await own?.stop()
  }
}

function contextOf(values: Values, own: Launched | undefined, launch: Context['launch']): Context {
  const tls = values.ca === undefined ? {} : { tls: { ca: readFileSync(values.ca, 'utf8') } }
  const place = (address: string | undefined): Place | undefined =>
    address === undefined ? undefined : { address, ...tls }
  const limits = { httpLimit: Number(values['max-body']), grpcLimit: Number(values['max-message']) }
  if (own !== undefined) return { ...own, ...limits, launch }
  return {
    http: place(values.endpoint?.replace(/^https?:\/\//, '').replace(/\/$/, '')),
    grpc: place(values.grpc?.replace(/^https?:\/\//, '')),
    forwarded: values['sink-file'] === undefined ? undefined : new SinkFile(values['sink-file']),
    pid: values.pid === undefined ? undefined : Number(values.pid),
    ...limits,
    launch,
  }
}

/** `1,20-22` */
function selected(only: string | undefined): (number: number) => boolean {
  if (only === undefined) return () => true
  const ranges = only.split(',').map((part) => part.split('-').map(Number))
  return (number) => ranges.some(([from = 0, to = from]) => number >= from && number <= to)
}

async function runAll(
  context: Context,
  wanted: (number: number) => boolean,
  json: boolean,
): Promise<readonly Result[]> {
  const results: Result[] = []
  for (const check of checks.filter(({ number }) => wanted(number))) {
    const result = await runCheck(check, context)
    results.push(result)
    if (!json) process.stdout.write(line(result))
  }
  const count = (status: Result['status']) => results.filter((r) => r.status === status).length
  const summary = { passed: count('pass'), failed: count('fail'), skipped: count('skip'), of: results.length }
  if (json) process.stdout.write(`${JSON.stringify({ ...summary, checks: results }, null, 2)}\n`)
  else
    process.stdout.write(
      `\n${summary.passed} passed, ${summary.failed} failed, ${summary.skipped} skipped, of ${summary.of}\n`,
    )
  return results
}

const line = ({ number, status, title, reason }: Result): string =>
  `${status.padEnd(4)} ${String(number).padStart(2)}  ${title}${reason === undefined ? '' : `\n         ${reason.replaceAll('\n', '\n         ')}`}\n`

if (import.meta.main) process.exitCode = await main(process.argv.slice(2))
