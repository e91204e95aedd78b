import { lstat, unlink } from 'node:fs/promises'
import { connect, type Server } from 'node:net'
import type { Address } from './address.ts'
import { codeOf } from './errors.ts'

/** One protocol's server. */
export interface Listener {
  readonly protocol: 'grpc' | 'http'
  /** Where it listens, once it has started. */
  readonly address: string
  start(): Promise<void>
  /** Answers what is under way, takes nothing new, and is over after `drainMs` at the latest. */
  shutdown(drainMs: number): Promise<void>
}

/**
 * Opens the listener and returns where it listens; rejects with a sentence that names the endpoint and what to do.
 * `place` is the config path of the protocol, e.g. `receivers.otlp.protocols.grpc`.
 */
export async function listen(server: Server, address: Address, place: string): Promise<string> {
  if (address.kind === 'invalid') throw new Error(`${place}.endpoint: ${address.message}`)
  try {
    await opened(server, address)
  } catch (error) {
    if (!(await removedStaleSocket(error, address))) throw explained(error, address, place)
    await opened(server, address).catch((again: unknown) => {
      throw explained(again, address, place)
    })
  }
  return describeBound(server)
}

type Usable = Exclude<Address, { kind: 'invalid' }>

function opened(server: Server, address: Usable): Promise<void> {
  return new Promise((resolve, reject) => {
    const fail = (error: Error): void => reject(error)
    server.once('error', fail)
    const done = (): void => {
      server.off('error', fail)
      resolve()
    }
    if (address.kind === 'unix') server.listen({ path: address.path }, done)
    else {
      const host = address.host === undefined ? {} : { host: address.host }
      server.listen({ port: address.port, ipv6Only: address.ipv6Only, ...host }, done)
    }
  })
}

/** A socket file that a killed process left behind is in the way although nobody listens. */
async function removedStaleSocket(error: unknown, address: Usable): Promise<boolean> {
  if (address.kind !== 'unix' || codeOf(error) !== 'EADDRINUSE') return false
  try {
    // Connections to a plain file are refused too, and that one is not ours to remove.
    if (!(await lstat(address.path)).isSocket() || (await answers(address.path))) return false
    await unlink(address.path)
    return true
  } catch {
    return false
  }
}

/** Whether somebody listens. Only a refused connection means nobody. */
function answers(path: string): Promise<boolean> {
  return new Promise((resolve) => {
    const probe = connect({ path })
    probe.once('connect', () => {
      probe.destroy()
      resolve(true)
    })
    probe.once('error', (error) => resolve(codeOf(error) !== 'ECONNREFUSED'))
  })
}

const REASONS: Readonly<Record<string, string>> = {
  EADDRINUSE: 'something else listens there; stop it, or choose another endpoint',
  EACCES: 'not permitted; choose a port above 1023, or a directory that this user may write to',
  EADDRNOTAVAIL: 'this machine has no such address; use one of its own, or 0.0.0.0 for all',
  ENOTFOUND: 'the host name cannot be resolved; use an IP address',
  EAI_AGAIN: 'the host name cannot be resolved; use an IP address',
  ENOENT: 'the directory of the socket does not exist; create it',
  EAFNOSUPPORT: 'this machine does not have that IP version; use an address of the other one',
}

function explained(error: unknown, address: Usable, place: string): Error {
  const code = codeOf(error)
  const where = address.kind === 'unix' ? address.path : `${address.host ?? '*'}:${address.port}`
  const why = (code === undefined ? undefined : REASONS[code]) ?? String(error)
  return new Error(`${place}.endpoint: cannot listen on ${where} (${code ?? 'unknown error'}): ${why}`, {
    cause: error,
  })
}

function describeBound(server: Server): string {
  const bound = server.address()
  if (bound === null || typeof bound === 'string') return bound ?? ''
  return bound.family === 'IPv6' ? `[${bound.address}]:${bound.port}` : `${bound.address}:${bound.port}`
}
