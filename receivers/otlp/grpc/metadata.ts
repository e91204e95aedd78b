const UNIT_MS: Readonly<Record<string, number>> = { H: 3_600_000, M: 60_000, S: 1000, m: 1, u: 1e-3, n: 1e-6 }

/** `grpc-timeout` in milliseconds; undefined = not given, NaN = not valid. */
export function timeoutMs(header: string | undefined): number | undefined {
  if (header === undefined) return undefined
  const [, digits, unit = ''] = /^(\d{1,8})([HMSmun])$/.exec(header) ?? []
  return digits === undefined ? Number.NaN : Number(digits) * (UNIT_MS[unit] ?? Number.NaN)
}

/** `application/grpc`, also with `+proto` and parameters; `application/grpc-web` is another protocol. */
export const isGrpc = (contentType: string | undefined): boolean =>
  contentType === 'application/grpc' || /^application\/grpc(?:\+proto)?(?:$|;)/.test(contentType ?? '')

/** `grpc-message` is percent-encoded UTF-8: https://github.com/grpc/grpc/blob/master/doc/PROTOCOL-HTTP2.md */
export function percentEncoded(message: string): string {
  let out = ''
  for (const byte of Buffer.from(message)) {
    const plain = byte >= 0x20 && byte <= 0x7e && byte !== 0x25
    out += plain ? String.fromCharCode(byte) : `%${byte.toString(16).toUpperCase().padStart(2, '0')}`
  }
  return out
}
