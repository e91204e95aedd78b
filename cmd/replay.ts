import { createReadStream } from 'node:fs'
import { createInterface } from 'node:readline'
import { parseArgs } from 'node:util'
import type { Call } from '../genai/call.ts'
import { callInWords } from '../genai/call-in-words.ts'
import { addPico, type Pico, usdString } from '../genai/money.ts'
import type { Step } from '../genai/step.ts'
import { stepInWords } from '../genai/step-in-words.ts'
import { totalInput, totalOutput } from '../genai/usage.ts'
import type { AnyFactory } from '../pipeline/component.ts'
import { loadConfig } from '../pipeline/config/service.ts'
import { systemClock } from '../pipeline/runtime/clock.ts'
import { createLogger } from '../pipeline/runtime/logger.ts'
import { CONFIG_USAGE, type CommandIo, DONE, FAILED, printProblems, WRONG_USAGE } from './config-args.ts'
import { ReplayPipelines } from './replay-pipelines.ts'
import { renderTable } from './table.ts'

const USAGE = `tokenfuse replay [--config SOURCE …] [--set PATH=VALUE …] [--explain] FILE…

Runs captured telemetry through the processors again and says what it would be billed. FILE holds OTLP/JSON requests, one a
line, as the file exporter writes them. Without --config the processors have their defaults. Nothing is sent or kept.

${CONFIG_USAGE}  --explain         one line per call: what was understood, what it costs, and why it is or is not billed;
                    then one per agent, workflow, step and tool call, and how deep it is nested
`

/** What stands in for a configuration where there is none. */
const DEFAULTS = `yaml:{receivers: {otlp: {protocols: {http: {}}}}, processors: {gen_ai_usage: {}, token_pricing: {}, business_tags: {}}, exporters: {debug: {}}, service: {pipelines: {traces: {receivers: [otlp], processors: [gen_ai_usage, token_pricing, business_tags], exporters: [debug]}, logs: {receivers: [otlp], processors: [gen_ai_usage, token_pricing, business_tags], exporters: [debug]}}}}`

export interface ReplayCommand {
  readonly args: readonly string[]
  readonly factories: readonly AnyFactory[]
  readonly io: CommandIo
}

interface Asked {
  readonly files: readonly string[]
  readonly configs: readonly string[]
  readonly sets: readonly string[]
  readonly explain: boolean
}

export async function replay({ args, factories, io }: ReplayCommand): Promise<number> {
  const asked = askedFor(args, io)
  if (typeof asked === 'number') return asked
  const loaded = loadConfig({ configs: asked.configs, sets: asked.sets }, factories, io)
  if (!loaded.ok) {
    printProblems(io, loaded.problems)
    return WRONG_USAGE
  }
  const log = createLogger({ level: 'error', encoding: 'console', clock: systemClock, write: io.stderr })
  const pipelines = new ReplayPipelines(loaded.config, log)
  await pipelines.start()
  let bad = 0
  for (const file of asked.files) bad += await feedFile(pipelines, file, io)
  await pipelines.end()
  if (asked.explain) {
    for (const call of pipelines.calls) io.stdout(`${explained(call)}\n`)
    for (const step of pipelines.steps) io.stdout(`${placed(step, step.spanId || 'log')} ${stepInWords(step)}\n`)
  }
  io.stdout(summary(pipelines.calls, pipelines.items))
  return bad === 0 ? DONE : FAILED
}

function askedFor(args: readonly string[], io: CommandIo): Asked | number {
  try {
    const { values, positionals } = parseArgs({
      args: [...args],
      allowPositionals: true,
      options: {
        config: { type: 'string', multiple: true, default: [DEFAULTS] },
        set: { type: 'string', multiple: true, default: [] },
        explain: { type: 'boolean', default: false },
        help: { type: 'boolean', short: 'h', default: false },
      },
    })
    if (values.help) {
      io.stdout(USAGE)
      return DONE
    }
    if (positionals.length === 0) throw new Error('no file to replay')
    return { files: positionals, configs: values.config, sets: values.set, explain: values.explain }
  } catch (error) {
    io.stderr(`${error instanceof Error ? error.message : String(error)}\n\n${USAGE}`)
    return WRONG_USAGE
  }
}

/** How many of its lines could not be read. */
async function feedFile(pipelines: ReplayPipelines, file: string, io: CommandIo): Promise<number> {
  let bad = 0
  let number = 0
  for await (const line of createInterface({ input: createReadStream(file), crlfDelay: Number.POSITIVE_INFINITY })) {
    number++
    if (line.trim() === '') continue
    const problem = pipelines.feed(line)
    if (problem === undefined) continue
    bad++
    io.stderr(`${file}:${number}: ${problem}\n`)
  }
  return bad
}

const explained = (call: Call): string => {
  return `${placed(call, call.signal === 'log' ? 'log' : call.spanId)} ${call.dialect}: ${callInWords(call)}`
}

const placed = ({ endMs }: Call | Step, where: string): string =>
  `${endMs > 0 ? new Date(endMs).toISOString() : 'no time'} ${where}`

/** What was billed, by who sold it and who reported it; what was not, by why. */
function summary(calls: readonly Call[], items: number): string {
  const groups = new Map<string, Call[]>()
  for (const call of calls) {
    if (call.bill !== 'billed') continue
    const key = JSON.stringify([call.provider, call.model ?? '', call.dialect])
    const group = groups.get(key)
    if (group === undefined) groups.set(key, [call])
    else group.push(call)
  }
  const rows = [...groups].map(([key, group]) => [...(JSON.parse(key) as string[]), ...sums(group)])
  const billed = calls.filter(({ bill }) => bill === 'billed')
  const table = renderTable(COLUMNS, rows, ['total', '', '', ...sums(billed)])
  const others = ['rollup', 'duplicate', 'superseded', 'not_billable'].map(
    (bill) => `${calls.filter((call) => call.bill === bill).length} ${bill}`,
  )
  return `${table}${items} items; not billed: ${others.join(', ')}\n`
}

const COLUMNS = [
  { title: 'provider', align: 'left' },
  { title: 'model', align: 'left', max: 40 },
  { title: 'dialect', align: 'left' },
  { title: 'calls', align: 'right' },
  { title: 'input', align: 'right' },
  { title: 'output', align: 'right' },
  { title: 'USD', align: 'decimal' },
  { title: 'unpriced', align: 'right' },
] as const

function sums(calls: readonly Call[]): string[] {
  const count = calls.reduce((n, call) => n + (call.correctionOf === undefined ? 1 : 0), 0)
  const pico = calls.reduce<Pico>((sum, call) => addPico(sum, call.cost?.pico ?? 0), 0)
  const tokens = (of: typeof totalInput): string => String(calls.reduce((sum, call) => sum + of(call.usage), 0))
  const unpriced = calls.filter((call) => call.cost?.pico === undefined && call.correctionOf === undefined).length
  return [String(count), tokens(totalInput), tokens(totalOutput), usdString(pico), String(unpriced)]
}
