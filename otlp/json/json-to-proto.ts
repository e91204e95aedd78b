import { copyId, readBase64 } from './binary.ts'
import type { Field, Key, Message } from './model.ts'
import { REQUEST } from './model.ts'
import { high, low, readDouble, readInt32, readInt64, readUint32, readUint64 } from './numbers.ts'
import { putBytes, putDouble, putFixed32, putFixed64, putInt32, putVarint64, putZigZag } from './put.ts'
import type { OtlpSignal } from './schema.ts'
import { ProtoSink } from './sink.ts'
import { readBool, skipValue } from './skip.ts'
import { CLOSE_BRACE, CLOSE_BRACKET, COLON, JsonSource, OPEN_BRACE, OPEN_BRACKET, QUOTE } from './source.ts'
import { copyText, readString } from './text.ts'

/** How deep attribute values may nest: an array in a list in an array … */
export const VALUE_DEPTH_MAX = 100

const sink = new ProtoSink()

/**
 * An OTLP/JSON Export*ServiceRequest as protobuf. Throws {@link OtlpJsonError} at anything that is not one.
 *
 * Accepts what the specification asks for and what senders are known to write besides: names of enum values, snake_case
 * keys, ids in either case, 64-bit numbers bare or in quotes. Unknown keys are ignored, `null` means absent. A key that
 * stands twice follows the rules of protobuf: the last scalar counts, messages merge, lists join.
 */
export function jsonToProto(signal: OtlpSignal, body: Buffer): Buffer {
  const src = new JsonSource(body)
  sink.reset()
  if (src.peek() !== OPEN_BRACE) src.fail('expected an object')
  copyMessage(src, sink, REQUEST[signal], 0)
  src.peek()
  if (src.at < src.end) src.fail('unexpected text behind the document')
  return sink.finish()
}

/** The object that opens at `src.at`, as the fields of a message. `depth` counts nested attribute values. */
function copyMessage(src: JsonSource, out: ProtoSink, message: Message, depth: number): void {
  src.at++
  if (src.peek() === CLOSE_BRACE) {
    src.at++
    return
  }
  let before: Key | undefined
  let seen = 0
  do {
    const key = readKey(src, message, before === undefined ? message.begins : before.next)
    if (key === undefined) {
      src.expect(COLON)
      skipValue(src)
      continue
    }
    if (before === undefined) message.begins = key
    else before.next = key
    before = key
    src.expect(COLON)
    src.peek()
    const bit = 1 << key.field.index
    copyField(src, out, key.field, (seen & bit) !== 0, depth)
    seen |= bit
  } while (src.more(CLOSE_BRACE))
}

/** Reads a key and its quotes; undefined when the message has no such field. */
function readKey(src: JsonSource, message: Message, guess: Key | undefined): Key | undefined {
  if (src.peek() !== QUOTE) src.fail('expected a key in quotes')
  src.at++
  if (guess !== undefined && matches(src, guess)) return guess
  for (const key of message.keys[src.at < src.end ? (src.bytes[src.at] as number) : 0] ?? [])
    if (matches(src, key)) return key
  src.at--
  return findOddKey(src, message)
}

/** Steps over the key if this is the one that stands here. */
function matches(src: JsonSource, key: Key): boolean {
  const { length, words } = key
  const { view, at } = src
  const last = at + length - 4
  if (last + 4 > src.end || view.getInt32(last, true) !== words[words.length - 1]) return false
  for (let i = 0, from = at; from < last; i++, from += 4) if (view.getInt32(from, true) !== words[i]) return false
  src.at = at + length
  return true
}

/** A key that is unknown, unless it hides behind escapes. */
function findOddKey(src: JsonSource, message: Message): Key | undefined {
  const from = src.at
  const text = readString(src)
  if (src.at - from === text.length + 2) return undefined
  return message.keys[text.charCodeAt(0)]?.find((key) => key.text === text)
}

