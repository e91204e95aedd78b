import {
  any,
  boolean,
  type Complaint,
  choice,
  duration,
  type Infer,
  list,
  object,
  string,
} from '../../pipeline/config/spec.ts'
import { addressOf } from './address.ts'

export const transport = choice(['tcp', 'tcp4', 'tcp6', 'unix'], {
  doc: 'Kind of socket: `tcp` (both IP versions), `tcp4`, `tcp6`, or `unix` with a path as `endpoint`.',
  default: 'tcp',
})

export const tls = object(
  {
    cert_file: string({
      doc: 'File with the server’s certificate chain in PEM.',
      optional: true,
      examples: ['/etc/tls/tls.crt'],
    }),
    key_file: string({ doc: 'File with the private key in PEM.', optional: true, examples: ['/etc/tls/tls.key'] }),
    cert_pem: string({ doc: 'The certificate chain itself, instead of `cert_file`.', optional: true, secret: true }),
    key_pem: string({ doc: 'The private key itself, instead of `key_file`.', optional: true, secret: true }),
    client_ca_file: string({
      doc: 'File with certificate authorities in PEM. When given, only clients with a certificate from one of them may connect (mTLS).',
      optional: true,
    }),
    client_ca_file_reload: boolean({
      doc: 'Read `client_ca_file` again every minute, or at `reload_interval` when that is given.',
      default: false,
    }),
    ca_file: string({
      doc: 'Accepted for compatibility. A server checks clients against `client_ca_file` only.',
      optional: true,
    }),
    ca_pem: string({ doc: 'Accepted for compatibility, like `ca_file`.', optional: true, secret: true }),
    include_system_ca_certs_pool: boolean({
      doc: 'Accepted for compatibility; without meaning for a server.',
      default: false,
    }),
    min_version: choice(['1.0', '1.1', '1.2', '1.3'], { doc: 'Lowest TLS version to accept.', default: '1.2' }),
    max_version: choice(['1.0', '1.1', '1.2', '1.3'], {
      doc: 'Highest TLS version to accept; unset = the newest known.',
      optional: true,
    }),
    cipher_suites: list(string({ doc: 'IANA name of a suite.', examples: ['TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384'] }), {
      doc: 'Cipher suites for TLS 1.2 and below; empty = the runtime’s own safe list.',
    }),
    curve_preferences: list(string({ doc: 'Name of a curve.', examples: ['X25519'] }), {
      doc: 'Curves for the key exchange, best first; empty = the runtime’s own list.',
    }),
    include_insecure_cipher_suites: boolean({
      doc: 'Accepted for compatibility; `cipher_suites` names what is meant.',
      default: false,
    }),
    reload_interval: duration({
      doc: 'How often to read the files again, so that renewed certificates need no restart. A file that cannot be used keeps the old ones in place and is warned about. 0 = never.',
      default: '0',
    }),
  },
  { doc: 'Serve over TLS, with these certificates. Without it connections are in clear text.', optional: true },
  (value): readonly Complaint[] => {
    const missing = (file: string | undefined, pem: string | undefined, what: string): readonly Complaint[] =>
      file === undefined && pem === undefined ? [{ path: [], message: `needs ${what}_file or ${what}_pem` }] : []
    return [...missing(value.cert_file, value.cert_pem, 'cert'), ...missing(value.key_file, value.key_pem, 'key')]
  },
)
export type TlsConfig = NonNullable<Infer<typeof tls>>

/** Known to the collector, but nothing here stands behind it: silence would leave a port open that was meant to be closed. */
export const auth = any({
  doc: 'Not supported: naming an authenticator here is an error. Use mTLS, a loopback endpoint or a unix socket.',
})
export const middlewares = any({
  doc: 'Not supported: naming middlewares here is an error. For memory limits use `admission` and the `memory_limiter` processor.',
})

export const dialer = any({ doc: 'Accepted for compatibility; without meaning for a server.' })

export const includeMetadata = boolean({
  doc: 'Accepted for compatibility. Headers of requests are not handed on to processors.',
  default: false,
})

interface Common {
  readonly endpoint: string
  readonly transport: 'tcp' | 'tcp4' | 'tcp6' | 'unix'
  readonly auth: unknown
  readonly middlewares: unknown
}

export function checkCommon(value: Common): readonly Complaint[] {
  const complaints: Complaint[] = []
  const address = addressOf(value.endpoint, value.transport)
  if (address.kind === 'invalid') complaints.push({ path: ['endpoint'], message: address.message })
  const auth = isGiven(value.auth)
  if (auth)
    complaints.push({
      path: ['auth'],
      message: 'authenticators are not supported yet; remove it, and use tls.client_ca_file or a loopback endpoint',
    })
  if (isGiven(value.middlewares))
    complaints.push({ path: ['middlewares'], message: 'middlewares are not supported; remove it' })
  return complaints
}

const isGiven = (value: unknown): boolean =>
  value !== undefined && value !== null && !(Array.isArray(value) && value.length === 0)
