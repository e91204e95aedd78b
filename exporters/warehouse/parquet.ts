import { closeSync, fsyncSync, mkdirSync, openSync, renameSync, writeSync } from 'node:fs'
import { dirname } from 'node:path'
import * as zlib from 'node:zlib'
import { ByteWriter, type ColumnSource, ParquetWriter, type Writer } from 'hyparquet-writer'
import { parseUsd } from '../../genai/money.ts'
import { COLUMNS, type ColumnKind } from './columns.ts'

export type Compression = 'zstd' | 'gzip' | 'snappy'
export type StoredRow = Readonly<Record<string, unknown>>

type Schema = ConstructorParameters<typeof ParquetWriter>[0]['schema']
type Element = Schema[number]

const DECIMAL = {
  type: 'FIXED_LEN_BYTE_ARRAY',
  type_length: 16,
  converted_type: 'DECIMAL',
  scale: 12,
  precision: 38,
} as const
const UTF8 = { type: 'BYTE_ARRAY', converted_type: 'UTF8' } as const
const ELEMENT: Readonly<Record<Exclude<ColumnKind, 'pico'>, Omit<Element, 'name'>>> = {
  text: UTF8,
  integer: { type: 'INT64' },
  real: { type: 'DOUBLE' },
  boolean: { type: 'BOOLEAN' },
  usd: DECIMAL,
}

interface FileColumn {
  readonly element: Element
  /** The name in SQLite. */
  readonly source: string
  read(stored: unknown): unknown
}

const bigint = (stored: unknown): unknown => (typeof stored === 'number' ? BigInt(stored) : null)
const READ: Readonly<Record<Exclude<ColumnKind, 'pico'>, (stored: unknown) => unknown>> = {
  text: (stored) => stored ?? null,
  integer: bigint,
  real: (stored) => stored ?? null,
  boolean: (stored) => (typeof stored === 'number' ? stored !== 0 : null),
  usd(stored) {
    const pico = typeof stored === 'string' ? parseUsd(stored) : undefined
    return pico === undefined ? null : BigInt(pico)
  },
}

const FILE_COLUMNS: readonly FileColumn[] = [
  { element: { name: 'version', type: 'INT64', repetition_type: 'REQUIRED' }, source: 'version', read: bigint },
  { element: { name: 'call_key', ...UTF8, repetition_type: 'REQUIRED' }, source: 'call_key', read: READ.text },
  {
    element: { name: 'time', type: 'INT64', converted_type: 'TIMESTAMP_MILLIS', repetition_type: 'REQUIRED' },
    source: 'time_ms',
    read: bigint,
  },
  ...COLUMNS.flatMap(({ name, kind }): FileColumn[] =>
    kind === 'pico'
      ? []
      : [{ element: { name, ...ELEMENT[kind], repetition_type: 'OPTIONAL' }, source: name, read: READ[kind] }],
  ),
]

/** What has to be read from SQLite for a file. */
export const STORED_NAMES = FILE_COLUMNS.map(({ source }) => source)

const SCHEMA: Schema = [
  { name: 'llm_call', num_children: FILE_COLUMNS.length },
  ...FILE_COLUMNS.map(({ element }) => element),
]

/** zstd came to Node with 22.15; before that gzip takes its place, and the file says so itself. */
const CODECS: Readonly<Record<Compression, 'ZSTD' | 'GZIP' | 'SNAPPY'>> = {
  zstd: typeof zlib.zstdCompressSync === 'function' ? 'ZSTD' : 'GZIP',
  gzip: 'GZIP',
  snappy: 'SNAPPY',
}
const COMPRESSORS = {
  ZSTD: (input: Uint8Array) => zlib.zstdCompressSync(input),
  GZIP: (input: Uint8Array) => zlib.gzipSync(input),
}

/**
 * Writes one file, one row group per chunk, so that memory holds one chunk at a time. The file appears under its name
 * only when it is whole and on disk: half a Parquet file cannot be read at all. Returns the number of rows.
 */
export function writeParquet(file: string, chunks: Iterable<readonly StoredRow[]>, compression: Compression): number {
  mkdirSync(dirname(file), { recursive: true })
  // Should an earlier pass outlive its sidecar, the two must not write into one file.
  const temporary = `${file}.${process.pid}.tmp`
  const descriptor = openSync(temporary, 'w')
  let rows = 0
  try {
    const parquet = new ParquetWriter({
      writer: fileWriter(descriptor),
      schema: SCHEMA,
      codec: CODECS[compression],
      compressors: COMPRESSORS,
      createdBy: 'tokenfuse',
    })
    for (const chunk of chunks) {
      rows += chunk.length
      void parquet.write({ columnData: columnsOf(chunk), rowGroupSize: chunk.length })
    }
    void parquet.finish()
    fsyncSync(descriptor)
  } finally {
    closeSync(descriptor)
  }
  renameSync(temporary, file)
  syncDirectory(dirname(file))
  return rows
}

function columnsOf(chunk: readonly StoredRow[]): ColumnSource[] {
  return FILE_COLUMNS.map(({ element: { name }, source, read }) => ({
    name,
    data: chunk.map((row) => read(row[source])),
  }))
}

function fileWriter(descriptor: number): Writer {
  const buffer = new ByteWriter()
  const flush = (): void => {
    const bytes = buffer.getBytes()
    for (let at = 0; at < bytes.length; ) at += writeSync(descriptor, bytes, at)
    buffer.index = 0
  }
  return Object.assign(buffer, { flush, finish: flush })
}

/** A rename is only safe from power loss once its directory is on disk. */
export function syncDirectory(directory: string): void {
  const descriptor = openSync(directory, 'r')
  try {
    fsyncSync(descriptor)
  } finally {
    closeSync(descriptor)
  }
}
