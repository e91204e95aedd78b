const QUOTE = 0x22
const BACKSLASH = 0x5c
const COLON = 0x3a
const COMMA = 0x2c
const SPACE = 0x20
const OPEN_BRACE = 0x7b
const CLOSE_BRACE = 0x7d
const OPEN_BRACKET = 0x5b
const CLOSE_BRACKET = 0x5d

const KEY_BYTES_MAX = 64
/** A longer string that has no blank near its start is taken for an encoded file, not for text. */
const ENCODED_BYTES_MIN = 1024
const BLANK_WITHIN = 256

/**
 * Reads some top-level fields of one JSON object while its bytes flow by, in memory that does not grow with it: bodies
 * with whole code bases or pictures in them pass without being held or parsed. Wrong JSON yields fewer fields, never an
 * error; judging the body is the provider's work.
 */
export class JsonFields {
  /** Bytes inside strings that look like text: what is left to estimate tokens by when a provider gives no usage. */
  textBytes = 0
  /** Offset of the brace that ends the object; -1 until it was seen. */
  closedAt = -1
  /** The object has members. */
  hasMembers = false
  private readonly values = new Map<string, Buffer>()
  /** Where the value of a wanted field lies in the body: from behind the colon up to the comma or brace. */
  private readonly spans = new Map<string, readonly [from: number, to: number]>()
  private readonly wanted: ReadonlySet<string>
  private readonly valueBytesMax: number
  private offset = 0
  private depth = 0
  private rootIsObject = false
  private inString = false
  private stringBytes = 0
  private stringHasBlank = true
  private oddBackslashes = false
  private expectsKey = false
  private inKey = false
  private key = ''
  private capturing = false
  private captureFrom = 0
  private captured: Buffer[] = []
  private capturedBytes = 0

  constructor(wanted: ReadonlySet<string>, valueBytesMax = 64 * 1024) {
    this.wanted = wanted
    this.valueBytesMax = valueBytesMax
  }

  /** The decoded value; undefined when absent, too long or unreadable. */
  get(name: string): unknown {
    const bytes = this.values.get(name)
    if (bytes === undefined) return undefined
    try {
      return JSON.parse(bytes.toString('utf8'))
    } catch {
      return undefined
    }
  }

  span(name: string): readonly [from: number, to: number] | undefined {
    return this.spans.get(name)
  }

  push(chunk: Buffer): void {
    let i = 0
    // Where the part of this chunk begins that belongs to the value being captured.
    let from = 0
    while (i < chunk.length) {
      if (this.inString) {
        i = this.string(chunk, i)
        continue
      }
      const byte = chunk[i]
      if (byte === QUOTE) this.openString(chunk, i)
      else if (byte === OPEN_BRACE || byte === OPEN_BRACKET) this.open(byte)
      else if (byte === COLON && this.startsValue()) from = this.startCapture(i)
      else if (byte === COMMA && this.depth === 1) this.endMember(chunk, from, i)
      else if (byte === CLOSE_BRACE || byte === CLOSE_BRACKET) {
        if (this.depth === 1) this.endRoot(chunk, from, i, byte)
        this.depth--
      }
      i++
    }
    if (this.capturing) this.capture(chunk.subarray(from))
    this.offset += chunk.length
  }

  private open(byte: number): void {
    if (this.depth === 0) {
      this.rootIsObject = byte === OPEN_BRACE && this.closedAt < 0
      this.expectsKey = this.rootIsObject
    }
    this.depth++
  }

  private openString(chunk: Buffer, at: number): void {
    this.inString = true
    this.inKey = this.depth === 1 && this.expectsKey
    this.stringBytes = 0
    const near = chunk.subarray(at + 1, at + 1 + BLANK_WITHIN)
    this.stringHasBlank = near.length < BLANK_WITHIN || near.includes(SPACE)
    if (!this.inKey) return
    this.key = ''
    this.hasMembers = true
  }

  /** Goes to the end of the string or of the chunk; returns the offset behind it. */
  private string(chunk: Buffer, start: number): number {
    let at = start
    for (;;) {
      const quote = chunk.indexOf(QUOTE, at)
      const end = quote < 0 ? chunk.length : quote
      const escaped = this.endsEscaped(chunk, start, end)
      if (quote >= 0 && escaped) {
        at = quote + 1
        continue
      }
      this.stringBytes += end - start
      if (this.inKey)
        this.key += chunk.toString('latin1', start, Math.min(end, start + KEY_BYTES_MAX - this.key.length))
      if (quote < 0) {
        this.oddBackslashes = escaped
        return end
      }
      this.closeString()
      return quote + 1
    }
  }

  /** Whether the byte at `end` is escaped, looking back over this chunk and, where that ends, over the one before. */
  private endsEscaped(chunk: Buffer, start: number, end: number): boolean {
    let at = end
    while (at > start && chunk[at - 1] === BACKSLASH) at--
    const odd = (end - at) % 2 === 1
    return at === start && this.oddBackslashes ? !odd : odd
  }

  private closeString(): void {
    this.inString = false
    this.oddBackslashes = false
    if (this.inKey) {
      this.inKey = false
      this.expectsKey = false
    } else if (this.stringBytes < ENCODED_BYTES_MIN || this.stringHasBlank) {
      this.textBytes += this.stringBytes
    }
  }

  private startsValue(): boolean {
    return this.depth === 1 && this.rootIsObject && !this.capturing && this.wanted.has(this.key)
  }

  private startCapture(colon: number): number {
    this.capturing = true
    this.captureFrom = this.offset + colon + 1
    this.captured = []
    this.capturedBytes = 0
    return colon + 1
  }

  private capture(part: Buffer): void {
    this.capturedBytes += part.length
    if (this.capturedBytes <= this.valueBytesMax) this.captured.push(part)
    else this.captured = []
  }

  private endMember(chunk: Buffer, from: number, at: number): void {
    if (this.capturing) {
      this.capture(chunk.subarray(from, at))
      this.capturing = false
      this.spans.set(this.key, [this.captureFrom, this.offset + at])
      // The last of two equal keys counts, as in every JSON parser that providers use.
      if (this.capturedBytes <= this.valueBytesMax) this.values.set(this.key, Buffer.concat(this.captured))
      else this.values.delete(this.key)
    }
    this.key = ''
    this.expectsKey = this.rootIsObject
  }

  private endRoot(chunk: Buffer, from: number, at: number, byte: number): void {
    if (!this.rootIsObject || byte !== CLOSE_BRACE) return
    this.endMember(chunk, from, at)
    this.closedAt = this.offset + at
    this.rootIsObject = false
    this.expectsKey = false
  }
}
