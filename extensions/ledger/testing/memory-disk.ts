import { dirname } from 'node:path'
import type { Disk, DiskFile } from '../../../pipeline/queue/disk.ts'

export interface MemoryDisk extends Disk {
  readonly files: Map<string, Buffer>
  /** Operations so far: what a test counts to fail the n-th one. */
  operations: number
  /** The number of the operation that fails, and how many after it; an append that fails leaves half of it behind. */
  failAt: number
  failures: number
}

/** A disk that can fail at any operation. */
export function memoryDisk(files = new Map<string, Buffer>()): MemoryDisk {
  const step = (name: string): void => {
    disk.operations++
    if (disk.operations < disk.failAt || disk.operations >= disk.failAt + disk.failures) return
    throw new Error(`EIO: operation ${disk.operations} (${name}) fails`)
  }
  const disk: MemoryDisk = {
    files,
    operations: 0,
    failAt: Number.POSITIVE_INFINITY,
    failures: 1,
    makeDirectory: () => step('makeDirectory'),
    names(directory) {
      step('names')
      return [...files.keys()].flatMap((path) => (dirname(path) === directory ? [path.slice(directory.length + 1)] : [])).sort()
    },
    open(path, mode) {
      step('open')
      if (mode === 'append' && !files.has(path)) files.set(path, Buffer.alloc(0))
      return fileOf(files, path, step)
    },
    size: (path) => files.get(path)?.length ?? 0,
    read(path) {
      step('read')
      return files.get(path)
    },
    replace(path, bytes) {
      step('replace')
      files.set(path, Buffer.from(bytes))
    },
    rename(from, to) {
      step('rename')
      files.set(to, files.get(from) ?? Buffer.alloc(0))
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

function fileOf(files: Map<string, Buffer>, path: string, step: (name: string) => void): DiskFile {
  const content = (): Buffer => files.get(path) ?? Buffer.alloc(0)
  return {
    size: content().length,
    append(parts) {
      const bytes = Buffer.concat(parts)
      try {
        step('append')
      } catch (error) {
        files.set(path, Buffer.concat([content(), bytes.subarray(0, bytes.length >> 1)]))
        throw error
      }
      files.set(path, Buffer.concat([content(), bytes]))
    },
    read: (into, position) => content().copy(into, 0, position),
    truncate(size) {
      step('truncate')
      files.set(path, content().subarray(0, size))
    },
    async sync() {
      step('sync')
    },
    syncNow: () => step('syncNow'),
    close: () => undefined,
  }
}
