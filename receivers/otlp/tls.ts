import { readFile } from 'node:fs/promises'
import { createSecureContext, getCiphers, type SecureContextOptions, type SecureVersion } from 'node:tls'
import type { Host } from '../../pipeline/host.ts'
import type { TlsConfig } from './config-shared.ts'
import { textOf } from './errors.ts'

export interface TlsOptions extends SecureContextOptions {
  readonly requestCert: boolean
  readonly rejectUnauthorized: boolean
}

/** How often `client_ca_file_reload` looks when no interval was given. */
const CA_RELOAD_MS = 60_000

/** Reads the files and proves that they fit together; rejects with a sentence that names the key to look at. */
export async function loadTls(config: TlsConfig, place: string): Promise<TlsOptions> {
  const [cert, key, ca] = await Promise.all([
    material(config.cert_pem, config.cert_file, `${place}.tls.cert_file`),
    material(config.key_pem, config.key_file, `${place}.tls.key_file`),
    material(undefined, config.client_ca_file, `${place}.tls.client_ca_file`),
  ])
  const mutual = ca !== undefined
  const options: TlsOptions = {
    ...{ cert, key, ca, minVersion: version(config.min_version), requestCert: mutual, rejectUnauthorized: mutual },
    ...(config.max_version === undefined ? {} : { maxVersion: version(config.max_version) }),
    ...(config.cipher_suites.length === 0 ? {} : { ciphers: ciphers(config.cipher_suites, place) }),
    ...(config.curve_preferences.length === 0 ? {} : { ecdhCurve: config.curve_preferences.map(curve).join(':') }),
  }
  try {
    createSecureContext(options)
  } catch (error) {
    throw new Error(
      `${place}.tls: certificate and key cannot be used: ${textOf(error)}; check that both are PEM and belong together`,
    )
  }
  return options
}

const version = (number: string): SecureVersion => (number === '1.0' ? 'TLSv1' : (`TLSv${number}` as SecureVersion))

async function material(pem: string | undefined, file: string | undefined, place: string): Promise<string | undefined> {
  if (pem !== undefined || file === undefined) return pem
  try {
    return await readFile(file, 'utf8')
  } catch (error) {
    throw new Error(`${place}: cannot read ${file}: ${textOf(error)}`)
  }
}

/** Go names curves P256; OpenSSL, P-256. */
const curve = (name: string): string => name.replace(/^(?:Curve)?P-?(\d+)$/, 'P-$1')

/** IANA names to OpenSSL's; those of TLS 1.3 are the same in both. */
function ciphers(names: readonly string[], place: string): string {
  const known = new Set(getCiphers())
  return names
    .map((name) => {
      const short = name
        .replace(/^TLS_/, '')
        .replace(/^RSA_WITH_/, '')
        .replace('_WITH_', '_')
        .replace(/AES_(\d+)_/, 'AES$1_')
      const openssl = short.replace('_CBC_SHA', '_SHA').replace('POLY1305_SHA256', 'POLY1305').replaceAll('_', '-')
      const found = [name, openssl].find((candidate) => known.has(candidate.toLowerCase()))
      if (found === undefined) throw new Error(`${place}.tls.cipher_suites: ${name} is unknown or not supported`)
      return found
    })
    .join(':')
}

/** Keeps the server's certificates as new as their files. Returns what ends it. */
export function reloadTls(
  server: { setSecureContext(options: SecureContextOptions): void },
  config: TlsConfig,
  place: string,
  host: Host,
): () => void {
  const interval = config.reload_interval > 0 ? config.reload_interval : config.client_ca_file_reload ? CA_RELOAD_MS : 0
  if (interval === 0) return () => {}
  let ended = false
  let cancel = (): void => {}
  let last = ''
  const reload = async (): Promise<void> => {
    try {
      const options = await loadTls(config, place)
      const now = JSON.stringify(options)
      if (!ended && now !== last) server.setSecureContext(options)
      last = now
    } catch (error) {
      host.log.warn('certificates could not be read again; the old ones stay in use', { error: textOf(error) })
    }
    if (!ended) cancel = host.clock.after(interval, () => void reload())
  }
  cancel = host.clock.after(interval, () => void reload())
  return () => {
    ended = true
    cancel()
  }
}
