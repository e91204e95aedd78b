import * as zlib from 'node:zlib'
import { outputOf } from '../../../pipeline/runtime/zlib-engine.ts'
import { ZlibNow } from '../../../pipeline/runtime/zlib-now.ts'
import { codeOf, textOf } from '../errors.ts'
import { BodyError, malformed, tooLarge } from './body-error.ts'
import { ROOM_MAX, sharedRoom } from './shared-room.ts'

/** Node has it from 22.15 on. */
export const zstdSupported: boolean = typeof zlib.zstdDecompressSync === 'function'

/** Up to here a body is decoded at once: the thread pool costs four times as much for small ones. */
const SYNC_INPUT_MAX = 64 * 1024
/** … unless it turns out to be this large inside, which would hold up everybody else. */
const SYNC_OUTPUT_MAX = 1024 * 1024
/** Output is claimed in pieces of at most this much. */
const CHUNK_MAX = 1024 * 1024
/** The size that gzip claims is believed up to this ratio: a lie then costs what an honest body costs. */
const HINT_RATIO_MAX = 16
const CHUNK_MIN = 1024
/** 8 MiB, what RFC 9659 lets a sender use. A frame may otherwise ask for gigabytes before its first byte. */
const ZSTD_WINDOW_LOG_MAX = 23
/** Frames in one body. Each costs some 50 us however empty it is. */
const ZSTD_FRAMES_MAX = 64

type Format = 'gzip' | 'deflate' | 'zstd'
type Kind = 'gunzip' | 'inflate' | 'inflateRaw' | 'zstd'
type Options = zlib.ZlibOptions & zlib.ZstdOptions & { readonly maxOutputLength: number; readonly info: true }
/** With `info`, the engine comes along, and knows how much input it took. */
interface Result {
  readonly buffer: Buffer
  readonly engine: { readonly bytesWritten: number }
}
type Done = (error: Error | null, result: Result) => void
type Sync = (body: Buffer, options: Options) => Result
type Async = (body: Buffer, options: Options, done: Done) => void

// The published types leave `info` out.
const RUN = {
  gunzip: { sync: zlib.gunzipSync, async: zlib.gunzip },
  inflate: { sync: zlib.inflateSync, async: zlib.inflate },
  inflateRaw: { sync: zlib.inflateRawSync, async: zlib.inflateRaw },
  zstd: { sync: zlib.zstdDecompressSync, async: zlib.zstdDecompress },
} as unknown as Readonly<Record<Kind, { sync: Sync; async: Async }>>

export function inflate(format: Format, body: Buffer, limit: number): Buffer | BodyError | Promise<Buffer | BodyError> {
  if (format === 'gzip' && (body[0] !== 0x1f || body[1] !== 0x8b)) return malformed('gzip: invalid header')
  const kind = kindOf(format, body)
  const hint = kind === 'gunzip' ? claimedSize(body) : body.length * 4
  if (body.length < SYNC_INPUT_MAX && hint <= SYNC_OUTPUT_MAX) {
    const shared = kind === 'gunzip' ? gunzipShared(body, Math.min(limit, ROOM_MAX - 1), hint) : undefined
    if (shared !== undefined) return shared
    const out = inflateNow(kind, body, Math.min(limit, SYNC_OUTPUT_MAX), hint)
    if (Buffer.isBuffer(out) || out.kind === 'malformed' || limit <= SYNC_OUTPUT_MAX) return out
  }
  return inflateLater(kind, body, limit, hint)
}

const gunzip = new ZlibNow(zlib.createGunzip)

/** An honest body of a usual size, in memory that the next one is written into. */
function gunzipShared(body: Buffer, limit: number, hint: number): Buffer | undefined {
  if (hint === 0 || hint > Math.min(limit, body.length * HINT_RATIO_MAX)) return undefined
  // One byte more than it says: a body that fills it is longer.
  const room = sharedRoom(hint + 1)
  return gunzip.run(body, room) === hint ? room.subarray(0, hint) : undefined
}

