import { crc32 } from 'node:zlib'
import type { Disk } from './disk.ts'

/** How far one exporter is: everything before `position` is delivered or dead-lettered. */
export interface Place {
  readonly position: number
  /** Sequence number of the first record that is not. */
  readonly seq: number
}

export type Places = ReadonlyMap<string, Place>

/** Exporters that are gone from the configuration and whose place is still remembered. */
export const REMEMBERED_MAX = 256

const FIRST_LINE = /^tokenfuse cursors 1 ([0-9a-f]{8})\n/

/**
 * The places of all exporters of a log in one small text file, with a checksum, replaced as a whole. It may be older
 * than the truth, then some records are delivered again; it must never be newer.
 */
export function readPlaces(disk: Disk, path: string): Places | 'missing' | 'damaged' {
  const bytes = disk.read(path)
  if (bytes === undefined) return 'missing'
  const text = bytes.toString('utf8')
  const match = FIRST_LINE.exec(text)
  if (match === null) return 'damaged'
  const body = text.slice(match[0].length)
  if (checksum(body) !== match[1]) return 'damaged'
  return new Map((JSON.parse(body) as [string, number, number][]).map(([id, position, seq]) => [id, { position, seq }]))
}

export function writePlaces(disk: Disk, path: string, places: Places, durable: boolean): void {
  const rows = [...places].map(([id, { position, seq }]) => [id, position, seq])
  const body = `${JSON.stringify(rows)}\n`
  disk.replace(path, Buffer.from(`tokenfuse cursors 1 ${checksum(body)}\n${body}`), durable)
}

const checksum = (text: string): string => crc32(text).toString(16).padStart(8, '0')
