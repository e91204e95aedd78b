import type { ItemIndex } from './item-index.ts'
import type { KeyTable } from './keys.ts'
import { scanAttribute } from './scan-attribute.ts'
import { scanRun } from './scan-run.ts'
import { blankItem, checkedId } from './scan-span.ts'
import { readFixed, readLength, readVarint, skipField, varint } from './wire.ts'

/** A LogRecord: time = 1, severity = 2, attributes = 6, trace = 9, span = 10, observed = 11, event name = 12. */
export function scanLogRecord(
  buf: Buffer,
  view: DataView,
  body: number,
  end: number,
  i: number,
  index: ItemIndex,
  keys: KeyTable,
): void {
  blankItem(index, i)
  let at = body
  while (at < end) {
    at = scanRun(view, 0x32, at, end, index, keys)
    if (at >= end) return
    const from = at
    at = readVarint(buf, at, end)
    const tag = varint
    switch (tag) {
      case 0x32: {
        const body = readLength(buf, at, end)
        at = body + varint
        if (scanAttribute(buf, view, from, body, at, index, keys)) index.itemOwn[i] = 1
        break
      }
      case 0x09:
        index.itemStart[i] = at
        at = readFixed(at, 8, end)
        break
      case 0x59:
        index.itemFinish[i] = at
        at = readFixed(at, 8, end)
        break
      case 0x10:
        at = readVarint(buf, at, end)
        index.itemKind[i] = varint < 256 ? varint : 0
        break
      case 0x4a:
        at = readLength(buf, at, end)
        index.itemTrace[i] = checkedId(view, varint, 16, at, 'trace id')
        at += varint
        break
      case 0x52:
        at = readLength(buf, at, end)
        index.itemSpan[i] = checkedId(view, varint, 8, at, 'span id')
        at += varint
        break
      case 0x62:
        at = readLength(buf, at, end)
        index.itemName[i] = at
        index.itemNameLen[i] = varint
        at += varint
        break
      default:
        at = skipField(buf, tag, at, end)
    }
  }
}
