import { gzipSync } from 'node:zlib'
import { type Mix, tracePayload } from '../../bench/payloads.ts'
import { decodeRequest } from '../support/oracle.ts'
import { type OtlpSink, otlpSink } from '../support/otlp-sink.ts'
import { eventually, type RunningSidecar, startSidecar } from '../support/sidecar.ts'

let sink: OtlpSink
let sidecar: RunningSidecar
beforeAll(async () => {
  sink = await otlpSink()
  sidecar = await startSidecar(`
exporters:
  otlp_http/backend: { endpoint: "${sink.url}", sending_queue: { batch: { flush_timeout: 10ms } } }
service: { pipelines: { traces: { processors: [gen_ai_usage, token_pricing], exporters: [otlp_http/backend] } } }
`)
}, 30_000)
afterAll(async () => {
  await sidecar.stop()
  sidecar.remove()
  await sink.close()
})

interface Span {
  readonly traceId: string
  readonly spanId: string
  readonly attributes?: readonly { readonly key: string }[]
}
interface Request {
  readonly resourceSpans?: readonly { readonly scopeSpans: readonly { readonly spans: readonly Span[] }[] }[]
}

const isOurs = ({ key }: { readonly key: string }): boolean =>
  key.startsWith('tokenfuse.') || key === 'gen_ai.usage.cost'

/** Every span of a request by its ids, in words, without what the sidecar adds. */
function spansOf(request: Buffer): (readonly [id: string, inWords: string])[] {
  const { resourceSpans = [] } = decodeRequest('traces', request) as Request
  return resourceSpans
    .flatMap(({ scopeSpans }) => scopeSpans.flatMap(({ spans }) => spans))
    .map((span) => [
      `${span.traceId}/${span.spanId}`,
      JSON.stringify({ ...span, attributes: span.attributes?.filter((one) => !isOurs(one)) }),
    ])
}

/** Spans, what is in them, and whether the body is compressed: small and large, changed and not, in pieces and whole. */
const BODIES: readonly (readonly [number, Mix, boolean])[] = [
  [1500, 'plain', false],
  [1, 'mixed', true],
  [1600, 'plain', true],
  [512, 'mixed', false],
  [3, 'plain', false],
  [1700, 'mixed', false],
  [100, 'plain', true],
  [900, 'plain', false],
  [2, 'mixed', true],
  [60, 'content', false],
]
const ROUNDS = 3

test('bodies that share memory on their way in, at the same time, arrive span by span as they were sent', async () => {
  const want = new Map<string, string>()
  for (let round = 0, seed = 1; round < ROUNDS; round++) {
    const sent = BODIES.map(async ([count, mix, gzip]) => {
      const body = tracePayload(count, mix, seed++ * 7919)
      for (const [id, inWords] of spansOf(body)) want.set(id, inWords)
      const headers = { 'content-type': 'application/x-protobuf', ...(gzip ? { 'content-encoding': 'gzip' } : {}) }
      const options = { method: 'POST', headers, body: new Uint8Array(gzip ? gzipSync(body) : body) }
      return (await fetch(`${sidecar.http}/v1/traces`, options)).status
    })
    expect(new Set(await Promise.all(sent))).toEqual(new Set([200]))
  }
  const got = new Map<string, string>()
  let read = 0
  await eventually(
    () => {
      for (; read < sink.requests.length; read++) {
        for (const [id, inWords] of spansOf(sink.requests[read]?.body ?? Buffer.alloc(0))) got.set(id, inWords)
      }
      return got.size >= want.size
    },
    'all spans at the backend',
    60_000,
  )
  expect([...want].filter(([id, inWords]) => got.get(id) !== inWords)).toEqual([])
  expect(got.size).toBe(want.size)
}, 120_000)
