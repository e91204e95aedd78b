import { constants, gzip, gzipSync, zstdCompress, zstdCompressSync } from 'node:zlib'

export type Encoding = 'gzip' | 'zstd'

/**
 * From here on the thread pool is worth its price. Below it, four times as much time goes into the hop as into the work;
 * above it, compressing in place would hold up everything else for more than a millisecond.
 */
const ASYNC_FROM = 64 * 1024

/** Output is taken in pieces: each is a way to the thread pool and back. */
const PIECE_MIN = 16 * 1024
const PIECE_MAX = 256 * 1024

/** Telemetry shrinks to a fifth or less, so that one piece usually holds all of it. */
const pieceFor = (bytes: number): number => Math.min(PIECE_MAX, Math.max(PIECE_MIN, bytes >>> 2))

/** Absent before Node 22.15. */
export const hasZstd = typeof zstdCompress === 'function'

export function compress(bytes: Buffer, encoding: Encoding, level: number): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const done = (error: Error | null, result: Buffer): void => (error === null ? resolve(result) : reject(error))
    const chunkSize = pieceFor(bytes.length)
    if (encoding === 'zstd') {
      const options = { chunkSize, params: { [constants.ZSTD_c_compressionLevel]: level } }
      if (bytes.length < ASYNC_FROM) resolve(zstdCompressSync(bytes, options))
      else zstdCompress(bytes, options, done)
    } else if (bytes.length < ASYNC_FROM) resolve(gzipSync(bytes, { level, chunkSize }))
    else gzip(bytes, { level, chunkSize }, done)
  })
}
