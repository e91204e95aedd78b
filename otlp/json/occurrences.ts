import { Malformed } from '../malformed.ts'
import { I32, I64, LEN, readFixed, readLength, readVarint, skipField, VARINT, varint } from '../wire.ts'
import { type Field, type Message, WIRE_TYPE } from './model.ts'

/** As many occurrences as are kept room for. */
const KEEP = 64 * 1024

/**
 * Where the fields of one protobuf message stand, by field: protobuf may bring them in any order, repeat singular ones and
 * scatter repeated ones, and JSON may not.
 *
 * A stack: a message is scanned, its fields are written, which scans the messages within it, and then it is dropped.
 */
export class Occurrences {
  private top = 0
  private start = new Int32Array(1024)
  private end = new Int32Array(1024)
  private wire = new Uint8Array(1024)
  private next = new Int32Array(1024)
  private bases = 0
  private first = new Int32Array(1024)
  private last = new Int32Array(1024)

  /** Scans a message. Returns what the readers below and `drop` take. */
  scan(buf: Buffer, from: number, end: number, message: Message): number {
    const base = this.bases
    this.bases += message.fields.length
    if (this.bases > this.first.length) this.growBases()
    this.first.fill(-1, base, this.bases)
    let member = -1
    let at = from
    while (at < end) {
      const value = readVarint(buf, at, end)
      const tag = varint
      const field = message.byNumber[Math.floor(tag / 8)]
      if (field === undefined || !fits(field, tag & 7)) {
        at = skipField(buf, tag, value, end)
        continue
      }
      if (field.oneof && member !== field.index) {
        // The member of a oneof that comes last is the only one.
        if (member >= 0) this.first[base + member] = -1
        member = field.index
      }
      at = this.add(buf, base + field.index, tag & 7, value, end, field)
    }
    return base
  }

  private add(buf: Buffer, list: number, wire: number, value: number, end: number, field: Field): number {
    const i = this.top++
    if (this.top > this.start.length) this.grow()
    const body = wire === LEN ? readLength(buf, value, end) : value
    const behind = wire === LEN ? body + varint : valueEnd(buf, wire, value, end)
    this.start[i] = body
    this.end[i] = behind
    this.wire[i] = wire
    this.next[i] = -1
    // Of a scalar, only the last one counts; of a message, all of them do.
    const before = field.repeated || field.message !== undefined ? (this.first[list] as number) : -1
    if (before < 0) this.first[list] = i
    else this.next[this.last[list] as number] = i
    this.last[list] = i
    return behind
  }

  /** The first occurrence of the field with this index; -1 = none. */
  firstOf(base: number, index: number): number {
    return this.first[base + index] as number
  }
  /** The next one of the same field; -1 = none. */
  nextOf(occurrence: number): number {
    return this.next[occurrence] as number
  }
  /** Where its value begins, without tag and length. */
  startOf(occurrence: number): number {
    return this.start[occurrence] as number
  }
  endOf(occurrence: number): number {
    return this.end[occurrence] as number
  }
  wireOf(occurrence: number): number {
    return this.wire[occurrence] as number
  }

  /** How many there are now: what `drop` goes back to. */
  get mark(): number {
    return this.top
  }
  drop(base: number, mark: number): void {
    this.bases = base
    this.top = mark
  }

  /** Begins anew, and gives back what one huge message took. */
  reset(): void {
    this.drop(0, 0)
    if (this.start.length <= KEEP) return
    this.start = new Int32Array(KEEP)
    this.end = new Int32Array(KEEP)
    this.wire = new Uint8Array(KEEP)
    this.next = new Int32Array(KEEP)
  }

  private grow(): void {
    this.start = doubled(this.start)
    this.end = doubled(this.end)
    this.next = doubled(this.next)
    const wire = new Uint8Array(this.wire.length * 2)
    wire.set(this.wire)
    this.wire = wire
  }

  private growBases(): void {
    this.first = doubled(this.first)
    this.last = doubled(this.last)
  }
}

/** Whether a value of this wire type is one of the field, or a packed list of them. */
function fits(field: Field, wire: number): boolean {
  const own = WIRE_TYPE[field.type]
  return wire === own || (wire === LEN && field.repeated && own !== LEN)
}

function valueEnd(buf: Buffer, wire: number, at: number, end: number): number {
  if (wire === VARINT) return readVarint(buf, at, end)
  if (wire === I64) return readFixed(at, 8, end)
  if (wire === I32) return readFixed(at, 4, end)
  throw new Malformed(`wire type ${wire}`, at)
}

function doubled(old: Int32Array<ArrayBuffer>): Int32Array<ArrayBuffer> {
  const grown = new Int32Array(old.length * 2)
  grown.set(old)
  return grown
}
