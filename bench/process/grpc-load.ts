import { connect } from 'node:http2'
import type { Load } from './http-load.ts'

const HEADERS = {
  ':method': 'POST',
  ':path': '/opentelemetry.proto.collector.trace.v1.TraceService/Export',
  'content-type': 'application/grpc',
  te: 'trailers',
}

/** OTLP/gRPC over one connection, as an SDK does. */
export function grpcLoad(port: number): Load {
  const session = connect(`http://127.0.0.1:${port}`)
  return {
    send: (body) =>
      new Promise((resolve, reject) => {
        const stream = session.request(HEADERS)
        let status: unknown
        stream.on('trailers', (trailers) => {
          status = trailers['grpc-status']
        })
        stream.on('error', reject)
        // A connection that is taken away ends its streams without a word; after an answer this changes nothing.
        stream.on('close', () => reject(new Error('the stream was closed without an answer')))
        stream.resume()
        stream.on('end', () =>
          String(status) === '0' ? resolve() : reject(new Error(`grpc-status ${String(status)}`)),
        )
        const frame = Buffer.allocUnsafe(5 + body.length)
        frame[0] = 0
        frame.writeUInt32BE(body.length, 1)
        body.copy(frame, 5)
        stream.end(frame)
      }),
    close: () => session.close(),
  }
}
