import { type ChildProcess, spawn } from 'node:child_process'
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { connect, createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { FakeBackend } from './backend.ts'
import { type Place, socketOf } from './client/place.ts'
import { type Launched, type LaunchOptions, pause, SIGNALS } from './context.ts'

export interface ProcessOptions {
  /** A command line in which `{config}` stands for the path of the config file. */
  readonly command: string
  /** Type of the OTLP/HTTP exporter: `otlp_http`, or `otlphttp` in older collectors. */
  readonly exporter: string
}

const READY_MS = 20_000
const STOP_MS = 20_000
/** How long a target may take to see that it cannot start. */
const FAIL_MS = 10_000

/** Starts a collector-like process with a config of ours, and a backend behind it. */
export async function launchProcess(process_: ProcessOptions, options: LaunchOptions): Promise<Launched> {
  const folder = mkdtempSync(join(tmpdir(), 'otlp-target-'))
  const backend = new FakeBackend()
  const blocks = await protocols(options)
  const file = join(folder, 'config.yaml')
  writeFileSync(file, JSON.stringify(configFor(process_.exporter, await backend.start(), blocks, options), null, 2))
  const child = new Child(process_.command, file, folder)
  const clean = () => {
    backend.stop()
    rmSync(folder, { recursive: true, force: true })
  }
  const [http, grpc] = [placeOf(blocks.http), placeOf(blocks.grpc)]
  try {
    if (options.fails === true) await child.failed()
    else await child.ready([http, grpc].filter((place) => place !== undefined))
  } catch (error) {
    await child.stop()
    clean()
    throw error
  }
  const stop = once(async () => {
    const code = await child.stop()
    clean()
    return code
  })
  return { http, grpc, forwarded: backend, pid: child.pid, stop, behave: undefined, backend }
}

type Block = Readonly<Record<string, unknown>> & { readonly endpoint: string }
type Blocks = Readonly<Partial<Record<'grpc' | 'http', Block>>>

async function protocols(options: LaunchOptions): Promise<Blocks> {
  const both = options.grpc === undefined && options.http === undefined
  const block = async (given: object | undefined): Promise<Block> => ({
    endpoint: `127.0.0.1:${await freePort()}`,
    ...given,
  })
  return {
    ...(both || options.grpc !== undefined ? { grpc: await block(options.grpc) } : {}),
    ...(both || options.http !== undefined ? { http: await block(options.http) } : {}),
  }
}

/** JSON is YAML. */
function configFor(exporter: string, backend: string, blocks: Blocks, options: LaunchOptions): object {
  const limiter = { memory_limiter: { check_interval: '100ms', limit_mib: 2, spike_limit_mib: 1 } }
  const { refusing = false, json = false } = options
  const processors = refusing ? ['memory_limiter'] : []
  const pipeline = { receivers: ['otlp'], processors, exporters: [exporter] }
  return {
    receivers: { otlp: { protocols: blocks } },
    ...(refusing ? { processors: limiter } : {}),
    exporters: {
      [exporter]: {
        ...{ endpoint: backend, compression: 'none', retry_on_failure: { initial_interval: '1s' } },
        ...(json ? { encoding: 'json' } : {}),
      },
    },
    service: {
      telemetry: { metrics: { level: 'none' } },
      pipelines: Object.fromEntries(SIGNALS.map((signal) => [signal, pipeline])),
    },
  }
}

const placeOf = (block: Block | undefined): Place | undefined =>
  block === undefined ? undefined : { address: block.endpoint }

class Child {
  private readonly child: ChildProcess
  private readonly exit: Promise<number>
  private code: number | undefined
  private output = ''

  constructor(command: string, config: string, folder: string) {
    // The target works in a folder of its own, so paths on its command line are made absolute.
    const [program = '', ...args] = command
      .split(/\s+/)
      .map((word) => (word === '{config}' ? config : word.replace('{config}', config)))
      .map((word) => (existsSync(word) ? resolve(word) : word))
    this.child = spawn(program, args, { cwd: folder, stdio: ['ignore', 'pipe', 'pipe'] })
    for (const stream of [this.child.stdout, this.child.stderr]) {
      stream?.on('data', (chunk: Buffer) => {
        this.output = (this.output + chunk.toString()).slice(-4000)
      })
    }
    this.exit = new Promise((done) => {
      const end = (code: number): void => {
        this.code = code
        done(code)
      }
      this.child.on('exit', (code) => end(code ?? -1))
      this.child.on('error', () => end(-1))
    })
  }

  get pid(): number | undefined {
    return this.child.pid
  }

  /** Rejects when the target ends by itself, in failure. */
  async failed(): Promise<void> {
    const code = await Promise.race([this.exit, pause(FAIL_MS)])
    if (code !== undefined && code !== 0) throw new Error(`exit code ${code}: ${this.output.trim()}`)
  }

  async ready(places: readonly Place[]): Promise<void> {
    for (const end = performance.now() + READY_MS; ; await pause(20)) {
      if (this.code !== undefined)
        throw new Error(`the target ended with exit code ${this.code}: ${this.output.trim()}`)
      if ((await Promise.all(places.map(listens))).every(Boolean)) return
      if (performance.now() > end)
        throw new Error(`the target does not listen after ${READY_MS} ms: ${this.output.trim()}`)
    }
  }

  /** As an orchestrator does it: SIGTERM, and SIGKILL when that does not help. */
  async stop(): Promise<number> {
    if (this.code === undefined) this.child.kill('SIGTERM')
    const timer = setTimeout(() => this.child.kill('SIGKILL'), STOP_MS)
    const code = await this.exit
    clearTimeout(timer)
    return code
  }
}

function listens(place: Place): Promise<boolean> {
  return new Promise((done) => {
    const socket = connect(socketOf(place))
    socket.once('connect', () => {
      socket.destroy()
      done(true)
    })
    socket.once('error', () => done(false))
  })
}

async function freePort(): Promise<number> {
  const probe = createServer().listen(0, '127.0.0.1')
  await new Promise((done) => probe.once('listening', done))
  const { port } = probe.address() as { port: number }
  await new Promise((done) => probe.close(done))
  return port
}

function once<T>(run: () => Promise<T>): () => Promise<T> {
  let result: Promise<T> | undefined
  return () => {
    result ??= run()
    return result
  }
}
