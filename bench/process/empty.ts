/** Answers OTLP requests without looking at them, over HTTP and over gRPC. Prints its two ports. */
import { createServer } from 'node:http'
import { createServer as createHttp2Server } from 'node:http2'
import type { AddressInfo, Server } from 'node:net'

const http = createServer((req, res) => {
  req.resume()
  req.on('end', () => res.writeHead(200, { 'content-type': 'application/x-protobuf', 'content-length': 0 }).end())
})
const grpc = createHttp2Server()
grpc.on('stream', (stream) => {
  stream.resume()
  stream.on('error', () => stream.close())
  stream.on('end', () => {
    stream.respond({ ':status': 200, 'content-type': 'application/grpc' }, { waitForTrailers: true })
    stream.on('wantTrailers', () => stream.sendTrailers({ 'grpc-status': '0' }))
    stream.end(Buffer.alloc(5))
  })
})
const listening = (server: Server): Promise<number> =>
  new Promise((resolve) => server.listen(0, '127.0.0.1', () => resolve((server.address() as AddressInfo).port)))
process.stdout.write(`${await listening(http)} ${await listening(grpc as unknown as Server)}\n`)
