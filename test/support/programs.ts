import { type ChildProcess, spawn } from 'node:child_process'
import { join } from 'node:path'

/** Programs that are not ours, as tools/test-integration.ts installed them. */
const cache = process.env['TOKENFUSE_INTEGRATION_CACHE'] ?? ''
const absent = new Set((process.env['TOKENFUSE_INTEGRATION_ABSENT'] ?? '').split(','))

export const python = join(cache, 'venv', 'bin', 'python')
export const telemetrygen = join(cache, 'bin', 'telemetrygen')
/** Built from test/integration/interop/go. */
export const interop = join(cache, 'bin', 'interop')

/** `test`, or a test that is skipped by name because a program could not be installed. */
export const testWith = (program: string): jest.It => (absent.has(program) ? test.skip : test)

export interface Output {
  readonly code: number | null
  readonly stdout: string
  readonly stderr: string
}

export function runProgram(
  command: string,
  args: readonly string[],
  options: { readonly stdin?: string; readonly env?: Record<string, string> } = {},
): Promise<Output> {
  const child = spawn(command, args, { env: { ...process.env, ...options.env }, stdio: ['pipe', 'pipe', 'pipe'] })
  child.stdin.end(options.stdin ?? '')
  let stdout = ''
  let stderr = ''
  child.stdout.on('data', (chunk: Buffer) => {
    stdout += chunk.toString()
  })
  child.stderr.on('data', (chunk: Buffer) => {
    stderr += chunk.toString()
  })
  return new Promise((resolve, reject) => {
    child.once('error', reject)
    child.once('close', (code) => resolve({ code, stdout, stderr }))
  })
}

/** A server of its own, ended by its process id. */
export function startProgram(
  command: string,
  args: readonly string[],
): { readonly child: ChildProcess; stop(): Promise<void> } {
  const child = spawn(command, args, { stdio: 'ignore' })
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()))
  return {
    child,
    stop() {
      child.kill('SIGTERM')
      return ended
    },
  }
}
