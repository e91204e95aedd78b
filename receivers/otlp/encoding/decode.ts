import { BodyError } from './body-error.ts'
import { unlz4 } from './lz4.ts'
import { unsnappy, unsnappyFramed } from './snappy.ts'
import { inflate, zstdSupported } from './zlib.ts'

/** What a body can be compressed with, by the names that `Content-Encoding` and `grpc-encoding` use. */
export type Encoding = 'identity' | 'gzip' | 'deflate' | 'zstd' | 'snappy' | 'x-snappy-framed' | 'lz4'

const NAMES: Readonly<Record<string, Encoding>> = {
  '': 'identity',
  identity: 'identity',
  gzip: 'gzip',
  'x-gzip': 'gzip',
  deflate: 'deflate',
  zlib: 'deflate',
  zstd: 'zstd',
  snappy: 'snappy',
  'x-snappy-framed': 'x-snappy-framed',
  lz4: 'lz4',
}

/** The encoding of this name, if this process can decode it. */
export function encodingNamed(name: string): Encoding | undefined {
  const encoding = Object.hasOwn(NAMES, name) ? NAMES[name] : undefined
  return encoding === 'zstd' && !zstdSupported ? undefined : encoding
}

/**
 * The body without its compression; never more than `limit` bytes, and never memory for a size that is only claimed.
 * Small bodies are decoded at once, larger ones of the zlib family on the thread pool, so that they hold up nobody else.
 */
export function decode(
  encoding: Encoding,
  body: Buffer,
  limit: number,
): Buffer | BodyError | Promise<Buffer | BodyError> {
  try {
    switch (encoding) {
      case 'identity':
        return body
      case 'snappy':
        return unsnappy(body, limit)
      case 'x-snappy-framed':
        return unsnappyFramed(body, limit)
      case 'lz4':
        return unlz4(body, limit)
      default:
        return inflate(encoding, body, limit)
    }
  } catch (error) {
    if (error instanceof BodyError) return error
    throw error
  }
}
