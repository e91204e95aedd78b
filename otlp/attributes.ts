import { varintSize, writeVarint } from './wire.ts'

/** An attribute key with its protobuf form: the `key` field of a KeyValue, tag and length included. */
export interface AttributeKey {
  readonly name: string
  readonly encoded: Uint8Array
}

/** Made once per key, at module level. */
export function attributeKey(name: string): AttributeKey {
  const text = Buffer.from(name)
  const encoded = Buffer.alloc(1 + varintSize(text.length) + text.length)
  encoded[0] = 0x0a
  text.copy(encoded, writeVarint(encoded, 1, text.length))
  return { name, encoded }
}

/** Field tag of an attribute in a Span (field 9) and in a LogRecord (field 6). */
export const ATTRIBUTE_TAG = { traces: 0x4a, logs: 0x32 } as const

/** Several whole KeyValue messages as the fields they will be in an item: what often goes together is added in one piece. */
export function encodedFields(signal: 'traces' | 'logs', keyValues: readonly Uint8Array[]): Uint8Array {
  const size = keyValues.reduce((sum, kv) => sum + 1 + varintSize(kv.length) + kv.length, 0)
  const out = Buffer.alloc(size)
  let at = 0
  for (const kv of keyValues) {
    out[at++] = ATTRIBUTE_TAG[signal]
    at = writeVarint(out, at, kv.length)
    out.set(kv, at)
    at += kv.length
  }
  return out
}

/** A whole KeyValue message with a string value, for constants that many items get. */
export function encodedString(name: string, value: string): Uint8Array {
  const key = attributeKey(name).encoded
  const text = Buffer.from(value)
  const any = 1 + varintSize(text.length) + text.length
  const out = Buffer.alloc(key.length + 1 + varintSize(any) + any)
  out.set(key, 0)
  let at = key.length
  out[at++] = 0x12
  at = writeVarint(out, at, any)
  out[at++] = 0x0a
  at = writeVarint(out, at, text.length)
  text.copy(out, at)
  return out
}

/** The same with an array of strings. */
export function encodedStrings(name: string, values: readonly string[]): Uint8Array {
  const items = values.map((value) => lengthField(0x0a, lengthField(0x0a, Buffer.from(value))))
  return Buffer.concat([attributeKey(name).encoded, lengthField(0x12, lengthField(0x2a, Buffer.concat(items)))])
}

function lengthField(tag: number, body: Uint8Array): Buffer {
  const out = Buffer.alloc(1 + varintSize(body.length) + body.length)
  out[0] = tag
  out.set(body, writeVarint(out, 1, body.length))
  return out
}
