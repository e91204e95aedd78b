import { Malformed } from './malformed.ts'

/** Protobuf wire types. */
export const VARINT = 0
export const I64 = 1
export const LEN = 2
export const GROUP = 3
export const END_GROUP = 4
export const I32 = 5

const DEPTH_MAX = 100

/**
 * The value of the varint that {@link readVarint} read last. A module variable and not a return pair: this is the
 * innermost loop of the product, and a pair would be an object per call. Nothing here is re-entrant; nothing awaits.
 */
export let varint = 0

/**
 * Reads an unsigned varint into {@link varint}; returns the offset behind it. Values past 2^53 lose their low bits
 * (callers that need them exact look at the bytes again); more than ten bytes are malformed.
 */
export function readVarint(buf: Uint8Array, at: number, end: number): number {
  let byte = at < end ? (buf[at] as number) : -1
  if (byte >= 0 && byte < 0x80) {
    varint = byte
    return at + 1
  }
  let value = 0
  let scale = 1
  for (let i = 0; i < 10; i++) {
    if (at + i >= end) throw new Malformed('varint runs past the end of its message', at)
    byte = buf[at + i] as number
    value += (byte & 0x7f) * scale
    if (byte < 0x80) {
      varint = value
      return at + i + 1
    }
    scale *= 128
  }
  throw new Malformed('varint of more than 10 bytes', at)
}

/** Reads the length of a LEN field into {@link varint} and checks that the field ends within `end`. */
export function readLength(buf: Uint8Array, at: number, end: number): number {
  const body = readVarint(buf, at, end)
  if (varint > end - body) throw new Malformed(`field of ${varint} bytes in a message with ${end - body} left`, at)
  return body
}

/** A 64-bit signed varint, exactly. Only for values that are negative or past 2^53. */
export function readInt64(buf: Uint8Array, at: number): bigint {
  let value = 0n
  for (let i = 0; i < 10; i++) {
    const byte = buf[at + i] ?? 0
    value |= BigInt(byte & 0x7f) << BigInt(7 * i)
    if (byte < 0x80) break
  }
  return BigInt.asIntN(64, value)
}

/**
 * Skips the field whose tag (already read, value in `tag`) ends at `at`; returns the offset behind it. Unknown fields,
 * groups and future wire shapes pass; what cannot be a field at all is malformed.
 */
export function skipField(buf: Uint8Array, tag: number, at: number, end: number): number {
  return skip(buf, tag, at, end, 0)
}

function skip(buf: Uint8Array, tag: number, at: number, end: number, depth: number): number {
  if (tag < 8 || tag > 0xffffffff) throw new Malformed('field number 0 or out of range', at)
  let next = at
  switch (tag & 7) {
    case VARINT:
      return readVarint(buf, at, end)
    case I64:
      next = at + 8
      break
    case LEN:
      return readLength(buf, at, end) + varint
    case GROUP:
      return skipGroup(buf, tag, at, end, depth)
    case I32:
      next = at + 4
      break
    default:
      throw new Malformed(`wire type ${tag & 7}`, at)
  }
  if (next > end) throw new Malformed('fixed-size field runs past the end of its message', at)
  return next
}

function skipGroup(buf: Uint8Array, tag: number, at: number, end: number, depth: number): number {
  if (depth >= DEPTH_MAX) throw new Malformed(`groups nested more than ${DEPTH_MAX} deep`, at)
  let next = at
  while (next < end) {
    next = readVarint(buf, next, end)
    const inner = varint
    if ((inner & 7) === END_GROUP) {
      if (inner >>> 3 !== tag >>> 3) throw new Malformed('group ended by another field number', next)
      return next
    }
    next = skip(buf, inner, next, end, depth + 1)
  }
  throw new Malformed('group without end', at)
}

/** The offset behind a fixed-size field. */
export function readFixed(at: number, size: number, end: number): number {
  if (at + size > end) throw new Malformed('fixed-size field runs past the end of its message', at)
  return at + size
}

/** Bytes that a varint of this value takes (values below 2^31). */
export function varintSize(value: number): number {
  return value < 0x80 ? 1 : value < 0x4000 ? 2 : value < 0x200000 ? 3 : value < 0x10000000 ? 4 : 5
}

/** Writes a varint below 2^31; returns the offset behind it. */
export function writeVarint(out: Uint8Array, at: number, value: number): number {
  let rest = value
  let to = at
  while (rest >= 0x80) {
    out[to++] = (rest & 0x7f) | 0x80
    rest >>>= 7
  }
  out[to++] = rest
  return to
}
