import { decodeRequest, encodeRequest } from '../../test/support/oracle.ts'
import { jsonToProto, OtlpJsonError, protoToJson } from './index.ts'

type Signal = 'traces' | 'logs' | 'metrics'

const TRACE = '5b8efff798038103d269b633813fc60c'
const SPAN = 'eee19b7ec3c1b174'

/** What the oracle reads out of what we made of this JSON. */
const decoded = (signal: Signal, json: string | Buffer): Record<string, unknown> =>
  decodeRequest(signal, jsonToProto(signal, Buffer.from(json)))

const inSpan = (members: string): string => `{"resourceSpans":[{"scopeSpans":[{"spans":[{${members}}]}]}]}`
const inValue = (value: string): string => inSpan(`"attributes":[{"key":"k","value":${value}}]`)
const inPoint = (members: string): string =>
  `{"resourceMetrics":[{"scopeMetrics":[{"metrics":[{"gauge":{"dataPoints":[{${members}}]}}]}]}]}`
const inHistogram = (members: string): string =>
  `{"resourceMetrics":[{"scopeMetrics":[{"metrics":[{"histogram":{"dataPoints":[{${members}}]}}]}]}]}`
const inExponential = (members: string): string =>
  `{"resourceMetrics":[{"scopeMetrics":[{"metrics":[{"exponentialHistogram":{"dataPoints":[{${members}}]}}]}]}]}`

type Json = Record<string, never>
const spanOf = (json: string | Buffer): Json => {
  const request = decoded('traces', json) as unknown as { resourceSpans: { scopeSpans: { spans: Json[] }[] }[] }
  return request.resourceSpans[0]?.scopeSpans[0]?.spans[0] ?? {}
}
const anyValueOf = (value: string): unknown =>
  (spanOf(inValue(value)) as { attributes?: { value: unknown }[] }).attributes?.[0]?.value
const pointOf = (json: string): unknown => {
  const request = decoded('metrics', json) as unknown as {
    resourceMetrics: { scopeMetrics: { metrics: Record<string, { dataPoints: unknown[] }>[] }[] }[]
  }
  return Object.values(request.resourceMetrics[0]?.scopeMetrics[0]?.metrics[0] ?? {})[0]?.dataPoints[0]
}

function errorOf(signal: Signal, json: string | Buffer): OtlpJsonError {
  try {
    jsonToProto(signal, Buffer.from(json))
  } catch (error) {
    if (error instanceof OtlpJsonError) return error
    throw error
  }
  throw new Error(`accepted ${json.toString().slice(0, 200)}`)
}

test('ids are hex of either case', () => {
  const want = Buffer.from(TRACE, 'hex').toString('base64')
  for (const id of [TRACE, TRACE.toUpperCase(), '5B8efff798038103D269b633813fC60c', TRACE.replace('5', '\\u0035')]) {
    expect(spanOf(inSpan(`"traceId":"${id}"`))).toEqual({ traceId: want })
  }
  expect(spanOf(inSpan(`"spanId":"${SPAN}","parentSpanId":""`))).toEqual({ spanId: '7uGbfsPBsXQ=' })
  expect(spanOf(inSpan(`"links":[{"traceId":"${TRACE}","spanId":"${SPAN}"}]`))).toEqual({
    links: [{ traceId: want, spanId: '7uGbfsPBsXQ=' }],
  })
})

