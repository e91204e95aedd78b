import { crc32 } from 'node:zlib'
import type { Signal } from '../component.ts'
import { SIGNALS } from '../component.ts'

/*
 * One record = header, derived section (calls and verdicts), payload (an Export*ServiceRequest). All little-endian:
 *
 *   0  "TFR" and the format version     20  number of items
 *   4  CRC-32 of bytes 8 - 39           24  sequence number (two words)
 *   8  CRC-32 of derived and payload    32  signal, version of the derived section, two bytes unused
 *  12  length of the payload            36  unused
 *  16  length of the derived section
 *
 * The header has a checksum of its own so that damage to a body costs just that record, and so that the next record is
 * found again after damage to a header.
 */
export const HEADER_SIZE = 40
const FORMAT_VERSION = 1
const MAGIC = Buffer.from([0x54, 0x46, 0x52, FORMAT_VERSION])
const MAGIC_WORD = MAGIC.readUInt32LE(0)
const MAGIC_ANY_VERSION = MAGIC_WORD & 0xffffff

export interface RecordHeader {
  readonly signal: Signal
  readonly seq: number
  readonly items: number
  readonly payloadLength: number
  readonly derivedLength: number
  readonly derivedVersion: number
  readonly bodyCrc: number
}

export const recordSize = (header: Pick<RecordHeader, 'payloadLength' | 'derivedLength'>): number =>
  HEADER_SIZE + header.derivedLength + header.payloadLength

/** Writes the header of a record into `out`, which whoever appends keeps and uses again. */
export function writeHeader(
  out: Buffer,
  record: { readonly signal: Signal; readonly seq: number; readonly items: number; readonly derivedVersion: number },
  derived: Uint8Array,
  payload: Uint8Array,
): void {
  out.writeUInt32LE(MAGIC_WORD, 0)
  out.writeUInt32LE(bodyCrc(derived, payload), 8)
  out.writeUInt32LE(payload.length, 12)
  out.writeUInt32LE(derived.length, 16)
  out.writeUInt32LE(record.items, 20)
  out.writeUInt32LE(record.seq >>> 0, 24)
  out.writeUInt32LE(Math.floor(record.seq / 4294967296), 28)
  out[32] = SIGNALS.indexOf(record.signal)
  out[33] = record.derivedVersion
  out[34] = 0
  out[35] = 0
  out.writeUInt32LE(0, 36)
  out.writeUInt32LE(crc32(out.subarray(8, HEADER_SIZE)), 4)
}

export const bodyCrc = (derived: Uint8Array, payload: Uint8Array): number =>
  derived.length === 0 ? crc32(payload) : crc32(payload, crc32(derived))

/** The header at `at`; undefined when the bytes there are none, or are damaged. */
export function readHeader(buf: Buffer, at: number): RecordHeader | undefined {
  if (at + HEADER_SIZE > buf.length || buf.readUInt32LE(at) !== MAGIC_WORD) return undefined
  if (crc32(buf.subarray(at + 8, at + HEADER_SIZE)) !== buf.readUInt32LE(at + 4)) return undefined
  const signal = SIGNALS[buf[at + 32] as number]
  if (signal === undefined) return undefined
  return {
    signal,
    seq: buf.readUInt32LE(at + 28) * 4294967296 + buf.readUInt32LE(at + 24),
    items: buf.readUInt32LE(at + 20),
    payloadLength: buf.readUInt32LE(at + 12),
    derivedLength: buf.readUInt32LE(at + 16),
    derivedVersion: buf[at + 33] as number,
    bodyCrc: buf.readUInt32LE(at + 8),
  }
}

/** Offset of the first sound header at or after `at`, -1 when there is none. */
export function findHeader(buf: Buffer, at: number): number {
  for (let from = at; ; from++) {
    from = buf.indexOf(MAGIC, from)
    if (from < 0) return -1
    if (readHeader(buf, from) !== undefined) return from
  }
}

/** The format version of a segment that some other version of the product wrote; undefined when it is ours or no record. */
export function foreignVersion(start: Buffer): number | undefined {
  if (start.length < 4 || (start.readUInt32LE(0) & 0xffffff) !== MAGIC_ANY_VERSION) return undefined
  const version = start[3] as number
  return version === FORMAT_VERSION ? undefined : version
}
