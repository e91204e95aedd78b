import { ATTRIBUTE_TAG, type AttributeKey } from './attributes.ts'
import { readLength, varint, varintSize, writeVarint } from './wire.ts'

const START = 16 * 1024

/**
 * Attributes added to items, already encoded as the fields they will be. Written one behind the other into one scratch
 * buffer; an item's pieces are chained, and neighbouring ones are merged, so that an item that one processor after the
 * other adds to is usually one run of bytes.
 *
 * Serves batch after batch, like the index.
 */
export class Overlay {
  buf: Buffer = Buffer.allocUnsafeSlow(START)
  length = 0
  pieces = 0
  /** First and last piece of each item, -1 = none; bytes added to it. */
  head = new Int32Array(256)
  tail = new Int32Array(256)
  added = new Int32Array(256)
  pieceFrom = new Int32Array(256)
  pieceTo = new Int32Array(256)
  pieceNext = new Int32Array(256)
  private tag: number = ATTRIBUTE_TAG.traces

  reset(items: number, signal: 'traces' | 'logs'): void {
    this.length = 0
    this.pieces = 0
    this.tag = ATTRIBUTE_TAG[signal]
    if (items > this.head.length) {
      const size = 2 ** Math.ceil(Math.log2(items))
      this.head = new Int32Array(size)
      this.tail = new Int32Array(size)
      this.added = new Int32Array(size)
    }
    this.head.fill(-1, 0, items)
    this.added.fill(0, 0, items)
  }

  string(item: number, key: AttributeKey, value: string): void {
    // Most of what we add is short ASCII: written byte by byte, which below some 30 bytes beats a call into the runtime.
    const text = value.length <= 96 && isAscii(value) ? undefined : Buffer.from(value)
    const length = text === undefined ? value.length : text.length
    let at = this.open(item, key, 1 + varintSize(length) + length)
    const buf = this.buf
    buf[at++] = 0x0a
    at = writeVarint(buf, at, length)
    if (text === undefined) for (let i = 0; i < length; i++) buf[at++] = value.charCodeAt(i)
    else {
      text.copy(buf, at)
      at += length
    }
    this.close(item, at)
  }

  /** A safe integer. */
  int(item: number, key: AttributeKey, value: number): void {
    if (value < 0) {
      this.bigint(item, key, BigInt(value))
      return
    }
    let size = value < 0x4000 ? (value < 0x80 ? 1 : 2) : 3
    for (let rest = Math.floor(value / 0x200000); rest > 0; rest = Math.floor(rest / 128)) size++
    let at = this.open(item, key, 1 + size)
    this.buf[at++] = 0x18
    let rest = value
    // Words are shifted; only what is larger has to be divided.
    for (; rest > 0x7fffffff; rest = Math.floor(rest / 128)) this.buf[at++] = (rest % 128) | 0x80
    for (; rest >= 128; rest >>>= 7) this.buf[at++] = (rest & 0x7f) | 0x80
    this.buf[at++] = rest
    this.close(item, at)
  }

  private bigint(item: number, key: AttributeKey, value: bigint): void {
    let rest = BigInt.asUintN(64, value)
    let at = this.open(item, key, 11)
    this.buf[at++] = 0x18
    for (let i = 0; i < 9; i++, rest >>= 7n) this.buf[at++] = Number(rest & 0x7fn) | 0x80
    this.buf[at++] = Number(rest)
    this.close(item, at)
  }

  double(item: number, key: AttributeKey, value: number): void {
    const at = this.open(item, key, 9)
    this.buf[at] = 0x21
    this.buf.writeDoubleLE(value, at + 1)
    this.close(item, at + 9)
  }

  bool(item: number, key: AttributeKey, value: boolean): void {
    const at = this.open(item, key, 2)
    this.buf[at] = 0x10
    this.buf[at + 1] = value ? 1 : 0
    this.close(item, at + 2)
  }

