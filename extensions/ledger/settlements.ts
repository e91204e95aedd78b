import type { CallKey } from '../../genai/call-key.ts'
import { normalPico, type Pico } from '../../genai/money.ts'
import type { SubjectView } from '../../pipeline/services.ts'
import type { FrameBuffer } from './frames.ts'

/*
 * Settlements as they stand in the journal: one frame for all that were written together.
 *
 *   byte   2 (a JSON record begins with "{", remembered keys with 0 or 1)
 *   byte   1: the frame begins a new table of values, and names the keys of subjects: count, then texts
 *   then each settlement until the frame ends:
 *     8    hash of the call's key             8   tokens
 *     8    when the call ended, ms            1   0: the amount is a double, 1: a text in decimal digits
 *     8    when it was settled, ms            …   the amount in pico-USD
 *     for each key of subjects: 0 = absent, 1 = a new value follows as text, n = value n - 2 of the table
 *
 * Values repeat (a run has many calls, a customer many runs), so that each is written once a table.
 */
export const SETTLEMENTS = 2
const NEW_TABLE = 1
const ABSENT = 0
const NEW_VALUE = 1
const FIRST_VALUE = 2
/** What a settlement takes besides its values and a large amount. */
const FIXED = 48
/** Values in a table, at most: then another one is begun. */
const VALUES_MAX = 20_000
/** A frame that nobody flushes is closed at this size. */
const FRAME_MAX = 1024 * 1024

export interface Settled {
  readonly key: CallKey
  readonly subject: SubjectView
  readonly pico: Pico
  readonly tokens: number
  /** When the call ended, and when we heard of it. */
  readonly timeMs: number
  readonly nowMs: number
}

export class SettlementWriter {
  private readonly frames: FrameBuffer
  private readonly values = new Map<string, number>()
  private keys: readonly string[] | undefined
  private isOpen = false
  /** Of each key of subjects the last value, and its place in the table: the next call is mostly of the same run. */
  private lastValues: string[] = []
  private lastPlaces: number[] = []

  constructor(frames: FrameBuffer) {
    this.frames = frames
  }

  /** Only the values of `keys` are kept of a subject. */
  add(entry: Settled, keys: readonly string[]): void {
    const { frames } = this
    if (this.isOpen && (keys !== this.keys || frames.open > FRAME_MAX)) this.end()
    if (!this.isOpen) this.begin(keys)
    frames.reserve(FIXED + keys.length * 5)
    frames.word(entry.key.high)
    frames.word(entry.key.low)
    frames.double(entry.timeMs)
    frames.double(entry.nowMs)
    frames.double(entry.tokens)
    const { pico } = entry
    frames.byte(typeof pico === 'number' ? 0 : 1)
    if (typeof pico === 'number') frames.double(pico)
    else frames.text(pico.toString())
    for (let k = 0; k < keys.length; k++) this.value(k, entry.subject[keys[k] as string])
  }

  /** Closes the frame that is open, so that something else can follow. */
  end(): void {
    if (!this.isOpen) return
    this.isOpen = false
    this.frames.end()
  }

  /** What was written may be gone, or is in another file: the next frame must be readable without it. */
  forget(): void {
    this.isOpen = false
    this.keys = undefined
  }

  private begin(keys: readonly string[]): void {
    const { frames } = this
    const anew = keys !== this.keys || this.values.size >= VALUES_MAX
    frames.begin(FIXED)
    frames.byte(SETTLEMENTS)
    frames.byte(anew ? NEW_TABLE : 0)
    if (anew) {
      this.keys = keys
      this.values.clear()
      this.lastValues = keys.map(() => '')
      this.lastPlaces = keys.map(() => ABSENT)
      frames.whole(keys.length)
      for (const key of keys) frames.text(key)
    }
    this.isOpen = true
  }

  private value(k: number, value: string | undefined): void {
    const { frames } = this
    frames.reserve(FIXED)
    if (value === undefined || value === '') {
      frames.whole(ABSENT)
      return
    }
    const known = this.lastValues[k] === value ? this.lastPlaces[k] : this.values.get(value)
    const place = known ?? FIRST_VALUE + this.values.size
    this.lastValues[k] = value
    this.lastPlaces[k] = place
    if (known !== undefined) {
      frames.whole(known)
      return
    }
    this.values.set(value, place)
    frames.whole(NEW_VALUE)
    frames.text(value)
    frames.reserve(FIXED)
  }
}

/** Reads what {@link SettlementWriter} wrote, frame by frame and in order. */
export class SettlementReader {
  private keys: string[] = []
  private values: string[] = []
  private buf: Buffer = Buffer.alloc(0)
  private at = 0

  /** Throws when a frame makes no sense. */
  read(frame: Buffer, each: (entry: Settled) => void): void {
    this.buf = frame
    this.at = 2
    if (frame[1] === NEW_TABLE) this.table()
    while (this.at < frame.length) each(this.one())
  }

  private table(): void {
    this.values = []
    this.keys = Array.from({ length: this.whole() }, () => this.text())
  }

  private one(): Settled {
    const high = this.buf.readUInt32LE(this.at)
    const low = this.buf.readUInt32LE(this.at + 4)
    this.at += 8
    const timeMs = this.double()
    const nowMs = this.double()
    const tokens = this.double()
    const isLarge = this.buf[this.at++] === 1
    const pico = isLarge ? normalPico(BigInt(this.text())) : this.double()
    const subject: Record<string, string> = {}
    for (const key of this.keys) {
      const value = this.value()
      if (value !== undefined) subject[key] = value
    }
    return { key: { high, low }, subject, pico, tokens, timeMs, nowMs }
  }

  private value(): string | undefined {
    const index = this.whole()
    if (index === ABSENT) return undefined
    if (index === NEW_VALUE) {
      const value = this.text()
      this.values.push(value)
      return value
    }
    const known = this.values[index - FIRST_VALUE]
    if (known === undefined) throw new Error('a value that was never written')
    return known
  }

  private double(): number {
    this.at += 8
    return this.buf.readDoubleLE(this.at - 8)
  }

  private whole(): number {
    let value = 0
    for (let shift = 0; ; shift += 7) {
      const byte = this.buf.readUInt8(this.at++)
      value |= (byte & 127) << shift
      if (byte < 128) return value
    }
  }

  private text(): string {
    const length = this.whole()
    this.at += length
    return this.buf.toString('utf8', this.at - length, this.at)
  }
}
