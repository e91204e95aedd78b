import { constants, type Gunzip, type Gzip, type ZlibReset } from 'node:zlib'

/**
 * What a stream of node:zlib is inside. Its functions make a new engine and new memory for every body: for a small body
 * that is most of the work, and for one of 300 KB half of it, since every page of new memory is a way into the kernel.
 */
interface Inside {
  readonly _handle: { readonly writeSync: WriteSync } | null
  /** After a write: room left in the output, bytes left of the input. */
  readonly _writeState: Uint32Array
}
type WriteSync = (
  flush: number,
  from: Uint8Array,
  at: number,
  bytes: number,
  to: Uint8Array,
  toAt: number,
  room: number,
) => void
type Engine = (Gunzip | Gzip) & ZlibReset & Inside

/** What is inside has been looked at for these; any other Node is asked in the ordinary way. */
const KNOWN_MAJORS: readonly number[] = [22, 24]
const isKnown = KNOWN_MAJORS.includes(Number(process.versions.node.split('.', 1)[0]))

/** One engine for body after body, each at once and into memory that is there already. */
export class ZlibNow {
  private readonly make: () => Gunzip | Gzip
  private engine: Engine | undefined

  /** @param make a stream of node:zlib, made when first needed and anew after a body that was none */
  constructor(make: () => Gunzip | Gzip) {
    this.make = make
  }

  /**
   * The whole of `from` into the first bytes of `to`: how many, or -1 when there is anything in the way: a body that is
   * broken or goes on behind its end, no byte of `to` left over, a Node that is not known. Then `to` holds rubbish, and
   * node:zlib itself has to be asked, which also has the words for it.
   */
  run(from: Uint8Array, to: Uint8Array): number {
    if (!isKnown) return -1
    this.engine ??= this.opened()
    const { engine } = this
    if (typeof engine._handle?.writeSync !== 'function') return -1
    engine._handle.writeSync(constants.Z_FINISH, from, 0, from.length, to, 0, to.length)
    if (engine.destroyed) {
      this.engine = undefined
      return -1
    }
    const [room = 0, unread = 1] = engine._writeState
    engine.reset()
    return room > 0 && unread === 0 ? to.length - room : -1
  }

  private opened(): Engine {
    // The published types leave `reset` out, and what is inside.
    const engine = this.make() as unknown as Engine
    // Where a body is broken the engine says so on its next turn; by then it has been asked otherwise.
    engine.on('error', () => undefined)
    return engine
  }
}
