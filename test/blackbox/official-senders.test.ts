import { SpanKind, type Tracer } from '@opentelemetry/api'
import { OTLPTraceExporter as GrpcExporter } from '@opentelemetry/exporter-trace-otlp-grpc'
import { OTLPTraceExporter as JsonExporter } from '@opentelemetry/exporter-trace-otlp-http'
import { OTLPTraceExporter as ProtoExporter } from '@opentelemetry/exporter-trace-otlp-proto'
import {
  BasicTracerProvider,
  InMemorySpanExporter,
  type ReadableSpan,
  SimpleSpanProcessor,
  type SpanExporter,
} from '@opentelemetry/sdk-trace-base'
import { decodeRequest } from '../support/oracle.ts'
import { type OtlpSink, otlpSink } from '../support/otlp-sink.ts'
import { eventually, type RunningSidecar, startSidecar } from '../support/sidecar.ts'

/** The official OpenTelemetry exporters send; a backend behind the sidecar must get what they sent, and our attributes. */
let sink: OtlpSink
let direct: OtlpSink
let sidecar: RunningSidecar
beforeAll(async () => {
  sink = await otlpSink()
  direct = await otlpSink()
  sidecar = await startSidecar(`
exporters:
  otlp_http/backend: { endpoint: "${sink.url}", sending_queue: { batch: { flush_timeout: 10ms } } }
service: { pipelines: { traces: { exporters: [otlp_http/backend, file/calls, kill_switch] } } }
`)
}, 30_000)
afterAll(async () => {
  await sidecar.stop()
  sidecar.remove()
  await sink.close()
  await direct.close()
})

/** Spans of the kinds that an agent makes, ended, as the SDK would export them. */
function spans(work: (tracer: Tracer) => void): ReadableSpan[] {
  const memory = new InMemorySpanExporter()
  const provider = new BasicTracerProvider({ spanProcessors: [new SimpleSpanProcessor(memory)] })
  work(provider.getTracer('agent', '1.2.3'))
  return memory.getFinishedSpans()
}

const exported = (exporter: SpanExporter, batch: ReadableSpan[]): Promise<void> =>
  new Promise((resolve, reject) =>
    exporter.export(batch, ({ error }) => (error === undefined ? resolve() : reject(error))),
  )

type Json = { [key: string]: Json } | Json[] | string | number | boolean | null | undefined

/** Without the attributes that are ours. */
function withoutOurs(value: Json): Json {
  if (Array.isArray(value)) {
    return value
      .filter(
        (v) =>
          !(
            typeof v === 'object' &&
            v !== null &&
            !Array.isArray(v) &&
            typeof v['key'] === 'string' &&
            (v['key'].startsWith('tokenfuse.') || v['key'] === 'gen_ai.usage.cost')
          ),
      )
      .map(withoutOurs)
  }
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, withoutOurs(inner)]))
}

function work(tracer: Tracer): void {
  const chat = tracer.startSpan('chat gpt-4o', {
    kind: SpanKind.CLIENT,
    attributes: {
      'gen_ai.operation.name': 'chat',
      'gen_ai.provider.name': 'openai',
      'gen_ai.request.model': 'gpt-4o',
      'gen_ai.response.model': 'gpt-4o-2024-08-06',
      'gen_ai.usage.input_tokens': 100,
      'gen_ai.usage.output_tokens': 7,
      'gen_ai.request.temperature': 0.5,
      'gen_ai.response.finish_reasons': ['stop'],
      stream: true,
    },
  })
  chat.addEvent('first token', { n: 1 })
  chat.addLink({ context: chat.spanContext(), attributes: { why: 'test' } })
  chat.setStatus({ code: 1 })
  chat.end()
  tracer.startSpan('GET /', { attributes: { umlaut: 'größer', empty: '' } }).end()
}

const url = (base: string) => `${base}/v1/traces`
const cases: readonly [string, (target: string) => SpanExporter][] = [
  ['gRPC', () => new GrpcExporter({ url: sidecar.grpc })],
  ['HTTP with protobuf', (target) => new ProtoExporter({ url: url(target) })],
  ['HTTP with JSON', (target) => new JsonExporter({ url: url(target) })],
]

test.each(cases)('%s: what comes out is what went in, and our attributes', async (_name, make) => {
  const batch = spans(work)
  sink.requests.length = 0
  direct.requests.length = 0
  await exported(make(sidecar.http), batch)
  await exported(new ProtoExporter({ url: url(direct.url) }), batch)
  const through = await eventually(() => sink.requests[0], 'the forwarded request')
  const before = decodeRequest('traces', (direct.requests[0] as { body: Buffer }).body, { defaults: true })
  const after = decodeRequest('traces', through.body, { defaults: true })
  expect(withoutOurs(after as Json)).toEqual(before as Json)
  expect(JSON.stringify(after)).toContain('"tokenfuse.cost.usd"')
  expect(through.headers['content-encoding']).toBe('gzip')
})

test('a batch without model calls leaves byte for byte', async () => {
  const batch = spans((tracer) => tracer.startSpan('GET /', { attributes: { route: '/' } }).end())
  sink.requests.length = 0
  direct.requests.length = 0
  await exported(new ProtoExporter({ url: url(sidecar.http) }), batch)
  await exported(new ProtoExporter({ url: url(direct.url) }), batch)
  const through = await eventually(() => sink.requests[0], 'the forwarded request')
  expect(through.body.equals((direct.requests[0] as { body: Buffer }).body)).toBe(true)
})

test('a backend that is down loses nothing and delays nobody else', async () => {
  sink.requests.length = 0
  sink.status = 503
  const calls = sidecar.lines('calls.jsonl').length
  await exported(new ProtoExporter({ url: url(sidecar.http) }), spans(work))
  await eventually(() => sidecar.lines('calls.jsonl').length > calls, 'the other exporter')
  expect(sink.requests).toEqual([])
  sink.status = 200
  await eventually(() => sink.requests.length > 0, 'the delivery after the outage', 15_000)
}, 30_000)
