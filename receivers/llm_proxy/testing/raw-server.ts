import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

export interface RawServer {
  readonly url: string
  /** Bodies as they arrived, and their headers. */
  readonly bodies: Buffer[]
  readonly heads: IncomingMessage['headers'][]
  stop(): Promise<void>
}

type Answer = (res: ServerResponse, req: IncomingMessage) => void

/** An upstream that answers with whatever bytes the test wants, when the body is there or (`early`) before. */
export async function rawServer(answer: Answer, early?: Answer): Promise<RawServer> {
  const bodies: Buffer[] = []
  const heads: IncomingMessage['headers'][] = []
  const server: Server = createServer((req, res) => {
    early?.(res, req)
    const parts: Buffer[] = []
    req.on('data', (part: Buffer) => parts.push(part))
    req.on('end', () => {
      bodies.push(Buffer.concat(parts))
      heads.push(req.headers)
      answer(res, req)
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    bodies,
    heads,
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}

/** Waits for something that sockets bring about; gives up after two seconds. */
export async function until(what: () => boolean): Promise<void> {
  for (let i = 0; i < 2000; i++) {
    if (what()) return
    await new Promise((resolve) => setTimeout(resolve, 1))
  }
  throw new Error(`never happened: ${what.toString()}`)
}
