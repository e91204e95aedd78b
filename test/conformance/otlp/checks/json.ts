import assert from 'node:assert/strict'
import { decodeRequest, encodeRequest } from '../../../support/oracle.ts'
import { send } from '../client/http.ts'
import {
  type Check,
  type Context,
  forwardedOf,
  httpOf,
  JSON_TYPE,
  type Signal,
  shown,
  type Target,
  withLaunched,
} from '../context.ts'
import { exampleRequests } from '../examples.ts'
import { fromOtlpJson, marker, meaningOf } from '../samples.ts'

const LIST: Readonly<Record<Signal, string>> = {
  traces: 'resourceSpans',
  logs: 'resourceLogs',
  metrics: 'resourceMetrics',
}

async function post(context: Target, signal: Signal, body: string): Promise<void> {
  const answer = await send(httpOf(context), { path: `/v1/${signal}`, headers: JSON_TYPE, body })
  assert.equal(answer.status, 200, `${body.slice(0, 300)}: ${shown(answer)}`)
}

/** A trace request with one span of these members. */
const spanRequest = (members: string): string => `{"resourceSpans":[{"scopeSpans":[{"spans":[{${members}}]}]}]}`

/** Posts the span and returns it as it arrived at the far end. */
async function spanThrough(context: Context, members: string): Promise<Record<string, unknown>> {
  const mark = marker()
  await post(context, 'traces', spanRequest(`"name":"${mark}",${members}`))
  const found = await forwardedOf(context).find('traces', mark)
  assert.ok(found, `${members}: did not arrive`)
  const { scopeSpans } = found.decoded as { scopeSpans: { spans: Record<string, unknown>[] }[] }
  const span = scopeSpans.flatMap((s) => s.spans).find((s) => s['name'] === mark)
  assert.ok(span)
  return span
}

const attributesOf = (span: Record<string, unknown>): unknown => span['attributes']
const attribute = (key: string, value: string): string => `"attributes":[{"key":"${key}","value":${value}}]`

