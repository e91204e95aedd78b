/** Keys (and prefixes) of fewer bytes are not hashed. */
const SHORT = 4

/**
 * Recognises the attribute keys that somebody wants, straight from the bytes.
 *
 * Built once per pipeline from everything its processors declare. An exact name is found by a hash of its last and its
 * middle four bytes and its length, then compared in full, four bytes at a time; the multipliers are searched at build
 * time so that hardly any two wanted keys share a bucket. A key that nobody wants almost always ends at an empty bucket,
 * which is what most keys are.
 */
export class KeyTable {
  /** Names in the order of their numbers; prefixes keep their `*`. */
  readonly names: readonly string[]
  /** 1 for keys of our own namespace: their presence means that another sidecar, or we, saw this item before. */
  readonly own: Uint8Array
  private readonly ids = new Map<string, number>()
  private readonly encoded: readonly Uint8Array[]
  private readonly prefixIds: readonly number[]
  /** By the first two bytes of a key: 1 when a prefix begins so, so that most keys need not be held against any. */
  readonly prefixes = new Uint8Array(1 << 16)
  /** The hash, laid open for the scanner, which rejects most keys without a call: see {@link bucketOf}. */
  mul0 = 0
  mul1 = 0
  shift = 0
  /** First number of each bucket, -1 = nobody wants a key that falls here. */
  heads = new Int16Array(0)
  /** The next number of the same bucket, -1 = none. */
  readonly following: Int16Array
  /** All names behind each other, for comparing; where each begins, and its length. */
  readonly text: DataView
  readonly textAt: Int32Array
  readonly textLength: Int32Array
  private readonly shortIds: readonly number[]

  constructor(wanted: Iterable<string>) {
    this.names = [...new Set(wanted)].sort()
    this.own = Uint8Array.from(this.names, (name) => (name.startsWith('tokenfuse.') ? 1 : 0))
    for (const [id, name] of this.names.entries()) this.ids.set(name, id)
    this.encoded = this.names.map((name) => Buffer.from(name.endsWith('*') ? name.slice(0, -1) : name))
    const prefixes = this.names.flatMap((name, id) => (name.endsWith('*') ? [id] : []))
    // The longest prefix first: `langfuse.trace.metadata.*` before `langfuse.*`.
    this.prefixIds = prefixes.sort((a, b) => this.bytesOf(b).length - this.bytesOf(a).length)
    for (const id of prefixes) this.allowPrefix(this.bytesOf(id))
    this.following = new Int16Array(this.names.length).fill(-1)
    const exact = this.names.flatMap((name, id) => (name.endsWith('*') ? [] : [id]))
    this.shortIds = exact.filter((id) => this.bytesOf(id).length < SHORT)
    const text = Buffer.concat(this.encoded)
    this.text = new DataView(text.buffer, text.byteOffset, text.length)
    this.textLength = Int32Array.from(this.encoded, (name) => name.length)
    this.textAt = new Int32Array(this.names.length)
    for (let id = 1; id < this.names.length; id++) {
      this.textAt[id] = (this.textAt[id - 1] as number) + (this.textLength[id - 1] as number)
    }
    this.chooseHash(exact.filter((id) => this.bytesOf(id).length >= SHORT))
  }

  get size(): number {
    return this.names.length
  }

  /** The number of a wanted key (exact, or the prefix with its `*`); -1 when nobody wants it. */
  idOf(name: string): number {
    return this.ids.get(name) ?? -1
  }

  /** The number of the key at `[at, at + length)`, or of the longest prefix that it begins with; else -1. */
  match(view: DataView, at: number, length: number): number {
    if (length < SHORT) return this.matchShort(view, at, length)
    return this.matchAt(view, at, length, bucketOf(view, at, length, this.mul0, this.mul1) >>> this.shift)
  }

  /** The same for a key of at least four bytes whose bucket is known. */
  matchAt(view: DataView, at: number, length: number, bucket: number): number {
    const { heads, following, text, textAt, textLength } = this
    for (let id = heads[bucket] as number; id >= 0; id = following[id] as number) {
      if (textLength[id] === length && isSame(text, textAt[id] as number, view, at, length)) return id
    }
    return this.prefixes[view.getUint16(at, true)] === 0 ? -1 : this.matchPrefix(view, at, length)
  }

  private allowPrefix([first = 0, second]: Uint8Array): void {
    for (let byte = 0; byte < 256; byte++)
      if (second === undefined || second === byte) this.prefixes[first | (byte << 8)] = 1
  }

  private matchPrefix(view: DataView, at: number, length: number): number {
    const { prefixIds, encoded } = this
    for (let p = 0; p < prefixIds.length; p++) {
      const id = prefixIds[p] as number
      const prefix = encoded[id] as Uint8Array
      if (prefix.length <= length && equals(prefix, view, at)) return id
    }
    return -1
  }

  private matchShort(view: DataView, at: number, length: number): number {
    for (const id of this.shortIds) {
      const name = this.bytesOf(id)
      if (name.length === length && equals(name, view, at)) return id
    }
    return length === 0 ? -1 : this.matchPrefix(view, at, length)
  }

  /** Tries multipliers from a fixed sequence, so that a build is repeatable, and keeps the one with fewest collisions. */
  private chooseHash(exact: readonly number[]): void {
    let bits = 6
    while (1 << bits < exact.length * 8) bits++
    this.shift = 32 - bits
    let best = Number.POSITIVE_INFINITY
    let bestMul: readonly [number, number] = [1, 1]
    let seed = 0x9e3779b9
    const draw = (): number => {
      seed = (Math.imul(seed, 1664525) + 1013904223) >>> 0
      return seed | 1
    }
    for (let round = 0; round < 16 && best > 0; round++) {
      const mul: [number, number] = [draw(), draw()]
      this.setHash(mul)
      const used = new Set(exact.map((id) => this.bucket(id)))
      const collisions = exact.length - used.size
      if (collisions < best) {
        best = collisions
        bestMul = mul
      }
    }
    this.setHash(bestMul)
    this.heads = new Int16Array(1 << bits).fill(-1)
    for (const id of exact) {
      const bucket = this.bucket(id)
      this.following[id] = this.heads[bucket] as number
      this.heads[bucket] = id
    }
  }

  private bucket(id: number): number {
    const at = this.textAt[id] as number
    return bucketOf(this.text, at, this.textLength[id] as number, this.mul0, this.mul1) >>> this.shift
  }

  private setHash(mul: readonly [number, number]): void {
    this.mul0 = mul[0]
    this.mul1 = mul[1]
  }

  private bytesOf(id: number): Uint8Array {
    return this.encoded[id] as Uint8Array
  }
}

/** Which bucket a key of at least four bytes belongs to, before the shift: from its length and eight of its bytes. */
export function bucketOf(view: DataView, at: number, length: number, mul0: number, mul1: number): number {
  const last = view.getInt32(at + length - 4, true)
  const middle = view.getInt32(at + ((length - 4) >> 1), true)
  return Math.imul(last ^ length, mul0) + Math.imul(middle, mul1)
}

/** Whether two texts of at least four bytes are the same. */
export function isSame(text: DataView, from: number, view: DataView, at: number, length: number): boolean {
  const last = length - 4
  let i = 0
  while (i < last && text.getInt32(from + i, true) === view.getInt32(at + i, true)) i += 4
  return i >= last && text.getInt32(from + last, true) === view.getInt32(at + last, true)
}

function equals(name: Uint8Array, view: DataView, at: number): boolean {
  for (let i = name.length - 1; i >= 0; i--) if (name[i] !== view.getUint8(at + i)) return false
  return true
}
