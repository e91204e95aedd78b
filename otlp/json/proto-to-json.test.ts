import protobuf from 'protobufjs'
import { encodeRequest } from '../../test/support/oracle.ts'
import { Malformed } from '../malformed.ts'
import { jsonToProto, protoToJson } from './index.ts'

type Signal = 'traces' | 'logs' | 'metrics'

const json = (signal: Signal, value: object): unknown => JSON.parse(protoToJson(signal, encodeRequest(signal, value)))
const inSpan = (span: object): object => ({ resourceSpans: [{ scopeSpans: [{ spans: [span] }] }] })
const spanOf = (span: object): unknown => {
  const request = json('traces', inSpan(span)) as { resourceSpans: { scopeSpans: { spans: unknown[] }[] }[] }
  return request.resourceSpans[0]?.scopeSpans[0]?.spans[0]
}

/** A field of type LEN, by hand. */
const len = (number: number, ...bodies: Uint8Array[]): Buffer => {
  const body = Buffer.concat(bodies)
  return Buffer.concat([
    protobuf.Writer.create()
      .uint32((number << 3) | 2)
      .bytes(body)
      .finish(),
  ])
}
const varint = (number: number, value: number): Buffer =>
  Buffer.from(
    protobuf.Writer.create()
      .uint32(number << 3)
      .uint32(value)
      .finish(),
  )
const text = (number: number, value: string): Buffer => len(number, Buffer.from(value))
const bytes = (...values: number[]): Buffer => Buffer.from(values)
/** A request whose one span, log record's body or metric has these bytes. */
const span = (...fields: Uint8Array[]): Buffer => len(1, len(2, len(2, ...fields)))
const metric = (...fields: Uint8Array[]): Buffer => len(1, len(2, len(2, ...fields)))

const spanJson = (...fields: Uint8Array[]): unknown => {
  const request = JSON.parse(protoToJson('traces', span(...fields))) as {
    resourceSpans: { scopeSpans: { spans: unknown[] }[] }[]
  }
  return request.resourceSpans[0]?.scopeSpans[0]?.spans[0]
}

test('one line of canonical JSON', () => {
  const line = protoToJson(
    'traces',
    encodeRequest('traces', {
      resourceSpans: [
        {
          resource: { attributes: [{ key: 'service.name', value: { stringValue: 'a "b"\n\\ \u0001\u007f é😀' } }] },
          scopeSpans: [
            {
              spans: [
                {
                  traceId: Buffer.from('5B8EFFF798038103D269B633813FC60C', 'hex'),
                  spanId: Buffer.from('EEE19B7EC3C1B174', 'hex'),
                  name: 'n',
                  kind: 3,
                  startTimeUnixNano: '1544712660300000001',
                  attributes: [
                    { key: 'i', value: { intValue: '-9223372036854775808' } },
                    { key: 'd', value: { doubleValue: 0.1 } },
                    { key: 'b', value: { bytesValue: Buffer.from([251, 255, 0]) } },
                  ],
                  status: { code: 2 },
                },
              ],
            },
          ],
        },
      ],
    }),
  )
  expect(line).toBe(
    '{"resourceSpans":[{"resource":{"attributes":[{"key":"service.name","value":{"stringValue":"a \\"b\\"\\n\\\\ \\u0001\u007f é😀"}}]},' +
      '"scopeSpans":[{"spans":[{"traceId":"5b8efff798038103d269b633813fc60c","spanId":"eee19b7ec3c1b174","name":"n","kind":3,' +
      '"startTimeUnixNano":"1544712660300000001","attributes":[{"key":"i","value":{"intValue":"-9223372036854775808"}},' +
      '{"key":"d","value":{"doubleValue":0.1}},{"key":"b","value":{"bytesValue":"+/8A"}}],"status":{"code":2}}]}]}]}',
  )
})

