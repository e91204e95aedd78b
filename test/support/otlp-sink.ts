import { createServer, type IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'
import { gunzipSync } from 'node:zlib'

export interface SinkRequest {
  readonly path: string
  readonly headers: IncomingMessage['headers']
  /** Decompressed. */
  readonly body: Buffer
}

export interface OtlpSink {
  readonly url: string
  readonly requests: SinkRequest[]
  /** Status of the next answers; 200 unless told otherwise. */
  status: number
  close(): Promise<void>
}

/** A backend that keeps whatever it is sent. */
export async function otlpSink(): Promise<OtlpSink> {
  const requests: SinkRequest[] = []
  const sink = { status: 200 }
  const server = createServer((req, res) => {
    const chunks: Buffer[] = []
    req.on('data', (chunk: Buffer) => chunks.push(chunk))
    req.on('end', () => {
      const raw = Buffer.concat(chunks)
      if (sink.status === 200) {
        const body = req.headers['content-encoding'] === 'gzip' ? gunzipSync(raw) : raw
        requests.push({ path: req.url ?? '', headers: req.headers, body })
      }
      res.writeHead(sink.status, { 'content-type': req.headers['content-type'] ?? 'application/x-protobuf' })
      res.end(req.headers['content-type'] === 'application/json' ? '{}' : undefined)
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  return Object.assign(sink, {
    url: `http://127.0.0.1:${port}`,
    requests,
    close: () =>
      new Promise<void>((resolve) => {
        server.closeAllConnections()
        server.close(() => resolve())
      }),
  })
}
