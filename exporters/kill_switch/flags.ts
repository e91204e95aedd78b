import { createHash } from 'node:crypto'
import {
  closeSync,
  lstatSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeSync,
} from 'node:fs'
import { dirname, join } from 'node:path'
import type { Logger } from '../../pipeline/host.ts'
import type { Kill } from '../../pipeline/services.ts'
import { killView, toJson } from './views.ts'

/** What every flag file begins with: only such files are ever removed. */
const MARK = '{"tokenfuse":"kill",'
const TEMPORARY = '.tokenfuse-'
const NAME_MAX = 200
const HEAD = 120

/** A value as a file name: percent-encoded, never hidden, never `..`; a long one ends in a hash. */
export function safeName(value: string): string {
  const encoded = encodeURIComponent(value.toWellFormed()).replace(/^\./, '%2E')
  if (encoded.length <= NAME_MAX) return encoded
  return `${encoded.slice(0, HEAD)}~${createHash('sha256').update(value).digest('hex').slice(0, 32)}`
}

/** Path below the directory; undefined for a kill that one file name cannot express. */
export function flagPath(kill: Kill): string | undefined {
  const entries = Object.entries(kill.scope)
  const [first] = entries
  if (first === undefined || entries.length > 1) return undefined
  const [key, value] = first
  if (key === '' || value === '') return undefined
  return key === 'all' ? 'ALL' : join(safeName(key), safeName(value))
}

/**
 * One file per kill, for whoever can do no more than look whether a file exists. Readable for everybody, since agents
 * run as other users; written beside and renamed, so that a reader never sees half a file.
 */
export class Flags {
  errors = 0
  private readonly directory: string
  private readonly log: Logger
  /** Kills by path: a file goes with the last of them. */
  private readonly byPath = new Map<string, Map<string, Kill>>()
  private readonly paths = new Map<string, string>()

  constructor(directory: string, log: Logger) {
    this.directory = directory
    this.log = log
  }

  /** Makes the directory what the kills say. Throws when it cannot be used. */
  restore(kills: readonly Kill[]): void {
    mkdirSync(this.directory, { recursive: true, mode: 0o755 })
    for (const path of this.own()) rmSync(join(this.directory, path), { force: true })
    for (const kill of kills) this.add(kill)
  }

  add(kill: Kill): void {
    const path = flagPath(kill)
    if (path === undefined) {
      this.log.info('a kill of several tags, or of none, has no flag file', { id: kill.id, scope: kill.scope })
      return
    }
    const kills = this.byPath.get(path) ?? new Map<string, Kill>()
    this.byPath.set(path, kills.set(kill.id, kill))
    this.paths.set(kill.id, path)
    this.attempt(path, () => this.write(path, kill))
  }

  remove(id: string): void {
    const path = this.paths.get(id)
    if (path === undefined) return
    this.paths.delete(id)
    const kills = this.byPath.get(path)
    kills?.delete(id)
    const [next] = kills?.values() ?? []
    if (next === undefined) this.byPath.delete(path)
    this.attempt(path, () => {
      if (next === undefined) rmSync(join(this.directory, path), { force: true })
      else this.write(path, next)
    })
  }

  private attempt(path: string, work: () => void): void {
    try {
      work()
    } catch (error) {
      this.errors++
      this.log.error(`the flag file ${path} could not be changed: ${String(error)}`)
    }
  }

  private write(path: string, kill: Kill): void {
    const target = join(this.directory, path)
    const folder = dirname(target)
    mkdirSync(folder, { recursive: true, mode: 0o755 })
    // Others may write here too, and must not lead us elsewhere.
    if (!lstatSync(folder).isDirectory()) throw new Error(`${folder} is not a directory`)
    const temporary = join(folder, `${TEMPORARY}${kill.id}`)
    rmSync(temporary, { force: true })
    const fd = openSync(temporary, 'wx', 0o644)
    try {
      writeSync(fd, `${MARK}${toJson(killView(kill)).slice(1)}\n`)
    } finally {
      closeSync(fd)
    }
    try {
      renameSync(temporary, target)
    } catch (error) {
      rmSync(temporary, { force: true })
      throw error
    }
  }

  /** Files of ours from before, relative to the directory. */
  private own(): readonly string[] {
    const names = readdirSync(this.directory, { withFileTypes: true })
    const below = names
      .filter((entry) => entry.isDirectory())
      .flatMap(({ name }) =>
        readdirSync(join(this.directory, name), { withFileTypes: true }).map((entry) => ({
          entry,
          path: join(name, entry.name),
        })),
      )
    return [...names.map((entry) => ({ entry, path: entry.name })), ...below]
      .filter(({ entry, path }) => entry.isFile() && (entry.name.startsWith(TEMPORARY) || this.isOurs(path)))
      .map(({ path }) => path)
  }

  private isOurs(path: string): boolean {
    const start = readFileSync(join(this.directory, path)).subarray(0, MARK.length).toString()
    return start === MARK
  }
}
