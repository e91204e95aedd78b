import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

const root = join(import.meta.dirname, '..', '..')
const cache = join(root, 'node_modules', '.cache', 'peers')
const BUILDER = 'go.opentelemetry.io/collector/cmd/builder@v0.165.0'
const ROTEL = 'rotel==0.0.1a15'

/** Where a peer's program is, or why it is not there. */
export type Installed = { readonly path: string; readonly version: string } | { readonly absent: string }

interface Run {
  readonly ok: boolean
  readonly output: string
}

function run(command: string, args: readonly string[], env: Readonly<Record<string, string>> = {}): Run {
  const { status, stdout, stderr, error } = spawnSync(command, args, {
    ...{ cwd: cache, encoding: 'utf8', env: { ...process.env, ...env }, maxBuffer: 64 * 1024 * 1024 },
  })
  return { ok: status === 0, output: error === undefined ? `${stdout}${stderr}` : String(error) }
}

const lastLine = ({ output }: Run): string => output.trim().split('\n').at(-1) ?? ''

/** The Go collector, built from its modules by its own builder: some minutes the first time. */
export function otelcol(): Installed {
  mkdirSync(cache, { recursive: true })
  const path = join(cache, 'otelcol', 'otelcol')
  if (!existsSync(path)) {
    process.stdout.write('building the Go collector …\n')
    const builder = run('go', ['install', BUILDER], { GOBIN: join(cache, 'bin') })
    if (!builder.ok) return { absent: `go install ${BUILDER}: ${lastLine(builder)}` }
    const manifest = readFileSync(join(import.meta.dirname, 'otelcol.yaml'), 'utf8')
    const file = join(cache, 'manifest.yaml')
    writeFileSync(file, manifest.replace('dist:\n', `dist:\n  output_path: ${join(cache, 'otelcol')}\n`))
    const built = run(join(cache, 'bin', 'builder'), ['--config', file])
    if (!built.ok) return { absent: `builder: ${lastLine(built)}` }
  }
  return { path, version: lastLine(run(path, ['--version'])) }
}

/** Rotel, from the wheel that its makers publish; the program lies in the package. */
export function rotel(): Installed {
  mkdirSync(cache, { recursive: true })
  const python = join(cache, 'venv', 'bin', 'python')
  if (!existsSync(python)) {
    const made = run('python3', ['-m', 'venv', join(cache, 'venv')])
    if (!made.ok) return { absent: `python3 -m venv: ${lastLine(made)}` }
  }
  const find = (): Run =>
    run(python, ['-c', "import rotel, os; print(os.path.join(os.path.dirname(rotel.__file__), 'rotel-agent'))"])
  if (!find().ok) {
    const installed = run(python, ['-m', 'pip', 'install', '-q', ROTEL])
    if (!installed.ok) return { absent: `pip install ${ROTEL}: ${lastLine(installed)}` }
  }
  const path = lastLine(find())
  if (!existsSync(path)) return { absent: `${ROTEL} holds no program for this machine` }
  return { path, version: `${lastLine(run(path, ['--version']))} (wheel ${ROTEL.split('==')[1]})` }
}