export const json: readonly Check[] = [
  {
    number: 23,
    title: 'ids in hex of any case arrive as the same bytes',
    async run(context) {
      const hex = '0af7651916cd43dd8448eb211c80319c'
      const mixed = [...hex].map((c, i) => (i % 2 === 0 ? c.toUpperCase() : c)).join('')
      for (const id of [hex, hex.toUpperCase(), mixed]) {
        const span = await spanThrough(context, `"traceId":"${id}","spanId":"${id.slice(0, 16)}"`)
        assert.equal(span['traceId'], Buffer.from(hex, 'hex').toString('base64'))
        assert.equal(span['spanId'], Buffer.from(hex.slice(0, 16), 'hex').toString('base64'))
      }
    },
  },
  {
    number: 24,
    title: 'ids in base64, of a wrong length, or of an odd number of digits are 400',
    async run(context) {
      for (const id of [
        'CvdlGRbNQ92ESOshHIAxnA==',
        '0af7651916cd43dd8448eb211c80319',
        '0af7',
        'zz',
        '0af7651916cd43dd8448eb211c80319c00',
      ]) {
        const answer = await send(httpOf(context), {
          headers: JSON_TYPE,
          body: spanRequest(`"traceId":"${id}","name":"x"`),
        })
        assert.equal(answer.status, 400, `${id}: ${shown(answer)}`)
      }
    },
  },
  {
    number: 25,
    title: '64-bit numbers as strings and as numbers arrive exactly',
    async run(context) {
      for (const [written, value] of [
        ['"123"', '123'],
        ['123', '123'],
        ['"9007199254740993"', '9007199254740993'],
        ['"-9223372036854775808"', '-9223372036854775808'],
        ['0', '0'],
      ]) {
        const span = await spanThrough(context, attribute('n', `{"intValue":${written}}`))
        assert.deepEqual(attributesOf(span), [{ key: 'n', value: { intValue: value } }], written)
      }
      const times = await spanThrough(
        context,
        '"startTimeUnixNano":"1763900000000000001","endTimeUnixNano":1763900000000000000',
      )
      assert.deepEqual(
        [times['startTimeUnixNano'], times['endTimeUnixNano']],
        ['1763900000000000001', '1763900000000000000'],
      )
    },
  },
  {
    number: 26,
    title: 'enums as numbers; their names are tolerated',
    async run(context) {
      const span = await spanThrough(context, '"kind":3,"status":{"code":2}')
      assert.deepEqual([span['kind'], span['status']], [3, { code: 2 }])
      const named = await spanThrough(context, '"kind":"SPAN_KIND_CLIENT","status":{"code":"STATUS_CODE_ERROR"}')
      assert.deepEqual([named['kind'], named['status']], [3, { code: 2 }])
    },
  },
  {
    number: 27,
    title: 'unknown fields are ignored at every level',
    async run(context) {
      const mark = marker()
      const odd = '"future":{"a":[1,{"b":null}]},"other":"x"'
      await post(
        context,
        'traces',
        `{${odd},"resourceSpans":[{${odd},"resource":{${odd},"attributes":[]},"scopeSpans":[{${odd},"scope":{${odd}},"spans":[{${odd},"name":"${mark}","status":{${odd}},"events":[{${odd},"name":"e"}],"links":[{${odd}}],"attributes":[{${odd},"key":"k","value":{${odd},"stringValue":"v"}}]}]}]}]}`,
      )
      const found = await forwardedOf(context).find('traces', mark)
      assert.ok(found, 'did not arrive')
      assert.ok(JSON.stringify(found.decoded).includes('"stringValue":"v"'))
    },
  },
  {
    number: 28,
    title: 'snake_case keys are tolerated',
    async run(context) {
      const mark = marker()
      await post(
        context,
        'traces',
        `{"resource_spans":[{"scope_spans":[{"spans":[{"name":"${mark}","trace_id":"0af7651916cd43dd8448eb211c80319c","start_time_unix_nano":"5","dropped_attributes_count":2}]}]}]}`,
      )
      const found = await forwardedOf(context).find('traces', mark)
      assert.match(JSON.stringify(found?.decoded), /"droppedAttributesCount":2/)
    },
  },
  {
    number: 29,
    title: 'bytes, nested values, NaN and Infinity, and empty values survive',
    async run(context) {
      const values = {
        '{"bytesValue":"AAEC/w=="}': { bytesValue: 'AAEC/w==' },
        '{"doubleValue":"NaN"}': { doubleValue: 'NaN' },
        '{"doubleValue":"Infinity"}': { doubleValue: 'Infinity' },
        '{"doubleValue":"-Infinity"}': { doubleValue: '-Infinity' },
        '{"doubleValue":0.1}': { doubleValue: 0.1 },
        '{"boolValue":false}': { boolValue: false },
        '{}': {},
        '{"kvlistValue":{"values":[{"key":"a","value":{"arrayValue":{"values":[{"stringValue":"x"},{"intValue":"1"},{}]}}}]}}':
          {
            kvlistValue: {
              values: [{ key: 'a', value: { arrayValue: { values: [{ stringValue: 'x' }, { intValue: '1' }, {}] } } }],
            },
          },
      }
      for (const [written, value] of Object.entries(values)) {
        const span = await spanThrough(context, attribute('v', written))
        const plain = JSON.parse(
          JSON.stringify(attributesOf(span), (_key, v: unknown) =>
            typeof v === 'number' && !Number.isFinite(v) ? String(v) : v,
          ),
        )
        assert.deepEqual(plain, [{ key: 'v', value }], written)
      }
    },
  },
  {
    number: 30,
    title: 'whole examples of traces, metrics, logs and events are accepted and arrive equal',
    async run(context) {
      for (const { name, signal, document } of exampleRequests()) await arrivesEqual(context, name, signal, document)
    },
  },
  {
    number: 31,
    title: 'JSON in, protobuf or JSON out: white space, order of keys and escapes do not change the meaning',
    async run(context) {
      await checkRoundTrip(context)
      if (context.launch === undefined) return
      await withLaunched(context, { json: true }, async (target) => {
        await checkRoundTrip(target)
        for (const { name, signal, document } of exampleRequests()) await arrivesEqual(target, name, signal, document)
      })
    },
  },
]

async function checkRoundTrip(context: Target): Promise<void> {
  const mark = marker()
  const escaped = mark.replace('mark', '\\u006dark')
  await post(
    context,
    'traces',
    ` {\r\n\t"resourceSpans" : [ { "scopeSpans" : [ { "spans" : [ { "endTimeUnixNano" : "2" , "name" : "${escaped}", "traceState":"a=\\u00e9\\n\\"\\ud83d\\ude00", "startTimeUnixNano":"1" } ] , "scope" : { "version":"2", "name" : "s" } } ] } ] }\n`,
  )
  const found = await forwardedOf(context).find('traces', mark)
  const { scopeSpans } = (found?.decoded ?? {}) as { scopeSpans: object[] }
  assert.deepEqual(meaningOf(scopeSpans), [
    {
      scope: { name: 's', version: '2' },
      spans: [{ name: mark, traceState: 'a=é\n"😀', startTimeUnixNano: '1', endTimeUnixNano: '2' }],
    },
  ])
}

/** What came in as this document went out with the same meaning. */
async function arrivesEqual(target: Target, name: string, signal: Signal, document: object): Promise<void> {
  const mark = marker()
  const body = JSON.stringify(document).replaceAll('MARK', mark)
  await post(target, signal, body)
  const found = await forwardedOf(target).find(signal, mark)
  const want = decodeRequest(signal, encodeRequest(signal, fromOtlpJson(JSON.parse(body)) as object))
  assert.deepEqual(meaningOf(found?.decoded), meaningOf((want[LIST[signal]] as unknown[])[0]), name)
}