/** `deflate` means zlib, but some senders leave the wrapping out. */
function kindOf(format: Format, body: Buffer): Kind {
  if (format !== 'deflate') return format === 'gzip' ? 'gunzip' : 'zstd'
  const wrapped = body.length >= 2 && ((body[0] as number) & 0x0f) === 8 && body.readUInt16BE(0) % 31 === 0
  return wrapped ? 'inflate' : 'inflateRaw'
}

/** The last four bytes of a gzip body: its size modulo 2^32, if it is honest and has one member. */
const claimedSize = (body: Buffer): number => (body.length >= 18 ? body.readUInt32LE(body.length - 4) : 0)

function optionsFor(kind: Kind, body: Buffer, limit: number, hint: number): Options {
  // One byte more than needed, so that an honest hint makes one piece and no copy.
  const chunkSize = Math.max(CHUNK_MIN, Math.min(hint + 1, body.length * HINT_RATIO_MAX, CHUNK_MAX))
  const zstd = kind === 'zstd' ? { params: { [zlib.constants.ZSTD_d_windowLogMax]: ZSTD_WINDOW_LOG_MAX } } : {}
  return { maxOutputLength: Math.max(1, limit), chunkSize, info: true, ...zstd }
}

function inflateNow(kind: Kind, body: Buffer, limit: number, hint: number): Buffer | BodyError {
  const parts: Buffer[] = []
  try {
    for (let rest: Buffer | BodyError | undefined = body, room = limit; rest !== undefined; ) {
      if (rest instanceof BodyError) return rest
      const result = outputOf(RUN[kind].sync(rest, optionsFor(kind, rest, room, hint)))
      room -= result.buffer.length
      if (room < 0) return tooLarge(limit)
      rest = unread(kind, rest, result, parts.push(result.buffer))
    }
  } catch (error) {
    return failure(kind, error, limit)
  }
  return joined(parts)
}

function inflateLater(kind: Kind, body: Buffer, limit: number, hint: number): Promise<Buffer | BodyError> {
  return new Promise((resolve, reject) => {
    const parts: Buffer[] = []
    const settle = (value: () => Buffer | BodyError): void => {
      try {
        resolve(value())
      } catch (fault) {
        reject(fault)
      }
    }
    const step = (part: Buffer, room: number): void => {
      RUN[kind].async(part, optionsFor(kind, part, room, hint), (error, result) => {
        if (error !== null) return settle(() => failure(kind, error, limit))
        outputOf(result)
        const left = room - result.buffer.length
        if (left < 0) return resolve(tooLarge(limit))
        const rest = unread(kind, part, result, parts.push(result.buffer))
        if (rest instanceof BodyError) return resolve(rest)
        if (rest === undefined) resolve(joined(parts))
        else step(rest, left)
      })
    }
    step(body, limit)
  })
}

/** Zstandard stops silently behind the first of several frames, where gzip goes on by itself. */
function unread(kind: Kind, body: Buffer, result: Result, frames: number): Buffer | BodyError | undefined {
  const taken = result.engine.bytesWritten
  if (kind !== 'zstd' || taken >= body.length) return undefined
  if (taken === 0 || frames >= ZSTD_FRAMES_MAX) return malformed(`zstd: more than ${ZSTD_FRAMES_MAX} frames`)
  return body.subarray(taken)
}

/** A small result in a large piece would keep the piece alive for as long as the result is queued. */
function joined(parts: readonly Buffer[]): Buffer {
  const [only] = parts
  if (parts.length !== 1 || only === undefined) return Buffer.concat(parts)
  return only.buffer.byteLength > 2 * only.length + CHUNK_MIN ? Buffer.from(only) : only
}

/** What the bytes are to blame for; anything else is a bug of ours, and thrown. */
function failure(kind: Kind, error: unknown, limit: number): BodyError {
  const code = codeOf(error) ?? ''
  if (code === 'ERR_BUFFER_TOO_LARGE') return tooLarge(limit)
  if (!/^Z|^ERR_TRAILING_JUNK/.test(code)) throw error
  return malformed(`${kind === 'gunzip' ? 'gzip' : kind === 'zstd' ? 'zstd' : 'deflate'}: ${textOf(error)}`)
}
