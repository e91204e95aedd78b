import { createRequire } from 'node:module'
import protobuf from 'protobufjs'
import { encodeRequest, oracle } from '../../test/support/oracle.ts'
import fc from '../../test/support/property.ts'
import { jsonToProto, OtlpJsonError, protoToJson } from './index.ts'
import { type FieldSpec, MESSAGES, REQUESTS, type Scalar } from './schema.ts'

type Signal = 'traces' | 'logs' | 'metrics'
const SIGNALS: readonly Signal[] = ['traces', 'logs', 'metrics']

/** The prototypes of the oracle's messages: what fields it knows. */
const ORACLE = createRequire(import.meta.url)('otlp-transformer-0-57/build/src/generated/root.js') as object

type Namespace = Record<string, { prototype?: object; decode?: unknown } & object>
function oracleMessages(space: object, into = new Map<string, string[]>()): Map<string, string[]> {
  for (const [name, value] of Object.entries(space as Namespace)) {
    if (typeof value !== 'function' && typeof value !== 'object') continue
    if ('decode' in value)
      into.set(
        name,
        Object.keys(value.prototype ?? {}).filter((field) => field !== 'toJSON'),
      )
    oracleMessages(value, into)
  }
  return into
}

const known = oracleMessages(ORACLE)

/** What {@link oracle} decodes, with every default filled in: then messages that mean the same are equal. */
function meaning(signal: Signal, bytes: Uint8Array): unknown {
  const codec = oracle(signal)
  return codec.toObject(codec.decode(bytes), { longs: String, bytes: String, enums: Number, defaults: true })
}

const int64 = fc
  .oneof(fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }), fc.bigInt({ min: -300n, max: 300n }))
  .map(String)
const uint64 = fc.oneof(fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }), fc.bigInt({ min: 0n, max: 300n })).map(String)
const int32 = fc.integer()
const uint32 = fc.integer({ min: 0, max: 4294967295 })
const id = (size: number): fc.Arbitrary<Uint8Array> => fc.uint8Array({ minLength: size, maxLength: size })
const text = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 20 }),
  fc.constantFrom('', 'http.request.method', 'GET', '"', '\\', 'a"b\\c\n', '\u0000', '{"a":[1,"x"]}', 'x'.repeat(130)),
  fc.string({ unit: 'binary', minLength: 100, maxLength: 160 }),
)

const SCALARS: Readonly<Record<Exclude<Scalar, 'enum'>, fc.Arbitrary<unknown>>> = {
  string: text,
  bytes: fc.uint8Array({ maxLength: 300 }),
  traceId: id(16),
  spanId: id(8),
  bool: fc.boolean(),
  double: fc.oneof(fc.double(), fc.integer(), fc.constantFrom(0.1, 0.95, 1e21, 1e-7)),
  int32,
  sint32: int32,
  uint32,
  fixed32: uint32,
  int64,
  uint64,
  fixed64: uint64,
  sfixed64: int64,
}

/** Any message with this name, in the shape of the oracle; values nest `depth` deep at most. */
function messageOf(name: string, depth: number, fields: (field: string) => boolean): fc.Arbitrary<object> {
  const spec = MESSAGES[name] ?? {}
  const members = Object.entries(spec).filter(
    ([field, { message }]) => fields(`${name}.${field}`) && (depth > 0 || message === undefined),
  )
  const choices = members.filter(([, { oneof }]) => oneof)
  const plain = members.filter(([, { oneof }]) => !oneof)
  const record = (of: typeof members): fc.Arbitrary<object> =>
    fc.record(Object.fromEntries(of.map(([field, member]) => [field, fieldOf(member, depth, fields)])), {
      requiredKeys: [],
    })
  const one =
    choices.length === 0
      ? fc.constant({})
      : fc.oneof(
          fc.constant({}),
          ...choices.map(([field, member]) => fc.record({ [field]: fieldOf(member, depth, fields) })),
        )
  return fc.tuple(record(plain), one).map(([rest, chosen]) => ({ ...rest, ...chosen }))
}

function fieldOf(field: FieldSpec, depth: number, fields: (field: string) => boolean): fc.Arbitrary<unknown> {
  const value =
    field.type === 'message'
      ? messageOf(field.message ?? '', depth - 1, fields)
      : field.type === 'enum'
        ? fc.integer({ min: 0, max: Object.keys(field.names ?? {}).length - 1 })
        : SCALARS[field.type]
  return field.repeated ? fc.array(value, depth > 4 ? { minLength: 1, maxLength: 2 } : { maxLength: 3 }) : value
}

const DEPTH = 9
const inOracle = (field: string): boolean => {
  const [message = '', name = ''] = field.split('.')
  return known.get(message)?.includes(name) ?? false
}

test('every field that the oracle knows is in the schema', () => {
  for (const [message, fields] of known) {
    if (/Response|PartialSuccess|Data$|Service$/.test(message)) continue
    for (const field of fields)
      expect([message, Object.keys(MESSAGES[message] ?? {})]).toEqual([message, expect.arrayContaining([field])])
  }
})

