const LF = 0x0a
const CR = 0x0d
const EMPTY = Buffer.alloc(0)

/** Longest event that is held to be read whole; longer ones pass through unread. */
export const EVENT_BYTES_MAX = 4 * 1024 * 1024

/**
 * Cuts a byte stream into server-sent events (https://html.spec.whatwg.org/multipage/server-sent-events.html), wherever
 * the chunk boundaries fall and whatever ends the lines. An event's bytes come out exactly as they came in, its blank
 * line included, so that they can be forwarded, left out, or followed by an event of our own.
 */
export class SseSplitter {
  private readonly onEvent: (raw: Buffer) => void
  private readonly onOversize: (raw: Buffer) => void
  private readonly maxBytes: number
  private held: Buffer[] = []
  private heldBytes = 0
  /** The event under way has passed `maxBytes` and goes through piece by piece. */
  private passing = false
  private lineIsEmpty = true
  private hasContent = false
  private afterCr = false
  /** A blank line that ended in CR: its LF, if any, is still to come and belongs to the event. */
  private endsAfterCr = false

  constructor(onEvent: (raw: Buffer) => void, onOversize: (raw: Buffer) => void, maxBytes = EVENT_BYTES_MAX) {
    this.onEvent = onEvent
    this.onOversize = onOversize
    this.maxBytes = maxBytes
  }

  /** False while an event that was too long to hold is half forwarded: nothing can be inserted then. */
  get atBoundary(): boolean {
    return !this.passing
  }

  push(chunk: Buffer): void {
    let from = 0
    for (let i = 0; i < chunk.length; i++) {
      const byte = chunk[i]
      if (this.endsAfterCr) {
        this.endsAfterCr = false
        const end = byte === LF ? i + 1 : i
        this.finish(chunk.subarray(from, end))
        from = end
        if (byte === LF) {
          this.afterCr = false
          continue
        }
      }
      if (byte === LF) {
        const closesCrLf = this.afterCr
        this.afterCr = false
        if (!closesCrLf && this.endLine()) {
          this.finish(chunk.subarray(from, i + 1))
          from = i + 1
        }
      } else if (byte === CR) {
        this.afterCr = true
        this.endsAfterCr = this.endLine()
      } else {
        this.afterCr = false
        this.lineIsEmpty = false
        this.hasContent = true
      }
    }
    this.hold(chunk.subarray(from))
  }

  /** What is left when the stream ends: by the standard an event without its blank line is not one. */
  rest(): Buffer {
    const rest = this.held.length === 0 ? EMPTY : Buffer.concat(this.held)
    this.held = []
    this.heldBytes = 0
    return rest
  }

  /** True when the line that ends here is the blank line behind an event. */
  private endLine(): boolean {
    const isEnd = this.lineIsEmpty && this.hasContent
    this.lineIsEmpty = true
    if (isEnd) this.hasContent = false
    return isEnd
  }

  private finish(last: Buffer): void {
    if (this.passing) {
      this.passing = false
      this.onOversize(last)
      return
    }
    const raw = this.held.length === 0 ? last : Buffer.concat([...this.held, last])
    this.held = []
    this.heldBytes = 0
    this.onEvent(raw)
  }

  private hold(tail: Buffer): void {
    if (tail.length === 0) return
    if (this.passing) {
      this.onOversize(tail)
      return
    }
    this.held.push(tail)
    this.heldBytes += tail.length
    if (this.heldBytes > this.maxBytes) {
      const all = this.rest()
      this.passing = true
      this.onOversize(all)
    }
  }
}

export interface SseEvent {
  /** '' when the event names none. */
  readonly event: string
  readonly data: string
}

/** The fields of one event; comments and fields that nobody needs are left out. */
export function parseSseEvent(raw: Buffer): SseEvent {
  let event = ''
  const data: string[] = []
  for (const line of raw
    .toString('utf8')
    .replace(/^\ufeff/, '')
    .split(/\r\n|\n|\r/)) {
    const colon = line.indexOf(':')
    const name = colon < 0 ? line : line.slice(0, colon)
    if (name !== 'data' && name !== 'event') continue
    const value = colon < 0 ? '' : line.slice(line[colon + 1] === ' ' ? colon + 2 : colon + 1)
    if (name === 'data') data.push(value)
    else event = value
  }
  return { event, data: data.join('\n') }
}
