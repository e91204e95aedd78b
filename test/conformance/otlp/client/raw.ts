import { connect } from 'node:net'
import { type Place, socketOf } from './place.ts'

export interface RawOptions {
  /** Close our half behind the bytes. */
  readonly halfClose?: boolean
  /** Enough has been received. */
  readonly until?: (text: string) => boolean
  readonly timeoutMs?: number
}

/** Sends bytes as they are and returns everything that comes back until the server closes, or `until` is content. */
export function exchange(place: Place, bytes: Buffer | string, options: RawOptions = {}): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect({ ...socketOf(place), allowHalfOpen: true })
    let text = ''
    const timer = setTimeout(
      () => finish(new Error(`no end within ${options.timeoutMs ?? 10_000} ms; received ${text}`)),
      options.timeoutMs ?? 10_000,
    )
    const finish = (error?: Error): void => {
      clearTimeout(timer)
      socket.destroy()
      if (error === undefined) resolve(text)
      else reject(error)
    }
    socket.on('data', (chunk) => {
      text += chunk.toString('latin1')
      if (options.until?.(text) === true) finish()
    })
    socket.on('end', () => finish())
    socket.on('error', (error: Error & { code?: string }) =>
      finish(error.code === 'ECONNRESET' && text !== '' ? undefined : error),
    )
    if (options.halfClose === true) socket.end(bytes)
    else socket.write(bytes)
  })
}

/** How many complete responses a text of HTTP/1.1 holds; all of ours have a Content-Length. */
export function countResponses(text: string): number {
  let count = 0
  let at = 0
  for (;;) {
    const head = text.indexOf('\r\n\r\n', at)
    if (head < 0) return count
    const length = Number(/\r\ncontent-length: (\d+)/i.exec(text.slice(at, head))?.[1] ?? 0)
    at = head + 4 + length
    if (at > text.length) return count
    count++
  }
}
