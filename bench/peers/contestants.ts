import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { freePorts } from '../../test/support/sidecar.ts'
import { type Installed, otelcol, rotel } from './install.ts'

export interface Running {
  readonly pid: number
  readonly http: number
  readonly grpc: number
  stop(): Promise<void>
}

/** A program that takes OTLP, batches it and hands it on over OTLP/HTTP with gzip. */
export interface Contestant {
  readonly name: string
  readonly version: string
  start(sinkPort: number): Promise<Running>
}

export interface Absent {
  readonly name: string
  readonly why: string
}

const root = join(import.meta.dirname, '..', '..')
const can = (command: string, ...args: string[]): readonly string[] =>
  spawnSync(command, [...args, 'true']).status === 0 ? [command, ...args] : []
/** On one core, before whatever else the machine does where that is allowed: the same for everybody. */
const PREFIX = [...can('nice', '-n', '-15'), ...can('taskset', '-c', '1')]
const READY_MS = 30_000

interface Launch {
  readonly command: string
  readonly args: readonly string[]
  readonly env?: Readonly<Record<string, string>>
}

/** Starts it on core 1 with a directory of its own, and waits until both ports answer. */
async function launched(make: (folder: string, http: number, grpc: number, more: number) => Launch): Promise<Running> {
  const folder = mkdtempSync(join(tmpdir(), 'tokenfuse-peers-'))
  const [http = 0, grpc = 0, more = 0] = await freePorts(3)
  const { command, args, env = {} } = make(folder, http, grpc, more)
  const [program = '', ...rest] = [...PREFIX, command, ...args]
  const child = spawn(program, rest, {
    cwd: folder,
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let said = ''
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', (chunk: Buffer) => {
      said = (said + chunk.toString()).slice(-2000)
    })
  const stop = async (): Promise<void> => {
    await ended(child)
    rmSync(folder, { recursive: true, force: true })
  }
  for (const end = performance.now() + READY_MS; !((await listens(http)) && (await listens(grpc))); await sleep(20)) {
    if (child.exitCode === null && performance.now() < end) continue
    await stop()
    throw new Error(`${command} did not start: ${said}`)
  }
  return { pid: child.pid ?? 0, http, grpc, stop }
}

function ended(child: ChildProcess): Promise<void> {
  return new Promise((resolve) => {
    if (child.exitCode !== null || child.signalCode !== null) return resolve()
    const timer = setTimeout(() => child.kill('SIGKILL'), 15_000)
    child.once('exit', () => {
      clearTimeout(timer)
      resolve()
    })
    child.kill('SIGTERM')
  })
}

function listens(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1')
    const done = (yes: boolean) => () => {
      socket.destroy()
      resolve(yes)
    }
    socket.once('connect', done(true)).once('error', done(false))
  })
}

const protocols = (http: number, grpc: number): object => ({
  otlp: { protocols: { grpc: { endpoint: `127.0.0.1:${grpc}` }, http: { endpoint: `127.0.0.1:${http}` } } },
})

function tokenfuse(name: string, ack: 'memory' | 'written', processors: Readonly<Record<string, object>>): Contestant {
  return {
    name,
    version: `queue on disk, ack: ${ack}`,
    start: (sink) =>
      launched((folder, http, grpc, own) => {
        const config = {
          receivers: protocols(http, grpc),
          processors,
          exporters: { otlp_http: { endpoint: `http://127.0.0.1:${sink}` } },
          ...('budget' in processors ? { extensions: { ledger: {} } } : {}),
          service: {
            ...('budget' in processors ? { extensions: ['ledger'] } : {}),
            ...{ data_directory: folder, queue: { directory: join(folder, 'queue'), ack } },
            telemetry: { metrics: { endpoint: `127.0.0.1:${own}` } },
            pipelines: {
              traces: { receivers: ['otlp'], processors: Object.keys(processors), exporters: ['otlp_http'] },
            },
          },
        }
        writeFileSync(join(folder, 'config.yaml'), JSON.stringify(config))
        const main = join(root, 'bin', 'tokenfuse.mjs')
        return { command: process.execPath, args: ['--no-warnings', main, 'run', '--config', 'config.yaml'] }
      }),
  }
}

const goCollector = (path: string, version: string): Contestant => ({
  ...{ name: 'Go collector', version },
  start: (sink) =>
    launched((folder, http, grpc) => {
      const config = {
        receivers: protocols(http, grpc),
        processors: { batch: {} },
        exporters: { otlp_http: { endpoint: `http://127.0.0.1:${sink}`, tls: { insecure: true } } },
        service: {
          telemetry: { metrics: { level: 'none' }, logs: { level: 'error' } },
          pipelines: { traces: { receivers: ['otlp'], processors: ['batch'], exporters: ['otlp_http'] } },
        },
      }
      writeFileSync(join(folder, 'config.yaml'), JSON.stringify(config))
      return { command: path, args: ['--config', 'config.yaml'] }
    }),
})

const rotelAgent = (path: string, version: string): Contestant => ({
  ...{ name: 'Rotel', version },
  start: (sink) =>
    launched((_folder, http, grpc) => ({
      command: path,
      args: [
        ...['start', '--otlp-grpc-endpoint', `127.0.0.1:${grpc}`, '--otlp-http-endpoint', `127.0.0.1:${http}`],
        ...['--exporter', 'otlp', '--otlp-exporter-protocol', 'http', '--otlp-exporter-compression', 'gzip'],
        ...['--otlp-exporter-endpoint', `http://127.0.0.1:${sink}`],
      ],
    })),
})

const ALL_PROCESSORS = {
  ...{ memory_limiter: { limit_percentage: 80 }, gen_ai_usage: {}, token_pricing: {}, business_tags: {} },
  loop_detector: { on_critical: 'kill' },
  budget: {
    budgets: [{ id: 'run-cap', scope: ['run'], limit_usd: 500_000, period: 'lifetime', on_exceed: 'kill' }],
  },
}

/** All there are on this machine, ours in the same shape first, and who could not be had. */
export function contestants(): { readonly present: readonly Contestant[]; readonly absent: readonly Absent[] } {
  const peers: readonly [string, Installed, (path: string, version: string) => Contestant][] = [
    ['Go collector', otelcol(), goCollector],
    ['Rotel', rotel(), rotelAgent],
  ]
  const present: Contestant[] = [
    tokenfuse('tokenfuse, same shape', 'memory', {}),
    tokenfuse('tokenfuse, all on', 'written', ALL_PROCESSORS),
  ]
  const absent: Absent[] = []
  for (const [name, installed, make] of peers) {
    if ('absent' in installed) absent.push({ name, why: installed.absent })
    else present.push(make(installed.path, installed.version))
  }
  return { present, absent }
}
