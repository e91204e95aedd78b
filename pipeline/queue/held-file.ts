import { crc32 } from 'node:zlib'
import type { HeldCall } from '../component.ts'
import type { Logger } from '../host.ts'
import { DERIVED_VERSION, decodeDerived, encodeDerived } from './call-codec.ts'
import { type Disk, type DiskFile, errorText } from './disk.ts'
import type { Holding } from './store.ts'

/** A file shorter than this is not worth writing anew. */
const REWRITE_BYTES = 64 * 1024
/** What one processor holds is bounded by itself; this bounds what was never taken back because the log was full. */
const HELD_MAX = 65_536
/** Of changes that belong to no record of the log. */
const NO_SEQ = -1

interface Line {
  /** Number of the record that was to be written next: what is done, and some of what is held, counts only if it is there. */
  readonly seq: number
  readonly processor: string
  readonly held: readonly Kept[]
  readonly done: readonly string[]
}
interface Kept {
  readonly id: string
  readonly due: number
  readonly note: string
  readonly version: number
  /** The call as the log writes calls, in base64. */
  readonly call: string
  readonly onlyStored?: boolean | undefined
}

interface HeldFileOptions {
  readonly disk: Disk
  readonly directory: string
  readonly path: string
  /** Whether what is written must be on the medium before a sender is answered. */
  readonly durable: boolean
  readonly log: Logger
  readonly onError: () => void
  readonly onSize: (calls: number) => void
}

/**
 * What the processors of one pipeline hold back, beside its log: lines of JSON with a checksum, one for each batch that
 * changed something, and now and then the whole written anew.
 *
 * Lines are written before the record that they belong to. A crash between the two leaves a line too many: what it says is
 * held was never acknowledged and comes again, and what it says is done or only held with the record is not believed.
 */
export class HeldFile {
  private readonly options: HeldFileOptions
  private readonly kept = new Map<string, Map<string, Kept>>()
  private file: DiskFile | undefined
  private bytes = 0
  private keptBytes = 0
  /** The file says something else than `kept` does, because it could not be written or its record was not taken. */
  private isStale = false
  /** Lines whose record is being written. */
  private open: readonly Line[] = []
  /** What is to be done with the next record. */
  private owed: readonly Line[] = []

  /**
   * Reads what is there.
   *
   * @param wholeSeq the records of the log before this number were found whole
   */
  constructor(options: HeldFileOptions, wholeSeq: number) {
    this.options = options
    const found = options.disk.read(options.path)
    if (found === undefined || found.length === 0) return
    for (const line of linesIn(found, options.log)) {
      this.take(line.processor, line.held.filter(isSure))
      if (line.seq < wholeSeq) this.conclude([line])
    }
    this.rewrite()
  }

  /** What a processor held when the last run ended. What cannot be read stays where it is, and is said. */
  of(processor: string): readonly HeldCall[] {
    return [...(this.kept.get(processor)?.values() ?? [])].flatMap((kept) => {
      try {
        const [call] = decodeDerived(Buffer.from(kept.call, 'base64'), kept.version).calls
        return call === undefined ? [] : [{ id: kept.id, call, dueMs: kept.due, note: kept.note }]
      } catch (error) {
        this.options.log.error('a call that was held back cannot be read and is not billed', {
          processor,
          span: kept.id,
          reason: errorText(error),
        })
        return []
      }
    })
  }

  /** Before the record of the batch is written. Throws what the disk throws. */
  write(holdings: readonly Holding[] | undefined, seq = NO_SEQ): void {
    this.open = []
    if (holdings === undefined && !this.isStale && this.owed.length === 0) return
    // What is owed to a record waits for one.
    const owed = seq === NO_SEQ ? [] : this.owed.map((line) => ({ ...line, seq }))
    this.open = [...linesOf(holdings, seq), ...owed]
    for (const { processor, held } of this.open) this.take(processor, held.filter(isSure))
    try {
      if (this.isStale) this.rewrite()
      this.append(this.open)
      if (this.bytes > REWRITE_BYTES && this.bytes > 2 * this.keptBytes) this.rewrite(this.open)
    } catch (error) {
      this.isStale = true
      throw error
    }
  }

  /** The record is written. */
  written(): void {
    this.conclude(this.open)
    if (this.open.some(({ seq }) => seq !== NO_SEQ)) this.owed = []
    this.open = []
  }

