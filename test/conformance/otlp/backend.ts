import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { gunzipSync, zstdDecompressSync } from 'node:zlib'
import type { Backend, BackendAnswer, Signal } from './context.ts'
import { Arrivals } from './forwarded.ts'

/** Stands behind a target as its OTLP/HTTP backend: remembers what arrives and answers as it is told. */
export class FakeBackend extends Arrivals implements Backend {
  private readonly server: Server = createServer((req, res) => this.receive(req, res))
  private readonly log: { readonly at: number; readonly bytes: Buffer }[] = []
  private answers: BackendAnswer[] = [{ status: 200 }]

  async start(): Promise<string> {
    this.server.listen(0, '127.0.0.1')
    await new Promise((resolve) => this.server.once('listening', resolve))
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`
  }

  stop(): void {
    this.server.closeAllConnections()
    this.server.close()
  }

  script(answers: readonly BackendAnswer[]): void {
    this.answers = [...answers]
  }

  arrivals(text: string): readonly number[] {
    return this.log.filter(({ bytes }) => bytes.includes(text)).map(({ at }) => at)
  }

  private receive(req: IncomingMessage, res: ServerResponse): void {
    const chunks: Buffer[] = []
    req.on('data', (chunk: Buffer) => chunks.push(chunk))
    req.on('end', () => {
      const bytes = unpacked(req.headers['content-encoding'], Buffer.concat(chunks))
      this.log.push({ at: performance.now(), bytes })
      this.answer(signalOf(req.url), bytes, res, req.headers['content-type'] === 'application/json')
    })
  }

  private answer(signal: Signal, bytes: Buffer, res: ServerResponse, json: boolean): void {
    const answer = (this.answers.length > 1 ? this.answers.shift() : this.answers[0]) ?? { status: 200 }
    if (answer === 'drop') {
      res.destroy()
      return
    }
    if (answer.status === 200) {
      if (json) this.addJson(signal, JSON.parse(bytes.toString()))
      else this.add(signal, bytes)
    }
    const body = answer.body ?? Buffer.from(json ? '{}' : '')
    res.writeHead(answer.status, {
      'content-type': json ? 'application/json' : 'application/x-protobuf',
      'content-length': body.length,
      ...answer.headers,
    })
    res.end(body)
  }
}

const signalOf = (url = ''): Signal => (url.includes('logs') ? 'logs' : url.includes('metrics') ? 'metrics' : 'traces')

function unpacked(encoding: string | undefined, body: Buffer): Buffer {
  if (encoding === 'gzip') return gunzipSync(body)
  return encoding === 'zstd' ? zstdDecompressSync(body) : body
}
