import { dirname } from 'node:path'
import type { Disk, DiskFile } from './disk.ts'

/**
 * A file that is only ever appended to, and that starts anew when it has reached half of `maxBytes`: the full one is
 * kept beside it as `.1`, the one before that is given up.
 */
export class BoundedFile {
  private readonly disk: Disk
  private readonly path: string
  private readonly maxBytes: number
  private readonly durable: boolean
  private file: DiskFile | undefined
  private size = 0

  constructor(disk: Disk, path: string, maxBytes: number, durable: boolean) {
    this.disk = disk
    this.path = path
    this.maxBytes = maxBytes
    this.durable = durable
  }

  /** Appends all or nothing; throws what the disk throws. Returns how many bytes were given up for it. */
  append(line: Uint8Array): number {
    this.ready()
    const given = this.size > 0 && this.size + line.length > this.maxBytes / 2 ? this.rotate() : 0
    const file = this.ready()
    try {
      file.append([line])
      if (this.durable) file.syncNow()
    } catch (error) {
      this.undo(file)
      throw error
    }
    this.size += line.length
    return given
  }

  private ready(): DiskFile {
    if (this.file !== undefined) return this.file
    this.disk.makeDirectory(dirname(this.path))
    this.file = this.disk.open(this.path, 'append')
    this.size = this.file.size
    if (this.durable && this.size === 0) this.disk.syncDirectory(dirname(this.path))
    return this.file
  }

  private rotate(): number {
    const old = `${this.path}.1`
    const given = this.disk.read(old)?.length ?? 0
    this.disk.rename(this.path, old)
    this.close()
    this.size = 0
    return given
  }

  private undo(file: DiskFile): void {
    try {
      file.truncate(this.size)
    } catch {
      // Half a line stays; whoever reads the file skips it.
    }
    this.close()
  }

  close(): void {
    this.file?.close()
    this.file = undefined
  }
}
