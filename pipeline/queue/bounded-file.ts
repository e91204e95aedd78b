import { dirname } from 'node:path'
import type { Disk, DiskFile } from './disk.ts'

const NEWLINE = Buffer.from('\n')

/**
 * A file of lines that is only ever appended to, and that starts anew when it has reached half of `maxBytes`: the full one is
 * kept beside it as `.1`, the one before that is given up.
 */
export class BoundedFile {
  private readonly disk: Disk
  private readonly path: string
  private readonly maxBytes: number
  private readonly durable: boolean
  private file: DiskFile | undefined
  private size = 0
  /** Half a line stands at the end, of a crash or a failed write: the next one must not begin behind it. */
  private torn = false

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
    const parts = this.torn ? [NEWLINE, line] : [line]
    try {
      file.append(parts)
      if (this.durable) file.syncNow()
    } catch (error) {
      this.undo(file)
      throw error
    }
    this.size += line.length + (this.torn ? 1 : 0)
    this.torn = false
    return given
  }

  private ready(): DiskFile {
    this.file ??= this.open()
    return this.file
  }

  private open(): DiskFile {
    this.disk.makeDirectory(dirname(this.path))
    const file = this.disk.open(this.path, 'append')
    try {
      this.size = file.size
      this.torn = this.size > 0 && this.lastByte() !== NEWLINE[0]
      if (this.durable && this.size === 0) this.disk.syncDirectory(dirname(this.path))
    } catch (error) {
      file.close()
      throw error
    }
    return file
  }

  private lastByte(): number | undefined {
    const byte = Buffer.alloc(1)
    const reader = this.disk.open(this.path, 'read')
    reader.read(byte, this.size - 1)
    reader.close()
    return byte[0]
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
      // Half a line stays; it is noticed when the file is opened again.
    }
    this.close()
  }

  close(): void {
    this.file?.close()
    this.file = undefined
  }
}
