import { copyPlainAttributes, KEY_AT, plainKeyEnd } from './attribute.ts'
import { fail } from './input.ts'
import {
  CLOSE_BRACE,
  CLOSE_BRACKET,
  COLON,
  COMMA,
  expectMark,
  expectNext,
  isNull,
  OPEN_BRACE,
  OPEN_BRACKET,
  skipSpace,
} from './marks.ts'
import { ATTRIBUTE_KEY, type Field, KEY_VALUE, type Key, type Message } from './model.ts'
import { copyScalar, copyValue } from './scalar.ts'
import type { ProtoSink } from './sink.ts'
import { skipValue } from './skip.ts'
import { findStop, skipString, stringBetween } from './text.ts'

const QUOTE = 0x22
/** `,"` as a little-endian word: what stands between two members of compact JSON. */
const NEXT_MEMBER = 0x222c

/** How deep attribute values may nest: an array in a list in an array … */
export const VALUE_DEPTH_MAX = 100

/** The object that opens at `from`, as the fields of a message. `depth` counts nested attribute values. */
export function copyMessage(view: DataView, out: ProtoSink, message: Message, from: number, depth: number): number {
  const at = skipSpace(view, from + 1)
  return view.getUint8(at) === CLOSE_BRACE ? at + 1 : copyMembers(view, out, message, at, message.head, depth)
}

/** The members of an object from the one at `from` on, which stands behind that of the key `behind`. */
function copyMembers(
  view: DataView,
  out: ProtoSink,
  message: Message,
  from: number,
  behind: Key,
  depth: number,
): number {
  let at = from
  let before = behind
  let seen = 1 << behind.field.index
  for (;;) {
    let key: Key | undefined = before.next
    let value = at + key.length
    if (!matches(view, at, key)) {
      key = findKey(view, message, at)
      value = valueAt
    }
    if (key === undefined) at = skipValue(view, skipSpace(view, value))
    else {
      if (before.next !== key) before.next = key
      before = key
      const bit = 1 << key.field.index
      at = copyField(view, out, key.field, skipSpace(view, value), (seen & bit) !== 0, depth)
      seen |= bit
    }
    if (view.getInt16(at, true) === NEXT_MEMBER) at++
    else {
      at = expectNext(view, at, CLOSE_BRACE)
      if (view.getUint8(at) === CLOSE_BRACE) return at + 1
      at = skipSpace(view, at + 1)
    }
  }
}

/** Whether this key, quotes and colon and all, stands at `at`. */
function matches(view: DataView, at: number, key: Key): boolean {
  const { words } = key
  const last = at + key.length - 4
  if (view.getInt32(last, true) !== words[words.length - 1]) return false
  for (let i = 0, from = at; from < last; i++, from += 4) if (view.getInt32(from, true) !== words[i]) return false
  return true
}

const NO_KEYS: readonly Key[] = []

/** Where the value begins that belongs to what {@link findKey} returned. */
let valueAt = 0

/** The key that stands at `at`; undefined when the message has no such field. Sets {@link valueAt}. */
function findKey(view: DataView, message: Message, at: number): Key | undefined {
  const keys = message.keys[view.getUint8(at + 1)] ?? NO_KEYS
  for (let i = 0; i < keys.length; i++) {
    const key = keys[i]
    if (key !== undefined && matches(view, at, key)) {
      valueAt = at + key.length
      return key
    }
  }
  return findOddKey(view, message, at)
}

/** A key that is unknown, or has escapes in it or space behind it. */
function findOddKey(view: DataView, message: Message, at: number): Key | undefined {
  if (view.getUint8(at) !== QUOTE) fail('expected a key in quotes', at)
  const end = skipString(view, at)
  valueAt = expectMark(view, end, COLON)
  const hasEscapes = findStop(view, at + 1) !== end - 1
  // A string is only made of what may be known, so that a document full of unknown keys is passed over quickly.
  if (!hasEscapes && !message.keys[view.getUint8(at + 1)]?.some((key) => key.text.length === end - at - 2))
    return undefined
  const text = stringBetween(at, end)
  return message.keys[text.charCodeAt(0)]?.find((key) => key.text === text)
}

