import { numbersIn, stringsIn } from './values.ts'

const field = (tag: number | readonly number[], ...body: readonly (number | readonly number[])[]): number[] => [
  ...(typeof tag === 'number' ? [tag] : tag),
  ...body.flat(),
]
/** A length-delimited field. */
const message = (tag: number | readonly number[], ...parts: readonly (readonly number[])[]): number[] =>
  field(tag, parts.flat().length, ...parts)
const text = (tag: number, value: string): number[] => message(tag, [...Buffer.from(value)])

const KEY = 0x0a
const VALUE = 0x12
const PAIR = 0x0a
const int = (value: number): number[] => field(0x18, value)
const double = (value: number): number[] => {
  const bytes = Buffer.alloc(8)
  bytes.writeDoubleLE(value)
  return field(0x21, [...bytes])
}
/** Field 20, which nobody knows. */
const UNKNOWN = [0xa0, 0x01, 0x07]
const pair = (...parts: readonly number[][]): number[] => message(PAIR, ...parts)

test.each<[string, number[][], Record<string, number>]>([
  ['plain', [pair(text(KEY, 'a'), message(VALUE, int(7)))], { a: 7 }],
  ['a double', [pair(text(KEY, 'a'), message(VALUE, double(1.5)))], { a: 1.5 }],
  ['the value before its key', [pair(message(VALUE, int(7)), text(KEY, 'a'))], { a: 7 }],
  [
    'unknown fields everywhere',
    [UNKNOWN, pair(UNKNOWN, text(KEY, 'a'), message(VALUE, UNKNOWN, int(7), UNKNOWN))],
    { a: 7 },
  ],
  ['a number that stands twice: the last one', [pair(text(KEY, 'a'), message(VALUE, int(1), int(7)))], { a: 7 }],
  ['a number, then a text', [pair(text(KEY, 'a'), message(VALUE, int(7), text(0x0a, 'x')))], {}],
  ['a text, then a number', [pair(text(KEY, 'a'), message(VALUE, text(0x0a, 'x'), int(7)))], { a: 7 }],
  ['a value in two pieces', [pair(text(KEY, 'a'), message(VALUE, int(7)), message(VALUE))], { a: 7 }],
  ['two values: the last one', [pair(text(KEY, 'a'), message(VALUE, int(1)), message(VALUE, int(7)))], { a: 7 }],
  ['a padded tag', [pair(text(KEY, 'a'), message(VALUE, field([0x98, 0x00], 7)))], { a: 7 }],
  ['a padded number', [pair(text(KEY, 'a'), message(VALUE, field(0x18, [0x87, 0x80, 0x00])))], { a: 7 }],
  [
    'two pairs',
    [pair(text(KEY, 'a'), message(VALUE, int(1))), pair(text(KEY, 'b'), message(VALUE, int(2)))],
    { a: 1, b: 2 },
  ],
  ['no value', [pair(text(KEY, 'a'))], {}],
  ['what is broken ends it', [pair(text(KEY, 'a'), message(VALUE, int(1))), [PAIR, 0x50]], { a: 1 }],
])('numbers of a kvlist: %s', (_, parts, want) => {
  expect(numbersIn(Buffer.from(parts.flat()))).toEqual(want)
})

test('strings of an array: what is no string is left out, unknown fields change nothing', () => {
  const bytes = [
    message(0x0a, text(0x0a, 'one')),
    message(0x0a, int(3)),
    UNKNOWN,
    message(0x0a, text(0x0a, 'two'), UNKNOWN),
    message(0x0a, text(0x0a, 'gone'), int(1)),
  ]
  expect(stringsIn(Buffer.from(bytes.flat()))).toEqual(['one', 'two'])
})
