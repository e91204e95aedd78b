import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'
import { setPriority } from 'node:os'
import { IMAGE_ENV } from './image.ts'

const root = new URL('../../', import.meta.url).pathname
const can = (command: string, ...args: string[]): boolean => spawnSync(command, [...args, 'true']).status === 0
export const pins = can('taskset', '-c', '1')
/** What is measured comes before whatever else the machine does, where that is allowed. */
const PRIORITY = -15
const first = can('nice', '-n', String(PRIORITY)) ? ['nice', '-n', String(PRIORITY)] : []

export interface Started {
  readonly child: ChildProcess
  readonly pid: number
  readonly said: string
  /** From the start until it said what was waited for. */
  readonly ms: number
}

/** A program on one core; resolves when it has said what it waits for. */
export function startPinned(core: number, args: readonly string[], ready: RegExp): Promise<Started> {
  const pinned = pins ? ['taskset', '-c', String(core)] : []
  const [command = '', ...rest] = [...first, ...pinned, process.execPath, '--no-warnings', ...args]
  const began = performance.now()
  const env = { ...process.env, ...IMAGE_ENV }
  const child = spawn(command, rest, { cwd: root, env, stdio: ['ignore', 'pipe', 'pipe'] })
  return new Promise((resolve, reject) => {
    let said = ''
    const hear = (chunk: Buffer): void => {
      said += chunk.toString()
      if (ready.test(said)) resolve({ child, pid: child.pid ?? 0, said, ms: performance.now() - began })
    }
    child.stdout.on('data', hear)
    child.stderr.on('data', hear)
    child.once('exit', (code) => reject(new Error(`${args.join(' ')} ended with ${code}: ${said}`)))
  })
}

/**
 * Leaves the core to the sidecar: `bench/main.ts` pins everything it starts to that one. Comes first on its own, as far as
 * that is allowed: a late sender is measured as a slow sidecar.
 */
export function moveSelfTo(core: number): void {
  if (first.length > 0) setPriority(PRIORITY)
  if (pins) spawnSync('taskset', ['-a', '-c', '-p', String(core), String(process.pid)])
}

export function stopped({ child }: Started): Promise<void> {
  return new Promise((resolve) => {
    if (child.exitCode !== null) return resolve()
    child.once('exit', () => resolve())
    child.kill('SIGTERM')
  })
}

export interface Cpu {
  /** Seconds that all its threads ran. */
  readonly used: number
  /** Of these, all but the main thread: they collect garbage, compile code, and compress. */
  readonly helpers: number
  /** Seconds that its main thread was ready to run and another thread had the core, its own helpers among them. */
  readonly waited: number
}

/** Place of the field in a line of /proc/stat, and its unit. */
const STEAL = 7
const TICKS_PER_SECOND = 100

/** What a process took so far, to the nanosecond: `/proc/<pid>/stat` counts in steps of 10 ms. */
export function cpuOf(pid: number): Cpu {
  let used = 0
  let helpers = 0
  let waited = 0
  for (const thread of readdirSync(`/proc/${pid}/task`)) {
    const [ran = 0, ready = 0] = readFileSync(`/proc/${pid}/task/${thread}/schedstat`, 'utf8').split(' ').map(Number)
    used += ran / 1e9
    if (Number(thread) === pid) waited = ready / 1e9
    else helpers += ran / 1e9
  }
  return { used, helpers, waited }
}

/** Seconds since the machine started in which the host let another guest have this core; 0 where it does not say. */
export function stolenFrom(core: number): number {
  const line = new RegExp(`^cpu${core} (.*)$`, 'm').exec(readFileSync('/proc/stat', 'utf8'))?.[1] ?? ''
  return Number(line.split(' ')[STEAL] ?? 0) / TICKS_PER_SECOND
}

export function rssMib(pid: number): number {
  return Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? 0) / 1024
}

/** The largest resident set seen while `work` runs. */
export async function peakWhile<T>(
  pid: number,
  work: Promise<T>,
): Promise<{ readonly result: T; readonly mib: number }> {
  let mib = rssMib(pid)
  const timer = setInterval(() => {
    mib = Math.max(mib, rssMib(pid))
  }, 100)
  try {
    return { result: await work, mib }
  } finally {
    clearInterval(timer)
  }
}
