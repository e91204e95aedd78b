import { readFileSync } from 'node:fs'
import type { SecureVersion } from 'node:tls'
import { rootCertificates } from 'node:tls'
import { boolean, type Complaint, choice, duration, type Infer, list, object, string } from '../config/spec.ts'

const OWN_LIST = 'The runtime’s own safe list is used.'
const VERSIONS = ['1.0', '1.1', '1.2', '1.3'] as const

export const tls = object(
  {
    insecure: boolean({
      doc: 'Plain text instead of TLS, for endpoints given without `http://` or `https://`.',
      default: false,
    }),
    insecure_skip_verify: boolean({
      doc: 'Encrypts, but believes any certificate. Anybody on the way can read and change the data.',
      default: false,
    }),
    server_name_override: string({
      doc: 'Name that the server must have in its certificate, instead of the one in the endpoint.',
      optional: true,
    }),
    ca_file: string({
      doc: 'File with the certificates (PEM) to believe. Default: those that come with the runtime.',
      optional: true,
    }),
    ca_pem: string({ doc: 'The same, as the text itself.', optional: true }),
    include_system_ca_certs_pool: boolean({
      doc: 'With `ca_file` or `ca_pem`: whether the certificates that come with the runtime are believed too.',
      default: false,
    }),
    cert_file: string({ doc: 'File with our own certificate (PEM), for servers that ask for one.', optional: true }),
    cert_pem: string({ doc: 'The same, as the text itself.', optional: true }),
    key_file: string({ doc: 'File with the key of our own certificate (PEM).', optional: true }),
    key_pem: string({ doc: 'The same, as the text itself.', optional: true, secret: true }),
    min_version: choice(VERSIONS, { doc: 'Oldest TLS version to speak.', default: '1.2' }),
    max_version: choice(VERSIONS, {
      doc: 'Newest TLS version to speak. Default: the newest there is.',
      optional: true,
    }),
    cipher_suites: list(string({ doc: 'IANA name of a suite.' }), {
      doc: 'Accepted for compatibility.',
      optional: true,
      deprecated: OWN_LIST,
    }),
    include_insecure_cipher_suites: boolean({
      doc: 'Accepted for compatibility.',
      optional: true,
      deprecated: OWN_LIST,
    }),
    curve_preferences: list(string({ doc: 'Name of a curve.' }), {
      doc: 'Accepted for compatibility.',
      optional: true,
      deprecated: OWN_LIST,
    }),
    reload_interval: duration({
      doc: 'Accepted for compatibility.',
      optional: true,
      deprecated: 'Files are read at the start; restart after renewing a certificate.',
    }),
  },
  { doc: 'How the connection is secured.' },
  (value) => [
    ...together(value, 'cert', 'key'),
    ...together(value, 'key', 'cert'),
    ...once(value, 'ca'),
    ...once(value, 'cert'),
    ...once(value, 'key'),
  ],
)

export type TlsConfig = Infer<typeof tls>

type Part = 'ca' | 'cert' | 'key'
type Texts = Readonly<Record<`${Part}_${'file' | 'pem'}`, string | undefined>>

const has = (value: Texts, part: Part): boolean =>
  value[`${part}_file`] !== undefined || value[`${part}_pem`] !== undefined

const together = (value: Texts, one: Part, other: Part): Complaint[] =>
  has(value, one) && !has(value, other)
    ? [{ path: [], message: `${one}_file needs ${other}_file: a certificate is of no use without its key` }]
    : []

const once = (value: Texts, part: Part): Complaint[] =>
  value[`${part}_file`] !== undefined && value[`${part}_pem`] !== undefined
    ? [{ path: [`${part}_pem`], message: `give ${part}_file or ${part}_pem, not both` }]
    : []

/** What the runtime's TLS wants to know. */
export interface TlsMaterial {
  readonly ca: string | undefined
  readonly cert: string | undefined
  readonly key: string | undefined
  readonly rejectUnauthorized: boolean
  readonly servername: string | undefined
  readonly minVersion: SecureVersion
  readonly maxVersion: SecureVersion | undefined
}

/** Reads the files. Throws with the name of the key whose file cannot be read. */
export function readTls(config: TlsConfig): TlsMaterial {
  const own = textOf(config, 'ca')
  return {
    ca: own !== undefined && config.include_system_ca_certs_pool ? [own, ...rootCertificates].join('\n') : own,
    cert: textOf(config, 'cert'),
    key: textOf(config, 'key'),
    rejectUnauthorized: !config.insecure_skip_verify,
    servername: config.server_name_override,
    minVersion: secureVersion(config.min_version),
    maxVersion: config.max_version === undefined ? undefined : secureVersion(config.max_version),
  }
}

const secureVersion = (version: (typeof VERSIONS)[number]): SecureVersion =>
  version === '1.0' ? 'TLSv1' : `TLSv${version}`

function textOf(config: Texts, part: Part): string | undefined {
  const file = config[`${part}_file`]
  if (file === undefined) return config[`${part}_pem`]
  try {
    return readFileSync(file, 'utf8')
  } catch (error) {
    throw new Error(`tls.${part}_file: ${String(error)}`)
  }
}
