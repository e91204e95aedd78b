import { constants, gzip, gzipSync, zstdCompress, zstdCompressSync } from 'node:zlib'

export type Encoding = 'gzip' | 'zstd'

/**
 * From here on the thread pool is worth its price. Below it, four times as much time goes into the hop as into the work;
 * above it, compressing in place would hold up everything else for more than a millisecond.
 */
const ASYNC_FROM = 64 * 1024

/** Absent before Node 22.15. */
export const hasZstd = typeof zstdCompress === 'function'

export function compress(bytes: Buffer, encoding: Encoding, level: number): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const done = (error: Error | null, result: Buffer): void => (error === null ? resolve(result) : reject(error))
    if (encoding === 'zstd') {
      const options = { params: { [constants.ZSTD_c_compressionLevel]: level } }
      if (bytes.length < ASYNC_FROM) resolve(zstdCompressSync(bytes, options))
      else zstdCompress(bytes, options, done)
    } else if (bytes.length < ASYNC_FROM) resolve(gzipSync(bytes, { level }))
    else gzip(bytes, { level }, done)
  })
}