test('numbers', () => {
  const value = (any: object): unknown => {
    const { attributes } = spanOf({ attributes: [{ key: 'k', value: any }] }) as { attributes: { value: unknown }[] }
    return attributes[0]?.value
  }
  for (const int of ['0', '1', '-1', '9007199254740993', '9223372036854775807', '-9223372036854775808']) {
    expect(value({ intValue: int })).toEqual({ intValue: int })
  }
  for (const double of [0, -0, 0.1, 1e21, 5e-324, -1.5, 1e300])
    expect(value({ doubleValue: double })).toEqual({ doubleValue: double })
  expect(value({ doubleValue: Number.NaN })).toEqual({ doubleValue: 'NaN' })
  expect(value({ doubleValue: Number.POSITIVE_INFINITY })).toEqual({ doubleValue: 'Infinity' })
  expect(value({ doubleValue: Number.NEGATIVE_INFINITY })).toEqual({ doubleValue: '-Infinity' })
  expect(value({ boolValue: false })).toEqual({ boolValue: false })
  expect(value({ stringValue: '' })).toEqual({ stringValue: '' })
  expect(value({})).toEqual({})
  expect(spanOf({ startTimeUnixNano: '18446744073709551615', droppedLinksCount: 4294967295 })).toEqual({
    startTimeUnixNano: '18446744073709551615',
    droppedLinksCount: 4294967295,
  })
})

test('defaults are left out, keys of attributes are not', () => {
  expect(spanOf({ name: '', kind: 0, droppedEventsCount: 0, traceId: [], startTimeUnixNano: 0, status: {} })).toEqual({
    status: {},
  })
  expect(spanOf({ attributes: [{ key: '', value: { intValue: 0 } }, {}] })).toEqual({
    attributes: [{ key: '', value: { intValue: '0' } }, { key: '' }],
  })
  expect(protoToJson('traces', Buffer.alloc(0))).toBe('{}')
})

test('fields in any order, repeated and scattered', () => {
  // name, kind, name again; events on both sides of it; the last scalar counts.
  expect(
    spanJson(text(5, 'a'), len(11, text(2, 'e1')), varint(6, 2), text(5, 'b'), len(11, text(2, 'e2')), varint(6, 3)),
  ).toEqual({
    name: 'b',
    kind: 3,
    events: [{ name: 'e1' }, { name: 'e2' }],
  })
  expect(spanJson(varint(6, 3), varint(6, 0))).toEqual({})
  // A singular message in two pieces is merged, at every level.
  const value = (...fields: Uint8Array[]): Buffer => len(9, text(1, 'k'), ...fields)
  expect(spanJson(len(15, text(2, 'm')), text(5, 'n'), len(15, varint(3, 2)))).toEqual({
    name: 'n',
    status: { message: 'm', code: 2 },
  })
  expect(spanJson(value(len(2, len(5, len(1, varint(3, 1)))), len(2, len(5, len(1, varint(3, 2))))))).toEqual({
    attributes: [{ key: 'k', value: { arrayValue: { values: [{ intValue: '1' }, { intValue: '2' }] } } }],
  })
})

test('of a oneof, the member that comes last counts', () => {
  const attribute = (...any: Uint8Array[]): unknown => spanJson(len(9, text(1, 'k'), len(2, ...any)))
  const want = (any: object): object => ({ attributes: [{ key: 'k', value: any }] })
  expect(attribute(text(1, 's'), varint(3, 7))).toEqual(want({ intValue: '7' }))
  expect(attribute(varint(3, 7), text(1, 's'))).toEqual(want({ stringValue: 's' }))
  expect(attribute(varint(3, 7), text(1, 's'), varint(3, 8))).toEqual(want({ intValue: '8' }))
  const array = (n: number): Buffer => len(5, len(1, varint(3, n)))
  expect(attribute(array(1), text(1, 's'), array(2), array(3))).toEqual(
    want({ arrayValue: { values: [{ intValue: '2' }, { intValue: '3' }] } }),
  )
})

test('lists of numbers, packed or not', () => {
  const fixed = (n: number): Buffer => bytes(n, 0, 0, 0, 0, 0, 0, 0)
  const buckets = (...fields: Uint8Array[]): unknown =>
    JSON.parse(protoToJson('metrics', metric(len(9, len(1, ...fields)))))
  const want = (point: object): object => ({
    resourceMetrics: [{ scopeMetrics: [{ metrics: [{ histogram: { dataPoints: [point] } }] }] }],
  })
  expect(buckets(len(6, fixed(1), fixed(2)))).toEqual(want({ bucketCounts: ['1', '2'] }))
  expect(buckets(bytes(0x31), fixed(1), bytes(0x31), fixed(2))).toEqual(want({ bucketCounts: ['1', '2'] }))
  expect(buckets(len(6, fixed(1)), bytes(0x31), fixed(2), len(6), len(6, fixed(3)))).toEqual(
    want({ bucketCounts: ['1', '2', '3'] }),
  )
  expect(buckets(len(6))).toEqual(want({}))
  expect(() => buckets(len(6, bytes(1, 2, 3)))).toThrow(Malformed)
  const positive = protoToJson(
    'metrics',
    metric(
      len(
        10,
        len(
          1,
          len(8, varint(1, 3), len(2, bytes(1, 0x80, 1, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 1))),
        ),
      ),
    ),
  )
  expect(positive).toContain('"positive":{"offset":-2,"bucketCounts":["1","128","18446744073709551615"]}')
})