function copyField(view: DataView, out: ProtoSink, field: Field, at: number, again: boolean, depth: number): number {
  if (view.getUint8(at) === 0x6e && isNull(view, at)) return at + 4
  if (field.repeated) return copyList(view, out, field, at, depth)
  if (field.message !== undefined) return copyPart(view, out, field, field.message, at, depth)
  return copyScalar(view, out, field, at, again)
}

function copyPart(view: DataView, out: ProtoSink, field: Field, message: Message, at: number, depth: number): number {
  if (view.getUint8(at) !== OPEN_BRACE) fail('expected an object', at)
  const inner = message.nests ? depth + 1 : depth
  if (inner > VALUE_DEPTH_MAX) fail(`values nested more than ${VALUE_DEPTH_MAX} deep`, at)
  out.tag(field.tag)
  const slot = out.open(field.room)
  const end = copyMessage(view, out, message, at, inner)
  field.room = out.close(slot)
  return end
}

function copyList(view: DataView, out: ProtoSink, field: Field, from: number, depth: number): number {
  if (view.getUint8(from) !== OPEN_BRACKET) fail('expected an array', from)
  const at = skipSpace(view, from + 1)
  if (view.getUint8(at) === CLOSE_BRACKET) return at + 1
  if (field.message !== undefined) return copyParts(view, out, field, field.message, at, depth)
  return field.type === 'string' ? copyTexts(view, out, field, at) : copyPacked(view, out, field, at)
}

/** The first element is at `from`. */
function copyParts(
  view: DataView,
  out: ProtoSink,
  field: Field,
  message: Message,
  from: number,
  depth: number,
): number {
  let at = from
  for (;;) {
    if (message === KEY_VALUE) at = copyAttributes(view, out, field, at, depth)
    else if (isNull(view, at)) at = copyNull(out, field, message, at)
    else at = copyPart(view, out, field, message, at, depth)
    at = expectNext(view, at, CLOSE_BRACKET)
    if (view.getUint8(at) !== COMMA) return at + 1
    at = skipSpace(view, at + 1)
  }
}

/** Attributes the short way, and then one that must go another: with its key the short way, or like any other message. */
function copyAttributes(view: DataView, out: ProtoSink, field: Field, from: number, depth: number): number {
  const deep = depth === VALUE_DEPTH_MAX
  const at = deep ? from : copyPlainAttributes(view, out, field.tag, from)
  if (at < 0) return -at
  const keyEnd = deep ? 0 : plainKeyEnd
  if (keyEnd === 0) return isNull(view, at) ? at + 4 : copyPart(view, out, field, KEY_VALUE, at, depth)
  out.tag(field.tag)
  const slot = out.open(field.room)
  copyScalar(view, out, ATTRIBUTE_KEY.field, at + KEY_AT, true)
  const end = copyMembers(view, out, KEY_VALUE, keyEnd + 2, ATTRIBUTE_KEY, depth)
  field.room = out.close(slot)
  return end
}

function copyNull(out: ProtoSink, field: Field, message: Message, at: number): number {
  // An empty value keeps the places of the others in an array.
  if (message.nests) {
    out.tag(field.tag)
    out.close(out.open(1))
  }
  return at + 4
}

function copyTexts(view: DataView, out: ProtoSink, field: Field, from: number): number {
  let at = from
  for (;;) {
    at = expectNext(view, copyScalar(view, out, field, at, true), CLOSE_BRACKET)
    if (view.getUint8(at) !== COMMA) return at + 1
    at = skipSpace(view, at + 1)
  }
}

function copyPacked(view: DataView, out: ProtoSink, field: Field, from: number): number {
  let at = from
  out.tag(field.tag)
  const slot = out.open(field.room)
  for (;;) {
    out.ensure(16)
    at = expectNext(view, copyValue(view, out, field, at), CLOSE_BRACKET)
    if (view.getUint8(at) !== COMMA) break
    at = skipSpace(view, at + 1)
  }
  field.room = out.close(slot)
  return at + 1
}
