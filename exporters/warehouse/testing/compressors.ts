import { gunzipSync, zstdDecompressSync } from 'node:zlib'

/** What hyparquet needs to read back every codec that the warehouse writes. */
export const compressors = {
  ZSTD: (input: Uint8Array) => new Uint8Array(zstdDecompressSync(input)),
  GZIP: (input: Uint8Array) => new Uint8Array(gunzipSync(input)),
}
