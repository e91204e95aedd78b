import { ANSWER_FIELDS, type AnswerReader, fieldsOf, listOf } from './answer.ts'
import { JsonFields } from './json-fields.ts'
import { parseSseEvent, SseSplitter } from './sse.ts'

/** Longest value that is read of a JSON answer, e.g. all its output items. */
const VALUE_BYTES_MAX = 1024 * 1024

/** The bytes of an answer on their way through. */
export interface AnswerBody {
  /** Takes what came; returns what may go on now. */
  push(chunk: Buffer): readonly Buffer[]
  /** Everything came; returns the rest. */
  end(): readonly Buffer[]
  /** An event of our own may follow what was passed on. */
  readonly canInsert: boolean
  /** Bytes of generated text so far. */
  readonly textBytes: number
}

/**
 * A stream of events. Only whole ones are passed on, so that it can be ended with an event of our own at any moment.
 * `hidesUsage`: the chunk that only carries usage was our wish, not the client's.
 */
export class EventStream implements AnswerBody {
  private readonly reader: AnswerReader
  private readonly hidesUsage: () => boolean
  private readonly splitter: SseSplitter
  private ready: Buffer[] = []

  constructor(reader: AnswerReader, hidesUsage: () => boolean) {
    this.reader = reader
    this.hidesUsage = hidesUsage
    const passOn = (raw: Buffer): void => {
      this.ready.push(raw)
    }
    this.splitter = new SseSplitter((raw) => this.take(raw), passOn)
  }

  get canInsert(): boolean {
    return this.splitter.atBoundary
  }
  get textBytes(): number {
    return this.reader.textBytes
  }

  push(chunk: Buffer): readonly Buffer[] {
    this.splitter.push(chunk)
    return this.taken()
  }

  /** Some servers leave out the last blank line; what their last event says still counts. */
  end(): readonly Buffer[] {
    const rest = this.splitter.rest()
    if (rest.length > 0) this.take(rest)
    return this.taken()
  }

  private taken(): readonly Buffer[] {
    const ready = this.ready
    this.ready = []
    return ready
  }

  private take(raw: Buffer): void {
    const { event, data } = parseSseEvent(raw)
    if (data !== '') {
      const decoded = decode(data)
      this.reader.event(event, decoded)
      if (this.hidesUsage() && isUsageOnly(decoded)) return
    }
    this.ready.push(raw)
  }
}

/** The chunk that `stream_options.include_usage` adds. */
function isUsageOnly(data: unknown): boolean {
  const { choices, usage } = fieldsOf(data)
  return Array.isArray(choices) && listOf(choices).length === 0 && typeof usage === 'object' && usage !== null
}

/** `[DONE]` and whatever else is no JSON stays text. */
function decode(data: string): unknown {
  try {
    return JSON.parse(data)
  } catch {
    return data
  }
}

/**
 * One JSON answer. The last chunk is kept back until the end is known, so that what the call cost is settled before the
 * client can hold the whole answer and make its next call.
 */
export class WholeAnswer implements AnswerBody {
  readonly canInsert = false
  private readonly reader: AnswerReader | undefined
  private readonly fields = new JsonFields(ANSWER_FIELDS, VALUE_BYTES_MAX)
  private last: Buffer | undefined = undefined

  /** Without a reader nothing is read and nothing kept back: sounds, compressed bytes, streams of other kinds. */
  constructor(reader: AnswerReader | undefined) {
    this.reader = reader
  }

  get textBytes(): number {
    return this.reader === undefined ? 0 : this.fields.textBytes
  }

  push(chunk: Buffer): readonly Buffer[] {
    if (this.reader === undefined) return [chunk]
    this.fields.push(chunk)
    const before = this.last
    this.last = chunk
    return before === undefined ? [] : [before]
  }

  end(): readonly Buffer[] {
    this.reader?.body((name) => this.fields.get(name))
    return this.last === undefined ? [] : [this.last]
  }
}
