import {
  constants,
  createGzip,
  type Gzip,
  gzipSync,
  type ZlibOptions,
  type ZlibReset,
  type ZstdOptions,
  zstdCompress,
  zstdCompressSync,
} from 'node:zlib'
import { outputOf, type WithEngine } from '../runtime/zlib-engine.ts'

export type Encoding = 'gzip' | 'zstd'

/**
 * From here on the thread pool is worth its price. Below it, four times as much time goes into the hop as into the work;
 * above it, compressing in place would hold up everything else for more than a millisecond.
 */
const ASYNC_FROM = 64 * 1024

/** Output is taken in pieces: each is a way to the thread pool and back. */
const PIECE_MIN = 16 * 1024
const PIECE_MAX = 256 * 1024
/** Engines that are kept for later, each 270 KB and a piece of output: at most, and when none is at work. */
const SPARE_MAX = 10
const SPARE_IDLE = 2

/** Telemetry shrinks to a fifth or less, so that one piece usually holds all of it. */
const pieceFor = (bytes: number): number => Math.min(PIECE_MAX, Math.max(PIECE_MIN, bytes >>> 2))

// The published types leave `info` out.
type Now<Options> = (bytes: Buffer, options: Options & { readonly info: true }) => WithEngine
type Later<Options> = (
  bytes: Buffer,
  options: Options & { readonly info: true },
  done: (error: Error | null, result: WithEngine) => void,
) => void
const gzipNow = gzipSync as unknown as Now<ZlibOptions>
const zstdNow = zstdCompressSync as unknown as Now<ZstdOptions>
const zstdLater = zstdCompress as unknown as Later<ZstdOptions>

/** Absent before Node 22.15. */
export const hasZstd = typeof zstdCompress === 'function'

export function compress(bytes: Buffer, encoding: Encoding, level: number): Promise<Buffer> {
  if (encoding === 'gzip' && bytes.length >= ASYNC_FROM) return gzipped(bytes, level)
  return new Promise((resolve, reject) => {
    const chunkSize = pieceFor(bytes.length)
    if (encoding === 'gzip') resolve(outputOf(gzipNow(bytes, { level, chunkSize, info: true })).buffer)
    else {
      const options = { chunkSize, params: { [constants.ZSTD_c_compressionLevel]: level }, info: true } as const
      if (bytes.length < ASYNC_FROM) resolve(outputOf(zstdNow(bytes, options)).buffer)
      else {
        zstdLater(bytes, options, (error, result) => {
          if (error === null) resolve(outputOf(result).buffer)
          else reject(error)
        })
      }
    }
  })
}

/**
 * One gzip engine for body after body. A new one each time costs a seventh more, and its memory is not on the heap but
 * counts for the garbage collector, which then comes twice as often.
 */
class GzipEngine {
  readonly level: number
  // The published types leave `reset` out.
  private readonly stream: Gzip & ZlibReset
  private pieces: Buffer[] = []
  private failed: ((error: Error) => void) | undefined

  constructor(level: number) {
    this.level = level
    this.stream = createGzip({ level, chunkSize: PIECE_MAX }) as Gzip & ZlibReset
    this.stream.on('data', (piece: Buffer) => this.pieces.push(piece))
    this.stream.on('error', (error) => this.failed?.(error))
  }

  run(bytes: Buffer): Promise<Buffer> {
    return new Promise((resolve, reject) => {
      this.failed = reject
      this.stream.write(bytes)
      this.stream.flush(constants.Z_FINISH, () => {
        const { pieces } = this
        this.pieces = []
        this.stream.reset()
        const [only = NO_BYTES] = pieces
        resolve(pieces.length === 1 ? only : Buffer.concat(pieces))
      })
    })
  }
}

const NO_BYTES = Buffer.alloc(0)
const idle: GzipEngine[] = []
let atWork = 0

/** An engine that failed is left to the garbage collector. */
async function gzipped(bytes: Buffer, level: number): Promise<Buffer> {
  const at = idle.findIndex((engine) => engine.level === level)
  const engine = at < 0 ? new GzipEngine(level) : (idle.splice(at, 1)[0] as GzipEngine)
  atWork++
  try {
    const result = await engine.run(bytes)
    idle.push(engine)
    return result
  } finally {
    const most = --atWork === 0 ? SPARE_IDLE : SPARE_MAX
    if (idle.length > most) idle.splice(0, idle.length - most)
  }
}
