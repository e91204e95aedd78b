/** Memory for the newest records comes in pieces of this size, which is also what most requests are merged up to. */
const SLAB_BYTES = 1024 * 1024
/** Larger records get memory of their own. */
const RECORD_MAX = SLAB_BYTES / 2
/** Slabs without records that are kept for later: at most, and when none is in use any more. */
const SPARE_MAX = 16
const SPARE_IDLE = 4

/** A piece of memory, in use while anybody counts on it. */
export class Slab {
  readonly buf: Buffer = Buffer.allocUnsafeSlow(SLAB_BYTES)
  used = 0
  users = 0
  /** Something outside may still read it: it is left to the garbage collector instead of being used again. */
  tainted = false
}

/** A copy of some bytes, and where it is. */
export interface Kept {
  readonly bytes: Buffer
  /** Undefined: in memory of its own. */
  readonly slab: Slab | undefined
}

/**
 * Where the newest records are kept in memory: one behind the other, so that merging neighbours into one request is
 * naming where it begins and ends. Slabs are used again. Left to the garbage collector, buffers that live for a tenth
 * of a second are old to it, and pile up by the tens of megabytes until it looks at the old ones.
 */
export class Arena {
  private readonly spare: Slab[] = []
  private current: Slab | undefined
  /** Slabs that somebody uses, and the current one. */
  private given = 0

  /**
   * Copies, but for large ones that are ours to keep. Whoever is given a slab counts as a user of it until `release`.
   *
   * @param borrowed the bytes will be written over
   */
  keep(bytes: Buffer, borrowed = false): Kept {
    if (bytes.length > RECORD_MAX) return { bytes: borrowed ? Buffer.from(bytes) : bytes, slab: undefined }
    const slab = this.withRoom(bytes.length)
    const at = slab.used
    slab.buf.set(bytes, at)
    slab.used = at + bytes.length
    slab.users++
    return { bytes: slab.buf.subarray(at, slab.used), slab }
  }

  release(slab: Slab): void {
    if (--slab.users > 0) return
    if (slab !== this.current) {
      this.given--
      slab.used = 0
      if (!slab.tainted && this.spare.length < SPARE_MAX) this.spare.push(slab)
    }
    // A burst is over: what it needed is not held on to.
    const isIdle = this.given === (this.current === undefined ? 0 : 1) && (this.current?.users ?? 0) === 0
    if (isIdle && this.spare.length > SPARE_IDLE) this.spare.length = SPARE_IDLE
  }

  private withRoom(bytes: number): Slab {
    const { current } = this
    if (current !== undefined && current.used + bytes <= SLAB_BYTES) return current
    if (current !== undefined && current.users === 0 && !current.tainted) {
      current.used = 0
      return current
    }
    if (current === undefined || current.users > 0) this.given++
    const next = this.spare.pop() ?? new Slab()
    this.current = next
    return next
  }
}

/** Neighbours as one; undefined when they are not neighbours. */
export function spanning(
  parts: readonly { readonly bytes: Buffer; readonly slab: Slab | undefined }[],
): Buffer | undefined {
  const [first] = parts
  const slab = first?.slab
  if (first === undefined || slab === undefined) return undefined
  const from = first.bytes.byteOffset
  let to = from
  for (const part of parts) {
    if (part.slab !== slab || part.bytes.byteOffset !== to) return undefined
    to += part.bytes.length
  }
  return slab.buf.subarray(from - slab.buf.byteOffset, to - slab.buf.byteOffset)
}
