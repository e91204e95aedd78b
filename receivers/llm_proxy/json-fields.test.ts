import fc from '../../test/support/property.ts'
import { JsonFields } from './json-fields.ts'

const WANTED = new Set(['model', 'stream', 'usage', 'stream_options', 'n'])

function read(chunks: readonly Buffer[], max?: number): JsonFields {
  const fields = new JsonFields(WANTED, max)
  for (const chunk of chunks) fields.push(chunk)
  return fields
}

const everyByte = (text: string): readonly Buffer[] => [...Buffer.from(text)].map((byte) => Buffer.from([byte]))

const BODIES: readonly (readonly [text: string, want: Readonly<Record<string, unknown>>])[] = [
  ['{"model":"m","stream":true}', { model: 'm', stream: true }],
  ['\n {\t"model" : "m" ,\n "stream" :false }\n', { model: 'm', stream: false }],
  ['{"messages":[{"model":"no","content":"\\"model\\":\\"no\\" }{ ]["}],"model":"yes"}', { model: 'yes' }],
  ['{"a":"ends in backslash \\\\","model":"m\\"q\\\\"}', { model: 'm"q\\' }],
  ['{"usage":{"a":[1,{"b":"},{"}],"c":null},"n":1.5e3}', { usage: { a: [1, { b: '},{' }], c: null }, n: 1500 }],
  ['{"model":"first","model":"last"}', { model: 'last' }],
  ['{"model":"\\u00fc\u00fc😀"}', { model: 'üü😀' }],
  ['{}', {}],
  ['[{"model":"m"}]', {}],
  ['"model"', {}],
  ['{"model":"unclosed', {}],
  ['{"model":}', {}],
  ['{"model":tru}', {}],
  ['}}}]]{"model":"m"}', {}],
  ['not json at all: { "model" }', {}],
  ['{"model":"m"} {"model":"second"}', { model: 'm' }],
]

test.each(BODIES)('%s', (text, want) => {
  for (const chunks of [[Buffer.from(text)], everyByte(text)]) {
    const fields = read(chunks)
    for (const name of WANTED) expect(fields.get(name)).toEqual(want[name])
  }
})

test('what it reads is what JSON.parse reads, however the body is cut and spaced', () => {
  fc.assert(
    fc.property(
      fc.dictionary(fc.constantFrom(...WANTED, 'x', 'y"\\'), fc.jsonValue({ maxDepth: 3 })),
      fc.nat(3),
      (value, indent) => {
        const text = JSON.stringify(value, undefined, indent)
        const fields = read(everyByte(text))
        for (const name of WANTED) {
          expect(JSON.stringify(fields.get(name))).toBe(JSON.stringify(value[name]))
          const span = fields.span(name)
          const lies = span === undefined ? undefined : JSON.parse(Buffer.from(text).toString('utf8', ...span))
          // As text: -0 is written as 0.
          expect(JSON.stringify(lies)).toBe(JSON.stringify(value[name]))
        }
        expect(fields.closedAt).toBe(Buffer.byteLength(text) - 1)
      },
    ),
  )
})

test('arbitrary bytes never throw', () => {
  fc.assert(
    fc.property(fc.array(fc.uint8Array({ maxLength: 30 })), (chunks) => {
      read(chunks.map((chunk) => Buffer.from(chunk)))
    }),
  )
})

test('a value beyond the limit is unknown, not cut', () => {
  const body = JSON.stringify({ usage: 'x'.repeat(100), model: 'm' })
  expect(read([Buffer.from(body)], 50).get('usage')).toBeUndefined()
  expect(read(everyByte(body), 50).get('usage')).toBeUndefined()
  expect(read([Buffer.from(body)], 50).get('model')).toBe('m')
})

test('text is counted, files in base64 are not', () => {
  const check = (value: unknown, bytes: number): void =>
    expect(read([Buffer.from(JSON.stringify({ a: value }))]).textBytes).toBe(bytes)
  check('hello', 5)
  check(['héllo', 'x'], 7)
  check('word '.repeat(1000), 5000)
  check(`data:image/png;base64,${'A'.repeat(100_000)}`, 0)
})
