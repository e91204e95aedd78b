import { type FieldSpec, MESSAGES, type OtlpSignal, REQUESTS, type Scalar } from './schema.ts'

/** A message, compiled: what the byte loops look at. */
export class Message {
  readonly name: string
  readonly fields: Field[] = []
  /** Fields by number; holes are undefined. */
  readonly byNumber: (Field | undefined)[] = []
  /** Keys by their first byte, ASCII only. */
  readonly keys: readonly Key[][] = Array.from({ length: 128 }, () => [])
  /** Attribute values nest, and so are counted. */
  readonly nests: boolean
  /** Stands before the first key of an object: its `next` is the guess at that. */
  readonly head: Key

  constructor(name: string) {
    this.name = name
    this.nests = name === 'AnyValue'
    // No field has this index.
    this.head = new Key('none', new Field('', { number: 0, type: 'bool' }, undefined, 31))
  }

  add(field: Field): void {
    this.fields.push(field)
    while (this.byNumber.length <= field.number) this.byNumber.push(undefined)
    this.byNumber[field.number] = field
    for (const text of new Set([field.name, snakeCase(field.name)])) {
      this.keys[text.charCodeAt(0)]?.push(new Key(text, field))
    }
    this.head.next = this.keys[field.name.charCodeAt(0)]?.[0] ?? this.head
  }
}

export class Field {
  readonly name: string
  readonly number: number
  readonly type: Scalar | 'message'
  readonly repeated: boolean
  readonly explicit: boolean
  readonly oneof: boolean
  readonly always: boolean
  /** The tag as it is written: number and wire type; of a packed list, the tag of the list. */
  readonly tag: number
  /** `,"name":` as JSON has it, in little-endian words, with zeros behind it. */
  readonly json: Int32Array
  readonly jsonLength: number
  /** Of a `message` field. */
  readonly message: Message | undefined
  /** Of an `enum` field. */
  readonly names: ReadonlyMap<string, number>
  /** Bytes of a fixed-size number, else 0. */
  readonly fixedSize: number
  /** Its place in `Message.fields`. */
  readonly index: number
  /** Bytes to leave for the length prefix of the next such message: as many as the one before needed. Only a guess. */
  room = 1

  constructor(name: string, spec: FieldSpec, message: Message | undefined, index: number) {
    this.name = name
    this.number = spec.number
    this.type = spec.type
    this.repeated = spec.repeated === true
    this.explicit = spec.explicit === true
    this.oneof = spec.oneof === true
    this.always = spec.always === true
    this.json = wordsOf(`,"${name}":`)
    this.jsonLength = name.length + 4
    const packed = this.repeated && spec.type !== 'string'
    this.tag = (spec.number << 3) | (packed ? 2 : WIRE_TYPE[spec.type])
    this.fixedSize = WIRE_TYPE[spec.type] === 1 ? 8 : WIRE_TYPE[spec.type] === 5 ? 4 : 0
    this.message = message
    this.names = new Map(Object.entries(spec.names ?? {}))
    this.index = index
  }
}

/** A JSON key, lowerCamelCase or (tolerated) snake_case, as it stands in the text: `"name":`. */
export class Key {
  readonly text: string
  readonly field: Field
  /** Bytes, quotes and colon included; never less than 4. */
  readonly length: number
  /** Little-endian words at 0, 4, 8 …; the last one ends at `length` and may overlap its neighbour. */
  readonly words: Int32Array
  /** Which key followed this one the last time. Only a guess, that makes most look-ups one comparison. */
  next: Key

  constructor(text: string, field: Field) {
    const bytes = Buffer.from(`"${text}":`)
    this.text = text
    this.field = field
    this.length = bytes.length
    this.words = new Int32Array(Math.ceil(this.length / 4))
    for (let i = 0; i < this.words.length; i++) this.words[i] = bytes.readInt32LE(Math.min(i * 4, this.length - 4))
    this.next = this
  }
}

/** The wire type of one value. */
export const WIRE_TYPE: Readonly<Record<Scalar | 'message', number>> = {
  string: 2,
  bytes: 2,
  traceId: 2,
  spanId: 2,
  message: 2,
  bool: 0,
  int32: 0,
  sint32: 0,
  uint32: 0,
  int64: 0,
  uint64: 0,
  enum: 0,
  double: 1,
  fixed64: 1,
  sfixed64: 1,
  fixed32: 5,
}

function wordsOf(text: string): Int32Array {
  const words = new Int32Array(Math.ceil(text.length / 4))
  Buffer.from(words.buffer).write(text)
  return words
}

const snakeCase = (name: string): string => name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`)

/** In two steps, because AnyValue holds itself. */
function compile(): ReadonlyMap<string, Message> {
  const messages = new Map(Object.keys(MESSAGES).map((name) => [name, new Message(name)]))
  for (const [name, spec] of Object.entries(MESSAGES)) {
    const message = messages.get(name)
    for (const [key, field] of Object.entries(spec)) {
      message?.add(new Field(key, field, messages.get(field.message ?? ''), message.fields.length))
    }
  }
  return messages
}

const compiled = compile()

function messageNamed(name: string): Message {
  const message = compiled.get(name)
  if (message === undefined) throw new Error(`no message ${name}`)
  return message
}

/** What most of any request is made of, and its key: they have a short way of their own. */
export const KEY_VALUE = messageNamed('KeyValue')
export const ATTRIBUTE_KEY = KEY_VALUE.head.next

/** The Export*ServiceRequest of each signal. */
export const REQUEST: Readonly<Record<OtlpSignal, Message>> = {
  traces: messageNamed(REQUESTS.traces),
  logs: messageNamed(REQUESTS.logs),
  metrics: messageNamed(REQUESTS.metrics),
}
