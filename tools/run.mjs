// Runs a program of this repository with the Node it is built for, on a machine that has only some Node and npm.
//
//   node tools/run.mjs [--build] [node flags] <file> [arguments]
//
// It installs the dependencies when they are missing or older than the lock file, builds when --build is given, and
// starts <file> with the first suitable Node: the running one when it is new enough, else the one that npm installed.
// Plain JavaScript on purpose: it must run on Node 20, before anything is installed.
import { spawn, spawnSync } from 'node:child_process'
import { existsSync, readFileSync, statSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = join(dirname(fileURLToPath(import.meta.url)), '..')
const wanted = [22, 13]

function isNewEnough(version) {
  const [major = 0, minor = 0] = version.replace(/^v/, '').split('.').map(Number)
  return major > wanted[0] || (major === wanted[0] && minor >= wanted[1])
}

// The lock file that npm leaves in node_modules says what is really installed; comparing times alone would reinstall
// after every checkout.
function isInstalled() {
  const installed = join(root, 'node_modules', '.package-lock.json')
  if (!existsSync(installed)) return false
  if (statSync(installed).mtimeMs >= statSync(join(root, 'package-lock.json')).mtimeMs) return true
  const versions = (file) =>
    Object.entries(JSON.parse(readFileSync(file, 'utf8')).packages)
      .filter(([path, entry]) => path !== '' && !entry.optional)
      .map(([path, entry]) => `${path}@${entry.version}`)
  const have = new Set(versions(installed))
  return versions(join(root, 'package-lock.json')).every((line) => have.has(line))
}

function runs(command, args, stdio) {
  return spawnSync(command, args, { cwd: root, stdio }).status === 0
}

function must(command, args) {
  if (runs(command, args, ['ignore', 2, 2])) return
  process.stderr.write(`tools/run.mjs: "${command} ${args.join(' ')}" failed; see above\n`)
  process.exit(1)
}

// `npm ci` refuses a lock file without the packages of other platforms, which a partial registry mirror cannot list;
// `npm install` takes the same versions from it and does not mind.
function install() {
  process.stderr.write('installing dependencies …\n')
  const options = ['--no-audit', '--no-fund', '--loglevel=error']
  if (!runs('npm', ['ci', ...options], 'ignore')) must('npm', ['install', '--no-save', ...options])
}

function findNode() {
  const local = join(root, 'node_modules', '.bin', 'node')
  if (existsSync(local)) return local
  if (isNewEnough(process.version)) return process.execPath
  process.stderr.write(
    `tools/run.mjs: Node ${wanted.join('.')} or later is needed, this is ${process.version}, and npm has no Node for ` +
      `${process.platform}-${process.arch}; install a newer Node\n`,
  )
  return process.exit(1)
}

const args = process.argv.slice(2)
if (!isInstalled()) install()
const node = findNode()
if (args[0] === '--build') {
  args.shift()
  must(node, ['--no-warnings', join(root, 'tools', 'build.ts'), '--if-stale'])
}
const child = spawn(node, ['--no-warnings', ...args], {
  stdio: 'inherit',
  env: { ...process.env, PATH: `${join(root, 'node_modules', '.bin')}:${process.env.PATH ?? ''}` },
})
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal))
child.on('exit', (code, signal) => process.exit(code ?? (signal ? 1 : 0)))
