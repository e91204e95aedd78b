import { sequence, tracePayload } from '../payloads.ts'

/** Where ids stand in a request, so that it can be sent again as another one. */
interface Template {
  readonly bytes: Buffer
  readonly spans: readonly number[]
  readonly answers: readonly number[]
  /** Digits in the arguments of tool calls. */
  readonly digits: readonly number[]
}

const SPAN_ID = Buffer.from([0x12, 0x08])
const ANSWER = Buffer.from('chatcmpl-')
const ARGUMENT = Buffer.from('/srv/app/file-')
/** A trace id stands before a span id, and a parent's behind it: an attribute may look like a part of that. */
const TRACE_ID = 18
const PARENT_ID = 10

function placesOf(bytes: Buffer, pattern: Buffer, isOne: (at: number) => boolean): number[] {
  const places: number[] = []
  for (let at = bytes.indexOf(pattern); at >= 0; at = bytes.indexOf(pattern, at + pattern.length)) {
    if (isOne(at)) places.push(at + pattern.length)
  }
  return places
}

function templateOf(bytes: Buffer): Template {
  const isSpanId = (at: number): boolean =>
    bytes[at - TRACE_ID] === 0x0a &&
    bytes[at - TRACE_ID + 1] === 16 &&
    bytes[at + PARENT_ID] === 0x22 &&
    bytes[at + PARENT_ID + 1] === 8
  return {
    bytes,
    spans: placesOf(bytes, SPAN_ID, isSpanId),
    answers: placesOf(bytes, ANSWER, always),
    digits: placesOf(bytes, ARGUMENT, always).flatMap((at) => digitsFrom(bytes, at)),
  }
}

const always = (): boolean => true
const isDigit = (byte: number | undefined): boolean => byte !== undefined && byte >= 48 && byte < 58

function digitsFrom(bytes: Buffer, at: number): number[] {
  const places: number[] = []
  for (let i = at; isDigit(bytes[i]); i++) places.push(i)
  return places
}

/**
 * Requests that were never sent before, each with span and response ids of its own: everything else would be a duplicate.
 * Arguments of tool calls differ as well: the same call over and over would be a loop, and looked at as one.
 * Made by changing a few bytes of a few templates, since encoding requests anew takes the generator longer than the
 * sidecar takes for them.
 */
export function freshRequests(spans: number, templates: number, seed: number): () => Buffer {
  const all = Array.from({ length: templates }, (_, i) => templateOf(tracePayload(spans, 'mixed', seed + i)))
  const random = sequence(seed)
  let turn = 0
  return () => {
    const { bytes, spans: ids, answers, digits } = all[turn % all.length] as Template
    turn++
    const made = Buffer.from(bytes)
    for (const at of ids) made.writeUInt32LE(turn, at)
    for (const at of answers) for (let i = 0; i < 6; i++) made[at + i] = 97 + ((turn >>> (i * 4)) & 15)
    for (const at of digits) made[at] = 48 + Math.floor(random() * 10)
    return made
  }
}
