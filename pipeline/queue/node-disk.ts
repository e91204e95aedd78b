import {
  closeSync,
  fdatasync,
  fdatasyncSync,
  fstatSync,
  fsyncSync,
  ftruncateSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  readSync,
  renameSync,
  rmSync,
  statSync,
  writeSync,
  writevSync,
} from 'node:fs'
import { dirname } from 'node:path'
import { type Disk, type DiskFile, errorText } from './disk.ts'

/** Files may hold telemetry: nobody but us reads them. */
const FILE_MODE = 0o600
const DIRECTORY_MODE = 0o700

class NodeFile implements DiskFile {
  readonly size: number
  private readonly fd: number
  private syncing = 0
  private closing = false

  constructor(path: string, mode: 'append' | 'read') {
    this.fd = openSync(path, mode === 'append' ? 'a' : 'r', FILE_MODE)
    this.size = fstatSync(this.fd).size
  }

  append(parts: readonly Uint8Array[]): void {
    let total = 0
    for (const part of parts) total += part.length
    const written = writevSync(this.fd, parts)
    if (written < total) this.appendRest(parts, written)
  }

  /** The kernel may take only a part, most often on a disk that is nearly full; the next call then says why. */
  private appendRest(parts: readonly Uint8Array[], written: number): void {
    const whole = Buffer.concat(parts)
    for (let at = written; at < whole.length; ) at += writeSync(this.fd, whole, at, whole.length - at)
  }

  read(into: Uint8Array, position: number): number {
    let got = 0
    while (got < into.length) {
      const n = readSync(this.fd, into, got, into.length - got, position + got)
      if (n === 0) break
      got += n
    }
    return got
  }

  truncate(size: number): void {
    ftruncateSync(this.fd, size)
  }

  sync(): Promise<void> {
    // The number of a closed file may be another file's by now.
    if (this.closing) return Promise.reject(new Error('the file is closed'))
    this.syncing++
    return new Promise((resolve, reject) => {
      fdatasync(this.fd, (error) => {
        this.syncing--
        if (this.closing && this.syncing === 0) closeSync(this.fd)
        if (error === null) resolve()
        else reject(error)
      })
    })
  }

  syncNow(): void {
    fdatasyncSync(this.fd)
  }

  close(): void {
    if (this.closing) return
    this.closing = true
    if (this.syncing === 0) closeSync(this.fd)
  }
}

const isMissing = (error: unknown): boolean =>
  typeof error === 'object' && error !== null && 'code' in error && error.code === 'ENOENT'

function syncPath(path: string): void {
  const fd = openSync(path, 'r')
  try {
    fsyncSync(fd)
  } finally {
    closeSync(fd)
  }
}

function replace(path: string, bytes: Uint8Array, durable: boolean): void {
  const temporary = `${path}.new`
  const fd = openSync(temporary, 'w', FILE_MODE)
  try {
    for (let at = 0; at < bytes.length; ) at += writeSync(fd, bytes, at, bytes.length - at)
    if (durable) fsyncSync(fd)
  } finally {
    closeSync(fd)
  }
  renameSync(temporary, path)
  if (durable) syncPath(dirname(path))
}

/**
 * A lock of the operating system's, by way of SQLite: Node has no flock. A file with a process id in it is no
 * substitute, because in containers everybody is process 1 and pods that share a volume cannot see each other's ids.
 */
function lock(path: string): (() => void) | undefined {
  const { DatabaseSync } = process.getBuiltinModule('node:sqlite')
  const database = new DatabaseSync(path)
  try {
    database.exec('PRAGMA journal_mode = OFF; PRAGMA locking_mode = EXCLUSIVE; BEGIN EXCLUSIVE')
  } catch (error) {
    database.close()
    if (errorText(error).includes('locked')) return undefined
    throw error
  }
  return () => database.close()
}

/** The machine's own disk. */
export const nodeDisk: Disk = {
  makeDirectory: (path) => void mkdirSync(path, { recursive: true, mode: DIRECTORY_MODE }),
  names(directory) {
    try {
      return readdirSync(directory).sort()
    } catch (error) {
      if (isMissing(error)) return []
      throw error
    }
  },
  open: (path, mode) => new NodeFile(path, mode),
  size: (path) => statSync(path).size,
  read(path) {
    try {
      return readFileSync(path)
    } catch (error) {
      if (isMissing(error)) return undefined
      throw error
    }
  },
  replace,
  rename: renameSync,
  remove: (path) => rmSync(path, { force: true }),
  syncDirectory: syncPath,
  lock,
}
