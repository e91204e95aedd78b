const LENGTH_MAX = 64
const SLOTS = 1 << 14
const ENTRIES_MAX = SLOTS / 2

/**
 * Bytes to strings, the same string object for the same bytes. Telemetry repeats its model, agent and tool names
 * endlessly: making a string each time costs more than everything else we do with it, and a fresh string must be hashed
 * again by every Map it meets.
 *
 * Bounded: strings over 64 bytes are not kept, and a full table starts anew (the strings stay valid).
 */
export class Interner {
  private readonly slots = new Int32Array(SLOTS)
  private readonly hashes = new Int32Array(ENTRIES_MAX + 1)
  private strings: string[] = ['']
  private bytes: Uint8Array[] = [new Uint8Array(0)]

  get(buf: Buffer, at: number, length: number): string {
    if (length === 0) return ''
    if (length > LENGTH_MAX) return buf.toString('utf8', at, at + length)
    let hash = 0x811c9dc5 ^ length
    for (let i = 0; i < length; i++) hash = Math.imul(hash ^ (buf[at + i] as number), 0x01000193)
    hash ^= hash >>> 15
    let slot = hash & (SLOTS - 1)
    for (let entry = this.slots[slot] as number; entry !== 0; entry = this.slots[slot] as number) {
      if (this.hashes[entry] === hash && same(this.bytes[entry] as Uint8Array, buf, at, length)) {
        return this.strings[entry] as string
      }
      slot = (slot + 1) & (SLOTS - 1)
    }
    return this.add(buf, at, length, hash)
  }

  private add(buf: Buffer, at: number, length: number, hash: number): string {
    if (this.strings.length > ENTRIES_MAX) {
      this.slots.fill(0)
      this.strings = ['']
      this.bytes = [new Uint8Array(0)]
    }
    let slot = hash & (SLOTS - 1)
    while (this.slots[slot] !== 0) slot = (slot + 1) & (SLOTS - 1)
    const entry = this.strings.length
    const text = buf.toString('utf8', at, at + length)
    this.slots[slot] = entry
    this.hashes[entry] = hash
    this.strings.push(text)
    this.bytes.push(Uint8Array.prototype.slice.call(buf, at, at + length))
    return text
  }
}

function same(kept: Uint8Array, buf: Uint8Array, at: number, length: number): boolean {
  if (kept.length !== length) return false
  for (let i = 0; i < length; i++) if (kept[i] !== buf[at + i]) return false
  return true
}
