import { any, type Complaint, integer } from '../config/spec.ts'

/*
 * Keys of the collector's clients that nothing here stands behind. Where ignoring one would send data without a key or
 * along another way than was meant, naming it is an error; where it only tunes, it is accepted with a warning.
 */

export const auth = any({
  doc: 'Not supported: naming an authenticator here is an error. Put the key into `headers`, or use `tls`.',
})
export const middlewares = any({ doc: 'Not supported: naming middlewares here is an error.' })
export const dialerMiddleware = any({ doc: 'Not supported: naming one here is an error.' })

const NO_BUFFERS = 'The transport sizes its buffers itself.'
export const bufferSize = integer({ doc: 'Accepted for compatibility.', optional: true, deprecated: NO_BUFFERS })

interface Unsupported {
  readonly auth: unknown
  readonly middlewares: unknown
  readonly dialer_middleware: unknown
}

export function unsupported(value: Unsupported): readonly Complaint[] {
  const complaint = (key: keyof Unsupported, message: string): readonly Complaint[] =>
    isGiven(value[key]) ? [{ path: [key], message }] : []
  return [
    ...complaint('auth', 'authenticators are not supported; remove it, and use headers or tls'),
    ...complaint('middlewares', 'middlewares are not supported; remove it'),
    ...complaint('dialer_middleware', 'middlewares are not supported; remove it'),
  ]
}

const isGiven = (value: unknown): boolean =>
  value !== undefined && value !== null && !(Array.isArray(value) && value.length === 0)
