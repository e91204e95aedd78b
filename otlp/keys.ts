/**
 * Recognises the attribute keys that somebody wants, straight from the bytes.
 *
 * Built once per pipeline from everything its processors declare. An exact name is found by a hash of four of its bytes
 * and its length, then compared in full; the multipliers are searched at build time so that hardly any two wanted keys
 * share a bucket. A key that nobody wants almost always ends at an empty bucket, which is what most keys are.
 */
export class KeyTable {
  /** Names in the order of their numbers; prefixes keep their `*`. */
  readonly names: readonly string[]
  /** 1 for keys of our own namespace: their presence means that another sidecar, or we, saw this item before. */
  readonly own: Uint8Array
  private readonly ids = new Map<string, number>()
  private readonly encoded: readonly Uint8Array[]
  private readonly prefixIds: readonly number[]
  /** The hash, laid open for the scanner, which rejects most keys without a call: see {@link bucketOf}. */
  readonly prefixFirstByte = new Uint8Array(256)
  mul0 = 0
  mul1 = 0
  mask = 0
  heads = new Int16Array(0)
  private readonly next: Int16Array

  constructor(wanted: Iterable<string>) {
    this.names = [...new Set(wanted)].sort()
    this.own = Uint8Array.from(this.names, (name) => (name.startsWith('tokenfuse.') ? 1 : 0))
    for (const [id, name] of this.names.entries()) this.ids.set(name, id)
    this.encoded = this.names.map((name) => Buffer.from(name.endsWith('*') ? name.slice(0, -1) : name))
    const prefixes = this.names.flatMap((name, id) => (name.endsWith('*') ? [id] : []))
    // The longest prefix first: `langfuse.trace.metadata.*` before `langfuse.*`.
    this.prefixIds = prefixes.sort((a, b) => this.bytesOf(b).length - this.bytesOf(a).length)
    for (const id of prefixes) this.prefixFirstByte[this.bytesOf(id)[0] ?? 0] = 1
    this.next = new Int16Array(this.names.length).fill(-1)
    this.chooseHash()
  }

  get size(): number {
    return this.names.length
  }

  /** The number of a wanted key (exact, or the prefix with its `*`); -1 when nobody wants it. */
  idOf(name: string): number {
    return this.ids.get(name) ?? -1
  }

  /** The number of the key in `buf[at, at + length)`, or of the longest prefix that it begins with; else -1. */
  match(buf: Uint8Array, at: number, length: number): number {
    if (length === 0) return -1
    for (let id = this.heads[this.hash(buf, at, length)] as number; id >= 0; id = this.next[id] as number) {
      if (equals(this.encoded[id] as Uint8Array, buf, at, length)) return id
    }
    return this.prefixFirstByte[buf[at] as number] === 1 ? this.matchPrefix(buf, at, length) : -1
  }

  private matchPrefix(buf: Uint8Array, at: number, length: number): number {
    for (const id of this.prefixIds) {
      const prefix = this.bytesOf(id)
      if (prefix.length <= length && equals(prefix, buf, at, prefix.length)) return id
    }
    return -1
  }

  private hash(buf: Uint8Array, at: number, length: number): number {
    return bucketOf(buf, at, length, this.mul0, this.mul1) & this.mask
  }

  /** Tries multipliers from a fixed sequence, so that a build is repeatable, and keeps the one with fewest collisions. */
  private chooseHash(): void {
    const exact = this.names.flatMap((name, id) => (name.endsWith('*') ? [] : [id]))
    let size = 64
    while (size < exact.length * 8) size *= 2
    this.mask = size - 1
    let best = Number.POSITIVE_INFINITY
    let bestMul: readonly [number, number] = [0, 0]
    let seed = 0x9e3779b9
    const draw = (): number => {
      seed = (Math.imul(seed, 1664525) + 1013904223) >>> 0
      return seed | 1
    }
    for (let round = 0; round < 16 && best > 0; round++) {
      const mul: [number, number] = [draw(), draw()]
      this.setHash(mul)
      const used = new Set(exact.map((id) => this.hash(this.bytesOf(id), 0, this.bytesOf(id).length)))
      const collisions = exact.length - used.size
      if (collisions < best) {
        best = collisions
        bestMul = mul
      }
    }
    this.setHash(bestMul)
    this.heads = new Int16Array(size).fill(-1)
    for (const id of exact) {
      const bucket = this.hash(this.bytesOf(id), 0, this.bytesOf(id).length)
      this.next[id] = this.heads[bucket] as number
      this.heads[bucket] = id
    }
  }

  private setHash(mul: readonly [number, number]): void {
    this.mul0 = mul[0]
    this.mul1 = mul[1]
  }

  private bytesOf(id: number): Uint8Array {
    return this.encoded[id] as Uint8Array
  }
}

/** Which bucket a key belongs to, before the mask: from its length and four of its bytes. */
export function bucketOf(buf: Uint8Array, at: number, length: number, mul0: number, mul1: number): number {
  const last = at + length - 1
  const ends = ((buf[last] as number) << 8) | (buf[last - (length >> 2)] as number)
  const middle = ((buf[at + (length >> 1)] as number) << 8) | (buf[at + (length >> 3)] as number)
  return (Math.imul(ends + (length << 16), mul0) ^ Math.imul(middle, mul1)) >>> 16
}

function equals(key: Uint8Array, buf: Uint8Array, at: number, length: number): boolean {
  if (key.length !== length) return false
  for (let i = 0; i < length; i++) if (key[i] !== buf[at + i]) return false
  return true
}
