import { existsSync, renameSync } from 'node:fs'
import type { WriteReply, WriteRequest } from './messages.ts'
import type { OpenOptions } from './schema.ts'
import { Store } from './store.ts'

/** Above this part of the limit nothing is taken until the janitor has made room. */
const FULL = 1.1

// SQLite's own numbers.
const CORRUPT = 11
const NOT_A_DATABASE = 26
/** Errors that the same rows would meet again: too big, a constraint, a wrong type, a bad parameter. */
const HOPELESS: ReadonlySet<number> = new Set([18, 19, 20, 25])

/** Takes deliveries one after the other. Opens the database with the first one, and again after it was damaged. */
export class Writer {
  private readonly open: OpenOptions
  private readonly maxBytes: number
  private store: Store | undefined
  private isSuspect = false
  private setAside: string | undefined

  constructor(open: OpenOptions, maxBytes: number) {
    this.open = open
    this.maxBytes = maxBytes
  }

  write({ id, rows, verdicts }: WriteRequest): WriteReply {
    let failure: WriteReply['failure']
    let used = 0
    try {
      this.store ??= this.opened()
      used = this.store.usedBytes()
      if (used > this.maxBytes * FULL)
        failure = { kind: 'retry', reason: 'the warehouse is full; its oldest calls are being removed' }
      else this.store.write(rows, verdicts)
      used = this.store.usedBytes()
    } catch (error) {
      failure = this.failed(error)
    }
    const { setAside } = this
    this.setAside = undefined
    return { id, failure, usedBytes: used, setAside }
  }

  close(): void {
    this.store?.close()
    this.store = undefined
  }

  private failed(error: unknown): NonNullable<WriteReply['failure']> {
    const code = codeOf(error)
    if (code === CORRUPT || code === NOT_A_DATABASE) {
      this.isSuspect = true
      this.close()
    }
    const kind = code === undefined || HOPELESS.has(code) ? 'rejected' : 'retry'
    return { kind, reason: error instanceof Error ? error.message : String(error) }
  }

  /** A file that cannot be read any more would stop all deliveries for good, so it makes way for a new one. */
  private opened(): Store {
    try {
      const store = new Store(this.open)
      const damage = this.isSuspect ? store.damage() : undefined
      this.isSuspect = false
      if (damage === undefined) return store
      store.close()
    } catch (error) {
      const code = codeOf(error)
      if (code !== CORRUPT && code !== NOT_A_DATABASE) throw error
    }
    this.setAside = moveAway(this.open.file)
    this.isSuspect = false
    return new Store(this.open)
  }
}

function moveAway(file: string): string {
  let number = 1
  while (existsSync(`${file}.damaged-${number}`)) number++
  const to = `${file}.damaged-${number}`
  for (const suffix of ['-wal', '-shm', '']) if (existsSync(file + suffix)) renameSync(file + suffix, to + suffix)
  return to
}

/** SQLite's number of an error, without its extended part; undefined for an error that is not SQLite's. */
function codeOf(error: unknown): number | undefined {
  if (typeof error !== 'object' || error === null || !('errcode' in error)) return undefined
  return typeof error.errcode === 'number' ? error.errcode & 0xff : undefined
}
