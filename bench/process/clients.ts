import { Agent, request } from 'node:http'
import { connect } from 'node:http2'

/** Sends one body and resolves when the answer is complete. */
export interface Client {
  send(body: Buffer, encoding?: string): Promise<void>
  close(): void
}

export function httpClient(port: number, connections: number): Client {
  const agent = new Agent({ keepAlive: true, maxSockets: connections })
  return {
    send: (body, encoding) =>
      new Promise((resolve, reject) => {
        const headers = {
          'content-type': 'application/x-protobuf',
          'content-length': body.length,
          ...(encoding === undefined ? {} : { 'content-encoding': encoding }),
        }
        const req = request({ agent, host: '127.0.0.1', port, method: 'POST', path: '/v1/traces', headers }, (res) => {
          res.resume()
          res.on('end', () => (res.statusCode === 200 ? resolve() : reject(new Error(`HTTP ${res.statusCode}`))))
        })
        req.on('error', reject)
        req.end(body)
      }),
    close: () => agent.destroy(),
  }
}

export function grpcClient(port: number): Client {
  const session = connect(`http://127.0.0.1:${port}`)
  return {
    send: (body) =>
      new Promise((resolve, reject) => {
        const stream = session.request({
          ':method': 'POST',
          ':path': '/opentelemetry.proto.collector.trace.v1.TraceService/Export',
          'content-type': 'application/grpc',
          te: 'trailers',
        })
        let status: unknown
        stream.on('trailers', (trailers) => {
          status = trailers['grpc-status']
        })
        stream.on('error', reject)
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