  /** The record is not: what was to be billed with it goes with the next one, and is held until then. */
  notWritten(holdings: readonly Holding[] | undefined): void {
    this.open = []
    if (holdings === undefined) return
    const lines = linesOf(holdings, NO_SEQ)
    for (const { processor, held } of lines) this.take(processor, held.filter(isSure))
    this.owed = [...this.owed, ...lines.map((line) => ({ ...line, held: [] }))].filter(({ done }) => done.length > 0)
    this.isStale = true
  }

  private conclude(lines: readonly Line[]): void {
    for (const { processor, held, done } of lines) {
      this.take(
        processor,
        held.filter((one) => !isSure(one)),
      )
      this.letGo(processor, done)
    }
  }

  /** Changes without a record. Never throws: they are written with the next ones. */
  keep(holdings: readonly Holding[]): void {
    try {
      this.write(holdings)
    } catch {
      this.options.onError()
    }
    this.written()
  }

  /** Resolves when everything written so far is on the medium. */
  async sync(): Promise<void> {
    try {
      await this.file?.sync()
    } catch (error) {
      // Nobody knows which of it reached the medium.
      this.isStale = true
      throw error
    }
  }

  close(): void {
    this.file?.close()
    this.file = undefined
  }

  private take(processor: string, held: readonly Kept[]): void {
    if (held.length === 0) return
    const mine = this.kept.get(processor) ?? new Map<string, Kept>()
    this.kept.set(processor, mine)
    for (const one of held) {
      this.keptBytes += one.call.length - (mine.get(one.id)?.call.length ?? 0)
      mine.set(one.id, one)
    }
    this.measure()
    for (const id of mine.keys()) {
      if (mine.size <= HELD_MAX) break
      this.letGo(processor, [id])
      this.options.log.error('too many calls are held back; the oldest is not kept any longer', { processor, span: id })
    }
  }

  private letGo(processor: string, done: readonly string[]): void {
    const mine = this.kept.get(processor)
    for (const id of done) {
      this.keptBytes -= mine?.get(id)?.call.length ?? 0
      mine?.delete(id)
    }
    if (done.length > 0) this.measure()
  }

  private measure(): void {
    let size = 0
    for (const held of this.kept.values()) size += held.size
    this.options.onSize(size)
  }

  private append(lines: readonly Line[]): void {
    if (lines.length === 0) return
    const { disk, path, directory, durable } = this.options
    if (this.file === undefined) {
      this.file = disk.open(path, 'append')
      this.bytes = this.file.size
      if (durable) disk.syncDirectory(directory)
    }
    const bytes = Buffer.from(lines.map(textOf).join(''))
    this.file.append([bytes])
    this.bytes += bytes.length
  }

  /** The whole anew, and behind it lines whose record is still to come. */
  private rewrite(pending: readonly Line[] = []): void {
    const { disk, path, durable } = this.options
    this.close()
    const whole = [...this.kept].map(([processor, held]) =>
      textOf({ seq: NO_SEQ, processor, held: [...held.values()], done: [] }),
    )
    const bytes = Buffer.from([...whole, ...pending.map(textOf)].join(''))
    disk.replace(path, bytes, durable)
    this.bytes = bytes.length
    this.isStale = false
  }
}

const isSure = ({ onlyStored }: Kept): boolean => onlyStored !== true

const linesOf = (holdings: readonly Holding[] | undefined, seq: number): readonly Line[] =>
  (holdings ?? []).map(({ processor, changes }) => ({
    seq,
    processor,
    held: changes.held.map(keptOf),
    done: changes.done,
  }))

function keptOf({ id, call, dueMs, note, onlyStored }: HeldCall): Kept {
  const encoded = encodeDerived([call], []).toString('base64')
  return { id, due: dueMs, note, version: DERIVED_VERSION, call: encoded, onlyStored }
}

const checksum = (text: string): string => crc32(text).toString(16).padStart(8, '0')

function textOf(line: Line): string {
  const json = JSON.stringify(line)
  return `${checksum(json)} ${json}\n`
}

/** A line that is not sound costs itself; at the end it is what a crash left half-written. */
function* linesIn(bytes: Buffer, log: Logger): Generator<Line> {
  const lines = bytes.toString('utf8').split('\n')
  for (const [i, line] of lines.entries()) {
    const json = line.slice(9)
    if (line.slice(0, 8) === checksum(json)) yield JSON.parse(json) as Line
    else if (i < lines.length - 1) log.error('a line of what processors held back is damaged; what it held is lost')
  }
}
