import { createHash, timingSafeEqual } from 'node:crypto'
import type { IncomingMessage } from 'node:http'
import { isIP } from 'node:net'
import { BadRequest } from './bad-request.ts'

const HOST = /^(?:\[([^\]]+)\]|([^:]+))(?::\d{1,5})?$/

/**
 * Keeps web pages out. A page in a browser on this machine can reach loopback, also under a name of its own that it
 * points at 127.0.0.1; it cannot forge `Host` or `Origin`, and it has no business here.
 */
export function refuseBrowsers(request: IncomingMessage, allowedHosts: readonly string[], isUnixSocket: boolean): void {
  const { origin, host } = request.headers
  const site = request.headers['sec-fetch-site']
  if (origin !== undefined || (site !== undefined && site !== 'none' && site !== 'same-origin')) {
    throw new BadRequest(
      403,
      'browser_refused',
      'requests from web pages are refused',
      'call the API from a program or with curl',
    )
  }
  if (isUnixSocket) return
  const match = HOST.exec(host ?? '')
  const name = (match?.[1] ?? match?.[2] ?? '').toLowerCase()
  if (name === 'localhost' || isIP(name) !== 0 || allowedHosts.includes(name)) return
  throw new BadRequest(
    403,
    'host_refused',
    'the Host header names neither localhost nor an address',
    'add the name to allowed_hosts of kill_switch',
  )
}

const digest = (text: string): Buffer => createHash('sha256').update(text).digest()

/** Throws unless the request carries the token; takes the same time whatever it carries. */
export function requireToken(request: IncomingMessage, token: string, where: string): void {
  const given = /^Bearer +(\S+)$/i.exec(request.headers.authorization ?? '')?.[1] ?? ''
  if (timingSafeEqual(digest(given), digest(token))) return
  const missing = given === ''
  throw new BadRequest(
    401,
    missing ? 'token_missing' : 'token_wrong',
    missing ? 'this changes something and needs the bearer token' : 'the bearer token is not the right one',
    `send "Authorization: Bearer <token>"; the token is ${where}`,
    { 'www-authenticate': 'Bearer realm="tokenfuse"' },
  )
}
