/** Just enough protobuf to write one trace request: messages as lists of encoded fields. */

export type Attribute = readonly [key: string, value: string | number | readonly string[]]

const LEN = 2
const FIXED64 = 1
const FIXED32 = 5

/** An unsigned varint of any safe integer. */
export function varint(value: number): Buffer {
  const bytes: number[] = []
  let left = value
  while (left >= 0x80) {
    bytes.push((left % 0x80) | 0x80)
    left = Math.floor(left / 0x80)
  }
  bytes.push(left)
  return Buffer.from(bytes)
}

export const lengthDelimited = (field: number, body: Buffer): Buffer =>
  Buffer.concat([varint(field * 8 + LEN), varint(body.length), body])
export const message = (field: number, ...parts: readonly Buffer[]): Buffer =>
  lengthDelimited(field, Buffer.concat(parts))
export const text = (field: number, value: string): Buffer => lengthDelimited(field, Buffer.from(value))
export const integer = (field: number, value: number): Buffer => Buffer.concat([varint(field * 8), varint(value)])

export function fixed64(field: number, value: bigint): Buffer {
  const body = Buffer.alloc(8)
  body.writeBigUInt64LE(value)
  return Buffer.concat([varint(field * 8 + FIXED64), body])
}

export function fixed32(field: number, value: number): Buffer {
  const body = Buffer.alloc(4)
  body.writeUInt32LE(value)
  return Buffer.concat([varint(field * 8 + FIXED32), body])
}

/** A KeyValue. Numbers must be whole and not negative. */
export function attribute(field: number, [key, value]: Attribute): Buffer {
  return message(field, text(1, key), lengthDelimited(2, anyValue(value)))
}

function anyValue(value: Attribute[1]): Buffer {
  if (typeof value === 'string') return text(1, value)
  if (typeof value === 'number') return integer(3, value)
  return message(5, ...value.map((each) => message(1, text(1, each))))
}
