import type { IncomingMessage } from 'node:http'
import { BadRequest, invalid } from './bad-request.ts'

const BODY_MAX = 64 * 1024

const tooLarge = (): BadRequest =>
  new BadRequest(413, 'body_too_large', `the body is over ${BODY_MAX} bytes`, 'send less', { connection: 'close' })

/** The JSON body. Anything but JSON is refused: a web form cannot send that type without the browser asking first. */
export async function readJson(request: IncomingMessage): Promise<unknown> {
  const type = (request.headers['content-type'] ?? '').split(';')[0]?.trim().toLowerCase()
  const coding = request.headers['content-encoding'] ?? 'identity'
  if (type !== 'application/json' || coding !== 'identity') {
    throw new BadRequest(
      415,
      'not_json',
      'the body must be plain application/json',
      'send "Content-Type: application/json"',
    )
  }
  if (Number(request.headers['content-length'] ?? 0) > BODY_MAX) throw tooLarge()
  const chunks: Buffer[] = []
  let size = 0
  for await (const chunk of request) {
    const bytes = chunk as Buffer
    size += bytes.length
    if (size > BODY_MAX) throw tooLarge()
    chunks.push(bytes)
  }
  try {
    return JSON.parse(Buffer.concat(chunks).toString('utf8')) as unknown
  } catch (error) {
    throw invalid(`the body is not JSON: ${error instanceof Error ? error.message : ''}`, 'send one JSON object')
  }
}
