import * as http2 from 'node:http2'
import { connect as connectSocket } from 'node:net'
import { connect as connectTls } from 'node:tls'
import { type Place, socketOf } from './place.ts'

export const EXPORT: Readonly<Record<'traces' | 'logs' | 'metrics', string>> = {
  traces: '/opentelemetry.proto.collector.trace.v1.TraceService/Export',
  logs: '/opentelemetry.proto.collector.logs.v1.LogsService/Export',
  metrics: '/opentelemetry.proto.collector.metrics.v1.MetricsService/Export',
}

export interface GrpcAnswer {
  readonly httpStatus: number
  /** -1 when there was none. */
  readonly code: number
  readonly message: string
  /** Response headers and trailers. */
  readonly headers: Readonly<Record<string, string>>
  /** The message of the response, without its frame. */
  readonly body: Buffer | undefined
  /** The code of an RST_STREAM, 0 when the stream ended in order. */
  readonly reset: number
}

/** A connection in clear text with prior knowledge, or TLS with ALPN. */
export function openSession(place: Place): Promise<http2.ClientHttp2Session> {
  const socket = socketOf(place)
  const scheme = place.tls === undefined ? 'http' : 'https'
  const session = http2.connect(`${scheme}://localhost`, {
    maxSessionMemory: 1000,
    createConnection: () =>
      place.tls === undefined
        ? connectSocket(socket)
        : connectTls({ ...socket, ...place.tls, ALPNProtocols: ['h2'], servername: 'localhost' }),
  })
  return new Promise((resolve, reject) => {
    session.once('error', reject)
    session.once('connect', () => {
      session.off('error', reject)
      session.on('error', () => {})
      resolve(session)
    })
  })
}

/** One message with its five bytes in front. */
export function frame(message: Buffer, flag = 0): Buffer {
  const head = Buffer.alloc(5)
  head[0] = flag
  head.writeUInt32BE(message.length, 1)
  return Buffer.concat([head, message])
}

export interface GrpcRequest {
  readonly path?: string
  readonly headers?: http2.OutgoingHttpHeaders
  /** Frames as they go out. */
  readonly data?: Buffer
  /** Leave the stream open behind the data. */
  readonly open?: boolean
  readonly timeoutMs?: number
}

export function call(session: http2.ClientHttp2Session, request: GrpcRequest): Promise<GrpcAnswer> {
  return new Promise((resolve, reject) => {
    const stream = session.request({
      ':method': 'POST',
      ':path': request.path ?? EXPORT.traces,
      'content-type': 'application/grpc',
      te: 'trailers',
      ...request.headers,
    })
    const headers: Record<string, string> = {}
    const chunks: Buffer[] = []
    let failed: Error | undefined
    const keep = (more: http2.IncomingHttpHeaders): void => {
      for (const [name, value] of Object.entries(more)) headers[name] = String(value)
    }
    const timer = setTimeout(() => stream.destroy(new Error('no answer in time')), request.timeoutMs ?? 20_000)
    stream.on('response', keep)
    stream.on('trailers', keep)
    stream.on('data', (chunk: Buffer) => chunks.push(chunk))
    stream.on('error', (error) => {
      failed = error
    })
    stream.on('close', () => {
      clearTimeout(timer)
      if (headers[':status'] === undefined)
        return reject(failed ?? new Error(`the stream was reset with code ${stream.rstCode}`))
      resolve({ ...parts(headers, Buffer.concat(chunks)), reset: stream.rstCode ?? 0 })
    })
    // Once it is answered nothing more is to be sent, and what is unsent is of no interest.
    stream.on('end', () => stream.close())
    if (request.open === true) stream.write(request.data ?? Buffer.alloc(0))
    else if (request.data === undefined) stream.end()
    else stream.end(request.data)
  })
}

function parts(headers: Record<string, string>, data: Buffer): Omit<GrpcAnswer, 'reset'> {
  return {
    httpStatus: Number(headers[':status']),
    code: headers['grpc-status'] === undefined ? -1 : Number(headers['grpc-status']),
    message: decodeURIComponent(headers['grpc-message'] ?? ''),
    headers,
    body: data.length >= 5 ? data.subarray(5, 5 + data.readUInt32BE(1)) : undefined,
  }
}
