import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

export const root = join(import.meta.dirname, '..')

export interface Step {
  readonly name: string
  readonly command: string
  readonly args: readonly string[]
}

interface JestCounts {
  readonly numPassedTests: number
  readonly numFailedTests: number
  readonly numPendingTests: number
  readonly numRuntimeErrorTestSuites: number
}

/** Runs a program and says how long it took; false when it failed. */
export function runStep(step: Step): boolean {
  const began = performance.now()
  const { status } = spawnSync(step.command, step.args, { cwd: root, stdio: ['ignore', 'inherit', 'inherit'] })
  const seconds = ((performance.now() - began) / 1000).toFixed(1)
  process.stdout.write(`${status === 0 ? 'ok    ' : 'FAILED'} ${step.name} (${seconds} s)\n`)
  return status === 0
}

/** Runs jest projects and prints the one closing line that every runner's reader understands. */
export function runJest(projects: readonly string[], extra: readonly string[] = []): boolean {
  const folder = mkdtempSync(join(tmpdir(), 'tokenfuse-test-'))
  const output = join(folder, 'result.json')
  const jest = ['--no-warnings', '--experimental-vm-modules', join('node_modules', 'jest', 'bin', 'jest.js')]
  const ok = runStep({
    name: `jest ${projects.join(' ')}`,
    command: process.execPath,
    args: [...jest, '--selectProjects', ...projects, '--json', '--outputFile', output, ...extra],
  })
  let counts: JestCounts | undefined
  try {
    counts = JSON.parse(readFileSync(output, 'utf8')) as JestCounts
  } catch {
    process.stdout.write('jest wrote no result\n')
  }
  rmSync(folder, { recursive: true, force: true })
  if (counts === undefined) return false
  const failed = counts.numFailedTests + counts.numRuntimeErrorTestSuites
  process.stdout.write(`${counts.numPassedTests} passed, ${failed} failed, ${counts.numPendingTests} skipped\n`)
  return ok && failed === 0 && counts.numPassedTests > 0
}

export const bin = (name: string): string => join('node_modules', '.bin', name)
export const TYPES: Step = { name: 'types', command: bin('tsc'), args: ['-p', '.'] }
export const LINT: Step = {
  name: 'lint and format',
  command: bin('biome'),
  args: ['check', '--error-on-warnings', '.'],
}
export const UNUSED: Step = { name: 'unused code', command: bin('knip'), args: ['--no-progress'] }
