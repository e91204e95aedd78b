import type { IncomingMessage } from 'node:http'
import type { Writable } from 'node:stream'
import { fieldsOf } from './answer.ts'
import { JsonFields } from './json-fields.ts'

/** Bodies up to this are rewritten as a whole; longer ones while they pass. */
const BUFFER_BYTES_MAX = 1024 * 1024

const REQUEST_FIELDS: ReadonlySet<string> = new Set([
  'model',
  'stream',
  'stream_options',
  'max_tokens',
  'max_completion_tokens',
  'max_output_tokens',
])

/** The fields that say what is asked for. */
export const requestFields = (): JsonFields => new JsonFields(REQUEST_FIELDS)

const OPTION = ',"stream_options":{"include_usage":true}'

/** Opens the upstream request, unless the call is over by then; an undefined length means chunked. */
export type Open = (contentLength: number | undefined) => Writable | undefined

/** Sends a body on as it comes, reading along. */
export function passBody(req: IncomingMessage, fields: JsonFields, open: Open): void {
  const to = open(announcedLength(req))
  req.on('data', (chunk: Buffer) => {
    fields.push(chunk)
    send(req, to, chunk)
  })
  req.on('end', () => to?.end())
}

/**
 * Sends the body of a chat or completion call on, so that the provider reports the usage of a stream. `onHidden` is told
 * when it was us who asked, so that the client does not get what it did not ask for.
 *
 * A body too long to hold is rewritten in passing: its announced length grows by that of the option, and if the option
 * turns out not to be needed, blanks behind the JSON fill the difference.
 */
export function passBodyAskingForUsage(
  req: IncomingMessage,
  fields: JsonFields,
  open: Open,
  onHidden: () => void,
): void {
  const held: Buffer[] = []
  let heldBytes = 0
  let passing: Rewriter | undefined
  req.on('data', (chunk: Buffer) => {
    if (passing === undefined) {
      fields.push(chunk)
      held.push(chunk)
      heldBytes += chunk.length
      if (heldBytes <= BUFFER_BYTES_MAX) return
      passing = new Rewriter(fields, onHidden)
      const announced = announcedLength(req)
      passing.to = open(announced === undefined ? undefined : announced + OPTION.length)
      send(req, passing.to, passing.first(Buffer.concat(held)))
    } else {
      send(req, passing.to, passing.next(chunk))
    }
  })
  req.on('end', () => {
    if (passing !== undefined) {
      passing.to?.end(announcedLength(req) === undefined ? undefined : passing.filling())
      return
    }
    const whole = withOption(Buffer.concat(held), fields, onHidden)
    open(whole.length)?.end(whole)
  })
}

/** Whether a client asked for the usage chunk itself. */
const asksForUsage = (fields: JsonFields): boolean => fieldsOf(fields.get('stream_options'))['include_usage'] === true

const isStream = (fields: JsonFields): boolean => fields.get('stream') === true

function withOption(body: Buffer, fields: JsonFields, onHidden: () => void): Buffer {
  if (!isStream(fields) || asksForUsage(fields) || fields.closedAt < 0) return body
  onHidden()
  const span = fields.span('stream_options')
  if (span === undefined) return insert(body, fields.closedAt, fields.closedAt, OPTION)
  const options = { ...fieldsOf(fields.get('stream_options')), include_usage: true }
  return insert(body, span[0], span[1], JSON.stringify(options))
}

const insert = (body: Buffer, from: number, to: number, text: string): Buffer =>
  Buffer.concat([body.subarray(0, from), Buffer.from(text), body.subarray(to)])

class Rewriter {
  to: Writable | undefined = undefined
  private readonly fields: JsonFields
  private readonly onHidden: () => void
  private offset = 0
  private inserted = false
  private isPast = false

  constructor(fields: JsonFields, onHidden: () => void) {
    this.fields = fields
    this.onHidden = onHidden
  }

  /** What was read already. */
  first(bytes: Buffer): Buffer {
    return this.rewrite(bytes)
  }

  next(chunk: Buffer): Buffer {
    this.fields.push(chunk)
    return this.rewrite(chunk)
  }

  filling(): Buffer {
    return this.inserted ? Buffer.alloc(0) : Buffer.alloc(OPTION.length, ' ')
  }

  private rewrite(bytes: Buffer): Buffer {
    const at = this.fields.closedAt - this.offset
    this.offset += bytes.length
    if (this.isPast || at < 0 || at >= bytes.length) return bytes
    this.isPast = true
    // An option that is there but says no has gone through already; this stream is counted by estimate.
    if (!isStream(this.fields) || this.fields.span('stream_options') !== undefined) return bytes
    this.inserted = true
    this.onHidden()
    return insert(bytes, at, at, OPTION)
  }
}

function send(req: IncomingMessage, to: Writable | undefined, chunk: Buffer): void {
  if (to === undefined || to.destroyed || to.write(chunk)) return
  req.pause()
  to.once('drain', () => req.resume())
}

function announcedLength(req: IncomingMessage): number | undefined {
  const text = req.headers['content-length']
  return text === undefined || !/^\d+$/.test(text) ? undefined : Number(text)
}
