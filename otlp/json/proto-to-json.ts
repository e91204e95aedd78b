import { Malformed } from '../malformed.ts'
import { LEN, readFixed, readInt64, readVarint, VARINT, varint } from '../wire.ts'
import { JsonSink } from './json-sink.ts'
import { VALUE_DEPTH_MAX } from './message.ts'
import { type Field, type Message, REQUEST, WIRE_TYPE } from './model.ts'
import { Occurrences } from './occurrences.ts'
import type { OtlpSignal } from './schema.ts'

const COMMA = 0x2c
const OPEN_BRACE = 0x7b
const CLOSE_BRACE = 0x7d
const OPEN_BRACKET = 0x5b
const CLOSE_BRACKET = 0x5d

const sink = new JsonSink()
const found = new Occurrences()

/**
 * A protobuf Export*ServiceRequest as one line of canonical OTLP/JSON: lowerCamelCase keys, hex ids, 64-bit integers in
 * quotes, enums as numbers, bytes as base64, nothing that is the default. Throws {@link Malformed}.
 *
 * Unknown fields are left out: JSON has no place for them. Text that is not UTF-8 is mended with U+FFFD.
 */
export function protoToJson(signal: OtlpSignal, bytes: Buffer): string {
  sink.reset()
  found.reset()
  writeMessage(bytes, 0, bytes.length, REQUEST[signal], 0)
  return sink.finish()
}

function writeMessage(buf: Buffer, from: number, end: number, message: Message, depth: number): void {
  const inner = message.nests ? depth + 1 : depth
  if (inner > VALUE_DEPTH_MAX) throw new Malformed(`values nested more than ${VALUE_DEPTH_MAX} deep`, from)
  const mark = found.mark
  const base = found.scan(buf, from, end, message)
  const start = sink.at
  for (const field of message.fields) {
    const first = found.firstOf(base, field.index)
    if (first >= 0) writeField(buf, field, first, inner)
    else if (field.always) writeEmptyText(field)
  }
  found.drop(base, mark)
  // Every member has put a comma before itself; that of the first one is the opening brace.
  if (sink.at === start) sink.mark(OPEN_BRACE)
  else sink.bytes[start] = OPEN_BRACE
  sink.mark(CLOSE_BRACE)
}

function writeKey(field: Field): void {
  sink.words(field.json, field.jsonLength)
}

function writeEmptyText(field: Field): void {
  writeKey(field)
  sink.ascii('""')
}

function writeField(buf: Buffer, field: Field, first: number, depth: number): void {
  const start = sink.at
  writeKey(field)
  if (field.repeated) {
    if (!writeList(buf, field, first, depth)) sink.at = start
  } else if (field.message !== undefined) writePart(buf, field.message, first, depth)
  else if (!writeScalar(buf, field, found.startOf(first), found.endOf(first)) && !field.explicit && !field.always)
    sink.at = start
}

/** A singular message. One that comes in pieces is their concatenation: that is how protobuf merges. */
function writePart(buf: Buffer, message: Message, first: number, depth: number): void {
  if (found.nextOf(first) < 0) {
    writeMessage(buf, found.startOf(first), found.endOf(first), message, depth)
    return
  }
  const pieces: Buffer[] = []
  for (let i = first; i >= 0; i = found.nextOf(i)) pieces.push(buf.subarray(found.startOf(i), found.endOf(i)))
  const merged = Buffer.concat(pieces)
  writeMessage(merged, 0, merged.length, message, depth)
}

/** False when there was nothing to write: an empty packed list. */
function writeList(buf: Buffer, field: Field, first: number, depth: number): boolean {
  const start = sink.at
  for (let i = first; i >= 0; i = found.nextOf(i)) {
    const from = found.startOf(i)
    const end = found.endOf(i)
    if (field.message !== undefined) {
      sink.mark(COMMA)
      writeMessage(buf, from, end, field.message, depth)
    } else if (found.wireOf(i) === LEN && WIRE_TYPE[field.type] !== LEN) writePacked(buf, field, from, end)
    else {
      sink.mark(COMMA)
      writeScalar(buf, field, from, end)
    }
  }
  if (sink.at === start) return false
  sink.bytes[start] = OPEN_BRACKET
  sink.mark(CLOSE_BRACKET)
  return true
}

function writePacked(buf: Buffer, field: Field, from: number, end: number): void {
  const wire = WIRE_TYPE[field.type]
  let at = from
  while (at < end) {
    const next = wire === VARINT ? readVarint(buf, at, end) : readFixed(at, wire === 1 ? 8 : 4, end)
    sink.mark(COMMA)
    writeScalar(buf, field, at, next)
    at = next
  }
}

/** One value; false when it is the default of its type. */
function writeScalar(buf: Buffer, field: Field, at: number, end: number): boolean {
  switch (field.type) {
    case 'string':
      sink.text(buf, at, end)
      return end > at
    case 'traceId':
    case 'spanId':
      sink.hex(buf, at, end)
      return end > at
    case 'bytes':
      sink.base64(buf, at, end)
      return end > at
    case 'double':
      return writeDouble(buf.readDoubleLE(at))
    case 'fixed64':
      return writeQuoted(buf.readBigUInt64LE(at))
    case 'sfixed64':
      return writeQuoted(buf.readBigInt64LE(at))
    case 'int64':
      return writeInt64(buf, at, end)
    case 'uint64':
      return writeQuoted(BigInt.asUintN(64, readInt64(buf, at)))
    case 'fixed32':
      return writeNumber(buf.readUInt32LE(at))
    case 'bool':
      return writeBool(buf, at, end)
    default:
      return writeInt32(buf, field, at, end)
  }
}

/** 32-bit varints: what is longer counts with its lower 32 bits, as in every decoder. */
function writeInt32(buf: Buffer, field: Field, at: number, end: number): boolean {
  readVarint(buf, at, end)
  const value = varint <= 0xffffffff ? varint | 0 : Number(BigInt.asIntN(32, readInt64(buf, at)))
  if (field.type === 'uint32') return writeNumber(value >>> 0)
  if (field.type === 'sint32') return writeNumber((value >>> 1) ^ -(value & 1))
  return writeNumber(value)
}

function writeInt64(buf: Buffer, at: number, end: number): boolean {
  readVarint(buf, at, end)
  return writeQuoted(varint <= Number.MAX_SAFE_INTEGER ? varint : readInt64(buf, at))
}

function writeBool(buf: Buffer, at: number, end: number): boolean {
  readVarint(buf, at, end)
  sink.ascii(varint !== 0 ? 'true' : 'false')
  return varint !== 0
}

function writeNumber(value: number): boolean {
  sink.ascii(String(value))
  return value !== 0
}

function writeQuoted(value: number | bigint): boolean {
  const text = String(value)
  sink.mark(0x22)
  sink.ascii(text)
  sink.mark(0x22)
  return text !== '0'
}

function writeDouble(value: number): boolean {
  if (Number.isFinite(value)) sink.ascii(Object.is(value, -0) ? '-0' : String(value))
  else sink.ascii(`"${value}"`)
  return !Object.is(value, 0)
}
