// The official gRPC library of JavaScript as an OTLP client. Reads cases as JSON, prints counts of codes by case.
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import * as grpc from '@grpc/grpc-js'

const root = createRequire(import.meta.url)('otlp-transformer-0-57/build/src/generated/root.js')
const { ExportTraceServiceRequest } = root.opentelemetry.proto.collector.trace.v1
const EXPORT = '/opentelemetry.proto.collector.trace.v1.TraceService/Export'
const COMPRESSION = { gzip: grpc.compressionAlgorithms.gzip, deflate: grpc.compressionAlgorithms.deflate }

function request(size) {
  const span = { traceId: Buffer.alloc(16, 1), spanId: Buffer.alloc(8, 2), name: 'x'.repeat(Math.max(1, size)) }
  return Buffer.from(
    ExportTraceServiceRequest.encode({ resourceSpans: [{ scopeSpans: [{ spans: [span] }] }] }).finish(),
  )
}

function clientFor({ target, tls, compression, keepalive_ms: keepalive }) {
  const read = (path) => (path === undefined ? null : readFileSync(path))
  const credentials =
    tls === undefined
      ? grpc.credentials.createInsecure()
      : grpc.credentials.createSsl(read(tls.ca), read(tls.key), read(tls.cert))
  return new grpc.Client(target, credentials, {
    'grpc.max_send_message_length': -1,
    ...(compression === undefined ? {} : { 'grpc.default_compression_algorithm': COMPRESSION[compression] }),
    ...(keepalive === undefined
      ? {}
      : { 'grpc.keepalive_time_ms': keepalive, 'grpc.keepalive_permit_without_calls': 1 }),
  })
}

function once(client, { method = EXPORT, size = 0, timeout_ms: timeout = 10_000 }) {
  const same = (bytes) => bytes
  return new Promise((resolve) => {
    client.makeUnaryRequest(method, same, same, request(size), { deadline: Date.now() + timeout }, (error) =>
      resolve(error === null ? 'OK' : (grpc.status[error.code] ?? String(error.code))),
    )
  })
}

async function run(spec) {
  const client = clientFor(spec)
  const counts = {}
  for (let i = 0; i < (spec.calls ?? 1); i++) {
    const code = await once(client, spec)
    counts[code] = (counts[code] ?? 0) + 1
    await new Promise((resolve) => setTimeout(resolve, spec.gap_ms ?? 0))
  }
  client.close()
  return counts
}

const results = {}
for (const spec of JSON.parse(readFileSync(0, 'utf8'))) results[spec.name] = await run(spec)
process.stdout.write(`${JSON.stringify(results)}\n`)
