import { decodeRequest, encodeRequest } from '../test/support/oracle.ts'
import fc from '../test/support/property.ts'
import { attributeKey, encodedString } from './attributes.ts'
import { ItemBatch } from './batch.ts'
import { KeyTable } from './keys.ts'
import { Malformed } from './malformed.ts'

const keys = new KeyTable(['a', 'model', 'count', 'ratio', 'flag', 'list', 'tags.*', 'tokenfuse.*'])

const load = (bytes: Buffer, signal: 'traces' | 'logs' = 'traces'): ItemBatch => {
  const batch = new ItemBatch(keys)
  batch.load(bytes, signal)
  return batch
}

const bytes = (length: number) => fc.uint8Array({ minLength: length, maxLength: length })
const value = fc.oneof(
  fc.string({ unit: 'grapheme', maxLength: 200 }).map((stringValue) => ({ stringValue })),
  fc.boolean().map((boolValue) => ({ boolValue })),
  fc.maxSafeInteger().map((intValue) => ({ intValue })),
  fc.double().map((doubleValue) => ({ doubleValue })),
  fc.constant({}),
  fc
    .array(fc.string({ maxLength: 5 }))
    .map((l) => ({ arrayValue: { values: l.map((stringValue) => ({ stringValue })) } })),
  fc.string().map((stringValue) => ({ kvlistValue: { values: [{ key: 'k', value: { stringValue } }] } })),
)
const name = fc.oneof(
  fc.constantFrom('a', 'model', 'count', 'tags.x', 'unwanted', 'tokenfuse.old'),
  fc.string({ maxLength: 150 }),
)
const attribute = fc.record({ key: name, value })
const span = fc.record({
  traceId: fc.oneof(bytes(16), bytes(0)),
  spanId: fc.oneof(bytes(8), bytes(0)),
  parentSpanId: fc.oneof(bytes(8), bytes(0)),
  name: fc.string(),
  kind: fc.nat(5),
  startTimeUnixNano: fc.maxSafeInteger().map(Math.abs),
  attributes: fc.array(attribute, { maxLength: 8 }),
  events: fc.array(fc.record({ name: fc.string(), attributes: fc.array(attribute, { maxLength: 2 }) }), {
    maxLength: 2,
  }),
  status: fc.record({ code: fc.nat(2), message: fc.string() }),
})
const request = fc
  .array(
    fc.record({
      resource: fc.record({ attributes: fc.array(attribute, { maxLength: 3 }) }),
      scopeSpans: fc.array(
        fc.record({
          scope: fc.record({ name: fc.string(), version: fc.string() }),
          spans: fc.array(span, { maxLength: 5 }),
        }),
        { maxLength: 3 },
      ),
      schemaUrl: fc.string(),
    }),
    { maxLength: 3 },
  )
  .map((resourceSpans) => ({ resourceSpans }))

interface Request {
  resourceSpans?: {
    scopeSpans?: { scope?: { name?: string }; spans?: { name?: string; attributes?: { key?: string }[] }[] }[]
  }[]
}
const spansOf = (r: Request) =>
  (r.resourceSpans ?? []).flatMap((x) => (x.scopeSpans ?? []).flatMap((s) => s.spans ?? []))

test('the index sees what an independent decoder sees', () => {
  fc.assert(
    fc.property(request, (value) => {
      const wire = encodeRequest('traces', value)
      const batch = load(wire)
      const spans = spansOf(decodeRequest('traces', wire) as Request)
      expect(batch.count).toBe(spans.length)
      spans.forEach((span, i) => {
        expect(batch.nameOf(i)).toBe(span.name ?? '')
        const wanted = (span.attributes ?? [])
          .map((a) => a.key ?? '')
          .filter((k) => keys.idOf(k) >= 0 || k.startsWith('tags.') || k.startsWith('tokenfuse.'))
        const hits = Array.from(
          { length: (batch.index.itemHitTo[i] ?? 0) - (batch.index.itemHitFrom[i] ?? 0) },
          (_, h) => batch.keyOf((batch.index.itemHitFrom[i] ?? 0) + h),
        )
        expect(hits).toEqual(wanted)
      })
    }),
  )
})

