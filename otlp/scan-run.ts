import type { ItemIndex } from './item-index.ts'
import { bucketOf, isSame, type KeyTable } from './keys.ts'

/**
 * A run of attributes, fields of the tag `field`, that are well-formed at a glance: a key of 4 to 127 bytes, then a short string, a double, a bool
 * or a small int. Those that somebody wants become hits, the others are passed over. Returns where something else begins:
 * another field, another shape, a key of our own namespace or one that shares its bucket.
 *
 * `[tag, length, tag, key length]` are read as one word, and so are `[tag, length, tag, value]` behind the key.
 */
export function scanRun(
  view: DataView,
  field: number,
  from: number,
  end: number,
  index: ItemIndex,
  keys: KeyTable,
): number {
  const start = 0x0a0000 | field
  const { heads, mul0, mul1, shift, prefixes, text, textAt, textLength, own, following } = keys
  const { hitKey, hitType, hitAt, hitLen, hitNum, hitFrom } = index
  const room = hitKey.length
  let h = index.hits
  let at = from
  while (at + 10 <= end) {
    const word = view.getInt32(at, true)
    if ((word & 0xff80ff) !== start) break
    const next = at + 2 + ((word >>> 8) & 0x7f)
    const length = word >>> 24
    const key = at + 4
    const value = key + length
    if ((length - 4) >>> 0 > 123 || value + 4 > next || next > end) break
    const head = view.getInt32(value, true)
    const size = next - value - 2
    if ((head & 0xffff) !== (0x12 | (size << 8))) break
    const tag = (head >>> 16) & 0xff
    const first = head >>> 24
    const isLength = (tag & 7) === 2 && first === size - 2 && tag > 7
    let id = heads[bucketOf(view, key, length, mul0, mul1) >>> shift] as number
    while (id >= 0 && (textLength[id] !== length || !isSame(text, textAt[id] as number, view, key, length))) {
      id = following[id] as number
    }
    if (id < 0) {
      if (prefixes[view.getUint16(key, true)] !== 0) break
      if (!isLength && !(tag === 0x21 && size === 9)) {
        if ((tag & 0xf7) !== 0x10 || !isShortVarint(view, value + 3, next)) break
      }
      at = next
      continue
    }
    if (h === room || own[id] !== 0) break
    if (isLength && (tag === 0x0a || tag > 0x29)) {
      if (tag > 0x3a) break
      hitType[h] = tag >>> 3
      hitAt[h] = value + 4
      hitLen[h] = size - 2
    } else if (tag === 0x18 && isShortVarint(view, value + 3, next)) {
      let count = first
      if (size > 2) count = (count & 0x7f) | ((view.getUint8(value + 4) & 0x7f) << 7)
      if (size > 3) count |= view.getUint8(value + 5) << 14
      hitType[h] = 3
      hitAt[h] = value + 3
      hitLen[h] = size - 1
      hitNum[h] = count
    } else break
    hitKey[h] = id
    hitFrom[h] = at
    h++
    at = next
  }
  index.hits = h
  return at
}

/** Whether `[at, end)` is one varint of up to three bytes. */
function isShortVarint(view: DataView, at: number, end: number): boolean {
  const size = end - at
  if (size === 1) return view.getUint8(at) < 0x80
  if (size === 2) return (view.getUint16(at, true) & 0x8080) === 0x0080
  return size === 3 && (view.getUint16(at, true) & 0x8080) === 0x8080 && view.getUint8(at + 2) < 0x80
}
