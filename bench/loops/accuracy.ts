/** Replays labelled runs of real agents over OTLP/HTTP into a real sidecar, and has its verdicts scored. */
import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { freePorts } from '../../test/support/sidecar.ts'
import { startPinned, stopped } from '../process/processes.ts'
import { table } from '../support/measure.ts'

export interface Options {
  /** Folder of `dev.jsonl.gz` and `dev-labels.jsonl`. */
  readonly data: string
  /** Folder of `replay.mjs`, `score.mjs` and `baseline.mjs`. */
  readonly tools: string
  readonly byDetector: boolean
}

interface Mode {
  readonly name: string
  readonly replay: readonly string[]
  /** What the scorer must be told of it. */
  readonly score: readonly string[]
}

const MODES: readonly Mode[] = [
  { name: 'in order', replay: [], score: [] },
  { name: 'shuffled within 8 spans', replay: ['--jitter', '8'], score: [] },
  { name: '10 % of requests sent twice', replay: ['--duplicates', '0.1'], score: [] },
  { name: 'two agents in one trace', replay: ['--interleave', '2'], score: ['--interleave', '2'] },
  { name: 'identity only on the parent span', replay: ['--bare-tools'], score: [] },
  { name: 'all of these at once', replay: all(['--bare-tools']), score: ['--interleave', '2'] },
  { name: 'no arguments, no results', replay: ['--content', 'none'], score: [] },
  { name: 'no content, all at once', replay: all(['--content', 'none']), score: ['--interleave', '2'] },
]

function all(extra: readonly string[]): readonly string[] {
  return ['--jitter', '8', '--duplicates', '0.1', '--interleave', '2', ...extra]
}

interface Share {
  readonly value: number | null
  readonly low: number | null
  readonly high: number | null
  readonly k: number
  readonly n: number
}

interface Score {
  readonly tp: number
  readonly fp: number
  readonly fn: number
  readonly precision: Share
  readonly recall: Share
  readonly before_onset: number
  readonly median_latency_calls: number | null
  readonly calls_saved: { readonly value: number | null }
  readonly outcomes: Readonly<Record<string, { readonly successes_flagged: Share }>>
}

type Scores = Readonly<Record<string, Score>>

const HEAD = ['rule', 'TP FP FN', 'precision', 'recall', 'early', 'latency', 'saved', 'successes flagged']

export async function accuracy(options: Options): Promise<void> {
  const directory = mkdtempSync(join(tmpdir(), 'tokenfuse-loops-'))
  try {
    const rows: string[][] = [HEAD]
    let scores: Scores = {}
    for (const mode of MODES) {
      const found = await replayed(options, mode, join(directory, mode.name.replaceAll(/\W+/g, '-')))
      if (mode === MODES[0]) scores = found
      if (found['any'] !== undefined) rows.push(row(mode.name, found['any']))
    }
    const rules = join(directory, 'baseline.jsonl')
    tool(options, 'baseline.mjs', ['--bench', bench(options), '--out', rules])
    for (const [name, found] of Object.entries(scored(options, rules, [])))
      if (name !== 'any') rows.push(row(`(${name})`, found))
    process.stdout.write(table(rows))
    process.stdout.write(`\nsuccesses flagged, by source: ${sourcesOf(scores['any'])}\n\n`)
    if (options.byDetector) process.stdout.write(`${table(detectorRows(scores))}\n`)
  } finally {
    rmSync(directory, { recursive: true, force: true })
  }
}

const detectorRows = (scores: Scores): string[][] => [
  HEAD,
  ...Object.entries(scores).map(([name, score]) => row(name, score)),
]

const bench = ({ data }: Options): string => join(data, 'dev.jsonl.gz')

/** A fresh sidecar, all runs, its verdicts, their scores. */
async function replayed(options: Options, mode: Mode, directory: string): Promise<Scores> {
  const [port = 0] = await freePorts(1)
  const config = `${directory}.yaml`
  writeFileSync(config, configOf(port, directory))
  const sidecar = await startPinned(1, ['cmd/main.ts', 'run', '--config', config], /is ready/)
  const endpoint = `http://127.0.0.1:${port}`
  tool(options, 'replay.mjs', ['--bench', bench(options), '--endpoint', endpoint, '--quiet', ...mode.replay])
  await stopped(sidecar)
  return scored(options, join(directory, 'verdicts.jsonl'), mode.score)
}

const configOf = (port: number, directory: string): string => `
receivers: { otlp: { protocols: { http: { endpoint: "127.0.0.1:${port}" } } } }
processors: { gen_ai_usage: , token_pricing: , business_tags: , loop_detector: }
exporters: { file: { path: "${join(directory, 'verdicts.jsonl')}", format: verdicts } }
service:
  data_directory: "${directory}"
  queue: { directory: "${join(directory, 'queue')}" }
  telemetry: { metrics: { level: none } }
  pipelines: { traces: { receivers: [otlp], processors: [gen_ai_usage, token_pricing, business_tags, loop_detector], exporters: [file] } }
`

function scored(options: Options, verdicts: string, extra: readonly string[]): Scores {
  const labels = join(options.data, 'dev-labels.jsonl')
  const args = ['--bench', bench(options), '--labels', labels, '--verdicts', verdicts, '--json', ...extra]
  return (JSON.parse(tool(options, 'score.mjs', args)) as { detectors: Scores }).detectors
}

function tool({ tools }: Options, name: string, args: readonly string[]): string {
  const { status, stdout, stderr } = spawnSync(process.execPath, [join(tools, name), ...args], {
    encoding: 'utf8',
    maxBuffer: 1 << 28,
  })
  if (status !== 0) throw new Error(`${name}: ${stderr}`)
  return stdout
}

const two = (n: number | null): string => (n === null ? '-' : n.toFixed(2).replace(/^0/, ''))
const range = ({ value, low, high }: Share): string => `${two(value)} [${two(low)}-${two(high)}]`

function row(name: string, score: Score): string[] {
  const { tp, fp, fn, precision, recall, before_onset: early, median_latency_calls: latency } = score
  const saved = score.calls_saved.value
  return [
    ...[name, `${tp} ${fp} ${fn}`, range(precision), range(recall), String(early), String(latency ?? '-')],
    saved === null ? '-' : `${(100 * saved).toFixed(0)} %`,
    Object.values(score.outcomes)
      .map(({ successes_flagged: { k, n } }) => `${k}/${n}`)
      .join(' '),
  ]
}

function sourcesOf(score: Score | undefined): string {
  return Object.entries(score?.outcomes ?? {})
    .map(
      ([
        source,
        {
          successes_flagged: { k, n, high },
        },
      ]) => `${source} ${k} of ${n} (below ${two(high)})`,
    )
    .join(', ')
}
