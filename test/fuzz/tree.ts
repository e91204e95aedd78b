/**
 * A protobuf decoder and encoder that shares nothing with the product: it makes a tree of every field as it stood on the
 * wire, written to be plainly right. What the product reads in one pass over the bytes is compared with what this reads.
 */

/** Wire types. */
export const VARINT = 0
export const I64 = 1
export const LEN = 2
export const GROUP = 3
const END_GROUP = 4
export const I32 = 5
const DEPTH_MAX = 100

export interface Field {
  readonly number: number
  readonly wire: number
  /** The content: the varint's own bytes, eight or four bytes, a body without its length, or a group with its end tag. */
  readonly body: Buffer
  /** The whole field as it stood, tag and length included. */
  readonly raw: Buffer
  /** Bytes of its tag. */
  readonly tagBytes: number
  /** The content read as a message, where the schema says that it is one. */
  readonly message: Message | undefined
}

export interface Message {
  readonly type: string
  readonly fields: readonly Field[]
}

/** Fields that are messages, by message and number. */
const CHILDREN: Readonly<Record<string, Readonly<Record<number, string>>>> = {
  traces: { 1: 'ResourceSpans' },
  ResourceSpans: { 1: 'Resource', 2: 'ScopeSpans' },
  ScopeSpans: { 1: 'Scope', 2: 'Span' },
  Span: { 9: 'KeyValue', 11: 'Event', 13: 'Link', 15: 'Status' },
  Event: { 3: 'KeyValue' },
  Link: { 4: 'KeyValue' },
  Status: {},
  logs: { 1: 'ResourceLogs' },
  ResourceLogs: { 1: 'Resource', 2: 'ScopeLogs' },
  ScopeLogs: { 1: 'Scope', 2: 'LogRecord' },
  LogRecord: { 5: 'AnyValue', 6: 'KeyValue' },
  metrics: { 1: 'ResourceMetrics' },
  ResourceMetrics: { 1: 'Resource', 2: 'ScopeMetrics' },
  ScopeMetrics: { 1: 'Scope', 2: 'Metric' },
  Metric: { 5: 'Gauge', 7: 'Sum', 9: 'Histogram', 10: 'ExponentialHistogram', 11: 'Summary', 12: 'KeyValue' },
  Gauge: { 1: 'Point' },
  Sum: { 1: 'Point' },
  Histogram: { 1: 'Point' },
  ExponentialHistogram: { 1: 'Point' },
  Summary: { 1: 'Point' },
  Resource: { 1: 'KeyValue', 3: 'EntityRef' },
  EntityRef: {},
  Scope: { 3: 'KeyValue' },
  KeyValue: { 2: 'AnyValue' },
  AnyValue: { 5: 'ArrayValue', 6: 'KeyValueList' },
  ArrayValue: { 1: 'AnyValue' },
  KeyValueList: { 1: 'KeyValue' },
}

/** Wire types of the fields that the schema knows, where another one is a mistake. */
const WIRES: Readonly<Record<string, Readonly<Record<number, number>>>> = {
  traces: { 1: LEN },
  ResourceSpans: { 1: LEN, 2: LEN, 3: LEN },
  ScopeSpans: { 1: LEN, 2: LEN, 3: LEN },
  ...{ Resource: { 1: LEN, 2: VARINT, 3: LEN }, Scope: { 1: LEN, 2: LEN, 3: LEN, 4: VARINT } },
  Span: {
    ...{ 1: LEN, 2: LEN, 3: LEN, 4: LEN, 5: LEN, 6: VARINT, 7: I64, 8: I64, 9: LEN, 10: VARINT, 11: LEN },
    ...{ 12: VARINT, 13: LEN, 14: VARINT, 15: LEN, 16: I32 },
  },
  Event: { 1: I64, 2: LEN, 3: LEN, 4: VARINT },
  Link: { 1: LEN, 2: LEN, 3: LEN, 4: LEN, 5: VARINT, 6: I32 },
  Status: { 2: LEN, 3: VARINT },
  logs: { 1: LEN },
  metrics: { 1: LEN },
  ResourceMetrics: { 1: LEN, 2: LEN, 3: LEN },
  ScopeMetrics: { 1: LEN, 2: LEN, 3: LEN },
  ResourceLogs: { 1: LEN, 2: LEN, 3: LEN },
  ScopeLogs: { 1: LEN, 2: LEN, 3: LEN },
  LogRecord: { 1: I64, 2: VARINT, 3: LEN, 5: LEN, 6: LEN, 7: VARINT, 8: I32, 9: LEN, 10: LEN, 11: I64, 12: LEN },
  KeyValue: { 1: LEN, 2: LEN },
  AnyValue: { 1: LEN, 2: VARINT, 3: VARINT, 4: I64, 5: LEN, 6: LEN, 7: LEN },
  ...{ ArrayValue: { 1: LEN }, KeyValueList: { 1: LEN } },
}

/** Whether the field is one that the schema knows, of the wire type that the schema gives it. */
export const isKnown = (type: string, field: Field): boolean => WIRES[type]?.[field.number] === field.wire
/**
 * What decoders differ on: a known number with a wire type that is not its own, and a tag that takes more bytes than a
 * 32-bit number can (protobufjs then goes on reading at a wrong place).
 */