describe.each(SIGNALS)('%s', (signal) => {
  const request = messageOf(REQUESTS[signal], DEPTH, inOracle)

  test('protobuf to JSON and back means the same', () => {
    fc.assert(
      fc.property(request, (value) => {
        const bytes = encodeRequest(signal, value)
        const json = protoToJson(signal, bytes)
        const back = jsonToProto(signal, Buffer.from(json))
        expect(meaning(signal, back)).toEqual(meaning(signal, bytes))
        // What we wrote is canonical: it comes back as the very same line.
        expect(protoToJson(signal, back)).toBe(json)
      }),
      { numRuns: 120 },
    )
  })

  test('however the JSON is written', () => {
    fc.assert(
      fc.property(request, fc.constantFrom('pretty', 'snake', 'escaped', 'shuffled'), (value, how) => {
        const json = protoToJson(signal, encodeRequest(signal, value))
        const want = jsonToProto(signal, Buffer.from(json))
        const got = jsonToProto(signal, Buffer.from(rewritten(json, how)))
        expect(meaning(signal, got)).toEqual(meaning(signal, want))
      }),
      { numRuns: 60 },
    )
  })

  test('a request cut short anywhere is refused', () => {
    fc.assert(
      fc.property(request, (value) => {
        const body = Buffer.from(protoToJson(signal, encodeRequest(signal, value)))
        for (let cut = 0; cut < body.length; cut += 1 + Math.floor(body.length / 300)) {
          if (acceptedBy(signal, body.subarray(0, cut)) !== undefined)
            throw new Error(`accepted up to ${cut} of ${body}`)
        }
      }),
      { numRuns: 6 },
    )
  })

  test('of damaged JSON, nothing but JSON is accepted, and nothing but OtlpJsonError thrown', () => {
    const damage = fc.array(
      fc.record({
        at: fc.nat(),
        byte: fc.oneof(fc.nat(255), fc.constantFrom(...Buffer.from('"\\{}[]:,019-.eEnull tf\n\u0000'))),
        how: fc.constantFrom('flip', 'insert', 'delete', 'repeat'),
      }),
      { minLength: 1, maxLength: 3 },
    )
    fc.assert(
      fc.property(request, damage, (value, wounds) => {
        const body = damaged(Buffer.from(protoToJson(signal, encodeRequest(signal, value))), wounds)
        const accepted = acceptedBy(signal, body)
        if (!accepted) return
        JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(body))
        const again = protoToJson(signal, accepted)
        expect(protoToJson(signal, jsonToProto(signal, Buffer.from(again)))).toBe(again)
      }),
      { numRuns: 500 },
    )
  })
})

test('noise', () => {
  fc.assert(
    fc.property(
      fc.oneof(
        fc.uint8Array({ maxLength: 200 }),
        fc.json().map((json) => Buffer.from(json)),
      ),
      fc.constantFrom(...SIGNALS),
      (noise, signal) => {
        acceptedBy(signal, Buffer.from(noise))
      },
    ),
    { numRuns: 2000 },
  )
})

test('long numbers, deep and wide documents take time in proportion to their size', () => {
  const inValue = (value: string): Buffer =>
    Buffer.from(`{"resourceSpans":[{"resource":{"attributes":[{"key":"k","value":${value}}]}}]}`)
  const million = 1_000_000
  const bodies = [
    inValue(`{"intValue":1${'0'.repeat(million)}1}`),
    inValue(`{"intValue":"0.${'0'.repeat(million)}1"}`),
    inValue(`{"doubleValue":0.${'0'.repeat(million)}1}`),
    inValue(`{"doubleValue":"${'1'.repeat(million)}"}`),
    inValue(`{"stringValue":"${'\\n'.repeat(million)}"}`),
    inValue(`{"stringValue":"${'x'.repeat(200)}${`${'\\'.repeat(2)}${'x'.repeat(200)}`.repeat(million / 200)}"}`),
    inValue(`{"bytesValue":"${'A'.repeat(million)}"}`),
    Buffer.from('['.repeat(million)),
    Buffer.from(`{"a":`.repeat(million / 5)),
    Buffer.from(`{"resourceSpans":[${'{},'.repeat(million)}{}]}`),
    Buffer.from(`{${'"resourceSpans":[],'.repeat(million / 20)}"resourceSpans":5}`),
    Buffer.from(' '.repeat(million)),
  ]
  for (const body of bodies) acceptedBy('traces', body)
}, 20_000)

function acceptedBy(signal: Signal, body: Buffer): Buffer | undefined {
  try {
    return jsonToProto(signal, body)
  } catch (error) {
    if (error instanceof OtlpJsonError) return undefined
    throw error
  }
}

interface Wound {
  readonly at: number
  readonly byte: number
  readonly how: string
}

