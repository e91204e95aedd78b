import { connect, type Socket } from 'node:net'

/** Sends one request body over one of a few connections. */
export interface Load {
  send(body: Buffer): Promise<void>
  close(): void
}

const END = Buffer.from('\r\n\r\n')
const OK = Buffer.from('HTTP/1.1 200')

/** One request at a time; the answer is read just far enough to know where it ends. */
class Connection {
  private readonly port: number
  private socket: Socket
  private heard: Buffer = Buffer.alloc(0)
  private done: ((error?: Error) => void) | undefined

  constructor(port: number) {
    this.port = port
    this.socket = this.connected()
  }

  private connected(): Socket {
    const socket = connect({ port: this.port, host: '127.0.0.1', noDelay: true })
    const ended = (error: Error): void => {
      if (socket === this.socket) this.end(error)
    }
    socket.on('data', (chunk) => this.hear(chunk))
    socket.on('error', ended)
    socket.on('close', () => ended(new Error('the connection was closed')))
    return socket
  }

  send(head: string, body: Buffer, done: (error?: Error) => void): void {
    // A server closes what was idle for some seconds, and nothing is heard of a socket that is closed already.
    if (this.socket.destroyed || this.socket.readableEnded) this.socket = this.connected()
    this.done = done
    this.socket.cork()
    this.socket.write(head, 'latin1')
    this.socket.write(body)
    this.socket.uncork()
  }

  close(): void {
    this.done = undefined
    this.socket.destroy()
  }

  private hear(chunk: Buffer): void {
    this.heard = this.heard.length === 0 ? chunk : Buffer.concat([this.heard, chunk])
    const end = this.heard.indexOf(END)
    if (end < 0) return
    const length = Number(/content-length: *(\d+)/i.exec(this.heard.toString('latin1', 0, end))?.[1] ?? 0)
    if (this.heard.length < end + END.length + length) return
    const ok = this.heard.subarray(0, OK.length).equals(OK)
    const status = this.heard.toString('latin1', 0, 40)
    this.heard = Buffer.alloc(0)
    this.end(ok ? undefined : new Error(status))
  }

  private end(error?: Error): void {
    const done = this.done
    this.done = undefined
    done?.(error)
  }
}

/** OTLP/HTTP by hand: node's own client costs as much as the sidecar, and would be what is measured. */
export function httpLoad(port: number, connections: number, encoding?: string): Load {
  const idle = Array.from({ length: connections }, () => new Connection(port))
  const all = [...idle]
  const waiting: ((connection: Connection) => void)[] = []
  const more = encoding === undefined ? '' : `content-encoding: ${encoding}\r\n`
  const give = (connection: Connection): void => {
    const next = waiting.shift()
    if (next === undefined) idle.push(connection)
    else next(connection)
  }
  return {
    send: (body) =>
      new Promise((resolve, reject) => {
        const head = `POST /v1/traces HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/x-protobuf\r\n${more}content-length: ${body.length}\r\n\r\n`
        const start = (connection: Connection): void =>
          connection.send(head, body, (error) => {
            give(connection)
            if (error === undefined) resolve()
            else reject(error)
          })
        const connection = idle.pop()
        if (connection === undefined) waiting.push(start)
        else start(connection)
      }),
    close: () => {
      for (const connection of all) connection.close()
    },
  }
}
