import {
  closeSync,
  existsSync,
  fstatSync,
  ftruncateSync,
  mkdirSync,
  openSync,
  readdirSync,
  renameSync,
  rmSync,
  writeSync,
} from 'node:fs'
import { basename, dirname, extname, join } from 'node:path'
import type { Clock } from '../../pipeline/host.ts'

/** Telemetry may be confidential: only we read it. */
const FILE_MODE = 0o600

interface Rotation {
  /** 0: never. */
  readonly maxBytes: number
  /** 0: all. */
  readonly backups: number
  readonly clock: Clock
}

/**
 * A file that is appended to. Calls are synchronous: whole lines reach the page cache in one go, in order, whoever else
 * writes through the same exporter.
 */
export class RotatedFile {
  private readonly path: string
  private readonly rotation: Rotation
  private fd: number
  private size: number

  private constructor(path: string, rotation: Rotation) {
    this.path = path
    this.rotation = rotation
    this.fd = openSync(path, 'a', FILE_MODE)
    this.size = fstatSync(this.fd).size
  }

  /** Throws when the file cannot be made. */
  static open(path: string, rotation: Rotation): RotatedFile {
    mkdirSync(dirname(path), { recursive: true })
    return new RotatedFile(path, rotation)
  }

  /** Appends all of it or nothing; throws what the disk throws. */
  append(bytes: Uint8Array): void {
    if (bytes.length === 0) return
    const { maxBytes } = this.rotation
    if (maxBytes > 0 && this.size > 0 && this.size + bytes.length > maxBytes) this.rotate()
    try {
      for (let at = 0; at < bytes.length; ) at += writeSync(this.fd, bytes, at, bytes.length - at)
    } catch (error) {
      this.undo()
      throw error
    }
    this.size += bytes.length
  }

  close(): void {
    closeSync(this.fd)
  }

  /** Half a line would spoil the next one too. */
  private undo(): void {
    try {
      ftruncateSync(this.fd, this.size)
    } catch {
      // A device or a pipe: what is written is written.
    }
  }

  private rotate(): void {
    // Missing when an earlier rotation got only half way, or when somebody else moved it.
    if (existsSync(this.path)) renameSync(this.path, this.freeName())
    const old = this.fd
    this.fd = openSync(this.path, 'a', FILE_MODE)
    this.size = fstatSync(this.fd).size
    closeSync(old)
    this.deleteOldest()
  }

  /** `telemetry-2026-01-31T12-00-00.000.jsonl`: sorts by time. */
  private freeName(): string {
    const { start, end } = this.nameParts()
    const stamp = new Date(this.rotation.clock.now()).toISOString().replaceAll(':', '-').replace('Z', '')
    for (let n = 0; ; n++) {
      const name = join(dirname(this.path), `${start}${stamp}${n === 0 ? '' : `-${String(n).padStart(6, '0')}`}${end}`)
      if (!existsSync(name)) return name
    }
  }

  private deleteOldest(): void {
    const { backups } = this.rotation
    if (backups === 0) return
    const { start, end } = this.nameParts()
    const stamps = readdirSync(dirname(this.path))
      .filter((name) => name.startsWith(start) && name.endsWith(end))
      .map((name) => name.slice(start.length, name.length - end.length))
      .filter((stamp) => /^\d{4}-\d\d-\d\dT[\d.-]+$/.test(stamp))
      .sort()
    for (const stamp of stamps.slice(0, Math.max(0, stamps.length - backups))) {
      rmSync(join(dirname(this.path), start + stamp + end), { force: true })
    }
  }

  private nameParts(): { readonly start: string; readonly end: string } {
    const end = extname(this.path)
    return { start: `${basename(this.path, end)}-`, end }
  }
}
