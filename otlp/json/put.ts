import type { ProtoSink } from './sink.ts'

// Values as protobuf writes them, without their tags. 64-bit ones come in two halves. `ProtoSink.tag` has made room for
// them. Each says whether it was anything but the default of its type.

export function putVarint64(out: ProtoSink, high: number, low: number): void {
  const { bytes } = out
  let upper = high
  let lower = low
  while (upper !== 0 || lower < 0 || lower > 0x7f) {
    bytes[out.at++] = (lower & 0x7f) | 0x80
    lower = (lower >>> 7) | (upper << 25)
    upper >>>= 7
  }
  bytes[out.at++] = lower
}

/** Negative ones take ten bytes: they are extended to 64 bits. */
export const putInt32 = (out: ProtoSink, value: number): void => putVarint64(out, value >> 31, value)

export const putZigZag = (out: ProtoSink, value: number): void => putVarint64(out, 0, (value << 1) ^ (value >> 31))

export function putFixed64(out: ProtoSink, high: number, low: number): void {
  out.view.setInt32(out.at, low, true)
  out.view.setInt32(out.at + 4, high, true)
  out.at += 8
}

export function putFixed32(out: ProtoSink, value: number): void {
  out.view.setInt32(out.at, value, true)
  out.at += 4
}

export function putDouble(out: ProtoSink, value: number): void {
  out.view.setFloat64(out.at, value, true)
  out.at += 8
}