  strings(item: number, key: AttributeKey, values: readonly string[]): void {
    const texts = values.map((value) => Buffer.from(value))
    let array = 0
    for (const text of texts) {
      const any = 1 + varintSize(text.length) + text.length
      array += 1 + varintSize(any) + any
    }
    let at = this.open(item, key, 1 + varintSize(array) + array)
    this.buf[at++] = 0x2a
    at = writeVarint(this.buf, at, array)
    for (const text of texts) {
      this.buf[at++] = 0x0a
      at = writeVarint(this.buf, at, 1 + varintSize(text.length) + text.length)
      this.buf[at++] = 0x0a
      at = writeVarint(this.buf, at, text.length)
      at += text.copy(this.buf, at)
    }
    this.close(item, at)
  }

  /** A whole KeyValue message. */
  encoded(item: number, keyValue: Uint8Array): void {
    const size = keyValue.length
    this.reserve(size + 6)
    this.chain(item)
    let at = this.length
    this.buf[at++] = this.tag
    at = writeVarint(this.buf, at, size)
    if (size < 32) for (let i = 0; i < size; i++) this.buf[at++] = keyValue[i] as number
    else {
      this.buf.set(keyValue, at)
      at += size
    }
    this.close(item, at)
  }

  /** Attributes that are fields already (`encodedFields` for this signal). */
  fields(item: number, fields: Uint8Array): void {
    this.reserve(fields.length)
    this.chain(item)
    this.buf.set(fields, this.length)
    this.close(item, this.length + fields.length)
  }

  /** Names of the keys added to an item; for the rare item that may have them already. */
  keysOf(item: number): Set<string> {
    const names = new Set<string>()
    for (let piece = this.head[item] as number; piece >= 0; piece = this.pieceNext[piece] as number) {
      let at = this.pieceFrom[piece] as number
      const end = this.pieceTo[piece] as number
      while (at < end) {
        const body = readLength(this.buf, at + 1, end)
        at = body + varint
        const key = readLength(this.buf, body + 1, at)
        names.add(this.buf.toString('utf8', key, key + varint))
      }
    }
    return names
  }

  /** Writes field tag, lengths and key of an attribute whose AnyValue takes `any` bytes; returns where those go. */
  private open(item: number, key: AttributeKey, any: number): number {
    const encodedKey = key.encoded
    const keySize = encodedKey.length
    const size = keySize + 1 + varintSize(any) + any
    this.reserve(size + 6)
    this.chain(item)
    const buf = this.buf
    let at = this.length
    buf[at++] = this.tag
    at = writeVarint(buf, at, size)
    if (keySize < 32) for (let i = 0; i < keySize; i++) buf[at++] = encodedKey[i] as number
    else {
      buf.set(encodedKey, at)
      at += keySize
    }
    buf[at++] = 0x12
    return writeVarint(buf, at, any)
  }

  private close(item: number, at: number): void {
    const piece = this.tail[item] as number
    this.added[item] = (this.added[item] as number) + at - this.length
    this.pieceTo[piece] = at
    this.length = at
  }

  /** Makes sure that the item's last piece ends where the next byte is written. */
  private chain(item: number): void {
    const last = this.head[item] === -1 ? -1 : (this.tail[item] as number)
    if (last >= 0 && this.pieceTo[last] === this.length) return
    const piece = this.pieces++
    if (piece === this.pieceFrom.length) this.growPieces()
    this.pieceFrom[piece] = this.length
    this.pieceTo[piece] = this.length
    this.pieceNext[piece] = -1
    if (last < 0) this.head[item] = piece
    else this.pieceNext[last] = piece
    this.tail[item] = piece
  }

  private growPieces(): void {
    const grow = (column: Int32Array): Int32Array<ArrayBuffer> => {
      const grown = new Int32Array(column.length * 2)
      grown.set(column)
      return grown
    }
    this.pieceFrom = grow(this.pieceFrom)
    this.pieceTo = grow(this.pieceTo)
    this.pieceNext = grow(this.pieceNext)
  }

  private reserve(bytes: number): void {
    if (this.length + bytes <= this.buf.length) return
    const grown = Buffer.allocUnsafeSlow(Math.max(this.buf.length * 2, this.length + bytes))
    this.buf.copy(grown, 0, 0, this.length)
    this.buf = grown
  }
}

function isAscii(text: string): boolean {
  for (let i = 0; i < text.length; i++) if (text.charCodeAt(i) >= 0x80) return false
  return true
}
