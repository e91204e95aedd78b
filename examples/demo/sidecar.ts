import { type ChildProcess, spawn } from 'node:child_process'
import { createServer } from 'node:net'
import { join } from 'node:path'

const root = join(import.meta.dirname, '..', '..')

export interface Sidecar {
  readonly otlp: string
  readonly proxy: string
  readonly metrics: string
  readonly control: string
  stop(): Promise<void>
}

async function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer().once('error', reject)
    server.listen(0, '127.0.0.1', () => {
      const address = server.address()
      server.close(() => resolve(typeof address === 'object' && address !== null ? address.port : 0))
    })
  })
}

/** The built command as a process of its own, on free ports, with everything it keeps in `directory`. */
export async function startSidecar(directory: string, upstream: string): Promise<Sidecar> {
  const [otlp, proxy, metrics, control] = await Promise.all([freePort(), freePort(), freePort(), freePort()])
  const sets = {
    'receivers.otlp.protocols.http.endpoint': `127.0.0.1:${otlp}`,
    'receivers.llm_proxy.endpoint': `127.0.0.1:${proxy}`,
    'receivers.llm_proxy.upstreams.openai.base_url': upstream,
    'exporters.prometheus.endpoint': `127.0.0.1:${metrics}`,
    'exporters.kill_switch.endpoint': `127.0.0.1:${control}`,
    'exporters.warehouse.directory': join(directory, 'warehouse'),
    'exporters.file/calls.path': join(directory, 'calls.jsonl'),
    'exporters.file/verdicts.path': join(directory, 'verdicts.jsonl'),
    'service.queue.directory': join(directory, 'queue'),
    'service.data_directory': directory,
    'service.telemetry.metrics.level': 'none',
  }
  const args = ['run', '--config', join(root, 'examples', 'demo', 'config.yaml')]
  for (const [path, value] of Object.entries(sets)) args.push('--set', `${path}=${value}`)
  const child = spawn(process.execPath, ['--no-warnings', join(root, 'dist', 'tokenfuse.mjs'), ...args], {
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  await ready(child)
  return {
    otlp: `http://127.0.0.1:${otlp}`,
    proxy: `http://127.0.0.1:${proxy}`,
    metrics: `http://127.0.0.1:${metrics}/metrics`,
    control: `http://127.0.0.1:${control}`,
    stop: () => stop(child),
  }
}

function ready(child: ChildProcess): Promise<void> {
  return new Promise((resolve, reject) => {
    let said = ''
    child.stderr?.on('data', (chunk: Buffer) => {
      said += chunk.toString()
    })
    child.stdout?.on('data', (chunk: Buffer) => {
      if (chunk.toString().includes('tokenfuse is ready')) resolve()
    })
    child.once('exit', (code) => reject(new Error(`the sidecar ended with ${code} before it was ready:\n${said}`)))
  })
}

function stop(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return Promise.resolve()
  return new Promise((resolve) => {
    child.once('exit', () => resolve())
    child.kill('SIGTERM')
  })
}
