import { copyBase64, copyId } from './binary.ts'
import { fail } from './input.ts'
import { isFalse, isTrue } from './marks.ts'
import type { Field } from './model.ts'
import { double, high, low, readDouble, readInt32, readInt64, readUint32, readUint64 } from './numbers.ts'
import type { ProtoSink } from './sink.ts'
import { copyText, skipString, stringBetween } from './text.ts'

const QUOTE = 0x22
const COMMA = 0x2c
const CLOSE_BRACE = 0x7d

/**
 * A field with one value. A default is only written where it says something: where presence counts, or `again`, behind
 * another value of the same field.
 */
export function copyScalar(view: DataView, out: ProtoSink, field: Field, at: number, again: boolean): number {
  const from = out.at
  out.tag(field.tag)
  const put = out.at
  const end =
    field.type === 'string' && view.getUint8(at) === QUOTE ? copyText(view, out, at) : copyValue(view, out, field, at)
  if (!field.explicit && !again && isDefault(out, put, field)) out.at = from
  return end
}

/** Whether what was written at `put`, the last of all, is the default of its type. */
function isDefault(out: ProtoSink, put: number, field: Field): boolean {
  const size = out.at - put
  if (size === 1) return out.view.getUint8(put) === 0
  if (field.fixedSize !== size) return false
  return out.view.getInt32(put, true) === 0 && (size === 4 || out.view.getInt32(put + 4, true) === 0)
}

/** Any value but a string, without its tag. */
export function copyValue(view: DataView, out: ProtoSink, field: Field, at: number): number {
  let end = at
  switch (field.type) {
    case 'fixed64':
      end = readUint64(view, at)
      out.putFixed64(high, low)
      return end
    case 'traceId':
      return copyId(view, out, at, 16)
    case 'spanId':
      return copyId(view, out, at, 8)
    case 'enum':
      return copyEnum(view, out, field, at)
    default:
      return copyRareValue(view, out, field, at)
  }
}

function copyRareValue(view: DataView, out: ProtoSink, field: Field, at: number): number {
  let end = at
  switch (field.type) {
    case 'string':
      return fail('expected a string', at)
    case 'bytes':
      return copyBase64(view, out, at)
    case 'bool':
      return copyBool(view, out, at)
    case 'int64':
      end = readInt64(view, at)
      out.putVarint(high, low)
      return end
    case 'double':
      end = readDouble(view, at)
      out.putDouble(double)
      return end
    case 'uint32':
      end = readUint32(view, at)
      out.putVarint(0, low)
      return end
    case 'fixed32':
      end = readUint32(view, at)
      out.putFixed32(low)
      return end
    case 'uint64':
      end = readUint64(view, at)
      out.putVarint(high, low)
      return end
    case 'sfixed64':
      end = readInt64(view, at)
      out.putFixed64(high, low)
      return end
    case 'sint32':
      end = readInt32(view, at)
      out.putVarint(0, (low << 1) ^ (low >> 31))
      return end
    default:
      end = readInt32(view, at)
      out.putVarint(high, low)
      return end
  }
}

function copyBool(view: DataView, out: ProtoSink, at: number): number {
  const yes = isTrue(view, at)
  if (!yes && !isFalse(view, at)) fail('expected true or false', at)
  out.putVarint(0, yes ? 1 : 0)
  return yes ? at + 4 : at + 5
}

/** A number, or (tolerated) the name of one. */
function copyEnum(view: DataView, out: ProtoSink, field: Field, at: number): number {
  let end = at
  const digit = view.getUint8(at) - 0x30
  const behind = view.getUint8(at + 1)
  if (digit >= 0 && digit <= 9 && (behind === COMMA || behind === CLOSE_BRACE)) {
    out.putVarint(0, digit)
    return at + 1
  }
  if (view.getUint8(at) !== QUOTE) {
    end = readInt32(view, at)
    out.putVarint(high, low)
    return end
  }
  end = skipString(view, at)
  const value = field.names.get(stringBetween(at, end)) ?? fail('unknown name of an enum value', at)
  out.putVarint(0, value)
  return end
}