test('unknown fields, groups and wrong wire types are passed over', () => {
  const group = (...fields: Uint8Array[]): Buffer => Buffer.concat([bytes(0xa3, 0x06), ...fields, bytes(0xa4, 0x06)])
  expect(
    spanJson(
      text(100, 'x'),
      varint(99, 5),
      bytes(0xa1, 6, 1, 2, 3, 4, 5, 6, 7, 8),
      bytes(0xa5, 6, 1, 2, 3, 4),
      group(varint(1, 1), group(text(2, 'y'))),
      text(5, 'n'),
    ),
  ).toEqual({ name: 'n' })
  // `name` as a number, `kind` as text.
  expect(spanJson(varint(5, 7), text(6, 'x'))).toEqual({})
})

test('32-bit numbers count with their lower 32 bits', () => {
  expect(spanJson(bytes(0x30, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 1))).toEqual({ kind: -1 })
  expect(spanJson(bytes(0x30, 0x83, 0x80, 0x80, 0x80, 0x80, 1))).toEqual({ kind: 3 })
  expect(spanJson(bytes(0x50, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 1))).toEqual({
    droppedAttributesCount: 4294967295,
  })
})

test('text that is not UTF-8 is mended', () => {
  expect(spanJson(len(5, bytes(0x61, 0xff, 0x62, 0xe2, 0x82)))).toEqual({ name: 'a\ufffdb\ufffd' })
  expect(spanJson(len(5, Buffer.alloc(300, 0x78), bytes(0xc3)))).toEqual({ name: `${'x'.repeat(300)}\ufffd` })
})

test('malformed bytes', () => {
  const bad: Buffer[] = [
    bytes(0x0a),
    bytes(0x0a, 5),
    bytes(0x0a, 0xff, 0xff, 0xff, 0xff, 0x0f),
    bytes(0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 1),
    bytes(0),
    bytes(0x0c),
    bytes(0x0e),
    span(bytes(0x39, 1, 2)),
    span(bytes(0x30)),
    span(bytes(0xa3, 6)),
  ]
  for (const body of bad) expect(() => protoToJson('traces', body)).toThrow(Malformed)
  const whole = encodeRequest(
    'traces',
    inSpan({ name: 'abc', attributes: [{ key: 'k', value: { stringValue: 'v' } }], startTimeUnixNano: 5 }),
  )
  for (let cut = 1; cut < whole.length; cut++)
    expect(() => protoToJson('traces', whole.subarray(0, cut))).toThrow(Malformed)
  // And nothing of that shows afterwards.
  expect(protoToJson('traces', span(text(5, 'n')))).toBe(
    '{"resourceSpans":[{"scopeSpans":[{"spans":[{"name":"n"}]}]}]}',
  )
})

test('values nest up to a hundred deep', () => {
  const nested = (depth: number): Buffer => {
    let any = varint(3, 1)
    for (let i = 1; i < depth; i++) any = len(5, len(1, any))
    return span(len(9, text(1, 'k'), len(2, any)))
  }
  expect(jsonToProto('traces', Buffer.from(protoToJson('traces', nested(100))))).toEqual(nested(100))
  expect(() => protoToJson('traces', nested(101))).toThrow(Malformed)
  expect(() => protoToJson('traces', nested(5000))).toThrow(Malformed)
})

test('text of every length and escape', () => {
  for (let size = 0; size < 300; size++) {
    for (const odd of ['', '"', '\\', '\n', '\u0000', '\u001f', 'é']) {
      const name = 'x'.repeat(size) + odd + 'y'.repeat(size % 70)
      expect(spanOf({ name })).toEqual(name === '' ? {} : { name })
    }
  }
})
