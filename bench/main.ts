/**
 * `npm run bench [-- name …]`: runs the benchmarks, one process each, on one pinned core where the system can pin.
 * Each folder of bench/ has a README that says what is measured and how to read it.
 */
import { spawnSync } from 'node:child_process'
import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'

const here = import.meta.dirname
const all = readdirSync(here).filter((name) => existsSync(join(here, name, 'run.ts')))
const [first = '', ...rest] = process.argv.slice(2)
const chosen = first === '' ? all : [first]
const unknown = chosen.filter((name) => !all.includes(name))
if (unknown.length > 0) {
  process.stderr.write(`no benchmark "${unknown[0]}"; there are: ${all.join(', ')}\n`)
  process.exit(2)
}
const pins = spawnSync('taskset', ['-c', '1', 'true']).status === 0
/** A load generator that stands still for its own garbage finds that everybody is slow: 5 ms at a time, three times a second. */
const FLAGS: Readonly<Record<string, readonly string[]>> = {
  process: ['--single-threaded-gc', '--max-semi-space-size=1'],
}
for (const name of chosen) {
  process.stdout.write(`\n## ${name}${pins ? ' (pinned to one core)' : ' (not pinned: no taskset)'}\n\n`)
  const node = [
    process.execPath,
    '--no-warnings',
    '--expose-gc',
    ...(FLAGS[name] ?? []),
    join(here, name, 'run.ts'),
    ...rest,
  ]
  const [command = '', ...args] = pins ? ['taskset', '-c', '1', ...node] : node
  const { status } = spawnSync(command, args, { stdio: 'inherit' })
  if (status !== 0) process.exitCode = 1
}
