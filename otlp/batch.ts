import type { AttributeKey } from './attributes.ts'
import { ByteNumbers } from './byte-numbers.ts'
import { Interner } from './interner.ts'
import { ItemIndex } from './item-index.ts'
import type { KeyTable } from './keys.ts'
import { Overlay } from './overlay.ts'
import { scanItems } from './scan.ts'
import { attributeAt, keyFrom, keySize } from './scan-attribute.ts'
import { splice } from './splice.ts'

const strings = new Interner()
const resourceNumbers = new ByteNumbers()
const scopeNumbers = new ByteNumbers()

/**
 * The items (spans or log records) of one request: immutable bytes, an index over them, and an overlay of attributes to
 * add. Index and overlay belong to whoever processes batches (one per pipeline) and are filled anew for each batch:
 * whatever must outlive `process` is copied, or kept as bytes and offsets.
 */
export class ItemBatch {
  bytes: Buffer = EMPTY
  /** The same bytes, for reading words. */
  view: DataView = NO_VIEW
  signal: 'traces' | 'logs' = 'traces'
  readonly keys: KeyTable
  readonly index = new ItemIndex()
  private readonly overlay = new Overlay()
  // Of the request at hand: the resource and the scope asked for last, and their numbers.
  private resourceAsked = -1
  private resourceNumberAsked = 0
  private scopeAsked = -1
  private scopeNumber = 0

  constructor(keys: KeyTable) {
    this.keys = keys
  }

  /** Takes the next request. Throws `Malformed`; then only another `load` is allowed. */
  load(bytes: Buffer, signal: 'traces' | 'logs'): void {
    this.bytes = bytes
    this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length)
    this.signal = signal
    this.resourceAsked = -1
    this.scopeAsked = -1
    scanItems(bytes, this.view, signal, this.index, this.keys)
    this.overlay.reset(this.index.items, signal)
  }

  /** Takes a request of metrics: nothing but its bytes is there. */
  attach(bytes: Buffer): void {
    this.bytes = bytes
    this.index.reset()
  }

  /** Number of spans or log records. */
  get count(): number {
    return this.index.items
  }

  /**
   * The request with everything that was added; the same buffer when that is nothing.
   *
   * @param room where else it goes: gives a buffer of exactly so many bytes
   */
  spliced(room: (bytes: number) => Buffer = Buffer.allocUnsafe): Buffer {
    return splice(this.bytes, this.index, this.overlay, room)
  }

  addString(item: number, key: AttributeKey, value: string): void {
    this.overlay.string(item, key, value)
  }
  /** `value` must be a safe integer. */
  addInt(item: number, key: AttributeKey, value: number): void {
    this.overlay.int(item, key, value)
  }
  addDouble(item: number, key: AttributeKey, value: number): void {
    this.overlay.double(item, key, value)
  }
  addBool(item: number, key: AttributeKey, value: boolean): void {
    this.overlay.bool(item, key, value)
  }
  addStrings(item: number, key: AttributeKey, values: readonly string[]): void {
    this.overlay.strings(item, key, values)
  }
  /** A whole pre-encoded KeyValue (`encodedString`). */
  addEncoded(item: number, keyValue: Uint8Array): void {
    this.overlay.encoded(item, keyValue)
  }

  /** Several attributes in one piece, made by `encodedFields` for this batch's signal. */
  addFields(item: number, fields: Uint8Array): void {
    this.overlay.fields(item, fields)
  }

  /** The string value of a hit, interned; undefined when it is of another type. */
  textOf(hit: number): string | undefined {
    if (this.index.hitType[hit] !== 1) return undefined
    return strings.get(this.bytes, this.index.hitAt[hit] as number, this.index.hitLen[hit] as number)
  }

  /** The key of a hit in full, for keys that were wanted by prefix. */
  keyOf(hit: number): string {
    attributeAt(this.bytes, this.index.hitFrom[hit] as number)
    return strings.get(this.bytes, keyFrom, keySize)
  }

  /** The content bytes of a string, bytes, array or kvlist value. A view: copy what must be kept. */
  rawOf(hit: number): Buffer {
    const at = this.index.hitAt[hit] as number
    return this.bytes.subarray(at, at + (this.index.hitLen[hit] as number))
  }

  /** The hit of a wanted key among an item's own attributes: the first one, should a sender repeat a key. -1 = none. */
  find(item: number, key: number): number {
    const to = this.index.itemHitTo[item] as number
    for (let h = this.index.itemHitFrom[item] as number; h < to; h++) if (this.index.hitKey[h] === key) return h
    return -1
  }

  /** The same among the attributes of the item's resource. */
  findInResource(item: number, key: number): number {
    const resource = this.index.scopeResource[this.index.itemScope[item] as number] as number
    const to = this.index.resourceHitTo[resource] as number
    for (let h = this.index.resourceHitFrom[resource] as number; h < to; h++) if (this.index.hitKey[h] === key) return h
    return -1
  }

  /** A number that stands for the bytes of an item's resource, in whatever request they come; see {@link ByteNumbers}. */
  resourceNumberOf(item: number): number {
    const { scopeResource, itemScope } = this.index
    return this.resourceNumber(scopeResource[itemScope[item] as number] as number)
  }

  /** The same for an item's resource and scope together. */
  scopeNumberOf(item: number): number {
    const s = this.index.itemScope[item] as number
    if (s !== this.scopeAsked) {
      const { scopeInfo, scopeInfoEnd, scopeResource } = this.index
      const at = scopeInfo[s] as number
      const resource = this.resourceNumber(scopeResource[s] as number)
      this.scopeAsked = s
      this.scopeNumber = scopeNumbers.of(this.view, at, (scopeInfoEnd[s] as number) - at, resource)
    }
    return this.scopeNumber
  }

  private resourceNumber(r: number): number {
    if (r !== this.resourceAsked) {
      const at = this.index.resourceInfo[r] as number
      this.resourceAsked = r
      this.resourceNumberAsked = resourceNumbers.of(this.view, at, (this.index.resourceInfoEnd[r] as number) - at, 0)
    }
    return this.resourceNumberAsked
  }

  nameOf(item: number): string {
    return this.text(this.index.itemName[item] as number, this.index.itemNameLen[item] as number)
  }
  scopeNameOf(item: number): string {
    const s = this.index.itemScope[item] as number
    return this.text(this.index.scopeName[s] as number, this.index.scopeNameLen[s] as number)
  }
  scopeVersionOf(item: number): string {
    const s = this.index.itemScope[item] as number
    return this.text(this.index.scopeVersion[s] as number, this.index.scopeVersionLen[s] as number)
  }

  /** Milliseconds since the epoch with their fraction; 0 when absent. A double keeps some 250 ns here. */
  startMsOf(item: number): number {
    return this.millis(this.index.itemStart[item] as number)
  }
  endMsOf(item: number): number {
    return this.millis(this.index.itemFinish[item] as number)
  }

  private millis(at: number): number {
    if (at < 0) return 0
    const low = this.view.getUint32(at, true)
    const high = this.view.getUint32(at + 4, true)
    return (high * 4294967296 + low) / 1e6
  }

  private text(at: number, length: number): string {
    return at < 0 ? '' : strings.get(this.bytes, at, length)
  }
}

const EMPTY = Buffer.alloc(0)
const NO_VIEW = new DataView(new ArrayBuffer(0))
