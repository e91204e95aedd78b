import { fail } from './input.ts'

// The punctuation of JSON. Files whose loops are hot name the marks they need for themselves: a constant of the same
// module is part of the machine code, an imported one is loaded and checked each time.
export const QUOTE = 0x22
export const COMMA = 0x2c
export const COLON = 0x3a
export const OPEN_BRACE = 0x7b
export const CLOSE_BRACE = 0x7d
export const OPEN_BRACKET = 0x5b
export const CLOSE_BRACKET = 0x5d

const FOUR_SPACES = 0x20202020

/** The next byte that is not white space. */
export const skipSpace = (view: DataView, from: number): number =>
  view.getUint8(from) > 0x20 ? from : skipSpaces(view, from)

function skipSpaces(view: DataView, from: number): number {
  let at = from
  for (;;) {
    const byte = view.getUint8(at)
    if (byte !== 0x20 && byte !== 0x0a && byte !== 0x0d && byte !== 0x09) return at
    at++
    // Indentation is most of an indented document.
    while (view.getInt32(at, true) === FOUR_SPACES) at += 4
  }
}

const quoted = (mark: number): string => JSON.stringify(String.fromCharCode(mark))

/** Behind this mark and the white space around it. */
export function expectMark(view: DataView, from: number, mark: number): number {
  const at = skipSpace(view, from)
  return view.getUint8(at) === mark ? skipSpace(view, at + 1) : fail(`expected ${quoted(mark)}`, at)
}

/** At the comma or the closing mark behind a member or element. */
export function expectNext(view: DataView, from: number, close: number): number {
  const at = skipSpace(view, from)
  const mark = view.getUint8(at)
  return mark === COMMA || mark === close ? at : fail(`expected "," or ${quoted(close)}`, at)
}

/** Whether `null` stands here. */
export const isNull = (view: DataView, at: number): boolean => view.getInt32(at, true) === 0x6c6c756e

/** Whether `true` stands here. */
export const isTrue = (view: DataView, at: number): boolean => view.getInt32(at, true) === 0x65757274

/** Whether `false` stands here. */
export const isFalse = (view: DataView, at: number): boolean =>
  view.getUint8(at) === 0x66 && view.getInt32(at + 1, true) === 0x65736c61
