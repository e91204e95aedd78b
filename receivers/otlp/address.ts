export type Transport = 'tcp' | 'tcp4' | 'tcp6' | 'unix'

/** What an endpoint means to `net.Server.listen`. */
export type Address =
  | { readonly kind: 'tcp'; readonly host: string | undefined; readonly port: number; readonly ipv6Only: boolean }
  | { readonly kind: 'unix'; readonly path: string }
  | { readonly kind: 'invalid'; readonly message: string }

/** `host:port`, `[ip6]:port`, `:port`; a path with `transport: unix` or behind `unix:`. */
export function addressOf(endpoint: string, transport: Transport): Address {
  const path = /^unix:(?:\/\/)?(.*)$/.exec(endpoint)?.[1]
  if (transport === 'unix' || path !== undefined) return unixAddress(path ?? endpoint)
  if (endpoint.includes('://')) return invalid(endpoint, 'without a scheme')
  const [, name = '', digits] = /^(.*):(\d{1,5})$/.exec(endpoint) ?? []
  const port = Number(digits)
  if (digits === undefined || port > 65_535) return invalid(endpoint, 'with a port up to 65535')
  const bracketed = /^\[(.*)\]$/.exec(name)?.[1]
  if (bracketed === undefined && name.includes(':')) return invalid(endpoint, 'with IPv6 addresses in brackets')
  return { kind: 'tcp', host: hostOf(bracketed ?? name, transport), port, ipv6Only: transport === 'tcp6' }
}

function unixAddress(path: string): Address {
  // The kernel keeps 108 bytes, one of them for the terminating zero; longer paths would be cut silently.
  if (path === '' || Buffer.byteLength(path) > 107) {
    return {
      kind: 'invalid',
      message: 'expected the path of a unix socket of at most 107 bytes, for example /run/tokenfuse.sock',
    }
  }
  return { kind: 'unix', path }
}

const invalid = (endpoint: string, how: string): Address => ({
  kind: 'invalid',
  message: `expected host:port ${how}, for example 127.0.0.1:4318, got ${JSON.stringify(endpoint)}`,
})

/** `localhost` is the IPv4 loopback, as for Go's listeners; the system's resolver may say ::1, where few clients look. */
function hostOf(name: string, transport: Transport): string | undefined {
  if (name === 'localhost') return transport === 'tcp6' ? '::1' : '127.0.0.1'
  if (name !== '') return name
  return transport === 'tcp4' ? '0.0.0.0' : transport === 'tcp6' ? '::' : undefined
}
