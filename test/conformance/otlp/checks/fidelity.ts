import assert from 'node:assert/strict'
import { decodeRequest, encodeRequest } from '../../../support/oracle.ts'
import { send } from '../client/http.ts'
import {
  type Check,
  type Context,
  type Envelope,
  forwardedOf,
  httpOf,
  PROTO,
  type Signal,
  shown,
  skip,
} from '../context.ts'
import { marker, meaningOf, requestObject } from '../samples.ts'

async function through(context: Context, signal: Signal, mark: string, body: Buffer): Promise<Envelope> {
  const answer = await send(httpOf(context), { path: `/v1/${signal}`, headers: PROTO, body })
  assert.equal(answer.status, 200, shown(answer))
  const found = await forwardedOf(context).find(signal, mark)
  assert.ok(found, `${signal} ${mark} did not arrive`)
  return found
}

const bytesOf = (envelope: Envelope): Buffer =>
  envelope.bytes ?? skip('accepted; the forwarded bytes are only seen with --command')

/** A field of any number: tag, length, content. */
function field(number: number, content: Buffer | string): Buffer {
  const bytes = Buffer.from(content)
  return Buffer.concat([varint(number * 8 + 2), varint(bytes.length), bytes])
}

function varint(value: number): Buffer {
  const out: number[] = []
  let rest = value
  for (; rest > 0x7f; rest = Math.floor(rest / 128)) out.push((rest % 128) | 0x80)
  return Buffer.from([...out, rest])
}

const fixed64 = (number: number, value: bigint): Buffer => {
  const out = Buffer.alloc(8)
  out.writeBigUInt64LE(value)
  return Buffer.concat([varint(number * 8 + 1), out])
}

