import { type ChildProcess, spawn } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

const root = join(import.meta.dirname, '..', '..')
export const BUILT = join(root, 'dist', 'tokenfuse.mjs')

/** What a command printed and how it ended. */
export interface Ended {
  readonly code: number | null
  readonly stdout: string
  readonly stderr: string
}

/** Runs the built command to its end. */
export function tokenfuse(
  args: readonly string[],
  options: { readonly cwd?: string; readonly stdin?: string; readonly env?: Record<string, string> } = {},
): Promise<Ended> {
  const child = spawn(process.execPath, ['--no-warnings', BUILT, ...args], {
    cwd: options.cwd ?? root,
    env: { ...process.env, ...options.env },
    stdio: ['pipe', 'pipe', 'pipe'],
  })
  child.stdin.end(options.stdin ?? '')
  return collected(child)
}

function collected(child: ChildProcess): Promise<Ended> {
  let stdout = ''
  let stderr = ''
  child.stdout?.on('data', (chunk: Buffer) => {
    stdout += chunk.toString()
  })
  child.stderr?.on('data', (chunk: Buffer) => {
    stderr += chunk.toString()
  })
  return new Promise((resolve) => child.once('close', (code) => resolve({ code, stdout, stderr })))
}

export interface RunningSidecar {
  readonly directory: string
  readonly grpc: string
  readonly http: string
  readonly proxy: string
  readonly metrics: string
  readonly own: string
  readonly control: string
  readonly health: string
  readonly child: ChildProcess
  /** Whole lines of a file in its directory, parsed. */
  lines(file: string): Record<string, unknown>[]
  /** SIGTERM, and the end of it. */
  stop(signal?: NodeJS.Signals): Promise<Ended>
  remove(): void
}

export async function freePorts(count: number): Promise<readonly number[]> {
  const servers = await Promise.all(
    Array.from(
      { length: count },
      () =>
        new Promise<ReturnType<typeof createServer>>((resolve, reject) => {
          const server = createServer().once('error', reject)
          server.listen(0, '127.0.0.1', () => resolve(server))
        }),
    ),
  )
  const ports = servers.map((server) => {
    const address = server.address()
    return typeof address === 'object' && address !== null ? address.port : 0
  })
  await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))))
  return ports
}

/** A sidecar of its own: `config.example.yaml` with free ports and a fresh directory, then `extra` on top. */
export async function startSidecar(
  extra = '',
  directory = mkdtempSync(join(tmpdir(), 'tokenfuse-test-')),
): Promise<RunningSidecar> {
  const [grpc, http, proxy, metrics, own, control, health] = (await freePorts(7)) as [
    number,
    number,
    number,
    number,
    number,
    number,
    number,
  ]
  writeFileSync(
    join(directory, 'ports.yaml'),
    `
receivers:
  otlp: { protocols: { grpc: { endpoint: "127.0.0.1:${grpc}" }, http: { endpoint: "127.0.0.1:${http}" } } }
  llm_proxy: { endpoint: "127.0.0.1:${proxy}" }
exporters:
  warehouse: { directory: warehouse }
  prometheus: { endpoint: "127.0.0.1:${metrics}" }
  kill_switch: { endpoint: "127.0.0.1:${control}", token: secret-secret-secret }
  file: { path: telemetry.jsonl }
  file/calls: { path: calls.jsonl, format: calls }
  file/verdicts: { path: verdicts.jsonl, format: verdicts }
extensions:
  health_check: { endpoint: "127.0.0.1:${health}" }
service:
  data_directory: .
  queue: { directory: queue }
  telemetry: { metrics: { endpoint: "127.0.0.1:${own}" } }
  pipelines:
    traces: { exporters: [warehouse, prometheus, kill_switch, file, file/calls, file/verdicts] }
`,
  )
  writeFileSync(join(directory, 'extra.yaml'), extra === '' ? '{}\n' : extra)
  const configs = [join(root, 'config.example.yaml'), 'ports.yaml', 'extra.yaml'].flatMap((file) => ['--config', file])
  const child = spawn(process.execPath, ['--no-warnings', BUILT, 'run', ...configs], {
    cwd: directory,
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const ended = collected(child)
  await new Promise<void>((resolve, reject) => {
    child.stdout.on('data', (chunk: Buffer) => {
      if (chunk.toString().includes('tokenfuse is ready')) resolve()
    })
    ended.then(({ code, stderr }) => reject(new Error(`the sidecar ended with ${code}:\n${stderr}`)))
  })
  return {
    directory,
    grpc: `http://127.0.0.1:${grpc}`,
    http: `http://127.0.0.1:${http}`,
    proxy: `http://127.0.0.1:${proxy}`,
    metrics: `http://127.0.0.1:${metrics}/metrics`,
    own: `http://127.0.0.1:${own}/metrics`,
    control: `http://127.0.0.1:${control}`,
    health: `http://127.0.0.1:${health}/`,
    child,
    lines(file) {
      const path = join(directory, file)
      if (!existsSync(path)) return []
      return readFileSync(path, 'utf8')
        .split('\n')
        .slice(0, -1)
        .map((line) => JSON.parse(line) as Record<string, unknown>)
    },
    stop(signal = 'SIGTERM') {
      if (child.exitCode === null && child.signalCode === null) child.kill(signal)
      return ended
    },
    remove: () => rmSync(directory, { recursive: true, force: true }),
  }
}

/** Asks until the answer is there; a black box has no other way of saying "now". */
export async function eventually<T>(
  ask: () => T | undefined | false | Promise<T | undefined | false>,
  what: string,
  timeoutMs = 10_000,
): Promise<T> {
  const deadline = Date.now() + timeoutMs
  for (;;) {
    const answer = await ask()
    if (answer !== undefined && answer !== false) return answer
    if (Date.now() > deadline) throw new Error(`waited ${timeoutMs} ms in vain for ${what}`)
    await new Promise((resolve) => setTimeout(resolve, 25))
  }
}
