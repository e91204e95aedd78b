/**
 * The same promises against real servers and clients that are not ours and not JavaScript. Installs what it needs: from
 * Debian with apt-get where that works, from PyPI and the Go module proxy into node_modules/.cache/integration. What cannot
 * be had is named, and its tests are skipped with that name; they never pass for being absent.
 */
import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { root, runJest } from './steps.ts'

const cache = join(root, 'node_modules', '.cache', 'integration')
const GO_TOOLS = { telemetrygen: 'github.com/open-telemetry/opentelemetry-collector-contrib/cmd/telemetrygen@v0.161.0' }
const PYTHON_PACKAGES = [
  'opentelemetry-sdk',
  'opentelemetry-exporter-otlp-proto-http',
  'opentelemetry-exporter-otlp-proto-grpc',
]

const works = (command: string, args: readonly string[], env: NodeJS.ProcessEnv = process.env): boolean =>
  spawnSync(command, args, { stdio: ['ignore', 'ignore', 'inherit'], env }).status === 0
const has = (command: string): boolean =>
  spawnSync('sh', ['-c', `command -v ${command}`], { stdio: 'ignore' }).status === 0

function prometheus(): boolean {
  if (has('prometheus') && has('promtool')) return true
  if (!has('apt-get') || process.getuid?.() !== 0) return false
  return (
    works('apt-get', ['update', '-qq']) &&
    works('apt-get', ['install', '-y', '-qq', '--no-install-recommends', 'prometheus'])
  )
}

function python(): boolean {
  const interpreter = join(cache, 'venv', 'bin', 'python')
  if (!has('python3')) return false
  if (!existsSync(interpreter) && !works('python3', ['-m', 'venv', join(cache, 'venv')])) return false
  if (
    works(interpreter, ['-c', 'import opentelemetry.exporter.otlp.proto.grpc, opentelemetry.exporter.otlp.proto.http'])
  )
    return true
  return works(interpreter, ['-m', 'pip', 'install', '-q', ...PYTHON_PACKAGES])
}

function go(): boolean {
  if (existsSync(join(cache, 'bin', 'telemetrygen'))) return true
  return has('go') && works('go', ['install', GO_TOOLS.telemetrygen], { ...process.env, GOBIN: join(cache, 'bin') })
}

/** A client of our own, made of Go's official packages. Built each time: it is quick when nothing has changed. */
function interop(): boolean {
  const source = join(root, 'test', 'integration', 'interop', 'go')
  return has('go') && works('go', ['build', '-C', source, '-o', join(cache, 'bin', 'interop'), '.'])
}

mkdirSync(cache, { recursive: true })
const absent: string[] = []
for (const [name, install] of Object.entries({ prometheus, python, go, interop })) {
  if (install()) continue
  absent.push(name)
  process.stdout.write(`absent: ${name}; its tests are skipped\n`)
}
process.env['TOKENFUSE_INTEGRATION_CACHE'] = cache
process.env['TOKENFUSE_INTEGRATION_ABSENT'] = absent.join(',')
process.exitCode = runJest(['integration'], process.argv.slice(2)) ? 0 : 1
