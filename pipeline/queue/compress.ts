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
import { ZlibNow } from '../runtime/zlib-now.ts'

export type Encoding = 'gzip' | 'zstd'

/**
 * From here on the thread pool is worth its price: up to here the hop costs as much as the work, and what is compressed in
 * place holds up everything else for half a millisecond at most.
 */
const POOL_FROM = 64 * 1024
/** The same for levels that are twice as fast or more. */
const POOL_FROM_FAST = 128 * 1024
const FAST_LEVEL_MAX = 3

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
const newGzip = gzipSync as unknown as Now<ZlibOptions>
const zstdNow = zstdCompressSync as unknown as Now<ZstdOptions>
const zstdLater = zstdCompress as unknown as Later<ZstdOptions>

/** Absent before Node 22.15. */
export const hasZstd = typeof zstdCompress === 'function'

/** Rejects with what node:zlib throws, e.g. at a level that it does not have. */
export async function compress(bytes: Buffer, encoding: Encoding, level: number): Promise<Buffer> {
  if (encoding === 'gzip') {
    const poolFrom = level >= 1 && level <= FAST_LEVEL_MAX ? POOL_FROM_FAST : POOL_FROM
    return bytes.length < poolFrom ? gzippedNow(bytes, level) : gzipped(bytes, level)
  }
  const chunkSize = pieceFor(bytes.length)
  const options = { chunkSize, params: { [constants.ZSTD_c_compressionLevel]: level }, info: true } as const
  if (bytes.length < POOL_FROM) return outputOf(zstdNow(bytes, options)).buffer
  return new Promise((resolve, reject) => {
    zstdLater(bytes, options, (error, result) => {
      if (error === null) resolve(outputOf(result).buffer)
      else reject(error)
    })
  })
}

/** By level. A new engine for a small body is most of the work. */
const engines = new Map<number, ZlibNow>()
/** What does not shrink grows by a few bytes. */
const room = Buffer.allocUnsafeSlow(POOL_FROM_FAST + 1024)

function gzippedNow(bytes: Buffer, level: number): Buffer {
  let engine = engines.get(level)
  if (engine === undefined) {
    engine = new ZlibNow(() => createGzip({ level }))
    engines.set(level, engine)
  }
  const size = engine.run(bytes, room)
  if (size >= 0) return Buffer.from(room.subarray(0, size))
  return outputOf(newGzip(bytes, { level, chunkSize: pieceFor(bytes.length), info: true })).buffer
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
