import { dirname } from 'node:path'
import type { Disk, DiskFile } from '../../../pipeline/queue/disk.ts'

/** A file as the pieces that were appended to it. */
class MemoryFile {
  private pieces: Buffer[]

  constructor(content: Buffer) {
    this.pieces = [content]
  }

  cut(size: number): void {
    this.pieces = [this.content.subarray(0, size)]
  }

  get content(): Buffer {
    const whole = this.pieces.length === 1 ? this.pieces[0] : Buffer.concat(this.pieces)
    this.pieces = [whole ?? Buffer.alloc(0)]
    return this.pieces[0] ?? Buffer.alloc(0)
  }

  append(piece: Buffer): void {
    this.pieces.push(piece)
  }
}

export interface MemoryDisk extends Disk {
  paths(): readonly string[]
  content(path: string): Buffer
  write(path: string, content: Buffer): void
  /** Operations so far: what a test counts to fail the n-th one. */
  operations: number
  /** The number of the operation that fails, and how many after it; an append that fails leaves half of it behind. */
  failAt: number
  failures: number
}

/** A disk that can fail at any operation. */
export function memoryDisk(): MemoryDisk {
  const files = new Map<string, MemoryFile>()
  const content = (path: string): Buffer => files.get(path)?.content ?? Buffer.alloc(0)
  const step = (name: string): void => {
    disk.operations++
    if (disk.operations < disk.failAt || disk.operations >= disk.failAt + disk.failures) return
    throw new Error(`EIO: operation ${disk.operations} (${name}) fails`)
  }
  const disk: MemoryDisk = {
    paths: () => [...files.keys()].sort(),
    content,
    write: (path, bytes) => void files.set(path, new MemoryFile(bytes)),
    operations: 0,
    failAt: Number.POSITIVE_INFINITY,
    failures: 1,
    makeDirectory: () => step('makeDirectory'),
    names(directory) {
      step('names')
      return [...files.keys()]
        .flatMap((path) => (dirname(path) === directory ? [path.slice(directory.length + 1)] : []))
        .sort()
    },
    open(path, mode) {
      step('open')
      if (mode === 'append' && !files.has(path)) files.set(path, new MemoryFile(Buffer.alloc(0)))
      return fileOf(files, path, step)
    },
    size: (path) => content(path).length,
    read(path) {
      step('read')
      return files.get(path)?.content
    },
    replace(path, bytes) {
      step('replace')
      files.set(path, new MemoryFile(Buffer.from(bytes)))
    },
    rename(from, to) {
      step('rename')
      files.set(to, new MemoryFile(content(from)))
      files.delete(from)
    },
    remove(path) {
      step('remove')
      files.delete(path)
    },
    syncDirectory: () => step('syncDirectory'),
    lock: () => () => undefined,
  }
  return disk
}

function fileOf(files: Map<string, MemoryFile>, path: string, step: (name: string) => void): DiskFile {
  const file = files.get(path) ?? new MemoryFile(Buffer.alloc(0))
  return {
    size: file.content.length,
    append(parts) {
      const bytes = Buffer.concat(parts)
      try {
        step('append')
      } catch (error) {
        file.append(bytes.subarray(0, bytes.length >> 1))
        throw error
      }
      file.append(bytes)
    },
    read: (into, position) => file.content.copy(into, 0, position),
    truncate(size) {
      step('truncate')
      file.cut(size)
    },
    async sync() {
      step('sync')
    },
    syncNow: () => step('syncNow'),
    close: () => undefined,
  }
}
