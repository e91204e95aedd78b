/**
 * A real agent, a stand-in model provider, and the sidecar between them. The agent works, a tool breaks, it loops, and it
 * is stopped. Needs no key, no network, no other server; ends by itself.
 */
import { spawn } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { styleText } from 'node:util'
import { startProvider } from '../provider/server.ts'
import { script } from './model.ts'
import { startSidecar } from './sidecar.ts'
import { readTotals } from './totals.ts'

interface CallLine {
  readonly model?: string
  readonly cost?: { readonly usd?: string }
  readonly usage?: Readonly<Record<string, number>>
}
interface VerdictLine {
  readonly level: string
  readonly action: string
  readonly detector: string
  readonly reason: string
  readonly evidence: Readonly<Record<string, unknown>>
}
interface AgentEnd {
  readonly stopped: boolean
  readonly status?: number
  readonly message?: string
  readonly reason?: string
}

const say = (text: string): void => void process.stdout.write(`${text}\n`)
const bold = (text: string): string => styleText('bold', text)
const red = (text: string): string => styleText('red', text)
const dim = (text: string): string => styleText('dim', text)

/** New whole lines of a file, each time it is asked. */
function tail<T>(path: string): () => T[] {
  let seen = 0
  return () => {
    if (!existsSync(path)) return []
    const lines = readFileSync(path, 'utf8').split('\n').slice(0, -1)
    const fresh = lines.slice(seen).map((line) => JSON.parse(line) as T)
    seen = lines.length
    return fresh
  }
}

function startAgent(proxy: string, otlp: string): Promise<AgentEnd> {
  const env = {
    ...process.env,
    OPENAI_BASE_URL: `${proxy}/openai/v1`,
    OPENAI_API_KEY: 'not-needed',
    OTEL_EXPORTER_OTLP_ENDPOINT: otlp,
    OTEL_METRICS_EXPORTER: 'none',
    OTEL_LOGS_EXPORTER: 'none',
    DEMO_RUN: 'ticket-round-17',
  }
  const child = spawn(process.execPath, ['--no-warnings', join(import.meta.dirname, 'agent.ts')], {
    env,
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  let out = ''
  child.stdout.on('data', (chunk: Buffer) => {
    out += chunk.toString()
  })
  return new Promise((resolve, reject) => {
    child.once('exit', () => {
      const last = out.trim().split('\n').at(-1) ?? ''
      if (last.startsWith('{')) resolve(JSON.parse(last) as AgentEnd)
      else reject(new Error('the agent ended without a word'))
    })
  })
}

let spent = 0
let calls = 0
let lastCost = 0
function showCall(call: CallLine): void {
  calls++
  lastCost = Number(call.cost?.usd ?? 0)
  spent += lastCost
  const usage = Object.entries(call.usage ?? {}).flatMap(([meter, n]) => (n === 0 ? [] : [`${meter} ${n}`]))
  say(
    `  call ${String(calls).padStart(2)}  ${call.model}  ${dim(usage.join(', ').padEnd(44))} $${lastCost.toFixed(6)}   run so far ${bold(`$${spent.toFixed(4)}`)}`,
  )
}

function showVerdict(verdict: VerdictLine): void {
  const line = `  ${verdict.level.toUpperCase()} ${verdict.detector}: ${verdict.reason}`
  say(verdict.level === 'critical' ? red(bold(line)) : styleText('yellow', line))
  if (verdict.level !== 'critical') return
  const { calls_since_onset, usd_since_onset, onset_time } = verdict.evidence
  say(red(`    since ${onset_time}: ${calls_since_onset} wasted calls, $${usd_since_onset}; action: ${verdict.action}`))
}

async function main(): Promise<number> {
  const directory = mkdtempSync(join(tmpdir(), 'tokenfuse-demo-'))
  const provider = await startProvider({ respond: script })
  const sidecar = await startSidecar(directory, provider.url)
  try {
    say(bold('A support agent works through its tickets. Its calls and its spans go through the sidecar.\n'))
    const newCalls = tail<CallLine>(join(directory, 'calls.jsonl'))
    const newVerdicts = tail<VerdictLine>(join(directory, 'verdicts.jsonl'))
    let ended: AgentEnd | undefined
    const show = (): void => {
      newCalls().forEach(showCall)
      newVerdicts().forEach(showVerdict)
    }
    const agent = startAgent(sidecar.proxy, sidecar.otlp).then((end) => {
      ended = end
    })
    while (ended === undefined) {
      await sleep(100)
      show()
    }
    await agent
    await sleep(1200)
    show()
    return await summary(ended, directory, sidecar.control, sidecar.metrics, provider.count)
  } finally {
    await sidecar.stop()
    await provider.stop()
    rmSync(directory, { recursive: true, force: true })
  }
}

async function summary(
  end: AgentEnd,
  directory: string,
  control: string,
  metrics: string,
  reached: number,
): Promise<number> {
  const totals = await readTotals(directory, control, metrics)
  if (end.stopped) say(red(bold(`\n  REFUSED with HTTP ${end.status} (${end.reason}): ${end.message}`)))
  else say(red('\n  the agent was not stopped'))
  const equal = totals.ledger === totals.warehouse && totals.ledger === totals.metrics
  say(`\n${bold('Spent, to the last digit')}`)
  say(
    `  ledger     $${totals.ledger}\n  warehouse  $${totals.warehouse}\n  metrics    $${totals.metrics}   ${equal ? styleText('green', 'all equal') : red('NOT EQUAL')}`,
  )
  say(`\n${bold('What the loop would have cost')}`)
  say(`  ${calls} calls were priced, ${reached} reached the provider, none after the verdict.`)
  say(
    `  A thousand more at the last price of $${lastCost.toFixed(6)} would have been ${bold(`$${(lastCost * 1000).toFixed(2)}`)}, and the context was growing.`,
  )
  return end.stopped && end.status === 402 && equal && calls === reached ? 0 : 1
}

process.exitCode = await main()