test('ids that are none are refused', () => {
  for (const id of [
    TRACE.slice(1),
    `${TRACE}0`,
    `${TRACE}00`,
    SPAN,
    '5b8efff798038103d269b633813fc60g',
    'W47/95gDgQPSabYzgT/GDA==',
    ' '.repeat(32),
    '5b8efff7\\n8038103d269b633813fc60c',
  ]) {
    expect(errorOf('traces', inSpan(`"traceId":"${id}"`)).message).toContain('32 hex digits')
  }
  // Every byte that is no hex digit, at each place of a word.
  for (let byte = 0x20; byte < 0x7f; byte++) {
    const char = String.fromCharCode(byte)
    if (/[0-9a-fA-F"\\]/.test(char)) continue
    for (let i = 0; i < 4; i++) errorOf('traces', inSpan(`"spanId":"${SPAN.slice(0, i)}${char}${SPAN.slice(i + 1)}"`))
  }
  expect(errorOf('traces', inSpan('"traceId":5')).message).toContain('expected an id in quotes')
  expect(errorOf('traces', inSpan('"traceId":"é8efff798038103d269b633813fc60"')).message).toContain('hex')
})

test('64-bit integers are exact, bare or in quotes', () => {
  const check = (text: string, want: string): void => {
    expect([text, anyValueOf(`{"intValue":${text}}`)]).toEqual([text, { intValue: want }])
    expect([text, anyValueOf(`{"intValue":"${text}"}`)]).toEqual([text, { intValue: want }])
    expect([text, anyValueOf(`{ "intValue" : ${text} }`)]).toEqual([text, { intValue: want }])
  }
  check('0', '0')
  check('-0', '0')
  check('7', '7')
  check('-1', '-1')
  check('127', '127')
  check('128', '128')
  check('999999999', '999999999')
  check('-999999999', '-999999999')
  check('1000000000', '1000000000')
  check('4294967295', '4294967295')
  check('4294967296', '4294967296')
  check('-4294967296', '-4294967296')
  check('9007199254740993', '9007199254740993')
  check('-9007199254740993', '-9007199254740993')
  check('1763900000004121722', '1763900000004121722')
  check('9223372036854775807', '9223372036854775807')
  check('-9223372036854775808', '-9223372036854775808')
  check('1e3', '1000')
  check('1E+3', '1000')
  check('120e-1', '12')
  check('5.0', '5')
  check('9007199254740993.0', '9007199254740993')
  check('922337203685477580.7e1', '9223372036854775807')
  check('0e99999', '0')
  check('0.000', '0')
})

test('what is no 64-bit integer is refused', () => {
  const check = (text: string, what: string): void => {
    for (const value of [text, `"${text}"`]) {
      expect([value, errorOf('traces', inValue(`{"intValue":${value}}`)).message]).toEqual([
        value,
        expect.stringContaining(what),
      ])
    }
  }
  check('9223372036854775808', 'out of range')
  check('-9223372036854775809', 'out of range')
  check('18446744073709551616', 'out of range')
  check('99999999999999999999999', 'out of range')
  check('1e19', 'out of range')
  check('1e999999999999', 'out of range')
  check('1.5', 'whole number')
  check('1e-1', 'whole number')
  check('9007199254740992.5', 'whole number')
  check(`1${'0'.repeat(300)}`, 'number of more than')
  for (const odd of [
    '""',
    '" 1"',
    '"1 "',
    '"+1"',
    '"01"',
    '"0x1"',
    '"1_0"',
    '"one"',
    '"NaN"',
    '".5"',
    '"5."',
    'true',
    '{}',
    '[]',
    '01',
    '-',
    '--1',
    '+1',
    '1.',
    '.5',
    '1e',
    '1e+',
  ]) {
    errorOf('traces', inValue(`{"intValue":${odd}}`))
  }
})

test('unsigned and fixed numbers keep their whole range and refuse the rest', () => {
  const start = (text: string): unknown => spanOf(inSpan(`"startTimeUnixNano":${text}`))
  for (const text of [
    '1544712660300000000',
    '18446744073709551615',
    '9223372036854775808',
    '1000000000000000000',
    '9999999999999999999',
    '1',
  ]) {
    expect(start(text)).toEqual({ startTimeUnixNano: text })
    expect(start(`"${text}"`)).toEqual({ startTimeUnixNano: text })
  }
  // Nineteen characters of which one is no digit, at each place.
  for (let i = 0; i < 19; i++) {
    for (const char of ['/', ':', 'a', '-', ' ', '\u0001'])
      errorOf(
        'traces',
        inSpan(
          `"startTimeUnixNano":"${'1544712660300000000'.slice(0, i)}${char}${'1544712660300000000'.slice(i + 1)}"`,
        ),
      )
  }
  expect(start('"15447126603000000\\u0030\\u0031"')).toEqual({ startTimeUnixNano: '1544712660300000001' })
  errorOf('traces', inSpan('"startTimeUnixNano":"-1"'))
  errorOf('traces', inSpan('"startTimeUnixNano":"0544712660300000000"'))
  errorOf('traces', inSpan('"startTimeUnixNano":18446744073709551616'))
  expect(spanOf(inSpan('"droppedEventsCount":4294967295'))).toEqual({ droppedEventsCount: 4294967295 })
  expect(spanOf(inSpan('"droppedEventsCount":"12"'))).toEqual({ droppedEventsCount: 12 })
  errorOf('traces', inSpan('"droppedEventsCount":4294967296'))
  errorOf('traces', inSpan('"droppedEventsCount":-1'))
  expect(pointOf(inPoint('"asInt":"-9223372036854775808"'))).toEqual({ asInt: '-9223372036854775808' })
  expect(pointOf(inExponential('"scale":-7,"zeroCount":"3"'))).toEqual({ scale: -7, zeroCount: '3' })
  expect(
    pointOf(
      inExponential('"scale":-2147483648,"positive":{"offset":2147483647,"bucketCounts":["18446744073709551615",0,1]}'),
    ),
  ).toEqual({
    scale: -2147483648,
    positive: { offset: 2147483647, bucketCounts: ['18446744073709551615', '0', '1'] },
  })
  errorOf('metrics', inExponential('"scale":2147483648'))
  errorOf('metrics', inExponential('"scale":-2147483649'))
})

test('floating-point numbers are those of JSON, and three in quotes', () => {
  const check = (text: string, want: number): void =>
    expect([text, anyValueOf(`{"doubleValue":${text}}`)]).toEqual([text, { doubleValue: want }])
  for (const text of [
    '0.1',
    '0.2',
    '1',
    '-1.5',
    '123456.789012345',
    '999999999999999',
    '0.30000000000000004',
    '5e-324',
    '1.7976931348623157e308',
    '1e22',
    '1e23',
    '9007199254740993',
    '2.2250738585072014e-308',
    '-0',
    '0.000001',
    '100',
    '1E5',
    '1e-7',
    '4.35',
    '0.1234567890123456789',
  ]) {
    check(text, Number(text))
    check(`"${text}"`, Number(text))
  }
  check('"NaN"', Number.NaN)
  check('"Infinity"', Number.POSITIVE_INFINITY)
  check('"-Infinity"', Number.NEGATIVE_INFINITY)
  for (const odd of [
    'NaN',
    'Infinity',
    '"nan"',
    '"inf"',
    '""',
    '"1 "',
    '1e999',
    '"1e999"',
    '1.',
    '.1',
    '01',
    '1.e1',
    'true',
    '[1]',
    '-',
    '"-"',
  ]) {
    errorOf('traces', inValue(`{"doubleValue":${odd}}`))
  }
})

test('enums are numbers; names are tolerated', () => {
  expect(spanOf(inSpan('"kind":3'))).toEqual({ kind: 3 })
  expect(spanOf(inSpan('"kind":"SPAN_KIND_CLIENT"'))).toEqual({ kind: 3 })
  expect(spanOf(inSpan('"kind":0'))).toEqual({})
  expect(spanOf(inSpan('"kind":77'))).toEqual({ kind: 77 })
  expect(spanOf(inSpan('"status":{"code":"STATUS_CODE_ERROR","message":"x"}'))).toEqual({
    status: { code: 2, message: 'x' },
  })
  const log = decoded(
    'logs',
    '{"resourceLogs":[{"scopeLogs":[{"logRecords":[{"severityNumber":"SEVERITY_NUMBER_FATAL4"}]}]}]}',
  )
  expect(log).toEqual({ resourceLogs: [{ scopeLogs: [{ logRecords: [{ severityNumber: 24 }] }] }] })
  expect(errorOf('traces', inSpan('"kind":"SPAN_KIND_X"')).message).toContain('unknown name of an enum value')
  errorOf('traces', inSpan('"kind":1.5'))
  errorOf('traces', inSpan('"kind":true'))
})

test('values of every kind', () => {
  const check = (json: string, want: unknown): void => expect([json, anyValueOf(json)]).toEqual([json, want])
  check('{"stringValue":""}', { stringValue: '' })
  check('{"stringValue":"x"}', { stringValue: 'x' })
  check('{"boolValue":true}', { boolValue: true })
  check('{"boolValue":false}', { boolValue: false })
  check('{"intValue":0}', { intValue: '0' })
  check('{"doubleValue":0}', { doubleValue: 0 })
  check('{"bytesValue":""}', { bytesValue: '' })
  check('{}', {})
  check('null', undefined)
  check('{"stringValue":null}', {})
  check('{"arrayValue":{}}', { arrayValue: {} })
  check('{"arrayValue":{"values":[{"intValue":1},{},null,{"stringValue":""}]}}', {
    arrayValue: { values: [{ intValue: '1' }, {}, {}, { stringValue: '' }] },
  })
  check(
    '{"kvlistValue":{"values":[{"key":"a","value":{"kvlistValue":{"values":[{"key":"b","value":{"boolValue":true}}]}}}]}}',
    {
      kvlistValue: {
        values: [{ key: 'a', value: { kvlistValue: { values: [{ key: 'b', value: { boolValue: true } }] } } }],
      },
    },
  )
  // Of two members of a oneof, the last one counts.
  const both = jsonToProto('traces', Buffer.from(inValue('{"intValue":1,"stringValue":"x"}')))
  expect(protoToJson('traces', both)).toBe(inValue('{"stringValue":"x"}'))
})

test('bytes are base64 of either alphabet, padded or not', () => {
  const check = (text: string, bytes: number[]): void =>
    expect([text, anyValueOf(`{"bytesValue":"${text}"}`)]).toEqual([
      text,
      { bytesValue: Buffer.from(bytes).toString('base64') },
    ])
  check('AQ==', [1])
  check('AQ', [1])
  check('AQI=', [1, 2])
  check('AQI', [1, 2])
  check('AQID', [1, 2, 3])
  check('+/+/', [0xfb, 0xff, 0xbf])
  check('-_-_', [0xfb, 0xff, 0xbf])
  check('\\u0041QID', [1, 2, 3])
  check('\\/\\/8=', [0xff, 0xff])
  const long = Buffer.alloc(10_000, 'binary')
  check(long.toString('base64'), [...long])
  for (const odd of ['A', 'AQ=', 'AQID=', 'AQ===', '====', '=', 'A Q=', 'AQ=I', 'é===', 'AQ\\n==', 'AQIDA']) {
    expect([odd, errorOf('traces', inValue(`{"bytesValue":"${odd}"}`)).message]).toEqual([
      odd,
      expect.stringContaining('base64'),
    ])
  }
})

test('text is copied, unescaped and kept whole', () => {
  const check = (json: string, want: string): void => {
    // At different places of a word, and behind much text.
    for (const before of [
      '',
      'a',
      'ab',
      'abc',
      'abcdefg',
      'x'.repeat(59),
      'x'.repeat(127),
      'x'.repeat(200),
      'x'.repeat(20_000),
    ]) {
      for (const behind of ['', 'z', 'z'.repeat(300)]) {
        expect(anyValueOf(`{"stringValue":"${before}${json}${behind}"}`)).toEqual({
          stringValue: before + want + behind,
        })
        expect(spanOf(inSpan(`"name":"${before}${json}${behind}"`))).toEqual(
          before + want + behind === '' ? {} : { name: before + want + behind },
        )
      }
    }
  }
  check('', '')
  check('plain', 'plain')
  check('\\"\\\\\\/\\b\\f\\n\\r\\t', '"\\/\b\f\n\r\t')
  check('\\u0041\\u00e9\\u20AC\\uFFFF\\u0000', 'A\u00e9\u20ac\uffff\0')
  check('\\ud83d\\ude00', '😀')
  check('\\ud800\\udc00\\udbff\\udfff', '\u{10000}\u{10ffff}')
  check('\\ud83d', '\ufffd')
  check('\\ude00', '\ufffd')
  check('\\ud83dx', '\ufffdx')
  check('\\ud83d\\n', '\ufffd\n')
  check('\\ud83d\\ud83d\\ude00', '\ufffd😀')
  check('\\ud83d\\u0041', '\ufffdA')
  check('é€😀\u007f\u0080\u2028', 'é€😀\u007f\u0080\u2028')
  check('{\\"path\\":\\"/srv/a.ts\\",\\"lines\\":[1,2]}', '{"path":"/srv/a.ts","lines":[1,2]}')
  check('\\n'.repeat(500), '\n'.repeat(500))
  check('\\u4f60\\u597d'.repeat(200), '你好'.repeat(200))
})

test('broken text is refused', () => {
  for (const odd of ['\\x', '\\u12', '\\u12G4', '\\', '\\u', '\\ud83d\\u12', '\n', '\t', '\0', '\x1f', '\\U0041']) {
    for (const before of ['', 'abc', 'x'.repeat(63), 'x'.repeat(130), 'x'.repeat(5000), '\\n'.repeat(100)]) {
      for (const behind of ['', ' tail', 'x'.repeat(500)]) {
        errorOf('traces', inValue(`{"stringValue":"${before}${odd}${behind}"}`))
        errorOf('traces', inSpan(`"unknown":"${before}${odd}${behind}"`))
      }
    }
  }
  expect(errorOf('traces', inValue('{"stringValue":"a\nb"}')).message).toContain('unescaped control character')
  expect(errorOf('traces', inSpan('"name":5')).message).toContain('expected a string')
})

test('bytes that are not UTF-8 are refused, wherever they are', () => {
  const check = (bytes: number[], pad: string): void => {
    const [before, behind] = inSpan(`"unknown":{"a":"${pad}|"}`).split('|') as [string, string]
    const error = errorOf('traces', Buffer.concat([Buffer.from(before), Buffer.from(bytes), Buffer.from(behind)]))
    expect(error.message).toContain('UTF-8')
    expect(Math.abs(error.at - before.length)).toBeLessThan(4)
  }
  for (const pad of ['', 'é', '€'.repeat(1000), 'x'.repeat(5000)]) {
    for (const bytes of [
      [0xff],
      [0xc3],
      [0xe2, 0x82],
      [0xed, 0xa0, 0x80],
      [0xc0, 0x80],
      [0x80],
      [0xf4, 0x90, 0x80, 0x80],
    ]) {
      if (pad === '' || !pad.startsWith('é')) check(bytes, pad.startsWith('€') ? '' : pad)
    }
  }
})

test('unknown members are ignored at every level, whatever they hold', () => {
  const odd = '{"a":[1,-2.5e3,true,false,null,"x\\"]}",{"b":{}},[[],[{}]]],"\\u0062":{"c":"\\ud83d"}}'
  const check = (value: string): void => {
    const x = `"unknown":${value}`
    const json = `{${x},"resourceSpans":[{${x},"resource":{${x},"attributes":[{${x},"key":"k",${x},"value":{${x},"stringValue":"v"}}],${x}},"scopeSpans":[{${x},"scope":{${x},"name":"s"},"spans":[{${x},"name":"n",${x},"status":{${x},"code":1,${x}},"events":[{${x},"name":"e"}]}],${x}}]}],${x}}`
    expect(decoded('traces', json)).toEqual({
      resourceSpans: [
        {
          resource: { attributes: [{ key: 'k', value: { stringValue: 'v' } }] },
          scopeSpans: [{ scope: { name: 's' }, spans: [{ name: 'n', status: { code: 1 }, events: [{ name: 'e' }] }] }],
        },
      ],
    })
  }
  for (const value of [
    odd,
    ` ${odd} `,
    '1',
    '"x"',
    'null',
    'true',
    'false',
    '[]',
    '{}',
    '0',
    '-0.0e-0',
    '""',
    '[[[[]]]]',
  ])
    check(value)
})

test('the grammar is kept where nothing is read, too', () => {
  for (const odd of [
    '{',
    '[',
    '[1,]',
    '{"a":1,}',
    '{a:1}',
    "{'a':1}",
    '{"a"}',
    '{"a":}',
    '{"a" 1}',
    '[1 2]',
    '01',
    '1.',
    '-',
    '+1',
    'tru',
    'True',
    'nul',
    'undefined',
    '.5',
    '1e',
    '"\\x"',
    '{"a":1]',
    '[1}',
    '/**/1',
    '{,}',
    '[,]',
    '{"a":1,,"b":2}',
  ]) {
    errorOf('traces', `{"unknown":${odd}}`)
    errorOf('traces', inSpan(`"unknown":${odd}`))
  }
  errorOf('traces', `{"unknown":${'['.repeat(1001)}${']'.repeat(1001)}}`)
  jsonToProto('traces', Buffer.from(`{"unknown":${'['.repeat(1000)}${']'.repeat(1000)}}`))
})

test('keys may be snake_case or escaped', () => {
  const want = spanOf(inSpan(`"traceId":"${TRACE}","startTimeUnixNano":"5","droppedAttributesCount":7`))
  expect(spanOf(inSpan(`"trace_id":"${TRACE}","start_time_unix_nano":"5","dropped_attributes_count":7`))).toEqual(want)
  expect(
    spanOf(inSpan(`"tr\\u0061ceId":"${TRACE}","start\\u0054imeUnixNano":5,"\\u0064roppedAttributesCount":7`)),
  ).toEqual(want)
  expect(decoded('traces', '{"resource_spans":[{"scope_spans":[{"schema_url":"u"}]}]}')).toEqual({
    resourceSpans: [{ scopeSpans: [{ schemaUrl: 'u' }] }],
  })
  expect(anyValueOf('{"string_value":"x"}')).toEqual({ stringValue: 'x' })
  expect(spanOf(inSpan('"name" :"x","kind"\n:2,"traceStat\\u0065" : "y"'))).toEqual({
    name: 'x',
    kind: 2,
    traceState: 'y',
  })
  // Near misses are unknown keys.
  expect(spanOf(inSpan('"names":"x","nam":"x","Name":"x","name ":"x"," name":"x","":1,"\\u00e9":2,"n":3'))).toEqual({})
})

test('null is absent, and an absent list empty', () => {
  expect(
    spanOf(
      inSpan(
        '"traceId":null,"name":null,"kind":null,"attributes":null,"status":null,"events":[],"droppedLinksCount":null',
      ),
    ),
  ).toEqual({})
  expect(decoded('traces', '{"resourceSpans":null}')).toEqual({})
  expect(decoded('traces', '{"resourceSpans":[null]}')).toEqual({})
  expect(spanOf(inSpan('"attributes":[null,{"key":"a"},null]'))).toEqual({ attributes: [{ key: 'a' }] })
  errorOf('metrics', inHistogram('"bucketCounts":[null]'))
})

test('a key that stands twice follows protobuf: last scalar, merged messages, joined lists', () => {
  const check = (members: string, want: object): void =>
    expect([members, spanOf(inSpan(members))]).toEqual([members, want])
  check('"name":"a","name":"b"', { name: 'b' })
  check('"kind":3,"kind":0', { kind: 0 })
  check('"name":"a","name":""', { name: '' })
  check('"startTimeUnixNano":1,"startTimeUnixNano":0', { startTimeUnixNano: '0' })
  check(`"traceId":"${TRACE}","traceId":""`, { traceId: '' })
  const twice = jsonToProto('traces', Buffer.from(inSpan('"status":{"code":1},"status":{"message":"m"}')))
  expect(protoToJson('traces', twice)).toBe(inSpan('"status":{"message":"m","code":1}'))
  check('"events":[{"name":"a"}],"events":[{"name":"b"}]', { events: [{ name: 'a' }, { name: 'b' }] })
  check('"name":"a","name":null', { name: 'a' })
})

test('defaults are left out, but not where presence counts', () => {
  const zeros =
    '"name":"","kind":0,"startTimeUnixNano":"0","droppedAttributesCount":0,"traceState":"","status":{"code":0}'
  expect(jsonToProto('traces', Buffer.from(inSpan(zeros)))).toEqual(
    jsonToProto('traces', Buffer.from(inSpan('"status":{}'))),
  )
  const empty = jsonToProto('traces', Buffer.from(inSpan('')))
  for (const member of ['"traceId":""', '"spanId":""', '"name":""', '"flags":0', '"unknown":1', '"attributes":[]']) {
    expect(jsonToProto('traces', Buffer.from(inSpan(member)))).toEqual(empty)
  }
  expect(pointOf(inPoint('"asInt":0,"timeUnixNano":0'))).toEqual({ asInt: '0' })
  expect(pointOf(inPoint('"asDouble":0,"flags":0'))).toEqual({ asDouble: 0 })
  expect(pointOf(inHistogram('"count":0,"sum":0,"min":-0,"max":0'))).toEqual({ sum: 0, min: -0, max: 0 })
})

test('lists of numbers', () => {
  expect(pointOf(inHistogram('"bucketCounts":["1",2, 3 ,"4e0"],"explicitBounds":[0.5, 1 ,"Infinity"]'))).toEqual({
    bucketCounts: ['1', '2', '3', '4'],
    explicitBounds: [0.5, 1, Number.POSITIVE_INFINITY],
  })
  expect(pointOf(inHistogram('"bucketCounts":[],"explicitBounds":[]'))).toEqual({})
  const many = Array.from({ length: 10_000 }, (_, i) => i)
  expect(
    pointOf(inHistogram(`"bucketCounts":${JSON.stringify(many)},"explicitBounds":${JSON.stringify(many)}`)),
  ).toEqual({
    bucketCounts: many.map(String),
    explicitBounds: many,
  })
  for (const odd of ['[1,]', '[,1]', '[1', '1', '{}', '[[1]]', '["x"]', '[1 2]', '"1"'])
    errorOf('metrics', inHistogram(`"bucketCounts":${odd}`))
})

test('white space anywhere, a byte order mark, nothing else around it', () => {
  const json = inSpan(
    `"traceId":"${TRACE}","kind":2,"attributes":[{"key":"k","value":{"arrayValue":{"values":[{"intValue":"1"},{"doubleValue":1.5}]}}}]`,
  )
  const want = jsonToProto('traces', Buffer.from(json))
  expect(jsonToProto('traces', Buffer.from(JSON.stringify(JSON.parse(json), null, '\t')))).toEqual(want)
  expect(jsonToProto('traces', Buffer.from(JSON.stringify(JSON.parse(json), null, 2).replace(/\n/g, '\r\n')))).toEqual(
    want,
  )
  expect(jsonToProto('traces', Buffer.from(json.replace(/([{}[\]:,])/g, ' $1\r\n\t ')))).toEqual(want)
  expect(jsonToProto('traces', Buffer.from(`\ufeff \n${json}\n `))).toEqual(want)
  for (const odd of [
    '',
    ' ',
    '\ufeff',
    '1234',
    '"x"',
    'null',
    '[]',
    'true',
    '\u00a0{}',
    '{} x',
    '{}{}',
    '{},',
    '{}\0',
    '\0{}',
    '\ufeff\ufeff{}',
    '{',
    '}',
    '{"',
    '{"a',
    '{"a"',
    '{"a":',
    '{]',
  ]) {
    errorOf('traces', odd)
  }
  expect(errorOf('traces', '1234').message).toBe('OTLP/JSON: expected an object (at byte 0)')
})

test('empty requests', () => {
  for (const json of ['{}', '{"resourceSpans":[]}', ' { } '])
    expect(jsonToProto('traces', Buffer.from(json)).length).toBe(0)
  expect(decoded('traces', '{"resourceSpans":[{},{"scopeSpans":[{}]}]}')).toEqual({
    resourceSpans: [{}, { scopeSpans: [{}] }],
  })
})

test('a wrong kind of value is refused', () => {
  for (const odd of ['1', '"x"', 'true', '{}']) errorOf('traces', `{"resourceSpans":${odd}}`)
  for (const odd of ['1', '"x"', 'true', '[]', '[{}]']) errorOf('traces', inSpan(`"status":${odd}`))
  for (const odd of ['1', '"x"', '[]', 'true']) errorOf('traces', `{"resourceSpans":[${odd}]}`)
  for (const odd of ['1', '"true"', '0', 'null1', '{}']) errorOf('traces', inValue(`{"boolValue":${odd}}`))
})

test('values nest up to a hundred deep', () => {
  const arrays = (depth: number): string =>
    depth === 1 ? '{"intValue":1}' : `{"arrayValue":{"values":[${arrays(depth - 1)}]}}`
  const lists = (depth: number): string =>
    depth === 1 ? '{"intValue":1}' : `{"kvlistValue":{"values":[{"key":"k","value":${lists(depth - 1)}}]}}`
  for (const nested of [arrays, lists]) {
    expect(JSON.stringify(anyValueOf(nested(100)))).toContain('"intValue":"1"')
    expect(errorOf('traces', inValue(nested(101))).message).toContain('more than 100 deep')
    errorOf('traces', inValue(nested(5000)))
  }
})

test('messages of every size of length prefix', () => {
  for (const size of [
    0, 1, 120, 121, 122, 123, 124, 125, 126, 127, 128, 129, 16_380, 16_381, 16_382, 16_383, 16_384, 16_385, 2_097_140,
    2_097_150, 2_097_160,
  ]) {
    const text = 'x'.repeat(size)
    expect(anyValueOf(`{"stringValue":"${text}"}`)).toEqual({ stringValue: text })
    // The guess for the second one comes from the first, and the other way round.
    const pair = (a: string, b: string): string => inSpan(`"events":[{"name":"${a}"},{"name":"${b}"},{}]`)
    expect(spanOf(pair(text, 'y'))).toEqual({ events: [size === 0 ? {} : { name: text }, { name: 'y' }, {}] })
    expect(spanOf(pair('y', text))).toEqual({ events: [{ name: 'y' }, size === 0 ? {} : { name: text }, {}] })
  }
})

test('errors say where and what', () => {
  const check = (signal: Signal, json: string, path: string, at: number): void => {
    const { path: where, at: offset } = errorOf(signal, json)
    expect([json, where, offset]).toEqual([json, path, at])
  }
  check(
    'traces',
    '{"resourceSpans":[{},{"scopeSpans":[{"spans":[{},{},{"kind":"x"}]}]}]}',
    'resourceSpans[1].scopeSpans[0].spans[2].kind',
    60,
  )
  check('traces', '{"resourceSpans":5}', 'resourceSpans', 17)
  check(
    'traces',
    '{"resourceSpans":[{"resource":{"attributes":[{"key":"a,[{\\"","value":{"intValue":"q"}}]}}]}',
    'resourceSpans[0].resource.attributes[0].value.intValue',
    81,
  )
  check('logs', '{"resourceLogs":[{"schemaUrl":"a"', 'resourceLogs[0].schemaUrl', 33)
  const deep = errorOf('traces', `{"x":${'{"long key":'.repeat(300)}?`)
  expect(deep.message.length).toBeLessThan(400)
  expect(errorOf('traces', '{"resourceSpans":').message).toContain('but the document ends')
})

test('a buffer within a larger one is read to its end and no further', () => {
  const json = inSpan('"name":"abc","kind":2')
  const around = Buffer.from(`"}]}]}]}garbage${json},"kind":3}]}]}]}`)
  const body = around.subarray(15, 15 + json.length)
  expect(spanOf(body)).toEqual({ name: 'abc', kind: 2 })
  for (let cut = 0; cut < json.length; cut++) errorOf('traces', around.subarray(15, 15 + cut))
})

test('what was read before does not show', () => {
  const small = inSpan('"name":"a"')
  const want = jsonToProto('traces', Buffer.from(small))
  jsonToProto('traces', Buffer.from(inSpan(`"name":"${'x'.repeat(10_000_000)}"`)))
  expect(jsonToProto('traces', Buffer.from(small))).toEqual(want)
  errorOf('traces', inSpan(`"name":"${'x'.repeat(1000)}","attributes":[{"key":"a","value":{"intValue":"?"}}]`))
  expect(jsonToProto('traces', Buffer.from(small))).toEqual(want)
  // Results are their own.
  const first = jsonToProto('traces', Buffer.from(inSpan('"name":"first"')))
  const copy = Buffer.from(first)
  jsonToProto('traces', Buffer.from(inSpan('"name":"other"')))
  expect(first).toEqual(copy)
})

test('traces, metrics and logs as other implementations write them', () => {
  const resource = '"resource":{"attributes":[{"key":"service.name","value":{"stringValue":"shop"}}]}'
  const scope = '"scope":{"name":"lib","version":"1.0.0","attributes":[{"key":"a","value":{"boolValue":true}}]}'
  const metric = (json: string): string => `{"name":"m","unit":"1","description":"d",${json}}`
  const point =
    '"startTimeUnixNano":"1544712660300000000","timeUnixNano":"1544712660300000001","attributes":[{"key":"a","value":{"intValue":"7"}}]'
  const json = `{"resourceMetrics":[{${resource},"scopeMetrics":[{${scope},"metrics":[${[
    metric(`"sum":{"aggregationTemporality":1,"isMonotonic":true,"dataPoints":[{"asDouble":5,${point}}]}`),
    metric(
      `"gauge":{"dataPoints":[{"asInt":"10",${point},"exemplars":[{"timeUnixNano":"3","asDouble":2.5,"traceId":"${TRACE}","spanId":"${SPAN}"}]}]}`,
    ),
    metric(
      `"histogram":{"aggregationTemporality":2,"dataPoints":[{${point},"count":"2","sum":2,"bucketCounts":["1","1"],"explicitBounds":[1],"min":0,"max":2}]}`,
    ),
    metric(
      `"exponentialHistogram":{"aggregationTemporality":1,"dataPoints":[{${point},"count":"3","sum":10,"scale":-1,"zeroCount":"1","positive":{"offset":1,"bucketCounts":["0","2"]},"min":0,"max":5}]}`,
    ),
    metric(
      `"summary":{"dataPoints":[{${point},"count":"4","sum":9.5,"quantileValues":[{"quantile":0.5,"value":2},{"quantile":1,"value":3}]}]}`,
    ),
  ].join(',')}],"schemaUrl":"s"}]}]}`
  const id = (hex: string): Uint8Array => Buffer.from(hex, 'hex')
  const want = JSON.parse(json, (key, value) => (key === 'traceId' || key === 'spanId' ? [...id(value)] : value))
  expect(decoded('metrics', json)).toEqual(decodeRequest('metrics', encodeRequest('metrics', want)))
  const logs = `{"resourceLogs":[{${resource},"scopeLogs":[{${scope},"logRecords":[{"timeUnixNano":"1","observedTimeUnixNano":"2","severityNumber":10,"severityText":"Information","traceId":"${TRACE}","spanId":"${SPAN}","flags":1,"body":{"kvlistValue":{"values":[{"key":"type","value":{"intValue":"0"}}]}}}]}]}]}`
  const wantLogs = JSON.parse(logs, (key, value) => (key === 'traceId' || key === 'spanId' ? [...id(value)] : value))
  expect(decoded('logs', logs)).toEqual(decodeRequest('logs', encodeRequest('logs', wantLogs)))
})
