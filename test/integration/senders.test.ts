import { python, runProgram, telemetrygen, testWith } from '../support/programs.ts'
import { eventually, type RunningSidecar, startSidecar } from '../support/sidecar.ts'

/** Official OpenTelemetry clients of other languages send to the sidecar. */
let sidecar: RunningSidecar
beforeAll(async () => {
  sidecar = await startSidecar()
}, 30_000)
afterAll(async () => {
  await sidecar.stop()
  sidecar.remove()
})

const PYTHON = `
import sys
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor
kind, endpoint = sys.argv[1], sys.argv[2]
if kind == "grpc":
    from opentelemetry.exporter.otlp.proto.grpc.trace_exporter import OTLPSpanExporter
    from grpc import Compression
    exporter = OTLPSpanExporter(endpoint=endpoint, insecure=True, compression=Compression.Gzip)
else:
    from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
    from opentelemetry.exporter.otlp.proto.http import Compression
    exporter = OTLPSpanExporter(endpoint=endpoint + "/v1/traces", compression=Compression.Gzip)
provider = TracerProvider(resource=Resource.create({"service.name": "py-" + kind}))
provider.add_span_processor(BatchSpanProcessor(exporter))
tracer = provider.get_tracer("agent")
for i in range(100):
    with tracer.start_as_current_span("chat gpt-4o") as span:
        span.set_attributes({"gen_ai.operation.name": "chat", "gen_ai.provider.name": "openai", "gen_ai.request.model": "gpt-4o",
            "gen_ai.usage.input_tokens": 10, "gen_ai.usage.output_tokens": 1, "gen_ai.agent.name": "py-" + kind})
sys.exit(0 if provider.force_flush() else 1)
`

const callsOf = (agent: string) =>
  sidecar.lines('calls.jsonl').filter((line) => JSON.stringify(line).includes(`"${agent}"`))

testWith('python').each(['grpc', 'http'] as const)(
  'the official Python SDK over %s with gzip: every call arrives and is priced',
  async (kind) => {
    const sent = await runProgram(python, ['-', kind, kind === 'grpc' ? sidecar.grpc : sidecar.http], { stdin: PYTHON })
    expect(sent).toMatchObject({ code: 0 })
    const calls = await eventually(
      () => (callsOf(`py-${kind}`).length === 100 ? callsOf(`py-${kind}`) : undefined),
      '100 calls',
    )
    expect(new Set(calls.map((call) => (call['cost'] as { usd?: string }).usd))).toEqual(new Set(['0.000035']))
  },
  60_000,
)

testWith('go').each([
  ['traces', 'grpc'],
  ['traces', 'http'],
  ['logs', 'grpc'],
  ['metrics', 'grpc'],
])(
  'telemetrygen (the Go SDK): %s over %s are accepted and counted',
  async (signal, kind) => {
    const endpoint = (kind === 'grpc' ? sidecar.grpc : sidecar.http).replace('http://', '')
    const sent = await runProgram(telemetrygen, [
      signal,
      '--otlp-insecure',
      '--otlp-endpoint',
      endpoint,
      `--${signal}`,
      '50',
      '--rate',
      '0',
      '--service',
      `go-${signal}-${kind}`,
      ...(kind === 'http' ? ['--otlp-http'] : []),
    ])
    expect(sent).toMatchObject({ code: 0 })
    await eventually(
      () => sidecar.lines('telemetry.jsonl').some((line) => JSON.stringify(line).includes(`go-${signal}-${kind}`)),
      'the forwarded telemetry',
    )
  },
  60_000,
)
