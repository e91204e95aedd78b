import { join } from 'node:path'
import type { Logger } from '../../pipeline/host.ts'
import { type Disk, type DiskFile, errorText } from '../../pipeline/queue/disk.ts'
import type { AuditEntry } from '../../pipeline/services.ts'

const IN_MEMORY = 1_000
const FILE_BYTES = 16 * 1024 * 1024
const FILES = 16
const NEWLINE = 0x0a
const NAME = /^audit-(\d{8})\.jsonl$/

/**
 * Who decided what and when, one JSON object a line, appended and never changed. Files of 16 MiB, the newest 16 of them
 * are kept. An entry that cannot be written is kept in memory and said loudly.
 */
export class Audit {
  errors = 0
  private readonly disk: Disk
  private readonly directory: string
  private readonly log: Logger
  private entries: AuditEntry[] = []
  private file: DiskFile | undefined
  private number = 1
  private bytes = 0
  /** The last write may have left half a line behind. */
  private tailIsDirty = false

  constructor(disk: Disk, directory: string, log: Logger) {
    this.disk = disk
    this.directory = directory
    this.log = log
  }

  open(): void {
    const numbers = this.numbers()
    this.number = numbers.at(-1) ?? 1
    this.entries = [numbers.at(-2), numbers.at(-1)].flatMap((number) => (number === undefined ? [] : this.read(number)))
    this.entries = this.entries.slice(-IN_MEMORY)
    this.openFile()
    // A line that a crash cut off must not swallow the next one.
    const written = this.disk.read(this.path(this.number))
    if (written !== undefined && written.length > 0 && written.at(-1) !== NEWLINE) this.write(Buffer.from([NEWLINE]))
  }

  add(entry: AuditEntry): void {
    this.entries.push(entry)
    if (this.entries.length > 2 * IN_MEMORY) this.entries = this.entries.slice(-IN_MEMORY)
    try {
      this.write(Buffer.from(`${JSON.stringify(entry)}\n`))
    } catch (error) {
      this.errors++
      this.log.error(`the audit log cannot be written: ${errorText(error)}`, { entry })
    }
  }

  last(limit: number): readonly AuditEntry[] {
    const count = Math.min(Math.max(0, Math.floor(limit)), IN_MEMORY, this.entries.length)
    return this.entries.slice(this.entries.length - count)
  }

  close(): void {
    this.file?.close()
    this.file = undefined
  }

  private write(line: Buffer): void {
    if (this.file === undefined) return
    if (this.tailIsDirty) this.file.truncate(this.bytes)
    this.tailIsDirty = true
    this.file.append([line])
    this.tailIsDirty = false
    this.bytes += line.length
    if (this.bytes >= FILE_BYTES) this.turn()
  }

  private turn(): void {
    this.file?.close()
    this.number++
    this.openFile()
    for (const number of this.numbers()) if (number <= this.number - FILES) this.disk.remove(this.path(number))
  }

  private openFile(): void {
    this.file = this.disk.open(this.path(this.number), 'append')
    this.bytes = this.file.size
  }

  private read(number: number): AuditEntry[] {
    const text = this.disk.read(this.path(number))?.toString() ?? ''
    return text.split('\n').flatMap((line) => parse(line) ?? [])
  }

  private numbers(): number[] {
    return this.disk.names(this.directory).flatMap((name) => {
      const match = NAME.exec(name)
      return match === null ? [] : [Number(match[1])]
    })
  }

  private path(number: number): string {
    return join(this.directory, `audit-${String(number).padStart(8, '0')}.jsonl`)
  }
}

/** A line that a crash cut off is skipped. */
function parse(line: string): AuditEntry | undefined {
  try {
    return line === '' ? undefined : (JSON.parse(line) as AuditEntry)
  } catch {
    return undefined
  }
}