test('nothing added: the same buffer; something added: everything else byte for byte', () => {
  const added = attributeKey('added')
  fc.assert(
    fc.property(
      request,
      fc.array(fc.nat(40)),
      fc.string({ unit: 'grapheme', maxLength: 300 }),
      (value, picks, text) => {
        const wire = encodeRequest('traces', value)
        const batch = load(wire)
        expect(batch.spliced()).toBe(wire)
        const before = decodeRequest('traces', wire) as Request
        const spans = spansOf(before)
        for (const item of picks.filter((p) => p < batch.count)) {
          batch.addString(item, added, text)
          spans[item]?.attributes?.push({ key: 'added', value: { stringValue: text } } as never)
          if (spans[item] !== undefined)
            spans[item].attributes ??= [{ key: 'added', value: { stringValue: text } } as never]
        }
        expect(decodeRequest('traces', batch.spliced())).toEqual(before)
      },
    ),
  )
})

test('every type of added attribute', () => {
  const wire = encodeRequest('traces', { resourceSpans: [{ scopeSpans: [{ spans: [{ name: 'x' }, { name: 'y' }] }] }] })
  const batch = load(wire)
  batch.addInt(1, attributeKey('n'), 0)
  batch.addInt(0, attributeKey('big'), Number.MAX_SAFE_INTEGER)
  batch.addInt(1, attributeKey('negative'), -5)
  batch.addDouble(1, attributeKey('d'), 0.00010234)
  batch.addBool(1, attributeKey('b'), true)
  batch.addStrings(1, attributeKey('l'), ['one', 'zwölf', ''])
  batch.addString(1, attributeKey('s'), 'ü'.repeat(300))
  batch.addEncoded(1, encodedString('e', 'constant'))
  const [x, y] = spansOf(decodeRequest('traces', batch.spliced()) as Request)
  expect(x?.attributes).toEqual([{ key: 'big', value: { intValue: '9007199254740991' } }])
  expect(y?.attributes).toEqual([
    { key: 'n', value: { intValue: '0' } },
    { key: 'negative', value: { intValue: '-5' } },
    { key: 'd', value: { doubleValue: 0.00010234 } },
    { key: 'b', value: { boolValue: true } },
    {
      key: 'l',
      value: { arrayValue: { values: [{ stringValue: 'one' }, { stringValue: 'zwölf' }, { stringValue: '' }] } },
    },
    { key: 's', value: { stringValue: 'ü'.repeat(300) } },
    { key: 'e', value: { stringValue: 'constant' } },
  ])
})

test('log records have the same index and overlay', () => {
  const wire = encodeRequest('logs', {
    resourceLogs: [
      {
        scopeLogs: [
          {
            scope: { name: 's' },
            logRecords: [
              { body: { stringValue: 'hello' }, attributes: [{ key: 'model', value: { stringValue: 'm' } }] },
            ],
          },
        ],
      },
    ],
  })
  const batch = load(wire, 'logs')
  expect(batch.count).toBe(1)
  expect(batch.textOf(batch.find(0, keys.idOf('model')))).toBe('m')
  batch.addString(0, attributeKey('k'), 'v')
  expect(JSON.stringify(decodeRequest('logs', batch.spliced()))).toContain('"key":"k"')
})

// Field by field, so that shapes which no encoder makes can be written down.
const field = (number: number, type: number): number[] => [(number << 3) | type]
const len = (number: number, body: readonly number[]): number[] => [
  ...field(number, 2),
  ...varint(body.length),
  ...body,
]
function varint(value: number): number[] {
  return value < 128 ? [value] : [(value & 0x7f) | 0x80, ...varint(Math.floor(value / 128))]
}
const text = (s: string): number[] => [...Buffer.from(s)]
const inSpan = (...fields: number[][]): Buffer => Buffer.from(len(1, len(2, len(2, fields.flat()))))