/** The value at `src.at`. A default is only written where it says something: see `Field.explicit`, or after `again`. */
function copyField(src: JsonSource, out: ProtoSink, field: Field, again: boolean, depth: number): void {
  if (src.isNull()) return
  if (field.repeated) copyList(src, out, field, depth)
  else if (field.message !== undefined) copyPart(src, out, field, field.message, depth)
  else {
    const from = out.at
    out.tag(field.tag)
    if (!copyScalar(src, out, field) && !field.explicit && !again) out.at = from
  }
}

function copyPart(src: JsonSource, out: ProtoSink, field: Field, message: Message, depth: number): void {
  if (src.peek() !== OPEN_BRACE) src.fail('expected an object')
  const inner = message.name === 'AnyValue' ? depth + 1 : depth
  if (inner > VALUE_DEPTH_MAX) src.fail(`values nested more than ${VALUE_DEPTH_MAX} deep`)
  out.tag(field.tag)
  const slot = out.open(field.room)
  copyMessage(src, out, message, inner)
  field.room = out.close(slot)
}

function copyList(src: JsonSource, out: ProtoSink, field: Field, depth: number): void {
  if (src.peek() !== OPEN_BRACKET) src.fail('expected an array')
  src.at++
  if (src.peek() === CLOSE_BRACKET) {
    src.at++
    return
  }
  if (field.message !== undefined) copyParts(src, out, field, field.message, depth)
  else if (field.type === 'string') copyTexts(src, out, field)
  else copyPacked(src, out, field)
}

function copyParts(src: JsonSource, out: ProtoSink, field: Field, message: Message, depth: number): void {
  do {
    src.peek()
    if (!src.isNull()) copyPart(src, out, field, message, depth)
    else if (message.name === 'AnyValue') {
      // An empty value keeps the places of the others in the array.
      out.tag(field.tag)
      out.bytes[out.at++] = 0
    }
  } while (src.more(CLOSE_BRACKET))
}

function copyTexts(src: JsonSource, out: ProtoSink, field: Field): void {
  do {
    src.peek()
    out.tag(field.tag)
    copyScalar(src, out, field)
  } while (src.more(CLOSE_BRACKET))
}

function copyPacked(src: JsonSource, out: ProtoSink, field: Field): void {
  out.tag(field.tag)
  const slot = out.open(field.room)
  do {
    src.peek()
    out.ensure(16)
    copyScalar(src, out, field)
  } while (src.more(CLOSE_BRACKET))
  field.room = out.close(slot)
}

/** Writes one value without its tag; false when it is the default of its type. */
function copyScalar(src: JsonSource, out: ProtoSink, field: Field): boolean {
  switch (field.type) {
    case 'string':
      if (src.bytes[src.at] !== QUOTE) src.fail('expected a string')
      return copyText(src, out) !== 0
    case 'int64':
      readInt64(src)
      return putVarint64(out, high, low)
    case 'fixed64':
    case 'uint64':
      readUint64(src)
      return field.type === 'fixed64' ? putFixed64(out, high, low) : putVarint64(out, high, low)
    case 'sfixed64':
      readInt64(src)
      return putFixed64(out, high, low)
    case 'traceId':
      return copyId(src, out, 16)
    case 'spanId':
      return copyId(src, out, 8)
    case 'enum':
      return putInt32(out, readEnum(src, field))
    case 'bool':
      return putVarint64(out, 0, readBool(src) ? 1 : 0)
    case 'double':
      return putDouble(out, readDouble(src))
    case 'uint32':
      return putVarint64(out, 0, readUint32(src) | 0)
    case 'fixed32':
      return putFixed32(out, readUint32(src))
    case 'int32':
      return putInt32(out, readInt32(src))
    case 'sint32':
      return putZigZag(out, readInt32(src))
    case 'bytes':
      return putBytes(out, readBase64(src))
    default:
      throw new Error(`${field.name} is no scalar`)
  }
}

/** A number, or (tolerated) the name of one. */
function readEnum(src: JsonSource, field: Field): number {
  const from = src.at
  if (src.bytes[from] !== QUOTE) return readInt32(src)
  const name = readString(src)
  const value = field.names.get(name)
  return value === undefined ? src.fail('unknown name of an enum value', from) : value
}
