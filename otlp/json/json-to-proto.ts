import { copyPlainAttribute } from './attribute.ts'
import { copyBase64, copyId } from './binary.ts'
import { type Field, type Key, type Message, REQUEST } from './model.ts'
import { double, high, low, readDouble, readInt32, readInt64, readUint32, readUint64 } from './numbers.ts'
import { putDouble, putFixed32, putFixed64, putInt32, putVarint64, putZigZag } from './put.ts'
import type { OtlpSignal } from './schema.ts'
import { ProtoSink } from './sink.ts'
import { isFalse, isTrue, skipValue } from './skip.ts'
import {
  CLOSE_BRACE,
  CLOSE_BRACKET,
  COLON,
  COMMA,
  expect,
  expectNext,
  isNull,
  JsonSource,
  OPEN_BRACE,
  OPEN_BRACKET,
  QUOTE,
  skipSpace,
  spaceEnd,
} from './source.ts'
import { copyText, skipString, stringBetween } from './text.ts'

/** How deep attribute values may nest: an array in a list in an array … */
export const VALUE_DEPTH_MAX = 100

const sink = new ProtoSink()

/**
 * An OTLP/JSON Export*ServiceRequest as protobuf. Throws {@link OtlpJsonError} at anything that is not one.
 *
 * Accepts what the specification asks for and what senders are known to write besides: names of enum values, snake_case
 * keys, ids in either case, 64-bit numbers bare or in quotes, a byte order mark. Unknown keys are ignored, `null` means
 * absent. A key that stands twice follows the rules of protobuf: the last scalar counts, messages merge, lists join.
 */
export function jsonToProto(signal: OtlpSignal, body: Buffer): Buffer {
  const src = new JsonSource(body)
  sink.reset()
  const marked = body.length >= 3 && body[0] === 0xef && body[1] === 0xbb && body[2] === 0xbf
  const at = skipSpace(src, marked ? 3 : 0)
  if (body[at] !== OPEN_BRACE) src.fail('expected an object', at)
  const rest = spaceEnd(src, copyMessage(src, sink, REQUEST[signal], at, 0))
  if (rest < src.end) src.fail('unexpected text behind the document', rest)
  return sink.finish()
}

/** The object that opens at `from`, as the fields of a message. `depth` counts nested attribute values. */
function copyMessage(src: JsonSource, out: ProtoSink, message: Message, from: number, depth: number): number {
  let at = skipSpace(src, from + 1)
  if (src.bytes[at] === CLOSE_BRACE) return at + 1
  let before: Key | undefined
  let seen = 0
  for (;;) {
    if (src.bytes[at] !== QUOTE) src.fail('expected a key in quotes', at)
    const key = findKey(src, message, at + 1, before === undefined ? message.begins : before.next)
    if (key === undefined) at = copyOddMember(src, out, message, at, depth)
    else {
      if (before === undefined) message.begins = key
      else before.next = key
      before = key
      const bit = 1 << key.field.index
      at = copyField(src, out, key.field, expect(src, at + 1 + key.length, COLON), (seen & bit) !== 0, depth)
      seen |= bit
    }
    at = expectNext(src, at, CLOSE_BRACE) + 1
    if (src.bytes[at - 1] === CLOSE_BRACE) return at
    at = skipSpace(src, at)
  }
}

/** The field whose key, closing quote included, stands at `at`. */
function findKey(src: JsonSource, message: Message, at: number, guess: Key | undefined): Key | undefined {
  if (guess !== undefined && matches(src, at, guess)) return guess
  const first = at < src.end ? (src.bytes[at] as number) : 0
  for (const key of message.keys[first] ?? []) if (matches(src, at, key)) return key
  return undefined
}

function matches(src: JsonSource, at: number, key: Key): boolean {
  const { view } = src
  const { words } = key
  const last = at + key.length - 4
  if (last + 4 > src.end || view.getInt32(last, true) !== words[words.length - 1]) return false
  for (let i = 0, from = at; from < last; i++, from += 4) if (view.getInt32(from, true) !== words[i]) return false
  return true
}

/** A member whose key is unknown, unless it hides behind escapes. */
function copyOddMember(src: JsonSource, out: ProtoSink, message: Message, from: number, depth: number): number {
  const keyEnd = skipString(src, from)
  const text = stringBetween(src, from, keyEnd)
  const value = expect(src, keyEnd, COLON)
  const key = message.keys[text.charCodeAt(0)]?.find((known) => known.text === text)
  return key === undefined ? skipValue(src, value) : copyField(src, out, key.field, value, true, depth)
}

/** A default is only written where it says something: see `Field.explicit`, or `again`, behind another value. */
function copyField(src: JsonSource, out: ProtoSink, field: Field, at: number, again: boolean, depth: number): number {
  if (isNull(src, at)) return at + 4
  if (field.repeated) return copyList(src, out, field, at, depth)
  if (field.message !== undefined) return copyPart(src, out, field, field.message, at, depth)
  const from = out.at
  out.tag(field.tag)
  const put = out.at
  const end = copyScalar(src, out, field, at)
  if (!field.explicit && !again && isDefault(out, put, field)) out.at = from
  return end
}

/** Whether the value that was written last, at `put`, is the default of its type. */
function isDefault(out: ProtoSink, put: number, field: Field): boolean {
  const size = out.at - put
  if (size === 1) return out.bytes[put] === 0
  if (size !== 8 && size !== 4) return false
  return isFixed(field) && out.view.getInt32(put, true) === 0 && (size === 4 || out.view.getInt32(put + 4, true) === 0)
}

