import type { ItemIndex } from './item-index.ts'
import type { Overlay } from './overlay.ts'
import { attributeAt, attributeEnd, keyFrom, keySize } from './scan-attribute.ts'
import { varintSize, writeVarint } from './wire.ts'

/**
 * The request with the overlay's attributes in it: every byte of the original, in its place, but for the length
 * prefixes of what grew. When nothing was added the very same buffer is returned.
 *
 * Attributes go to the end of their item. Lengths are worked out from the inside (items) to the outside (resources)
 * first, so that the output is allocated once and written front to back.
 *
 * @param room gives a buffer of exactly so many bytes
 */
export function splice(source: Buffer, index: ItemIndex, overlay: Overlay, room: (bytes: number) => Buffer): Buffer {
  if (overlay.pieces === 0) return source
  const growth = measure(source, index, overlay)
  const out = room(source.length + growth)
  let from = 0
  let to = 0
  for (let r = 0; r < index.resources; r++) {
    if (resourceChanged[r] === 0) continue
    to = copyRun(source, from, index.resourceLen[r] as number, out, to)
    from = index.resourceBody[r] as number
    to = writeVarint(out, to, (index.resourceEnd[r] as number) - from + (resourceInner[r] as number))
    const scopeTo = index.resourceScopeTo[r] as number
    for (let s = index.resourceScopeFrom[r] as number; s < scopeTo; s++) {
      if (scopeChanged[s] === 0) continue
      to = copyRun(source, from, index.scopeLen[s] as number, out, to)
      from = index.scopeBody[s] as number
      to = writeVarint(out, to, (index.scopeEnd[s] as number) - from + (scopeInner[s] as number))
      const itemTo = index.scopeItemTo[s] as number
      for (let i = index.scopeItemFrom[s] as number; i < itemTo; i++) {
        const added = overlay.added[i] as number
        if (added === 0) continue
        to = copyRun(source, from, index.itemLen[i] as number, out, to)
        const body = index.itemBody[i] as number
        const end = index.itemEnd[i] as number
        to = writeVarint(out, to, end - body + added - droppedBytes(source, index, i))
        to = index.itemOwn[i] === 1 ? copyKept(source, index, i, out, to) : copyRun(source, body, end, out, to)
        from = end
        to = copyPieces(overlay, i, out, to)
      }
    }
  }
  copyRun(source, from, source.length, out, to)
  return out
}

// Scratch, like the index. Whether anything in it changed, and how much its body grows: replacing an attribute by one of
// the same size changes a scope without making it grow.
let scopeChanged = new Uint8Array(64)
let scopeInner = new Int32Array(64)
let resourceChanged = new Uint8Array(64)
let resourceInner = new Int32Array(64)

function measure(source: Buffer, index: ItemIndex, overlay: Overlay): number {
  if (index.scopes > scopeChanged.length) {
    scopeChanged = new Uint8Array(index.scopes * 2)
    scopeInner = new Int32Array(index.scopes * 2)
  }
  if (index.resources > resourceChanged.length) {
    resourceChanged = new Uint8Array(index.resources * 2)
    resourceInner = new Int32Array(index.resources * 2)
  }
  let total = 0
  for (let r = 0; r < index.resources; r++) {
    resourceChanged[r] = 0
    let inner = 0
    const scopeTo = index.resourceScopeTo[r] as number
    for (let s = index.resourceScopeFrom[r] as number; s < scopeTo; s++) {
      measureScope(source, index, overlay, s)
      if (scopeChanged[s] === 0) continue
      resourceChanged[r] = 1
      inner += grown(
        index.scopeLen[s] as number,
        index.scopeBody[s] as number,
        index.scopeEnd[s] as number,
        scopeInner[s] as number,
      )
    }
    resourceInner[r] = inner
    if (resourceChanged[r] === 1)
      total += grown(
        index.resourceLen[r] as number,
        index.resourceBody[r] as number,
        index.resourceEnd[r] as number,
        inner,
      )
  }
  return total
}

function measureScope(source: Buffer, index: ItemIndex, overlay: Overlay, s: number): void {
  let inner = 0
  scopeChanged[s] = 0
  const itemTo = index.scopeItemTo[s] as number
  for (let i = index.scopeItemFrom[s] as number; i < itemTo; i++) {
    const added = overlay.added[i] as number
    if (added === 0) continue
    scopeChanged[s] = 1
    if (index.itemOwn[i] === 1) dropRepeated(source, index, overlay, i)
    inner += grown(
      index.itemLen[i] as number,
      index.itemBody[i] as number,
      index.itemEnd[i] as number,
      added - droppedBytes(source, index, i),
    )
  }
  scopeInner[s] = inner
}

/** How much a field grows when its body grows by `added`: its length prefix may need more bytes (or fewer, if padded). */
function grown(lenAt: number, body: number, end: number, added: number): number {
  return added + varintSize(end - body + added) - (body - lenAt)
}

// Attributes that are replaced. Another sidecar, or we before a retry, may have added the same keys already, and a key
// must not stand twice. Only items with attributes of our own namespace come here. A dropped hit has key -1.

function dropRepeated(source: Buffer, index: ItemIndex, overlay: Overlay, i: number): void {
  const names = overlay.keysOf(i)
  const hitTo = index.itemHitTo[i] as number
  for (let h = index.itemHitFrom[i] as number; h < hitTo; h++) {
    attributeAt(source, index.hitFrom[h] as number)
    if (names.has(source.toString('utf8', keyFrom, keyFrom + keySize))) index.hitKey[h] = -1
  }
}

function droppedBytes(source: Buffer, index: ItemIndex, i: number): number {
  if (index.itemOwn[i] === 0) return 0
  let bytes = 0
  const hitTo = index.itemHitTo[i] as number
  for (let h = index.itemHitFrom[i] as number; h < hitTo; h++) {
    if (index.hitKey[h] !== -1) continue
    const from = index.hitFrom[h] as number
    attributeAt(source, from)
    bytes += attributeEnd - from
  }
  return bytes
}

function copyKept(source: Buffer, index: ItemIndex, i: number, out: Buffer, start: number): number {
  let from = index.itemBody[i] as number
  let to = start
  const hitTo = index.itemHitTo[i] as number
  for (let h = index.itemHitFrom[i] as number; h < hitTo; h++) {
    if (index.hitKey[h] !== -1) continue
    to = copyRun(source, from, index.hitFrom[h] as number, out, to)
    attributeAt(source, index.hitFrom[h] as number)
    from = attributeEnd
  }
  return copyRun(source, from, index.itemEnd[i] as number, out, to)
}

function copyRun(source: Buffer, from: number, end: number, out: Buffer, to: number): number {
  const length = end - from
  if (length > 24) source.copy(out, to, from, end)
  else for (let i = 0; i < length; i++) out[to + i] = source[from + i] as number
  return to + length
}

function copyPieces(overlay: Overlay, item: number, out: Buffer, start: number): number {
  let to = start
  for (let piece = overlay.head[item] as number; piece >= 0; piece = overlay.pieceNext[piece] as number) {
    to = copyRun(overlay.buf, overlay.pieceFrom[piece] as number, overlay.pieceTo[piece] as number, out, to)
  }
  return to
}
