import type { KeyTable } from '../../otlp/keys.ts'
import { DIALECT_FIELDS, TELLING } from './fields.ts'
import { NO_MARKER } from './recognise.ts'

/** Makes an item worth a look. */
export const TELLS = 0x80

/** By key: the first dialect in the table that it marks, and TELLS when it makes an item worth a look. */
export function tellsOf(table: KeyTable): Uint8Array<ArrayBuffer> {
  const tells = new Uint8Array(table.size).fill(NO_MARKER)
  for (const { dialect, number } of [...DIALECT_FIELDS].reverse()) {
    if (dialect.needsMarker !== true) for (const name of dialect.markers) tells[table.idOf(name)] = number
  }
  for (const name of TELLING) tells[table.idOf(name)] = (tells[table.idOf(name)] as number) | TELLS
  return tells
}