export const isDubious = (type: string, field: Field): boolean =>
  (WIRES[type]?.[field.number] !== undefined && !isKnown(type, field)) || field.tagBytes > 5

export const childType = (type: string, number: number): string | undefined => CHILDREN[type]?.[number]

/** The tree of a whole request; undefined when it is not well-formed somewhere. */
export function parse(bytes: Buffer, type: string): Message | undefined {
  try {
    return messageOf(bytes, type, 0)
  } catch {
    return undefined
  }
}

function messageOf(bytes: Buffer, type: string, depth: number): Message {
  return { type, fields: fieldsOf(bytes).map((field) => withMessage(field, type, depth)) }
}

function withMessage(field: Field, type: string, depth: number): Field {
  const child = field.wire === LEN ? childType(type, field.number) : undefined
  if (child === undefined || depth > DEPTH_MAX) return field
  return { ...field, message: messageOf(field.body, child, depth + 1) }
}

/** The fields of one message, not of those in it. Throws at the first that is none. */
export function fieldsOf(bytes: Buffer): Field[] {
  const fields: Field[] = []
  for (let at = 0; at < bytes.length; ) {
    const [tag, body] = varintAt(bytes, at)
    const end = endOf(bytes, tag, body, 0)
    const wire = Number(tag & 7n)
    const from = wire === LEN ? varintAt(bytes, body)[1] : body
    fields.push({
      ...{
        number: Number(tag >> 3n),
        wire,
        tagBytes: body - at,
        body: bytes.subarray(from, end),
        raw: bytes.subarray(at, end),
      },
      message: undefined,
    })
    at = end
  }
  return fields
}

function endOf(bytes: Buffer, tag: bigint, at: number, depth: number): number {
  if (tag >> 3n === 0n || tag > 0xffffffffn) throw new Error('field number')
  const wire = Number(tag & 7n)
  if (wire === VARINT) return varintAt(bytes, at)[1]
  if (wire === LEN) {
    const [length, body] = varintAt(bytes, at)
    return within(bytes, length > 0xffffffffn ? Number.POSITIVE_INFINITY : body + Number(length))
  }
  if (wire === I64) return within(bytes, at + 8)
  if (wire === I32) return within(bytes, at + 4)
  if (wire === GROUP) return endOfGroup(bytes, tag >> 3n, at, depth)
  throw new Error('wire type')
}

function endOfGroup(bytes: Buffer, number: bigint, from: number, depth: number): number {
  if (depth >= DEPTH_MAX) throw new Error('groups too deep')
  for (let at = from; ; ) {
    const [tag, body] = varintAt(bytes, at)
    if (Number(tag & 7n) === END_GROUP) {
      if (tag >> 3n !== number) throw new Error('wrong end of group')
      return body
    }
    at = endOf(bytes, tag, body, depth + 1)
  }
}

function within(bytes: Buffer, end: number): number {
  if (end > bytes.length) throw new Error('past the end')
  return end
}

/** Value and offset behind it. */
export function varintAt(bytes: Buffer, at: number): readonly [bigint, number] {
  let value = 0n
  for (let i = 0; i < 10; i++) {
    const byte = bytes[at + i]
    if (byte === undefined) throw new Error('varint past the end')
    value |= BigInt(byte & 0x7f) << BigInt(7 * i)
    if (byte < 0x80) return [value, at + i + 1]
  }
  throw new Error('varint too long')
}

// Writing. `padding` makes varints longer than they need be, which is legal.

export function varintBytes(value: bigint, padding = 0): Buffer {
  const bytes: number[] = []
  let rest = value
  do {
    bytes.push(Number(rest & 0x7fn))
    rest >>= 7n
  } while (rest > 0n)
  for (let i = 0; i < padding && bytes.length < 10; i++) bytes.push(0)
  return Buffer.from(bytes.map((byte, i) => (i < bytes.length - 1 ? byte | 0x80 : byte)))
}

export interface Draft {
  number: number
  wire: number
  /** Content as in {@link Field}; of a message see `fields`. */
  body: Buffer
  type: string | undefined
  fields: Draft[]
}

/** A copy to change at will. */
export function draftOf(message: Message): Draft[] {
  return message.fields.map(({ number, wire, body, message: inner }) => ({
    ...{ number, wire, body, type: inner?.type },
    fields: inner === undefined ? [] : draftOf(inner),
  }))
}

export const leaf = (number: number, wire: number, body: Buffer): Draft => ({
  ...{ number, wire, body, type: undefined, fields: [] },
})

/** @param padding asked for each varint: how many bytes too long. */
export function encode(fields: readonly Draft[], padding: () => number = () => 0): Buffer {
  const parts: Buffer[] = []
  for (const { number, wire, body, type, fields: inner } of fields) {
    const tag = (BigInt(number) << 3n) | BigInt(wire)
    parts.push(varintBytes(tag, Math.min(padding(), 5 - varintBytes(tag).length)))
    const content = type === undefined ? body : encode(inner, padding)
    if (wire === LEN) parts.push(varintBytes(BigInt(content.length), padding()))
    parts.push(content)
  }
  return Buffer.concat(parts)
}
