import type { Disk, DiskFile } from '../disk.ts'

/** Which disk operation this is, counted from 1, and what it does. */
export type Fault = (n: number, operation: string, path: string) => 'fail' | 'partly' | undefined

interface Content {
  bytes: Buffer
  /** How much of it is on the medium. */
  synced: number
  /** Whether its name is. */
  named: boolean
}

class FaultError extends Error {
  readonly code = 'EIO'
}

/**
 * A disk that fails when it is told to, and that can lose its power: then everything that was not synced is gone. Files
 * live as long as the object, so a test can open one log after the other on it.
 */
export class MemoryDisk implements Disk {
  readonly files = new Map<string, Content>()
  readonly locked = new Set<string>()
  operations = 0
  fault: Fault = () => undefined

  /** The same disk for one process: when that is killed, whatever is left of it can do nothing more to the disk. */
  mounted(): { readonly disk: Disk; kill(): void } {
    let alive = true
    const guard = <T extends object>(target: T): T =>
      new Proxy(target, {
        get(object, name) {
          const member: unknown = Reflect.get(object, name)
          if (typeof member !== 'function') return member
          return (...args: unknown[]): unknown => {
            if (!alive) throw new FaultError('EIO: the process is dead')
            const result: unknown = Reflect.apply(member, object, args)
            return name === 'open' ? guard(result as DiskFile) : result
          }
        },
      })
    const kill = (): void => {
      alive = false
      this.locked.clear()
    }
    return { disk: guard<Disk>(this), kill }
  }

  private step(operation: string, path: string): 'partly' | undefined {
    const fault = this.fault(++this.operations, operation, path)
    if (fault === 'fail') throw new FaultError(`EIO: i/o error, ${operation} '${path}'`)
    return fault
  }

  powerLoss(): void {
    for (const [path, content] of this.files) {
      if (!content.named) this.files.delete(path)
      else content.bytes = content.bytes.subarray(0, content.synced)
    }
    this.locked.clear()
  }

  /** What `kill -9` leaves: everything, and no locks. */
  kill(): void {
    this.locked.clear()
  }

  makeDirectory(path: string): void {
    this.step('makeDirectory', path)
  }

  names(directory: string): readonly string[] {
    this.step('names', directory)
    const start = `${directory}/`
    return [...this.files.keys()]
      .filter((path) => path.startsWith(start) && !path.slice(start.length).includes('/'))
      .map((path) => path.slice(start.length))
      .sort()
  }

  open(path: string, mode: 'append' | 'read'): DiskFile {
    this.step('open', path)
    let content = this.files.get(path)
    if (content === undefined) {
      if (mode === 'read') throw new FaultError(`ENOENT: no such file, open '${path}'`)
      content = { bytes: Buffer.alloc(0), synced: 0, named: false }
      this.files.set(path, content)
    }
    return this.handle(path, content)
  }

  private handle(path: string, content: Content): DiskFile {
    const markSynced = (): void => {
      this.step('sync', path)
      content.synced = content.bytes.length
    }
    return {
      size: content.bytes.length,
      append: (parts) => {
        const fault = this.step('append', path)
        const bytes = Buffer.concat(parts)
        content.bytes = Buffer.concat([
          content.bytes,
          fault === 'partly' ? bytes.subarray(0, bytes.length >> 1) : bytes,
        ])
        if (fault === 'partly') throw new FaultError(`ENOSPC: no space left on device, write '${path}'`)
      },
      read: (into, position) => {
        this.step('read', path)
        return content.bytes.copy(into, 0, position)
      },
      truncate: (size) => {
        this.step('truncate', path)
        content.bytes = content.bytes.subarray(0, size)
        content.synced = Math.min(content.synced, size)
      },
      sync: async () => markSynced(),
      syncNow: markSynced,
      close: () => undefined,
    }
  }

  size(path: string): number {
    this.step('size', path)
    return this.files.get(path)?.bytes.length ?? 0
  }

  read(path: string): Buffer | undefined {
    this.step('read', path)
    const content = this.files.get(path)
    return content === undefined ? undefined : Buffer.from(content.bytes)
  }

  replace(path: string, bytes: Uint8Array, durable: boolean): void {
    this.step('replace', path)
    this.files.set(path, { bytes: Buffer.from(bytes), synced: durable ? bytes.length : 0, named: durable })
  }

  rename(from: string, to: string): void {
    this.step('rename', from)
    const content = this.files.get(from)
    if (content === undefined) throw new FaultError(`ENOENT: no such file, rename '${from}'`)
    this.files.delete(from)
    this.files.set(to, content)
  }

  remove(path: string): void {
    this.step('remove', path)
    this.files.delete(path)
  }

  syncDirectory(path: string): void {
    this.step('syncDirectory', path)
    for (const [name, content] of this.files) if (name.startsWith(`${path}/`)) content.named = true
  }

  lock(path: string): (() => void) | undefined {
    this.step('lock', path)
    if (this.locked.has(path)) return undefined
    this.locked.add(path)
    return () => this.locked.delete(path)
  }
}