const isFixed = (field: Field): boolean => (field.tag & 7) === 1 || (field.tag & 7) === 5

function copyPart(src: JsonSource, out: ProtoSink, field: Field, message: Message, at: number, depth: number): number {
  if (src.bytes[at] !== OPEN_BRACE) src.fail('expected an object', at)
  const inner = message.name === 'AnyValue' ? depth + 1 : depth
  if (inner > VALUE_DEPTH_MAX) src.fail(`values nested more than ${VALUE_DEPTH_MAX} deep`, at)
  out.tag(field.tag)
  const slot = out.open(field.room)
  const end = copyMessage(src, out, message, at, inner)
  field.room = out.close(slot)
  return end
}

function copyList(src: JsonSource, out: ProtoSink, field: Field, from: number, depth: number): number {
  if (src.bytes[from] !== OPEN_BRACKET) src.fail('expected an array', from)
  const at = skipSpace(src, from + 1)
  if (src.bytes[at] === CLOSE_BRACKET) return at + 1
  if (field.message !== undefined) return copyParts(src, out, field, field.message, at, depth)
  return field.type === 'string' ? copyTexts(src, out, field, at) : copyPacked(src, out, field, at)
}

function copyParts(
  src: JsonSource,
  out: ProtoSink,
  field: Field,
  message: Message,
  from: number,
  depth: number,
): number {
  let at = from
  for (;;) {
    if (isNull(src, at)) {
      at += 4
      // An empty value keeps the places of the others in an array.
      if (message.name === 'AnyValue') putEmpty(out, field)
    } else {
      const end = message.name === 'KeyValue' ? copyPlainAttribute(src, out, field.tag, at) : 0
      at = end !== 0 ? end : copyPart(src, out, field, message, at, depth)
    }
    at = expectNext(src, at, CLOSE_BRACKET)
    if (src.bytes[at] !== COMMA) return at + 1
    at = skipSpace(src, at + 1)
  }
}

function putEmpty(out: ProtoSink, field: Field): void {
  out.tag(field.tag)
  out.bytes[out.at++] = 0
}

function copyTexts(src: JsonSource, out: ProtoSink, field: Field, from: number): number {
  let at = from
  for (;;) {
    out.tag(field.tag)
    at = expectNext(src, copyScalar(src, out, field, at), CLOSE_BRACKET)
    if (src.bytes[at] !== COMMA) return at + 1
    at = skipSpace(src, at + 1)
  }
}

function copyPacked(src: JsonSource, out: ProtoSink, field: Field, from: number): number {
  let at = from
  out.tag(field.tag)
  const slot = out.open(field.room)
  for (;;) {
    out.ensure(16)
    at = expectNext(src, copyScalar(src, out, field, at), CLOSE_BRACKET)
    if (src.bytes[at] !== COMMA) break
    at = skipSpace(src, at + 1)
  }
  field.room = out.close(slot)
  return at + 1
}

/** Writes one value without its tag. */
function copyScalar(src: JsonSource, out: ProtoSink, field: Field, at: number): number {
  let end = at
  switch (field.type) {
    case 'string':
      if (src.bytes[at] !== QUOTE) src.fail('expected a string', at)
      return copyText(src, out, at)
    case 'fixed64':
      end = readUint64(src, at)
      putFixed64(out, high, low)
      return end
    case 'traceId':
      return copyId(src, out, at, 16)
    case 'spanId':
      return copyId(src, out, at, 8)
    case 'enum':
      return copyEnum(src, out, field, at)
    case 'int64':
      end = readInt64(src, at)
      putVarint64(out, high, low)
      return end
    case 'double':
      end = readDouble(src, at)
      putDouble(out, double)
      return end
    case 'bytes':
      return copyBase64(src, out, at)
    case 'bool':
      return copyBool(src, out, at)
    default:
      return copyRareNumber(src, out, field, at)
  }
}

function copyRareNumber(src: JsonSource, out: ProtoSink, field: Field, at: number): number {
  let end = at
  switch (field.type) {
    case 'uint32':
      end = readUint32(src, at)
      putVarint64(out, 0, low)
      return end
    case 'fixed32':
      end = readUint32(src, at)
      putFixed32(out, low)
      return end
    case 'uint64':
      end = readUint64(src, at)
      putVarint64(out, high, low)
      return end
    case 'sfixed64':
      end = readInt64(src, at)
      putFixed64(out, high, low)
      return end
    case 'sint32':
      end = readInt32(src, at)
      putZigZag(out, low)
      return end
    default:
      end = readInt32(src, at)
      putInt32(out, low)
      return end
  }
}

function copyBool(src: JsonSource, out: ProtoSink, at: number): number {
  const yes = isTrue(src, at)
  if (!yes && !isFalse(src, at)) src.fail('expected true or false', at)
  putVarint64(out, 0, yes ? 1 : 0)
  return yes ? at + 4 : at + 5
}

/** A number, or (tolerated) the name of one. */
function copyEnum(src: JsonSource, out: ProtoSink, field: Field, at: number): number {
  if (src.bytes[at] !== QUOTE) {
    const end = readInt32(src, at)
    putInt32(out, low)
    return end
  }
  const end = skipString(src, at)
  const value = field.names.get(stringBetween(src, at, end))
  putInt32(out, value ?? src.fail('unknown name of an enum value', at))
  return end
}
