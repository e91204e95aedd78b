import { join } from 'node:path'
import type { Signal } from '../component.ts'
import type { Clock } from '../host.ts'
import { BoundedFile } from './bounded-file.ts'
import type { Disk } from './disk.ts'

/** Transcodes a request in protobuf to one line of OTLP/JSON; throws on bytes that are none. */
export type ToJson = (signal: Signal, bytes: Buffer) => Uint8Array

export interface DeadLetterOptions {
  readonly disk: Disk
  readonly clock: Clock
  readonly directory: string
  readonly maxBytes: number
  readonly durable: boolean
  readonly toJson: ToJson
}

export interface DeadLetter {
  readonly signal: Signal
  readonly bytes: Buffer
  readonly items: number
}

const NEWLINE = Buffer.from('\n')

/**
 * What could not be delivered and never will be, one OTLP/JSON request per line, so that it can be sent again when the
 * cause is gone. The reason stands in a first member that OTLP receivers ignore, as the protocol asks of them.
 */
export class DeadLetters {
  private readonly options: DeadLetterOptions
  private readonly exporter: string
  private readonly file: BoundedFile

  constructor(options: DeadLetterOptions, exporter: string) {
    this.options = options
    this.exporter = exporter
    this.file = new BoundedFile(
      options.disk,
      join(options.directory, `${encodeURIComponent(exporter)}.otlp.jsonl`),
      options.maxBytes,
      options.durable,
    )
  }

  /** Writes all of them or none; throws what the disk throws. Returns the bytes of older letters given up for them. */
  write(letters: readonly DeadLetter[], reason: string): number {
    return this.file.append(Buffer.concat(letters.flatMap((letter) => this.line(letter, reason))))
  }

  private line({ signal, bytes, items }: DeadLetter, reason: string): Uint8Array[] {
    const note = {
      time: new Date(this.options.clock.now()).toISOString(),
      exporter: this.exporter,
      signal,
      items,
      reason,
    }
    const json = this.tryJson(signal, bytes)
    if (json === undefined) return [head({ ...note, base64: bytes.toString('base64') }, '}'), NEWLINE]
    return [head(note, ','), json.subarray(1), NEWLINE]
  }

  /** Undefined for bytes that are no request, and for an empty one. */
  private tryJson(signal: Signal, bytes: Buffer): Uint8Array | undefined {
    try {
      const json = this.options.toJson(signal, bytes)
      return json.length > 2 ? json : undefined
    } catch {
      return undefined
    }
  }

  close(): void {
    this.file.close()
  }
}

const head = (note: Readonly<Record<string, unknown>>, next: string): Buffer =>
  Buffer.from(`{"tokenfuse_dead_letter":${JSON.stringify(note)}${next}`)

/** Damaged stretches of the log itself, as they were found. */
export class DamageFile {
  private readonly clock: Clock
  private readonly file: BoundedFile

  constructor(options: Omit<DeadLetterOptions, 'toJson'>) {
    this.clock = options.clock
    this.file = new BoundedFile(
      options.disk,
      join(options.directory, 'damaged.jsonl'),
      options.maxBytes,
      options.durable,
    )
  }

  write(damage: { readonly from: number; readonly to: number; readonly bytes: Buffer }): void {
    const time = new Date(this.clock.now()).toISOString()
    this.file.append(
      Buffer.from(
        `${JSON.stringify({ time, from: damage.from, to: damage.to, base64: damage.bytes.toString('base64') })}\n`,
      ),
    )
  }

  close(): void {
    this.file.close()
  }
}
