/** An address as gRPC wants it, and whether the connection to it is plain text. */
export interface Target {
  readonly address: string
  readonly plain: boolean
}

/** Undefined when it is none. A URL's scheme wins over `insecure`, as in the collector. */
export function targetOf(endpoint: string, insecure: boolean): Target | undefined {
  const url = /^(https?):\/\/([^/]+)\/?$/.exec(endpoint)
  if (url !== null) {
    const [, scheme, host = ''] = url
    const port = scheme === 'http' ? 80 : 443
    return { address: /:\d+$/.test(host) ? host : `${host}:${port}`, plain: scheme === 'http' }
  }
  if (/^unix(-abstract)?:.+/.test(endpoint)) return { address: endpoint, plain: true }
  const plainAddress = /^(dns:\/\/[^/]*\/|ipv4:|ipv6:)?[^/\s]+:\d+$/.test(endpoint)
  return plainAddress ? { address: endpoint, plain: insecure } : undefined
}