function damaged(body: Buffer, wounds: readonly Wound[]): Buffer {
  let out = body
  for (const { at, byte, how } of wounds) {
    const i = at % (out.length + 1)
    const keep = how === 'insert' ? i : how === 'repeat' ? Math.max(0, i - 7) : i + 1
    out = Buffer.concat([
      out.subarray(0, i),
      Buffer.from(how === 'delete' || how === 'repeat' ? [] : [byte]),
      out.subarray(keep),
    ])
  }
  return out
}

/** The same document, written in another way. */
function rewritten(json: string, how: string): string {
  // JSON.stringify writes -0 as 0: the sign would be lost here, not in what is tested.
  const document: unknown = JSON.parse(json, (_, value: unknown) => (Object.is(value, -0) ? MINUS_ZERO : value))
  if (how === 'pretty') return withMinusZero(JSON.stringify(document, null, '\t'))
  if (how === 'snake')
    return json.replace(
      /"([a-z]\w*)":/g,
      (_, key: string) => `"${key.replace(/[A-Z]/g, (c) => `_${c.toLowerCase()}`)}":`,
    )
  if (how === 'escaped')
    return [...Buffer.from(json, 'utf16le').swap16().toString('hex').matchAll(/.{4}/g)]
      .map(([unit]) => escapedUnit(unit))
      .join('')
  return withMinusZero(
    JSON.stringify(document, (_, value: unknown) =>
      typeof value === 'object' && value !== null && !Array.isArray(value)
        ? Object.fromEntries(Object.entries(value).reverse())
        : value,
    ),
  )
}

const MINUS_ZERO = 'the number -0'
const withMinusZero = (json: string): string => json.replaceAll(`"${MINUS_ZERO}"`, '-0')

/** ASCII as it is, all else as an escape. */
const escapedUnit = (hex: string): string =>
  hex < '0080' ? String.fromCharCode(Number.parseInt(hex, 16)) : `\\u${hex}`

/** Fields that are younger than the oracle, by the numbers of the current protocol. */
const YOUNGER = `
  syntax = "proto3";
  message AnyValue { oneof value { string string_value = 1; int64 int_value = 3; int32 string_value_strindex = 8; } }
  message KeyValue { string key = 1; AnyValue value = 2; int32 key_strindex = 3; }
  message EntityRef { string schema_url = 1; string type = 2; repeated string id_keys = 3; repeated string description_keys = 4; }
  message Resource { repeated KeyValue attributes = 1; repeated EntityRef entity_refs = 3; }
  message Link { bytes span_id = 2; fixed32 flags = 6; }
  message Span { string name = 5; fixed32 flags = 16; repeated Link links = 13; }
  message LogRecord { fixed32 flags = 8; string event_name = 12; }
  message ExponentialPoint { sint32 scale = 6; double zero_threshold = 14; }
  message Exponential { repeated ExponentialPoint data_points = 1; }
  message Metric { string name = 1; Exponential exponential_histogram = 10; repeated KeyValue metadata = 12; }
  message Items { repeated Item items = 2; }
  message Item { string name = 5; }
  message ScopeSpans { repeated Span spans = 2; }
  message ScopeLogs { repeated LogRecord log_records = 2; }
  message ScopeMetrics { repeated Metric metrics = 2; }
  message ResourceSpans { Resource resource = 1; repeated ScopeSpans scope_spans = 2; }
  message ResourceLogs { Resource resource = 1; repeated ScopeLogs scope_logs = 2; }
  message ResourceMetrics { Resource resource = 1; repeated ScopeMetrics scope_metrics = 2; }
  message traces { repeated ResourceSpans resource_spans = 1; }
  message logs { repeated ResourceLogs resource_logs = 1; }
  message metrics { repeated ResourceMetrics resource_metrics = 1; }
`

test('fields that are younger than the oracle', () => {
  const { root } = protobuf.parse(YOUNGER)
  const check = (signal: Signal, value: object): void => {
    const type = root.lookupType(signal)
    const bytes = Buffer.from(type.encode(type.fromObject(value)).finish())
    const line = JSON.stringify(value)
    expect(protoToJson(signal, bytes)).toBe(line)
    expect(type.toObject(type.decode(jsonToProto(signal, Buffer.from(line))), { longs: String })).toEqual(value)
  }
  const resource = {
    attributes: [{ key: 'k', value: { stringValueStrindex: 0 }, keyStrindex: 7 }],
    entityRefs: [{ schemaUrl: 'u', type: 'service', idKeys: ['a', '', 'c'], descriptionKeys: ['d'] }],
  }
  check('traces', {
    resourceSpans: [{ resource, scopeSpans: [{ spans: [{ flags: 257, name: 'n', links: [{ flags: 4294967295 }] }] }] }],
  })
  check('logs', { resourceLogs: [{ resource, scopeLogs: [{ logRecords: [{ flags: 1, eventName: 'e' }] }] }] })
  const metric = {
    name: 'm',
    exponentialHistogram: { dataPoints: [{ scale: -3, zeroThreshold: 0.25 }] },
    metadata: [{ key: 'k', value: { intValue: '1' } }],
  }
  check('metrics', { resourceMetrics: [{ resource, scopeMetrics: [{ metrics: [metric] }] }] })
})