test('legal shapes that no common encoder writes', () => {
  const keyValue = len(1, text('model'))
  const any = (s: string) => len(2, len(1, text(s)))
  const check = (attribute: readonly number[], want: string | undefined) => {
    const batch = load(inSpan(len(9, [...attribute])))
    const hit = batch.find(0, keys.idOf('model'))
    expect(hit < 0 ? undefined : batch.textOf(hit)).toBe(want)
  }
  check([...keyValue, ...any('v')], 'v')
  check([...any('v'), ...keyValue], 'v')
  check([...keyValue, ...any('first'), ...any('last')], 'last')
  check([...len(1, text('a')), ...any('v'), ...keyValue], 'v')
  // An unknown field, and a group, between key and value.
  check([...keyValue, ...len(15, [1, 2]), ...any('v')], 'v')
  check([...keyValue, ...field(14, 3), ...len(2, [7]), ...field(14, 4), ...any('v')], 'v')
  // A key without a value, an empty attribute, a string that needs a two-byte length.
  check(keyValue, undefined)
  check([], undefined)
  check([...keyValue, ...any('x'.repeat(200))], 'x'.repeat(200))
  // A length varint of three bytes where one would do.
  check([0x0a, 0x85, 0x80, 0x00, ...text('model'), ...any('v')], 'v')
})

test('bytes that are no request are malformed, at every place', () => {
  const check = (wire: Buffer) => expect(() => load(wire)).toThrow(Malformed)
  check(Buffer.from([0x0a]))
  check(Buffer.from([0x0a, 0x05, 0x00]))
  check(Buffer.from([0x00, 0x00]))
  check(Buffer.from([0x0f]))
  check(Buffer.from([0x0c]))
  check(Buffer.from([0x0b, 0x0b, 0x0c]))
  check(Buffer.from(Array(11).fill(0xff)))
  check(inSpan(len(1, [1, 2, 3])))
  check(inSpan(len(2, [1])))
  check(inSpan(field(7, 1)))
  check(inSpan([...field(9, 2), 0x7f]))
  check(inSpan(len(9, [...len(1, text('model')), ...len(2, [0x0a, 0x09, 0x41])])))
  check(inSpan(len(9, [...len(1, text('unwanted')), ...len(2, [0x0a, 0x09, 0x41])])))
  check(Buffer.from(len(1, [...Array(200).fill(0x0b)])))
})

test('cut anywhere and mutated anywhere: read or malformed, nothing else', () => {
  fc.assert(
    fc.property(request, fc.array(fc.tuple(fc.nat(), fc.nat(255)), { maxLength: 4 }), fc.nat(), (value, flips, cut) => {
      const wire = encodeRequest('traces', value)
      for (const [at, byte] of flips) if (wire.length > 0) wire[at % wire.length] = byte
      const damaged = wire.subarray(0, cut % (wire.length + 1))
      try {
        const batch = load(Buffer.from(damaged))
        for (let i = 0; i < batch.count; i++) batch.addInt(i, attributeKey('k'), 1)
        const again = batch.spliced()
        expect(load(again).count).toBe(batch.count)
      } catch (error) {
        expect(error).toBeInstanceOf(Malformed)
      }
    }),
    { numRuns: 500 },
  )
})

test('a key that is ours already is replaced and never doubled', () => {
  const wire = encodeRequest('traces', {
    resourceSpans: [
      {
        scopeSpans: [
          {
            spans: [
              {
                attributes: [
                  { key: 'tokenfuse.cost.usd', value: { stringValue: 'old' } },
                  { key: 'kept', value: { stringValue: 'k' } },
                  { key: 'tokenfuse.other', value: { stringValue: 'stays' } },
                ],
              },
            ],
          },
        ],
      },
    ],
  })
  const batch = load(wire)
  batch.addString(0, attributeKey('tokenfuse.cost.usd'), 'new')
  expect(spansOf(decodeRequest('traces', batch.spliced()) as Request)[0]?.attributes).toEqual([
    { key: 'kept', value: { stringValue: 'k' } },
    { key: 'tokenfuse.other', value: { stringValue: 'stays' } },
    { key: 'tokenfuse.cost.usd', value: { stringValue: 'new' } },
  ])
})
