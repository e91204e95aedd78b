/** Where a server listens: `host:port`, or the path of a unix socket. */
export interface Place {
  readonly address: string
  readonly tls?: TlsMaterial | undefined
}

/** What a client needs to speak TLS: PEM texts. */
export interface TlsMaterial {
  readonly ca?: string
  readonly cert?: string
  readonly key?: string
}

export type Socket = { readonly path: string } | { readonly host: string; readonly port: number }

export function socketOf(place: Place): Socket {
  const path =
    /^unix:(?:\/\/)?(.*)$/.exec(place.address)?.[1] ?? (place.address.startsWith('/') ? place.address : undefined)
  if (path !== undefined) return { path }
  const [, host = '', port] = /^(.*):(\d+)$/.exec(place.address) ?? []
  return { host: host.replace(/^\[(.*)\]$/, '$1').replace('localhost', '127.0.0.1'), port: Number(port) }
}