export const fidelity: readonly Check[] = [
  {
    number: 32,
    title: 'unknown protobuf fields in span, resource and scope are forwarded byte for byte',
    async run(context) {
      const mark = marker()
      const unknown = (what: string): Buffer =>
        Buffer.concat([field(2000, `unknown-${what}-${mark}`), varint(1999 * 8), varint(150)])
      const span = Buffer.concat([
        field(1, Buffer.alloc(16, 1)),
        unknown('span'),
        field(2, Buffer.alloc(8, 2)),
        field(5, mark),
      ])
      const scopeSpans = Buffer.concat([field(1, Buffer.concat([field(1, 's'), unknown('scope')])), field(2, span)])
      const resourceSpans = Buffer.concat([field(1, unknown('resource')), field(2, scopeSpans)])
      const envelope = await through(context, 'traces', mark, field(1, resourceSpans))
      const bytes = bytesOf(envelope)
      for (const what of ['span', 'scope', 'resource'])
        assert.ok(bytes.includes(unknown(what)), `the unknown fields of the ${what} are gone or changed`)
    },
  },
  {
    number: 33,
    title: 'all known fields of a span, a log record and a metric arrive unchanged',
    async run(context) {
      const mark = marker()
      const attributes = [{ key: 'k', value: { stringValue: mark } }]
      const span = {
        ...{
          traceId: Buffer.alloc(16, 1),
          spanId: Buffer.alloc(8, 2),
          parentSpanId: Buffer.alloc(8, 3),
          traceState: 'a=b',
          flags: 0x301,
        },
        ...{ name: mark, kind: 5, startTimeUnixNano: '1', endTimeUnixNano: '18446744073709551615', attributes },
        ...{
          droppedAttributesCount: 1,
          droppedEventsCount: 2,
          droppedLinksCount: 3,
          status: { code: 1, message: 'm' },
        },
        events: [{ timeUnixNano: '5', name: 'e', attributes, droppedAttributesCount: 4 }],
        links: [
          {
            traceId: Buffer.alloc(16, 4),
            spanId: Buffer.alloc(8, 5),
            traceState: 'c=d',
            attributes,
            droppedAttributesCount: 5,
            flags: 0x100,
          },
        ],
      }
      const scope = { name: 'n', version: 'v', attributes, droppedAttributesCount: 6 }
      const request = {
        resourceSpans: [
          {
            resource: { attributes, droppedAttributesCount: 7 },
            scopeSpans: [{ scope, spans: [span], schemaUrl: 'u1' }],
            schemaUrl: 'u2',
          },
        ],
      }
      const sent = encodeRequest('traces', request)
      const { decoded } = await through(context, 'traces', mark, sent)
      assert.deepEqual(meaningOf(decoded), meaningOf((decodeRequest('traces', sent)['resourceSpans'] as unknown[])[0]))
      await entityRefs(context)
      for (const signal of ['logs', 'metrics'] as const) {
        const other = marker()
        const bytes = encodeRequest(signal, requestObject(signal, other))
        const arrived = await through(context, signal, other, bytes)
        const [envelopes] = Object.values(decodeRequest(signal, bytes))
        assert.deepEqual(meaningOf(arrived.decoded), meaningOf((envelopes as unknown[])[0]))
      }
    },
  },
  {
    number: 34,
    title: 'unpacked lists, split submessages, fields in any order, repeated scalars: decoded as proto3 says',
    async run(context) {
      const mark = marker()
      const span = Buffer.concat([
        fixed64(8, 9n),
        field(5, 'first name'),
        fixed64(7, 3n),
        field(5, mark),
        field(1, Buffer.alloc(16, 1)),
        fixed64(8, 11n),
      ])
      const key = (name: string) => field(1, Buffer.concat([field(2, field(1, 'value')), field(1, name)]))
      const split = Buffer.concat([field(2, field(2, span)), field(1, key('a')), field(1, key('b'))])
      const { decoded, bytes } = await through(context, 'traces', mark, field(1, split))
      const attributes = ['a', 'b'].map((name) => ({ key: name, value: { stringValue: 'value' } }))
      const merged = {
        resource: { attributes },
        scopeSpans: [
          {
            spans: [
              {
                traceId: Buffer.alloc(16, 1).toString('base64'),
                name: mark,
                startTimeUnixNano: '3',
                endTimeUnixNano: '11',
              },
            ],
          },
        ],
      }
      // Passed on as it came it means the same; the codec that decodes here does not merge the two resources.
      if (bytes?.includes(split) !== true) assert.deepEqual(meaningOf(decoded), meaningOf(merged))
      const name = marker()
      // bucket_counts (6) and explicit_bounds (7) of a histogram, one by one instead of packed.
      const point = Buffer.concat([
        fixed64(3, 5n),
        fixed64(4, 3n),
        fixed64(6, 1n),
        fixed64(6, 2n),
        fixed64(7, 0x3ff0000000000000n),
      ])
      const metric = Buffer.concat([field(9, field(1, point)), field(1, name)])
      const metrics = field(1, field(2, field(2, metric)))
      const arrived = await through(context, 'metrics', name, metrics)
      assert.deepEqual(
        meaningOf(arrived.decoded),
        meaningOf((decodeRequest('metrics', metrics)['resourceMetrics'] as unknown[])[0]),
      )
    },
  },
  {
    number: 35,
    title: 'duplicate attribute keys are accepted and none of them makes the span disappear',
    async run(context) {
      const mark = marker()
      const attributes = ['one', 'two'].map((text) => ({ key: 'same', value: { stringValue: text } }))
      const sent = encodeRequest('traces', {
        resourceSpans: [{ scopeSpans: [{ spans: [{ name: mark, attributes }] }] }],
      })
      const { decoded } = await through(context, 'traces', mark, sent)
      assert.match(JSON.stringify(decoded), /"key":"same"/)
    },
  },
]

/** A Resource's entity_refs (3), which are younger than the codec that decodes here: schema_url, type, id_keys. */
async function entityRefs(context: Context): Promise<void> {
  const mark = marker()
  const reference = field(3, Buffer.concat([field(1, 'u'), field(2, `service-${mark}`), field(3, 'service.name')]))
  const span = Buffer.concat([field(1, Buffer.alloc(16, 1)), field(2, Buffer.alloc(8, 2)), field(5, mark)])
  const body = field(1, Buffer.concat([field(1, reference), field(2, field(2, span))]))
  const { bytes } = await through(context, 'traces', mark, body)
  assert.ok(bytes === undefined || bytes.includes(reference), 'the entity_refs of the resource are gone or changed')
}
